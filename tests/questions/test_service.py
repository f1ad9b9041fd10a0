"""The bank takes in what is sound, once, and never a doubtful key."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from lms.core.actors import Actor
from lms.core.errors import Conflict, Invalid, NotFound
from lms.core.unit_of_work import Runtime
from lms.questions import queries, service
from lms.questions.invariants import INVARIANTS
from lms.questions.jobs import upkeep as upkeep_jobs
from lms.questions.models import QuestionItem
from lms.questions.policy import ItemFilter, ItemState, Verdict
from question_bank.data.blueprints import EXAMINER_COURSE_BLUEPRINT, EXAMINER_COURSE_WORKBOOK
from question_bank.exporting.xlsx import write_items
from question_bank.items import Item
from tests.factories.questions import multiple, single, true_false
from tests.support.owner import by_force

OPERATOR = Actor.system("test")
HEADING = "题型,题干,选项A,选项B,选项C,答案,知识领域\n"


def bring(runtime: Runtime, *items: Item) -> service.ImportResult:
    with runtime.write() as uow:
        return service.import_questions(uow, OPERATOR, "题.xlsx", write_items(items))


def check(runtime: Runtime, name: str, data: bytes) -> queries.BatchFacts:
    report = service.read_file(name, data)
    with runtime.write() as uow:
        batch_id, _ = service.check_at_once(uow, OPERATOR, name, data, report)
    with runtime.read() as uow:
        return queries.get_batch(uow, batch_id)


def count(runtime: Runtime) -> int:
    with runtime.read() as uow:
        return uow.session.execute(select(func.count()).select_from(QuestionItem)).scalar_one()


def test_the_same_file_twice_adds_nothing(runtime: Runtime) -> None:
    data = EXAMINER_COURSE_WORKBOOK.read_bytes()
    every = len(service.read_file("course.xlsx", data).items)
    with runtime.write() as uow:
        first = service.import_questions(uow, OPERATOR, "course.xlsx", data)
    with runtime.write() as uow:
        second = service.import_questions(uow, OPERATOR, "course.xlsx", data)
    assert (first.added, first.known, first.faults) == (every, 0, ())
    assert (second.added, second.known) == (0, every)


def test_what_comes_out_of_the_bank_is_what_went_in(runtime: Runtime) -> None:
    items = [single(), multiple(), true_false()]
    bring(runtime, *items)
    with runtime.read() as uow:
        assert {item for _, item in queries.drawing_pool(uow)} == set(items)


def test_a_file_with_another_key_for_a_known_question_is_refused_at_its_row(runtime: Runtime) -> None:
    bring(runtime, single(answer="B"), true_false(answer="A"))
    again = bring(runtime, single(answer="C"), true_false(answer="B"), multiple())
    assert again.added == 1
    assert len(again.faults) == 2
    assert "三人" in again.faults[0]
    assert "五人" in again.faults[0]
    with runtime.read() as uow:
        answers = {item.stem: item.answer for _, item in queries.drawing_pool(uow)}
    assert answers[single().stem] == {"B"}


def test_every_fault_names_its_cell(runtime: Runtime) -> None:
    data = (HEADING + "单选,题一（ ）,甲,乙,丙,E,政策法规\n单选,题二（ ）,甲,乙,丙,A,政策法规\n").encode()
    batch = check(runtime, "题.csv", data)
    faulty = [row for row in batch.rows if row.verdict is Verdict.FAULTY]
    assert (batch.new_count, batch.fault_count) == (1, 1)
    assert [(row.row, row.column, row.value) for row in faulty] == [(2, "F", "E")]


@pytest.mark.parametrize(
    "data", [b"", b"   ", b"PK\x03\x04broken", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x00\xff\x10"]
)
def test_a_file_that_cannot_be_read_is_refused_as_a_whole(data: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        service.read_file("坏 100%s.xlsx", data)
    assert refused.value.reasons[0].field_name == "file"


def test_a_retired_item_leaves_the_draw_and_makes_room_for_the_corrected_one(runtime: Runtime) -> None:
    bring(runtime, single(answer="C"))
    with runtime.read() as uow:
        item_id = queries.drawing_pool(uow)[0][0]
    with pytest.raises(Invalid), runtime.write() as uow:
        service.retire_item(uow, OPERATOR, item_id, " 错 ")
    with runtime.write() as uow:
        service.retire_item(uow, OPERATOR, item_id, "答案有误，应为 B")
    with pytest.raises(Conflict), runtime.write() as uow:
        service.retire_item(uow, OPERATOR, item_id, "再停用一次试试")
    assert bring(runtime, single(answer="B")).added == 1
    with pytest.raises(Conflict) as refused, runtime.write() as uow:
        service.reinstate_item(uow, OPERATOR, item_id)
    assert refused.value.reasons[0].code == "item.replaced"
    with runtime.read() as uow:
        assert queries.get_item(uow, item_id).state is ItemState.RETIRED
        assert [item.answer for _, item in queries.drawing_pool(uow)] == [{"B"}]


def test_a_retired_item_can_come_back(runtime: Runtime) -> None:
    bring(runtime, single())
    with runtime.read() as uow:
        item_id = queries.drawing_pool(uow)[0][0]
    with runtime.write() as uow:
        service.retire_item(uow, OPERATOR, item_id, "先核对一下出处")
    with runtime.write() as uow:
        service.reinstate_item(uow, OPERATOR, item_id)
    with runtime.read() as uow:
        assert len(queries.drawing_pool(uow)) == 1


def test_a_blueprint_says_what_the_bank_lacks(runtime: Runtime) -> None:
    with runtime.write() as uow:
        blueprint_id = service.ensure_blueprint(uow, OPERATOR, "course", "考评员", EXAMINER_COURSE_BLUEPRINT)
        assert (
            service.ensure_blueprint(uow, OPERATOR, "course", "考评员", EXAMINER_COURSE_BLUEPRINT)
            == blueprint_id
        )
    with runtime.read() as uow:
        thin = queries.blueprint_facts(uow, blueprint_id)
    assert (thin.total_points, thin.total_questions, len(thin.shortages)) == (10000, 40, 15)
    with runtime.write() as uow:
        service.import_questions(uow, OPERATOR, "c.xlsx", EXAMINER_COURSE_WORKBOOK.read_bytes())
    with runtime.read() as uow:
        assert queries.blueprint_facts(uow, blueprint_id).shortages == ()
        assert [one.id for one in queries.blueprints(uow)] == [blueprint_id]


def test_a_blueprint_in_use_is_never_changed_under_its_code(runtime: Runtime) -> None:
    shorter = replace(EXAMINER_COURSE_BLUEPRINT, sections=EXAMINER_COURSE_BLUEPRINT.sections[:-1])
    with runtime.write() as uow:
        service.ensure_blueprint(uow, OPERATOR, "course", "考评员", EXAMINER_COURSE_BLUEPRINT)
    with pytest.raises(Invalid), runtime.write() as uow:
        service.ensure_blueprint(uow, OPERATOR, "short", "考评员", shorter)
    turned = replace(EXAMINER_COURSE_BLUEPRINT, sections=EXAMINER_COURSE_BLUEPRINT.sections[::-1])
    with pytest.raises(Conflict), runtime.write() as uow:
        service.ensure_blueprint(uow, OPERATOR, "course", "考评员", turned)


def test_the_lists_filter_and_unknown_ids_are_not_found(runtime: Runtime) -> None:
    bring(runtime, single(), multiple(), true_false("100%对。"))
    upkeep_jobs.sweep_texts(runtime)
    with runtime.read() as uow:
        assert queries.items(uow, ItemFilter(text="100%"))[1] == 1
        assert queries.items(uow, ItemFilter(text="%"))[1] == 1
        assert queries.items(uow, ItemFilter(type="multiple"))[0][0].type == "multiple"
        assert queries.items(uow, ItemFilter(state="retired"))[1] == 0
        for find in (queries.get_item, queries.get_batch, queries.blueprint_facts, queries.get_blueprint):
            with pytest.raises(NotFound):
                find(uow, "nobody")


def test_the_invariants_hold_and_see_a_wrong_row(runtime: Runtime) -> None:
    bring(runtime, single(), multiple())
    with runtime.read() as uow:
        assert {one.id: list(one.violations(uow)) for one in INVARIANTS} == {one.id: [] for one in INVARIANTS}
    by_force(runtime, "DELETE FROM question_version")
    with runtime.read() as uow:
        assert any(one.violations(uow) for one in INVARIANTS)
