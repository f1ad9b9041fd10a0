"""What must always hold of papers, attempts and answers (reliability plan, part 3)."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from lms.core.invariants import Invariant, by_sql
from lms.core.unit_of_work import UnitOfWork
from lms.exam.models import Attempt, Paper
from lms.exam.policy import GRACE, AttemptState, grade_answers
from lms.exam.queries import saved_answers
from question_bank.items import paper_content_hash
from question_bank.paper_json import key_from_json, questions_from_json

_GRACE_MS = int(GRACE.total_seconds() * 1000)
_AT_ONCE = 200


def _misgraded(uow: UnitOfWork) -> Sequence[Sequence[Any]]:
    """Grade every graded attempt again from its frozen paper and its stored answers."""
    found: list[tuple[Any, ...]] = []
    rows = uow.session.execute(
        select(Attempt, Paper)
        .join(Paper, Paper.id == Attempt.paper_id)
        .where(Attempt.state == AttemptState.GRADED)
        .execution_options(yield_per=_AT_ONCE)
    )
    for attempt, paper in rows:
        public, key = json.loads(paper.public), json.loads(paper.key)
        answers = {one.position: one.chosen for one in saved_answers(uow, attempt.id).values()}
        result = grade_answers(
            key_from_json(key), questions_from_json(public), paper.areas, answers, attempt.pass_mark
        )
        if (result.score, result.passed) != (attempt.score, attempt.passed):
            found.append((attempt.id, attempt.score, result.score))
        if paper_content_hash(public, key) != paper.content_hash:
            found.append((attempt.id, "paper altered"))
    return found


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
        "WHEN started_at + (duration_seconds + granted_seconds) * CAST(1000 AS BIGINT) < window_end "
        "THEN started_at + (duration_seconds + granted_seconds) * CAST(1000 AS BIGINT) ELSE window_end END",
    ),
    by_sql(
        "E5", "no answer came after the deadline and its grace, or after the close",
        "SELECT r.attempt_id, r.position, r.revision FROM answer_revision r JOIN attempt a ON a.id = r.attempt_id "
        "WHERE r.received_at > a.deadline_at + :grace OR (a.state <> 'voided' AND r.received_at > a.closed_at)",
        grace=_GRACE_MS,
    ),
    by_sql(
        "E6", "no attempt stays open a minute past its time, and none stays closed without a score",
        "SELECT id FROM attempt WHERE (state = 'in_progress' AND :now > deadline_at + :grace + 60000) "
        "OR (state IN ('submitted', 'timed_out') AND :now > closed_at + 60000)",
        grace=_GRACE_MS,
    ),
    Invariant("E7", "every score is what the frozen paper and the stored answers give", _misgraded),
    by_sql(
        "E8", "no attempt began before the one before it was closed, or after a pass",
        "SELECT y.id FROM attempt x JOIN attempt y ON y.person_id = x.person_id AND y.plan_id = x.plan_id "
        "AND y.id <> x.id AND y.started_at >= x.started_at WHERE x.state <> 'voided' AND y.state <> 'voided' "
        "AND (x.closed_at IS NULL OR y.started_at < x.closed_at OR x.passed)",
    ),
    by_sql(
        "E9", "every paper is listed item by item",
        "SELECT p.id FROM paper p WHERE p.question_count <> "
        "(SELECT COUNT(*) FROM paper_item i WHERE i.paper_id = p.id)",
    ),
)  # fmt: skip
