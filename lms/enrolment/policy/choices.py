"""Which of several plans a person means when he asks to study, or to sit an exam."""

from collections.abc import Sequence
from dataclasses import dataclass

from lms.core.errors import Reason
from lms.enrolment.policy.applications import ApplicationFacts, ApplicationState
from lms.plans.policy import PlanFacts


@dataclass(frozen=True, slots=True)
class StageChoice:
    """One application whose plan has the stage that is asked for, and why that stage is not open now."""

    application: ApplicationFacts
    plan: PlanFacts
    reasons: tuple[Reason, ...]

    @property
    def is_open(self) -> bool:
        """Whether the stage can be taken now."""
        return not self.reasons

    @property
    def is_approved(self) -> bool:
        """Whether the review is over; its stages can be looked at from then on, whatever became of them."""
        return self.application.state is ApplicationState.APPROVED


def in_order(choices: Sequence[StageChoice]) -> list[StageChoice]:
    """Return the choices as a list shows them: what is open first, then what is under way, then what has ended."""
    return sorted(
        choices, key=lambda one: (not one.is_open, not one.is_approved, not one.application.is_live)
    )


def plain_choice(choices: Sequence[StageChoice]) -> StageChoice | None:
    """Return the one choice that goes without saying, or None when the person has to say which he means.

    The one that is open; when none is, the one approved application that is under way; when nothing at all
    is under way, the newest that has ended. `choices` come newest first.
    """
    for some in (
        [one for one in choices if one.is_open],
        [one for one in choices if one.is_approved and one.application.is_live],
    ):
        if some:
            return some[0] if len(some) == 1 else None
    ended = [one for one in choices if one.is_approved]
    return ended[0] if ended and not any(one.application.is_live for one in choices) else None
