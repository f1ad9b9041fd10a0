"""Reminding holders before their certificates end: once for each certificate and threshold."""

from collections.abc import Sequence

from sqlalchemy import delete, tuple_, update

from lms.audit import service as audit
from lms.certificates.policy.certificates import local_day
from lms.core.actors import Actor
from lms.core.database import insert_new
from lms.core.identifiers import new_id
from lms.core.unit_of_work import UnitOfWork
from lms.registry.events import ExpiryRemindersKept
from lms.registry.models.reminders import ExpiryReminder
from lms.registry.queries.reminders import due_entries


def remind_due(uow: UnitOfWork, actor: Actor, limit: int) -> int:
    """Write down whom to tell that his certificate ends, and ask for the mails; return how many there were.

    The key is a number and a threshold, so that a second run finds the place taken. What was told before the last end
    of a number that was kept makes room; the record of acts still says that it was told.
    """
    due, round_id = due_entries(uow, limit), new_id()
    if not due:
        return 0
    rows = [
        {
            "certificate_number": one.number, "days": one.days, "entry_id": one.entry_id,
            "person_id": one.person_id, "valid_until": one.valid_until, "round_id": round_id,
            "created_at": uow.now,
        }
        for one in due
    ]  # fmt: skip
    uow.session.execute(
        delete(ExpiryReminder)
        .where(
            ExpiryReminder.certificate_number.in_([one.number for one in due]),
            ExpiryReminder.valid_until < local_day(uow.now),
        )
        .execution_options(synchronize_session=False)
    )
    fresh = insert_new(uow.session, ExpiryReminder, ExpiryReminder.certificate_number, ExpiryReminder.days)
    uow.session.connection().execute(fresh, rows)
    for one in due:
        audit.record(uow, actor, "registry_entry:remind", one.entry_id, days=one.days)
    uow.record(ExpiryRemindersKept(round_id))
    return len(due)


def note_mailed(uow: UnitOfWork, round_id: str, told: Sequence[tuple[str, int]]) -> None:
    """Write down which reminders of a round need no mail any more."""
    uow.session.execute(
        update(ExpiryReminder)
        .where(
            ExpiryReminder.round_id == round_id,
            tuple_(ExpiryReminder.certificate_number, ExpiryReminder.days).in_(told),
        )
        .values(mailed_at=uow.now)
        .execution_options(synchronize_session=False)
    )
