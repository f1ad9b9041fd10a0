"""Periodic work: one slot, one run, however many schedulers there are."""

import threading

from lms.app import scheduler
from lms.core.database import Database
from lms.core.errors import busy
from lms.core.periodic import Periodic, take_slot
from lms.core.unit_of_work import Runtime
from tests.support.site import ClockControl, Site

PATIENCE_SECONDS = 20.0


def sweeper(runs: list[int], every: int = 10) -> Periodic:
    return Periodic("lamps.sweep", every, lambda _runtime: runs.append(1))


def test_a_slot_is_taken_once(runtime: Runtime, clock: ClockControl) -> None:
    work = sweeper([], every=3600)
    assert take_slot(runtime, work)
    assert not take_slot(runtime, work)
    clock.advance(3600)
    assert take_slot(runtime, work)


def test_slots_that_were_missed_are_not_made_up_for(runtime: Runtime, clock: ClockControl) -> None:
    work = sweeper([], every=3600)
    take_slot(runtime, work)
    clock.advance(10 * 3600)
    assert take_slot(runtime, work)
    assert not take_slot(runtime, work)


def test_two_schedulers_fire_once_per_slot(runtime: Runtime, clock: ClockControl) -> None:
    houses = [runtime] + [
        Runtime(
            runtime.settings, Database(runtime.database.url), runtime.clock, runtime.vault, runtime.storage, {},
            lambda _ids: None,
        )
        for _ in range(3)
    ]  # fmt: skip
    work = sweeper([], every=3600)
    for _ in range(4):
        barrier = threading.Barrier(len(houses))
        taken: list[bool] = []

        def take(house: Runtime, barrier: threading.Barrier = barrier, taken: list[bool] = taken) -> None:
            barrier.wait()
            taken.append(take_slot(house, work))

        threads = [threading.Thread(target=take, args=(house,)) for house in houses]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(taken) == [False, False, False, True]
        clock.advance(3600)
    for house in houses[1:]:
        house.database.dispose()


def test_a_sweeper_that_fails_does_not_stop_the_others(site: Site) -> None:
    runs: list[int] = []

    def fail(_runtime: Runtime) -> None:
        raise ValueError

    def put_off(_runtime: Runtime) -> None:
        raise busy()

    schedule = (
        Periodic("a", 3600, fail),
        Periodic("b", 3600, put_off),
        Periodic("c", 3600, lambda _r: runs.append(1)),
    )
    scheduler.tick(site.runtime, site.waker, schedule)
    scheduler.tick(site.runtime, site.waker, schedule)
    assert runs == [1]


def test_what_is_urgent_does_not_wait_behind_what_is_slow(site: Site) -> None:
    stop, was_seen, urgent_runs, waited = threading.Event(), threading.Event(), list[int](), list[bool]()

    def slow(_runtime: Runtime) -> None:
        waited.append(was_seen.wait(PATIENCE_SECONDS))
        stop.set()

    def urgent(_runtime: Runtime) -> None:
        urgent_runs.append(1)
        if waited == [] and len(urgent_runs) == 3:
            was_seen.set()

    scheduler.keep_time(
        site.runtime, site.waker, stop,
        (Periodic("slow", 3600, slow), Periodic("urgent", 0.5, urgent, takes_slot=False, is_urgent=True)),
    )  # fmt: skip
    assert waited == [True]


def test_a_tick_without_a_database_waits_for_the_next(site: Site) -> None:
    runs: list[int] = []
    away = Runtime(
        site.settings, Database("sqlite:////nowhere/at/all.db"), site.runtime.clock, site.runtime.vault,
        site.runtime.storage, {}, lambda _ids: None,
    )  # fmt: skip
    scheduler.tick(away, site.waker, (sweeper(runs, every=3600),))
    assert runs == []
