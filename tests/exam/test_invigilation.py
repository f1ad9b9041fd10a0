"""Invigilation: who is there, what was noticed, messages, another device, ending for cause, and the evidence."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from lms.accounts.policy import Role
from lms.core.actors import Actor
from lms.core.errors import Conflict, Invalid, NotFound, Refusal
from lms.core.invariants import check
from lms.exam.errors import AttemptClosed, ExamNotOpen, LeaseDead
from lms.exam.invariants import INVARIANTS
from lms.exam.policy.attempts import AttemptState
from lms.exam.policy.conditions import EVERYONE, EndingCause, MessageKind, Target, TargetKind, Verdict
from lms.exam.policy.watching import Look, SeatState
from lms.exam.queries.board import Seat, board
from lms.exam.queries.evidence import EvidenceKind, evidence_of
from lms.exam.queries.reach import reach_of
from lms.exam.queries.receipts import receipt_of
from lms.exam.queries.watching import LastSwitch, last_switch
from lms.exam.service import attempts, conditions, invigilation, messages, reviews
from lms.exam.service.watching import Answer, Switch, Visit, receive
from lms.exam.watch_hot import read_visit
from tests.exam.conftest import Candidate, ExamHouse
from tests.support.browser import Browser
from tests.support.people import KnownPerson
from tests.support.site import ClockControl

WHY = "考生离开考场，没有回来"
SLOW_SECONDS = 10
"""The clock of a test that was moved goes on ticking, on a slow machine between two lines too."""


@pytest.fixture
def admin(house: ExamHouse) -> Actor:
    """An exam administrator of the province."""
    return house.people.actor(house.people.staff(Role.EXAM_ADMIN))


@pytest.fixture
def second(house: ExamHouse) -> Actor:
    """Another one."""
    return house.people.actor(house.people.staff(Role.EXAM_ADMIN))


def visit(
    house: ExamHouse, candidate: Candidate, attempt_id: str, *switches: Switch, read: tuple[str, ...] = ()
) -> Answer:
    lease = house.lease(candidate, attempt_id)
    return receive(house.runtime, lease, Visit(switches, read), house.runtime.clock.now_ms())


def seat_of(house: ExamHouse, actor: Actor, person_id: str) -> Seat:
    with house.runtime.read() as uow:
        found = board(uow, reach_of(uow, actor, house.plan_id))
    return next(seat for seat in found.seats if seat.person_id == person_id)


def evidence(house: ExamHouse, attempt_id: str) -> list[tuple[EvidenceKind, int]]:
    with house.runtime.read() as uow:
        return [(line.kind, line.count) for line in evidence_of(uow, house.attempt(attempt_id))]


def end(house: ExamHouse, actor: Actor, attempt_id: str, *, wants_void: bool) -> None:
    with house.runtime.write() as uow:
        invigilation.end(uow, actor, attempt_id, EndingCause.MISCONDUCT, WHY, wants_void=wants_void)


def decide(house: ExamHouse, actor: Actor, attempt_id: str, verdict: Verdict) -> None:
    with house.runtime.write() as uow:
        invigilation.decide(uow, actor, attempt_id, verdict, "看过录像和经过，情况属实")


def holds(house: ExamHouse) -> None:
    with house.runtime.read() as uow:
        assert check(uow, INVARIANTS) == {}


def test_the_board_follows_a_candidate_from_not_there_to_done(
    house: ExamHouse, candidate: Candidate, admin: Actor, clock: ClockControl
) -> None:
    def state() -> SeatState:
        return seat_of(house, admin, candidate.person.id).state

    assert state() is SeatState.OUT
    attempt_id = house.start(candidate)
    visit(house, candidate, attempt_id)
    assert state() is SeatState.WORKING
    house.save(candidate, attempt_id, 1, 1, {house.options(attempt_id, 1)[0]})
    assert seat_of(house, admin, candidate.person.id).answered == 1
    clock.advance(20)
    assert state() is SeatState.LOST
    visit(house, candidate, attempt_id)
    assert state() is SeatState.WORKING
    [gap] = [seconds for kind, seconds in evidence(house, attempt_id) if kind is EvidenceKind.GAP]
    assert 20 <= gap < 20 + SLOW_SECONDS
    house.hand_in(candidate, attempt_id)
    assert state() is SeatState.DONE


def test_switches_are_told_once_listed_and_judged_by_people(
    house: ExamHouse, candidate: Candidate, admin: Actor, clock: ClockControl
) -> None:
    attempt_id = house.start(candidate)
    clock.advance(300)
    left = Switch(1, 4000, None)
    for _ in range(3):  # a reply that was lost makes the page say it again
        visit(house, candidate, attempt_id, left)
    assert seat_of(house, admin, candidate.person.id).facts.is_away
    assert (EvidenceKind.LEFT, 0) in evidence(house, attempt_id)
    visit(house, candidate, attempt_id, Switch(1, 4000, 31), Switch(2, 500, 0))
    found = seat_of(house, admin, candidate.person.id)
    assert (found.facts.away_times, found.facts.away_seconds, found.facts.is_away) == (1, 31, False)
    assert Look.AWAY in found.looks
    assert house.attempt(attempt_id).state is AttemptState.IN_PROGRESS
    with house.runtime.write() as uow:
        invigilation.remark(uow, admin, attempt_id, "", is_cleared=True)
    assert Look.AWAY not in seat_of(house, admin, candidate.person.id).looks
    lines = evidence(house, attempt_id)
    assert (EvidenceKind.AWAY, 31) in lines
    assert (EvidenceKind.LEFT, 0) not in lines
    assert (EvidenceKind.CLEARED, 0) in lines


def test_the_pages_clock_cannot_put_a_switch_before_the_start_or_make_it_longer_than_the_exam(
    house: ExamHouse, candidate: Candidate, admin: Actor, clock: ClockControl
) -> None:
    attempt_id = house.start(candidate)
    clock.advance(60)
    visit(house, candidate, attempt_id, Switch(1, 24 * 3_600_000, 24 * 3600))
    assert seat_of(house, admin, candidate.person.id).facts.away_seconds == 60
    with house.runtime.read() as uow:
        line = next(
            one for one in evidence_of(uow, house.attempt(attempt_id)) if one.kind is EvidenceKind.AWAY
        )
    assert line.at == house.attempt(attempt_id).started_at


def test_another_device_goes_on_counting_switches_where_the_first_stopped(
    house: ExamHouse, candidate: Candidate, clock: ClockControl
) -> None:
    attempt_id = house.start(candidate)
    clock.advance(300)

    def known() -> LastSwitch:
        with house.runtime.read() as uow:
            return last_switch(uow, attempt_id)

    assert known() == LastSwitch()
    visit(house, candidate, attempt_id, Switch(1, 9000, None), Switch(1, 9000, 5))
    assert known() == LastSwitch(1)
    visit(house, candidate, attempt_id, Switch(2, 0, None))
    assert known().serial == 2
    assert known().left_at is not None
    visit(house, candidate, attempt_id, Switch(2, 0, 7))
    assert known() == LastSwitch(2)


@pytest.mark.parametrize(("ago", "seconds"), [(-5_000_000, 3), (10**12, 3), (2000, 10**9), (2000, -(10**6))])
def test_a_device_whose_clock_was_set_meanwhile_is_still_heard(
    house: ExamHouse, candidate: Candidate, admin: Actor, clock: ClockControl, ago: int, seconds: int
) -> None:
    attempt_id = house.start(candidate)
    clock.advance(60)
    said = read_visit({"away": [[1, ago, None], [1, ago, seconds]]})
    visit(house, candidate, attempt_id, *said.switches)
    assert 0 <= seat_of(house, admin, candidate.person.id).facts.away_seconds <= 60 + SLOW_SECONDS
    with house.runtime.read() as uow:
        lines = [one for one in evidence_of(uow, house.attempt(attempt_id)) if one.kind is EvidenceKind.LEFT]
        assert all(house.attempt(attempt_id).started_at <= one.at <= uow.now for one in lines)


def test_a_message_is_there_until_it_is_confirmed_and_only_by_whom_it_was_for(
    house: ExamHouse, admin: Actor
) -> None:
    one, other = house.candidate(), house.candidate()
    first, second = house.start(one), house.start(other)
    with house.runtime.write() as uow:
        assert messages.send(uow, admin, house.plan_id, EVERYONE, "请核对姓名") == 2
    told = visit(house, one, first).unread
    assert [(message.kind, message.words) for message in told] == [(MessageKind.MESSAGE, "请核对姓名")]
    assert seat_of(house, admin, one.person.id).unread == 1
    assert visit(house, one, first, read=(told[0].id,)).unread == ()
    assert visit(house, one, first).unread == ()
    assert len(visit(house, other, second).unread) == 1
    assert seat_of(house, admin, one.person.id).unread == 0
    assert (EvidenceKind.READ, 0) in evidence(house, first)
    with pytest.raises(Invalid), house.runtime.write() as uow:
        messages.send(uow, admin, house.plan_id, EVERYONE, "  ")


def test_a_visit_tells_of_a_pause_and_of_given_time(
    house: ExamHouse, candidate: Candidate, admin: Actor
) -> None:
    attempt_id = house.start(candidate)
    target = Target(TargetKind.ATTEMPT, attempt_id)
    with house.runtime.write() as uow:
        conditions.pause(uow, admin, house.plan_id, target, 600, "考点停电，等待恢复")
    answer = visit(house, candidate, attempt_id)
    assert 598_000 <= answer.pause_ms <= 600_000
    assert answer.pause_reason == "考点停电，等待恢复"
    assert 3_598_000 <= answer.remaining_ms <= 3_600_000
    assert [told.kind for told in answer.unread] == [MessageKind.PAUSE]


def test_a_device_that_was_left_behind_is_not_listened_to(
    house: ExamHouse, candidate: Candidate, admin: Actor
) -> None:
    attempt_id = house.start(candidate)
    phone = replace(candidate, actor=house.sign_in(candidate.person))
    with house.runtime.write() as uow:
        attempts.take_over(uow, phone.actor, attempt_id)
    answer = visit(house, candidate, attempt_id, Switch(1, 0, 99))
    assert not answer.is_held
    found = seat_of(house, admin, candidate.person.id)
    assert found.facts.away_times == 0
    assert found.looks == (Look.DEVICE,)


def test_handing_over_cuts_the_old_device_and_the_new_one_goes_on(
    house: ExamHouse, candidate: Candidate, admin: Actor
) -> None:
    attempt_id = house.start(candidate)
    option = house.options(attempt_id, 1)[0]
    house.save(candidate, attempt_id, 1, 1, {option})
    with house.runtime.write() as uow:
        invigilation.hand_over(uow, admin, attempt_id, "考生的电脑死机，换到备用机")
    for act in (
        lambda: house.save(candidate, attempt_id, 2, 1, {house.options(attempt_id, 2)[0]}),
        lambda: visit(house, candidate, attempt_id),
    ):
        with pytest.raises(LeaseDead):
            act()
    spare = replace(candidate, actor=house.sign_in(candidate.person))
    with house.runtime.write() as uow:
        attempts.take_over(uow, spare.actor, attempt_id)
    assert house.save(spare, attempt_id, 1, 2, {option}) == 2
    kinds = [kind for kind, _count in evidence(house, attempt_id)]
    assert kinds.index(EvidenceKind.HAND_OVER) < kinds.index(EvidenceKind.TAKE_OVER)


def test_an_exam_ended_for_cause_is_graded_by_what_was_answered(
    house: ExamHouse, candidate: Candidate, admin: Actor
) -> None:
    attempt_id = house.start(candidate)
    house.save(candidate, attempt_id, 1, 1, {house.options(attempt_id, 1)[0]})
    end(house, admin, attempt_id, wants_void=False)
    attempt = house.attempt(attempt_id)
    assert attempt.state is AttemptState.GRADED
    assert attempt.breakdown["answered"] == 1
    with pytest.raises(AttemptClosed):
        house.save(candidate, attempt_id, 2, 1, {house.options(attempt_id, 2)[0]})
    with pytest.raises(Refusal) as caught, house.runtime.write() as uow:
        attempts.void(uow, admin, attempt_id, "想想还是作废吧")
    assert caught.value.reasons[0].code == "ending.second_person"
    holds(house)


def test_the_time_of_an_exam_that_was_ended_in_a_pause_does_not_stand_still(
    house: ExamHouse, candidate: Candidate, admin: Actor
) -> None:
    attempt_id = house.start(candidate)
    with house.runtime.write() as uow:
        conditions.pause(uow, admin, house.plan_id, Target(TargetKind.ATTEMPT, attempt_id), 600, WHY)
    end(house, admin, attempt_id, wants_void=False)
    attempt, now = house.attempt(attempt_id), house.runtime.clock.now()
    assert not attempt.is_paused(now)
    assert attempt.remaining_ms(now) - attempt.remaining_ms(now + timedelta(minutes=1)) == 60_000


@pytest.mark.parametrize(
    ("verdict", "state"), [(Verdict.KEEP, AttemptState.GRADED), (Verdict.VOID, AttemptState.VOIDED)]
)
def test_nothing_follows_until_a_second_person_has_decided(
    house: ExamHouse,
    candidate: Candidate,
    admin: Actor,
    second: Actor,
    clock: ClockControl,
    verdict: Verdict,
    state: AttemptState,
) -> None:
    attempt_id = house.start(candidate)
    end(house, admin, attempt_id, wants_void=True)
    clock.advance(7200)
    assert house.attempt(attempt_id).state is AttemptState.SUBMITTED
    assert seat_of(house, admin, candidate.person.id).looks == (Look.DECISION,)
    holds(house)
    with pytest.raises(ExamNotOpen) as waiting:
        house.start(candidate)
    assert waiting.value.reasons[0].code == "exam.awaits_verdict"
    for actor in (admin, replace(second, person_id=candidate.person.id)):
        with pytest.raises(Refusal):
            decide(house, actor, attempt_id, verdict)
    with pytest.raises(Refusal), house.runtime.write() as uow:
        attempts.void(uow, second, attempt_id, "绕过第二人的决定")
    decide(house, second, attempt_id, verdict)
    assert house.attempt(attempt_id).state is state
    assert house.start(candidate) != attempt_id
    with pytest.raises(Refusal):
        decide(house, second, attempt_id, Verdict.KEEP)
    holds(house)


def test_the_database_refuses_a_verdict_by_whoever_ended_the_exam(
    house: ExamHouse, candidate: Candidate, admin: Actor
) -> None:
    attempt_id = house.start(candidate)
    end(house, admin, attempt_id, wants_void=True)
    with pytest.raises(Exception, match="second_person"), house.runtime.write() as uow:
        uow.session.execute(
            text("UPDATE attempt_ending SET verdict = 'void', decided_by = ended_by, decided_at = ended_at")
        )


def test_invigilators_reach_their_own_people_and_decide_nothing_alone(
    house: ExamHouse, candidate: Candidate, admin: Actor
) -> None:
    people = house.people
    own = people.actor(people.staff(Role.INVIGILATOR, organisation_id=people.institution_id))
    other = people.actor(people.staff(Role.INVIGILATOR, organisation_id=people.other_institution_id))
    attempt_id = house.start(candidate)
    assert seat_of(house, own, candidate.person.id).state is SeatState.WORKING
    with pytest.raises(NotFound), house.runtime.read() as uow:
        reach_of(uow, other, house.plan_id)
    with pytest.raises(NotFound):
        end(house, other, attempt_id, wants_void=False)
    end(house, own, attempt_id, wants_void=True)
    with pytest.raises(NotFound):
        decide(house, own, attempt_id, Verdict.VOID)
    with pytest.raises(Conflict), house.runtime.write() as uow:
        messages.send(uow, own, house.plan_id, Target(TargetKind.ATTEMPT, attempt_id), "您好")


def test_nobody_ends_his_own_exam(house: ExamHouse, candidate: Candidate, admin: Actor) -> None:
    attempt_id = house.start(candidate)
    himself = replace(candidate.actor, grants=admin.grants)
    with pytest.raises(Refusal) as caught:
        end(house, himself, attempt_id, wants_void=False)
    assert caught.value.reasons[0].code == "conditions.own"


def test_answers_that_came_during_a_pause_stand_in_the_evidence(
    house: ExamHouse, candidate: Candidate, admin: Actor, clock: ClockControl
) -> None:
    attempt_id = house.start(candidate)
    option = house.options(attempt_id, 1)[0]
    house.save(candidate, attempt_id, 1, 1, {option})
    clock.advance(5)
    with house.runtime.write() as uow:
        measure_id, _ = conditions.pause(uow, admin, house.plan_id, EVERYONE, 600, "考点停电，等待恢复")
    clock.advance(5)
    house.save(candidate, attempt_id, 1, 2, {option})
    clock.advance(5)
    with house.runtime.write() as uow:
        conditions.resume(uow, admin, house.plan_id, measure_id)
    clock.advance(5)
    house.save(candidate, attempt_id, 1, 3, {option})
    assert (EvidenceKind.PAUSED_SAVES, 1) in evidence(house, attempt_id)


def test_a_verdict_moves_neither_the_close_nor_the_receipt_and_the_review_is_counted_from_it(
    house: ExamHouse, candidate: Candidate, admin: Actor, second: Actor, clock: ClockControl
) -> None:
    attempt_id = house.start(candidate)
    clock.advance(600)
    end(house, admin, attempt_id, wants_void=True)
    before = house.attempt(attempt_id)
    with house.runtime.read() as uow:
        receipt = receipt_of(uow, before)
    clock.advance(8 * 86_400)
    decide(house, second, attempt_id, Verdict.KEEP)
    after = house.attempt(attempt_id)
    assert (after.closed_at, after.used_seconds) == (before.closed_at, before.used_seconds)
    assert after.used_seconds < 660
    with house.runtime.read() as uow:
        assert receipt_of(uow, after) == receipt
    with house.runtime.write() as uow:
        reviews.ask(uow, candidate.actor, attempt_id, "分数在今天才知道，请核对多选题的评分。")
    holds(house)


def test_an_exam_that_waits_for_a_verdict_is_not_listed_as_running(
    house: ExamHouse, candidate: Candidate, admin: Actor, signed_in: Callable[[KnownPerson], Browser]
) -> None:
    end(house, admin, house.start(candidate), wants_void=True)
    page = signed_in(candidate.person).get(f"/exam/{house.plan_id}").text
    assert "第 1 次：已被结束，等待决定" in page
    assert "作答中" not in page
