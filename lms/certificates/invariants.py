"""What must always hold of certificates (reliability plan, part 3)."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from lms.certificates.models import Certificate
from lms.certificates.policy import CertificateState, Origin
from lms.core.invariants import Invariant, by_sql
from lms.core.storage import MissingFile
from lms.core.unit_of_work import UnitOfWork


def _files_missing(uow: UnitOfWork) -> Sequence[tuple[Any, ...]]:
    """Return certificates whose file is gone or has another length; the key itself is the content's hash."""
    rows = uow.session.execute(
        select(Certificate.id, Certificate.file_key, Certificate.file_bytes).where(
            (
                Certificate.state.not_in((CertificateState.PENDING, CertificateState.SUSPENDED))
                & (Certificate.origin == Origin.ISSUED)
            )
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
        "C1", "no number, application or verification code has two certificates",
        "SELECT number FROM certificate GROUP BY number HAVING COUNT(*) > 1"
        " UNION ALL SELECT application_id FROM certificate WHERE application_id IS NOT NULL"
        " GROUP BY application_id HAVING COUNT(*) > 1"
        " UNION ALL SELECT verification_code FROM certificate GROUP BY verification_code HAVING COUNT(*) > 1",
    ),
    by_sql(
        "C2", "a completed application has its certificate within two minutes, and none is without one",
        "SELECT a.id FROM application a LEFT JOIN certificate c ON c.application_id = a.id"
        " WHERE a.outcome = 'completed' AND a.ended_at < :now - 120000 AND c.id IS NULL"
        " UNION ALL SELECT c.id FROM certificate c JOIN application a ON a.id = c.application_id"
        " WHERE COALESCE(a.outcome, '') NOT IN ('completed', 'annulled') AND c.state <> 'suspended'"
        # A pass that was taken back: the job has two minutes, and two persons may have decided.
        " AND NOT EXISTS (SELECT 1 FROM certificate_suspension s WHERE s.certificate_id = c.id"
        " AND s.state IN ('kept', 'revoked'))"
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
        f" AND c.serial > {_TAKEN_OVER})",
    ),
    Invariant("C3", "every printed certificate has its file in the store", _files_missing),
    by_sql(
        "C4", "one live certificate per person, occupation and level",
        "SELECT id_number_index, occupation_edition, occupation_code, level FROM certificate"
        " WHERE state IN ('pending', 'issued', 'suspended') GROUP BY 1, 2, 3, 4 HAVING COUNT(*) > 1",
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
        "C10", "a certificate is suspended exactly while a suspension of it stands, and two persons decided each other",
        "SELECT c.id FROM certificate c WHERE (c.state = 'suspended') <> (EXISTS (SELECT 1 FROM"
        " certificate_suspension s WHERE s.certificate_id = c.id AND s.state IN ('open', 'proposed')))"
        " UNION ALL SELECT id FROM certificate_suspension WHERE decided_by = proposed_by",
    ),
)  # fmt: skip
