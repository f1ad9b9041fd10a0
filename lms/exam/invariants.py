"""What must always hold of papers, attempts and answers (reliability plan, part 3)."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from lms.core.invariants import Invariant, by_sql
from lms.core.unit_of_work import UnitOfWork
from lms.exam.models.attempts import Attempt, Paper
from lms.exam.policy.attempts import GRACE, AttemptState
from lms.exam.queries import misgraded
from question_bank.items import paper_content_hash

_GRACE_MS = int(GRACE.total_seconds() * 1000)
_AT_ONCE = 200


def _misgraded(uow: UnitOfWork) -> Sequence[Sequence[Any]]:
    """Grade every graded attempt again from its frozen paper, its stored answers and the corrections in force."""
    return [(one.attempt_id, one.before.score, one.result.score) for one in misgraded(uow)]


def _altered(uow: UnitOfWork) -> Sequence[Sequence[Any]]:
    """Compare every graded paper with the hash it was frozen under."""
    rows = uow.session.execute(
        select(Attempt.id, Paper.public, Paper.key, Paper.content_hash)
        .join(Paper, Paper.id == Attempt.paper_id)
        .where(Attempt.state == AttemptState.GRADED)
        .execution_options(yield_per=_AT_ONCE)
    )
    return [
        (row.id, "paper altered")
        for row in rows
        if paper_content_hash(json.loads(row.public), json.loads(row.key)) != row.content_hash
    ]


INVARIANTS: tuple[Invariant, ...] = (
    by_sql(
        "E1", "nobody has more attempts than the plan gives, nor two of one number",
        "SELECT person_id, plan_id FROM attempt WHERE state <> 'voided' GROUP BY person_id, plan_id "
        "HAVING COUNT(*) > MIN(max_attempts) OR COUNT(*) > 2 OR COUNT(*) <> COUNT(DISTINCT attempt_no) "
        "OR MIN(attempt_no) < 1 OR MAX(attempt_no) > 2",
    ),
    by_sql(
        "E2", "nobody has two open attempts",
        "SELECT person_id FROM attempt WHERE state = 'in_progress' GROUP BY person_id HAVING COUNT(*) > 1",
    ),
    by_sql(
        "E3", "every attempt began while its exam stage was open",
        "SELECT a.id FROM attempt a WHERE NOT EXISTS (SELECT 1 FROM application_stage s "
        "JOIN application p ON p.id = s.application_id WHERE s.application_id = a.application_id AND s.kind = 'exam' "
        "AND s.opened_at <= a.started_at AND p.person_id = a.person_id AND p.plan_id = a.plan_id)",
    ),
    by_sql(
        "E4", "a deadline is the start plus the time given, but never beyond the window",
        "SELECT id FROM attempt WHERE deadline_at <> CASE "
        "WHEN started_at + (duration_seconds + granted_seconds) * CAST(1000 AS BIGINT) "
        "< window_end + extension_seconds * CAST(1000 AS BIGINT) "
        "THEN started_at + (duration_seconds + granted_seconds) * CAST(1000 AS BIGINT) "
        "ELSE window_end + extension_seconds * CAST(1000 AS BIGINT) END",
    ),
    by_sql(
        "E4b", "the time an attempt holds is the sum of what it was given, and what was taken back of a pause",
        "SELECT a.id FROM attempt a "
        "LEFT JOIN (SELECT attempt_id, SUM(seconds) AS given, SUM(extension_seconds) AS extended FROM attempt_time "
        "GROUP BY attempt_id) t ON t.attempt_id = a.id "
        "WHERE a.granted_seconds <> COALESCE(t.given, 0) OR a.extension_seconds <> COALESCE(t.extended, 0) "
        "OR (a.paused_from IS NULL) <> (a.paused_until IS NULL)",
    ),
    by_sql(
        "E4c", "nobody sits longer than his plan says that its exam lasts for anybody",
        "SELECT a.id FROM attempt a JOIN plan p ON p.id = a.plan_id "
        "WHERE a.state = 'in_progress' AND a.deadline_at > COALESCE(p.exam_prolonged_until, p.exam_until)",
    ),
    by_sql(
        "E5", "no answer came after the deadline and its grace, or after the close",
        "SELECT r.attempt_id, r.position, r.revision FROM answer_revision r JOIN attempt a ON a.id = r.attempt_id "
        "WHERE r.received_at > a.deadline_at + :grace OR (a.state <> 'voided' AND r.received_at > a.closed_at)",
        grace=_GRACE_MS,
    ),
    by_sql(
        "E6", "no attempt stays open a minute past its time, none closed without a score unless a verdict is awaited",
        "SELECT id FROM attempt WHERE (state = 'in_progress' AND :now > deadline_at + :grace + 60000) "
        "OR (state IN ('submitted', 'timed_out') AND :now > closed_at + 60000 AND NOT EXISTS "
        "(SELECT 1 FROM attempt_ending e WHERE e.attempt_id = attempt.id AND e.wants_void AND e.verdict IS NULL))",
        grace=_GRACE_MS,
    ),
    by_sql(
        "E6b", "who ended an exam for cause did not decide about it, and each verdict was carried out",
        "SELECT e.attempt_id FROM attempt_ending e JOIN attempt a ON a.id = e.attempt_id "
        "WHERE e.decided_by = e.ended_by OR a.state = 'in_progress' "
        "OR (e.verdict = 'void' AND a.state <> 'voided') OR (e.verdict = 'keep' AND a.state = 'submitted')",
    ),
    Invariant(
        "E7", "every score is what the frozen paper, the stored answers and the corrections in force give", _misgraded
    ),
    Invariant("E7b", "no graded paper was altered", _altered),
    by_sql(
        "E8", "no attempt began before the one before it was closed, or after a pass",
        "SELECT y.id FROM attempt x JOIN attempt y ON y.person_id = x.person_id AND y.plan_id = x.plan_id "
        "AND y.id <> x.id AND y.started_at >= x.started_at WHERE x.state <> 'voided' AND y.state <> 'voided' "
        "AND (x.closed_at IS NULL OR y.started_at < x.closed_at OR (x.passed AND NOT EXISTS "
        # A correction may have turned the first into a pass when the second had begun.
        "(SELECT 1 FROM score_change c WHERE c.attempt_id = x.id AND c.passed_after AND NOT c.passed_before "
        "AND c.at >= y.started_at)))",
    ),
    by_sql(
        "E11", "the exam stage follows a corrected score within two minutes",
        "SELECT c.attempt_id FROM score_change c JOIN attempt a ON a.id = c.attempt_id "
        "JOIN application_stage s ON s.application_id = a.application_id AND s.kind = 'exam' "
        "WHERE c.at < :now - 120000 AND s.state IN ('open', 'passed', 'failed') AND (s.state = 'passed') <> EXISTS "
        "(SELECT 1 FROM attempt b WHERE b.application_id = a.application_id AND b.state = 'graded' AND b.passed)",
    ),
    by_sql(
        "E12", "nobody sits in a removed room, on a seat it does not have, or in a room of another plan",
        "SELECT s.id FROM exam_seating s JOIN exam_room r ON r.id = s.room_id "
        "WHERE r.plan_id <> s.plan_id OR r.seat_count <> s.seat_count "
        "OR (s.left_at IS NULL AND (r.removed_at IS NOT NULL OR s.seat > r.seat_count)) "
        "OR s.left_at < s.seated_at",
    ),
    by_sql(
        "E12b", "every pause or time of a room was of a room of its plan, and nobody is bound to a removed room",
        "SELECT m.id FROM exam_measure m JOIN exam_room r ON r.id = m.room_id WHERE r.plan_id <> m.plan_id "
        "UNION ALL SELECT i.person_id FROM exam_room_invigilator i JOIN exam_room r ON r.id = i.room_id "
        "WHERE r.removed_at IS NOT NULL",
    ),
    by_sql(
        "E9", "every paper is listed item by item",
        "SELECT p.id FROM paper p WHERE p.question_count <> "
        "(SELECT COUNT(*) FROM paper_item i WHERE i.paper_id = p.id)",
    ),
)  # fmt: skip
