"""The tables of the exam room. Limits live in constraints: the database refuses, not only the code."""
