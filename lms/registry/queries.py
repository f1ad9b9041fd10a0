"""Reading the registry. Staff see the entries whose issuing organisation lies within their scope."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import aliased

from lms.accounts.models import Consent, Organisation
from lms.accounts.policy import ConsentPurpose, Role
from lms.accounts.queries import page_of, within
from lms.certificates.numbers import normalise_number
from lms.certificates.policy import (
    EXPIRING_WITHIN,
    Standing,
    grades_words,
    local_day,
    occupation_words,
)
from lms.certificates.queries import CertificateFacts, find_standing_version
from lms.certificates.version_policy import VersionCause
from lms.core.actors import Actor
from lms.core.errors import N_, NotFound
from lms.core.paging import Page
from lms.core.unit_of_work import UnitOfWork
from lms.plans.policy import LEVEL_NAMES, ExaminerLevel
from lms.registry.models import RegistryEntry
from lms.registry.policy import PAGE_SIZE, STANDING_NAMES, EntryStanding, EntryState, entry_standing, month_of
from question_bank.phrases import Phrase, phrase

READERS = (Role.REGISTRAR, Role.AUDITOR)

_Employer = aliased(Organisation)


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
    employer_name: str
    state: EntryState
    valid_from: date
    valid_until: date
    registered_at: datetime

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


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """What the list is narrowed to; empty fields do not narrow."""

    words: str = ""
    """The beginning of a name, or a certificate number."""
    occupation: str = ""
    level: str = ""
    standing: str = ""
    employer: str = ""
    """The whole name of the holder's institution."""
    ends: str = ""
    """A month (2027-03) in which the last valid day of a valid or suspended entry lies, from today on."""

    def described(self) -> tuple[Phrase, ...]:
        """Say what it narrows to; nothing when it does not."""
        level = next((name for code, name in LEVEL_NAMES.items() if code == self.level), "")
        standing = next((name for code, name in STANDING_NAMES.items() if code == self.standing), "")
        said: tuple[tuple[str, str | Phrase], ...] = (
            (N_("姓名或证书编号"), self.words), (N_("职业（工种）"), self.occupation),
            (N_("单位"), self.employer),
            (N_("级别"), level and Phrase(level)), (N_("状态"), standing and Phrase(standing)),
            (N_("到期月份"), self.ends),
        )  # fmt: skip
        return tuple(
            phrase(N_("%(name)s：%(value)s"), name=Phrase(name), value=value) for name, value in said if value
        )


@dataclass(frozen=True, slots=True)
class EntryPage:
    """One page of the list."""

    entries: tuple[EntryFacts, ...]
    page: Page


def entries(
    uow: UnitOfWork, actor: Actor, wanted: EntryFilter, number: int = 1, *, of_all: int | None = None
) -> EntryPage:
    """Return one page of the entries the actor may see, in the order of `_order`.

    `of_all` is how many there are in all, if the caller has counted them: a list that nothing narrows is as long.
    """
    narrowing = _narrowing(uow, wanted)
    total = of_all
    if narrowing or total is None:
        total = uow.session.execute(
            select(func.count()).select_from(RegistryEntry).where(_in_scope(actor), *narrowing)
        ).scalar_one()
    # The scope is asked of the joined organisation here: rows come in the order of an index, and the first twenty
    # that fit end the search.
    fitting = _entries().where(within(Organisation.path, actor.scope_paths(*READERS)), *narrowing)
    shown, page = page_of(uow, fitting, number, PAGE_SIZE, total=total)
    rows = uow.session.execute(shown.order_by(*_order(wanted)))
    return EntryPage(tuple(_facts(*row) for row in rows), page)


def matching_ids(uow: UnitOfWork, actor: Actor, wanted: EntryFilter) -> list[str]:
    """Return the ids of all entries that a registrar may take out as a list, in the order of the page."""
    scope = within(Organisation.path, actor.scope_paths(Role.REGISTRAR))
    rows = uow.session.scalars(
        select(RegistryEntry.id)
        .join(Organisation, Organisation.id == RegistryEntry.issuing_organisation_id)
        .where(scope, *_narrowing(uow, wanted))
        .order_by(*_order(wanted))
    )
    return list(rows)


def _order(wanted: EntryFilter) -> tuple[Any, Any]:
    """The newest entry first; who looks for a name gets the names side by side, the same ones together."""
    if wanted.words:
        return RegistryEntry.holder_name, RegistryEntry.id
    return RegistryEntry.registered_at.desc(), RegistryEntry.id.desc()


def entries_by_id(uow: UnitOfWork, entry_ids: Sequence[str]) -> list[EntryFacts]:
    """Return some entries in the order of their ids as given; callers have asked for the scope before."""
    rows = uow.session.execute(_entries().where(RegistryEntry.id.in_(entry_ids)))
    found = {row[0].id: _facts(*row) for row in rows}
    return [found[entry_id] for entry_id in entry_ids if entry_id in found]


def counts(uow: UnitOfWork, actor: Actor) -> dict[str, int]:
    """Return how many entries of the actor's scope stand how, in one statement.

    Each state is counted as a stretch of one index. Testing every row for every standing takes ten times as long.
    """
    today = local_day(uow.now)
    until, scope = RegistryEntry.valid_until, _in_scope(actor)

    def count(state: EntryState, *more: ColumnElement[bool]) -> ColumnElement[int]:
        counted = (
            select(func.count()).select_from(RegistryEntry).where(scope, RegistryEntry.state == state, *more)
        )
        return counted.scalar_subquery().label(None)

    row = uow.session.execute(
        select(
            *(count(state) for state in EntryState),
            count(EntryState.ACTIVE, until < today),
            count(EntryState.ACTIVE, until >= today, until < today + EXPIRING_WITHIN),
            count(EntryState.SUSPENDED, until < today),
        )
    ).one()
    in_state = dict(zip(EntryState, row, strict=False))
    active_over, expiring, suspended_over = row[-3:]
    return {
        "all": sum(in_state.values()),
        EntryStanding.VALID: in_state[EntryState.ACTIVE] - active_over - expiring,
        EntryStanding.EXPIRING: expiring,
        EntryStanding.SUSPENDED: in_state[EntryState.SUSPENDED] - suspended_over,
        EntryStanding.EXPIRED: in_state[EntryState.EXPIRED] + active_over + suspended_over,
        EntryStanding.REVOKED: in_state[EntryState.REVOKED],
    }


def occupations(uow: UnitOfWork, actor: Actor) -> list[tuple[str, str]]:
    """Return (code, name) of the occupations in the actor's scope, for the filter.

    A list of a hundred thousand holds a few dozen occupations: the statement steps from one code to the next in the
    index instead of reading all rows.
    """
    code = RegistryEntry.occupation_code
    steps = select(func.min(code).label("code")).cte("steps", recursive=True)
    following = select(func.min(code)).where(code > steps.c.code).scalar_subquery()
    steps = steps.union_all(select(following).where(steps.c.code.is_not(None)))
    of_this = select(RegistryEntry.occupation_name).where(code == steps.c.code, _in_scope(actor)).limit(1)
    name = of_this.scalar_subquery()
    rows = uow.session.execute(select(steps.c.code, name).where(name.is_not(None)).order_by(steps.c.code))
    return [(found, words) for found, words in rows]


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


def public_view(uow: UnitOfWork, certificate: CertificateFacts) -> PublicView:
    """Return what anyone may see of a certificate and its entry now.

    A holder who has withdrawn the consent to public verification (H22) is shown without name and ID number.
    """
    shown: Standing | EntryStanding = certificate.standing(uow.now)
    if (
        shown in (Standing.VALID, Standing.EXPIRING)
        and (entry := find_entry_of(uow, certificate.id)) is not None
    ):
        shown = entry.standing(uow.now)
    newest = find_standing_version(uow, certificate.number)
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
    )


def _masked_name(name: str) -> str:
    """Hide all of a name but its first and last character, and the last of two as well: 林*禾, 王*."""
    hidden = name[1:-1] or name[1:]
    shown_end = name[-1] if name[1:-1] else ""
    return name[0] + "*" * max(1, len(hidden)) + shown_end


def _entries() -> Select[RegistryEntry, Organisation, Organisation]:
    return (
        select(RegistryEntry, Organisation, _Employer)
        .join(Organisation, Organisation.id == RegistryEntry.issuing_organisation_id)
        .outerjoin(_Employer, _Employer.id == RegistryEntry.employer_organisation_id)
    )


def _in_scope(actor: Actor) -> ColumnElement[bool]:
    covered = select(Organisation.id).where(within(Organisation.path, actor.scope_paths(*READERS)))
    return RegistryEntry.issuing_organisation_id.in_(covered)


def _narrowing(uow: UnitOfWork, wanted: EntryFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if words := wanted.words.strip():
        number = normalise_number(words)
        # One or the other, so that either index can answer; no name holds digits.
        conditions.append(
            RegistryEntry.certificate_number == number
            if number.isdigit()
            else RegistryEntry.holder_name.startswith(words, autoescape=True)
        )
    if wanted.occupation:
        conditions.append(RegistryEntry.occupation_code == wanted.occupation)
    if wanted.level:
        conditions.append(RegistryEntry.level == wanted.level)
    if wanted.employer:
        named = select(Organisation.id).where(Organisation.name == wanted.employer)
        conditions.append(RegistryEntry.employer_organisation_id.in_(named))
    if wanted.standing in list(EntryStanding):
        conditions.extend(_stands(EntryStanding(wanted.standing), local_day(uow.now)))
    if month := month_of(wanted.ends):
        conditions.extend(ends_between(max(month.first, local_day(uow.now)), month.after))
    return conditions


def ends_between(first: date, after: date) -> list[ColumnElement[bool]]:
    """Build the condition that an entry, valid or suspended, has its last day from one day on and before another."""
    return [
        RegistryEntry.state.in_((EntryState.ACTIVE, EntryState.SUSPENDED)),
        RegistryEntry.valid_until >= first,
        RegistryEntry.valid_until < after,
    ]


def _stands(standing: EntryStanding, today: date) -> list[ColumnElement[bool]]:
    """Build the condition under which `entry_standing` gives a standing."""
    until = RegistryEntry.valid_until
    match standing:
        case EntryStanding.REVOKED:
            return [RegistryEntry.state == EntryState.REVOKED]
        case EntryStanding.EXPIRED:
            return [
                RegistryEntry.state != EntryState.REVOKED,
                or_(RegistryEntry.state == EntryState.EXPIRED, until < today),
            ]
        case EntryStanding.SUSPENDED:
            return [RegistryEntry.state == EntryState.SUSPENDED, until >= today]
        case EntryStanding.EXPIRING:
            return [RegistryEntry.state == EntryState.ACTIVE, until >= today, until < today + EXPIRING_WITHIN]
        case EntryStanding.VALID:
            return [RegistryEntry.state == EntryState.ACTIVE, until >= today + EXPIRING_WITHIN]


def _facts(entry: RegistryEntry, issuer: Organisation, employer: Organisation | None) -> EntryFacts:
    return EntryFacts(
        id=entry.id, person_id=entry.person_id, holder_name=entry.holder_name,
        id_number_masked=entry.id_number_masked, occupation_edition=entry.occupation_edition,
        occupation_code=entry.occupation_code, occupation_name=entry.occupation_name,
        level=ExaminerLevel(entry.level), certificate_id=entry.certificate_id,
        certificate_number=entry.certificate_number, issuer_name=issuer.name, issuer_path=issuer.path,
        employer_name=employer.name if employer else "", state=EntryState(entry.state),
        valid_from=entry.valid_from, valid_until=entry.valid_until, registered_at=entry.registered_at,
    )  # fmt: skip
