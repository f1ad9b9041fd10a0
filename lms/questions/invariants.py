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
        "Q5", "what papers draw was imported, or approved by another person than its writer",
        "SELECT r.id FROM version_review r JOIN question_item i ON i.id = r.item_id AND i.version = r.version "
        "WHERE i.state = 'approved' AND (r.state <> 'approved' OR r.approved_by = r.written_by)",
    ),
    by_sql(
        "Q6", "a question that nobody approved is no imported one, and its version has its review",
        "SELECT i.id FROM question_item i LEFT JOIN version_review r ON r.item_id = i.id AND r.version = i.version "
        "WHERE i.state = 'draft' AND (r.id IS NULL OR r.state = 'approved')",
    ),
    by_sql(
        "Q3", "the same question stands in the live bank once",
        "SELECT question_key FROM question_item WHERE state = 'approved' GROUP BY question_key HAVING COUNT(*) > 1",
    ),
)  # fmt: skip
