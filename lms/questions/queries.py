"""Reading the bank."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select

from lms.core.errors import NotFound
from lms.core.unit_of_work import UnitOfWork
from lms.questions.bodies import blueprint_from_json, item_from_json, report_from_json
from lms.questions.models import Blueprint, ImportBatch, QuestionItem, QuestionVersion
from lms.questions.policy import ImportState, ItemState, KnownItem, RowVerdict
from question_bank.items import Blueprint as PaperBlueprint
from question_bank.items import Cell, Difficulty, Item, ItemId, ItemType
from question_bank.phrases import Phrase
from question_bank.stock import Stock
from question_bank.validation import shortages, validate_blueprint

PAGE_SIZE = 30
_KEYS_PER_QUERY = 500

_CURRENT = and_(QuestionVersion.item_id == QuestionItem.id, QuestionVersion.version == QuestionItem.version)


@dataclass(frozen=True, slots=True)
class BlueprintFacts:
    """A blueprint as plans and pages need it; points are hundredths, `shortages` say what the bank lacks."""

    id: str
    code: str
    title: str
    total_points: int
    total_questions: int
    shortages: tuple[Phrase, ...]
    blueprint: PaperBlueprint


@dataclass(frozen=True, slots=True)
class ItemLine:
    """One line of the bank's list."""

    id: str
    type: str
    area: str
    difficulty: str
    stem: str
    state: ItemState
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """One item with the wording of its current version."""

    id: str
    state: ItemState
    version: int
    item: Item
    import_batch_id: str | None
    filename: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class VersionFacts:
    """One wording of an item. Wordings of the same `question_key` are editions of one question."""

    item_id: str
    version: int
    is_live: bool
    question_key: str
    item: Item
    created_at: datetime


@dataclass(frozen=True, slots=True)
class BatchFacts:
    """One uploaded file and what was found in it."""

    id: str
    state: ImportState
    filename: str
    file_key: str
    byte_count: int
    default_area: str | None
    new_count: int
    known_count: int
    fault_count: int
    added_count: int | None
    rows: tuple[RowVerdict, ...]
    ignored: tuple[Phrase, ...]
    created_at: datetime
    decided_at: datetime | None


def drawing_pool(uow: UnitOfWork) -> list[tuple[str, Item]]:
    """Return every item that papers may draw, with its id."""
    rows = uow.session.execute(
        select(QuestionItem.id, QuestionVersion.body)
        .join(QuestionVersion, _CURRENT)
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
    for some in _chunks(item_ids):
        rows = uow.session.execute(
            select(QuestionItem.id, QuestionVersion.body)
            .join(QuestionVersion, _CURRENT)
            .where(QuestionItem.id.in_(some))
        )
        found.update({item_id: item_from_json(body) for item_id, body in rows})
    return found


def versions(uow: UnitOfWork, fingerprints: Iterable[str]) -> dict[str, VersionFacts]:
    """Return wordings by their fingerprints; of items that share one, the live and then the newest is named."""
    found: dict[str, VersionFacts] = {}
    for some in _chunks(fingerprints):
        rows = uow.session.execute(
            select(QuestionVersion, QuestionItem.state, QuestionItem.question_key)
            .join(QuestionItem, QuestionItem.id == QuestionVersion.item_id)
            .where(QuestionVersion.fingerprint.in_(some))
            .order_by(QuestionItem.state.desc(), QuestionVersion.created_at)
        )
        for row, state, key in rows:
            found[row.fingerprint] = VersionFacts(
                row.item_id,
                row.version,
                state == ItemState.APPROVED,
                key,
                item_from_json(row.body),
                row.created_at,
            )
    return found


def same_questions(uow: UnitOfWork, item_ids: Iterable[str]) -> set[str]:
    """Return the items that are the same questions as some, themselves included: retired and imported anew."""
    found: set[str] = set()
    for some in _chunks(item_ids):
        keys = select(QuestionItem.question_key).where(QuestionItem.id.in_(some))
        found.update(uow.session.scalars(select(QuestionItem.id).where(QuestionItem.question_key.in_(keys))))
    return found


def known_items(uow: UnitOfWork, keys: Iterable[str]) -> dict[str, KnownItem]:
    """Return the live items that are the same questions, by question key."""
    found: dict[str, KnownItem] = {}
    for some in _chunks(keys):
        rows = uow.session.execute(
            select(QuestionItem.question_key, QuestionItem.id, QuestionVersion.body)
            .join(QuestionVersion, _CURRENT)
            .where(QuestionItem.state == ItemState.APPROVED, QuestionItem.question_key.in_(some))
        )
        found.update({key: KnownItem(item_id, item_from_json(body)) for key, item_id, body in rows})
    return found


def item_count(uow: UnitOfWork) -> int:
    """Return how many items papers may draw."""
    return uow.session.execute(
        select(func.count()).select_from(QuestionItem).where(QuestionItem.state == ItemState.APPROVED)
    ).scalar_one()


def items(
    uow: UnitOfWork,
    *,
    text: str = "",
    type_: str = "",
    area: str = "",
    difficulty: str = "",
    state: str = "",
    page: int = 1,
) -> tuple[list[ItemLine], int]:
    """Return one page of the bank, newest first, and the total count; empty filters mean any."""
    wanted = select(QuestionItem)
    if text:
        wanted = wanted.where(QuestionItem.stem.contains(text, autoescape=True))
    for column, value in (
        (QuestionItem.type, type_), (QuestionItem.area, area), (QuestionItem.difficulty, difficulty),
        (QuestionItem.state, state),
    ):  # fmt: skip
        if value:
            wanted = wanted.where(column == value)
    total = uow.session.execute(select(func.count()).select_from(wanted.subquery())).scalar_one()
    rows = uow.session.scalars(
        wanted.order_by(QuestionItem.created_at.desc(), QuestionItem.id)
        .limit(PAGE_SIZE)
        .offset((page - 1) * PAGE_SIZE)
    )
    return [
        ItemLine(row.id, row.type, row.area, row.difficulty, row.stem, ItemState(row.state), row.created_at)
        for row in rows
    ], total


def get_item(uow: UnitOfWork, item_id: str) -> ItemFacts:
    """Return one item. Raises NotFound."""
    row = uow.session.execute(
        select(QuestionItem, QuestionVersion.body, ImportBatch.filename)
        .join(QuestionVersion, _CURRENT)
        .outerjoin(ImportBatch, ImportBatch.id == QuestionItem.import_batch_id)
        .where(QuestionItem.id == item_id)
    ).first()
    if row is None:
        raise NotFound
    item, body, filename = row
    return ItemFacts(
        item.id, ItemState(item.state), item.version, item_from_json(body), item.import_batch_id, filename,
        item.created_at,
    )  # fmt: skip


def get_batch(uow: UnitOfWork, batch_id: str) -> BatchFacts:
    """Return one uploaded file. Raises NotFound."""
    batch = uow.session.get(ImportBatch, batch_id)
    if batch is None:
        raise NotFound
    return _batch_facts(batch)


def batches(uow: UnitOfWork, limit: int = 20) -> list[BatchFacts]:
    """Return the latest uploaded files, newest first."""
    rows = uow.session.scalars(
        select(ImportBatch).order_by(ImportBatch.created_at.desc(), ImportBatch.id).limit(limit)
    )
    return [_batch_facts(batch) for batch in rows]


def blueprints(uow: UnitOfWork) -> list[BlueprintFacts]:
    """Return every blueprint, by title, each compared with the bank as it is now."""
    counts = cell_counts(uow)
    rows = uow.session.scalars(select(Blueprint).order_by(Blueprint.title, Blueprint.code))
    return [_blueprint_facts(row, counts) for row in rows]


def blueprint_facts(uow: UnitOfWork, blueprint_id: str) -> BlueprintFacts:
    """Return one blueprint compared with the bank as it is now. Raises NotFound."""
    return _blueprint_facts(_blueprint(uow, blueprint_id), cell_counts(uow))


def get_blueprint(uow: UnitOfWork, blueprint_id: str) -> PaperBlueprint:
    """Return one blueprint for drawing a paper. Raises NotFound."""
    row = _blueprint(uow, blueprint_id)
    return blueprint_from_json(row.body, row.title)


def _blueprint(uow: UnitOfWork, blueprint_id: str) -> Blueprint:
    row = uow.session.get(Blueprint, blueprint_id)
    if row is None:
        raise NotFound
    return row


def _blueprint_facts(row: Blueprint, counts: Mapping[Cell, int]) -> BlueprintFacts:
    blueprint = blueprint_from_json(row.body, row.title)
    faults = [fault.words for fault in validate_blueprint(blueprint)]
    lacking = [shortage.words for shortage in shortages(blueprint, counts)]
    return BlueprintFacts(
        row.id, row.code, row.title, blueprint.total_points, blueprint.total_questions, (*faults, *lacking),
        blueprint,
    )  # fmt: skip


def _cell(type_: str, area: str, difficulty: str) -> Cell:
    return Cell(ItemType(type_), area, Difficulty(difficulty))


def _batch_facts(batch: ImportBatch) -> BatchFacts:
    rows, ignored = report_from_json(batch.report)
    return BatchFacts(
        batch.id, ImportState(batch.state), batch.filename, batch.file_key, batch.byte_count, batch.default_area,
        batch.new_count, batch.known_count, batch.fault_count, batch.added_count, rows, ignored, batch.created_at,
        batch.decided_at,
    )  # fmt: skip


def _chunks(keys: Iterable[str]) -> Iterator[list[str]]:
    distinct = sorted(set(keys))
    for start in range(0, len(distinct), _KEYS_PER_QUERY):
        yield distinct[start : start + _KEYS_PER_QUERY]
