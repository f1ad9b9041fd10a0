"""Many questions are changed together: all of them, or none, and the number was confirmed."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select

from lms.accounts.policy import Role
from lms.audit.models import AuditEvent
from lms.core import invariants
from lms.core.actors import Actor
from lms.core.errors import Invalid
from lms.core.unit_of_work import Runtime
from lms.questions import queries, service
from lms.questions.invariants import INVARIANTS
from lms.questions.jobs import upkeep as upkeep_jobs
from lms.questions.policy import (
    BULK_MAX,
    BulkAct,
    BulkChange,
    ItemFilter,
    Wording,
    bulk_reasons,
    picture_keys,
)
from lms.questions.queries import Target
from question_bank.exporting.xlsx import write_items
from tests.factories.illustrated import drawing, illustrated
from tests.factories.questions import multiple, single
from tests.support.browser import Browser
from tests.support.people import KnownPerson, People

SignIn = Callable[[KnownPerson], Browser]
REASON = "按新的知识领域归类"
TO_METHODS = BulkChange(BulkAct.AREA, "methods", REASON)


@pytest.fixture(autouse=True)
def _all_holds(runtime: Runtime) -> Iterator[None]:
    """After every story the invariants of the bank hold."""
    yield
    with runtime.read() as uow:
        assert invariants.check(uow, INVARIANTS) == {}


@pytest.fixture
def actor(runtime: Runtime, people: People) -> Actor:
    """A question administrator with five questions about the workflow."""
    items = [single(f"第 {n} 题（ ）？") for n in range(5)] + [multiple()]
    with runtime.write() as uow:
        service.import_questions(uow, Actor.system("test"), "题.xlsx", write_items(items))
    upkeep_jobs.sweep_texts(runtime)
    return people.actor(people.staff(Role.QUESTION_ADMIN))


def ids(runtime: Runtime, wanted: ItemFilter | None = None) -> tuple[str, ...]:
    with runtime.read() as uow:
        return tuple(queries.matching_ids(uow, wanted or ItemFilter()))


def change(runtime: Runtime, actor: Actor, target: Target, what: BulkChange, confirmed: int) -> int:
    with runtime.write() as uow:
        return service.change_items(uow, actor, target, what, confirmed)


def refused(runtime: Runtime, actor: Actor, target: Target, what: BulkChange, confirmed: int) -> list[str]:
    with pytest.raises(Invalid) as found:
        change(runtime, actor, target, what, confirmed)
    return [reason.code for reason in found.value.reasons]


def test_all_that_match_move_to_another_area_and_keep_their_words_and_keys(
    runtime: Runtime, actor: Actor
) -> None:
    with runtime.read() as uow:
        before = {item.stem: item.answer for _, item in queries.drawing_pool(uow)}
    workflow = Target((), ItemFilter(area="workflow"))
    assert change(runtime, actor, workflow, TO_METHODS, 5) == 5
    with runtime.read() as uow:
        after = queries.drawing_pool(uow)
        versions = queries.versions_of(uow, ids(runtime, ItemFilter(type="single"))[0])
        tags = list(
            uow.session.scalars(select(AuditEvent.fields).where(AuditEvent.tag == "question_item:relabel"))
        )
        assert queries.items(uow, ItemFilter(text="第 3 题"))[1] == 1, (
            "the searched text moved on with its version"
        )
        assert queries.unindexed(uow, 10) == []
    assert {item.area for _, item in after} == {"methods"}
    assert {item.stem: item.answer for _, item in after} == before
    assert [one.number for one in versions] == [2, 1]
    assert len(tags) == 5
    assert all(REASON in fields for fields in tags)


def test_a_question_with_a_picture_keeps_it_in_its_new_version(runtime: Runtime, actor: Actor) -> None:
    with runtime.write() as uow:
        service.import_questions(uow, Actor.system("test"), "图.xml", illustrated(("看图", drawing())))
    with runtime.read() as uow:
        pictured = next(item_id for item_id, item in queries.drawing_pool(uow) if picture_keys(item))
        before = queries.get_item(uow, pictured).item
    area = "policy" if before.area != "policy" else "methods"
    assert change(runtime, actor, Target((pictured,)), BulkChange(BulkAct.AREA, area, REASON), 1) == 1
    with runtime.write() as uow:
        after = queries.get_item(uow, pictured).item
        assert picture_keys(after) == picture_keys(before)
        wording = Wording(replace(after, explanation="图上写着。"))
        assert service.write_version(uow, actor, pictured, 2, wording, "补上解析") == 3


def test_a_change_that_is_none_writes_no_version(runtime: Runtime, actor: Actor) -> None:
    every = Target(ids(runtime))
    assert change(runtime, actor, every, TO_METHODS, 6) == 5
    assert change(runtime, actor, every, TO_METHODS, 6) == 0
    assert change(runtime, actor, every, BulkChange(BulkAct.DIFFICULTY, "hard", REASON), 6) == 6


def test_questions_retire_together_and_can_come_back(runtime: Runtime, actor: Actor) -> None:
    two = ids(runtime)[:2]
    assert change(runtime, actor, Target(two), BulkChange(BulkAct.RETIRE, "", "规则已经废止"), 2) == 2
    with runtime.read() as uow:
        assert queries.item_count(uow) == 4
    assert refused(runtime, actor, Target(two), TO_METHODS, 2) == ["bulk.not_live"]
    with runtime.write() as uow:
        service.reinstate_item(uow, actor, two[0])


def test_another_number_than_confirmed_changes_nothing(runtime: Runtime, actor: Actor) -> None:
    every = Target((), ItemFilter(area="workflow"))
    with runtime.write() as uow:
        late = write_items([single("刚导入的一题（ ）？")])
        service.import_questions(uow, Actor.system("test"), "迟.xlsx", late)
    assert refused(runtime, actor, every, TO_METHODS, 5) == ["bulk.count"]
    assert len(ids(runtime, ItemFilter(area="methods"))) == 1


def test_one_question_under_review_holds_all_of_them(runtime: Runtime, actor: Actor) -> None:
    every = ids(runtime, ItemFilter(area="workflow"))
    with runtime.write() as uow:
        facts = queries.get_item(uow, every[0])
        changed = single(facts.item.stem, answer="C")
        service.write_version(uow, actor, every[0], 1, Wording(changed), "答案有误")
    assert refused(runtime, actor, Target(every), TO_METHODS, 5) == ["bulk.in_review"]
    assert len(ids(runtime, ItemFilter(area="workflow"))) == 5


@pytest.mark.parametrize(
    ("what", "count", "code"),
    [
        (TO_METHODS, 0, "bulk.none"),
        (TO_METHODS, BULK_MAX + 1, "bulk.too_many"),
        (BulkChange(BulkAct.AREA, "nowhere", REASON), 3, "bulk.value"),
        (BulkChange(BulkAct.DIFFICULTY, "", REASON), 3, "bulk.value"),
        (BulkChange(BulkAct.RETIRE, "", "错"), 3, "remark.length"),
    ],
)
def test_a_change_says_why_not(what: BulkChange, count: int, code: str) -> None:
    assert [reason.code for reason in bulk_reasons(what, count, count, 0, 0)] == [code]
    assert bulk_reasons(TO_METHODS, BULK_MAX, BULK_MAX, 0, 0) == []


def test_ticked_questions_are_changed_by_hand_without_any_script(
    runtime: Runtime, people: People, signed_in: SignIn, actor: Actor
) -> None:
    browser = signed_in(people.staff(Role.QUESTION_ADMIN))
    page = browser.get("/questions/?area=workflow").text
    two = ids(runtime, ItemFilter(area="workflow"))[:2]
    assert all(f'name="ids" value="{one}"' in page for one in two)
    assert "修改符合条件的全部 5 题" in page
    url = f"/questions/bulk?ids={two[0]}&ids={two[1]}"
    assert "修改这 2 题" in browser.get(url).text
    sent = {"act": "area", "area": "methods", "difficulty": "", "remark": REASON, "count": "2"}
    for wrong in (
        {"act": "burn"},
        {"area": ""},
        {"remark": "x"},
        {"count": "3"},
        {"count": "x"},
        {"act": ""},
    ):
        answer = browser.post(url, {**sent, **wrong})
        assert answer.status_code == 422, wrong
        assert 'id="errors"' in answer.text, wrong
    assert browser.post(url, sent).status_code == 303
    assert set(ids(runtime, ItemFilter(area="methods"))) >= set(two)
    assert "您一题也没有选" in browser.get("/questions/bulk").text
    assert "您一题也没有选" in browser.get("/questions/bulk?ids=nobody").text
    everything = browser.get("/questions/bulk?all=1&area=workflow")
    assert "修改这 3 题" in everything.text
    assert "知识领域：考评员工作流程标准" in everything.text
