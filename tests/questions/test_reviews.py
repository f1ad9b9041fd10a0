"""A question is changed by writing a new version, and two people stand between it and the papers."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError, IntegrityError

from lms.accounts.policy import Role
from lms.core import invariants
from lms.core.actors import Actor
from lms.core.errors import Conflict, Invalid, NotFound, Refusal
from lms.core.unit_of_work import Runtime
from lms.questions import queries, service
from lms.questions.invariants import INVARIANTS
from lms.questions.jobs import upkeep as upkeep_jobs
from lms.questions.models import QuestionItem, QuestionVersion, VersionReview
from lms.questions.policy import ItemState, ReviewState, Wording, changes, wording_reasons
from question_bank.exporting.xlsx import write_items
from question_bank.items import Item
from tests.factories.questions import multiple, single, true_false
from tests.support.browser import Browser
from tests.support.people import KnownPerson, People
from tests.support.site import ClockControl

SignIn = Callable[[KnownPerson], Browser]
NOTE = "按新规则更正答案"


@pytest.fixture(autouse=True)
def _all_holds(runtime: Runtime) -> Iterator[None]:
    """After every story the invariants of the bank hold."""
    yield
    with runtime.read() as uow:
        assert invariants.check(uow, INVARIANTS) == {}


@pytest.fixture
def writer(people: People) -> Actor:
    """One who writes."""
    return people.actor(people.staff(Role.QUESTION_ADMIN))


@pytest.fixture
def second(people: People) -> Actor:
    """One who looks at it."""
    return people.actor(people.staff(Role.QUESTION_ADMIN))


@pytest.fixture
def item_id(runtime: Runtime) -> str:
    """An imported question, whose key says C where it should say B."""
    with runtime.write() as uow:
        service.import_questions(uow, Actor.system("test"), "题.xlsx", write_items([single(answer="C")]))
    return drawn(runtime)[0][0]


def drawn(runtime: Runtime) -> list[tuple[str, Item]]:
    with runtime.read() as uow:
        return queries.drawing_pool(uow)


def write(runtime: Runtime, actor: Actor, item_id: str, item: Item, base: int = 1, **more: object) -> int:
    with runtime.write() as uow:
        return service.write_version(uow, actor, item_id, base, Wording(item, **more), NOTE)  # type: ignore[arg-type]


def decide(runtime: Runtime, verb: str, actor: Actor, item_id: str, version: int = 2) -> None:
    acts = {"review": service.review_version, "approve": service.approve_version}
    with runtime.write() as uow:
        acts[verb](uow, actor, item_id, version)


def codes(refused: pytest.ExceptionInfo[Refusal]) -> list[str]:
    return [reason.code for reason in refused.value.reasons]


def test_papers_draw_a_corrected_question_once_two_people_agree(
    runtime: Runtime, writer: Actor, second: Actor, item_id: str
) -> None:
    right = single(answer="B")
    assert write(runtime, writer, item_id, right, rule_version="2026年版") == 2
    assert drawn(runtime)[0][1].answer == {"C"}
    with pytest.raises(Refusal) as early:
        decide(runtime, "approve", second, item_id)
    assert codes(early) == ["review.state"]
    decide(runtime, "review", second, item_id)
    assert drawn(runtime)[0][1].answer == {"C"}
    decide(runtime, "approve", second, item_id)
    assert drawn(runtime) == [(item_id, right)]
    with runtime.read() as uow:
        versions = queries.versions_of(uow, item_id)
    assert [(one.number, one.state) for one in versions] == [(2, ReviewState.APPROVED), (1, None)]
    told = changes(versions[1].wording, versions[0].wording)
    assert [(one.part, one.before, one.after) for one in told] == [
        ("答案", "C", "B"),
        ("规则版本", "", "2026年版"),
    ]


def test_nobody_reviews_or_approves_his_own_words_not_even_past_the_pages(
    runtime: Runtime, writer: Actor, second: Actor, item_id: str
) -> None:
    write(runtime, writer, item_id, single(answer="B"))
    with pytest.raises(Refusal) as refused:
        decide(runtime, "review", writer, item_id)
    assert codes(refused) == ["review.own"]
    decide(runtime, "review", second, item_id)
    with pytest.raises(Refusal) as refused:
        decide(runtime, "approve", writer, item_id)
    assert codes(refused) == ["review.own"]
    for values in (
        {"reviewed_by": writer.person_id},
        {"state": "approved", "approved_by": writer.person_id},
        {"state": "approved"},
        {"state": "reviewed", "reviewed_by": None},
        {"state": "nearly"},
    ):
        with pytest.raises(IntegrityError), runtime.write() as uow:
            uow.session.execute(update(VersionReview).values(**values))


def test_a_written_version_is_never_changed(runtime: Runtime, writer: Actor, item_id: str) -> None:
    write(runtime, writer, item_id, single(answer="B"))
    with pytest.raises(DBAPIError), runtime.write() as uow:
        uow.session.execute(update(QuestionVersion).values(rule_version="later"))


def test_one_new_version_waits_at_a_time_and_its_writer_may_go_on(
    runtime: Runtime, writer: Actor, second: Actor, item_id: str
) -> None:
    write(runtime, writer, item_id, single(answer="B"))
    with pytest.raises(Conflict) as refused:
        write(runtime, second, item_id, single(answer="A"), 2)
    assert codes(refused) == ["item.in_review"]
    with pytest.raises(Conflict) as refused:
        write(runtime, writer, item_id, single(answer="A"), 1)
    assert codes(refused) == ["item.newer"]
    assert write(runtime, writer, item_id, single(answer="A"), 2) == 3
    with runtime.read() as uow:
        states = [one.state for one in queries.versions_of(uow, item_id)]
        assert [one.version for one in queries.waiting_versions(uow)] == [3]
    assert states == [ReviewState.DRAFT, ReviewState.WITHDRAWN, None]
    with pytest.raises(Refusal), runtime.write() as uow:
        service.withdraw_version(uow, second, item_id, 3)
    with runtime.write() as uow:
        service.withdraw_version(uow, writer, item_id, 3)
    assert write(runtime, second, item_id, single(answer="A"), 3) == 4, "as it was taken back"


def test_a_declined_version_changes_nothing_and_says_why(
    runtime: Runtime, writer: Actor, second: Actor, item_id: str
) -> None:
    write(runtime, writer, item_id, single(answer="A"))
    with pytest.raises(Invalid), runtime.write() as uow:
        service.decline_version(uow, second, item_id, 2, "不")
    with runtime.write() as uow:
        service.decline_version(uow, second, item_id, 2, "A 与规则不符")
    assert drawn(runtime)[0][1].answer == {"C"}
    with pytest.raises(Refusal) as refused:
        decide(runtime, "review", second, item_id)
    assert codes(refused) == ["review.state"]


def test_an_approved_version_may_not_become_a_question_that_is_there_already(
    runtime: Runtime, writer: Actor, second: Actor, item_id: str
) -> None:
    with runtime.write() as uow:
        service.import_questions(
            uow, Actor.system("test"), "二.xlsx", write_items([multiple(), true_false()])
        )
    write(runtime, writer, item_id, replace(single(answer="B"), stem="另一题（ ）？"))
    decide(runtime, "review", second, item_id)
    with runtime.write() as uow:
        service.import_questions(
            uow,
            Actor.system("test"),
            "三.xlsx",
            write_items([replace(single(answer="B"), stem="另一题（ ）？")]),
        )
    with pytest.raises(Conflict) as refused:
        decide(runtime, "approve", second, item_id)
    assert codes(refused) == ["item.same_question"]
    assert {item.answer for _, item in drawn(runtime) if item.stem == single().stem} == {frozenset("C")}


def test_a_new_question_is_drawn_only_when_approved(runtime: Runtime, writer: Actor, second: Actor) -> None:
    with runtime.write() as uow:
        item_id = service.write_item(uow, writer, Wording(multiple()), "新出的一题")
    assert drawn(runtime) == []
    with runtime.read() as uow:
        assert queries.get_item(uow, item_id).state is ItemState.DRAFT
        assert queries.cell_counts(uow) == {}
    with pytest.raises(Conflict), runtime.write() as uow:
        service.retire_item(uow, writer, item_id, "还没有批准过")
    decide(runtime, "review", second, item_id, 1)
    decide(runtime, "approve", second, item_id, 1)
    assert drawn(runtime) == [(item_id, multiple())]


def test_a_question_ends_on_the_day_its_writer_named(
    runtime: Runtime, writer: Actor, second: Actor, item_id: str, clock: ClockControl
) -> None:
    last = date(2026, 12, 1)
    write(runtime, writer, item_id, single(answer="B"), retire_on=last)
    decide(runtime, "review", second, item_id)
    decide(runtime, "approve", second, item_id)
    clock.advance(timedelta(days=9, hours=14, minutes=59).total_seconds())  # 30 November, 23:59 in Shanghai
    upkeep_jobs.sweep_lapsed(runtime)
    assert len(drawn(runtime)) == 1
    clock.advance(120)
    upkeep_jobs.sweep_lapsed(runtime)
    assert drawn(runtime) == []


@pytest.mark.parametrize(
    ("wording", "code"),
    [
        (Wording(single(answer="")), "item.answer_missing"),
        (Wording(single(answer="BC")), "item.answer_not_single"),
        (Wording(single(texts=("甲", "甲"))), "item.option_repeated"),
        (Wording(single("")), "item.stem_missing"),
        (Wording(single("![表](image:" + "a" * 64 + ")")), "item.undeliverable"),
        (Wording(single(), "长" * 61), "item.rule_version"),
        (Wording(single(), "", date(2026, 11, 21)), "item.retire_on"),
        (Wording(single(answer="C")), "item.unchanged"),
    ],
)
def test_what_cannot_be_a_version_is_refused_with_its_reason(wording: Wording, code: str) -> None:
    before = Wording(single(answer="C"))
    found = {reason.code for reason in wording_reasons(wording, before, date(2026, 11, 21))}
    assert code in found, found


def test_the_road_of_a_version_by_hand(
    runtime: Runtime, people: People, signed_in: SignIn, item_id: str
) -> None:
    one, other = people.staff(Role.QUESTION_ADMIN), people.staff(Role.QUESTION_ADMIN)
    mine, yours = signed_in(one), signed_in(other)
    page = mine.get(f"/questions/{item_id}/edit").text
    assert "三人" in page
    sent = {
        "base": "1", "stem": single().stem, "option_a": "两人", "option_b": "三人", "option_c": "五人",
        "option_d": "七人", "answer": "b", "explanation": "见通知。", "area": "workflow", "difficulty": "easy",
        "source": "N3 E3", "rule_version": "2026年版", "retire_on": "", "note": NOTE,
    }  # fmt: skip
    for wrong, place in (({"answer": "E"}, "answer"), ({"note": ""}, "note"), ({"area": "nowhere"}, "area"),
                         ({"option_b": "两人"}, "option_b"), ({"retire_on": "tomorrow"}, "retire_on")):  # fmt: skip
        refused = mine.post(f"/questions/{item_id}/edit", {**sent, **wrong})
        assert refused.status_code == 422, wrong
        assert f'href="#{place}"' in refused.text, wrong
    assert mine.post(f"/questions/{item_id}/edit", sent).status_code == 303
    assert "由另一位题库管理员复核和批准" in mine.get(f"/questions/{item_id}").text
    assert mine.post(f"/questions/{item_id}/versions/2/review").status_code == 409
    assert "1 版待复核" in yours.get("/questions/").text
    assert single().stem in yours.get("/questions/reviews").text
    assert "另一个人写的新版本还在复核" in yours.get(f"/questions/{item_id}/edit").text
    page = yours.get(f"/questions/{item_id}").text
    assert "<del>C</del>" in page
    assert "<ins>B</ins>" in page
    assert mine.post(f"/questions/{item_id}/versions/2/withdraw").status_code == 303
    assert mine.post(f"/questions/{item_id}/edit", {**sent, "base": "2"}).status_code == 303
    assert yours.get(f"/questions/{item_id}").text.count("<ins>B</ins>") == 2, "against what papers draw"
    for verb in ("review", "approve"):
        assert yours.post(f"/questions/{item_id}/versions/3/{verb}", {"remark": ""}).status_code == 303
    assert drawn(runtime)[0][1].answer == {"B"}
    page = yours.get(f"/questions/{item_id}").text
    assert NOTE in page
    assert one.name in page
    assert yours.post(f"/questions/{item_id}/versions/3/approve").status_code == 409
    assert yours.post(f"/questions/{item_id}/versions/7/approve").status_code == 404
    assert yours.post(f"/questions/{item_id}/versions/2/praise").status_code == 404


@pytest.mark.parametrize(
    ("sent", "item"),
    [
        ({"type": "true_false", "answer": "错误"}, true_false("新写的题。", "B")),
        ({"type": "multiple", "answer": "A、C", "option_a": "甲", "option_b": "乙", "option_c": "丙"},
         multiple("新写的题。", ("甲", "乙", "丙"), "AC")),
    ],
)  # fmt: skip
def test_a_new_question_is_written_by_hand(
    runtime: Runtime, people: People, signed_in: SignIn, sent: dict[str, str], item: Item
) -> None:
    browser = signed_in(people.staff(Role.QUESTION_ADMIN))
    assert browser.get("/questions/new").status_code == 200
    rest = {
        "stem": "新写的题。", "explanation": item.explanation, "area": item.area, "difficulty": item.difficulty.value,
        "source": item.source, "note": "新出的一题",
    }  # fmt: skip
    assert browser.post("/questions/new", {**rest, **sent, "type": "essay"}).status_code == 422
    written = browser.post("/questions/new", {**rest, **sent})
    assert written.status_code == 303
    with runtime.read() as uow:
        facts = queries.get_item(uow, written.location.rsplit("/", 1)[1])
    assert (facts.item, facts.state) == (item, ItemState.DRAFT)
    assert "未批准" in browser.get(written.location).text
    assert drawn(runtime) == []


def test_the_invariants_see_what_nobody_approved(
    runtime: Runtime, writer: Actor, second: Actor, item_id: str
) -> None:
    write(runtime, writer, item_id, single(answer="B"))
    with runtime.read() as uow:
        _, mark = queries.get_wording(uow, item_id, 2)
        before = uow.session.get(QuestionItem, item_id)
        assert before is not None
    with runtime.write() as uow:
        uow.session.execute(update(QuestionItem).values(version=2, fingerprint=mark))
    with runtime.read() as uow:
        assert set(invariants.check(uow, INVARIANTS)) == {"Q7"}
    with runtime.write() as uow:
        uow.session.execute(update(QuestionItem).values(version=1, fingerprint=before.fingerprint))
    with pytest.raises(NotFound), runtime.read() as uow:
        queries.get_review(uow, item_id, 1)
