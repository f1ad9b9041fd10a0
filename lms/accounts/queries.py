"""Reading people, organisations and roles. Every list takes the actor's scope."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVarTuple

from sqlalchemy import ColumnElement, Row, Select, bindparam, false, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, aliased

from lms.accounts.models import (
    Consent,
    LoginSession,
    Organisation,
    Person,
    Profile,
    RecoveryToken,
    RoleGrant,
)
from lms.accounts.policy import (
    IdentityLock,
    OrganisationKind,
    PersonState,
    ProfileFacts,
    Role,
    masked_login_name,
    paths_over,
    plain_login_name,
    rare_name_notice,
)
from lms.core.actors import EVERYWHERE, Actor, Grant
from lms.core.errors import NotFound, Reason
from lms.core.glyphs import MissingFont, uncovered
from lms.core.paging import Page, page_count
from lms.core.unit_of_work import UnitOfWork

_Employer = aliased(Organisation)
Columns = TypeVarTuple("Columns")


def within(path: InstrumentedAttribute[str], scopes: Sequence[str]) -> ColumnElement[bool]:
    """Build the condition that an organisation path lies within one of the scope paths."""
    return or_(*(path.startswith(scope, autoescape=True) for scope in scopes)) if scopes else false()


def page_of(
    uow: UnitOfWork, wanted: Select[*Columns], number: int, size: int, *, total: int | None = None
) -> tuple[Select[*Columns], Page]:
    """Narrow a statement to one of its pages, the last one when there are not so many, and say where it stands.

    `total` is how many lines there are, if the caller has counted them.
    """
    if total is None:
        total = uow.session.scalar(wanted.order_by(None).with_only_columns(func.count())) or 0
    page = Page(max(1, min(number, page_count(total, size))), size, total)
    return wanted.limit(size).offset((page.number - 1) * size), page


def grants_of(uow: UnitOfWork, person_id: str) -> tuple[Grant, ...]:
    """Return a person's live grants with their scope paths."""
    rows = uow.session.execute(_GRANTS, {"person_id": person_id})
    return tuple(Grant(role, path) for role, path in rows)


def actor_of(uow: UnitOfWork, person_id: str, login_session_id: str | None = None) -> Actor:
    """Return a person as an actor. Everybody is a trainee for himself (scope self)."""
    person = get_person(uow, person_id)
    return Actor(person.id, f"person:{person.id}", grants_of(uow, person_id), login_session_id)


# Built once, as everything that is asked for each page: building it takes longer than its answer.
_GRANTS = (
    select(RoleGrant.role, Organisation.path)
    .join(Organisation, Organisation.id == RoleGrant.organisation_id)
    .where(RoleGrant.person_id == bindparam("person_id"), RoleGrant.revoked_at.is_(None))
    .order_by(RoleGrant.granted_at)
)
_WHO_IS_BEHIND = (
    select(LoginSession, Person, Profile.person_id)
    .join(Person, Person.id == LoginSession.person_id)
    .outerjoin(Profile, Profile.person_id == Person.id)
    .where(LoginSession.token_hash == bindparam("token_hash"))
)


def who_is_behind(uow: UnitOfWork, token_hash: str) -> tuple[LoginSession, Person, bool] | None:
    """Return a login session, its person and whether he has a profile, in one statement: every page asks."""
    row = uow.session.execute(_WHO_IS_BEHIND, {"token_hash": token_hash}).first()
    return (row[0], row[1], row[2] is not None) if row else None


def get_person(uow: UnitOfWork, person_id: str) -> Person:
    """Return a person. Raises NotFound."""
    person = uow.session.get(Person, person_id)
    if person is None:
        raise NotFound
    return person


def find_person_by_login(uow: UnitOfWork, login_name: str) -> Person | None:
    """Return the person with a login name, however it is written, or None."""
    return uow.session.scalar(select(Person).where(Person.login_name == plain_login_name(login_name)))


def names_of(uow: UnitOfWork, person_ids: set[str]) -> dict[str, str]:
    """Return display names by id, for timelines and lists."""
    if not person_ids:
        return {}
    rows = uow.session.execute(select(Person.id, Person.display_name).where(Person.id.in_(person_ids)))
    return dict(rows.all())


def organisation_names(uow: UnitOfWork, organisation_ids: set[str]) -> dict[str, str]:
    """Return the names of organisations by id."""
    if not organisation_ids:
        return {}
    rows = uow.session.execute(
        select(Organisation.id, Organisation.name).where(Organisation.id.in_(organisation_ids))
    )
    return dict(rows.all())


def find_profile(uow: UnitOfWork, person_id: str) -> Profile | None:
    """Return a person's profile, or None when it was never filled in."""
    return uow.session.get(Profile, person_id)


def get_profile(uow: UnitOfWork, person_id: str) -> Profile:
    """Return a person's profile. Raises NotFound."""
    profile = find_profile(uow, person_id)
    if profile is None:
        raise NotFound
    return profile


def name_notices(uow: UnitOfWork, name: str) -> list[Reason]:
    """Say what a person should know about the printing of a name; nothing when every character can be printed (F6)."""
    try:
        signs = uncovered(name, uow.settings.font_dir)
    except MissingFont:
        return []  # the printer itself says so, and waits
    return [rare_name_notice(signs)] if signs else []


def profile_facts(uow: UnitOfWork, person_id: str) -> ProfileFacts:
    """Return what the profile-first gate needs to know (A3)."""
    profile = find_profile(uow, person_id)
    employer = (
        uow.session.get(Organisation, profile.employer_id)
        if profile is not None and profile.employer_id
        else None
    )
    consents = uow.session.scalars(
        select(Consent.purpose).where(Consent.person_id == person_id, Consent.withdrawn_at.is_(None))
    )
    return ProfileFacts(
        has_profile=profile is not None,
        has_photo=profile is not None and profile.photo_key is not None,
        has_employer=employer is not None,
        employer_is_filed=employer is not None and employer.is_filed,
        consents=frozenset(consents),
    )


def get_organisation(uow: UnitOfWork, organisation_id: str) -> Organisation:
    """Return an organisation. Raises NotFound."""
    organisation = uow.session.get(Organisation, organisation_id)
    if organisation is None:
        raise NotFound
    return organisation


def organisations(
    uow: UnitOfWork, *, scopes: Sequence[str] = ("/",), kind: OrganisationKind | None = None
) -> Sequence[Organisation]:
    """Return organisations within the scopes, in the order of their paths."""
    wanted = select(Organisation).where(within(Organisation.path, scopes))
    if kind is not None:
        wanted = wanted.where(Organisation.kind == kind)
    return uow.session.scalars(wanted.order_by(Organisation.kind.desc(), Organisation.name)).all()


@dataclass(frozen=True, slots=True)
class StaffLine:
    """One line of the staff list: a person with one grant."""

    person_id: str
    grant_id: str
    login_name: str
    display_name: str
    state: PersonState
    role: Role
    organisation_name: str
    granted_at: datetime


def staff(
    uow: UnitOfWork, scopes: Sequence[str], *, organisation_id: str = "", person_id: str = ""
) -> list[StaffLine]:
    """Return every live grant of a staff role within the scopes; of one organisation or person when named."""
    rows = uow.session.execute(
        select(Person, RoleGrant, Organisation)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .join(Organisation, Organisation.id == RoleGrant.organisation_id)
        .where(
            RoleGrant.revoked_at.is_(None), RoleGrant.role != Role.TRAINEE, within(Organisation.path, scopes),
            Organisation.id == organisation_id if organisation_id else true(),
            Person.id == person_id if person_id else true(),
        )
        .order_by(Person.display_name, RoleGrant.role)
    )  # fmt: skip
    return [
        StaffLine(
            person.id, grant.id, person.login_name, person.display_name, PersonState(person.state), Role(grant.role),
            organisation.name, grant.granted_at,
        )
        for person, grant, organisation in rows
    ]  # fmt: skip


def holders(uow: UnitOfWork, role: Role, path: str) -> dict[str, str]:
    """Return the names, by id, of those whose role reaches an organisation path and who can sign in."""
    rows = uow.session.execute(
        select(Person.id, Person.display_name)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .join(Organisation, Organisation.id == RoleGrant.organisation_id)
        .where(
            RoleGrant.role == role, RoleGrant.revoked_at.is_(None), Person.state == PersonState.ACTIVE,
            Organisation.path.in_(paths_over(path)),
        )
        .order_by(Person.display_name, Person.id)
    )  # fmt: skip
    return dict(rows.all())


def live_session(uow: UnitOfWork, token_hash: str) -> LoginSession | None:
    """Return the login session with a token hash, whatever its state, or None."""
    return uow.session.scalar(select(LoginSession).where(LoginSession.token_hash == token_hash))


def person_count(uow: UnitOfWork) -> int:
    """Return how many people are known; the demo loads only into an empty house."""
    return uow.session.execute(select(func.count()).select_from(Person)).scalar_one()


@dataclass(frozen=True, slots=True)
class MailAddress:
    """Where a mail to a person goes."""

    name: str
    email: str


def recovery_address(uow: UnitOfWork, recovery_id: str) -> MailAddress | None:
    """Return name and mail of an unused recovery, or None when there is nothing to send any more."""
    row = uow.session.execute(
        select(Person.display_name, Person.email)
        .join(RecoveryToken, RecoveryToken.person_id == Person.id)
        .where(
            RecoveryToken.id == recovery_id,
            RecoveryToken.used_at.is_(None),
            RecoveryToken.expires_at > uow.now,
        )
    ).first()
    return MailAddress(row.display_name, row.email) if row and row.email else None


def mail_address(uow: UnitOfWork, person_id: str) -> MailAddress | None:
    """Return name and mail of a person who can sign in, or None when no mail reaches them."""
    row = uow.session.execute(
        select(Person.display_name, Person.email).where(
            Person.id == person_id, Person.state == PersonState.ACTIVE
        )
    ).first()
    return MailAddress(row.display_name, row.email) if row and row.email else None


def consents_of(uow: UnitOfWork, person_id: str) -> dict[str, datetime]:
    """Return the live consents of a person with the moment each was given."""
    rows = uow.session.execute(
        select(Consent.purpose, Consent.given_at).where(
            Consent.person_id == person_id, Consent.withdrawn_at.is_(None)
        )
    )
    return dict(rows.all())


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """One answer to a look-up: enough to know somebody by, nothing that he would not have told the asker."""

    person_id: str
    name: str
    login_name: str
    id_number_masked: str
    employer_name: str
    state: PersonState
    created_at: datetime
    identity_lock: IdentityLock | None
    """None when no profile was filled in."""

    @property
    def login_name_masked(self) -> str:
        """Return the login name, a mobile number with its middle hidden."""
        return masked_login_name(self.login_name)


def find_people(
    uow: UnitOfWork, scopes: Sequence[str], *, login_name: str = "", name: str = "", id_tail: str = ""
) -> list[FoundPerson]:
    """Return people within the scopes with this very login name, or this very name and end of the ID number.

    Names and numbers are never matched in part: a look-up is no list of everybody.
    """
    if login_name:
        asked = Person.login_name == plain_login_name(login_name)
    elif name and id_tail:
        asked = (Person.display_name == name.strip()) & Profile.id_number_masked.endswith(
            id_tail.upper(), autoescape=True
        )
    else:
        return []
    rows = uow.session.execute(_found_people(scopes).where(asked).order_by(Person.created_at).limit(20))
    return [_found(row) for row in rows]


def found_person(uow: UnitOfWork, person_id: str, scopes: Sequence[str]) -> FoundPerson:
    """Return somebody who works, or holds or held a role, within the scopes. Raises NotFound."""
    row = uow.session.execute(_found_people(scopes).where(Person.id == person_id)).first()
    if row is None:
        raise NotFound
    return _found(row)


def _found(row: Row[str, str, str, str, str, PersonState, datetime, str | None]) -> FoundPerson:
    person_id, name, login_name, id_number_masked, employer_name, state, created_at, lock = row
    return FoundPerson(
        person_id, name, login_name, id_number_masked, employer_name, state, created_at,
        IdentityLock(lock) if lock else None,
    )  # fmt: skip


def _found_people(
    scopes: Sequence[str],
) -> Select[str, str, str, str, str, PersonState, datetime, str | None]:
    """Build the statement behind a look-up. Who has named no employer yet belongs to the province alone."""
    staff_there = (
        select(RoleGrant.person_id)
        .join(Organisation, Organisation.id == RoleGrant.organisation_id)
        .where(within(Organisation.path, scopes))
    )
    employed_there = within(_Employer.path, scopes)
    reached = or_(employed_there, Person.id.in_(staff_there), true() if EVERYWHERE in scopes else false())
    return (
        select(
            Person.id, Person.display_name, Person.login_name, func.coalesce(Profile.id_number_masked, ""),
            func.coalesce(_Employer.name, ""), Person.state, Person.created_at,
            Profile.identity_lock,
        )
        .outerjoin(Profile, Profile.person_id == Person.id)
        .outerjoin(_Employer, _Employer.id == Profile.employer_id)
        .where(reached)
    )  # fmt: skip


def employee_count(uow: UnitOfWork, organisation_id: str) -> int:
    """Return how many people name an institution as their employer."""
    return uow.session.execute(
        select(func.count()).select_from(Profile).where(Profile.employer_id == organisation_id)
    ).scalar_one()


def organisation_within(uow: UnitOfWork, organisation_id: str, scopes: Sequence[str]) -> Organisation:
    """Return an organisation within the scopes. Raises NotFound."""
    organisation = get_organisation(uow, organisation_id)
    if not any(organisation.path.startswith(scope) for scope in scopes):
        raise NotFound
    return organisation


def children(uow: UnitOfWork, organisation_id: str) -> Sequence[Organisation]:
    """Return the organisations directly below one."""
    below = select(Organisation).where(Organisation.parent_id == organisation_id)
    return uow.session.scalars(below.order_by(Organisation.kind, Organisation.name)).all()


def staff_person(uow: UnitOfWork, person_id: str, scopes: Sequence[str]) -> Person:
    """Return a member of staff who holds, or held, a role within the scopes. Raises NotFound."""
    person = uow.session.scalar(
        select(Person)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .join(Organisation, Organisation.id == RoleGrant.organisation_id)
        .where(Person.id == person_id, within(Organisation.path, scopes))
        .limit(1)
    )
    if person is None:
        raise NotFound
    return person
