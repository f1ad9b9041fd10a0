"""Gathering what the page of figures draws, in a fixed number of statements."""

from dataclasses import dataclass
from datetime import datetime

from lms.core.actors import Actor
from lms.core.errors import NotFound
from lms.core.unit_of_work import UnitOfWork
from lms.dashboards.policy import Figure, figures_of
from lms.dashboards.queries.expiry import MonthLine, month_lines
from lms.dashboards.queries.reach import Place, PlanChoice, places, plan_choices
from lms.dashboards.queries.results import PassLine, ScoreSpread, pass_lines, score_spread
from lms.dashboards.queries.study import StudyShares, study_shares


@dataclass(frozen=True, slots=True)
class Choice:
    """What the figures are about: a plan, and the organisation they are narrowed to."""

    places: tuple[Place, ...]
    place: Place | None
    plans: tuple[PlanChoice, ...]
    plan: PlanChoice | None

    @property
    def within_path(self) -> str:
        """The path the figures are narrowed to; empty when they are not."""
        return self.place.path if self.place else ""


@dataclass(frozen=True, slots=True)
class FiguresFacts:
    """Everything the page draws; what the actor may not see, or the plan does not have, is None."""

    choice: Choice
    study: StudyShares | None
    scores: ScoreSpread | None
    passes: tuple[PassLine, ...] | None
    expiry: tuple[MonthLine, ...] | None


def choose(uow: UnitOfWork, actor: Actor, plan_id: str = "", organisation_id: str = "") -> Choice:
    """Return what can be chosen and what is. Raises NotFound for what the actor's roles do not reach (fault I2).

    Without a wish it is the newest plan whose study has begun, one with people before one without.
    """
    offered = tuple(places(uow, actor))
    plans = tuple(plan_choices(uow, actor, plan_id))
    place = next((one for one in offered if one.id == organisation_id), None)
    plan = next((one for one in plans if one.id == plan_id), None)
    if (organisation_id and place is None) or (plan_id and plan is None):
        raise NotFound
    return Choice(offered, place, plans, plan or _begun(plans, uow.now))


def _begun(plans: tuple[PlanChoice, ...], now: datetime) -> PlanChoice | None:
    begun = [plan for plan in plans if plan.study_from <= now]
    peopled = [plan for plan in begun if plan.peopled]
    return next(iter(peopled or begun or plans), None)


def figures(uow: UnitOfWork, actor: Actor, plan_id: str = "", organisation_id: str = "") -> FiguresFacts:
    """Return the figures of one plan, of several plans, and of the registry, as far as the actor's roles reach."""
    choice = choose(uow, actor, plan_id, organisation_id)
    seen, plan, path = figures_of(actor), choice.plan, choice.within_path
    return FiguresFacts(
        choice=choice,
        study=study_shares(uow, actor, plan, path)
        if plan and plan.studies and Figure.STUDY in seen
        else None,
        scores=score_spread(uow, actor, plan, path)
        if plan and plan.examines and Figure.SCORES in seen
        else None,
        passes=tuple(pass_lines(uow, actor, path)) if Figure.PASSES in seen else None,
        expiry=tuple(month_lines(uow, actor, path)) if Figure.EXPIRY in seen else None,
    )
