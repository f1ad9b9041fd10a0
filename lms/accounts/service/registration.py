"""Coming to be known: trainees who register, staff who are created."""

from collections.abc import Callable, Sequence

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from lms.accounts import policy
from lms.accounts.errors import login_name_taken, mobile_taken
from lms.accounts.models import Person
from lms.accounts.policy import PersonState
from lms.accounts.queries import find_person_by_login
from lms.audit.service import record
from lms.core.actors import Actor
from lms.core.errors import Invalid, Reason, Refusal, require
from lms.core.identifiers import new_id, new_ids
from lms.core.unit_of_work import UnitOfWork

HOLDER_MARK = ":"
"""No login name that people may choose begins so."""
NO_PASSWORD = "!"  # noqa: S105 - fits no password, as it is no hash


def registration_faults(uow: UnitOfWork, mobile: str, name: str, password: str) -> list[Reason]:
    """Say everything that is wrong with a registration at once, each fault at its field."""
    faults = [
        *policy.name_reasons(name),
        *policy.mobile_reasons(mobile),
        *policy.password_reasons(password, (mobile, name)),
    ]
    if mobile and find_person_by_login(uow, mobile):
        faults.extend(mobile_taken().reasons)
    return faults


def register_person(uow: UnitOfWork, mobile: str, name: str, email: str, password_hash: str) -> str:
    """Register a trainee by himself (H22) and return the person's id.

    Raises Invalid for a malformed name or mobile number and Conflict when the number is registered already.
    """
    require([*policy.name_reasons(name), *policy.mobile_reasons(mobile)], Invalid)
    person_id = _add_person(uow, mobile, name, password_hash, mobile_taken, email=email or None)
    record(uow, Actor(person_id, f"person:{person_id}"), "person:register", person_id)
    return person_id


def create_staff(
    uow: UnitOfWork, actor: Actor, login_name: str, name: str, password_hash: str, *, must_change: bool = True,
    email: str | None = None,
) -> str:  # fmt: skip
    """Create a person for staff work and return the id. Raises Invalid or Conflict."""
    login_name = policy.plain_login_name(login_name)
    require(policy.login_name_reasons(login_name), Invalid)
    person_id = _add_person(
        uow, login_name, name, password_hash, login_name_taken, email=email, must_change=must_change
    )
    record(uow, actor, "person:create", person_id)
    return person_id


def enter_holders(uow: UnitOfWork, actor: Actor, names: Sequence[str], register_id: str) -> list[str]:
    """Make people who are known by an earlier register alone and cannot sign in; return their ids in this order.

    They have no profile: their ID number stays free for the real person, who registers like everybody.
    """
    if not names:
        return []
    ids = new_ids(len(names))
    uow.session.execute(
        insert(Person),
        [
            {
                "id": person_id, "login_name": f"{HOLDER_MARK}{person_id}", "display_name": name,
                "password_hash": NO_PASSWORD, "state": PersonState.DISABLED, "must_change_password": False,
                "created_at": uow.now,
            }
            for person_id, name in zip(ids, names, strict=True)
        ],
    )  # fmt: skip
    record(uow, actor, "registry_import:enter_holders", register_id, count=len(ids))
    return ids


def _add_person(
    uow: UnitOfWork, login_name: str, name: str, password_hash: str, taken: Callable[[], Refusal], *,
    email: str | None = None, must_change: bool = False,
) -> str:  # fmt: skip
    if find_person_by_login(uow, login_name):
        raise taken()
    person_id = new_id()
    try:
        uow.session.execute(
            insert(Person).values(
                id=person_id, login_name=login_name, display_name=name.strip(), password_hash=password_hash,
                state=PersonState.ACTIVE, email=email, must_change_password=must_change, created_at=uow.now,
            )
        )  # fmt: skip
    except IntegrityError as error:  # two registrations of one number at the same moment
        raise taken() from error
    return person_id
