"""The rules of study, pure: credit, presence and sessions; pace, appeals, and what a human should look at."""
