"""What must always hold of the registry (reliability plan, part 3)."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from lms.core.invariants import Invariant, by_sql
from lms.core.unit_of_work import UnitOfWork
from lms.registry.queries.chains import active_without_certificate
from lms.registry.queries.entries import PublicView
from lms.registry.queries.grams import not_found_by_number
from lms.registry.queries.merges import merged_in_force

PUBLIC_COLUMNS = frozenset(
    {
        "standing", "name_masked", "id_number_masked", "level", "occupation", "grades", "number", "valid_from",
        "valid_until", "issuer_name", "revoked_on", "revoked_because", "version", "version_cause", "version_words",
        "newer_version", "replaced_by_number",
    }
)  # fmt: skip


def _public_columns(_uow: UnitOfWork) -> Sequence[tuple[Any, ...]]:
    return [(field.name,) for field in fields(PublicView) if field.name not in PUBLIC_COLUMNS]


INVARIANTS = (
    by_sql(
        "R1", "one entry per person, occupation and level",
        "SELECT id_number_index, occupation_edition, occupation_code, level FROM registry_entry"
        " WHERE id_number_index IS NOT NULL"
        " GROUP BY 1, 2, 3, 4 HAVING COUNT(*) > 1",
    ),
    Invariant("R2", "an active entry stands on an issued certificate that has not expired", active_without_certificate),
    Invariant("R4", "the public page shows nothing but its allow-list", _public_columns),
    by_sql(
        "R5", "a revoked entry and its certificate were revoked together, and it comes back by two persons alone",
        "SELECT e.id FROM registry_entry e JOIN certificate c ON c.id = e.certificate_id"
        " WHERE e.state = 'revoked' AND c.state = 'issued'"
        " UNION ALL SELECT subject_id FROM state_log WHERE machine = 'registry_entry' AND from_state = 'revoked'"
        " AND verb <> 'merge' AND (verb <> 'restore' OR NOT EXISTS (SELECT 1 FROM registry_entry e"
        " JOIN certificate k ON k.id = e.certificate_id JOIN certificate c"
        " ON c.id_number_index = k.id_number_index AND c.occupation_edition = e.occupation_edition"
        " AND c.occupation_code = e.occupation_code AND c.level = e.level"
        # An older version of the number may bear an ID number that was corrected since.
        " JOIN certificate v ON v.number = c.number JOIN certificate_decision d ON d.certificate_id = v.id"
        " WHERE e.id = state_log.subject_id AND d.state = 'restored' AND d.decided_at <= state_log.at))",
    ),
    by_sql(
        "R6", "an issued certificate has its entry within two minutes",
        "SELECT c.id FROM certificate c LEFT JOIN registry_entry e ON e.certificate_id = c.id"
        " WHERE c.state = 'issued' AND c.issued_at < :now - 120000 AND e.id IS NULL",
    ),
    by_sql(
        "R7", "an entry's state is where its log ends",
        "SELECT e.id FROM registry_entry e WHERE e.state <> (SELECT l.to_state FROM state_log l"
        " WHERE l.machine = 'registry_entry' AND l.subject_id = e.id ORDER BY l.id DESC LIMIT 1)",
    ),
    by_sql(
        "R12", "an entry names the workplace that was accepted last, until a new certificate came",
        "SELECT c.entry_id FROM registry_change c JOIN registry_entry e ON e.id = c.entry_id"
        " WHERE c.state = 'accepted' AND COALESCE(e.employer_organisation_id, '') <> c.after_organisation_id"
        " AND NOT EXISTS (SELECT 1 FROM registry_change l WHERE l.entry_id = c.entry_id AND l.state = 'accepted'"
        " AND l.decided_at > c.decided_at)"
        " AND NOT EXISTS (SELECT 1 FROM state_log l WHERE l.machine = 'registry_entry' AND l.subject_id = c.entry_id"
        # A transaction that waited for the other one may bear the earlier moment.
        " AND l.verb = 'renew' AND l.at >= c.decided_at - 60000)",
    ),
    Invariant("R8", "the search finds every entry by the name and number it has now", not_found_by_number),
    by_sql(
        "R9", "a merged entry stands behind one of the same occupation and level that two persons chose, and its"
        " certificates are found there",
        "SELECT e.id FROM registry_entry e JOIN registry_entry s ON s.id = e.merged_into_id WHERE s.state = 'merged'"
        " OR s.occupation_edition <> e.occupation_edition OR s.occupation_code <> e.occupation_code"
        " OR s.level <> e.level"
        " UNION ALL SELECT e.id FROM registry_entry e WHERE e.state = 'merged' AND (NOT EXISTS"
        " (SELECT 1 FROM registry_merge m WHERE m.entry_id = e.id AND m.into_id = e.merged_into_id"
        " AND m.kind = 'merge' AND m.state = 'accepted' AND m.decided_by <> m.proposed_by)"
        " OR NOT EXISTS (SELECT 1 FROM registry_gram g WHERE g.gram = e.certificate_number AND g.position = 0"
        " AND g.entry_id = e.merged_into_id)"
        " OR EXISTS (SELECT 1 FROM registry_gram g WHERE g.gram = e.certificate_number AND g.position = 0"
        " AND g.entry_id = e.id))",
    ),
    by_sql(
        "R10", "an entry that was merged in error comes back as it stood, by two persons",
        "SELECT l.id FROM state_log l WHERE l.machine = 'registry_entry' AND l.from_state = 'merged' AND (l.to_state"
        " <> (SELECT b.from_state FROM state_log b WHERE b.machine = 'registry_entry' AND b.verb = 'merge'"
        " AND b.subject_id = l.subject_id AND b.id < l.id ORDER BY b.id DESC LIMIT 1) OR NOT EXISTS"
        " (SELECT 1 FROM registry_merge m WHERE m.entry_id = l.subject_id AND m.kind = 'split'"
        " AND m.state = 'accepted' AND m.decided_by <> m.proposed_by AND m.decided_at <= l.at))",
    ),
    Invariant("R11", "what is in force is never behind a merged entry", merged_in_force),
)  # fmt: skip
