"""Pages of the courses room: what can be taught, and how a course is prepared."""

from lms.courses.views import courses, lessons, questions
from lms.courses.views.blueprint import blueprint

__all__ = ["blueprint", "courses", "lessons", "questions"]
