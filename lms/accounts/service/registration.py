"""Coming to be known: trainees who register, staff who are created."""

from collections.abc import Callable

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
from lms.core.identifiers import new_id
from lms.core.unit_of_work import UnitOfWork


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
