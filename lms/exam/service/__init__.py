"""The verbs of the exam room: `papers` are drawn, `attempts` start and end, `answers` are saved."""
