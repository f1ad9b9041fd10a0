"""Saving one answer: the hot write of the exam. It loads no person and no ORM object.

One conditional statement checks and writes: the attempt is open, belongs to the lease's login session, that
session is not revoked, the answer arrived in time, and no newer revision is stored. On PostgreSQL it locks the
attempt's row for sharing, so that a close that runs at the same moment either sees the answer or refuses it:
what was acknowledged is what gets graded (C3).
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select

from lms.core.errors import N_
from lms.core.hot_statements import HotConnection, HotStatement
from lms.core.ready_statement import ReadyStatement
from lms.core.recent import Recent
from lms.core.unit_of_work import Runtime, UnitOfWork
from lms.core.vault import BrokenSeal, Vault
from lms.exam.errors import OlderRevision, attempt_closed, lease_dead, taken_over, time_up, wrong_answer
from lms.exam.models.attempts import Attempt, Paper
from lms.exam.policy.attempts import GRACE, REVISION_MAX, AttemptState, write_choice
from question_bank.grading import answer_faults
from question_bank.items import ItemType, PaperQuestion
from question_bank.paper_json import questions_from_json
from question_bank.phrases import phrase

LEASE = "exam"
SHEETS_MAX = 2000
_GRACE_MS = int(GRACE.total_seconds() * 1000)

_SAVE = """
INSERT INTO answer_revision (attempt_id, position, revision, choice, received_at)
SELECT a.id, CAST(:position AS INTEGER), CAST(:revision AS INTEGER), CAST(:choice AS VARCHAR(160)),
       CAST(:arrived AS BIGINT)
FROM {each}attempt a JOIN login_session s ON s.id = a.login_session_id
WHERE a.id = :attempt AND a.state = 'in_progress' AND a.login_session_id = :session
  AND s.revoked_at IS NULL AND a.deadline_at + :grace >= :arrived
  AND NOT EXISTS (SELECT 1 FROM answer_revision r
                  WHERE r.attempt_id = :attempt AND r.position = :position AND r.revision >= :revision)
{lock}ON CONFLICT DO NOTHING
"""
SAVE = HotStatement(
    _SAVE.format(each="", lock=""),
    _SAVE.format(each="", lock="FOR SHARE OF a\n"),
    many=_SAVE.format(each="v CROSS JOIN ", lock=""),
)

WHY_NOT = HotStatement(
    """
    SELECT a.state, a.login_session_id, s.revoked_at, a.deadline_at,
           (SELECT MAX(r.revision) FROM answer_revision r WHERE r.attempt_id = a.id AND r.position = :position),
           (SELECT r.choice FROM answer_revision r
            WHERE r.attempt_id = a.id AND r.position = :position AND r.revision = :revision)
    FROM attempt a JOIN login_session s ON s.id = :session
    WHERE a.id = :attempt
    """
)


@dataclass(frozen=True, slots=True)
class Lease:
    """What a valid lease says: which attempt it opens, and to which login session."""

    attempt_id: str
    login_session_id: str


def give_lease(vault: Vault, attempt_id: str, login_session_id: str) -> str:
    """Return the signed proof that opens the hot routes of one attempt to one login session."""
    return vault.lease(LEASE, {"a": attempt_id, "s": login_session_id})


def read_lease(vault: Vault, lease: object) -> Lease:
    """Read a lease. Raises LeaseDead when it is forged."""
    try:
        claims = vault.read_lease(LEASE, lease) if isinstance(lease, str) else {}
        return Lease(claims["a"], claims["s"])
    except (BrokenSeal, KeyError) as error:
        raise lease_dead() from error


def save_answer(
    runtime: Runtime,
    lease: Lease,
    position: int,
    revision: int,
    chosen: Collection[str],
    arrived_ms: int,
    *,
    is_written: bool = False,
) -> int:
    """Save one answer durably and return its revision. The same revision with the same answer is the same save.

    `chosen` are option ids, or the one text (tidied) of a fill-in question where `is_written`.
    Raises Invalid for an answer that does not fit the question, AttemptClosed, TimeUp, TakenOver, LeaseDead,
    OlderRevision when a newer answer is stored, and Busy when it could not be kept.
    """
    check_choice(_sheet(runtime, lease.attempt_id), position, revision, chosen, is_written=is_written)
    parameters = {
        "attempt": lease.attempt_id, "session": lease.login_session_id, "position": position, "revision": revision,
        "choice": write_choice(chosen, is_written=is_written), "arrived": arrived_ms, "grace": _GRACE_MS,
    }  # fmt: skip

    if runtime.journal.write_if([(SAVE, parameters)]):
        return revision
    saved: int = runtime.journal.submit(lambda hot: _why_not(hot, parameters), is_reading=True)
    return saved


def check_choice(
    sheet: Mapping[int, PaperQuestion],
    position: int,
    revision: int,
    chosen: Collection[str],
    *,
    is_written: bool = False,
) -> None:
    """Raise Invalid unless the choice, or the text written, can be an answer to the question at this position."""
    question = sheet.get(position)
    if question is None:
        raise wrong_answer(phrase(N_("试卷没有第 %(position)s 题"), position=position), "position")
    if not 1 <= revision <= REVISION_MAX:
        words = phrase(N_("修改序号应在 1 至 %(most)s 之间"), most=REVISION_MAX)
        raise wrong_answer(words, "revision")
    if chosen and is_written is not (question.type is ItemType.FILL_IN):
        what = N_("第 %(position)s 题不是填空题") if is_written else N_("第 %(position)s 题要填写，没有选项")
        raise wrong_answer(phrase(what, position=position), "written" if is_written else "choice")
    for fault in answer_faults(question, frozenset(chosen)):
        raise wrong_answer(fault.words)


def _why_not(hot: HotConnection, parameters: Mapping[str, Any]) -> int:
    found = hot.rows(WHY_NOT, parameters)
    if not found:
        raise lease_dead()
    state, holder, revoked_at, deadline_ms, newest, stored = found[0]
    if revoked_at is not None:
        raise lease_dead()
    if state != AttemptState.IN_PROGRESS:
        raise attempt_closed()
    if holder != parameters["session"]:
        raise taken_over()
    if parameters["arrived"] > deadline_ms + _GRACE_MS:
        raise time_up()
    if stored == parameters["choice"]:
        return int(parameters["revision"])
    raise OlderRevision(int(newest or 0))


_sheets = Recent(SHEETS_MAX)
"""What the questions of running attempts look like. A paper never changes, so this cannot go stale."""


_PUBLIC = ReadyStatement(
    select(Paper.public).join(Attempt, Attempt.paper_id == Paper.id).where(Attempt.id == bindparam("attempt"))
)


def sheet_of(uow: UnitOfWork, attempt_id: str) -> Mapping[int, PaperQuestion]:
    """Return the questions of a started attempt by their positions, and keep them for its answers. Raises LeaseDead."""
    sheet: Mapping[int, PaperQuestion] | None = _sheets.get(attempt_id)
    if sheet is None:
        public = _PUBLIC.scalar(uow.session, {"attempt": attempt_id})
        if public is None:
            raise lease_dead()
        sheet = {question.position: question for question in questions_from_json(json.loads(public))}
        _sheets.put(attempt_id, sheet)
    return sheet


def _sheet(runtime: Runtime, attempt_id: str) -> Mapping[int, PaperQuestion]:
    sheet: Mapping[int, PaperQuestion] | None = _sheets.get(attempt_id)
    if sheet is None:
        with runtime.read() as uow:
            sheet = sheet_of(uow, attempt_id)
    return sheet
