"""Pages of the enrolment room: applying for trainees, reviewing for staff."""

from lms.enrolment.views import applying, reviewing
from lms.enrolment.views.blueprint import blueprint

__all__ = ["applying", "blueprint", "reviewing"]
