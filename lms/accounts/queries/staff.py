"""Reading staff, and finding people for staff. Every list takes the actor's scope."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, Select, false, func, or_, select, true
from sqlalchemy.orm import aliased

from lms.accounts.models import (
    Organisation,
    Person,
    Profile,
    RoleGrant,
)
from lms.accounts.policy import (
    IdentityLock,
    PersonState,
    Role,
    masked_login_name,
    paths_over,
    plain_login_name,
)
from lms.accounts.queries.organisations import within
from lms.core.actors import EVERYWHERE
from lms.core.errors import NotFound
from lms.core.unit_of_work import UnitOfWork

_Employer = aliased(Organisation)


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
