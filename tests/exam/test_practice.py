"""Practice: untimed, explained at once, only what was marked for it, and nothing an exam still asks."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from lms.accounts.policy import Role
from lms.core.errors import Invalid, NotFound, Refusal
from lms.exam import queries
from lms.exam.jobs import attempts as jobs
from lms.exam.models.attempts import Attempt, Paper
from lms.exam.models.practice import PracticeTry
from lms.exam.policy.practice import TryFacts, judge, next_question
from lms.exam.service import practice
from lms.plans.models import Plan
from lms.questions import service as questions
from lms.questions.models import QuestionItem
from lms.questions.queries import drawing_pool, drawing_stock, item_count
from question_bank.items import Blank, Number
from tests.exam.conftest import Candidate, ExamHouse
from tests.exam.desk import paper_of
from tests.factories.questions import fill_in, multiple, single
from tests.support.browser import Browser
from tests.support.people import KnownPerson
from tests.support.site import TEST_NOW

SignIn = Callable[[KnownPerson], Browser]


def item_of(house: ExamHouse, stem: str) -> str:
    """Return the id of a question by the beginning of its stem."""
    with house.runtime.read() as uow:
        return uow.session.scalars(select(QuestionItem.id).where(QuestionItem.stem.startswith(stem))).one()


def mark(house: ExamHouse, *stems: str) -> list[str]:
    """Mark questions for practice."""
    ids = [item_of(house, stem) for stem in stems]
    with house.runtime.write() as uow:
        for item_id in ids:
            questions.mark_for_practice(uow, house.operator, item_id)
    return ids


def test_what_is_for_practice_is_never_drawn(house: ExamHouse) -> None:
    with house.runtime.read() as uow:
        before = (drawing_stock(uow).size, item_count(uow))
    marked = mark(house, "单选第 0 题", "单选第 1 题", "多选第 0 题")
    with house.runtime.read() as uow:
        assert (drawing_stock(uow).size, item_count(uow)) == (before[0] - 3, before[1] - 3)
        assert not {item_id for item_id, _ in drawing_pool(uow)} & set(marked)
    for _ in range(5):
        attempt_id = house.start(house.candidate())
        key, _ = paper_of(house.runtime, attempt_id)
        assert not {entry.item_id for entry in key.entries} & set(marked)
    with house.runtime.write() as uow:
        questions.unmark_practice(uow, house.operator, marked[0])
    with house.runtime.read() as uow:
        assert drawing_stock(uow).size == before[0] - 2


def test_a_draft_or_retired_question_is_not_for_practice(house: ExamHouse) -> None:
    item_id = item_of(house, "单选第 0 题")
    with house.runtime.write() as uow:
        questions.retire_item(uow, house.operator, item_id, "题目已经过时")
    with pytest.raises(Refusal), house.runtime.write() as uow:
        questions.mark_for_practice(uow, house.operator, item_id)
    with pytest.raises(NotFound), house.runtime.write() as uow:
        questions.mark_for_practice(uow, house.operator, "nothing000000000")


def test_a_question_on_a_paper_that_waits_or_runs_stays_closed(house: ExamHouse) -> None:
    sitter, learner = house.candidate(), house.candidate()
    jobs.prepare_paper(house.runtime, person_id=sitter.person.id, plan_id=house.plan_id)
    with house.runtime.read() as uow:
        paper_id = uow.session.scalars(select(Paper.id)).one()
        stem = uow.session.scalars(select(Paper.public).where(Paper.id == paper_id)).one()
    drawn = re.findall(r"单选第 \d 题", stem)[0]
    marked = mark(house, drawn)[0]
    with pytest.raises(NotFound), house.runtime.write() as uow:
        practice.practise(uow, learner.actor, marked, ["B"])
    attempt_id = house.start(sitter)
    with house.runtime.write() as uow:
        past = TEST_NOW - timedelta(hours=2)
        uow.session.execute(update(Plan).values(exam_from=past, exam_until=past + timedelta(hours=1)))
    with house.runtime.read() as uow:
        assert marked not in [one for ids in queries.practisable(uow).values() for one in ids], "it runs"
    with house.runtime.write() as uow:
        uow.session.execute(update(Attempt).where(Attempt.id == attempt_id).values(state="voided"))
    with house.runtime.read() as uow:
        assert marked in [one for ids in queries.practisable(uow).values() for one in ids]


def test_an_answer_is_judged_and_remembered_for_the_person_alone(
    house: ExamHouse, candidate: Candidate
) -> None:
    marked = mark(house, "单选第 0 题")[0]
    for given, is_right in ((["A"], False), (["B"], True)):
        with house.runtime.write() as uow:
            assert practice.practise(uow, candidate.actor, marked, given).is_right is is_right
    for nothing in ([], ["A", "B"], ["Z"]):
        with pytest.raises(Invalid), house.runtime.write() as uow:
            practice.practise(uow, candidate.actor, marked, nothing)
    with house.runtime.read() as uow:
        row = uow.session.scalars(select(PracticeTry)).one()
        assert (row.person_id, row.tries, row.right_tries, row.is_right) == (candidate.person.id, 2, 1, True)
        assert uow.session.scalars(select(Attempt)).all() == [], "practice is no exam"


def test_who_is_in_no_plan_does_not_practise(house: ExamHouse, signed_in: SignIn) -> None:
    marked = mark(house, "单选第 0 题")[0]
    browser = signed_in(house.people.trainee())
    assert "报名审核通过后可以练习" in browser.get("/exam/practice").text
    assert browser.get(f"/exam/practice/{marked}").status_code == 404


def test_practising_through_the_pages(house: ExamHouse, candidate: Candidate, signed_in: SignIn) -> None:
    keeper = signed_in(house.people.staff(Role.QUESTION_ADMIN))
    for stem in ("单选第 0 题", "多选第 0 题"):
        item_id = item_of(house, stem)
        assert keeper.post(f"/questions/{item_id}/practice", {"practice": "yes"}).status_code == 303
        assert "练习题" in keeper.get(f"/questions/{item_id}").text
    browser = signed_in(candidate.person)
    assert "0</b> / 1" in browser.get("/exam/practice").text
    led = browser.get("/exam/practice/next", follow_redirects=True)
    assert "见通知" not in led.text
    assert "opt-right" not in led.text
    url = led.request.path
    told = browser.post(url, {"answer": ["D"]})
    assert told.status_code == 200
    assert "答得不对" in told.text
    assert "应选" in told.text
    assert "见通知" in told.text
    other = browser.get(f"/exam/practice/next?after={url.rsplit('/', 1)[1]}")
    assert other.location.split("?")[0] != url, "what was never tried comes first"
    exam_item = item_of(house, "单选第 5 题")
    assert browser.get(f"/exam/practice/{exam_item}").status_code == 404, "an exam's question is not shown"
    assert browser.post(f"/exam/practice/{exam_item}", {"answer": ["B"]}).status_code == 404


def test_judging_reads_letters_and_gaps() -> None:
    assert judge(single(), ["B"]).is_right
    assert not judge(single(), ["A"]).is_right
    assert judge(multiple(), ["C", "A", "B"]).is_right
    assert not judge(multiple(), ["A", "B"]).is_right
    assert judge(fill_in(), [" 三 "]).is_right
    assert not judge(fill_in(), []).is_right
    numbers = fill_in(numbers=(Number(3),))
    assert numbers.blank == Blank((), (Number(3),))
    assert judge(numbers, ["３.0"]).is_right


def test_what_comes_next_is_what_helps_most() -> None:
    def tried(item_id: str, day: int, *, is_right: bool) -> TryFacts:
        return TryFacts(item_id, 1, int(is_right), is_right, TEST_NOW + timedelta(days=day))

    past = {"a": tried("a", 1, is_right=True), "b": tried("b", 2, is_right=False)}
    assert next_question(["a", "b", "c"], past) == "c"
    assert next_question(["a", "b"], past) == "b"
    assert next_question(["a", "b"], past, after="b") == "a"
    assert next_question(["a"], past, after="a") == "a"
    assert next_question([], past) is None
