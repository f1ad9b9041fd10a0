"""When entries of the registry end."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, case, func, or_, select, true
from sqlalchemy.orm import aliased

from lms.accounts.models import Organisation
from lms.accounts.queries import within
from lms.certificates.policy.certificates import EXPIRING_WITHIN, local_day
from lms.core.actors import Actor
from lms.core.unit_of_work import UnitOfWork
from lms.dashboards.policy import Figure, reach_of
from lms.plans.policy import ExaminerLevel
from lms.registry.models.entries import RegistryEntry
from lms.registry.policy.entries import Month, months_from
from lms.registry.queries.entries import ends_between

MONTHS_AHEAD = 12
ENDING_SHOWN = 6

_Issuer = aliased(Organisation)
_Employer = aliased(Organisation)


@dataclass(frozen=True, slots=True)
class MonthLine:
    """How many entries have their last valid day in a month, from today on."""

    month: Month
    count: int


@dataclass(frozen=True, slots=True)
class EndingLine:
    """An entry that ends soon; personal numbers stay out of it."""

    entry_id: str
    holder_name: str
    occupation_name: str
    level: ExaminerLevel
    employer_name: str
    certificate_number: str
    valid_until: date


def month_lines(uow: UnitOfWork, actor: Actor, within_path: str = "") -> list[MonthLine]:
    """Return the next twelve months, this one first, with how many valid or suspended entries end in each."""
    today = local_day(uow.now)
    months = months_from(today, MONTHS_AHEAD)
    row = uow.session.execute(
        select(*(_times(and_(*ends_between(max(month.first, today), month.after))) for month in months))
        .select_from(RegistryEntry)
        .join(_Issuer, _Issuer.id == RegistryEntry.issuing_organisation_id)
        .outerjoin(_Employer, _Employer.id == RegistryEntry.employer_organisation_id)
        .where(_in_reach(actor, within_path), *ends_between(today, months[-1].after))
    ).one()
    return [MonthLine(month, int(count)) for month, count in zip(months, row, strict=True)]


def next_endings(uow: UnitOfWork, actor: Actor) -> list[EndingLine]:
    """Return some of the entries that count as expiring, the first to end first."""
    today = local_day(uow.now)
    rows = uow.session.execute(
        select(RegistryEntry, _Employer.name)
        .join(_Issuer, _Issuer.id == RegistryEntry.issuing_organisation_id)
        .outerjoin(_Employer, _Employer.id == RegistryEntry.employer_organisation_id)
        .where(_in_reach(actor, ""), *ends_between(today, today + EXPIRING_WITHIN))
        .order_by(RegistryEntry.valid_until, RegistryEntry.holder_name, RegistryEntry.id)
        .limit(ENDING_SHOWN)
    )
    return [
        EndingLine(
            entry.id, entry.holder_name, entry.occupation_name, ExaminerLevel(entry.level), employer or "",
            entry.certificate_number, entry.valid_until,
        )
        for entry, employer in rows
    ]  # fmt: skip


def _in_reach(actor: Actor, within_path: str) -> ColumnElement[bool]:
    reach = reach_of(actor, Figure.EXPIRY)
    return and_(
        or_(within(_Issuer.path, reach.issuers), within(_Employer.path, reach.employers)),
        within(_Employer.path, (within_path,)) if within_path else true(),
    )


def _times(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
