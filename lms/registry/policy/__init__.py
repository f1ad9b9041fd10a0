"""The rules of the registry, pure: entries, changes, merges, earlier registers, files that are judged, the search."""
