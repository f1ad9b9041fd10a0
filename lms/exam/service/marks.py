"""Marking a question for another look: kept by the server, so that it is there on another device as well.

One conditional statement checks and writes, as for a saved answer; the highest revision of a question counts.
"""

from collections.abc import Mapping
from typing import Any

from lms.core.errors import N_
from lms.core.hot_statements import HotConnection, HotStatement
from lms.core.unit_of_work import Runtime
from lms.exam.errors import OlderRevision, attempt_closed, lease_dead, taken_over, time_up, wrong_answer
from lms.exam.policy.attempts import GRACE, REVISION_MAX, AttemptState
from lms.exam.service.answers import Lease
from question_bank.phrases import phrase

_GRACE_MS = int(GRACE.total_seconds() * 1000)

MARK = HotStatement(
    """
    INSERT INTO review_mark (attempt_id, position, revision, is_marked)
    SELECT a.id, CAST(:position AS INTEGER), CAST(:revision AS INTEGER), CAST(:marked AS BOOLEAN)
    FROM attempt a JOIN login_session s ON s.id = a.login_session_id
    WHERE a.id = :attempt AND a.state = 'in_progress' AND a.login_session_id = :session
      AND s.revoked_at IS NULL AND a.deadline_at + :grace >= :arrived
      AND :position BETWEEN 1 AND a.question_count
    ON CONFLICT (attempt_id, position) DO UPDATE SET revision = excluded.revision, is_marked = excluded.is_marked
    WHERE review_mark.revision < excluded.revision
    """
)
WHY_NOT = HotStatement(
    """
    SELECT a.state, a.login_session_id, s.revoked_at, a.deadline_at, a.question_count, m.revision, m.is_marked
    FROM attempt a JOIN login_session s ON s.id = :session
    LEFT JOIN review_mark m ON m.attempt_id = a.id AND m.position = :position
    WHERE a.id = :attempt
    """
)


def set_mark(
    runtime: Runtime, lease: Lease, position: int, revision: int, arrived_ms: int, *, marked: bool
) -> int:
    """Keep or take away a mark durably and return its revision. The same one again is the same mark.

    Raises Invalid, AttemptClosed, TimeUp, TakenOver, LeaseDead, OlderRevision, Busy.
    """
    if not 1 <= revision <= REVISION_MAX:
        words = phrase(N_("修改序号应在 1 至 %(most)s 之间"), most=REVISION_MAX)
        raise wrong_answer(words, "revision")
    if not 1 <= position <= REVISION_MAX:
        raise _no_such_question(position)
    parameters = {
        "attempt": lease.attempt_id, "session": lease.login_session_id, "position": position, "revision": revision,
        "marked": marked, "arrived": arrived_ms, "grace": _GRACE_MS,
    }  # fmt: skip
    if not runtime.journal.write_if([(MARK, parameters)]):
        runtime.journal.submit(lambda hot: _why_not(hot, parameters), is_reading=True)
    return revision


def _why_not(hot: HotConnection, parameters: Mapping[str, Any]) -> None:
    """Return when the same mark stands already; otherwise say what kept it from being stored."""
    found = hot.rows(WHY_NOT, parameters)
    if not found or found[0][2] is not None:
        raise lease_dead()
    state, holder, _revoked, deadline_ms, question_count, newest, stored = found[0]
    if state != AttemptState.IN_PROGRESS:
        raise attempt_closed()
    if holder != parameters["session"]:
        raise taken_over()
    if parameters["arrived"] > deadline_ms + _GRACE_MS:
        raise time_up()
    if parameters["position"] > question_count:
        raise _no_such_question(parameters["position"])
    if (newest, bool(stored)) != (parameters["revision"], parameters["marked"]):
        raise OlderRevision(int(newest or 0))


def _no_such_question(position: int) -> Exception:
    return wrong_answer(phrase(N_("试卷没有第 %(position)s 题"), position=position), "position")
