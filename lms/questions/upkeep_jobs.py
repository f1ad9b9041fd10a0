"""What the bank does by itself: the searched text of new questions, and the end of those whose day has come."""

from lms.core.actors import Actor
from lms.core.unit_of_work import Runtime
from lms.questions import service

CALENDAR = Actor.system("questions.retire_lapsed")


def sweep_texts(runtime: Runtime) -> None:
    """Make new questions findable by all their words, a bounded batch at a time."""
    while True:
        with runtime.write() as uow:
            if service.index_waiting(uow) == 0:
                return


def sweep_lapsed(runtime: Runtime) -> None:
    """Retire questions on the day their writer named."""
    while True:
        with runtime.write() as uow:
            if service.retire_lapsed(uow, CALENDAR) == 0:
                return
