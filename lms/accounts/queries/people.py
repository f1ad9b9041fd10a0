"""Reading people: names, profiles, consents, addresses."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from lms.accounts.models import (
    Consent,
    Organisation,
    Person,
    Profile,
    RecoveryToken,
)
from lms.accounts.policy import (
    PersonState,
    ProfileFacts,
    plain_login_name,
    rare_name_notice,
)
from lms.core.errors import NotFound, Reason
from lms.core.glyphs import MissingFont, uncovered
from lms.core.unit_of_work import UnitOfWork


def get_person(uow: UnitOfWork, person_id: str) -> Person:
    """Return a person. Raises NotFound."""
    person = uow.session.get(Person, person_id)
    if person is None:
        raise NotFound
    return person


def find_person_by_login(uow: UnitOfWork, login_name: str) -> Person | None:
    """Return the person with a login name, however it is written, or None."""
    return uow.session.scalar(select(Person).where(Person.login_name == plain_login_name(login_name)))


def names_of(uow: UnitOfWork, person_ids: set[str]) -> dict[str, str]:
    """Return display names by id, for timelines and lists."""
    if not person_ids:
        return {}
    rows = uow.session.execute(select(Person.id, Person.display_name).where(Person.id.in_(person_ids)))
    return dict(rows.all())


def find_profile(uow: UnitOfWork, person_id: str) -> Profile | None:
    """Return a person's profile, or None when it was never filled in."""
    return uow.session.get(Profile, person_id)


def get_profile(uow: UnitOfWork, person_id: str) -> Profile:
    """Return a person's profile. Raises NotFound."""
    profile = find_profile(uow, person_id)
    if profile is None:
        raise NotFound
    return profile


def name_notices(uow: UnitOfWork, name: str) -> list[Reason]:
    """Say what a person should know about the printing of a name; nothing when every character can be printed (F6)."""
    try:
        signs = uncovered(name, uow.settings.font_dir)
    except MissingFont:
        return []  # the printer itself says so, and waits
    return [rare_name_notice(signs)] if signs else []


def profile_facts(uow: UnitOfWork, person_id: str) -> ProfileFacts:
    """Return what the profile-first gate needs to know (A3)."""
    profile = find_profile(uow, person_id)
    employer = (
        uow.session.get(Organisation, profile.employer_id)
        if profile is not None and profile.employer_id
        else None
    )
    consents = uow.session.scalars(
        select(Consent.purpose).where(Consent.person_id == person_id, Consent.withdrawn_at.is_(None))
    )
    return ProfileFacts(
        has_profile=profile is not None,
        has_photo=profile is not None and profile.photo_key is not None,
        has_employer=employer is not None,
        employer_is_filed=employer is not None and employer.is_filed,
        consents=frozenset(consents),
    )


def person_count(uow: UnitOfWork) -> int:
    """Return how many people are known; the demo loads only into an empty house."""
    return uow.session.execute(select(func.count()).select_from(Person)).scalar_one()


@dataclass(frozen=True, slots=True)
class MailAddress:
    """Where a mail to a person goes."""

    name: str
    email: str


def recovery_address(uow: UnitOfWork, recovery_id: str) -> MailAddress | None:
    """Return name and mail of an unused recovery, or None when there is nothing to send any more."""
    row = uow.session.execute(
        select(Person.display_name, Person.email)
        .join(RecoveryToken, RecoveryToken.person_id == Person.id)
        .where(
            RecoveryToken.id == recovery_id,
            RecoveryToken.used_at.is_(None),
            RecoveryToken.expires_at > uow.now,
        )
    ).first()
    return MailAddress(row.display_name, row.email) if row and row.email else None


def mail_address(uow: UnitOfWork, person_id: str) -> MailAddress | None:
    """Return name and mail of a person who can sign in, or None when no mail reaches them."""
    row = uow.session.execute(
        select(Person.display_name, Person.email).where(
            Person.id == person_id, Person.state == PersonState.ACTIVE
        )
    ).first()
    return MailAddress(row.display_name, row.email) if row and row.email else None


def consents_of(uow: UnitOfWork, person_id: str) -> dict[str, datetime]:
    """Return the live consents of a person with the moment each was given."""
    rows = uow.session.execute(
        select(Consent.purpose, Consent.given_at).where(
            Consent.person_id == person_id, Consent.withdrawn_at.is_(None)
        )
    )
    return dict(rows.all())
