"""What must always hold of the audit room."""

from lms.audit.queries import broken_links
from lms.core.invariants import Invariant, by_sql

INVARIANTS = (
    Invariant("U1", "the audit chain has no gap and no altered row", broken_links),
    by_sql(
        "U4",
        "the sealer passed no act over",
        "SELECT e.id FROM audit_event e LEFT JOIN audit_seal s ON s.audit_event_id = e.id WHERE s.seq IS NULL"
        " AND e.at < (SELECT MAX(d.at) FROM audit_event d JOIN audit_seal t ON t.audit_event_id = d.id) - 60000",
    ),
    by_sql(
        "U2",
        "every state-log row has its audit row of the same act",
        "SELECT l.id FROM state_log l LEFT JOIN audit_event e ON e.id = l.audit_event_id "
        "WHERE e.id IS NULL OR e.tag <> l.machine || ':' || l.verb OR e.subject_id <> l.subject_id",
    ),
    by_sql(
        "A2",
        "each move starts where the last one ended",
        "SELECT id FROM (SELECT id, from_state, LAG(to_state) OVER (PARTITION BY machine, subject_id ORDER BY id)"
        " AS before FROM state_log) q WHERE before IS NOT NULL AND (from_state IS NULL OR before <> from_state)",
    ),
    by_sql("U3", "nothing was audited in the future", "SELECT id FROM audit_event WHERE at > :now + 1000"),
    by_sql(
        "O1",
        "no job waits longer than two minutes, but for the lane of long ones",
        "SELECT id, name FROM outbox_job WHERE done_at IS NULL AND created_at < :now - 120000 AND id NOT LIKE 'l%'",
    ),
)
