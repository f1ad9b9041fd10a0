"""What must always hold of certificates (reliability plan, part 3)."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from lms.certificates.models.certificates import Certificate
from lms.certificates.policy.certificates import Origin
from lms.core.invariants import Invariant, by_sql
from lms.core.storage import MissingFile
from lms.core.unit_of_work import UnitOfWork


def _files_missing(uow: UnitOfWork) -> Sequence[tuple[Any, ...]]:
    """Return certificates whose file is gone or has another length; the key itself is the content's hash."""
    rows = uow.session.execute(
        select(Certificate.id, Certificate.file_key, Certificate.file_bytes).where(
            (Certificate.issued_at.is_not(None) & (Certificate.origin == Origin.ISSUED))
            | Certificate.file_key.is_not(None)
        )
    )
    return [(row.id, row.file_key) for row in rows if not _is_whole(uow, row.file_key, row.file_bytes)]


def _is_whole(uow: UnitOfWork, key: str | None, size: int | None) -> bool:
    try:
        return key is not None and uow.storage.size(key) == size
    except MissingFile:
        return False


_OF_SEQUENCE = (
    "c.number_rule = s.number_rule AND c.number_year = s.year AND c.institution_code = s.institution_code"
    " AND c.level = s.level"
)
_TAKEN_OVER = (
    f"(SELECT COALESCE(MAX(c.serial), 0) FROM certificate c WHERE {_OF_SEQUENCE} AND c.origin = 'imported')"
)

INVARIANTS = (
    by_sql(
        "C1", "a number is one chain of versions, no application has two, and no code leads to two certificates",
        "SELECT number FROM certificate GROUP BY number"
        " HAVING COUNT(*) <> MAX(version) OR COUNT(DISTINCT version) <> COUNT(*)"
        " UNION ALL SELECT application_id FROM certificate WHERE application_id IS NOT NULL"
        " GROUP BY application_id HAVING COUNT(DISTINCT number) > 1"
        " UNION ALL SELECT verification_code FROM certificate GROUP BY verification_code HAVING COUNT(*) > 1"
        " UNION ALL SELECT c.id FROM certificate c JOIN certificate p ON p.id = c.replaces_id"
        " WHERE p.number <> c.number OR p.version <> c.version - 1",
    ),
    by_sql(
        "C2", "a completed application has its certificate within two minutes, and none is without one",
        "SELECT a.id FROM application a LEFT JOIN certificate c ON c.application_id = a.id"
        " WHERE a.outcome = 'completed' AND a.ended_at < :now - 120000 AND c.id IS NULL"
        " UNION ALL SELECT c.id FROM certificate c JOIN application a ON a.id = c.application_id"
        " WHERE COALESCE(a.outcome, '') NOT IN ('completed', 'annulled')"
        " AND c.state NOT IN ('suspended', 'superseded', 'dropped')"
        # A pass that was taken back: the job has two minutes, and two persons may have decided.
        " AND NOT EXISTS (SELECT 1 FROM certificate_decision s JOIN certificate k ON k.id = s.certificate_id"
        " WHERE k.application_id = c.application_id AND s.state IN ('kept', 'revoked'))"
        " AND NOT EXISTS (SELECT 1 FROM state_log l JOIN application_stage t ON t.id = l.subject_id"
        " WHERE l.machine = 'application_stage' AND t.application_id = a.id AND l.at >= :now - 120000)",
    ),
    by_sql(
        "C2b", "a numbered certificate is printed within two minutes",
        "SELECT id FROM certificate WHERE state = 'pending' AND created_at < :now - 120000",
    ),
    by_sql(
        # What was skipped below a number from before this system was skipped before it.
        "C2c", "no serial number was skipped since the last one that was taken over",
        "SELECT s.number_rule, s.year, s.institution_code, s.level, s.last FROM number_sequence s"
        f" WHERE s.last - {_TAKEN_OVER} <> (SELECT COUNT(*) FROM certificate c WHERE {_OF_SEQUENCE}"
        f" AND c.version = 1 AND c.serial > {_TAKEN_OVER})",
    ),
    Invariant("C3", "every printed certificate has its file in the store", _files_missing),
    by_sql(
        "C4", "one live certificate per person, occupation and level",
        "SELECT id_number_index, occupation_edition, occupation_code, level FROM certificate"
        " WHERE state IN ('issued', 'suspended') OR (state = 'pending' AND version = 1)"
        " GROUP BY 1, 2, 3, 4 HAVING COUNT(*) > 1",
    ),
    by_sql(
        "C12", "a certificate's layout was published before it was numbered",
        "SELECT c.id FROM certificate c LEFT JOIN certificate_layout l ON l.version = c.layout_version"
        " WHERE c.layout_version > 0 AND (l.id IS NULL OR l.published_at > c.created_at)",
    ),
    by_sql(
        "C5", "a revoked certificate has its actor, its reason and its audit row, and never comes back",
        "SELECT c.id FROM certificate c WHERE c.state = 'revoked' AND NOT EXISTS"
        " (SELECT 1 FROM state_log l WHERE l.machine = 'certificate' AND l.subject_id = c.id"
        " AND l.to_state = 'revoked' AND l.actor_id IS NOT NULL AND l.remark <> '')"
        " UNION ALL SELECT subject_id FROM state_log WHERE machine = 'certificate' AND from_state = 'revoked'",
    ),
    by_sql(
        "C6", "a certificate's state is where its log ends",
        "SELECT c.id FROM certificate c WHERE c.state <> (SELECT l.to_state FROM state_log l"
        " WHERE l.machine = 'certificate' AND l.subject_id = c.id ORDER BY l.id DESC LIMIT 1)",
    ),
    by_sql(
        "C14", "every seal was valid when it sealed",
        "SELECT c.id FROM certificate c JOIN certificate_seal s ON s.id = c.seal_id"
        " WHERE c.issued_at < s.valid_from OR c.issued_at >= s.valid_until",
    ),
    by_sql(
        "C10", "a certificate is suspended exactly while its lost pass is to be decided, and two persons decide",
        "SELECT c.id FROM certificate c WHERE (c.state = 'suspended') <> (EXISTS (SELECT 1 FROM"
        " certificate_decision s WHERE s.certificate_id = c.id AND s.ground = 'correction'"
        " AND s.state IN ('open', 'proposed')))"
        " UNION ALL SELECT id FROM certificate_decision WHERE decided_by = proposed_by",
    ),
    by_sql(
        "C11", "a version is superseded by a later one, and a number comes back from a revocation by two persons alone",
        "SELECT c.id FROM certificate c WHERE c.version > 1 AND c.issued_at IS NOT NULL AND EXISTS"
        " (SELECT 1 FROM certificate p WHERE p.number = c.number AND p.version < c.version"
        " AND p.state IN ('issued', 'suspended'))"
        " UNION ALL SELECT c.id FROM certificate c WHERE c.version_cause = 'restored' AND NOT EXISTS"
        " (SELECT 1 FROM certificate_decision d JOIN certificate p ON p.id = d.certificate_id"
        " WHERE p.number = c.number AND p.version < c.version AND d.state = 'restored')"
        " UNION ALL SELECT c.id FROM certificate c JOIN certificate p ON p.number = c.number AND p.version < c.version"
        " WHERE p.state = 'revoked' AND c.version_cause <> 'restored' AND c.issued_at IS NOT NULL AND NOT EXISTS"
        " (SELECT 1 FROM certificate m WHERE m.number = c.number AND m.version_cause = 'restored'"
        " AND m.version > p.version AND m.version < c.version)",
    ),
    by_sql(
        "C15", "a version certifies what the one before it did, and a renewal another pass from after its end",
        "SELECT c.id FROM certificate c JOIN certificate p ON p.number = c.number AND p.version ="
        " (SELECT MAX(b.version) FROM certificate b"
        " WHERE b.number = c.number AND b.version < c.version AND b.state <> 'dropped')"
        " WHERE (c.version_cause = 'id_corrected') <> (c.id_number_index <> p.id_number_index)"
        " OR (c.version_cause = 'renewed' AND (c.application_id = p.application_id OR c.valid_from <= p.valid_until))"
        " OR (c.version_cause <> 'renewed' AND (COALESCE(c.application_id, '') <> COALESCE(p.application_id, '')"
        " OR c.valid_from <> p.valid_from OR c.valid_until <> p.valid_until))",
    ),
)  # fmt: skip
