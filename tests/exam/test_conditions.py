"""Fair conditions: more time ahead, time and pauses during the exam, for one, a place or everyone."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from lms.accounts import service as accounts
from lms.accounts.policy import Role
from lms.core.actors import Actor
from lms.core.errors import Conflict, Invalid, NotFound, Refusal
from lms.core.invariants import check
from lms.core.unit_of_work import Runtime
from lms.exam.errors import ExamNotOpen
from lms.exam.invariants import INVARIANTS
from lms.exam.jobs import attempts as jobs
from lms.exam.models.attempts import Attempt
from lms.exam.policy.attempts import AttemptState
from lms.exam.policy.conditions import EVERYONE, Target, TargetKind
from lms.exam.queries import conditions as queries
from lms.exam.service import conditions
from tests.exam.conftest import EXAM_SECONDS, Candidate, ExamHouse
from tests.support.site import ClockControl

WHY = "考点停电，按应急预案处理"


@pytest.fixture
def admin(house: ExamHouse) -> Actor:
    """An exam administrator of the province."""
    return house.people.actor(house.people.staff(Role.EXAM_ADMIN))


def of(attempt_id: str) -> Target:
    return Target(TargetKind.ATTEMPT, attempt_id)


def left(house: ExamHouse, attempt_id: str) -> float:
    """Return the seconds that the candidate's clock shows."""
    return house.attempt(attempt_id).remaining_ms(house.runtime.clock.now()) / 1000


def extension(house: ExamHouse, attempt_id: str) -> int:
    """Return by how many seconds the window ends later for an attempt."""
    with house.runtime.read() as uow:
        wanted = select(Attempt.extension_seconds).where(Attempt.id == attempt_id)
        return uow.session.execute(wanted).scalar_one()


def give(house: ExamHouse, actor: Actor, target: Target, minutes: int, **how: bool) -> int:
    with house.runtime.write() as uow:
        return conditions.give_time(uow, actor, house.plan_id, target, minutes * 60, WHY, **how)


def pause(house: ExamHouse, actor: Actor, target: Target, minutes: int) -> tuple[str, int]:
    with house.runtime.write() as uow:
        return conditions.pause(uow, actor, house.plan_id, target, minutes * 60, WHY)


def resume(house: ExamHouse, actor: Actor, measure_id: str) -> int:
    with house.runtime.write() as uow:
        return conditions.resume(uow, actor, house.plan_id, measure_id)


def no_row_is_wrong(house: ExamHouse) -> None:
    with house.runtime.read() as uow:
        assert check(uow, INVARIANTS) == {}


def test_extra_time_granted_ahead_is_in_the_deadline_from_the_start(
    house: ExamHouse, candidate: Candidate, admin: Actor
) -> None:
    with house.runtime.write() as uow:
        conditions.grant_extra(uow, admin, house.plan_id, candidate.person.id, 25, 300, "视力障碍，凭证明")
    attempt_id = house.start(candidate)
    attempt = house.attempt(attempt_id)
    assert attempt.deadline_at - attempt.started_at == timedelta(seconds=EXAM_SECONDS * 5 // 4 + 300)
    no_row_is_wrong(house)


def test_extra_time_moves_the_end_of_the_window_only_if_it_is_meant_to(
    house: ExamHouse, admin: Actor, clock: ClockControl
) -> None:
    first, second = house.candidate(), house.candidate()
    with house.runtime.write() as uow:
        for person, extends in ((first, True), (second, False)):
            conditions.grant_extra(
                uow,
                admin,
                house.plan_id,
                person.person.id,
                0,
                1800,
                "手部受伤，凭证明",
                extends_window=extends,
            )
    clock.advance(4 * 3600 - 600)  # ten minutes before the window ends
    assert 2340 <= left(house, house.start(first)) <= 2400
    assert 540 <= left(house, house.start(second)) <= 600
    no_row_is_wrong(house)


def test_extra_time_reaches_an_exam_that_runs_and_stays_when_the_grant_is_withdrawn(
    house: ExamHouse, candidate: Candidate, admin: Actor
) -> None:
    attempt_id = house.start(candidate)
    with house.runtime.write() as uow:
        extra = conditions.grant_extra(
            uow, admin, house.plan_id, candidate.person.id, 50, 0, "视力障碍，凭证明"
        )
    assert left(house, attempt_id) > EXAM_SECONDS * 1.5 - 60
    with house.runtime.write() as uow:
        conditions.withdraw_extra(uow, admin, house.plan_id, extra, "证明已过期，不再适用")
    assert left(house, attempt_id) > EXAM_SECONDS * 1.5 - 60
    with house.runtime.read() as uow:
        assert queries.standing_extra(uow, candidate.person.id, house.plan_id) is None
    no_row_is_wrong(house)


@pytest.mark.parametrize(
    ("percent", "seconds", "reason", "field"),
    [
        (0, 0, WHY, "minutes"),
        (201, 0, WHY, "percent"),
        (0, 5 * 3600, WHY, "minutes"),
        (10, 0, "短", "reason"),
    ],
)
def test_a_grant_that_breaks_a_rule_names_its_field(
    house: ExamHouse, candidate: Candidate, admin: Actor, percent: int, seconds: int, reason: str, field: str
) -> None:
    with pytest.raises(Invalid) as caught, house.runtime.write() as uow:
        conditions.grant_extra(uow, admin, house.plan_id, candidate.person.id, percent, seconds, reason)
    assert caught.value.reasons[0].field_name == field


def test_time_for_everyone_reaches_whoever_sits_and_nobody_who_is_through(
    house: ExamHouse, admin: Actor, clock: ClockControl
) -> None:
    through, sits, late = (house.candidate() for _ in range(3))
    done = house.start(through)
    house.hand_in(through, done)
    overdue = house.start(late)
    clock.advance(EXAM_SECONDS + 4)  # not swept yet, and still over
    running = house.start(sits)
    assert give(house, admin, EVERYONE, 5) == 1
    assert left(house, running) > EXAM_SECONDS + 240
    jobs.sweep_overdue(house.runtime)
    clock.advance(2)
    jobs.sweep_overdue(house.runtime)
    assert house.attempt(overdue).state is AttemptState.GRADED
    no_row_is_wrong(house)


def test_time_for_a_place_reaches_its_people_alone(house: ExamHouse, admin: Actor) -> None:
    here = house.start(house.candidate())
    place = Target(TargetKind.PLACE, house.people.institution_id)
    other = Target(TargetKind.PLACE, house.people.other_institution_id)
    assert give(house, admin, other, 5) == 0
    assert give(house, admin, place, 5) == 1
    assert left(house, here) > EXAM_SECONDS + 240


def test_a_pause_stops_the_clock_and_going_on_takes_back_what_was_not_used(
    house: ExamHouse, candidate: Candidate, admin: Actor, clock: ClockControl
) -> None:
    attempt_id = house.start(candidate)
    clock.advance(600)
    before = left(house, attempt_id)
    measure_id, reached = pause(house, admin, of(attempt_id), 30)
    assert reached == 1
    clock.advance(400)
    assert house.attempt(attempt_id).is_paused(clock.now())
    assert abs(left(house, attempt_id) - before) < 30
    assert resume(house, admin, measure_id) == 1
    assert abs(left(house, attempt_id) - before) < 30
    clock.advance(100)
    assert abs(left(house, attempt_id) - (before - 100)) < 30
    with pytest.raises(Conflict):
        resume(house, admin, measure_id)
    no_row_is_wrong(house)


def test_a_pause_that_nobody_ends_ends_by_itself_and_the_exam_is_closed_in_the_end(
    house: ExamHouse, candidate: Candidate, admin: Actor, clock: ClockControl
) -> None:
    attempt_id = house.start(candidate)
    pause(house, admin, EVERYONE, 10)
    clock.advance(EXAM_SECONDS + 300)  # without the pause this was over
    jobs.sweep_overdue(house.runtime)
    assert house.attempt(attempt_id).state is AttemptState.IN_PROGRESS
    clock.advance(310)
    jobs.sweep_overdue(house.runtime)
    assert house.attempt(attempt_id).state is AttemptState.GRADED
    no_row_is_wrong(house)


def test_who_pauses_already_pauses_until_the_later_end_and_each_pause_ends_its_own(
    house: ExamHouse, admin: Actor, clock: ClockControl
) -> None:
    one, other = (house.start(house.candidate()) for _ in range(2))
    own, _ = pause(house, admin, of(one), 30)
    everyone, reached = pause(house, admin, EVERYONE, 10)
    assert reached == 2
    assert resume(house, admin, everyone) == 1
    assert house.attempt(one).is_paused(clock.now())
    assert not house.attempt(other).is_paused(clock.now())
    assert resume(house, admin, own) == 1
    assert not house.attempt(one).is_paused(clock.now())
    no_row_is_wrong(house)


def test_nobody_starts_into_a_pause_for_all_and_who_starts_later_has_the_longer_window(
    house: ExamHouse, candidate: Candidate, admin: Actor, clock: ClockControl
) -> None:
    clock.advance(4 * 3600 - 1800)
    measure_id, _ = pause(house, admin, EVERYONE, 20)
    with pytest.raises(ExamNotOpen) as caught:
        house.start(candidate)
    assert caught.value.reasons[0].code == "exam.paused"
    clock.advance(600)
    resume(house, admin, measure_id)
    assert (
        1740 <= left(house, house.start(candidate)) <= 1800
    )  # thirty minutes, as if there had been no pause
    no_row_is_wrong(house)


def test_time_that_two_pauses_share_makes_the_window_longer_once(
    house: ExamHouse, candidate: Candidate, admin: Actor, clock: ClockControl
) -> None:
    sits = house.start(house.candidate())
    pause(house, admin, EVERYONE, 30)
    clock.advance(600)
    pause(house, admin, EVERYONE, 30)
    clock.advance(1860)
    assert extension(house, house.start(candidate)) == extension(house, sits) == 2400
    clock.advance(600)
    pause(house, admin, EVERYONE, 10)
    give(house, admin, EVERYONE, 5)
    clock.advance(660)
    third = house.start(house.candidate())
    assert extension(house, third) == 2400 + 600 + 300, "pauses apart from each other, and time, add up"
    no_row_is_wrong(house)


def test_answers_that_come_during_a_pause_are_kept(
    house: ExamHouse, candidate: Candidate, admin: Actor
) -> None:
    """A page that was cut off replays its queue when it can; refusing it would lose what was given before the pause."""
    attempt_id = house.start(candidate)
    pause(house, admin, of(attempt_id), 10)
    assert house.save(candidate, attempt_id, 1, 1, {house.options(attempt_id, 1)[0]}) == 1


def test_only_who_reaches_the_people_may_do_this(house: ExamHouse, admin: Actor, runtime: Runtime) -> None:
    people = house.people
    attempt_id = house.start(house.candidate())
    place = Target(TargetKind.PLACE, people.institution_id)
    own = people.actor(people.staff(Role.INVIGILATOR, organisation_id=people.institution_id))
    other = people.actor(people.staff(Role.INVIGILATOR, organisation_id=people.other_institution_id))
    reader = people.actor(people.staff(Role.AUDITOR))
    assert give(house, own, of(attempt_id), 5) == 1
    assert give(house, own, place, 5) == 1
    with pytest.raises(NotFound):
        give(house, own, EVERYONE, 5)
    with pytest.raises(Invalid):
        give(house, own, place, 31)  # so much is the exam administrator's to give
    for stranger in (other, reader):
        with pytest.raises(NotFound):
            give(house, stranger, of(attempt_id), 5)
    person_id = house.candidate().person.id
    with pytest.raises(NotFound), runtime.write() as uow:
        conditions.grant_extra(uow, own, house.plan_id, person_id, 25, 0, WHY)


def test_more_than_half_an_hour_is_given_by_an_administrator_of_this_plan_and_of_no_other(
    house: ExamHouse, candidate: Candidate
) -> None:
    house.start(candidate)
    person = house.people.staff(Role.EXAM_ADMIN, organisation_id=house.people.other_city_id)
    with house.runtime.write() as uow:
        accounts.grant_role(uow, house.operator, person.id, Role.INVIGILATOR, house.people.province_id)
    elsewhere = house.people.actor(person)
    assert give(house, elsewhere, EVERYONE, 30) == 1
    with pytest.raises(Invalid):
        give(house, elsewhere, EVERYONE, 31)


def test_nobody_gives_time_to_himself(house: ExamHouse, candidate: Candidate, admin: Actor) -> None:
    attempt_id = house.start(candidate)
    himself = replace(candidate.actor, grants=admin.grants)
    with pytest.raises(Refusal) as caught:
        give(house, himself, of(attempt_id), 5)
    assert caught.value.reasons[0].code == "conditions.own"
    assert give(house, himself, EVERYONE, 5) == 0
    with pytest.raises(Refusal), house.runtime.write() as uow:
        conditions.grant_extra(uow, himself, house.plan_id, candidate.person.id, 25, 0, WHY)


@pytest.mark.parametrize("first", ["of all", "of one"])
def test_each_pause_ends_only_its_own_and_whom_another_holds_waits_for_that_one(
    house: ExamHouse, admin: Actor, clock: ClockControl, first: str
) -> None:
    held, free = house.start(house.candidate()), house.start(house.candidate())
    pauses = {"of all": (EVERYONE, 10), "of one": (of(held), 30)}
    for name in (first, *({*pauses} - {first})):
        target, minutes = pauses[name]
        pauses[name] = pause(house, admin, target, minutes)
    assert resume(house, admin, pauses["of all"][0]) == 1, "of those who were paused, one goes on"
    now = house.runtime.clock.now()
    assert not house.attempt(free).is_paused(now)
    assert house.attempt(held).is_paused(now), "somebody wanted this one to wait"
    stands = left(house, held)
    clock.advance(60)
    assert left(house, held) == stands
    assert resume(house, admin, pauses["of one"][0]) == 1
    assert not house.attempt(held).is_paused(house.runtime.clock.now())
    assert EXAM_SECONDS - 5 < left(house, held) <= EXAM_SECONDS + 2
    no_row_is_wrong(house)


def test_a_longer_pause_of_one_that_ends_early_leaves_him_in_the_pause_of_all(
    house: ExamHouse, candidate: Candidate, admin: Actor, clock: ClockControl
) -> None:
    attempt_id = house.start(candidate)
    everyone, _ = pause(house, admin, EVERYONE, 10)
    own, _ = pause(house, admin, of(attempt_id), 60)
    assert resume(house, admin, own) == 0
    assert house.attempt(attempt_id).is_paused(house.runtime.clock.now())
    assert house.attempt(attempt_id).pause_id == everyone
    clock.advance(601)
    assert not house.attempt(attempt_id).is_paused(house.runtime.clock.now())
    assert EXAM_SECONDS - 5 < left(house, attempt_id) <= EXAM_SECONDS + 2
    no_row_is_wrong(house)
