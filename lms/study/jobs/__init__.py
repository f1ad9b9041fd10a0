"""Jobs and sweepers of study, by what they are about; each may run twice."""
