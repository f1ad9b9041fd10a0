"""Reading reminders before the end of certificates: who is due, whose mail waits, and what a holder still sees."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import and_, select

from lms.accounts.models import Person
from lms.accounts.policy import PersonState
from lms.certificates.models.certificates import Certificate
from lms.certificates.policy.certificates import CertificateState, local_day
from lms.core.unit_of_work import UnitOfWork
from lms.registry.models.entries import RegistryEntry
from lms.registry.models.reminders import ExpiryReminder
from lms.registry.policy.entries import EntryState
from lms.registry.policy.reminders import THRESHOLDS, days_of


@dataclass(frozen=True, slots=True)
class DueEntry:
    """An entry whose holder has to be told."""

    entry_id: str
    person_id: str
    number: str
    valid_until: date
    days: int


@dataclass(frozen=True, slots=True)
class WaitingMail:
    """A reminder whose mail is still to be sent; without an address there is none."""

    number: str
    days: int
    name: str
    email: str | None
    valid_until: date


@dataclass(frozen=True, slots=True)
class ExpiryNotice:
    """A reminder that stands on the holder's page while what it says is still so."""

    at: datetime
    number: str
    certificate_id: str
    valid_until: date


def due_entries(uow: UnitOfWork, limit: int) -> list[DueEntry]:
    """Return active entries whose most urgent threshold was reached and not told yet, the most urgent first.

    An entry that is suspended, expired or revoked, and one whose certificate is out of force, is left out.
    """
    today = local_day(uow.now)
    found: list[DueEntry] = []
    for days in THRESHOLDS:
        first, last = days_of(days)
        told = (
            select(ExpiryReminder.days)
            .where(
                ExpiryReminder.certificate_number == RegistryEntry.certificate_number,
                ExpiryReminder.days == days,
                # A number that was kept when it was renewed ends another time.
                ExpiryReminder.valid_until == RegistryEntry.valid_until,
            )
            .exists()
        )
        rows = uow.session.execute(
            select(
                RegistryEntry.id, RegistryEntry.person_id, RegistryEntry.certificate_number,
                RegistryEntry.valid_until,
            )
            .join(Certificate, Certificate.id == RegistryEntry.certificate_id)
            .where(
                RegistryEntry.state == EntryState.ACTIVE, Certificate.state == CertificateState.ISSUED,
                RegistryEntry.valid_until >= today + timedelta(days=first),
                RegistryEntry.valid_until <= today + timedelta(days=last), ~told,
            )
            .order_by(RegistryEntry.valid_until, RegistryEntry.id)
            .limit(limit - len(found))
        )  # fmt: skip
        found += [DueEntry(*row, days) for row in rows]
        if len(found) >= limit:
            break
    return found


def waiting_mails(uow: UnitOfWork, round_id: str, limit: int) -> list[WaitingMail]:
    """Return some reminders of a round whose mail is still to be sent."""
    rows = uow.session.execute(
        select(ExpiryReminder, Person)
        .join(Person, Person.id == ExpiryReminder.person_id)
        .where(ExpiryReminder.round_id == round_id, ExpiryReminder.mailed_at.is_(None))
        .order_by(ExpiryReminder.certificate_number)
        .limit(limit)
    )
    return [
        WaitingMail(
            row.certificate_number, row.days, person.display_name,
            person.email if person.state == PersonState.ACTIVE else None, row.valid_until,
        )
        for row, person in rows
    ]  # fmt: skip


def standing_notice(uow: UnitOfWork, person_id: str) -> ExpiryNotice | None:
    """Return the last reminder of a person while its entry is active and has not ended, or None."""
    row = uow.session.execute(
        select(ExpiryReminder.created_at, RegistryEntry)
        .join(
            RegistryEntry,
            and_(
                RegistryEntry.certificate_number == ExpiryReminder.certificate_number,
                RegistryEntry.valid_until == ExpiryReminder.valid_until,
            ),
        )
        .where(
            ExpiryReminder.person_id == person_id, RegistryEntry.state == EntryState.ACTIVE,
            RegistryEntry.valid_until >= local_day(uow.now),
        )
        .order_by(ExpiryReminder.created_at.desc(), ExpiryReminder.days)
        .limit(1)
    ).first()  # fmt: skip
    if row is None:
        return None
    told_at, entry = row
    return ExpiryNotice(told_at, entry.certificate_number, entry.certificate_id, entry.valid_until)
