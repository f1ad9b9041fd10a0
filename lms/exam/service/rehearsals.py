"""Rehearsing: the same page, the same way of saving and the same grading as an exam, and no trace of it.

Neither attempts nor scores nor limits know of it, no audit row is written, and its rows are deleted after a day.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update

from lms.core.actors import Actor
from lms.core.errors import N_, Forbidden
from lms.core.hot_statements import HotConnection, HotStatement
from lms.core.identifiers import new_id
from lms.core.unit_of_work import Runtime, UnitOfWork
from lms.core.vault import BrokenSeal, Vault
from lms.exam.errors import OlderRevision, attempt_closed, lease_dead, taken_over, wrong_answer
from lms.exam.models.rehearsals import Rehearsal, RehearsalAnswer
from lms.exam.policy.attempts import GRACE, REVISION_MAX, Result, grade_answers, write_choice
from lms.exam.policy.rehearsals import QUESTION_COUNT, REHEARSAL_TIME, paper_of
from lms.exam.queries import SavedAnswer, session_is_revoked
from lms.exam.queries.rehearsals import RehearsalFacts, find_rehearsal, own_rehearsal
from lms.exam.service.answers import Lease, check_choice
from question_bank.grading import grade
from question_bank.items import KeyEntry, PaperKey
from question_bank.phrases import phrase

LEASE = "rehearsal"
_GRACE_MS = int(GRACE.total_seconds() * 1000)

_KEEP = """
INSERT INTO rehearsal_answer (rehearsal_id, position, revision, choice, mark_revision, is_marked, received_at)
SELECT r.id, CAST(:position AS INTEGER), {values}, CAST(:arrived AS BIGINT)
FROM rehearsal r JOIN login_session s ON s.id = r.login_session_id
WHERE r.id = :rehearsal AND r.login_session_id = :session AND r.closed_at IS NULL
  AND s.revoked_at IS NULL AND r.deadline_at + :grace >= :arrived
ON CONFLICT (rehearsal_id, position) DO UPDATE SET {changes}
"""
SAVE = HotStatement(
    _KEEP.format(
        values="CAST(:revision AS INTEGER), CAST(:value AS VARCHAR(160)), 0, FALSE",
        changes="revision = excluded.revision, choice = excluded.choice, received_at = excluded.received_at"
        " WHERE rehearsal_answer.revision < excluded.revision",
    )
)
MARK = HotStatement(
    _KEEP.format(
        values="0, '', CAST(:revision AS INTEGER), CAST(:value AS BOOLEAN)",
        changes="mark_revision = excluded.mark_revision, is_marked = excluded.is_marked"
        " WHERE rehearsal_answer.mark_revision < excluded.mark_revision",
    )
)
WHY_NOT = HotStatement(
    """
    SELECT r.login_session_id, s.revoked_at, r.closed_at, r.deadline_at, a.revision, a.choice, a.mark_revision,
           a.is_marked
    FROM rehearsal r JOIN login_session s ON s.id = :session
    LEFT JOIN rehearsal_answer a ON a.rehearsal_id = r.id AND a.position = :position
    WHERE r.id = :rehearsal
    """
)


def begin(uow: UnitOfWork, actor: Actor) -> str:
    """Begin a rehearsal, in the place of the one before, and return its id."""
    if actor.person_id is None or actor.login_session_id is None:
        raise Forbidden
    before = select(Rehearsal.id).where(Rehearsal.person_id == actor.person_id)
    _delete(uow, list(uow.session.scalars(before)))
    rehearsal = Rehearsal(
        id=new_id(), person_id=actor.person_id, login_session_id=actor.login_session_id, started_at=uow.now,
        deadline_at=uow.now + REHEARSAL_TIME,
    )  # fmt: skip
    uow.session.add(rehearsal)
    uow.session.flush()
    return rehearsal.id


def take_over(uow: UnitOfWork, actor: Actor, rehearsal_id: str) -> None:
    """Go on with a rehearsal in another login session; the one before can save no more."""
    rehearsal = own_rehearsal(uow, actor.person_id, rehearsal_id)
    if not rehearsal.is_open(uow.now):
        raise attempt_closed()
    uow.session.execute(
        update(Rehearsal)
        .where(Rehearsal.id == rehearsal_id)
        .values(login_session_id=actor.login_session_id)
        .execution_options(synchronize_session=False)
    )
    uow.session.expire_all()


def give_lease(vault: Vault, rehearsal_id: str, login_session_id: str) -> str:
    """Return the signed proof that opens the hot routes of one rehearsal to one login session."""
    return vault.lease(LEASE, {"a": rehearsal_id, "s": login_session_id})


def read_lease(vault: Vault, lease: object) -> Lease:
    """Read a lease. Raises LeaseDead when it is forged, or made for something else."""
    try:
        claims = vault.read_lease(LEASE, lease)
        return Lease(claims["a"], claims["s"])
    except (BrokenSeal, KeyError) as error:
        raise lease_dead() from error


def save_answer(
    runtime: Runtime, lease: Lease, position: int, revision: int, chosen: Collection[str], arrived_ms: int,
    *, is_written: bool = False,
) -> int:  # fmt: skip
    """Save one answer durably and return its revision; refuses what an exam refuses."""
    sheet = {question.position: question for question in paper_of(lease.attempt_id).questions}
    check_choice(sheet, position, revision, chosen, is_written=is_written)
    value = write_choice(chosen, is_written=is_written)
    return _keep(runtime, SAVE, _parameters(lease, position, revision, value, arrived_ms))


def set_mark(
    runtime: Runtime, lease: Lease, position: int, revision: int, arrived_ms: int, *, marked: bool
) -> int:
    """Keep or take away a mark durably and return its revision; refuses what an exam refuses."""
    if not 1 <= position <= QUESTION_COUNT:
        raise wrong_answer(phrase(N_("试卷没有第 %(position)s 题"), position=position), "position")
    if not 1 <= revision <= REVISION_MAX:
        words = phrase(N_("修改序号应在 1 至 %(most)s 之间"), most=REVISION_MAX)
        raise wrong_answer(words, "revision")
    return _keep(runtime, MARK, _parameters(lease, position, revision, marked, arrived_ms))


def holder_of(uow: UnitOfWork, lease: Lease) -> RehearsalFacts:
    """Return the rehearsal of a lease, if the lease's login session still lives and holds it."""
    rehearsal = find_rehearsal(uow, lease.attempt_id)
    if rehearsal is None or session_is_revoked(uow, lease.login_session_id):
        raise lease_dead()
    if rehearsal.login_session_id != lease.login_session_id:
        raise taken_over()
    return rehearsal


def hand_in(uow: UnitOfWork, lease: Lease) -> None:
    """Close a rehearsal; once more is the same."""
    rehearsal = holder_of(uow, lease)
    if rehearsal.closed_at is None:
        uow.session.execute(
            update(Rehearsal)
            .where(Rehearsal.id == rehearsal.id)
            .values(closed_at=min(uow.now, rehearsal.deadline_at))
            .execution_options(synchronize_session=False)
        )
        uow.session.expire_all()


def graded(rehearsal_id: str, saved: Mapping[int, SavedAnswer]) -> Result:
    """Grade a rehearsal as an exam is graded; nothing of it is stored."""
    paper = paper_of(rehearsal_id)
    chosen = {one.position: one.chosen for one in saved.values()}
    return grade_answers(
        paper.key, [one.type for one in paper.questions], [item.area for item in paper.items], chosen, 0
    )


def is_right(entry: KeyEntry, answer: SavedAnswer | None) -> bool:
    """Tell whether an answer earns all the points of its question."""
    chosen = answer.chosen if answer else frozenset()
    return grade(PaperKey((entry,)), {entry.position: chosen}).points == entry.points


def forget_older(uow: UnitOfWork, before: datetime) -> None:
    """Delete the rehearsals that began before a moment."""
    _delete(uow, list(uow.session.scalars(select(Rehearsal.id).where(Rehearsal.started_at < before))))


def _delete(uow: UnitOfWork, ids: list[str]) -> None:
    if ids:
        uow.session.execute(delete(RehearsalAnswer).where(RehearsalAnswer.rehearsal_id.in_(ids)))
        uow.session.execute(delete(Rehearsal).where(Rehearsal.id.in_(ids)))


def _parameters(
    lease: Lease, position: int, revision: int, value: str | bool, arrived_ms: int
) -> dict[str, Any]:
    return {
        "rehearsal": lease.attempt_id, "session": lease.login_session_id, "position": position,
        "revision": revision, "value": value, "arrived": arrived_ms, "grace": _GRACE_MS,
    }  # fmt: skip


def _keep(runtime: Runtime, statement: HotStatement, parameters: Mapping[str, Any]) -> int:
    if not runtime.journal.write_if([(statement, parameters)]):
        runtime.journal.submit(lambda hot: _why_not(hot, statement, parameters), is_reading=True)
    revision: int = parameters["revision"]
    return revision


def _why_not(hot: HotConnection, statement: HotStatement, parameters: Mapping[str, Any]) -> None:
    """Return when the same stands already; otherwise say what kept it from being stored."""
    found = hot.rows(WHY_NOT, parameters)
    if not found or found[0][1] is not None:
        raise lease_dead()
    holder, _revoked, closed_ms, deadline_ms, revision, choice, mark_revision, is_marked = found[0]
    if closed_ms is not None or parameters["arrived"] > deadline_ms + _GRACE_MS:
        raise attempt_closed()
    if holder != parameters["session"]:
        raise taken_over()
    stored = (mark_revision, bool(is_marked)) if statement is MARK else (revision, choice)
    if stored != (parameters["revision"], parameters["value"]):
        raise OlderRevision(int(stored[0] or 0))
