"""Which items stand on which papers."""

from datetime import datetime

from sqlalchemy import func, select

from lms.core.unit_of_work import UnitOfWork
from lms.exam.models import Paper, PaperItem
from question_bank.items import ItemId


def items_seen(uow: UnitOfWork, person_id: str, plan_id: str) -> set[str]:
    """Return the items on a person's earlier papers of a plan, for the next draw to avoid (H10)."""
    return set(
        uow.session.scalars(
            select(PaperItem.item_id)
            .join(Paper, Paper.id == PaperItem.paper_id)
            .where(Paper.person_id == person_id, Paper.plan_id == plan_id)
        )
    )


def times_drawn(uow: UnitOfWork, *, since: datetime) -> dict[ItemId, int]:
    """Return how many papers drawn since a moment hold each item; items on none are left out."""
    rows = uow.session.execute(
        select(PaperItem.item_id, func.count()).where(PaperItem.drawn_at >= since).group_by(PaperItem.item_id)
    )
    counts: dict[ItemId, int] = dict(rows.all())
    return counts
