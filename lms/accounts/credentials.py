"""Passwords and tokens: the slow hashing that must never happen inside a transaction."""

import hashlib
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from lms.accounts.policy import password_reasons
from lms.core.errors import Invalid, require
from lms.core.turnstile import Turnstile

# OWASP's second argon2id profile: 19 MiB and two passes take some 20 ms, so that a whole class can
# sign in within a minute on two cores; the start-minute's bottleneck is this hash (figures.md 3).
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
TOKEN_BYTES = 32
# Compared with when a name is unknown, so that the time of the reply tells nothing (fault H5).
_NOBODY = _HASHER.hash(secrets.token_urlsafe(16))


def hash_new_password(turns: Turnstile, password: str, known: tuple[str, ...] = ()) -> str:
    """Return the argon2id hash of a new password.

    Raises Invalid when the password is too weak, and Busy when too many are hashed at this moment.
    """
    require(password_reasons(password, known), Invalid)
    with turns.turn():
        return _HASHER.hash(password)


def password_fits(turns: Turnstile, password_hash: str | None, password: str) -> bool:
    """Compare a password with a hash in the same time whether or not the name is known.

    Raises Busy when too many are compared at this moment.
    """
    try:
        with turns.turn():
            _HASHER.verify(password_hash or _NOBODY, password)
    except (Argon2Error, InvalidHashError):
        return False
    return password_hash is not None


def new_token() -> str:
    """Return a random token of 256 bits for a cookie or a link."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> str:
    """Return what the database keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
