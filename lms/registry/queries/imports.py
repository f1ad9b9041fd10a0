"""Reading files of earlier registers, and what is known of those they name."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from lms.accounts.models import Organisation, Profile
from lms.accounts.policy import Role
from lms.accounts.service import ID_NUMBER_SEAL
from lms.certificates.models.certificates import Certificate
from lms.core import outbox
from lms.core.actors import Actor
from lms.core.errors import NotFound
from lms.core.unit_of_work import UnitOfWork
from lms.plans.models import PlanOccupation
from lms.registry.models.entries import RegistryEntry
from lms.registry.models.imports import RegistryHolder, RegistryImport
from lms.registry.policy.imports import UNDER_WAY, RegisterRow, RegistryImportState
from lms.registry.policy.judging import Known

LISTED = 50
ASKED_AT_ONCE = 500
JOB_OF = {
    RegistryImportState.WAITING: "registry.check_import",
    RegistryImportState.ENTERING: "registry.enter_import",
}
"""The job that works on a file in a state; `lms.app.reactions` says the same names."""


def batched(values: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """Cut a list into pieces that one statement may name."""
    return (values[start : start + size] for start in range(0, len(values), size))


@dataclass(frozen=True, slots=True)
class ImportFacts:
    """A file as pages and jobs see it."""

    id: str
    state: RegistryImportState
    turn: int
    filename: str
    file_key: str | None
    new_count: int
    known_count: int
    conflict_count: int
    fault_count: int
    entered_count: int | None
    report: list[dict[str, Any]]
    trouble: str
    asked_by: str
    asked_at: datetime
    started_at: datetime | None
    created_at: datetime


def get_import(uow: UnitOfWork, import_id: str) -> ImportFacts:
    """Return a file for the house itself. Raises NotFound."""
    row = uow.session.get(RegistryImport, import_id)
    if row is None:
        raise NotFound
    return _facts(row)


def own_import(uow: UnitOfWork, actor: Actor, import_id: str) -> ImportFacts:
    """Return a file of the actor. Somebody else's is not found (fault I2)."""
    facts = get_import(uow, import_id)
    if facts.asked_by != actor.person_id:
        raise NotFound
    return facts


def own_imports(uow: UnitOfWork, actor: Actor) -> list[ImportFacts]:
    """Return what the actor uploaded, the newest first."""
    rows = uow.session.scalars(
        select(RegistryImport)
        .where(RegistryImport.asked_by == actor.person_id)
        .order_by(RegistryImport.created_at.desc(), RegistryImport.id)
        .limit(LISTED)
    )
    return [_facts(row) for row in rows]


def given_up(uow: UnitOfWork) -> list[ImportFacts]:
    """Return the files whose work has become a dead letter: nobody will finish it by himself."""
    rows = uow.session.scalars(select(RegistryImport).where(RegistryImport.state.in_(UNDER_WAY)))
    return [
        _facts(row)
        for row in rows
        if outbox.is_dead(uow.session, f"{JOB_OF[RegistryImportState(row.state)]}:{row.id}-{row.turn}")
    ]


def known_of(uow: UnitOfWork, actor: Actor, rows: Sequence[RegisterRow]) -> Known:
    """Gather what the register knows of the people, numbers, issuers and occupations of some rows."""
    indexes = {
        row.identity.number: uow.vault.index(row.identity.number, ID_NUMBER_SEAL)
        for row in rows
        if row.identity
    }
    wanted = sorted(set(indexes.values()))
    holders: dict[str, tuple[str, str]] = {}
    standings: set[tuple[str, str, str, str]] = set()
    for some in batched(wanted, ASKED_AT_ONCE):
        # An account comes last, and so counts more than what an earlier register said.
        taken_over = select(Certificate.id_number_index, Certificate.person_id, Certificate.holder_name)
        for index, person_id, name in uow.session.execute(
            taken_over.where(Certificate.id_number_index.in_(some)).order_by(Certificate.created_at)
        ):
            holders[index] = (person_id, name)
        profiles = select(Profile.id_number_index, Profile.person_id, Profile.name)
        for index, person_id, name in uow.session.execute(profiles.where(Profile.id_number_index.in_(some))):
            holders[index] = (person_id, name)
        entries = select(
            RegistryEntry.id_number_index, RegistryEntry.occupation_edition, RegistryEntry.occupation_code,
            RegistryEntry.level,
        )  # fmt: skip
        standings |= {
            (str(index), edition, code, str(level))
            for index, edition, code, level in uow.session.execute(
                entries.where(RegistryEntry.id_number_index.in_(some))
            )
        }
        live = select(
            Certificate.id_number_index, Certificate.occupation_edition, Certificate.occupation_code,
            Certificate.level,
        ).where(Certificate.state.in_(("pending", "issued", "suspended")))  # fmt: skip
        standings |= {
            (index, edition, code, str(level))
            for index, edition, code, level in uow.session.execute(
                live.where(Certificate.id_number_index.in_(some))
            )
        }
    return Known(
        indexes, holders, _numbers(uow, [str(row.number) for row in rows if row.number]), frozenset(standings),
        _issuers(uow, actor, rows), _occupations(uow),
    )  # fmt: skip


def _numbers(uow: UnitOfWork, numbers: Iterable[str]) -> dict[str, tuple[str, str, str, str]]:
    found: dict[str, tuple[str, str, str, str]] = {}
    for some in batched(sorted(set(numbers)), ASKED_AT_ONCE):
        rows = uow.session.execute(
            select(
                Certificate.number, Certificate.id_number_index, Certificate.occupation_edition,
                Certificate.occupation_code, Certificate.level,
            )
            .where(Certificate.number.in_(some))
            # The last one counts: an older version may bear an ID number that was corrected since.
            .order_by(Certificate.version)
        )  # fmt: skip
        found |= {number: (index, edition, code, str(level)) for number, index, edition, code, level in rows}
    return found


def _issuers(uow: UnitOfWork, actor: Actor, rows: Sequence[RegisterRow]) -> dict[str, tuple[str, str, bool]]:
    codes = {row.number.institution for row in rows if row.number}
    names = {row.texts.get("issuer", "") for row in rows} - {""}
    found = uow.session.scalars(
        select(Organisation).where(Organisation.code.in_(codes) | Organisation.name.in_(names))
    )
    issuers: dict[str, tuple[str, str, bool]] = {}
    for one in found:
        issuers[one.code] = issuers[one.name] = (one.id, one.name, actor.covers(one.path, [Role.REGISTRAR]))
    return issuers


def _occupations(uow: UnitOfWork) -> dict[tuple[str, str], str]:
    """Return the codes of occupations by edition and name, of those that have one code alone."""
    plans = select(PlanOccupation.edition, PlanOccupation.name, PlanOccupation.code).distinct()
    found: dict[tuple[str, str], set[str]] = {}
    for edition, name, code in uow.session.execute(plans):
        found.setdefault((edition, name), set()).add(code)
    return {key: next(iter(codes)) for key, codes in found.items() if len(codes) == 1}


def holders_known(uow: UnitOfWork, person_ids: Iterable[str]) -> set[str]:
    """Return which people have a profile or are held from an earlier register already."""
    wanted = set(person_ids)
    found = set(
        uow.session.scalars(select(RegistryHolder.person_id).where(RegistryHolder.person_id.in_(wanted)))
    )
    return found | set(uow.session.scalars(select(Profile.person_id).where(Profile.person_id.in_(wanted))))


def organisations_by_name(uow: UnitOfWork, names: Iterable[str]) -> dict[str, str]:
    """Return the ids of organisations by their registered names."""
    wanted = set(names) - {""}
    rows = uow.session.execute(
        select(Organisation.name, Organisation.id).where(Organisation.name.in_(wanted))
    )
    return dict(rows.all())


def _facts(row: RegistryImport) -> ImportFacts:
    return ImportFacts(
        id=row.id, state=RegistryImportState(row.state), turn=row.turn, filename=row.filename, file_key=row.file_key,
        new_count=row.new_count, known_count=row.known_count, conflict_count=row.conflict_count,
        fault_count=row.fault_count, entered_count=row.entered_count, report=list(row.report), trouble=row.trouble,
        asked_by=row.asked_by, asked_at=row.asked_at, started_at=row.started_at, created_at=row.created_at,
    )  # fmt: skip
