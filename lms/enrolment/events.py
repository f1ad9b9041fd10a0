"""What happened to applications and their stages."""

from dataclasses import dataclass

from lms.core.events import Event


@dataclass(frozen=True, slots=True)
class ApplicationSubmitted(Event):
    """An application waits for its first reviewer."""

    application_id: str


@dataclass(frozen=True, slots=True)
class ApplicationReturned(Event):
    """A reviewer asked for a correction."""

    application_id: str


@dataclass(frozen=True, slots=True)
class ApplicationRejected(Event):
    """A reviewer refused the application."""

    application_id: str


@dataclass(frozen=True, slots=True)
class ApplicationApproved(Event):
    """The last tier has approved; the first stage is open (A12)."""

    application_id: str
    person_id: str
    plan_id: str


@dataclass(frozen=True, slots=True)
class StageOpened(Event):
    """A stage may be taken from now on, within its window."""

    application_id: str
    kind: str
    person_id: str
    plan_id: str


@dataclass(frozen=True, slots=True)
class ApplicationFailed(Event):
    """A stage was failed for good; the person may apply in another plan."""

    application_id: str


@dataclass(frozen=True, slots=True)
class ApplicationCompleted(Event):
    """The last stage was passed; the certificate follows (H4)."""

    application_id: str


@dataclass(frozen=True, slots=True)
class StageReversed(Event):
    """A released correction, or its reversal, turned the outcome of a stage round. `passed` is 1 or 0."""

    application_id: str
    kind: str
    person_id: str
    plan_id: str
    passed: int
