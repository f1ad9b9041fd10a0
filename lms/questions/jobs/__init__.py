"""Jobs and sweepers of the bank, by what they are about; each may run twice."""
