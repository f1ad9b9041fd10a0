"""What people are called, and were called at the time of an act."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

from lms.accounts.models import FormerName, Person
from lms.accounts.policy import plain_login_name
from lms.accounts.queries import names_of
from lms.core.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class NamesInTime:
    """Names of some people, now and before."""

    now: Mapping[str, str]
    before: Mapping[str, Sequence[tuple[datetime, str]]]
    """Until when somebody was called what, oldest first."""

    def at(self, person_id: str, moment: datetime) -> str:
        """Return what somebody was called; the act that changed a name was still done under the old one."""
        for until, name in self.before.get(person_id, ()):
            if moment <= until:
                return name
        return self.now.get(person_id, "")


def names_in_time(uow: UnitOfWork, person_ids: Collection[str]) -> NamesInTime:
    """Return the present and the former names of some people."""
    before: dict[str, list[tuple[datetime, str]]] = {}
    if person_ids:
        rows = uow.session.scalars(
            select(FormerName).where(FormerName.person_id.in_(person_ids)).order_by(FormerName.until)
        )
        for row in rows:
            before.setdefault(row.person_id, []).append((row.until, row.name))
    return NamesInTime(names_of(uow, set(person_ids)), before)


def people_named(uow: UnitOfWork, text: str, limit: int = 200) -> list[str]:
    """Return the ids of people whose name contains or contained a text, or whose login name it is, for filters."""
    once = select(FormerName.person_id).where(FormerName.name.contains(text, autoescape=True))
    named = or_(Person.display_name.contains(text, autoescape=True), Person.id.in_(once))
    wanted = select(Person.id).where(or_(named, Person.login_name == plain_login_name(text)))
    return list(uow.session.scalars(wanted.order_by(Person.created_at).limit(limit)))
