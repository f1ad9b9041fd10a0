"""An open exam whose paper has gaps to fill: two texts and two numbers beside six choices."""

import json
from decimal import Decimal

from sqlalchemy import select

from lms.exam.models.attempts import Attempt, Paper
from lms.exam.queries import questions_of
from lms.questions import service as questions
from question_bank.exporting.xlsx import write_items
from question_bank.items import POINT, Blueprint, BlueprintSection, ItemType, KeyEntry, Number, PaperQuestion
from question_bank.paper_json import key_from_json
from tests.exam.conftest import ExamHouse
from tests.factories.questions import fill_in

PI = Number(Decimal("3.14"), Decimal("0.01"))
FROST = Number(Decimal(-5))
WITH_GAPS = Blueprint(
    title="有填空题的小卷",
    sections=(
        BlueprintSection(ItemType.SINGLE, None, None, 6, 10 * POINT),
        BlueprintSection(ItemType.FILL_IN, None, None, 4, 10 * POINT),
    ),
)
GAPS = range(7, 11)


def open_with_gaps(house: ExamHouse) -> ExamHouse:
    """Put fill-in questions into the bank and open a plan that asks for them."""
    bank = [
        fill_in("考评小组一般不少于____人。", ("三", "3", "三人")),
        fill_in("颁发证书的单位简称____。", ("SASAC", "国资委")),
        fill_in("圆周率约为____。", numbers=(PI,)),
        fill_in("气温降到____度时停考。", numbers=(FROST,)),
    ]
    with house.runtime.write() as uow:
        taken = questions.import_questions(uow, house.operator, "填空.xlsx", write_items(bank))
        assert (taken.added, taken.faults) == (4, ())
        house.blueprint_id = questions.ensure_blueprint(uow, house.operator, "gaps", "填空", WITH_GAPS)
    house.plan_id = house.plan()
    return house


def sheet_of(house: ExamHouse, attempt_id: str) -> dict[int, PaperQuestion]:
    """What the candidate sees, by position."""
    with house.runtime.read() as uow:
        return {question.position: question for question in questions_of(uow, attempt_id)}


def position_of(house: ExamHouse, attempt_id: str, words: str) -> int:
    """Where the question with these words stands."""
    return next(one.position for one in sheet_of(house, attempt_id).values() if words in one.stem)


def key_of(house: ExamHouse, attempt_id: str) -> dict[int, KeyEntry]:
    """Look into the key, as no candidate can."""
    with house.runtime.read() as uow:
        key = uow.session.scalar(
            select(Paper.key).join(Attempt, Attempt.paper_id == Paper.id).where(Attempt.id == attempt_id)
        )
    return {entry.position: entry for entry in key_from_json(json.loads(str(key))).entries}
