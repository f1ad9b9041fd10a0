"""How far the people of a plan have studied, and who is behind."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, case, func, select

from lms.accounts.models import Organisation, Profile
from lms.accounts.queries import page_of
from lms.core.actors import Actor
from lms.core.paging import Page
from lms.core.unit_of_work import UnitOfWork
from lms.dashboards.policy import STUDY_PARTS, Figure, reach_of
from lms.dashboards.queries.reach import Issuer, PlanChoice, counted
from lms.enrolment.models import Application
from lms.enrolment.queries import CASE_STAFF
from lms.plans.models import Plan
from lms.study.models import StudyProgress
from lms.study.policy.pace import pace_seconds
from lms.study.queries.classes import approved, counted_seconds, is_behind

BEHIND_PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class StudyShares:
    """How many people are in which tenth of the required time. All times are whole seconds."""

    parts: tuple[int, ...]
    """The tenths from 0, then those who have all of it."""
    required: int
    pace: int
    """What somebody who studies evenly from the first day has by now."""
    behind: int
    """How many have less than even study since they were admitted gives, and their study is still open."""
    counted: int
    """The counted seconds of all of them together."""

    @property
    def trainees(self) -> int:
        """How many people there are."""
        return sum(self.parts)

    @property
    def complete(self) -> int:
        """How many have all of the required time."""
        return self.parts[STUDY_PARTS]

    @property
    def average(self) -> int:
        """The mean of the counted seconds, rounded down."""
        return self.counted // self.trainees if self.trainees else 0


@dataclass(frozen=True, slots=True)
class BehindLine:
    """Somebody who has studied less than evenly."""

    application_id: str
    name: str
    employer_name: str
    counted: int
    last_studied: datetime | None
    may_open: bool
    """Whether the actor's scope reaches the person's own case as well."""


def study_shares(uow: UnitOfWork, actor: Actor, plan: PlanChoice, within_path: str = "") -> StudyShares:
    """Return how far the approved people of a plan have studied: one statement."""
    required = plan.required_seconds
    pace = pace_seconds(required, plan.study_from, plan.study_until, uow.now)
    seconds = counted_seconds()
    # The tenth is named once and grouped by its name: PostgreSQL takes two spellings of one expression with
    # parameters for two expressions.
    each = (
        _studying(actor, plan, within_path)
        .with_only_columns(
            seconds.label("seconds"),
            case((seconds >= required, STUDY_PARTS), else_=seconds * STUDY_PARTS // required).label("part"),
            case((is_behind(uow.now), 1), else_=0).label("behind"),
        )
        .subquery()
    )
    rows = uow.session.execute(
        select(each.c.part, func.count(), func.sum(each.c.behind), func.sum(each.c.seconds)).group_by(
            each.c.part
        )
    ).all()
    people = {part: count for part, count, _, _ in rows}
    return StudyShares(
        parts=tuple(people.get(part, 0) for part in range(STUDY_PARTS + 1)),
        required=required,
        pace=pace,
        behind=sum(behind for _, _, behind, _ in rows),
        counted=sum(total for _, _, _, total in rows),
    )


def behind_lines(
    uow: UnitOfWork, actor: Actor, plan: PlanChoice, within_path: str = "", number: int = 1
) -> tuple[list[BehindLine], Page, int]:
    """Return one page of those who are behind, the least studied first, and the pace from the first day."""
    pace = pace_seconds(plan.required_seconds, plan.study_from, plan.study_until, uow.now)
    wanted = _studying(actor, plan, within_path).where(is_behind(uow.now))
    shown, page = page_of(uow, wanted, number, BEHIND_PAGE_SIZE)
    rows = uow.session.execute(
        shown.join(Profile, Profile.person_id == Application.person_id)
        .join(Organisation, Organisation.id == Application.employer_organisation_id)
        .with_only_columns(
            Application.id,
            Application.employer_path,
            Profile.name,
            Organisation.name,
            counted_seconds(),
            StudyProgress.studied_at,
        )
        .order_by(counted_seconds(), Profile.name, Application.id)
    )
    lines = [
        BehindLine(application_id, name, employer, seconds, last, actor.covers(path, CASE_STAFF))
        for application_id, path, name, employer, seconds, last in rows
    ]
    return lines, page, pace


def _studying(actor: Actor, plan: PlanChoice, within_path: str) -> Select[str]:
    """Select those of a plan who have to study, as far as the actor may count them."""
    return (
        approved()
        .join(Issuer, Issuer.id == Plan.issuer_organisation_id)
        .where(Application.plan_id == plan.id, counted(reach_of(actor, Figure.STUDY), within_path))
    )
