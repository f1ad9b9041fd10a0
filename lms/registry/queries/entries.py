"""Reading the registry. Staff see the entries whose issuing organisation lies within their scope."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import aliased

from lms.accounts.models import Consent, Organisation
from lms.accounts.policy import ConsentPurpose, Role
from lms.certificates.policy.certificates import (
    CertificateState,
    Standing,
    grades_words,
    local_day,
    occupation_words,
)
from lms.certificates.policy.versions import VersionCause
from lms.certificates.queries.certificates import CertificateFacts, find_standing_version
from lms.certificates.queries.versions import successor_of
from lms.core.actors import Actor
from lms.core.errors import NotFound
from lms.core.unit_of_work import UnitOfWork
from lms.plans.policy import ExaminerLevel
from lms.registry.models.entries import RegistryEntry
from lms.registry.policy.entries import EntryStanding, EntryState, entry_standing
from question_bank.phrases import Phrase

READERS = (Role.REGISTRAR, Role.AUDITOR)

_Employer = aliased(Organisation)
# Built once: putting it together costs as much as finding an entry by its number.
_WITH_ORGANISATIONS = (
    select(RegistryEntry, Organisation, _Employer)
    .join(Organisation, Organisation.id == RegistryEntry.issuing_organisation_id)
    .outerjoin(_Employer, _Employer.id == RegistryEntry.employer_organisation_id)
)


@dataclass(frozen=True, slots=True)
class EntryFacts:
    """An entry as pages see it; the ID number stays masked."""

    id: str
    person_id: str
    holder_name: str
    id_number_masked: str
    occupation_edition: str
    occupation_code: str
    occupation_name: str
    level: ExaminerLevel
    certificate_id: str
    certificate_number: str
    issuer_name: str
    issuer_path: str
    employer_id: str | None
    """The workplace: of the application at first, then as registrars were asked to change it (E1)."""
    employer_name: str
    state: EntryState
    valid_from: date
    valid_until: date
    registered_at: datetime
    merged_into_id: str | None = None
    """The entry of the same person that stays, where this one was a duplicate."""

    def standing(self, now: datetime) -> EntryStanding:
        """Say how it stands at a moment."""
        return entry_standing(self.state, self.valid_until, now)

    def days_left(self, now: datetime) -> int:
        """Return how many days follow today until the last valid one."""
        return (self.valid_until - local_day(now)).days

    @property
    def occupation(self) -> Phrase:
        """Name, code and edition."""
        return occupation_words(self.occupation_name, self.occupation_code, self.occupation_edition)

    @property
    def grades(self) -> Phrase:
        """The grades the examiner may assess (A14)."""
        return grades_words(self.level)


def entries_by_id(uow: UnitOfWork, entry_ids: Sequence[str]) -> list[EntryFacts]:
    """Return some entries in the order of their ids as given; callers have asked for the scope before."""
    rows = uow.session.execute(_entries().where(RegistryEntry.id.in_(entry_ids)))
    found = {row[0].id: _facts(*row) for row in rows}
    return [found[entry_id] for entry_id in entry_ids if entry_id in found]


def get_entry(uow: UnitOfWork, actor: Actor, entry_id: str, *roles: Role) -> EntryFacts:
    """Return an entry within the scope of one of the roles. Raises NotFound otherwise (fault I2)."""
    row = uow.session.execute(_entries().where(RegistryEntry.id == entry_id)).first()
    if row is None or not actor.covers(row[1].path, roles or READERS):
        raise NotFound
    return _facts(*row)


def entries_of(uow: UnitOfWork, person_id: str) -> list[EntryFacts]:
    """Return a person's entries, the newest first."""
    rows = uow.session.execute(
        _entries().where(RegistryEntry.person_id == person_id).order_by(RegistryEntry.registered_at.desc())
    )
    return [_facts(*row) for row in rows]


def find_entry_of(uow: UnitOfWork, certificate_id: str) -> EntryFacts | None:
    """Return the entry that stands on a certificate, or None."""
    row = uow.session.execute(_entries().where(RegistryEntry.certificate_id == certificate_id)).first()
    return _facts(*row) if row else None


def expired_entries(uow: UnitOfWork, limit: int = 200) -> list[tuple[str, EntryState]]:
    """Return (id, state) of entries whose last valid day is over but whose state does not say so yet."""
    rows = uow.session.execute(
        select(RegistryEntry.id, RegistryEntry.state)
        .where(
            RegistryEntry.state.in_((EntryState.ACTIVE, EntryState.SUSPENDED)),
            RegistryEntry.valid_until < local_day(uow.now),
        )
        .limit(limit)
    )
    return [(entry_id, EntryState(state)) for entry_id, state in rows]


@dataclass(frozen=True, slots=True)
class PublicView:
    """The allow-list of the public page (invariant R4): everything it shows, name and ID number masked."""

    standing: Standing | EntryStanding
    name_masked: str
    id_number_masked: str
    level: ExaminerLevel
    occupation: Phrase
    grades: Phrase
    number: str
    valid_from: date
    valid_until: date
    issuer_name: str
    revoked_on: datetime | None
    revoked_because: str | None
    version: int
    version_cause: VersionCause | None
    version_words: str | None
    """Why a revoked certificate was restored; what else a registrar wrote is nobody's business."""
    newer_version: int | None
    """The version of the same number that stands now, if this is an older one."""
    replaced_by_number: str | None
    """The number that took the place of this one; by itself it finds nothing, as any number (fault F2)."""


def public_view(uow: UnitOfWork, certificate: CertificateFacts) -> PublicView:
    """Return what anyone may see of a certificate and its entry now.

    A holder who has withdrawn the consent to public verification (H22) is shown without name and ID number.
    """
    shown: Standing | EntryStanding = certificate.standing(uow.now)
    if (
        shown in (Standing.VALID, Standing.EXPIRING)
        and (entry := find_entry_of(uow, certificate.id)) is not None
        and entry.state is not EntryState.MERGED
    ):
        shown = entry.standing(uow.now)
    newest = find_standing_version(uow, certificate.number)
    is_over = certificate.state is CertificateState.SUPERSEDED
    successor = successor_of(uow, certificate.number) if is_over else None
    agreed = uow.session.scalar(
        select(Consent.id).where(
            Consent.person_id == certificate.person_id, Consent.purpose == ConsentPurpose.VERIFICATION,
            Consent.withdrawn_at.is_(None),
        )
    )  # fmt: skip
    return PublicView(
        standing=shown,
        name_masked=_masked_name(certificate.holder_name) if agreed else "",
        id_number_masked=certificate.id_number_masked if agreed else "",
        level=certificate.level,
        occupation=certificate.occupation,
        grades=certificate.grades,
        number=certificate.number,
        valid_from=certificate.valid_from,
        valid_until=certificate.valid_until,
        issuer_name=certificate.issuer_name,
        revoked_on=certificate.revoked_at,
        revoked_because=certificate.revoked_because,
        version=certificate.version,
        version_cause=certificate.version_cause,
        version_words=certificate.version_words
        if certificate.version_cause is VersionCause.RESTORED
        else None,
        newer_version=newest.version if newest and newest.version > certificate.version else None,
        replaced_by_number=successor.number if successor else None,
    )


def _masked_name(name: str) -> str:
    """Hide all of a name but its first and last character, and the last of two as well: 林*禾, 王*."""
    hidden = name[1:-1] or name[1:]
    shown_end = name[-1] if name[1:-1] else ""
    return name[0] + "*" * max(1, len(hidden)) + shown_end


def _entries() -> Select[RegistryEntry, Organisation, Organisation]:
    return _WITH_ORGANISATIONS


def ends_between(first: date, after: date) -> list[ColumnElement[bool]]:
    """Build the condition that an entry, valid or suspended, has its last day from one day on and before another."""
    return [
        # Told by what it is not, so that the days are looked up in their index and not the states in theirs.
        RegistryEntry.state.not_in((EntryState.EXPIRED, EntryState.REVOKED, EntryState.MERGED)),
        RegistryEntry.valid_until >= first,
        RegistryEntry.valid_until < after,
    ]


def _facts(entry: RegistryEntry, issuer: Organisation, employer: Organisation | None) -> EntryFacts:
    return EntryFacts(
        id=entry.id, person_id=entry.person_id, holder_name=entry.holder_name,
        id_number_masked=entry.id_number_masked, occupation_edition=entry.occupation_edition,
        occupation_code=entry.occupation_code, occupation_name=entry.occupation_name,
        level=ExaminerLevel(entry.level), certificate_id=entry.certificate_id,
        certificate_number=entry.certificate_number, issuer_name=issuer.name, issuer_path=issuer.path,
        employer_id=entry.employer_organisation_id, employer_name=employer.name if employer else "",
        state=EntryState(entry.state), valid_from=entry.valid_from, valid_until=entry.valid_until,
        registered_at=entry.registered_at, merged_into_id=entry.merged_into_id,
    )  # fmt: skip
