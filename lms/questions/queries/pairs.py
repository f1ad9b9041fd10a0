"""Reading the rows of a file that resemble a question, and what was decided of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select

from lms.core.errors import NotFound
from lms.core.unit_of_work import UnitOfWork
from lms.questions.bodies import item_from_json
from lms.questions.models import ImportBatch, ImportPair
from lms.questions.policy import (
    LOOKING_ALIKE,
    PAIRS_PER_PAGE,
    Decision,
    Decisions,
    Kept,
    Resemblance,
)
from question_bank.items import Item


@dataclass(frozen=True, slots=True)
class PairFacts:
    """One row that resembles a question, as it is shown beside it; the texts of late pairs are not kept."""

    number: int
    kind: Resemblance
    share: int
    sheet: str
    row: int
    item: Item | None
    other: Item | None
    item_id: str | None
    other_sheet: str
    other_row: int | None
    decision: Decision | None


@dataclass(frozen=True, slots=True)
class PairCounts:
    """How many rows of a file resemble a question, and what was decided of them."""

    total: int = 0
    undecided: int = 0
    versions: int = 0


def pairs(
    uow: UnitOfWork, batch_id: str, page: int = 1, *, undecided: bool = False
) -> tuple[list[PairFacts], int]:
    """Return one page of the pairs of a file, in its order, and how many there are."""
    wanted = [ImportPair.batch_id == batch_id]
    if undecided:
        wanted.append(ImportPair.decision.is_(None))
    rows = uow.session.scalars(
        select(ImportPair)
        .where(*wanted)
        .order_by(ImportPair.number)
        .limit(PAIRS_PER_PAGE)
        .offset((page - 1) * PAIRS_PER_PAGE)
    )
    total = uow.session.execute(select(func.count()).select_from(ImportPair).where(*wanted)).scalar_one()
    return [_facts(row) for row in rows], total


def get_pair(uow: UnitOfWork, batch_id: str, number: int) -> PairFacts:
    """Return one pair of a file. Raises NotFound."""
    row = uow.session.scalar(
        select(ImportPair).where(ImportPair.batch_id == batch_id, ImportPair.number == number)
    )
    if row is None:
        raise NotFound
    return _facts(row)


def pair_counts(uow: UnitOfWork, batch_id: str) -> PairCounts:
    """Return how many pairs a file has, and how many wait for a decision or become new versions."""
    rows = uow.session.execute(
        select(ImportPair.decision, func.count())
        .where(ImportPair.batch_id == batch_id)
        .group_by(ImportPair.decision)
    )
    counts = {str(decision or ""): int(count) for decision, count in rows}
    return PairCounts(sum(counts.values()), counts.get("", 0), counts.get(Decision.VERSION, 0))


def brought_count(uow: UnitOfWork, batch_id: str, rest: Decision) -> int:
    """Return how many rows that look like another question come in all the same."""
    brings: ColumnElement[bool] = ImportPair.decision == Decision.BRING
    if rest == Decision.BRING:
        brings = or_(brings, ImportPair.decision.is_(None))
    return uow.session.execute(
        select(func.count()).where(
            ImportPair.batch_id == batch_id, ImportPair.kind.in_(sorted(LOOKING_ALIKE)), brings
        )
    ).scalar_one()


def version_rows(uow: UnitOfWork, batch_id: str) -> Sequence[tuple[int, str]]:
    """Return (number, item id) of the pairs that become new versions."""
    rows = uow.session.execute(
        select(ImportPair.number, ImportPair.item_id).where(
            ImportPair.batch_id == batch_id, ImportPair.decision == Decision.VERSION
        )
    )
    return [(number, item_id or "") for number, item_id in rows]


def decisions(uow: UnitOfWork, batch_id: str) -> Decisions:
    """Return what was decided of the rows of a file, to judge it again by."""
    rows = uow.session.execute(
        select(ImportPair.mark, ImportPair.kind, ImportPair.item_id, ImportPair.decision).where(
            ImportPair.batch_id == batch_id
        )
    )
    kept = {
        mark: Kept(Resemblance(kind), item_id, Decision(decision) if decision else None)
        for mark, kind, item_id, decision in rows
    }
    rest = uow.session.execute(
        select(ImportBatch.rest_decision).where(ImportBatch.id == batch_id)
    ).scalar_one()
    return Decisions(kept, Decision(rest))


def _facts(row: ImportPair) -> PairFacts:
    return PairFacts(
        row.number, Resemblance(row.kind), row.share, row.sheet, row.row,
        item_from_json(row.body) if row.body else None,
        item_from_json(row.other_body) if row.other_body else None,
        row.item_id, row.other_sheet, row.other_row, Decision(row.decision) if row.decision else None,
    )  # fmt: skip
