"""Presence checks, the requirement at its edge, and what follows when it is reached (B1, B2, faults A8, A13)."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from lms.core.actors import Actor
from lms.enrolment.policy import StageState
from lms.enrolment.queries import application_facts
from lms.plans.policy import StageKind
from lms.study import queries, service
from lms.study.hot import keep_beat
from lms.study.jobs import ledger as jobs
from lms.study.policy.credit import PRESENCE_GRACE_MS
from tests.study.conftest import ANSWER, INTERVAL, StudyHouse

pytestmark = pytest.mark.both_databases


def stage_of(house: StudyHouse, application_id: str, kind: StageKind) -> StageState:
    with house.runtime.read() as uow:
        stage = application_facts(uow, application_id).stage(kind)
    assert stage is not None
    return stage.state


def to_the_check(house: StudyHouse, player) -> None:
    while not player.last.get("check"):
        player.beat()


def test_the_check_comes_at_its_moment_and_a_right_answer_counts_the_window(house: StudyHouse) -> None:
    person, _ = house.trainee()
    player = house.player(person)
    to_the_check(house, player)
    assert player.last["pending"] == 60
    asked = player.last["check"]
    assert [option["letter"] for option in asked["options"]] == ["A", "B", "C", "D"]
    assert 0 < asked["answer_in_ms"] <= ANSWER * 1000
    assert asked["void_in_ms"] > asked["answer_in_ms"] + PRESENCE_GRACE_MS, (
        "an answer on its way still counts"
    )
    assert "right" not in str(asked)
    told = player.answer().get_json()
    assert (told["verdict"], told["seconds"], told["counted"], told["pending"]) == ("counted", 60, 60, 0)
    assert house.counted(person.id) == (60, 0)


def test_nobody_is_asked_by_the_beat_with_which_he_went(house: StudyHouse) -> None:
    player = house.player()
    for _ in range(5):
        player.beat()
    assert player.beat(8)["pending"] == 58
    told = player.beat(4)
    assert (told["pending"], told["check"]) == (62, None), "he paused, or went to another lesson"
    player.lesson, player.at_ms = 1, 0
    told = player.beat()
    assert told["check"]["lesson"] == player.lesson_ids[1], "he is back"


def test_short_beats_put_a_check_off_by_no_more_than_an_interval(house: StudyHouse) -> None:
    player = house.player()
    while not player.last["check"]:
        player.beat(3)
    assert 60 + INTERVAL <= player.last["pending"] < 60 + INTERVAL + 3


def test_while_a_check_is_open_nothing_is_credited(house: StudyHouse) -> None:
    player = house.player()
    to_the_check(house, player)
    told = player.beat()
    assert (told["credit"], told["not_counted"]) == (0, "check")


def test_the_same_answer_twice_counts_once_and_says_the_same(house: StudyHouse) -> None:
    person, _ = house.trainee()
    player = house.player(person)
    to_the_check(house, player)
    body = {
        "lease": player.lease,
        "check_id": player.last["check"]["id"],
        "choice": player.choice(),
        "try": 0,
    }
    replies = [player.browser.post_json("/api/v1/study/presence", body) for _ in range(3)]
    assert {reply.text for reply in replies} == {replies[0].text}
    assert house.counted(person.id) == (60, 0)


def test_one_wrong_answer_may_be_mended_and_two_void_the_window(house: StudyHouse) -> None:
    person, _ = house.trainee()
    player = house.player(person)
    to_the_check(house, player)
    told = player.answer(right=False).get_json()
    assert told["verdict"] == "try_again"
    assert told["check"]["id"] == player.last["check"]["id"]
    assert player.answer().get_json()["verdict"] == "counted"
    player.last["check"] = None
    to_the_check(house, player)
    player.answer(right=False)
    told = player.answer(right=False).get_json()
    assert (told["verdict"], told["seconds"], told["counted"], told["pending"]) == ("void", 60, 60, 0)
    assert house.counted(person.id) == (60, 0)


def test_after_a_void_window_there_is_one_try_and_after_a_counted_one_two_again(house: StudyHouse) -> None:
    person, _ = house.trainee()
    player = house.player(person)
    to_the_check(house, player)
    assert player.last["check"]["once"] is False
    player.answer(right=False)
    assert player.answer(right=False).get_json()["verdict"] == "void"
    player.last["check"] = None
    to_the_check(house, player)
    assert player.last["check"]["once"] is True, "the page says so before it is answered"
    assert player.answer(right=False).get_json()["verdict"] == "void"
    player.last["check"] = None
    to_the_check(house, player)
    assert player.answer().get_json()["verdict"] == "counted"
    player.last["check"] = None
    to_the_check(house, player)
    assert player.last["check"]["once"] is False
    assert player.answer(right=False).get_json()["verdict"] == "try_again"


def test_a_check_after_one_that_nobody_answered_has_one_try_in_one_plan_only(house: StudyHouse) -> None:
    person, _ = house.trainee()
    player = house.player(person)
    to_the_check(house, player)
    house.clock.advance(ANSWER + 4)
    player.last["check"] = None
    to_the_check(house, player)
    assert player.answer(right=False).get_json()["verdict"] == "void"
    other = house.player()
    to_the_check(house, other)
    assert other.answer(right=False).get_json()["verdict"] == "try_again"


def test_a_wrong_answer_whose_reply_got_lost_is_charged_once(house: StudyHouse) -> None:
    player = house.player()
    to_the_check(house, player)
    wrong = {
        "lease": player.lease,
        "check_id": player.last["check"]["id"],
        "try": 0,
        "choice": player.choice(right=False),
    }
    replies = [player.browser.post_json("/api/v1/study/presence", wrong).get_json() for _ in range(3)]
    assert [reply["verdict"] for reply in replies] == ["try_again"] * 3
    assert player.answer().get_json()["verdict"] == "counted"


def test_voided_seconds_can_be_watched_again(house: StudyHouse) -> None:
    player = house.player()
    to_the_check(house, player)
    player.answer(right=False)
    player.answer(right=False)
    player.at_ms, player.last["check"] = 0, None
    told = player.beat()
    assert told["credit"] == 10


def test_a_late_answer_counts_nothing(house: StudyHouse) -> None:
    person, _ = house.trainee()
    player = house.player(person)
    to_the_check(house, player)
    choice = player.choice()
    house.clock.advance(ANSWER + 4)
    body = {"lease": player.lease, "check_id": player.last["check"]["id"], "choice": choice, "try": 0}
    told = player.browser.post_json("/api/v1/study/presence", body).get_json()
    assert told["verdict"] == "void"
    assert house.counted(person.id) == (0, 0)


def test_a_robot_that_answers_nothing_for_half_an_hour_gets_nothing_counted(house: StudyHouse) -> None:
    person, _ = house.trainee()
    player = house.player(person)
    for _ in range(180):
        player.beat()
    counted, pending = house.counted(person.id)
    assert counted == 0
    assert pending <= 60


def test_an_unanswered_check_is_voided_by_the_sweeper_and_never_shown_as_pending(house: StudyHouse) -> None:
    person, _ = house.trainee()
    player = house.player(person)
    to_the_check(house, player)
    house.clock.advance(ANSWER + 4)
    with house.runtime.read() as uow:
        assert queries.progress(uow, person.id, house.plan).pending == 0
    jobs.sweep_unanswered_checks(house.runtime)
    jobs.sweep_unanswered_checks(house.runtime)
    assert house.counted(person.id) == (0, 0)


def test_a_check_follows_the_person_to_another_device(house: StudyHouse) -> None:
    person, _ = house.trainee()
    first = house.player(person)
    to_the_check(house, first)
    second = house.player(person)
    assert second.last["check"]["id"] == first.last["check"]["id"]
    assert second.answer().get_json()["verdict"] == "counted"


def test_another_persons_check_cannot_be_answered(house: StudyHouse) -> None:
    one, other = house.player(), house.player()
    to_the_check(house, one)
    body = {"lease": other.lease, "check_id": one.last["check"]["id"], "choice": "A", "try": 0}
    reply = other.browser.post_json("/api/v1/study/presence", body)
    assert reply.status_code == 409


def test_one_second_short_keeps_the_exam_shut_and_the_last_second_opens_it(house: StudyHouse) -> None:
    person, application_id = house.trainee()
    player = house.player(person)
    player.study(179)
    # 179 seconds: 120 counted, 59 pending; no check has a reason to come yet.
    assert house.counted(person.id) == (120, 59)
    assert stage_of(house, application_id, StageKind.EXAM) is StageState.LOCKED
    told = player.beat(1)
    assert told["pending"] == 60
    assert told["check"] is not None
    assert stage_of(house, application_id, StageKind.EXAM) is StageState.LOCKED
    told = player.answer().get_json()
    assert (told["counted"], told["complete"]) == (180, True)
    assert stage_of(house, application_id, StageKind.STUDY) is StageState.PASSED
    assert stage_of(house, application_id, StageKind.EXAM) is StageState.OPEN


def test_nothing_is_counted_beyond_the_requirement(house: StudyHouse) -> None:
    person, _ = house.trainee()
    player = house.player(person)
    player.study(180)
    house.clock.advance(INTERVAL)
    reply = player.send()
    assert reply.status_code == 409
    assert reply.get_json()["reasons"][0]["code"] == "study.closed.done"
    assert house.counted(person.id) == (180, 0)
    assert player.open().status_code == 409


def test_a_report_that_got_lost_with_the_process_is_made_by_the_sweeper(house: StudyHouse) -> None:
    person, application_id = house.trainee()
    player = house.player(person)
    player.study(170)
    player.beat()
    check_id, choice = player.last["check"]["id"], player.choice()
    assert choice in "ABCD"
    # The hot write is committed; the process dies before the report.
    answer = service.Answer(player.session_id, check_id, 0, is_right=True)
    arrival = house.runtime.clock.now_ms()
    assert house.runtime.journal.submit(lambda hot: service.answer_check(hot, answer, arrival)).is_complete
    assert stage_of(house, application_id, StageKind.EXAM) is StageState.LOCKED
    jobs.sweep_completed(house.runtime)
    jobs.sweep_completed(house.runtime)
    assert stage_of(house, application_id, StageKind.EXAM) is StageState.OPEN


def test_reporting_twice_changes_nothing(house: StudyHouse) -> None:
    person, application_id = house.trainee()
    house.player(person).study(180)
    for _ in range(2):
        with house.runtime.write() as uow:
            service.report_complete(uow, Actor.system("test"), application_id)
    assert stage_of(house, application_id, StageKind.EXAM) is StageState.OPEN


def test_twenty_answers_at_once_count_the_window_once(house: StudyHouse) -> None:
    person, _ = house.trainee()
    player = house.player(person)
    to_the_check(house, player)
    answer = service.Answer(player.session_id, player.last["check"]["id"], 0, is_right=True)
    arrival = house.runtime.clock.now_ms()

    def send(_: int) -> str:
        return house.runtime.journal.submit(lambda hot: service.answer_check(hot, answer, arrival)).verdict

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(send, range(20))) == {"counted"}
    assert house.counted(person.id) == (60, 0)


def test_the_same_beat_twenty_times_at_once_is_credited_once(house: StudyHouse) -> None:
    person, _ = house.trainee()
    player = house.player(person)
    house.clock.advance(INTERVAL)
    arrival = house.runtime.clock.now_ms()
    beat = service.Beat(
        player.session_id, 1, player.nonce, house.lesson_ids[0], 0, 10_000, playing=True, visible=True
    )

    def send(_: int) -> str:
        return keep_beat(house.runtime, beat, arrival)

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(send, range(20)))) == 1
    assert house.counted(person.id) == (0, 10)


@pytest.mark.parametrize("rounds", [3])
def test_devices_opened_at_once_leave_one_open_session(house: StudyHouse, rounds: int) -> None:
    person, _ = house.trainee()
    browsers = [house.signed_in(person) for _ in range(4)]
    for _ in range(rounds):
        with ThreadPoolExecutor(4) as pool:
            replies = list(
                pool.map(lambda browser: browser.post_json(f"/study/{house.plan.id}/sessions", {}), browsers)
            )
        assert [reply.status_code for reply in replies] == [201] * 4
        with house.runtime.read() as uow:
            assert len(queries.open_sessions(uow, person.id)) == 1
