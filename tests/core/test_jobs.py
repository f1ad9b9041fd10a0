"""Jobs: the outbox row is the job. It is done once, tried again, and never lost with Redis."""

import threading
from datetime import timedelta
from inspect import signature
from typing import Any

import pytest
from sqlalchemy import select

from lms.app import scheduler
from lms.app.handlers import HANDLERS
from lms.core import jobs, outbox
from lms.core.errors import Reason, Refusal, busy
from lms.core.jobs import Waker
from lms.core.outbox import BACKOFF_SECONDS, CLAIM_SECONDS, MAX_TRIES, OutboxJob
from lms.core.unit_of_work import Runtime
from lms.enrolment.events import ApplicationCompleted
from tests.support.site import ClockControl, Site


class Done:
    """A job that remembers that it was done, and can be told to fail."""

    def __init__(self) -> None:
        self.times: list[dict[str, Any]] = []
        self.failure: Exception | None = None

    def __call__(self, runtime: Runtime, **payload: Any) -> None:
        self.times.append(payload)
        if self.failure:
            raise self.failure


@pytest.fixture
def done() -> Done:
    return Done()


def queue(runtime: Runtime, name: str = "lamp.trim", key: str = "k1") -> str | None:
    with runtime.write() as uow:
        return outbox.put(uow.session, name, key, {"lamp_id": "林"}, uow.now)


def queued(runtime: Runtime, name: str = "lamp.trim", key: str = "k1") -> str:
    job_id = queue(runtime, name, key)
    assert job_id is not None
    return job_id


def row(runtime: Runtime, job_id: str) -> OutboxJob:
    with runtime.read() as uow:
        return uow.session.get_one(OutboxJob, job_id)


def test_a_job_is_done_once_and_then_there_is_nothing_to_do(runtime: Runtime, done: Done) -> None:
    job_id = queued(runtime)
    assert jobs.perform(runtime, {"lamp.trim": done}, job_id)
    assert not jobs.perform(runtime, {"lamp.trim": done}, job_id)
    assert done.times == [{"lamp_id": "林"}]
    assert row(runtime, job_id).done_at is not None


def test_a_job_can_be_told_the_moment_to_judge_by(runtime: Runtime, done: Done) -> None:
    with runtime.read() as uow:
        moment = uow.now - timedelta(days=1000)
    with runtime.write(moment) as uow:
        job_id = str(outbox.put(uow.session, "lamp.trim", "k1", {}, uow.now))
        assert outbox.claimable(uow.session) == [(job_id, moment)]
    assert jobs.perform(runtime, {"lamp.trim": done}, job_id, moment)
    assert done.times == [{"now": moment}]
    assert row(runtime, job_id).done_at == moment


def test_a_job_of_a_killed_worker_may_be_claimed_when_its_claim_is_over(runtime: Runtime) -> None:
    job_id = queued(runtime)
    with runtime.write() as uow:
        assert outbox.claim(uow.session, job_id, uow.now)
        ((_, first_moment),) = outbox.claimable(uow.session)
        assert outbox.claim(uow.session, job_id, first_moment - timedelta(milliseconds=1)) is None
        assert outbox.claim(uow.session, job_id, first_moment)


def test_every_job_of_the_house_can_be_told_the_moment() -> None:
    for name, handler in HANDLERS.items():
        assert "now" in signature(handler).parameters, f"{name} takes no `now`"


def test_a_command_that_does_its_own_jobs_gets_the_wake_ups_itself(runtime: Runtime) -> None:
    woken: list[str] = []
    with runtime.waking(woken.extend).write() as uow:
        uow.record(ApplicationCompleted("a1"))
    with runtime.read() as uow:
        assert outbox.unfinished(uow.session) == woken


def test_the_same_key_is_queued_once(runtime: Runtime) -> None:
    first = queue(runtime)
    assert first is not None
    assert queue(runtime) is None
    with runtime.read() as uow:
        assert outbox.unfinished(uow.session) == [first]


def test_ten_workers_at_once_do_it_once(runtime: Runtime, done: Done) -> None:
    job_id = queued(runtime)
    barrier = threading.Barrier(10)
    claimed: list[bool] = []

    def work() -> None:
        barrier.wait()
        claimed.append(jobs.perform(runtime, {"lamp.trim": done}, job_id))

    threads = [threading.Thread(target=work) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claimed) == [False] * 9 + [True]
    assert len(done.times) == 1


def test_a_claim_holds_until_it_runs_out(runtime: Runtime, clock: ClockControl, done: Done) -> None:
    """A worker that was killed leaves a claim behind; the next one takes over when it has run out."""
    job_id = queued(runtime)
    with runtime.write() as uow:
        assert outbox.claim(uow.session, job_id, uow.now)
    assert not jobs.perform(runtime, {"lamp.trim": done}, job_id)
    clock.advance(CLAIM_SECONDS + 1)
    assert jobs.perform(runtime, {"lamp.trim": done}, job_id)
    assert row(runtime, job_id).tries == 2


def test_a_long_job_keeps_its_claim(
    runtime: Runtime, clock: ClockControl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "EXTEND_EVERY_SECONDS", 0.05)
    job_id = queued(runtime)
    taken_over: list[bool] = []

    def long(house: Runtime, **_payload: Any) -> None:
        clock.advance(CLAIM_SECONDS - 5)
        threading.Event().wait(0.4)  # real time, in which the claim is extended
        clock.advance(CLAIM_SECONDS - 5)
        taken_over.append(jobs.perform(house, {}, job_id))

    assert jobs.perform(runtime, {"lamp.trim": long}, job_id)
    assert taken_over == [False]


def test_an_extension_that_found_the_store_busy_is_tried_again(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "EXTEND_EVERY_SECONDS", 0.02)
    calls: list[int] = []

    def extend(*_: object) -> None:
        calls.append(1)
        raise busy()

    monkeypatch.setattr(outbox, "extend", extend)
    job_id = queued(runtime)
    assert jobs.perform(runtime, {"lamp.trim": lambda *_a, **_k: threading.Event().wait(0.3)}, job_id)
    assert len(calls) >= 2


def test_a_failing_job_waits_longer_each_time_and_ends_as_a_visible_dead_letter(
    runtime: Runtime, clock: ClockControl, done: Done
) -> None:
    done.failure = ValueError("林书禾 340104190001010018")
    job_id = queued(runtime)
    waits = []
    for attempt in range(1, MAX_TRIES + 1):
        assert jobs.perform(runtime, {"lamp.trim": done}, job_id)
        state = row(runtime, job_id)
        assert state.tries == attempt
        assert state.last_error == "ValueError", "messages may carry personal values"
        assert not jobs.perform(runtime, {"lamp.trim": done}, job_id), "it waits before it is tried again"
        waits.append(round((state.not_before - clock.now()).total_seconds()))
        clock.set(state.not_before + timedelta(seconds=1))
    assert waits == [*BACKOFF_SECONDS, BACKOFF_SECONDS[-1]]
    assert row(runtime, job_id).failed_at is not None
    assert not jobs.perform(runtime, {"lamp.trim": done}, job_id)
    assert len(done.times) == MAX_TRIES


def test_an_operator_gives_a_dead_letter_another_round(
    runtime: Runtime, clock: ClockControl, done: Done
) -> None:
    job_id = queued(runtime)
    with runtime.write() as uow:
        assert not outbox.revive(uow.session, job_id, uow.now), "a living job needs no reviving"
        job = uow.session.get_one(OutboxJob, job_id)
        job.failed_at, job.tries = uow.now, MAX_TRIES
    with runtime.write() as uow:
        assert outbox.revive(uow.session, job_id, uow.now)
    assert jobs.perform(runtime, {"lamp.trim": done}, job_id)


def test_a_job_that_kills_its_worker_each_time_is_given_up(site: Site, clock: ClockControl) -> None:
    """Nobody comes back to say why, so only the count of tries can end it (fault O4)."""
    job_id = queued(site.runtime)
    for _ in range(MAX_TRIES):
        with site.runtime.write() as uow:
            assert outbox.claim(uow.session, job_id, uow.now)
        clock.advance(CLAIM_SECONDS + 1)
    with site.runtime.write() as uow:
        assert outbox.claim(uow.session, job_id, uow.now) is None
    scheduler.resend(site.runtime, site.waker)
    state = row(site.runtime, job_id)
    assert state.failed_at is not None
    assert state.last_error


def test_a_name_that_nobody_declared_is_not_run(runtime: Runtime, done: Done) -> None:
    job_id = queued(runtime, name="os.system")
    assert jobs.perform(runtime, {"lamp.trim": done}, job_id)
    assert done.times == []
    state = row(runtime, job_id)
    assert (state.done_at, state.last_error) == (None, "unknown job os.system")


def test_a_payload_that_does_not_fit_is_a_failed_try(runtime: Runtime) -> None:
    def trim(_runtime: Runtime, *, colour: str) -> None:
        raise AssertionError(colour)

    job_id = queued(runtime)
    assert jobs.perform(runtime, {"lamp.trim": trim}, job_id)
    assert row(runtime, job_id).last_error == "TypeError"


def test_a_refusal_is_a_failed_try_with_its_code(runtime: Runtime, done: Done) -> None:
    done.failure = Refusal(Reason("later", "晚一点"))
    job_id = queued(runtime)
    jobs.perform(runtime, {"lamp.trim": done}, job_id)
    assert row(runtime, job_id).last_error == "refused: refused"


def test_an_unknown_id_is_nothing_to_do(runtime: Runtime, done: Done) -> None:
    assert not jobs.perform(runtime, {"lamp.trim": done}, "nothing-like-it")


class Bell(Waker):
    """A waker whose Redis is there or not, as the test says."""

    def __init__(self, *, there: bool) -> None:
        self.there = there
        self.rung: list[tuple[str, str]] = []

    def has_free_long_lane(self) -> bool:
        return self.there and not any(outbox.is_long(job_id) for job_id, _ in self.rung)

    def wake(self, job_ids: Any, attempt: str = "0") -> bool:
        if self.there:
            self.rung += [(job_id, attempt) for job_id in job_ids]
        return self.there


def test_without_redis_the_scheduler_does_the_work_itself(
    runtime: Runtime, clock: ClockControl, done: Done, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scheduler, "HANDLERS", {"lamp.trim": done})
    job_id = queued(runtime)
    scheduler.resend(runtime, Bell(there=False))
    assert done.times == [], "a worker may still be coming"
    clock.advance(outbox.RESEND_AFTER_SECONDS + 1)
    scheduler.resend(runtime, Bell(there=False))
    assert len(done.times) == 1
    assert row(runtime, job_id).done_at is not None


def test_with_redis_a_forgotten_job_is_sent_again_and_not_at_every_tick(
    runtime: Runtime, clock: ClockControl
) -> None:
    """FLUSHALL loses the wake-up, never the job (fault M2)."""
    job_id = queued(runtime)
    bell = Bell(there=True)
    clock.advance(outbox.RESEND_AFTER_SECONDS + 1)
    scheduler.resend(runtime, bell)
    scheduler.resend(runtime, bell)
    assert [job for job, _ in bell.rung] == [job_id]
    clock.advance(outbox.RESEND_AFTER_SECONDS + 1)
    scheduler.resend(runtime, bell)
    assert [job for job, _ in bell.rung] == [job_id, job_id]
    assert len({attempt for _, attempt in bell.rung}) == 2, "each wake-up has an id of its own"


def test_a_busy_long_lane_is_not_filled_with_wake_ups_and_holds_up_nobody(
    runtime: Runtime, clock: ClockControl, done: Done, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A video may take hours: every five seconds one wake-up more would be thousands."""
    monkeypatch.setattr(scheduler, "HANDLERS", {"lamp.trim": done})
    with runtime.write() as uow:
        film = outbox.put(uow.session, "lamp.trim", "lamp.trim:film", {}, uow.now, long=True)
    lamp = queued(runtime)
    bell = Bell(there=True)
    for _ in range(3):
        clock.advance(outbox.RESEND_AFTER_SECONDS + 1)
        scheduler.resend(runtime, bell)
    assert [job for job, _ in bell.rung].count(film) == 1, "the first one still lies in the lane"
    assert [job for job, _ in bell.rung].count(lamp) == 3
    scheduler.resend(runtime, Bell(there=False))
    clock.advance(outbox.RESEND_AFTER_SECONDS + 1)
    scheduler.resend(runtime, Bell(there=False))
    assert row(runtime, lamp).done_at is not None
    assert row(runtime, film).done_at is None, (
        "without Redis a video waits, and no sweeper stands still for it"
    )


def test_an_absent_redis_is_no_error_for_the_one_who_wakes() -> None:
    waker = Waker("redis://127.0.0.1:1/0")
    assert waker.wake(["job"]) is False
    assert waker.has_free_long_lane() is False
    assert waker.is_reachable() is False


def test_the_count_of_waiting_jobs_leaves_out_done_and_dead(runtime: Runtime, done: Done) -> None:
    first = queued(runtime, key="a")
    second = queued(runtime, key="b")
    queued(runtime, key="c")
    jobs.perform(runtime, {"lamp.trim": done}, first)
    with runtime.write() as uow:
        uow.session.get_one(OutboxJob, second).failed_at = uow.now
    with runtime.read() as uow:
        assert outbox.waiting_count(uow.session) == 1
        assert len(uow.session.scalars(select(OutboxJob.id)).all()) == 3
