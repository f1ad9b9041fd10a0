"""What must always hold of applications, their review and their stages (reliability plan, part 3)."""

from lms.core.invariants import by_sql
from lms.enrolment.policy import APPLICATION, STAGE


def _legal(pairs: frozenset[tuple[str, str]]) -> str:
    return " OR ".join(f"(from_state = '{old}' AND to_state = '{new}')" for old, new in sorted(pairs))


INVARIANTS = (
    by_sql(
        "A12", "nobody changes his identity while an application rests on it",
        "SELECT a.id FROM application a JOIN profile p ON p.person_id = a.person_id WHERE p.identity_lock = 'open'"
        " AND a.state IN ('submitted', 'in_review', 'approved') AND (a.outcome IS NULL OR a.outcome = 'completed')",
    ),
    by_sql(
        "A1", "applications and stages move only along their transition tables",
        "SELECT id FROM state_log WHERE from_state IS NOT NULL AND ("
        f"(machine = 'application' AND NOT ({_legal(APPLICATION.pairs())})) OR "
        f"(machine = 'application_stage' AND NOT ({_legal(STAGE.pairs())})))",
    ),
    by_sql(
        "A3", "an application's and a stage's state is the last one in its log",
        "SELECT a.id FROM application a WHERE a.state <> COALESCE((SELECT l.to_state FROM state_log l"
        " WHERE l.machine = 'application' AND l.subject_id = a.id ORDER BY l.id DESC LIMIT 1), '')"
        " UNION ALL SELECT s.id FROM application_stage s WHERE s.state <> COALESCE((SELECT l.to_state FROM"
        " state_log l WHERE l.machine = 'application_stage' AND l.subject_id = s.id ORDER BY l.id DESC LIMIT 1), '')",
    ),
    by_sql(
        "A4", "four eyes: nobody approves two steps of one application, nor his own",
        "SELECT x.application_id FROM review_decision x JOIN review_decision y ON x.application_id ="
        " y.application_id AND x.actor_id = y.actor_id AND x.step < y.step WHERE x.decision = 'approve' AND"
        " y.decision = 'approve' UNION ALL SELECT d.application_id FROM review_decision d JOIN application a"
        " ON a.id = d.application_id WHERE d.actor_id = a.person_id",
    ),
    by_sql(
        "A5", "each decision was made within the scope the reviewer had then",
        "SELECT d.id FROM review_decision d JOIN application a ON a.id = d.application_id"
        " WHERE substr(a.employer_path, 1, length(d.scope_path)) <> d.scope_path",
    ),
    by_sql(
        "A6", "one live application per ID number, occupation and level",
        "SELECT id_number_index, occupation_edition, occupation_code, level FROM application"
        " WHERE outcome IS NULL AND state NOT IN ('rejected', 'withdrawn') GROUP BY 1, 2, 3, 4 HAVING COUNT(*) > 1",
    ),
    by_sql(
        "A7", "an approved application has each step approved, and the stages of its plan",
        "SELECT a.id FROM application a WHERE a.state = 'approved' AND ("
        " (SELECT COUNT(*) FROM review_decision d WHERE d.application_id = a.id AND d.decision = 'approve')"
        "  <> a.step + 1"
        " OR (SELECT COUNT(*) FROM application_stage s WHERE s.application_id = a.id)"
        "  <> (SELECT COUNT(*) FROM plan_stage p WHERE p.plan_id = a.plan_id))",
    ),
    by_sql(
        "A8", "at most one stage of an application is open, and none behind it was left out",
        "SELECT application_id FROM application_stage WHERE state = 'open' GROUP BY 1 HAVING COUNT(*) > 1"
        " UNION ALL SELECT s.application_id FROM application_stage s JOIN application_stage b"
        " ON b.application_id = s.application_id AND b.position < s.position"
        " WHERE s.state <> 'locked' AND s.state <> 'waived' AND b.state NOT IN ('passed', 'waived')",
    ),
    by_sql(
        "A9", "an application is completed exactly when all its stages are done",
        "SELECT a.id FROM application a WHERE a.state = 'approved' AND (COALESCE(a.outcome, '') = 'completed') <>"
        " (NOT EXISTS (SELECT 1 FROM application_stage s WHERE s.application_id = a.id"
        " AND s.state NOT IN ('passed', 'waived'))) AND COALESCE(a.outcome, '') <> 'annulled'",
    ),
)  # fmt: skip
