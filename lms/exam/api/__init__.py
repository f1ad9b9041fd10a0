"""The JSON of the exam room: of an attempt, of a rehearsal, and of how things stand."""
