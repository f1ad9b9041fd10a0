"""Writing totals and coverage anew from the ledger, should they ever differ from it."""

from collections.abc import Sequence

from sqlalchemy import select, update

from lms.audit import service as audit
from lms.core.actors import Actor
from lms.core.unit_of_work import UnitOfWork
from lms.courses.queries import get_lesson
from lms.study import queries
from lms.study.models import CreditWindow, LessonCoverage, StudyProgress
from lms.study.policy import credit as policy
from lms.study.policy.credit import CloseReason, WindowState
from lms.study.queries import ledger as ledger_queries
from lms.study.queries.ledger import Derived, Difference
from lms.study.service.sessions import close_session


def rebuild(
    uow: UnitOfWork, actor: Actor, person_id: str, plan_id: str, *, is_applied: bool
) -> Sequence[Difference]:
    """Return what differs for one person in one plan; write what the ledger says when that is asked for.

    The row of totals is held while it is written, so that no beat comes in between. Beats, decisions of windows and
    grants are never touched; the number of the next presence check stays as it is drawn.
    """
    wanted = select(StudyProgress).where(
        StudyProgress.person_id == person_id, StudyProgress.plan_id == plan_id
    )
    row = uow.session.scalar(wanted.with_for_update() if is_applied else wanted)
    if row is None:
        return []
    derived = ledger_queries.derive(uow, person_id, plan_id, row.required_seconds)
    found = list(ledger_queries.differences(uow, row, derived))
    if found and is_applied:
        _write(uow, row, derived)
        # A player goes on from what its last beat left (decision 33): it has to begin anew, and does so by itself.
        for session in queries.open_sessions(uow, person_id):
            close_session(uow, actor, session.id, CloseReason.IDLE)
        audit.record(
            uow, actor, "study_totals:rebuild", plan_id, person_id=person_id,
            changed=[f"{one.about}:{one.key}" for one in found],
        )  # fmt: skip
    return found


def _write(uow: UnitOfWork, row: StudyProgress, derived: Derived) -> None:
    row.counted_seconds, row.pending_seconds = derived.counted_seconds, derived.pending_seconds
    row.window_no, row.completed_at = derived.window_no, derived.completed_at
    row.reserved_seconds = derived.reserved_seconds
    row.day, row.day_seconds = derived.day, derived.day_seconds
    row.studied_at = derived.studied_at
    stored = {
        covered.lesson_id: covered
        for covered in uow.session.scalars(
            select(LessonCoverage).where(
                LessonCoverage.person_id == row.person_id, LessonCoverage.plan_id == row.plan_id
            )
        )
    }
    for lesson_id in {*stored, *derived.reached}:
        covered = stored.get(lesson_id)
        if covered is None:
            covered = LessonCoverage(
                person_id=row.person_id, plan_id=row.plan_id, lesson_id=lesson_id,
                stop_at=get_lesson(uow, lesson_id).stop_at,
            )  # fmt: skip
            uow.session.add(covered)
        covered.counted = policy.to_bytes(derived.counted.get(lesson_id, 0))
        covered.reached = derived.reached.get(lesson_id, 0)
        covered.pending = policy.to_bytes(derived.pending.get(lesson_id, 0))
    for number, seconds in derived.windows.items():
        uow.session.execute(
            update(CreditWindow)
            .where(
                CreditWindow.person_id == row.person_id, CreditWindow.plan_id == row.plan_id,
                CreditWindow.window_no == number, CreditWindow.state != WindowState.PENDING,
            )
            .values(seconds=seconds)
            .execution_options(synchronize_session=False)
        )  # fmt: skip
    uow.session.flush()
