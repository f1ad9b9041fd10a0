"""The way back in for somebody who forgot the password."""

import base64
from datetime import timedelta

from sqlalchemy import insert, select, update

from lms.accounts import policy
from lms.accounts.credentials import new_token, token_hash
from lms.accounts.events import RecoveryRequested
from lms.accounts.models import Person, RecoveryToken
from lms.accounts.policy import PersonState, Role
from lms.accounts.queries import find_person_by_login, found_person, get_person
from lms.accounts.service.scope import roles_beyond
from lms.accounts.service.sessions import end_other_sessions, set_password
from lms.accounts.service.tries import forgive_failures
from lms.audit.service import record
from lms.core.actors import Actor
from lms.core.errors import N_, Forbidden, Invalid, Reason, require
from lms.core.identifiers import new_id
from lms.core.unit_of_work import UnitOfWork

RECOVERY_SEAL = "recovery.token"


def request_recovery(uow: UnitOfWork, login_name: str) -> None:
    """Send a one-time link by mail when the account has an address; say nothing otherwise (fault H5)."""
    person = find_person_by_login(uow, login_name)
    if person is None or not person.email or person.state != PersonState.ACTIVE:
        return
    token, recovery_id = _new_recovery(uow, person.id, None, policy.RECOVERY_LIFETIME)
    sealed = base64.b64encode(uow.vault.seal(token, RECOVERY_SEAL)).decode()
    uow.record(RecoveryRequested(recovery_id=recovery_id, sealed_token=sealed))
    record(uow, Actor(person.id, f"person:{person.id}"), "person:request_recovery", person.id)


def handing_reasons(uow: UnitOfWork, actor: Actor, person_id: str) -> list[Reason]:
    """Say why the actor may not hand a way back in to somebody. Raises NotFound outside his scope."""
    if actor.person_id is None:
        return []
    found = found_person(uow, person_id, actor.scope_paths(Role.ADMINISTRATOR))
    return policy.handing_reasons(
        is_oneself=actor.person_id == person_id, is_active=found.state == PersonState.ACTIVE
    ) + roles_beyond(uow, actor, person_id)


def hand_recovery(uow: UnitOfWork, actor: Actor, person_id: str, reason: str) -> str:
    """Return a one-time token that an administrator hands over, after checking who asks; his reason is on record.

    Nobody is NotFound outside the actor's scope; Forbidden for oneself, for a barred account and for
    somebody with a role beyond the scope; Invalid without a reason.
    """
    require(handing_reasons(uow, actor, person_id), Forbidden)
    require(policy.reason_reasons(reason), Invalid)
    token, _ = _new_recovery(uow, person_id, actor.person_id, policy.HANDED_RECOVERY_LIFETIME)
    record(uow, actor, "person:hand_recovery", person_id, reason=reason.strip())
    return token


def _new_recovery(
    uow: UnitOfWork, person_id: str, issued_by: str | None, lifetime: timedelta
) -> tuple[str, str]:
    token, recovery_id = new_token(), new_id()
    uow.session.execute(
        insert(RecoveryToken).values(
            id=recovery_id, token_hash=token_hash(token), person_id=person_id, issued_by=issued_by,
            expires_at=uow.now + lifetime,
        )
    )  # fmt: skip
    return token, recovery_id


def recovery_reasons(uow: UnitOfWork, token: str) -> list[Reason]:
    """Say why a recovery link cannot be used: unknown, used or too old."""
    row = uow.session.scalar(select(RecoveryToken).where(RecoveryToken.token_hash == token_hash(token)))
    if row is not None and row.used_at is None and row.expires_at > uow.now:
        return []
    return [
        Reason(
            "recovery.spent", N_("找回密码的链接只能使用一次，并且有时限"), N_("这个链接已经用过或者过期"),
            N_("请重新申请找回密码"),
        )
    ]  # fmt: skip


def recovering_login_name(uow: UnitOfWork, token: str) -> str:
    """Return the login name behind a link, which its new password must not repeat; empty when unknown."""
    return (
        uow.session.scalar(
            select(Person.login_name)
            .join(RecoveryToken, RecoveryToken.person_id == Person.id)
            .where(RecoveryToken.token_hash == token_hash(token))
        )
        or ""
    )


def redeem_recovery(uow: UnitOfWork, token: str, password_hash: str) -> str:
    """Set a new password by a one-time token, end every session, and return the person's id."""
    require(recovery_reasons(uow, token), Invalid)
    person_id = uow.session.execute(
        update(RecoveryToken)
        .where(RecoveryToken.token_hash == token_hash(token), RecoveryToken.used_at.is_(None))
        .values(used_at=uow.now)
        .returning(RecoveryToken.person_id)
    ).scalar()
    if person_id is None:
        raise Invalid(recovery_reasons(uow, token))
    set_password(uow, person_id, password_hash)
    forgive_failures(uow, get_person(uow, person_id).login_name)
    end_other_sessions(uow, person_id, "password_recovered")
    record(uow, Actor(person_id, f"person:{person_id}"), "person:recover", person_id)
    return person_id
