"""What the bank does by itself: the searched text of new questions, and the end of those whose day has come."""

from lms.core.actors import Actor
from lms.core.unit_of_work import Runtime
from lms.questions import queries, service

CALENDAR = Actor.system("questions.retire_lapsed")
TEXTS_AT_ONCE = 200
"""So many take a few milliseconds of the write lane."""


def sweep_texts(runtime: Runtime) -> None:
    """Make new questions findable by all their words, a bounded batch at a time; nothing is read inside a write."""
    while True:
        with runtime.read() as uow:
            texts = queries.texts_of(uow, queries.unindexed(uow, TEXTS_AT_ONCE))
        if not texts:
            return
        with runtime.write() as uow:
            service.keep_texts(uow, texts)


def sweep_lapsed(runtime: Runtime) -> None:
    """Retire questions on the day their writer named."""
    while True:
        with runtime.write() as uow:
            if service.retire_lapsed(uow, CALENDAR) == 0:
                return
