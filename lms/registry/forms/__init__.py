"""Forms of the registry, by who fills them in."""
