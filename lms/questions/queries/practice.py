"""Reading the questions that are for practice."""

from collections.abc import Iterable

from sqlalchemy import func, select

from lms.core.unit_of_work import UnitOfWork
from lms.questions.models import QuestionItem
from lms.questions.policy import ItemState
from lms.questions.practice_models import PracticeItem
from lms.questions.queries.stock import chunks


def is_for_practice(uow: UnitOfWork, item_id: str) -> bool:
    """Tell whether a question is for practice."""
    return uow.session.get(PracticeItem, item_id) is not None


def practice_areas(uow: UnitOfWork, *, without: Iterable[str] = ()) -> dict[str, list[str]]:
    """Return the questions in use that are for practice, as ids by knowledge area; some may be left out."""
    rows = uow.session.execute(
        select(QuestionItem.area, QuestionItem.id)
        .join(PracticeItem, PracticeItem.item_id == QuestionItem.id)
        .where(QuestionItem.state == ItemState.APPROVED)
        .order_by(QuestionItem.area, QuestionItem.id)
    )
    left_out, found = set(without), dict[str, list[str]]()
    for area, item_id in rows:
        if item_id not in left_out:
            found.setdefault(area, []).append(item_id)
    return found


def practice_count(uow: UnitOfWork) -> int:
    """Return how many questions are for practice."""
    return uow.session.execute(select(func.count()).select_from(PracticeItem)).scalar_one()


def marked_among(uow: UnitOfWork, item_ids: Iterable[str]) -> set[str]:
    """Return those of some questions that are for practice."""
    found: set[str] = set()
    for some in chunks(item_ids):
        found.update(uow.session.scalars(select(PracticeItem.item_id).where(PracticeItem.item_id.in_(some))))
    return found
