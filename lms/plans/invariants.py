"""What must always hold of plans."""

from lms.core.invariants import by_sql
from lms.plans.policy import PLAN

_LEGAL = " OR ".join(f"(from_state = '{old}' AND to_state = '{new}')" for old, new in sorted(PLAN.pairs()))

INVARIANTS = (
    by_sql(
        "A1.plan", "plans move only along their transition table",
        f"SELECT id FROM state_log WHERE machine = 'plan' AND from_state IS NOT NULL AND NOT ({_LEGAL})",
    ),
    by_sql(
        "A3.plan", "a plan's state is the last one in its log",
        "SELECT p.id FROM plan p WHERE p.state <> (SELECT l.to_state FROM state_log l WHERE l.machine = 'plan'"
        " AND l.subject_id = p.id ORDER BY l.id DESC LIMIT 1)",
    ),
    by_sql(
        "P1", "a published plan has an occupation, a stage, and a course and a blueprint where its stages need them",
        "SELECT p.id FROM plan p WHERE p.state IN ('published', 'closed') AND ("
        " NOT EXISTS (SELECT 1 FROM plan_occupation o WHERE o.plan_id = p.id)"
        " OR NOT EXISTS (SELECT 1 FROM plan_stage s WHERE s.plan_id = p.id)"
        " OR (p.course_id IS NULL AND EXISTS"
        "  (SELECT 1 FROM plan_stage s WHERE s.plan_id = p.id AND s.kind = 'study'))"
        " OR (p.blueprint_id IS NULL AND EXISTS"
        "  (SELECT 1 FROM plan_stage s WHERE s.plan_id = p.id AND s.kind = 'exam')))",
    ),
)  # fmt: skip
