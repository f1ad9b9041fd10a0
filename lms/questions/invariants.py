"""What must always hold of the bank."""

from lms.core.invariants import Invariant, by_sql

INVARIANTS: tuple[Invariant, ...] = (
    by_sql(
        "Q1", "every item has its current version, with the same fingerprint",
        "SELECT i.id FROM question_item i LEFT JOIN question_version v ON v.item_id = i.id AND v.version = i.version "
        "WHERE v.id IS NULL OR v.fingerprint <> i.fingerprint",
    ),
    by_sql(
        "Q2", "an accepted import has added exactly what it says",
        "SELECT b.id FROM import_batch b WHERE (b.state = 'accepted') <> (b.added_count IS NOT NULL) OR "
        "COALESCE(b.added_count, 0) <> (SELECT COUNT(*) FROM question_item i WHERE i.import_batch_id = b.id)",
    ),
    by_sql(
        "Q3", "the same question stands in the live bank once",
        "SELECT question_key FROM question_item WHERE state = 'approved' GROUP BY question_key HAVING COUNT(*) > 1",
    ),
    by_sql(
        "Q4", "rows are written aside only while their file is being accepted, or are in the bank already",
        "SELECT s.id FROM staged_item s JOIN import_batch b ON b.id = s.batch_id WHERE b.state <> 'accepting' "
        "AND NOT EXISTS (SELECT 1 FROM question_item i WHERE i.id = s.id)",
    ),
    by_sql(
        "Q5", "a file under way has somebody's job behind it",
        "SELECT b.id FROM import_batch b WHERE b.state IN ('waiting', 'accepting') AND NOT EXISTS "
        "(SELECT 1 FROM outbox_job j WHERE j.key = CASE b.state WHEN 'waiting' THEN 'questions.check_import:' "
        "ELSE 'questions.accept_import:' END || b.id || '-' || b.turn AND j.done_at IS NULL)",
    ),
)  # fmt: skip
