"""Who is expected in an exam, and who sits in it now: the conditions on which every page that counts them agrees."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists

from lms.enrolment.models import Application, ApplicationStage
from lms.enrolment.policy import ApplicationState, StageState
from lms.exam.models.attempts import Attempt
from lms.exam.policy.attempts import AttemptState
from lms.plans.policy import StageKind


def is_expected() -> ColumnElement[bool]:
    """Build the condition that a joined `Application`, by its `ApplicationStage`, is of somebody with an exam to sit.

    Who has sat it is among them; whose way to the exam is still closed is not.
    """
    return and_(
        Application.state == ApplicationState.APPROVED,
        ApplicationStage.kind == StageKind.EXAM,
        ApplicationStage.state != StageState.LOCKED,
    )


def sits_at(now: datetime) -> ColumnElement[bool]:
    """Build the condition that the person of a joined `Application` sits in its exam, with time left at `now`."""
    return exists().where(
        Attempt.application_id == Application.id,
        Attempt.state == AttemptState.IN_PROGRESS,
        Attempt.deadline_at >= now,
    )
