"""Who is behind a login session, and what he may do."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, exists, select

from lms.accounts.models import (
    LoginSession,
    Organisation,
    Person,
    Profile,
    RoleGrant,
)
from lms.accounts.queries.people import get_person
from lms.core.actors import Actor, Grant
from lms.core.ready_statement import ReadyStatement
from lms.core.unit_of_work import UnitOfWork

# Built once, as everything that is asked for each page: building it takes longer than its answer.
_GRANTS = ReadyStatement(
    select(RoleGrant.role, Organisation.path)
    .join(Organisation, Organisation.id == RoleGrant.organisation_id)
    .where(RoleGrant.person_id == bindparam("person_id"), RoleGrant.revoked_at.is_(None))
    .order_by(RoleGrant.granted_at)
)


# Single columns: of whole rows of two tables SQLAlchemy makes objects, which takes twice as long.
_WHO_IS_BEHIND = ReadyStatement(
    select(
        LoginSession.id,
        LoginSession.created_at,
        LoginSession.seen_at,
        LoginSession.revoked_at,
        Person.id,
        Person.state,
        Person.login_name,
        Person.display_name,
        Person.language,
        Person.must_change_password,
        Profile.person_id.is_not(None),
        exists().where(RoleGrant.person_id == Person.id, RoleGrant.revoked_at.is_(None)),
    )
    .join(Person, Person.id == LoginSession.person_id)
    .outerjoin(Profile, Profile.person_id == Person.id)
    .where(LoginSession.token_hash == bindparam("token_hash"))
)


def grants_of(uow: UnitOfWork, person_id: str) -> tuple[Grant, ...]:
    """Return a person's live grants with their scope paths."""
    rows = _GRANTS.rows(uow.session, {"person_id": person_id})
    return tuple(Grant(role, path) for role, path in rows)


def actor_of(uow: UnitOfWork, person_id: str, login_session_id: str | None = None) -> Actor:
    """Return a person as an actor. Everybody is a trainee for himself (scope self)."""
    person = get_person(uow, person_id)
    return Actor(person.id, f"person:{person.id}", grants_of(uow, person_id), login_session_id)


class Behind(NamedTuple):
    """Whom a login session belongs to, and how it stands."""

    session_id: str
    created_at: datetime
    seen_at: datetime
    revoked_at: datetime | None
    person_id: str
    state: str
    login_name: str
    name: str
    language: str | None
    must_change_password: bool
    has_profile: bool
    has_grants: bool


def who_is_behind(uow: UnitOfWork, token_hash: str) -> Behind | None:
    """Return a login session, its person and what he has, in one statement: every page asks."""
    row = _WHO_IS_BEHIND.first(uow.session, {"token_hash": token_hash})
    return Behind._make(row) if row else None


def live_session(uow: UnitOfWork, token_hash: str) -> LoginSession | None:
    """Return the login session with a token hash, whatever its state, or None."""
    return uow.session.scalar(select(LoginSession).where(LoginSession.token_hash == token_hash))
