"""Keeping the text that searching looks through."""

from collections.abc import Iterable

from sqlalchemy import delete, insert

from lms.core.unit_of_work import UnitOfWork
from lms.questions import queries
from lms.questions.models import ItemText
from lms.questions.policy import searched_text


def index_items(uow: UnitOfWork, item_ids: Iterable[str]) -> int:
    """Write the searched text of some items anew; return how many."""
    rows = [
        {"item_id": item_id, "version": version, "text": searched_text(item)}
        for item_id, version, item in queries.wordings_to_search(uow, item_ids)
    ]
    if rows:
        uow.session.execute(delete(ItemText).where(ItemText.item_id.in_([row["item_id"] for row in rows])))
        uow.session.execute(insert(ItemText), rows)
    return len(rows)


def index_waiting(uow: UnitOfWork, limit: int = 500) -> int:
    """Write the searched text of items that have none yet, or one of an older version; return how many."""
    return index_items(uow, queries.unindexed(uow, limit))
