"""Reading what was settled once for files with certain headings."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from lms.core.errors import NotFound
from lms.core.unit_of_work import UnitOfWork
from lms.questions.models import ImportProfile
from question_bank.importing import Profile, profile_from_json


@dataclass(frozen=True, slots=True)
class ProfileFacts:
    """A saved profile: its name, the headings it is for, and what it says."""

    id: str
    name: str
    headings_key: str
    profile: Profile
    saved_at: datetime
    saved_by: str | None


def saved_profiles(uow: UnitOfWork) -> list[ProfileFacts]:
    """Return every saved profile by its name; a house has a few."""
    return [_facts(row) for row in uow.session.scalars(select(ImportProfile).order_by(ImportProfile.name))]


def get_profile(uow: UnitOfWork, profile_id: str) -> ProfileFacts:
    """Return one saved profile. Raises NotFound."""
    row = uow.session.get(ImportProfile, profile_id)
    if row is None:
        raise NotFound
    return _facts(row)


def saved_profile(uow: UnitOfWork, headings_key: str) -> tuple[str, Profile] | None:
    """Return name and content of what was saved for files with these headings, or None."""
    row = uow.session.execute(
        select(ImportProfile.name, ImportProfile.body).where(ImportProfile.headings_key == headings_key)
    ).first()
    return (row.name, profile_from_json(json.loads(row.body))) if row else None


def profile_of_name(uow: UnitOfWork, name: str) -> str | None:
    """Return the key of the headings that a saved name stands for, or None when the name is free."""
    return uow.session.scalar(select(ImportProfile.headings_key).where(ImportProfile.name == name))


def _facts(row: ImportProfile) -> ProfileFacts:
    return ProfileFacts(
        row.id,
        row.name,
        row.headings_key,
        profile_from_json(json.loads(row.body)),
        row.saved_at,
        row.saved_by,
    )
