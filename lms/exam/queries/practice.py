"""Reading what a person may practise, and what he has made of it."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import or_, select

from lms.core.errors import NotFound
from lms.core.unit_of_work import UnitOfWork
from lms.exam.models.attempts import Attempt, Paper, PaperItem
from lms.exam.models.practice import PracticeTry
from lms.exam.policy.attempts import AttemptState
from lms.exam.policy.practice import TryFacts
from lms.plans.models import Plan
from lms.plans.queries import exam_lasts_beyond
from lms.questions.policy import ItemState
from lms.questions.queries import ItemFacts, get_item, is_for_practice, practice_areas


@dataclass(frozen=True, slots=True)
class PracticeArea:
    """One knowledge area with how far a person has come in it."""

    area: str
    ids: tuple[str, ...]
    tried: int
    right: int


def items_still_asked(uow: UnitOfWork, item_ids: Iterable[str]) -> set[str]:
    """Return those of some questions that stand on a paper of a plan whose exam is not over for everybody.

    A question may have been drawn before it was marked: its key stays closed until nobody sits with it any more.
    """
    wanted = sorted(set(item_ids))
    if not wanted:
        return set()
    return set(
        uow.session.scalars(
            select(PaperItem.item_id)
            .join(Paper, Paper.id == PaperItem.paper_id)
            .join(Plan, Plan.id == Paper.plan_id)
            .outerjoin(Attempt, Attempt.paper_id == Paper.id)
            .where(
                PaperItem.item_id.in_(wanted),
                or_(exam_lasts_beyond(uow.now), Attempt.state == AttemptState.IN_PROGRESS),
            )
            .distinct()
        )
    )


def practisable(uow: UnitOfWork) -> dict[str, list[str]]:
    """Return what may be practised now, as ids by knowledge area."""
    marked = [item_id for ids in practice_areas(uow).values() for item_id in ids]
    return practice_areas(uow, without=items_still_asked(uow, marked))


def practice_item(uow: UnitOfWork, item_id: str) -> ItemFacts:
    """Return a question that may be practised now. Raises NotFound for any other."""
    facts = get_item(uow, item_id)
    is_offered = facts.state is ItemState.APPROVED and is_for_practice(uow, item_id)
    if not is_offered or items_still_asked(uow, [item_id]):
        raise NotFound
    return facts


def tries_of(uow: UnitOfWork, person_id: str) -> dict[str, TryFacts]:
    """Return what a person has practised, by question."""
    rows = uow.session.scalars(select(PracticeTry).where(PracticeTry.person_id == person_id))
    return {
        row.item_id: TryFacts(row.item_id, row.tries, row.right_tries, row.is_right, row.last_at)
        for row in rows
    }


def practice_overview(uow: UnitOfWork, person_id: str) -> list[PracticeArea]:
    """Return the areas with something to practise, and how far a person has come."""
    tried = tries_of(uow, person_id)
    return [
        PracticeArea(
            area, tuple(ids), sum(one in tried for one in ids),
            sum(tried[one].is_right for one in ids if one in tried),
        )
        for area, ids in practisable(uow).items()
    ]  # fmt: skip
