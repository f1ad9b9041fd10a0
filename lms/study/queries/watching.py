"""Who may watch a lesson and read what stands beside it."""

from sqlalchemy import select

from lms.core.errors import NotFound
from lms.core.unit_of_work import UnitOfWork
from lms.courses.models import Lesson
from lms.courses.queries import HandoutFacts, LessonFacts, get_handout, lesson_facts
from lms.enrolment.models import Application, ApplicationStage
from lms.enrolment.policy import ApplicationState, StageState
from lms.plans.models import Plan
from lms.plans.policy import StageKind


def watchable_lesson(uow: UnitOfWork, person_id: str, lesson_id: str) -> LessonFacts | None:
    """Return a lesson whose study stage is or was open to this person, or None (fault A10)."""
    row = uow.session.scalar(
        select(Lesson)
        .join(Plan, Plan.course_id == Lesson.course_id)
        .join(Application, Application.plan_id == Plan.id)
        .join(ApplicationStage, ApplicationStage.application_id == Application.id)
        .where(
            Lesson.id == lesson_id,
            Application.person_id == person_id,
            Application.state == ApplicationState.APPROVED,
            ApplicationStage.kind == StageKind.STUDY,
            ApplicationStage.state != StageState.LOCKED,
        )
        .limit(1)
    )
    return lesson_facts(row) if row else None


def readable_handout(uow: UnitOfWork, person_id: str, handout_id: str) -> HandoutFacts | None:
    """Return a handout of a lesson whose study stage is or was open to this person, or None."""
    try:
        found = get_handout(uow, handout_id)
    except NotFound:
        return None
    if found.lesson_id is None or watchable_lesson(uow, person_id, found.lesson_id) is None:
        return None
    return found
