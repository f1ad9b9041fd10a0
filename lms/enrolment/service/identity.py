"""An application rests on the identity that was reviewed: while one does, its owner cannot change it."""

from lms.accounts.service import lock_identity, release_identity
from lms.core.unit_of_work import UnitOfWork
from lms.enrolment import queries


def settle_identity(uow: UnitOfWork, person_id: str) -> None:
    """Lock or release a person's identity by whether an application is under review or in force (A12)."""
    if queries.rests_on_identity(uow, person_id):
        lock_identity(uow, person_id)
    else:
        release_identity(uow, person_id)
