"""The signed-in person of a request, loaded from the server-side session behind the cookie."""

from dataclasses import dataclass
from datetime import timedelta

from flask import g, session
from flask_login import UserMixin, current_user, login_user, logout_user
from sqlalchemy import update

from lms.accounts.credentials import token_hash
from lms.accounts.languages import take_up
from lms.accounts.models import LoginSession
from lms.accounts.policy import (
    ROLE_NAMES,
    STAFF_ROLES,
    Language,
    PersonState,
    Role,
    masked_login_name,
    session_is_live,
    why_signed_out,
)
from lms.accounts.queries import grants_of, who_is_behind
from lms.core.actors import Actor
from lms.core.errors import Busy
from lms.core.web import arrived_at, runtime

# Writing "seen" at each request would make every read a write; once a minute is exact enough for 30 idle minutes.
SEEN_EVERY = timedelta(minutes=1)


@dataclass
class SignedIn(UserMixin):
    """What templates and Flask-Login know of the present person."""

    token: str
    person_id: str
    name: str
    login_name: str
    mobile_masked: str
    role_name: str
    must_change_password: bool
    is_staff_only: bool
    """Holds a role and has no data of a trainee: nothing of a trainee's is offered."""

    def get_id(self) -> str:
        """Return what the cookie holds: the token of the login session, not a person's id."""
        return self.token


def load_signed_in(token: str) -> SignedIn | None:
    """Return the person behind a cookie's token, or None when the session is revoked, idle or too old."""
    now = arrived_at()
    hashed = token_hash(token)
    with runtime().read(now) as uow:
        found = who_is_behind(uow, hashed)
        if found is None:
            return None
        if not session_is_live(found.created_at, found.seen_at, found.revoked_at, now):
            g.signed_out_because = why_signed_out(found.created_at, found.seen_at, found.revoked_at, now)
            return None
        if found.state != PersonState.ACTIVE:
            return None
        # Trainees have none; in the minute an exam starts they are everybody.
        grants = grants_of(uow, found.person_id) if found.has_grants else ()
    if found.language:
        take_up(Language(found.language))
    g.actor = Actor(found.person_id, f"person:{found.person_id}", grants, found.session_id)
    if now - found.seen_at > SEEN_EVERY:
        _note_seen(found.session_id)
    role = next((ROLE_NAMES[Role(grant.role)] for grant in grants), "")
    is_staff = any(grant.role in STAFF_ROLES for grant in grants)
    return SignedIn(
        token, found.person_id, found.name, found.login_name, masked_login_name(found.login_name), role,
        found.must_change_password, is_staff and not found.has_profile,
    )  # fmt: skip


def _note_seen(session_id: str) -> None:
    try:
        with runtime().write(arrived_at()) as uow:
            uow.session.execute(
                update(LoginSession).where(LoginSession.id == session_id).values(seen_at=uow.now)
            )
    except Busy:
        return  # the next request notes it; a busy store must not turn a read away


def remember(token: str) -> None:
    """Put a fresh session's token into a fresh cookie (fault H3: nothing of before survives)."""
    session.clear()
    person = load_signed_in(token)
    if person is not None:
        login_user(person)


def signed_out_because() -> str:
    """Say why the person of this browser was signed out by the house; empty when he was not."""
    return "" if current_user.is_authenticated else g.get("signed_out_because", "")


def forget() -> None:
    """Empty the cookie."""
    logout_user()
    session.clear()
