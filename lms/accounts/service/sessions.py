"""Signing in and out: login sessions, and the password itself."""

from datetime import datetime

from sqlalchemy import ColumnElement, insert, update

from lms.accounts.credentials import new_token, token_hash
from lms.accounts.models import LoginSession, Person
from lms.audit.service import record
from lms.core.actors import Actor
from lms.core.identifiers import new_id
from lms.core.unit_of_work import UnitOfWork

DEVICE_MARK = "login_session.device_mark"


def open_session(uow: UnitOfWork, person_id: str, device_mark: str = "") -> str:
    """Open a login session and return its token; the database keeps hashes alone, of the browser's mark a keyed one."""
    token = new_token()
    session_id = new_id()
    uow.session.execute(
        insert(LoginSession).values(
            id=session_id,
            token_hash=token_hash(token),
            person_id=person_id,
            created_at=uow.now,
            seen_at=uow.now,
            device_mark=uow.vault.index(device_mark, DEVICE_MARK) if device_mark else None,
        )
    )
    record(uow, Actor(person_id, f"person:{person_id}"), "session:open", session_id)
    return token


def end_session(uow: UnitOfWork, actor: Actor) -> None:
    """End the actor's present login session; its cookie is worthless from now on (fault H2)."""
    if actor.login_session_id:
        _revoke(uow, LoginSession.id == actor.login_session_id, "signed_out")
        record(uow, actor, "session:end", actor.login_session_id)


def end_other_sessions(uow: UnitOfWork, person_id: str, because: str, keep: str | None = None) -> None:
    """Revoke a person's login sessions, all or all but one (fault H2)."""
    condition = LoginSession.person_id == person_id
    _revoke(uow, condition & (LoginSession.id != keep) if keep else condition, because)


def cut_session(uow: UnitOfWork, login_session_id: str, because: str) -> None:
    """End one login session by somebody else's act, which the caller records (fault B9)."""
    _revoke(uow, LoginSession.id == login_session_id, because)


def forget_device_marks(uow: UnitOfWork, before: datetime) -> None:
    """Forget on which browsers the sessions opened before a moment were."""
    uow.session.execute(
        update(LoginSession)
        .where(LoginSession.device_mark.is_not(None), LoginSession.created_at < before)
        .values(device_mark=None)
        .execution_options(synchronize_session=False)
    )


def _revoke(uow: UnitOfWork, condition: ColumnElement[bool], because: str) -> None:
    uow.session.execute(
        update(LoginSession)
        .where(condition, LoginSession.revoked_at.is_(None))
        .values(revoked_at=uow.now, revoked_because=because)
        .execution_options(synchronize_session=False)
    )


def change_password(uow: UnitOfWork, actor: Actor, password_hash: str) -> None:
    """Set the actor's own new password and end the other sessions (ASVS 7.4.3)."""
    assert actor.person_id is not None
    set_password(uow, actor.person_id, password_hash)
    end_other_sessions(uow, actor.person_id, "password_changed", keep=actor.login_session_id)
    record(uow, actor, "person:change_password", actor.person_id)


def set_password(uow: UnitOfWork, person_id: str, password_hash: str, *, must_change: bool = False) -> None:
    """Store a new hash; who is allowed to is the caller's question."""
    uow.session.execute(
        update(Person)
        .where(Person.id == person_id)
        .values(password_hash=password_hash, must_change_password=must_change)
    )
