"""An open exam of one question that is worth the whole paper and shows a picture."""

from sqlalchemy import select

from lms.questions import queries
from lms.questions import service as questions
from lms.questions.models import QuestionPicture
from question_bank.items import FULL_MARK, Blueprint, BlueprintSection, ItemType
from tests.exam.conftest import ExamHouse
from tests.factories.illustrated import drawing, illustrated

ONE_PICTURE = Blueprint(
    title="看图", sections=(BlueprintSection(ItemType.SINGLE, "administration", None, 1, FULL_MARK),)
)


def open_with_a_picture(
    house: ExamHouse, width: int = 640, height: int = 360, words: str = "看图，属于哪种接法？"
) -> str:
    """Put the question into the bank, open a plan that asks for it, and return the key of its picture."""
    with house.runtime.write() as uow:
        file = illustrated(("看图，属于哪种接法？", drawing(width, height)))
        taken = questions.import_questions(uow, house.operator, "看图.xml", file)
        assert (taken.added, taken.faults) == (1, ())
        house.blueprint_id = questions.ensure_blueprint(uow, house.operator, "picture", "看图", ONE_PICTURE)
    house.plan_id = house.plan()
    with house.runtime.read() as uow:
        key: str = uow.session.scalars(select(QuestionPicture.picture_key)).one()
        assert queries.pictures(uow, [key])
    return key
