"""Reading what papers may draw."""

import threading
from collections.abc import Callable, Iterable, Iterator

from sqlalchemy import ColumnElement, and_, func, select

from lms.core.unit_of_work import UnitOfWork
from lms.questions.bodies import item_from_json
from lms.questions.models import QuestionItem, QuestionVersion, StockMark
from lms.questions.policy import ItemState
from lms.questions.practice_models import PracticeItem
from question_bank.items import Cell, Difficulty, Item, ItemId, ItemType
from question_bank.stock import Stock

_KEYS_PER_QUERY = 500
KEPT_ITEMS_MAX = 300_000
"""A larger bank is read for every draw; so many items take some 60 MB of each process that draws."""
CURRENT_VERSION = and_(
    QuestionVersion.item_id == QuestionItem.id, QuestionVersion.version == QuestionItem.version
)

DRAWABLE = and_(
    QuestionItem.state == ItemState.APPROVED, QuestionItem.id.not_in(select(PracticeItem.item_id))
)
"""What papers may draw: what is for practice has shown its key."""


def drawing_pool(uow: UnitOfWork) -> list[tuple[str, Item]]:
    """Return every item that papers may draw, with its id."""
    rows = uow.session.execute(
        select(QuestionItem.id, QuestionVersion.body)
        .join(QuestionVersion, CURRENT_VERSION)
        .where(DRAWABLE)
        .order_by(QuestionItem.id)
    )
    return [(item_id, item_from_json(body)) for item_id, body in rows]


def drawing_stock(uow: UnitOfWork, *, anew: bool = False) -> Stock:
    """Return what papers may draw as ids by cell; the wording is read for the chosen items alone.

    The last one is kept in memory as long as the database says that it holds; `anew` reads it all the same.
    """
    # The mark first: a change between the two statements leaves newer content under an older mark, never the reverse.
    mark = uow.session.scalar(select(StockMark.mark))
    return _SHELF.stock(mark, lambda: _read_stock(uow), anew=anew)


def _read_stock(uow: UnitOfWork) -> Stock:
    rows = uow.session.execute(
        select(
            QuestionItem.type, QuestionItem.area, QuestionItem.difficulty,
            func.aggregate_strings(QuestionItem.id, " "),
        )
        .where(DRAWABLE)
        .group_by(QuestionItem.type, QuestionItem.area, QuestionItem.difficulty)
    )  # fmt: skip
    return Stock({_cell(type_, area, difficulty): ids.split() for type_, area, difficulty, ids in rows})


class _Shelf:
    """Keeps the stock that was read last, of one bank, by the mark under which it was read.

    Marks are random, so that one is enough to tell banks apart as well.
    """

    def __init__(self) -> None:
        self._reading = threading.Lock()
        self._kept: tuple[str, Stock] | None = None

    def stock(self, mark: str | None, read: Callable[[], Stock], *, anew: bool) -> Stock:
        kept = self._kept
        if kept is not None and kept[0] == mark and not anew:
            return kept[1]
        # After a change one thread reads, and the others that wait here take what it has read.
        with self._reading:
            if self._kept is not kept and self._kept is not None and self._kept[0] == mark:
                return self._kept[1]
            stock = read()
            self._kept = (mark, stock) if mark is not None and stock.size <= KEPT_ITEMS_MAX else None
            return stock


_SHELF = _Shelf()


def cell_counts(uow: UnitOfWork) -> dict[Cell, int]:
    """Return how many items papers may draw of each kind."""
    rows = uow.session.execute(
        select(QuestionItem.type, QuestionItem.area, QuestionItem.difficulty, func.count())
        .where(DRAWABLE)
        .group_by(QuestionItem.type, QuestionItem.area, QuestionItem.difficulty)
    )
    return {_cell(type_, area, difficulty): count for type_, area, difficulty, count in rows}


def items_by_id(uow: UnitOfWork, item_ids: Iterable[str]) -> dict[ItemId, Item]:
    """Return the current wording of some items."""
    return _wordings(uow, item_ids)


def drawable_items(uow: UnitOfWork, item_ids: Iterable[str]) -> dict[ItemId, Item]:
    """Return the current wording of those of some items that papers may draw."""
    return _wordings(uow, item_ids, DRAWABLE)


def _wordings(
    uow: UnitOfWork, item_ids: Iterable[str], *conditions: ColumnElement[bool]
) -> dict[ItemId, Item]:
    found: dict[ItemId, Item] = {}
    for some in chunks(item_ids):
        rows = uow.session.execute(
            select(QuestionItem.id, QuestionVersion.body)
            .join(QuestionVersion, CURRENT_VERSION)
            .where(QuestionItem.id.in_(some), *conditions)
        )
        found.update({item_id: item_from_json(body) for item_id, body in rows})
    return found


def item_count(uow: UnitOfWork) -> int:
    """Return how many items papers may draw."""
    return uow.session.execute(select(func.count()).select_from(QuestionItem).where(DRAWABLE)).scalar_one()


def _cell(type_: str, area: str, difficulty: str) -> Cell:
    return Cell(ItemType(type_), area, Difficulty(difficulty))


def chunks(keys: Iterable[str]) -> Iterator[list[str]]:
    """Give distinct keys in lists short enough for one query."""
    distinct = sorted(set(keys))
    for start in range(0, len(distinct), _KEYS_PER_QUERY):
        yield distinct[start : start + _KEYS_PER_QUERY]
