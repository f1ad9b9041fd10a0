"""What lessons with a minimum still lack: the part of the requirement that other lessons cannot use up."""

from collections import defaultdict

from sqlalchemy import select

from lms.core.unit_of_work import UnitOfWork
from lms.courses.models import Lesson
from lms.plans.models import Plan
from lms.study.models import LessonCoverage, StudyProgress
from lms.study.policy import credit as policy


def reserved_by_person(uow: UnitOfWork) -> dict[tuple[str, str], int]:
    """Return by (person, plan) what the lessons of the plan's course still ask for, computed from the coverage."""
    minima: dict[str, list[tuple[str, int]]] = defaultdict(list)
    rows = uow.session.execute(
        select(Plan.id, Lesson.id, Lesson.min_seconds)
        .join(Lesson, Lesson.course_id == Plan.course_id)
        .where(Lesson.min_seconds > 0)
    )
    for plan_id, lesson_id, min_seconds in rows:
        minima[plan_id].append((lesson_id, min_seconds))
    covered: dict[tuple[str, str, str], int] = {}
    if minima:
        for one in uow.session.scalars(select(LessonCoverage).where(LessonCoverage.plan_id.in_(minima))):
            bits = policy.to_bits(one.counted) | policy.to_bits(one.pending)
            covered[one.person_id, one.plan_id, one.lesson_id] = bits.bit_count()
    return {
        (person_id, plan_id): sum(
            policy.lacking(least, covered.get((person_id, plan_id, lesson_id), 0))
            for lesson_id, least in minima.get(plan_id, ())
        )
        for person_id, plan_id in uow.session.execute(select(StudyProgress.person_id, StudyProgress.plan_id))
    }


def reserved_differences(uow: UnitOfWork) -> list[tuple[str, str, int, int]]:
    """Return totals that keep another share for lessons with a minimum: (person, plan, kept, computed)."""
    computed = reserved_by_person(uow)
    rows = uow.session.execute(
        select(StudyProgress.person_id, StudyProgress.plan_id, StudyProgress.reserved_seconds)
    )
    return [
        (person_id, plan_id, kept, computed[person_id, plan_id])
        for person_id, plan_id, kept in rows
        if kept != computed[person_id, plan_id]
    ]
