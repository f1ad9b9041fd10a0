"""Keeping the text that searching looks through."""

from collections.abc import Sequence

from sqlalchemy import delete, insert

from lms.core.unit_of_work import UnitOfWork
from lms.questions import queries
from lms.questions.models import ItemText
from lms.questions.queries import SearchedText


def index_items(uow: UnitOfWork, item_ids: Sequence[str]) -> None:
    """Write the searched text of some items anew."""
    keep_texts(uow, queries.texts_of(uow, item_ids))


def keep_texts(uow: UnitOfWork, texts: Sequence[SearchedText]) -> None:
    """Keep texts that were read before, by whoever did not want to read them inside a write."""
    if not texts:
        return
    uow.session.execute(delete(ItemText).where(ItemText.item_id.in_([one.item_id for one in texts])))
    uow.session.execute(
        insert(ItemText),
        [{"item_id": one.item_id, "version": one.version, "text": one.text} for one in texts],
    )
