"""What happened in the exam room."""

from dataclasses import dataclass

from lms.core.events import Event


@dataclass(frozen=True, slots=True)
class AttemptGraded(Event):
    """An attempt was closed and graded. `passed` is 1 or 0."""

    attempt_id: str
    application_id: str
    person_id: str
    plan_id: str
    passed: int


@dataclass(frozen=True, slots=True)
class AttemptVoided(Event):
    """An attempt was given back, so that the person may sit again (H10)."""

    attempt_id: str
    application_id: str
    person_id: str
    plan_id: str


@dataclass(frozen=True, slots=True)
class ScoreTurned(Event):
    """A correction, or its reversal, turned a pass into a fail or the other way round; the spine has to follow."""

    application_id: str
    person_id: str
    plan_id: str
    correction_id: str
