"""Counting tries: in the database, so that a limit never fails open (fault H1)."""

from sqlalchemy import delete, func, insert, select

from lms.accounts.errors import TooManyFailures, TooManyRequests
from lms.accounts.models import SignInFailure
from lms.accounts.policy import limits, plain_login_name
from lms.accounts.policy.limits import Limit
from lms.core.errors import Refusal, require
from lms.core.identifiers import new_id
from lms.core.unit_of_work import UnitOfWork


def take_try(uow: UnitOfWork, login_name: str, address: str) -> str:
    """Count a sign-in for this name before it is judged, and return its id; a good password has it forgiven.

    Counted afterwards, a hundred tries at the same moment would all be judged. Raises TooManyFailures.
    """
    by_name = _key(uow, limits.SIGN_IN_OF_ACCOUNT, plain_login_name(login_name))
    by_address = _key(uow, limits.SIGN_IN_OF_ADDRESS, address)
    _one_at_a_time(uow, by_name)
    _require_room(uow, limits.SIGN_IN_OF_ACCOUNT, by_name, TooManyFailures)
    _require_room(uow, limits.SIGN_IN_OF_ADDRESS, by_address, TooManyFailures)
    return _count(uow, by_name)


def forgive_try(uow: UnitOfWork, try_id: str) -> None:
    """Take back the count of a try whose password was right."""
    uow.session.execute(delete(SignInFailure).where(SignInFailure.id == try_id))


def note_failure(uow: UnitOfWork, address: str) -> None:
    """Count a failed sign-in for its address as well; neither name nor address is stored in the clear."""
    _count(uow, _key(uow, limits.SIGN_IN_OF_ADDRESS, address))


def forgive_failures(uow: UnitOfWork, login_name: str) -> None:
    """Forget what failed for a name: its owner has shown by other means that it is his."""
    key = _key(uow, limits.SIGN_IN_OF_ACCOUNT, plain_login_name(login_name))
    uow.session.execute(delete(SignInFailure).where(SignInFailure.key == key))


def take_change_try(uow: UnitOfWork, person_id: str) -> str:
    """Count a try of the present password before it is judged, and return its id. Raises TooManyFailures."""
    key = _key(uow, limits.PASSWORD_OF_SESSION, person_id)
    _one_at_a_time(uow, key)
    _require_room(uow, limits.PASSWORD_OF_SESSION, key, TooManyFailures)
    return _count(uow, key)


def take_recovery_try(uow: UnitOfWork, login_name: str, address: str) -> None:
    """Count a request for a way back in, known name or not. Raises TooManyRequests."""
    by_name = _key(uow, limits.RECOVERY_OF_ACCOUNT, plain_login_name(login_name))
    by_address = _key(uow, limits.RECOVERY_OF_ADDRESS, address)
    _one_at_a_time(uow, by_name)
    _require_room(uow, limits.RECOVERY_OF_ACCOUNT, by_name, TooManyRequests)
    _require_room(uow, limits.RECOVERY_OF_ADDRESS, by_address, TooManyRequests)
    _count(uow, by_name)
    _count(uow, by_address)


def _key(uow: UnitOfWork, limit: Limit, value: str) -> str:
    return uow.vault.index(value, limit.purpose)


def _one_at_a_time(uow: UnitOfWork, key: str) -> None:
    """Let tries under one key pass one after another; SQLite's writers do anyway."""
    if uow.session.get_bind().dialect.name == "postgresql":
        uow.session.execute(select(func.pg_advisory_xact_lock(int(key[:15], 16))))


def _require_room(uow: UnitOfWork, limit: Limit, key: str, refusal: type[Refusal]) -> None:
    tries = uow.session.scalars(
        select(SignInFailure.at)
        .where(SignInFailure.key == key, SignInFailure.at > uow.now - limit.window)
        .order_by(SignInFailure.at.desc())
        .limit(limit.tries)
    ).all()
    require(limits.too_many(limit, tries), refusal)


def _count(uow: UnitOfWork, key: str) -> str:
    row_id = new_id()
    uow.session.execute(insert(SignInFailure).values(id=row_id, key=key, at=uow.now))
    return row_id
