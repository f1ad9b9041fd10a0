"""The rules of exams, pure: attempts, fair conditions, corrections, reviews, what is watched and shown."""
