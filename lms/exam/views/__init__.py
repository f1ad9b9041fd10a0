"""Pages of the exam room, by who uses them."""

from lms.exam.views import bank, candidate, staff
from lms.exam.views.blueprint import blueprint

__all__ = ["bank", "blueprint", "candidate", "staff"]
