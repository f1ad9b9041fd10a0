"""Seconds that were played and not counted: how they are listed, appealed, and granted without breaking the ledger."""

from datetime import timedelta

import pytest

from lms.accounts.policy import Role
from lms.core.errors import Invalid, NotFound
from lms.core.invariants import check
from lms.enrolment.policy import StageState
from lms.enrolment.queries import application_facts
from lms.plans.policy import StageKind
from lms.study import queries
from lms.study.invariants import INVARIANTS
from lms.study.jobs import ledger as jobs
from lms.study.policy.appeals import AppealState, stretches, totals_by_reason
from lms.study.queries import appeals as appeal_queries
from lms.study.queries import refusals as refusal_queries
from lms.study.service import appeals, report_complete
from tests.study.conftest import ANSWER, INTERVAL, Player, StudyHouse

WORDS = "当时接了一个工作电话，没有看到提示"
WHY = "通话记录已核对，情况属实"


def listed(house: StudyHouse, person_id: str):
    with house.runtime.read() as uow:
        return stretches(refusal_queries.played_beats(uow, person_id, house.plan))


def ask(house: StudyHouse, person, *, names: list[str] | None = None, words: str = WORDS) -> str:
    chosen = names if names is not None else [one.name for one in listed(house, person.id)]
    with house.runtime.write() as uow:
        return appeals.ask(uow, house.people.actor(person), house.plan.id, chosen, words)


def miss_a_check(house: StudyHouse, player: Player) -> None:
    player.last["check"] = None
    while not player.last["check"]:
        player.beat()
    house.clock.advance(ANSWER + 4)
    jobs.sweep_unanswered_checks(house.runtime)
    player.last["check"] = None


@pytest.fixture
def admin(house: StudyHouse):
    """An exam administrator of the province, as an actor."""
    return house.people.actor(house.people.staff(Role.EXAM_ADMIN))


def grant(house: StudyHouse, admin, appeal_id: str):
    with house.runtime.write() as uow:
        return appeals.grant(uow, admin, appeal_id, WHY)


def test_every_stretch_is_listed_with_its_reason_the_newest_first(house: StudyHouse) -> None:
    person, _ = house.trainee()
    player = house.player(person)
    player.beat(visible=False)
    player.beat(visible=False)
    player.beat(playing=False)
    player.beat(wait=1)
    miss_a_check(house, player)
    player.at_ms = 500_000
    player.beat(wait=0.2)
    player.beat(wait=0.2)
    found = listed(house, person.id)
    assert [one.why for one in found] == ["fast", "void", "paused", "hidden"]
    assert (found[-1].start, found[-1].end) == (0, 20)
    assert found[-2].seconds == 10
    with house.runtime.read() as uow:
        counted = {
            k: bits for k, (bits, _) in refusal_queries.coverage_bits(uow, person.id, house.plan.id).items()
        }
    assert totals_by_reason(found, counted)["hidden"] == 20


def test_the_player_and_the_list_of_appeals_give_the_same_reason(house: StudyHouse) -> None:
    person, _ = house.trainee()
    player = house.player(person)
    while not player.last["check"]:
        player.beat(2 * INTERVAL, wait=INTERVAL)  # half of each beat is faster than the clock
    house.clock.advance(ANSWER + 4)
    jobs.sweep_unanswered_checks(house.runtime)
    with house.runtime.read() as uow:
        shown = queries.progress(uow, person.id, house.plan).lessons[0].uncounted
    assert {one.why for one in shown} == {one.why for one in listed(house, person.id)} == {"void"}


def test_a_granted_void_window_counts_and_the_ledger_stays_true(house: StudyHouse, admin) -> None:
    person, _ = house.trainee()
    player = house.player(person)
    miss_a_check(house, player)
    assert house.counted(person.id) == (0, 0)
    decided = grant(house, admin, ask(house, person))
    assert (decided.seconds, decided.is_complete) == (60, False)
    assert house.counted(person.id) == (60, 0)
    with house.runtime.read() as uow:
        assert queries.progress(uow, person.id, house.plan).lessons[0].counted == 60
        assert check(uow, INVARIANTS) == {}


def test_what_was_watched_again_meanwhile_is_not_granted_twice(house: StudyHouse, admin) -> None:
    person, _ = house.trainee()
    player = house.player(person)
    miss_a_check(house, player)
    appeal_id = ask(house, person)
    player.at_ms = 0
    player.beat()
    player.beat()
    assert grant(house, admin, appeal_id).seconds == 40
    assert house.counted(person.id) == (40, 20)


def test_hidden_seconds_are_granted_within_their_own_server_time(house: StudyHouse, admin) -> None:
    person, _ = house.trainee()
    player = house.player(person)
    player.beat()
    for _ in range(3):
        player.beat(visible=False)
    player.beat()
    decided = grant(house, admin, ask(house, person))
    assert 24 <= decided.seconds <= 30, "the next credited beat had begun to use its time"
    counted, pending = house.counted(person.id)
    assert counted + pending <= 50


def test_what_ran_faster_than_the_clock_cannot_be_granted(house: StudyHouse, admin) -> None:
    person, _ = house.trainee()
    player = house.player(person)
    for _ in range(5):
        player.beat(160, wait=INTERVAL)
    appeal_id = ask(house, person)
    with pytest.raises(Invalid) as refused:
        grant(house, admin, appeal_id)
    assert refused.value.reasons[0].code == "appeal.nothing_to_grant"
    with house.runtime.write() as uow:
        appeals.refuse(uow, admin, appeal_id, "播放速度不符合规定")
    assert house.counted(person.id)[0] == 0


def test_many_refused_beats_grant_no_more_than_the_wall_clock(house: StudyHouse, admin) -> None:
    person, _ = house.trainee()
    player = house.player(person)
    began = house.clock.now()
    for step in range(30):
        player.beat(INTERVAL, wait=(1, 4, 15)[step % 3], visible=step % 2 == 0)
    appeal_id = ask(house, person, names=[one.name for one in listed(house, person.id)])
    grant(house, admin, appeal_id)
    counted, pending = house.counted(person.id)
    assert counted + pending <= (house.clock.now() - began).total_seconds()


def test_nothing_is_granted_beyond_the_requirement_and_reaching_it_is_reported(
    house: StudyHouse, admin
) -> None:
    person, application_id = house.trainee()
    player = house.player(person)
    miss_a_check(house, player)
    appeal_id = ask(house, person)
    player.last |= {"counted": 0, "pending": 0}
    player.study(120)
    assert house.counted(person.id) == (120, 0)
    player.beat(visible=False)
    decided = grant(house, admin, appeal_id)
    assert decided.is_complete
    assert house.counted(person.id) == (180, 0)
    with house.runtime.write() as uow:
        report_complete(uow, admin, decided.application_id)
    with house.runtime.read() as uow:
        stage = application_facts(uow, application_id).stage(StageKind.EXAM)
    assert stage is not None
    assert stage.state is StageState.OPEN


@pytest.mark.parametrize("is_fresh", [True, False], ids=["fresh seconds", "seconds that count already"])
def test_who_was_granted_all_that_was_missing_confirms_what_is_pending_and_is_done(
    house: StudyHouse, admin, *, is_fresh: bool
) -> None:
    person, _ = house.trainee()
    player = house.player(person)
    miss_a_check(house, player)
    appeal_id = ask(house, person)
    player.last |= {"counted": 0, "pending": 0}
    player.study(150)
    assert house.counted(person.id) == (120, 30)
    assert grant(house, admin, appeal_id).seconds == 30
    assert house.counted(person.id) == (150, 30)
    player.beat(visible=False)
    assert player.last["check"] is None, "nobody is looking"
    if not is_fresh:
        player.at_ms = 100_000
    told = player.beat()
    assert told["credit"] == 0
    assert told["check"] is not None
    assert player.answer().get_json()["complete"]
    assert house.counted(person.id) == (180, 0)


def test_a_stretch_has_one_open_appeal_and_a_granted_one_none(house: StudyHouse, admin) -> None:
    person, _ = house.trainee()
    player = house.player(person)
    player.beat(visible=False)
    player.beat()
    appeal_id = ask(house, person)
    with pytest.raises(Invalid) as refused:
        ask(house, person)
    assert refused.value.reasons[0].code == "appeal.waiting"
    with house.runtime.write() as uow:
        appeals.withdraw(uow, house.people.actor(person), appeal_id)
    again = ask(house, person)
    grant(house, admin, again)
    with pytest.raises(Invalid) as refused:
        ask(house, person)
    assert refused.value.reasons[0].code == "appeal.granted"
    with pytest.raises(Invalid) as refused:
        grant(house, admin, again)
    assert refused.value.reasons[0].code == "appeal.decided"


@pytest.mark.parametrize(
    ("names", "words", "code"),
    [
        ([], WORDS, "appeal.stretches"),
        (["nothing:1-2"], WORDS, "appeal.stretches"),
        (None, "短", "appeal.words"),
    ],
)
def test_an_appeal_says_what_and_why(house: StudyHouse, names, words: str, code: str) -> None:
    person, _ = house.trainee()
    house.player(person).beat(visible=False)
    with pytest.raises(Invalid) as refused:
        ask(house, person, names=names, words=words)
    assert code in {reason.code for reason in refused.value.reasons}


def test_a_rule_of_the_plan_cannot_be_appealed(house: StudyHouse) -> None:
    person, _ = house.trainee()
    house.clock.set(house.plan.study_until - timedelta(seconds=5))
    player = house.player(person)
    player.beat()
    assert [one.why for one in listed(house, person.id)] == ["closed"]
    with pytest.raises(Invalid) as refused:
        ask(house, person)
    assert refused.value.reasons[0].code == "appeal.rule_of_plan"


def test_nobody_appeals_for_another_and_nobody_decides_out_of_his_scope(house: StudyHouse, admin) -> None:
    person, _ = house.trainee()
    house.player(person).beat(visible=False)
    appeal_id = ask(house, person)
    stranger = house.people.actor(house.trainee()[0])
    with pytest.raises(Invalid), house.runtime.write() as uow:
        appeals.ask(uow, stranger, house.plan.id, [listed(house, person.id)[0].name], WORDS)
    with pytest.raises(NotFound), house.runtime.write() as uow:
        appeals.withdraw(uow, stranger, appeal_id)
    elsewhere = house.people.actor(
        house.people.staff(Role.EXAM_ADMIN, organisation_id=house.people.other_city_id)
    )
    for act in (appeals.grant, appeals.refuse):
        with pytest.raises(NotFound), house.runtime.write() as uow:
            act(uow, elsewhere, appeal_id, WHY)
    auditor = house.people.actor(house.people.staff(Role.AUDITOR))
    with house.runtime.read() as uow:
        assert appeal_queries.get_appeal_in_scope(uow, auditor, appeal_id).appeal.state is AppealState.OPEN
    with pytest.raises(NotFound), house.runtime.write() as uow:
        appeals.grant(uow, auditor, appeal_id, WHY)


def test_a_grant_leaves_other_lessons_their_minimum_and_stops_at_a_question(house_with) -> None:
    house = house_with(course={"minima": (0, 100), "stop_at": 15})
    admin = house.people.actor(house.people.staff(Role.EXAM_ADMIN))
    person, _ = house.trainee()
    player = house.player(person)
    for _ in range(3):
        player.beat(visible=False)
    player.lesson, player.at_ms = 2, 0
    for _ in range(9):
        player.beat(visible=False)
    decided = grant(house, admin, ask(house, person))
    # Fifteen seconds of the first lesson lie before its question; of 180 the second lesson keeps 100 for itself.
    assert decided.seconds == 80
    with house.runtime.read() as uow:
        first, second, third = queries.progress(uow, person.id, house.plan).lessons
    assert first.counted <= 15
    assert (second.counted, third.counted) == (0, 80 - first.counted)
