"""What every exam of a test begins with: a small bank, a blueprint over it, and a course."""

from dataclasses import dataclass

from lms.core.actors import Actor
from lms.core.identifiers import new_id
from lms.core.unit_of_work import Runtime
from lms.courses.models import Course
from lms.questions import service as questions
from question_bank.exporting.xlsx import write_items
from question_bank.items import POINT, Blueprint, BlueprintSection, ItemType
from tests.factories.questions import multiple, single, true_false

OPERATOR = Actor.system("test")
BLUEPRINT = Blueprint(
    title="小卷",
    sections=(
        BlueprintSection(ItemType.SINGLE, None, None, 6, 10 * POINT),
        BlueprintSection(ItemType.MULTIPLE, None, None, 2, 15 * POINT, partial_credit=True),
        BlueprintSection(ItemType.TRUE_FALSE, None, None, 2, 5 * POINT),
    ),
)
"""Ten questions, one hundred points."""


@dataclass(frozen=True)
class ExamStock:
    """What an exam is made of."""

    blueprint_id: str
    course_id: str


def stock_exam(runtime: Runtime) -> ExamStock:
    """Import the bank and store the blueprint as an administrator does, and make a course without lessons."""
    bank = [single(f"单选第 {n} 题（ ）？") for n in range(9)]
    bank += [multiple(f"多选第 {n} 题（ ）？") for n in range(4)]
    bank += [true_false(f"判断第 {n} 题。") for n in range(4)]
    with runtime.write() as uow:
        questions.import_questions(uow, OPERATOR, "题.xlsx", write_items(bank))
        blueprint_id = questions.ensure_blueprint(uow, OPERATOR, "small", "小卷", BLUEPRINT)
    with runtime.write() as uow:
        course = Course(id=new_id(), code="c", title="课程", created_at=uow.now)
        uow.session.add(course)
        return ExamStock(blueprint_id, course.id)
