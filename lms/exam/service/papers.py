"""Drawing papers ahead of their start, and freezing them."""

import json
import secrets
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import BindParameter, ColumnElement, bindparam, func, insert, literal, select

from lms.core.database import insert_new
from lms.core.errors import N_, Reason, stale
from lms.core.identifiers import new_id
from lms.core.ready_statement import ReadyStatement
from lms.core.unit_of_work import UnitOfWork
from lms.exam.errors import PaperMissing
from lms.exam.models.attempts import Attempt, Paper, PaperItem
from lms.exam.models.papers import WithdrawnPaper
from lms.exam.policy.attempts import EXPOSURE_WINDOW
from lms.exam.queries import items_seen, times_drawn
from lms.exam.queries.preparing import is_free
from lms.plans.queries import get_plan
from lms.questions.queries import drawable_items, drawing_stock, get_blueprint, live_same_questions
from question_bank.items import Blueprint, Item, ItemId
from question_bank.items import Paper as DrawnPaper
from question_bank.paper_json import key_from_json
from question_bank.sampling import Choice, NotEnoughItems, choose, set_paper
from question_bank.stock import Stock

SEED_BYTES = 32


@dataclass(frozen=True, slots=True)
class ReadyPaper:
    """A paper that waits for its sitting."""

    id: str
    question_count: int


def next_serial(uow: UnitOfWork, person_id: str, plan_id: str) -> int:
    """Return the number of a person's next paper in a plan: those that were sat and those put aside are used up."""
    return int(uow.session.execute(select(_next_serial(person_id, plan_id))).scalar_one())


def _next_serial(
    person_id: str | BindParameter[str], plan_id: str | BindParameter[str]
) -> ColumnElement[int]:
    sat = (
        select(func.count())
        .select_from(Attempt)
        .where(Attempt.person_id == person_id, Attempt.plan_id == plan_id)
    )
    aside = (
        select(func.count())
        .select_from(WithdrawnPaper)
        .join(Paper, Paper.id == WithdrawnPaper.paper_id)
        .where(Paper.person_id == person_id, Paper.plan_id == plan_id)
    )
    return literal(1) + sat.scalar_subquery() + aside.scalar_subquery()


def find_paper(uow: UnitOfWork, person_id: str, plan_id: str, serial: int) -> Paper | None:
    """Return the frozen paper of a sitting, or None when it is not drawn yet."""
    return uow.session.scalar(
        select(Paper).where(Paper.person_id == person_id, Paper.plan_id == plan_id, Paper.serial == serial)
    )


_PERSON, _PLAN = bindparam("person", type_=Paper.person_id.type), bindparam("plan", type_=Paper.plan_id.type)
_READY = ReadyStatement(
    select(Paper.id, Paper.question_count)
    .where(Paper.person_id == _PERSON, Paper.plan_id == _PLAN, Paper.serial == _next_serial(_PERSON, _PLAN))
    .with_for_update()
)
"""Everybody who starts asks it."""


def ready_paper(uow: UnitOfWork, person_id: str, plan_id: str) -> ReadyPaper | None:
    """Return the paper that waits for a person's next sitting and hold it, so that nobody puts it aside meanwhile."""
    row = _READY.first(uow.session, {"person": person_id, "plan": plan_id})
    if row is None:
        return None
    # Asked again once the row is held: whoever held it before may have put it aside. On SQLite nobody else could.
    is_alone = uow.session.get_bind().dialect.name == "sqlite"
    return ReadyPaper(*row) if is_alone or is_free(uow, row.id) else None


def draw(uow: UnitOfWork, person_id: str, plan_id: str, serial: int) -> Paper:
    """Draw a paper without keeping it; a read will do, so that drawing holds no write lane.

    Raises PaperMissing when the bank cannot fill the blueprint.
    """
    blueprint_id = get_plan(uow, plan_id).blueprint_id
    if blueprint_id is None:
        raise paper_missing()
    blueprint = get_blueprint(uow, blueprint_id)
    seen = live_same_questions(uow, items_seen(uow, person_id, plan_id))
    try:
        choice, items = _choose(uow, blueprint, seen)
    except NotEnoughItems as error:
        raise paper_missing() from error
    drawn = set_paper(blueprint, choice, items)
    areas = [items[item_id].area for item_id in drawn.item_ids]
    return _freeze(uow, drawn, areas, person_id, plan_id, serial, blueprint_id)


def keep(uow: UnitOfWork, paper: Paper) -> None:
    """Store a drawn paper, unless the sitting has got one meanwhile: the first stays."""
    values = {column.key: getattr(paper, column.key) for column in Paper.__table__.columns}
    table = insert_new(uow.session, Paper, Paper.person_id, Paper.plan_id, Paper.serial)
    kept = uow.session.execute(table.values(values).returning(Paper.id)).scalar()
    if kept is None:
        return
    drawn = key_from_json(json.loads(paper.key)).entries
    uow.session.execute(
        insert(PaperItem),
        [{"paper_id": paper.id, "item_id": entry.item_id, "drawn_at": paper.created_at} for entry in drawn],
    )


def ensure(uow: UnitOfWork, person_id: str, plan_id: str) -> Paper:
    """Return the paper of the next sitting, drawing it now if nobody did so ahead."""
    serial = next_serial(uow, person_id, plan_id)
    paper = find_paper(uow, person_id, plan_id, serial)
    if paper is not None:
        return paper
    keep(uow, draw(uow, person_id, plan_id, serial))
    kept = find_paper(uow, person_id, plan_id, serial)
    if kept is None:
        raise paper_missing()
    return kept


def paper_missing() -> PaperMissing:
    """Build the refusal for a bank that is too thin."""
    return PaperMissing(
        Reason(
            "paper_missing", N_("开考前要按组卷方案抽好试卷"), now=N_("题库里的试题不够，还没有抽成"),
            way_out=N_("请联系考务人员；您的考试机会没有减少"), source="K1",
        )
    )  # fmt: skip


def _choose(
    uow: UnitOfWork, blueprint: Blueprint, seen: Collection[ItemId]
) -> tuple[Choice, dict[ItemId, Item]]:
    """Choose items that may be drawn now, and read their wordings."""
    choice = _choose_from(uow, blueprint, drawing_stock(uow), seen)
    items = drawable_items(uow, map(str, choice.item_ids))
    if not _fits(blueprint, choice, items):
        # A question was retired or labelled anew between two statements.
        choice = _choose_from(uow, blueprint, drawing_stock(uow, anew=True), seen)
        items = drawable_items(uow, map(str, choice.item_ids))
        if not _fits(blueprint, choice, items):
            raise stale()
    return choice, items


def _choose_from(uow: UnitOfWork, blueprint: Blueprint, stock: Stock, seen: Collection[ItemId]) -> Choice:
    """Choose from a stock by how often the items were drawn lately, counting only those that are compared.

    A choice is a function of what it is given, so it is made again until it compares nothing that was not counted:
    with so little drawn from so much, the second time mostly meets the same items as the first.
    """
    seed, since = secrets.token_hex(SEED_BYTES), uow.now - EXPOSURE_WINDOW
    tally = _Tally()
    while True:
        choice = choose(blueprint, stock, seed, seen, tally)
        if not tally.missing:
            return choice
        tally.learn(times_drawn(uow, tally.missing, since=since))


class _Tally(Mapping[ItemId, int]):
    """How often items were drawn, as far as it is known, and of which others it was asked for."""

    def __init__(self) -> None:
        self._known: dict[ItemId, int] = {}
        self.missing: set[ItemId] = set()

    def learn(self, found: Mapping[ItemId, int]) -> None:
        """Take in what was missing; what was not found was never drawn."""
        self._known.update(dict.fromkeys(self.missing, 0))
        self._known.update(found)
        self.missing.clear()

    def __getitem__(self, item_id: ItemId) -> int:
        count = self._known.get(item_id)
        if count is None:
            self.missing.add(item_id)
            return 0
        return count

    def __iter__(self) -> Iterator[ItemId]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


def _fits(blueprint: Blueprint, choice: Choice, items: Mapping[ItemId, Item]) -> bool:
    return all(
        item_id in items and blueprint.sections[section].fits(items[item_id])
        for section, item_id in choice.places
    )


def _freeze(
    uow: UnitOfWork,
    drawn: DrawnPaper,
    areas: list[str],
    person_id: str,
    plan_id: str,
    serial: int,
    blueprint_id: str,
) -> Paper:
    return Paper(
        id=new_id(), person_id=person_id, plan_id=plan_id, serial=serial, blueprint_id=blueprint_id,
        question_count=len(drawn.questions), seed=drawn.seed,
        public=json.dumps(drawn.public_view(), ensure_ascii=False), key=json.dumps(drawn.key.to_json()),
        areas=areas, content_hash=drawn.content_hash, created_at=uow.now,
    )  # fmt: skip
