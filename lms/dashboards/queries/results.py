"""What exams brought: scores of one plan, pass rates of several."""

from dataclasses import dataclass

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import aliased

from lms.core.actors import Actor
from lms.core.unit_of_work import UnitOfWork
from lms.dashboards.policy import SCORE_BIN, SCORE_BINS, Figure, reach_of
from lms.dashboards.queries.reach import Issuer, PlanChoice, counted
from lms.enrolment.models import Application
from lms.exam.models.attempts import Attempt
from lms.exam.policy.attempts import MAX_ATTEMPTS_BOUND, AttemptState
from lms.plans.models import Plan

PLANS_COMPARED = 10


@dataclass(frozen=True, slots=True)
class ScoreSpread:
    """How the graded attempts of a plan spread over bins of five points; scores are hundredths."""

    bins: tuple[tuple[int, ...], ...]
    """For the first and for the second attempt: how many lie in each bin, from 0."""
    pass_mark: int
    points: tuple[int, ...]
    """The sum of the scores of the first and of the second attempts."""

    @property
    def attempts(self) -> tuple[int, ...]:
        """How many first and how many second attempts were graded."""
        return tuple(sum(row) for row in self.bins)

    @property
    def rows(self) -> tuple[tuple[int, int, tuple[int, ...]], ...]:
        """The bins worth showing: lower edge, upper edge, how many of each attempt.

        They begin at the lowest with anybody in it, at most at half the marks, and at a whole ten of points.
        """
        used = [place for row in self.bins for place, count in enumerate(row) if count]
        lowest = min([*used, SCORE_BINS // 2])
        return tuple(
            (place * SCORE_BIN, (place + 1) * SCORE_BIN, tuple(row[place] for row in self.bins))
            for place in range(lowest - lowest % 2, SCORE_BINS)
        )

    @property
    def averages(self) -> tuple[int | None, ...]:
        """The mean score of the first and of the second attempts, rounded down; None where there are none."""
        return tuple(
            points // count if count else None
            for points, count in zip(self.points, self.attempts, strict=True)
        )


@dataclass(frozen=True, slots=True)
class PassLine:
    """How many of a plan's candidates passed, at once and in the end."""

    plan_id: str
    number: str
    title: str
    candidates: int
    """Who has at least one graded attempt."""
    passed_first: int
    passed: int
    """Who has passed by now, at the first attempt or at the second."""


def score_spread(uow: UnitOfWork, actor: Actor, plan: PlanChoice, within_path: str = "") -> ScoreSpread:
    """Return how the graded attempts of a plan spread: one statement. Voided attempts do not count (H10)."""
    each = (
        select(
            Attempt.attempt_no,
            Attempt.score,
            case(
                (Attempt.score >= SCORE_BINS * SCORE_BIN, SCORE_BINS - 1), else_=Attempt.score // SCORE_BIN
            ).label("bin"),
        )
        .join(Application, Application.id == Attempt.application_id)
        .join(Plan, Plan.id == Attempt.plan_id)
        .join(Issuer, Issuer.id == Plan.issuer_organisation_id)
        .where(
            Attempt.plan_id == plan.id,
            Attempt.state == AttemptState.GRADED,
            counted(reach_of(actor, Figure.SCORES), within_path),
        )
        .subquery()
    )
    rows = uow.session.execute(
        select(each.c.attempt_no, each.c.bin, func.count(), func.sum(each.c.score)).group_by(
            each.c.attempt_no, each.c.bin
        )
    ).all()
    found = {(attempt_no, place): count for attempt_no, place, count, _ in rows}
    attempts = range(1, MAX_ATTEMPTS_BOUND + 1)
    return ScoreSpread(
        bins=tuple(
            tuple(found.get((number, place), 0) for place in range(SCORE_BINS)) for number in attempts
        ),
        pass_mark=plan.pass_mark,
        points=tuple(
            sum(points for attempt_no, _, _, points in rows if attempt_no == number) for number in attempts
        ),
    )


def pass_lines(uow: UnitOfWork, actor: Actor, within_path: str = "") -> list[PassLine]:
    """Return the newest plans that have results, each with how many passed: one statement.

    Nobody sits again after passing (B3), so the passed attempts of a plan are its people who passed.
    """
    results = (
        select(Attempt.plan_id, Attempt.person_id, Attempt.attempt_no, Attempt.passed)
        .join(Application, Application.id == Attempt.application_id)
        .join(Plan, Plan.id == Attempt.plan_id)
        .join(Issuer, Issuer.id == Plan.issuer_organisation_id)
        .where(Attempt.state == AttemptState.GRADED, counted(reach_of(actor, Figure.PASSES), within_path))
    )
    # The newest plans are found first: what a province has examined in all its years need not be added up.
    compared = aliased(Plan)
    newest = (
        select(compared.id, compared.number, compared.title)
        .where(results.where(Attempt.plan_id == compared.id).correlate(compared).exists())
        .order_by(compared.number.desc())
        .limit(PLANS_COMPARED)
        .subquery()
    )
    found = results.where(Attempt.plan_id.in_(select(newest.c.id))).subquery()
    rows = uow.session.execute(
        select(
            newest,
            func.count(func.distinct(found.c.person_id)),
            func.sum(case((and_(found.c.passed.is_(True), found.c.attempt_no == 1), 1), else_=0)),
            func.sum(case((found.c.passed.is_(True), 1), else_=0)),
        )
        .join(found, found.c.plan_id == newest.c.id)
        .group_by(*newest.c)
        .order_by(newest.c.number.desc())
    )
    return [PassLine(*row) for row in rows]
