"""In-lesson questions: judged by the server alone, asked again in another order, and a stop for what counts."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from lms.core.clock import to_ms
from lms.core.invariants import check
from lms.courses.queries import questions_of, questions_of_course
from lms.study import queries, service
from lms.study.invariants import INVARIANTS
from lms.study.models import LessonCoverage, QuestionTry, StudySession
from tests.factories.plans import a_course
from tests.study.conftest import INTERVAL, Player, StudyHouse, page_data

MakeHouse = Callable[..., StudyHouse]
QUESTION = "/api/v1/study/question"


def asked_of(player: Player) -> queries.OpenQuestion | None:
    """Return what this person has to answer next in the first lesson."""
    with player.runtime.read() as uow:
        session = uow.session.get(StudySession, player.session_id)
        assert session is not None
        return queries.next_question(uow, session.person_id, session.plan_id, player.lesson_ids[0])


def answer(player: Player, *, right: bool = True, **changes: Any) -> TestResponse:
    """Answer the question whose turn it is."""
    asked = asked_of(player)
    assert asked is not None
    shown = service.options_shown(player.runtime.vault, asked, asked.tries)
    wanted = asked.question.asked.right
    letter = next(letter for letter, place in shown if (place == wanted) is right)
    body = {"lease": player.lease, "question_id": asked.question.id, "try": asked.tries, "choice": letter}
    return player.browser.post_json(QUESTION, body | changes)


def tries(player: Player) -> list[tuple[int, bool]]:
    """Return every answer that was written down: (number, whether it was right)."""
    with player.runtime.read() as uow:
        rows = uow.session.execute(
            select(QuestionTry.try_no, QuestionTry.is_right).order_by(QuestionTry.question_id, QuestionTry.try_no)
        )  # fmt: skip
        return [tuple(row) for row in rows]


@pytest.fixture
def player(house_with: MakeHouse) -> Player:
    """Somebody in a lesson that stops at second 15 and at second 35."""
    return house_with(course={"stop_at": (15, 35)}).player()


def test_after_the_right_answer_the_lesson_counts_up_to_its_next_question(player: Player) -> None:
    player.beat()
    assert player.beat()["not_counted"] == "question"
    player.at_ms = 15_000
    told = answer(player).get_json()
    assert (told["right"], told["question"]["at"]) == (True, 35)
    assert told["explanation"] == "见考评规程。"
    assert player.beat()["credit"] == INTERVAL
    player.beat()
    assert player.last["pending"] == 35
    assert answer(player).get_json() == {"right": True, "explanation": "见考评规程。", "question": None}
    player.at_ms = 35_000
    assert player.beat()["credit"] == INTERVAL


def test_a_question_may_be_answered_before_anything_of_its_lesson_was_counted(player: Player) -> None:
    assert answer(player).get_json()["right"]
    player.at_ms = 10_000
    assert player.beat()["credit"] == INTERVAL


def test_a_wrong_answer_costs_nothing_and_is_asked_again_in_another_order(player: Player) -> None:
    player.beat()
    orders = []
    for number in range(8):
        told = answer(player, right=False).get_json()
        assert (told["right"], told["explanation"], told["question"]["try"]) == (False, "", number + 1)
        orders.append(tuple(option["text"] for option in told["question"]["options"]))
    assert len(set(orders)) > 1
    assert all(set(order) == {"二人", "三人", "四人"} for order in orders)
    assert answer(player).get_json()["right"]
    assert tries(player) == [(number, number == 8) for number in range(9)]
    assert player.browser.get(f"/study/{player.plan.id}").status_code == 200


def test_nothing_the_page_is_given_says_which_option_is_right(player: Player) -> None:
    page = player.browser.get(f"/study/{player.plan.id}").text
    shown = page_data(page)["question"]
    assert (shown["stem"], shown["at"], len(shown["options"])) == ("第 1 问：考评小组一般不少于几人？", 15, 3)
    assert set(shown) == {"id", "at", "try", "stem", "options"}
    told = answer(player, right=False).get_json()
    assert set(told) == {"right", "explanation", "question"}
    assert set(told["question"]) == {"id", "at", "try", "stem", "options"}
    assert all(set(option) == {"letter", "text"} for option in told["question"]["options"])
    assert "见考评规程" not in json.dumps([page_data(page), told], ensure_ascii=False)


def test_an_answer_that_arrives_twice_does_what_it_did_once(player: Player) -> None:
    first = asked_of(player)
    assert first is not None
    shown = dict(service.options_shown(player.runtime.vault, first, 0))
    wrong = next(letter for letter, place in shown.items() if place != first.question.asked.right)
    again = {"choice": wrong, "try": 0}
    assert [answer(player, **again).get_json()["right"] for _ in range(2)] == [False, False]
    assert tries(player) == [(0, False)]
    # A used showing answers nothing any more, whatever letter comes late.
    right = next(letter for letter, place in shown.items() if place == first.question.asked.right)
    assert answer(player, choice=right, **{"try": 0}).get_json()["right"] is False

    told = [answer(player, question_id=first.question.id).get_json() for _ in range(1)]
    repeated = answer(player, question_id=first.question.id, **{"try": 1}).get_json()
    assert told[0] == repeated
    assert (repeated["right"], repeated["question"]["at"]) == (True, 35)
    assert tries(player) == [(0, False), (1, True)]


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"choice": "Z"}, 422, "study.bad_field"), ({"choice": ""}, 422, "study.bad_field"),
        ({"try": -1}, 422, "study.bad_field"), ({"try": 3}, 409, "study.question_try"),
        ({"question_id": "0000000000000000"}, 404, None), ({"lease": "made up"}, 401, "study.forged_lease"),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_refused_and_nothing_is_written(
    player: Player, changes: dict[str, object], status: int, code: str | None
) -> None:
    refused = answer(player, **changes)
    assert refused.status_code == status
    if code:
        assert refused.get_json()["reasons"][0]["code"] == code
    assert tries(player) == []


def test_a_later_question_waits_for_the_earlier_one(player: Player) -> None:
    with player.runtime.read() as uow:
        later = questions_of(uow, lesson_id=player.lesson_ids[0])[1]
    refused = answer(player, question_id=later.id, choice="A")
    assert refused.status_code == 409
    assert refused.get_json()["reasons"][0]["code"] == "study.question_ahead"
    assert tries(player) == []


def test_a_question_of_another_course_is_not_found(player: Player) -> None:
    other = a_course(player.runtime, code="other", stop_at=5)
    with player.runtime.read() as uow:
        stranger = next(iter(questions_of_course(uow, other).values()))[0]
    assert answer(player, question_id=stranger.id).status_code == 404
    assert tries(player) == []


def test_a_session_that_was_taken_over_answers_nothing(player: Player) -> None:
    body = {"choice": "A"}
    assert player.browser.post_json(QUESTION, {"lease": player.lease, **body}).status_code == 422
    lease = player.lease
    player.open()
    refused = answer(player, lease=lease)
    assert refused.status_code == 409
    assert refused.get_json()["reasons"][0]["code"] == "study.closed.superseded"
    assert tries(player) == []


def test_the_answers_of_one_plan_or_person_say_nothing_of_another(house_with: MakeHouse) -> None:
    house = house_with(course={"stop_at": 15})
    one, other = house.player(), house.player()
    assert answer(one).get_json()["right"]
    asked = asked_of(other)
    assert asked is not None
    assert (asked.question.asked.at, asked.tries) == (15, 0)


def test_a_stop_that_was_moved_by_hand_is_found(player: Player) -> None:
    player.beat()
    with player.runtime.write() as uow:
        uow.session.execute(update(LessonCoverage).values(stop_at=35))
    with player.runtime.read() as uow:
        assert "S15" in check(uow, INVARIANTS)
    with player.runtime.write() as uow:
        uow.session.execute(update(LessonCoverage).values(stop_at=15))


def test_answers_that_arrive_together_are_one_answer_and_no_beat_gets_between(player: Player) -> None:
    player.beat()
    asked = asked_of(player)
    assert asked is not None
    given = service.QuestionAnswer(
        player.session_id, asked.question.id, player.lesson_ids[0], 15, tries=0, chosen=1, is_right=True
    )
    arrival = to_ms(player.clock.now())

    def hand_in(_number: int) -> bool:
        done: bool = player.runtime.journal.submit(lambda hot: service.answer_question(hot, given, arrival))
        return done

    with ThreadPoolExecutor(6) as crowd:
        assert list(crowd.map(hand_in, range(12))) == [True] * 12
    assert tries(player) == [(0, True)]
    assert player.beat()["credit"] == INTERVAL
