"""Jobs and sweepers of the registry, by what they are about; each may run twice."""
