"""What happened to plans."""

from dataclasses import dataclass

from lms.core.events import Event


@dataclass(frozen=True, slots=True)
class PlanPublished(Event):
    """A plan may be enrolled in from now on."""

    plan_id: str


@dataclass(frozen=True, slots=True)
class PlanClosed(Event):
    """A plan is over and was put away."""

    plan_id: str
