"""Reading the registry: entries and their list, what they stood on, changes, merges, and what the public check says."""
