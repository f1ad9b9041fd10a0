"""Closing without a client: within five seconds of the deadline, after any restart, and cheap while idle."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, update

from lms.app import scheduler
from lms.app.schedule import SCHEDULE
from lms.core.unit_of_work import Runtime
from lms.exam.jobs import attempts as jobs
from lms.exam.models.attempts import Attempt, Paper
from lms.exam.policy.attempts import AttemptState
from lms.exam.queries import used_attempts
from tests.exam.conftest import Candidate, ExamHouse
from tests.support.owner import by_force
from tests.support.site import ClockControl, Site
from tests.support.statements import all_statements, statements

CLOSED_WITHIN = timedelta(seconds=5)
IDLE_SECONDS = 20


def restarted(house: ExamHouse) -> Runtime:
    """The same house in a process that remembers nothing."""
    return house.runtime.waking(lambda _ids: None)


def test_ticks_ten_times_a_second_close_within_five_seconds_of_the_deadline(
    house: ExamHouse, candidate: Candidate, clock: ClockControl
) -> None:
    attempt_id = house.start(candidate)
    deadline = house.attempt(attempt_id).deadline_at
    clock.set(deadline - timedelta(seconds=9))
    while house.attempt(attempt_id).state is AttemptState.IN_PROGRESS:
        jobs.sweep_overdue(house.runtime)
        clock.advance(scheduler.URGENT_TICK_SECONDS)
        assert clock.now() < deadline + CLOSED_WITHIN + timedelta(seconds=1), "it stays open"
    attempt = house.attempt(attempt_id)
    assert attempt.is_timed_out
    assert attempt.closed_at is not None
    assert attempt.closed_at - deadline <= CLOSED_WITHIN


def test_the_schedule_ticks_often_enough_for_that() -> None:
    [sweep] = [work for work in SCHEDULE if work.run is jobs.sweep_overdue]
    assert sweep.every_seconds <= scheduler.URGENT_TICK_SECONDS


def test_a_process_that_just_began_closes_what_is_overdue_at_once(
    house: ExamHouse, candidate: Candidate, clock: ClockControl
) -> None:
    attempt_id = house.start(candidate)
    jobs.sweep_overdue(house.runtime)
    clock.advance(7200)
    jobs.sweep_overdue(restarted(house))
    assert house.attempt(attempt_id).state is AttemptState.GRADED


def test_an_attempt_that_begins_while_nothing_runs_is_not_overlooked(
    house: ExamHouse, candidate: Candidate, clock: ClockControl
) -> None:
    jobs.sweep_overdue(house.runtime)
    attempt_id = house.start(candidate)
    soon = clock.now() + timedelta(seconds=1)
    with house.runtime.write() as uow:
        uow.session.execute(
            update(Attempt).where(Attempt.id == attempt_id).values(deadline_at=soon, window_end=soon)
        )
    clock.set(soon + CLOSED_WITHIN)
    jobs.sweep_overdue(house.runtime)
    assert house.attempt(attempt_id).state is AttemptState.GRADED


def test_between_two_questions_the_sweep_asks_the_database_nothing(
    house: ExamHouse, candidate: Candidate, clock: ClockControl
) -> None:
    house.start(candidate)
    jobs.sweep_overdue(house.runtime)
    with statements(house.runtime) as asked:
        for _ in range(3):
            jobs.sweep_overdue(house.runtime)
        assert asked == []
        clock.advance(2)
        jobs.sweep_overdue(house.runtime)
        assert len(asked) == 1, "one look into the index of open deadlines"


def test_a_clock_that_was_set_back_stops_no_sweep(
    house: ExamHouse, candidate: Candidate, clock: ClockControl
) -> None:
    clock.advance(600)
    jobs.sweep_overdue(house.runtime)
    clock.advance(-500)
    with statements(house.runtime) as asked:
        jobs.sweep_overdue(house.runtime)
    assert len(asked) == 1


def test_what_cannot_be_closed_is_tried_again_now_and_then_and_not_at_every_tick(
    house: ExamHouse, candidate: Candidate, clock: ClockControl, caplog: pytest.LogCaptureFixture
) -> None:
    house.start(candidate)
    # Damaged on the disk.
    by_force(house.runtime, f"UPDATE {Paper.__tablename__} SET key = '{{}}'")
    clock.advance(3606)
    for _ in range(4):
        jobs.sweep_overdue(house.runtime)
    assert caplog.text.count("could not be closed") == 1
    other = house.candidate()
    fresh = house.start(other)
    clock.advance(3606)
    jobs.sweep_overdue(house.runtime)
    assert house.attempt(fresh).state is AttemptState.GRADED
    assert caplog.text.count("could not be closed") == 2


def test_a_hall_that_ends_at_one_moment_is_closed_in_one_sweep(
    house: ExamHouse, clock: ClockControl, caplog: pytest.LogCaptureFixture
) -> None:
    hall = [house.start(house.candidate()) for _ in range(9)]
    damaged = hall.pop()
    by_force(
        house.runtime,
        f"UPDATE {Paper.__tablename__} SET key = '{{}}'"
        f" WHERE id = (SELECT paper_id FROM {Attempt.__tablename__} WHERE id = '{damaged}')",
    )
    clock.advance(7300)
    jobs.sweep_overdue(house.runtime)
    assert {house.attempt(attempt_id).state for attempt_id in hall} == {AttemptState.GRADED}
    assert house.attempt(damaged).state is AttemptState.IN_PROGRESS
    assert caplog.text.count("could not be closed") == 1
    with statements(house.runtime) as asked:
        for _ in range(4):
            clock.advance(scheduler.URGENT_TICK_SECONDS)
            jobs.sweep_overdue(house.runtime)
    assert len(asked) <= 4, "the damaged one is not looked at ten times a second"


def test_the_second_fail_ends_the_exam_and_a_voided_one_counts_no_more(
    house: ExamHouse, candidate: Candidate, clock: ClockControl
) -> None:
    first, second = house.start(candidate), ""
    clock.advance(3606)
    jobs.sweep_overdue(house.runtime)
    with house.runtime.read() as uow:
        assert used_attempts(uow, candidate.person.id, house.plan_id) == (1, False)
    second = house.start(candidate)
    clock.advance(3606)
    jobs.sweep_overdue(house.runtime)
    assert {house.attempt(one).state for one in (first, second)} == {AttemptState.GRADED}
    with house.runtime.write() as uow:
        assert used_attempts(uow, candidate.person.id, house.plan_id) == (2, False)
        uow.session.execute(update(Attempt).where(Attempt.id == second).values(state=AttemptState.VOIDED))
        assert used_attempts(uow, candidate.person.id, house.plan_id) == (1, False)


def test_an_idle_scheduler_costs_the_database_little(site: Site, clock: ClockControl) -> None:
    """It was 43 transactions and two durable commits in each second."""
    runtime = site.runtime
    every_second = tuple(replace(work) for work in SCHEDULE)
    scheduler.tick(runtime, site.waker, every_second)
    begun: list[str] = []

    def note_begin(_connection: object) -> None:
        begun.append("begin")

    engine = runtime.database.engine
    event.listen(engine, "begin", note_begin)
    try:
        with all_statements(runtime) as seen:
            for _ in range(IDLE_SECONDS * 2):
                clock.advance(scheduler.TICK_SECONDS)
                scheduler.tick(runtime, site.waker, every_second)
    finally:
        event.remove(engine, "begin", note_begin)
    written = [one for one in seen if "INSERT INTO" in one or one.startswith(("UPDATE", "DELETE"))]
    assert len(begun) / IDLE_SECONDS < 8
    assert len(written) / IDLE_SECONDS < 1
