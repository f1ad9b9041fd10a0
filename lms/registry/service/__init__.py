"""What can be done with the registry, by noun: entries, changes, decisions, merges, earlier registers, reissues."""
