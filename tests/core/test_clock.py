"""The one clock: milliseconds, an anchor that hosts share, and no step in between."""

import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.core import clock as clock_module
from lms.core.clock import REANCHOR_SECONDS, Clock, from_ms, ms_left, to_ms
from lms.core.unit_of_work import Runtime

MORNING = to_ms(datetime(2026, 11, 21, 1, 0, tzinfo=UTC))


class Monotonic:
    """A hand-wound monotonic clock."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def monotonic(monkeypatch: pytest.MonkeyPatch) -> Monotonic:
    wound = Monotonic()
    monkeypatch.setattr(clock_module.time, "monotonic", wound)
    return wound


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1)))  # noqa: DTZ001 - made aware below
def test_milliseconds_and_back_is_the_floor_of_the_moment(naive: datetime) -> None:
    moment = naive.replace(tzinfo=UTC)
    back = from_ms(to_ms(moment))
    assert timedelta() <= moment - back < timedelta(milliseconds=1)
    assert back.tzinfo is UTC


@given(st.integers(0, 10**8), st.integers(0, 10**8))
def test_what_is_left_is_exact_and_never_less_than_nothing(left_ms: int, later_ms: int) -> None:
    now = from_ms(MORNING)
    until = now + timedelta(milliseconds=left_ms)
    assert ms_left(until, now) == left_ms
    assert ms_left(until, now + timedelta(milliseconds=later_ms)) == max(0, left_ms - later_ms)


def test_a_moment_is_the_same_in_any_zone() -> None:
    shanghai = datetime(2026, 11, 21, 9, 0, tzinfo=timezone(timedelta(hours=8)))
    assert to_ms(shanghai) == MORNING


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        to_ms(datetime(2026, 11, 21, 9, 0))  # noqa: DTZ001 - the point of the test


def test_between_anchors_a_stepped_wall_clock_changes_nothing(monotonic: Monotonic) -> None:
    wall = [MORNING]
    clock = Clock(lambda: wall[0])
    assert clock.now_ms() == MORNING
    wall[0] -= 600_000  # somebody sets the host's clock back by ten minutes
    monotonic.seconds += REANCHOR_SECONDS - 1
    assert clock.now_ms() == MORNING + int((REANCHOR_SECONDS - 1) * 1000)


def test_after_some_seconds_the_database_is_asked_again(monotonic: Monotonic) -> None:
    wall = [MORNING]
    clock = Clock(lambda: wall[0])
    clock.now_ms()
    wall[0] += 60_000
    monotonic.seconds += REANCHOR_SECONDS + 0.1
    assert clock.now_ms() == MORNING + 60_000


def test_time_never_runs_backwards_between_anchors(monotonic: Monotonic) -> None:
    clock = Clock(lambda: MORNING)
    seen = []
    for _ in range(100):
        seen.append(clock.now_ms())
        monotonic.seconds += 0.01
    assert seen == sorted(seen)


def test_a_database_that_gives_no_time_does_not_stop_the_clock(monotonic: Monotonic) -> None:
    asked = []

    def anchor() -> int:
        asked.append(1)
        if len(asked) > 1:
            raise ConnectionError
        return MORNING

    clock = Clock(anchor)
    clock.now_ms()
    monotonic.seconds += 60
    assert clock.now_ms() == MORNING + 60_000
    assert clock.now_ms() == MORNING + 60_000
    assert len(asked) == 2, "an absent database is not asked at each call"
    monotonic.seconds += 2
    assert clock.now_ms() == MORNING + 62_000
    assert len(asked) == 3


def test_a_clock_that_never_had_an_anchor_says_so() -> None:
    def anchor() -> int:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        Clock(anchor).now_ms()


def test_the_test_offset_is_read_at_each_call(monotonic: Monotonic, tmp_path: Path) -> None:
    file = tmp_path / "offset"
    clock = Clock(lambda: MORNING, file)
    assert clock.now_ms() == MORNING, "no file, no offset"
    file.write_text("90000")
    assert clock.now_ms() == MORNING + 90_000
    file.write_text("-1")
    assert clock.now_ms() == MORNING - 1
    file.write_text("")
    assert clock.now_ms() == MORNING


def test_an_answer_that_was_seconds_on_its_way_moves_no_deadline(monotonic: Monotonic) -> None:
    took = [0.0]
    start = monotonic.seconds

    def anchor() -> int:
        """Answer at once, and be heard late: a pool, a busy interpreter and a network stand in between."""
        now = MORNING + round((monotonic.seconds - start) * 1000)
        monotonic.seconds += took[0]
        return now

    clock = Clock(anchor)
    clock.now_ms()
    for seconds in (4.0, 0.2, 2.0):
        took[0] = seconds
        monotonic.seconds += REANCHOR_SECONDS + 0.1
        assert abs(clock.now_ms() - MORNING - (monotonic.seconds - start) * 1000) <= 5
    took[0] = 0.0
    monotonic.seconds += 2
    start -= 60  # the database's clock was set forward by a minute
    assert abs(clock.now_ms() - MORNING - (monotonic.seconds - start) * 1000) <= 5, (
        "a quick answer is believed"
    )


def test_a_first_answer_that_waited_for_its_connection_is_asked_for_again(monotonic: Monotonic) -> None:
    waits = [5.0, 0.0]
    start = monotonic.seconds

    def anchor() -> int:
        monotonic.seconds += waits.pop(0)
        return MORNING + round((monotonic.seconds - start) * 1000)

    clock = Clock(anchor)
    assert clock.now_ms() == MORNING + 5000
    assert waits == []


def test_slow_answers_alone_are_better_than_none_for_an_hour(monotonic: Monotonic) -> None:
    """A monotonic clock that goes wrong as far as it may is led back, though each answer takes its second."""
    start, lost = monotonic.seconds, [0.0]

    def anchor() -> int:
        monotonic.seconds += 0.5
        now = MORNING + round((monotonic.seconds - start + lost[0]) * 1000)
        monotonic.seconds += 0.5
        return now

    clock = Clock(anchor)
    for _ in range(3600):
        clock.now_ms()
        monotonic.seconds += 1
        lost[0] += clock_module.DRIFT
    truth = MORNING + (monotonic.seconds - start + lost[0]) * 1000
    assert abs(clock.now_ms() - truth) < 1000


def test_two_houses_on_one_database_agree(runtime: Runtime) -> None:
    ours, theirs = Clock(runtime.database.time_ms), Clock(runtime.database.time_ms)
    assert abs(ours.now_ms() - theirs.now_ms()) < 100


def test_many_threads_ask_for_one_anchor_only(monotonic: Monotonic) -> None:
    asked = []
    gate = threading.Event()

    def anchor() -> int:
        asked.append(1)
        gate.wait(5)
        return MORNING

    clock = Clock(anchor)
    threads = [threading.Thread(target=clock.now_ms) for _ in range(8)]
    for thread in threads:
        thread.start()
    gate.set()
    for thread in threads:
        thread.join()
    assert len(asked) == 1
