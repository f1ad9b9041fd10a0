"""The tables of the registry room, and those of its search, which are derived."""
