"""Drawing papers ahead of their start, and freezing them."""

import json
import secrets

from sqlalchemy import func, insert, select

from lms.core.database import insert_new
from lms.core.errors import N_, Reason
from lms.core.identifiers import new_id
from lms.core.unit_of_work import UnitOfWork
from lms.exam.errors import PaperMissing
from lms.exam.models import Attempt, Paper, PaperItem
from lms.exam.policy import EXPOSURE_WINDOW
from lms.exam.queries import items_seen, times_drawn
from lms.plans.queries import get_plan
from lms.questions.queries import drawing_stock, get_blueprint, items_by_id, same_questions
from question_bank.items import Paper as DrawnPaper
from question_bank.paper_json import key_from_json
from question_bank.sampling import NotEnoughItems, choose, set_paper

SEED_BYTES = 32


def next_serial(uow: UnitOfWork, person_id: str, plan_id: str) -> int:
    """Return the number of a person's next sitting in a plan, counting voided ones."""
    sat = uow.session.execute(
        select(func.count())
        .select_from(Attempt)
        .where(Attempt.person_id == person_id, Attempt.plan_id == plan_id)
    ).scalar_one()
    return int(sat) + 1


def find_paper(uow: UnitOfWork, person_id: str, plan_id: str, serial: int) -> Paper | None:
    """Return the frozen paper of a sitting, or None when it is not drawn yet."""
    return uow.session.scalar(
        select(Paper).where(Paper.person_id == person_id, Paper.plan_id == plan_id, Paper.serial == serial)
    )


def draw(uow: UnitOfWork, person_id: str, plan_id: str, serial: int) -> Paper:
    """Draw a paper without keeping it; a read will do, so that drawing holds no write lane.

    Raises PaperMissing when the bank cannot fill the blueprint.
    """
    blueprint_id = get_plan(uow, plan_id).blueprint_id
    if blueprint_id is None:
        raise paper_missing()
    blueprint = get_blueprint(uow, blueprint_id)
    seen = same_questions(uow, items_seen(uow, person_id, plan_id))
    shown = times_drawn(uow, since=uow.now - EXPOSURE_WINDOW)
    try:
        choice = choose(blueprint, drawing_stock(uow), secrets.token_hex(SEED_BYTES), seen, shown)
    except NotEnoughItems as error:
        raise paper_missing() from error
    items = items_by_id(uow, map(str, choice.item_ids))
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
