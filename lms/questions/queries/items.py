"""Reading items and their wordings."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from lms.core.errors import NotFound
from lms.core.unit_of_work import UnitOfWork
from lms.questions.bodies import item_from_json
from lms.questions.models import ImportBatch, ItemText, QuestionItem, QuestionVersion, VersionReview
from lms.questions.policy import OPEN_REVIEWS, ItemFilter, ItemState, KnownItem, searched_text
from lms.questions.queries.search import found_by
from lms.questions.queries.stock import CURRENT_VERSION, chunks
from question_bank.items import Item

PAGE_SIZE = 30
_NEWEST_FIRST = (QuestionItem.created_at.desc(), QuestionItem.id)
_WAITING = and_(
    QuestionItem.state == ItemState.DRAFT,
    exists().where(VersionReview.item_id == QuestionItem.id, VersionReview.state.in_(OPEN_REVIEWS)),
)


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
class SearchedText:
    """What searching looks through for one item, and the version it was made of."""

    item_id: str
    version: int
    text: str


def versions(uow: UnitOfWork, fingerprints: Iterable[str]) -> dict[str, VersionFacts]:
    """Return wordings by their fingerprints; of items that share one, the live and then the newest is named."""
    found: dict[str, VersionFacts] = {}
    for some in chunks(fingerprints):
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
    for some in chunks(item_ids):
        keys = select(QuestionItem.question_key).where(QuestionItem.id.in_(some))
        found.update(uow.session.scalars(select(QuestionItem.id).where(QuestionItem.question_key.in_(keys))))
    return found


def live_same_questions(uow: UnitOfWork, item_ids: Iterable[str]) -> set[str]:
    """Return the live items that are the same questions as some: by the narrow index of live questions alone."""
    found: set[str] = set()
    for some in chunks(item_ids):
        keys = select(QuestionItem.question_key).where(QuestionItem.id.in_(some))
        found.update(
            uow.session.scalars(
                select(QuestionItem.id).where(
                    QuestionItem.state == ItemState.APPROVED, QuestionItem.question_key.in_(keys)
                )
            )
        )
    return found


def known_items(uow: UnitOfWork, keys: Iterable[str], *, with_drafts: bool = False) -> dict[str, KnownItem]:
    """Return the live items that are the same questions, by question key.

    With drafts, a new question that waits for its second person counts as well; the live one goes before it.
    """
    keys = set(keys)
    found = _waiting_items(uow, keys) if with_drafts else {}
    for some in chunks(keys):
        rows = uow.session.execute(
            select(QuestionItem.question_key, QuestionItem.id, QuestionVersion.body)
            .join(QuestionVersion, CURRENT_VERSION)
            .where(QuestionItem.state == ItemState.APPROVED, QuestionItem.question_key.in_(some))
        )
        found.update({key: KnownItem(item_id, item_from_json(body)) for key, item_id, body in rows})
    return found


def _waiting_items(uow: UnitOfWork, keys: set[str]) -> dict[str, KnownItem]:
    # Drafts are few, and the index of keys is one of live questions: reading them all is faster than looking up.
    rows = uow.session.execute(
        select(QuestionItem.question_key, QuestionItem.id).where(_WAITING).order_by(QuestionItem.id)
    )
    named = {key: item_id for key, item_id in rows if key in keys}
    found: dict[str, KnownItem] = {}
    for some in chunks(named.values()):
        bodies = uow.session.execute(
            select(QuestionItem.question_key, QuestionItem.id, QuestionVersion.body)
            .join(QuestionVersion, CURRENT_VERSION)
            .where(QuestionItem.id.in_(some))
        )
        found.update({key: KnownItem(item_id, item_from_json(body)) for key, item_id, body in bodies})
    return found


def stems(uow: UnitOfWork) -> list[tuple[str, str]]:
    """Return (id, stem) of every question that is in use or waits for its second person."""
    rows = uow.session.execute(
        select(QuestionItem.id, QuestionItem.stem).where(
            or_(QuestionItem.state == ItemState.APPROVED, _WAITING)
        )
    )
    return [(item_id, stem) for item_id, stem in rows]


def items(uow: UnitOfWork, wanted: ItemFilter, page: int = 1) -> tuple[list[ItemLine], int]:
    """Return one page of the bank, newest first, and the total count."""
    listed = select(QuestionItem).where(*narrowing(wanted)).order_by(*_NEWEST_FIRST)
    listed = listed.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)
    if wanted.text:
        # The texts are looked through once, not once for the page and once for the count.
        counted = uow.session.execute(listed.add_columns(func.count().over())).all()
        rows, total = [row for row, _ in counted], counted[0][1] if counted else 0
    else:
        rows, total = list(uow.session.scalars(listed)), matching_count(uow, wanted)
    lines = [
        ItemLine(row.id, row.type, row.area, row.difficulty, row.stem, ItemState(row.state), row.created_at)
        for row in rows
    ]
    return lines, total if lines or page == 1 else matching_count(uow, wanted)


def matching_count(uow: UnitOfWork, wanted: ItemFilter) -> int:
    """Return how many items a filter means."""
    return uow.session.execute(
        select(func.count()).select_from(QuestionItem).where(*narrowing(wanted))
    ).scalar_one()


def matching_ids(uow: UnitOfWork, wanted: ItemFilter) -> list[str]:
    """Return the ids of all items that a filter means, in the order of the list."""
    return list(
        uow.session.scalars(select(QuestionItem.id).where(*narrowing(wanted)).order_by(*_NEWEST_FIRST))
    )


def narrowing(wanted: ItemFilter) -> list[ColumnElement[bool]]:
    """Build the conditions of a filter."""
    conditions = found_by(wanted.text)
    for column, value in (
        (QuestionItem.type, wanted.type), (QuestionItem.area, wanted.area),
        (QuestionItem.difficulty, wanted.difficulty), (QuestionItem.state, wanted.state),
    ):  # fmt: skip
        if value:
            conditions.append(column == value)
    return conditions


def unindexed(uow: UnitOfWork, limit: int) -> list[str]:
    """Return items whose searched text is missing or of an older version, such as those of a fresh import."""
    rows = uow.session.scalars(
        select(QuestionItem.id)
        .outerjoin(ItemText, ItemText.item_id == QuestionItem.id)
        .where(or_(ItemText.item_id.is_(None), ItemText.version != QuestionItem.version))
        .limit(limit)
    )
    return list(rows)


def texts_of(uow: UnitOfWork, item_ids: Iterable[str]) -> list[SearchedText]:
    """Return what searching looks through, from the present wording of some items."""
    found: list[SearchedText] = []
    for some in chunks(item_ids):
        rows = uow.session.execute(
            select(QuestionItem.id, QuestionItem.version, QuestionVersion.body)
            .join(QuestionVersion, CURRENT_VERSION)
            .where(QuestionItem.id.in_(some))
        )
        found += [
            SearchedText(item_id, version, searched_text(item_from_json(body)))
            for item_id, version, body in rows
        ]
    return found


def get_item(uow: UnitOfWork, item_id: str) -> ItemFacts:
    """Return one item. Raises NotFound."""
    row = uow.session.execute(
        select(QuestionItem, QuestionVersion.body, ImportBatch.filename)
        .join(QuestionVersion, CURRENT_VERSION)
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
