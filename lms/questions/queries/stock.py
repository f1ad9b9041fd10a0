"""Reading what papers may draw."""

from collections.abc import Iterable, Iterator

from sqlalchemy import and_, func, select

from lms.core.unit_of_work import UnitOfWork
from lms.questions.bodies import item_from_json
from lms.questions.models import QuestionItem, QuestionVersion
from lms.questions.policy import ItemState
from question_bank.items import Cell, Difficulty, Item, ItemId, ItemType
from question_bank.stock import Stock

_KEYS_PER_QUERY = 500
CURRENT_VERSION = and_(
    QuestionVersion.item_id == QuestionItem.id, QuestionVersion.version == QuestionItem.version
)


def drawing_pool(uow: UnitOfWork) -> list[tuple[str, Item]]:
    """Return every item that papers may draw, with its id."""
    rows = uow.session.execute(
        select(QuestionItem.id, QuestionVersion.body)
        .join(QuestionVersion, CURRENT_VERSION)
        .where(QuestionItem.state == ItemState.APPROVED)
        .order_by(QuestionItem.id)
    )
    return [(item_id, item_from_json(body)) for item_id, body in rows]


def drawing_stock(uow: UnitOfWork) -> Stock:
    """Return what papers may draw as ids by cell; the wording is read for the chosen items alone."""
    rows = uow.session.execute(
        select(QuestionItem.id, QuestionItem.type, QuestionItem.area, QuestionItem.difficulty).where(
            QuestionItem.state == ItemState.APPROVED
        )
    )
    cells: dict[tuple[str, str, str], list[ItemId]] = {}
    for item_id, type_, area, difficulty in rows:
        cells.setdefault((type_, area, difficulty), []).append(item_id)
    return Stock({_cell(*cell): ids for cell, ids in cells.items()})


def cell_counts(uow: UnitOfWork) -> dict[Cell, int]:
    """Return how many items papers may draw of each kind."""
    rows = uow.session.execute(
        select(QuestionItem.type, QuestionItem.area, QuestionItem.difficulty, func.count())
        .where(QuestionItem.state == ItemState.APPROVED)
        .group_by(QuestionItem.type, QuestionItem.area, QuestionItem.difficulty)
    )
    return {_cell(type_, area, difficulty): count for type_, area, difficulty, count in rows}


def items_by_id(uow: UnitOfWork, item_ids: Iterable[str]) -> dict[ItemId, Item]:
    """Return the current wording of some items."""
    found: dict[ItemId, Item] = {}
    for some in chunks(item_ids):
        rows = uow.session.execute(
            select(QuestionItem.id, QuestionVersion.body)
            .join(QuestionVersion, CURRENT_VERSION)
            .where(QuestionItem.id.in_(some))
        )
        found.update({item_id: item_from_json(body) for item_id, body in rows})
    return found


def item_count(uow: UnitOfWork) -> int:
    """Return how many items papers may draw."""
    return uow.session.execute(
        select(func.count()).select_from(QuestionItem).where(QuestionItem.state == ItemState.APPROVED)
    ).scalar_one()


def _cell(type_: str, area: str, difficulty: str) -> Cell:
    return Cell(ItemType(type_), area, Difficulty(difficulty))


def chunks(keys: Iterable[str]) -> Iterator[list[str]]:
    """Give distinct keys in lists short enough for one query."""
    distinct = sorted(set(keys))
    for start in range(0, len(distinct), _KEYS_PER_QUERY):
        yield distinct[start : start + _KEYS_PER_QUERY]
