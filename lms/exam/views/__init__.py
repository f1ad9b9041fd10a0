"""Pages of the exam room, by who uses them."""

from lms.exam.views import bank, candidate, corrections, practice, rehearsal, reviews, scores, staff
from lms.exam.views.blueprint import blueprint

__all__ = [
    "bank",
    "blueprint",
    "candidate",
    "corrections",
    "practice",
    "rehearsal",
    "reviews",
    "scores",
    "staff",
]
