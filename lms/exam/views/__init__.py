"""Pages of the exam room, by who uses them."""

from lms.exam.views import candidate, staff
from lms.exam.views.blueprint import blueprint

__all__ = ["blueprint", "candidate", "staff"]
