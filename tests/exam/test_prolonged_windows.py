"""Time that is added near the end of an exam window: who has not begun may still begin, and nothing ends too soon."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from lms.accounts.policy import Role
from lms.core.actors import Actor
from lms.core.invariants import check
from lms.core.unit_of_work import UnitOfWork
from lms.dashboards.policy import Step
from lms.dashboards.queries.home import HomeFacts, home
from lms.enrolment import service as enrolment
from lms.enrolment.policy import Outcome
from lms.enrolment.queries import application_facts
from lms.exam import queries
from lms.exam.errors import ExamNotOpen
from lms.exam.invariants import INVARIANTS
from lms.exam.models.attempts import PaperItem
from lms.exam.policy.conditions import EVERYONE, Added, Target, TargetKind, window_extension
from lms.exam.service import conditions
from lms.plans import service as plans
from lms.plans.errors import PlanFrozen
from lms.plans.policy import PlanFacts
from lms.plans.queries import get_plan
from tests.exam.conftest import EXAM_SECONDS, Candidate, ExamHouse
from tests.support.site import ClockControl

WHY = "考点停电，按应急预案处理"
WINDOW = 4 * 3600
"""How many seconds the window of the plan is open from now."""
MINUTE = timedelta(minutes=1)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def admin(house: ExamHouse) -> Actor:
    """An exam administrator of the province."""
    return house.people.actor(house.people.staff(Role.EXAM_ADMIN))


def pause(house: ExamHouse, actor: Actor, target: Target, minutes: int) -> str:
    with house.runtime.write() as uow:
        return conditions.pause(uow, actor, house.plan_id, target, minutes * 60, WHY)[0]


def give(house: ExamHouse, actor: Actor, target: Target, minutes: int) -> None:
    with house.runtime.write() as uow:
        conditions.give_time(uow, actor, house.plan_id, target, minutes * 60, WHY)


def why_not(house: ExamHouse, candidate: Candidate) -> str:
    with pytest.raises(ExamNotOpen) as caught:
        house.start(candidate)
    return caught.value.reasons[0].code


def left(house: ExamHouse, attempt_id: str) -> float:
    return house.attempt(attempt_id).remaining_ms(house.runtime.clock.now()) / 1000


def plan_of(house: ExamHouse, uow: UnitOfWork) -> PlanFacts:
    return get_plan(uow, house.plan_id)


def home_of(house: ExamHouse, candidate: Candidate) -> HomeFacts:
    with house.runtime.read() as uow:
        return home(uow, candidate.actor)


def sweep(house: ExamHouse, candidate: Candidate) -> Outcome | None:
    """Let the hourly sweep run, and return how the application ended."""
    with house.runtime.write() as uow:
        enrolment.lapse_overdue(uow, house.operator)
    with house.runtime.read() as uow:
        assert check(uow, INVARIANTS) == {}
        return application_facts(uow, candidate.application_id).outcome


@pytest.mark.parametrize(
    ("measures", "minutes"),
    [
        ([], 0),
        ([Added(NOON - 10 * MINUTE, 300)], 5),
        ([Added(NOON - 10 * MINUTE, 1800, NOON + 20 * MINUTE)], 30),
        ([Added(NOON, 300)], 0),
        ([Added(NOON + MINUTE, 300), Added(NOON - MINUTE, 120)], 7),
        ([Added(NOON + 3 * MINUTE, 300), Added(NOON - MINUTE, 120)], 2),
        (
            [Added(NOON - 9 * MINUTE, 600, NOON + MINUTE), Added(NOON - 4 * MINUTE, 600, NOON + 6 * MINUTE)],
            15,
        ),
    ],
    ids=[
        "none",
        "time",
        "pause",
        "too late",
        "in the longer window",
        "after the longer window",
        "two pauses",
    ],
)
def test_what_measures_for_many_add_to_the_window(measures: list[Added], minutes: int) -> None:
    assert window_extension(NOON, measures) == minutes * 60


def test_who_was_kept_out_by_a_pause_beyond_the_end_begins_after_it(
    house: ExamHouse, candidate: Candidate, admin: Actor, clock: ClockControl
) -> None:
    clock.advance(WINDOW - 600)
    pause(house, admin, EVERYONE, 30)
    clock.advance(1200)  # the window of the plan is over by now
    assert why_not(house, candidate) == "exam.paused"
    assert home_of(house, candidate).step is not Step.MISSED
    clock.advance(601)
    assert home_of(house, candidate).step is Step.EXAM
    attempt_id = house.start(candidate)
    assert 590 <= left(house, attempt_id) <= 600, "ten minutes, as if there had been no pause"
    clock.advance(700)
    assert why_not(house, house.candidate()) == "exam.window_over"


def test_a_pause_that_ends_before_leaves_the_door_open_for_what_was_left(
    house: ExamHouse, candidate: Candidate, admin: Actor, clock: ClockControl
) -> None:
    clock.advance(WINDOW - 300)
    measure_id = pause(house, admin, EVERYONE, 60)
    clock.advance(600)
    with house.runtime.write() as uow:
        conditions.resume(uow, admin, house.plan_id, measure_id)
    clock.advance(240)
    assert 50 <= left(house, house.start(candidate)) <= 60
    clock.advance(61)
    assert why_not(house, house.candidate()) == "exam.window_over"
    assert home_of(house, house.candidate()).step is Step.MISSED


def test_time_for_those_who_sit_longer_opens_the_window_for_nobody_again(
    house: ExamHouse, candidate: Candidate, admin: Actor, clock: ClockControl
) -> None:
    clock.advance(WINDOW - 300)
    house.start(candidate)
    give(house, admin, EVERYONE, 10)
    clock.advance(600)
    give(house, admin, EVERYONE, 10)
    late = house.candidate()
    assert 890 <= left(house, house.start(late)) <= 900, "it was given while the longer window was open"
    clock.advance(901)
    give(house, admin, EVERYONE, 10)
    assert why_not(house, house.candidate()) == "exam.window_over"


def test_time_for_one_alone_opens_the_window_for_nobody(
    house: ExamHouse, candidate: Candidate, admin: Actor, clock: ClockControl
) -> None:
    clock.advance(WINDOW - 300)
    attempt_id = house.start(candidate)
    give(house, admin, Target(TargetKind.ATTEMPT, attempt_id), 30)
    clock.advance(301)
    assert why_not(house, house.candidate()) == "exam.window_over"


def test_an_application_does_not_lapse_while_its_exam_runs(
    house: ExamHouse, candidate: Candidate, admin: Actor, clock: ClockControl
) -> None:
    with house.runtime.write() as uow:
        conditions.grant_extra(uow, admin, house.plan_id, candidate.person.id, 200, 0, "视力障碍，凭证明")
    clock.advance(WINDOW - 300)
    attempt_id = house.start(candidate)
    assert left(house, attempt_id) == pytest.approx(2 * EXAM_SECONDS + 300, abs=10)
    clock.advance(300 + 2 * EXAM_SECONDS - 30)
    assert sweep(house, candidate) is None
    clock.advance(20)
    house.save(candidate, attempt_id, 1, 1, {house.options(attempt_id, 1)[0]})
    assert house.hand_in(candidate, attempt_id)
    assert sweep(house, candidate) is None, "the window ended two hours ago, but the exam just now"
    clock.advance(3700)
    assert sweep(house, candidate) is Outcome.LAPSED


def test_a_plan_is_not_put_away_and_shows_no_key_while_somebody_may_still_begin(
    house: ExamHouse, candidate: Candidate, admin: Actor, clock: ClockControl
) -> None:
    clock.advance(WINDOW - 600)
    first = house.start(candidate)
    assert house.hand_in(candidate, first)
    late = house.candidate()
    pause(house, admin, EVERYONE, 30)
    clock.advance(1801)
    with house.runtime.read() as uow:
        plan = plan_of(house, uow)
        assert plan.exam_until < uow.now < queries.over_at(uow, plan)
        item_id = uow.session.scalars(select(PaperItem.item_id)).first()
        assert item_id is not None
        assert not queries.is_key_open(uow, plan, item_id)
        assert queries.items_still_asked(uow, [item_id]) == {item_id}
    with pytest.raises(PlanFrozen), house.runtime.write() as uow:
        plans.close(uow, admin, house.plan_id)
    second = house.start(late)
    clock.advance(left(house, second) + 10)
    with house.runtime.write() as uow:
        plans.close(uow, admin, house.plan_id)


def test_keys_open_when_the_last_one_is_done_though_more_time_had_been_given(
    house: ExamHouse, candidate: Candidate, admin: Actor, clock: ClockControl
) -> None:
    clock.advance(WINDOW - 60)
    attempt_id = house.start(candidate)
    give(house, admin, Target(TargetKind.ATTEMPT, attempt_id), 60)
    clock.advance(120)
    with house.runtime.read() as uow:
        plan = plan_of(house, uow)
        assert queries.over_at(uow, plan) == house.attempt(attempt_id).deadline_at == plan.exam_over_at
    assert house.hand_in(candidate, attempt_id)
    with house.runtime.read() as uow:
        assert queries.over_at(uow, plan_of(house, uow)) == plan.exam_until
