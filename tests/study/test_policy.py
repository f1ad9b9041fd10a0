"""The rule of credit: never more than the wall clock, and almost nothing lost to an honest viewer."""

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.study.policy import credit as policy
from lms.study.policy.credit import NotCounted

LESSON = 3600


class Ledger:
    """Applies the rule beat by beat, as the service does, and remembers what was earned."""

    def __init__(self, interval: int = 10, room: int = 10**6, start: int = 0) -> None:
        self.interval, self.room = interval, room
        self.credited_until = start
        self.taken: dict[int, int] = {}
        self.total = 0
        self.spans: list[tuple[int, int]] = []

    def beat(
        self, arrival: int, from_ms: int, to_ms: int, lesson: int = 0, why: NotCounted = NotCounted.NO
    ) -> int:
        earned = policy.credit(
            credited_until=self.credited_until, arrival=arrival, interval_seconds=self.interval,
            played=policy.seconds_between(from_ms, to_ms, LESSON), taken=self.taken.get(lesson, 0),
            rooms=((self.room - self.total, NotCounted.COMPLETE),), not_counted=why,
        )  # fmt: skip
        assert earned.covered.bit_count() == earned.seconds
        assert not earned.covered & self.taken.get(lesson, 0)
        assert earned.credited_until >= self.credited_until
        self.credited_until = earned.credited_until
        self.taken[lesson] = self.taken.get(lesson, 0) | earned.covered
        self.total += earned.seconds
        if earned.seconds:
            self.spans.append((earned.span_from, earned.span_to))
        return earned.seconds


beats = st.lists(
    st.tuples(
        st.integers(-5_000, 60_000),  # how much later it arrives; the clock may even step back
        st.integers(0, LESSON * 1000),
        st.integers(0, 400_000),
        st.integers(0, 2),
        st.sampled_from([NotCounted.NO, NotCounted.NO, NotCounted.HIDDEN, NotCounted.CHECK]),
    ),
    max_size=60,
)


@given(beats, st.integers(1, 30))
def test_whatever_is_reported_the_sum_never_passes_the_wall_clock(reported: list, interval: int) -> None:
    ledger, now, latest = Ledger(interval), 0, 0
    for later, start, length, lesson, why in reported:
        now = max(0, now + later)
        latest = max(latest, now)
        seconds = ledger.beat(now, start, start + length, lesson, why)
        assert seconds * 1000 <= interval * 1500
        assert ledger.total * 1000 <= latest
    assert all(before[1] <= after[0] for before, after in zip(ledger.spans, ledger.spans[1:], strict=False))


@pytest.mark.parametrize("interval", [1, 2, 5, 10, 15, 30])
@given(seed=st.integers(0, 2**32))
@settings(max_examples=25, deadline=None)
def test_an_honest_viewer_with_jitter_and_retries_gets_99_percent(interval: int, seed: int) -> None:
    chance = random.Random(seed)
    ledger, sent, watched = Ledger(interval), 0, 3000
    for cut in range(interval, watched + 1, interval):
        delay = chance.uniform(0.02, 0.4) + (
            interval * 0.4 if chance.random() < 0.05 else 0
        )  # one in twenty is sent again
        arrival = max(sent + 1, int((cut + delay) * 1000))
        ledger.beat(arrival, (cut - interval) * 1000, cut * 1000)
        sent = arrival
    assert ledger.total >= watched * 0.99


@given(st.lists(st.integers(1, 3_600_000), max_size=40, unique=True))
def test_cutting_a_stretch_anywhere_leaves_nothing_out_and_counts_nothing_twice(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), LESSON * 1000]
    pieces = [policy.seconds_between(a, b, LESSON) for a, b in pairwise(edges)]
    assert sum(piece.bit_count() for piece in pieces) == LESSON
    united = 0
    for piece in pieces:
        united |= piece
    assert united == (1 << LESSON) - 1


@pytest.mark.parametrize("speed", [2, 4, 16])
def test_faster_play_gains_nothing(speed: int) -> None:
    ledger = Ledger()
    for step in range(1, 61):
        ledger.beat(step * 10_000, (step - 1) * speed * 10_000, step * speed * 10_000)
    assert ledger.total <= 600


def test_a_jump_to_the_end_and_a_loop_earn_only_what_is_new() -> None:
    jump = Ledger()
    jump.beat(10_000, 0, LESSON * 1000)
    assert jump.total <= 10
    loop = Ledger()
    for step in range(1, 31):
        loop.beat(step * 10_000, step % 6 * 10_000, step % 6 * 10_000 + 10_000)
    assert loop.total == 60


def test_a_long_gap_earns_at_most_one_and_a_half_intervals() -> None:
    ledger = Ledger()
    assert ledger.beat(300_000, 0, 300_000) == 15


@pytest.mark.parametrize("why", [NotCounted.HIDDEN, NotCounted.PAUSED, NotCounted.CHECK, NotCounted.CLOSED])
def test_a_refused_beat_earns_nothing_and_saves_nothing_up(why: NotCounted) -> None:
    ledger = Ledger()
    for step in range(1, 13):
        assert ledger.beat(step * 10_000, 0, step * 10_000, why=why) == 0
    assert (
        ledger.beat(121_000, 0, 120_000) <= 7
    )  # half an interval, a kept second, and the second that passed


def test_credit_stops_exactly_at_the_requirement() -> None:
    ledger = Ledger(room=12)
    assert [ledger.beat(step * 10_000, (step - 1) * 10_000, step * 10_000) for step in (1, 2, 3)] == [
        10,
        2,
        0,
    ]


def test_many_small_beats_earn_no_more_than_the_time_they_took() -> None:
    ledger = Ledger()
    for step in range(200):
        ledger.beat(step * 50, step * 10_000, (step + 1) * 10_000)
    assert ledger.total <= 10


@given(st.sets(st.integers(0, 500)))
def test_spans_describe_the_same_seconds(seconds: set[int]) -> None:
    bits = sum(1 << second for second in seconds)
    drawn = list(policy.spans(bits))
    assert {second for start, end in drawn for second in range(start, end)} == seconds
    assert all(one[1] < other[0] for one, other in pairwise(drawn))
    assert policy.to_bits(policy.to_bytes(bits)) == bits


@given(st.integers(0, 2**32 - 1), st.integers(1, 900), st.integers(0, 900))
def test_the_moment_of_a_check_lies_within_the_plan(random_bits: int, low: int, more: int) -> None:
    assert low <= policy.draw_check(low, low + more, random_bits) <= low + more


def test_a_check_is_due_at_its_moment_and_at_the_end() -> None:
    assert not policy.check_is_due(0, 59, 180, 60)
    assert policy.check_is_due(0, 60, 180, 60)
    assert policy.check_is_due(175, 5, 180, 60)
    assert not policy.check_is_due(180, 0, 180, 60)
    assert not policy.check_is_due(0, 69, 180, 60, patience=10)
    assert policy.check_is_due(0, 70, 180, 60, patience=10)
    assert policy.check_is_due(175, 5, 180, 60, patience=10)


@given(st.text(max_size=20), st.lists(st.text(min_size=1, max_size=8), max_size=8, unique=True))
def test_a_question_has_four_different_options_and_the_right_one_among_them(
    secret: str, titles: list[str]
) -> None:
    title = titles[0] if titles else "唯一的一课"
    asked = policy.challenge(secret, title, titles)
    letters = [letter for letter, _ in asked.options]
    assert letters == ["A", "B", "C", "D"]
    assert len({text for _, text in asked.options}) == 4
    assert asked.right in letters
    if len(titles) >= 4:
        assert dict(asked.options)[asked.right] == title
    assert asked == policy.challenge(secret, title, titles)


def test_whoever_guesses_wins_less_than_a_third_of_the_windows() -> None:
    def won(*, after_void: bool) -> float:
        return float(1 - (1 - 1 / policy.PRESENCE_OPTIONS) ** policy.tries_allowed(after_void=after_void))

    assert won(after_void=True) < won(after_void=False) < 1 / 2
    share = 0.5
    for _ in range(50):
        share = share * won(after_void=False) + (1 - share) * won(after_void=True)
    assert share == pytest.approx(4 / 13)


def test_a_device_is_named_so_that_its_owner_knows_it() -> None:
    assert policy.device_name("Mozilla/5.0 (Linux; Android 14) Mobile MicroMessenger/8.0") == "手机 · 微信"
    assert policy.device_name("Mozilla/5.0 (X11; Linux x86_64) Chrome/140 Safari/537") == "电脑 · Chrome"
    assert policy.device_name("") == "电脑 · 浏览器"
