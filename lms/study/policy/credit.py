"""The rules of study: credit, presence, sessions. Times are whole milliseconds, credit whole seconds.

A lesson's seconds are bits of a Python integer: bit n is the second from n:00.000 to n:00.999.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple

from lms.core.errors import N_, Duration, Reason
from lms.core.state_machine import Move, StateMachine
from question_bank.phrases import Phrase, phrase

SESSION_IDLE_LIMIT = timedelta(minutes=45)
SEEN_EVERY_MS = 60_000
"""How often beats renew the sign-in, so that somebody who watches is not signed out (fault H3)."""
PRESENCE_GRACE = timedelta(seconds=3)  # an answer in flight at the last second still counts, as in H18
PRESENCE_GRACE_MS = int(PRESENCE_GRACE.total_seconds() * 1000)
PRESENCE_TRIES = 2
PRESENCE_TRIES_AFTER_VOID = 1
PRESENCE_OPTIONS = 4
COMPLETE_MS = 900
WHOLE_BEAT = 0.9  # of an interval: a player cuts its beats by a timer and by the pictures shown
MAX_SEQ = 10_000_000
LETTERS = "ABCD"
_DAY_MS = 24 * 3600 * 1000
_ZONE_MS = 8 * 3600 * 1000


class SessionState(StrEnum):
    """Whether a player may send beats."""

    OPEN = "open"
    CLOSED = "closed"


class CloseReason(StrEnum):
    """Why a study session ended."""

    SUPERSEDED = "superseded"
    IDLE = "idle"
    LOGOUT = "logout"
    DONE = "done"


class WindowState(StrEnum):
    """What became of the credit between two presence checks."""

    PENDING = "pending"
    COUNTED = "counted"
    VOID = "void"


STUDY_SESSION = StateMachine(
    "study_session",
    SessionState.OPEN,
    {reason.value: Move((SessionState.OPEN,), SessionState.CLOSED) for reason in CloseReason},
)


class NotCounted(StrEnum):
    """Why seconds of a beat were not credited; an empty text means that all new seconds were."""

    NO = ""
    HIDDEN = "hidden"
    PAUSED = "paused"
    FAST = "fast"
    CHECK = "check"
    COMPLETE = "complete"
    CLOSED = "closed"
    """The plan's study window is over."""
    SKIPPED = "skipped"
    """The stretch begins beyond what was played before, and the plan wants the first view in order."""
    QUESTION = "question"
    """An in-lesson question before this stretch is not answered yet."""
    DAY = "day"
    """The plan's daily limit is used up."""
    ENOUGH = "enough"
    """What is still needed belongs to other lessons, which have a minimum of their own."""


VOID = "void"
"""Beside the words of `NotCounted`: the presence check of these seconds was not passed."""


def why_not_counted(refusal: str, credit_seconds: int, *, is_void: bool) -> str:
    """Return why the seconds of a beat do not count; an empty text means that they do. `is_void`: its window is.

    What a beat was credited goes with its window; a beat that was credited nothing keeps the reason of its own.
    """
    return VOID if is_void and credit_seconds > 0 else refusal


class Credit(NamedTuple):
    """What a beat earns. `covered` holds the newly covered seconds as bits."""

    seconds: int
    covered: int
    span_from: int
    span_to: int
    credited_until: int
    not_counted: NotCounted


def seconds_between(from_ms: int, to_ms: int, lesson_seconds: int) -> int:
    """Return, as bits, the seconds of a lesson that a stretch of play completes.

    A second belongs to the stretch that plays it nearly to its end (COMPLETE_MS). So neighbouring stretches
    share nothing and leave nothing out, wherever they are cut; no second is due before it was watched; and
    the last second of a lesson is not lost to a player that stops a moment early.
    """
    first = max(0, (from_ms + 999 - COMPLETE_MS) // 1000)
    last = min(lesson_seconds, (to_ms + 999 - COMPLETE_MS) // 1000)
    return ((1 << last) - (1 << first)) if last > first else 0


def earliest(bits: int, count: int) -> int:
    """Return the `count` earliest seconds of a set of seconds."""
    if count >= bits.bit_count():
        return bits
    picked = 0
    for _ in range(count):
        lowest = bits & -bits
        picked |= lowest
        bits ^= lowest
    return picked


def spans(bits: int) -> Iterator[tuple[int, int]]:
    """Yield (first second, second after the last) of each unbroken stretch, in order."""
    at = 0
    while bits:
        gap = (bits & -bits).bit_length() - 1
        bits >>= gap
        at += gap
        run = (~bits & (bits + 1)).bit_length() - 1
        yield at, at + run
        bits >>= run
        at += run


def to_bits(stored: bytes) -> int:
    """Read a stored bitmap."""
    return int.from_bytes(stored, "little")


def to_bytes(bits: int) -> bytes:
    """Write a bitmap for storing."""
    return bits.to_bytes((bits.bit_length() + 7) // 8, "little")


def day_of(instant_ms: int) -> int:
    """Return the number of the day in Asia/Shanghai (UTC+8 without summer time), for the daily limit."""
    return (instant_ms + _ZONE_MS) // _DAY_MS


def day_began(day: int) -> int:
    """Return the first millisecond of a day."""
    return day * _DAY_MS - _ZONE_MS


def lacking(min_seconds: int, credited: int) -> int:
    """Return how much of a lesson's minimum is still to be credited."""
    return max(0, min_seconds - credited)


def is_skipping(from_ms: int, reached: int, interval_seconds: int) -> bool:
    """Tell whether a stretch begins beyond the furthest credited second.

    One and a half intervals are let by: a beat whose seconds were only partly credited must not stop the next one.
    """
    return from_ms > (reached + 1) * 1000 + interval_seconds * 1500


def credit(
    *,
    credited_until: int,
    arrival: int,
    interval_seconds: int,
    played: int,
    taken: int,
    rooms: Sequence[tuple[int, NotCounted]],
    not_counted: NotCounted = NotCounted.NO,
    otherwise: NotCounted = NotCounted.NO,
) -> Credit:
    """Judge one beat (design.md 5; faults A1, A2, A5, A6, A7, A12; H11).

    `played` are the seconds the beat says were played, `taken` those counted or pending already,
    `rooms` how many seconds are still wanted and what to say when there are no more, the most telling first;
    `not_counted` is a reason against the whole beat, `otherwise` one that is told when there is no other.
    Credit is the least of: server time since the last credit, new seconds, one and a half intervals, and the
    rooms. Since `credited_until` moves on by at least the credit, the sum never exceeds the server's wall
    clock. Up to half an interval of unused time is kept, so that a beat that came a little late costs the
    next one nothing; and one second more, because credit comes in whole seconds and the fraction is not lost
    but waits for the next beat.
    """
    fresh = played & ~taken
    wall = min(max(0, arrival - credited_until), interval_seconds * 1500) // 1000
    due = fresh.bit_count()
    seconds = 0
    if not not_counted:
        seconds = min(wall, due)
        for room, _ in rooms:
            seconds = min(seconds, room)
        seconds = max(0, seconds)
    why = not_counted
    if not why and seconds < due:
        why = next((full for room, full in rooms if room <= seconds), NotCounted.FAST)
    span_to = credited_until + seconds * 1000
    return Credit(
        seconds=seconds,
        covered=earliest(fresh, seconds),
        span_from=credited_until,
        span_to=span_to,
        credited_until=credited_until_after(span_to, arrival, interval_seconds),
        not_counted=why or otherwise,
    )


def credited_until_after(span_to: int, arrival: int, interval_seconds: int) -> int:
    """Return up to which moment credit is settled after a beat: half an interval and a second stay usable."""
    return max(span_to, arrival - interval_seconds * 500 - 1000)


def check_is_due(counted: int, pending: int, required: int, check_after: int, *, patience: int = 0) -> bool:
    """Tell whether a presence check is to be raised now: the random moment came, or the end is reached.

    `patience` is for how many seconds more the moment may wait for somebody who is there.
    """
    return pending > 0 and (pending >= check_after + patience or counted + pending >= required)


def is_cut_short(from_ms: int, to_ms: int, interval_seconds: int) -> bool:
    """Tell whether play ended with a beat: somebody paused, went to another page or looked away."""
    return to_ms - from_ms < interval_seconds * 1000 * WHOLE_BEAT


def check_is_overdue(deadline_ms: int | None, now_ms: int) -> bool:
    """Tell whether a raised check can no longer be answered."""
    return deadline_ms is not None and now_ms > deadline_ms + PRESENCE_GRACE_MS


def tries_allowed(*, after_void: bool) -> int:
    """Return how many answers a presence check takes: a slip may be mended, but not twice in a row (fault A8).

    Whoever guesses wins 7 of 16 windows with two tries and one of four after a void window: 4 of 13 in the long run.
    """
    return PRESENCE_TRIES_AFTER_VOID if after_void else PRESENCE_TRIES


def draw_check(low: int, high: int, random_bits: int) -> int:
    """Return after how many pending seconds the next check comes, from `low` to `high`."""
    return low + random_bits % (high - low + 1)


@dataclass(frozen=True, slots=True)
class Challenge:
    """A presence question: its text with the values for it, the options by letter, the right letter (never sent)."""

    prompt: str
    params: Mapping[str, Phrase]
    options: tuple[tuple[str, str], ...]
    right: str


_TENS = (
    N_("二十"), N_("三十"), N_("四十"), N_("五十"), N_("六十"), N_("七十"), N_("八十"), N_("九十"),
)  # fmt: skip
_ONES = (N_("二"), N_("三"), N_("四"), N_("五"), N_("六"), N_("七"), N_("八"), N_("九"))
_SMALLEST_DIGIT = 2
PROMPT_LESSON = N_("这次在学确认是播放哪一课时出现的？")
PROMPT_NUMBER = N_("哪一个是%(number)s？")


def challenge(secret: str, title: str, all_titles: Sequence[str]) -> Challenge:
    """Build the question of a check from a secret that only the server knows; the same secret, the same question.

    It asks which lesson was playing. A course with fewer than four lessons asks for a number instead.
    """

    def rank(text: str) -> bytes:
        return hashlib.sha256(f"{secret}:{text}".encode()).digest()

    others = sorted({other for other in all_titles if other != title}, key=rank)
    params: dict[str, Phrase] = {}
    if len(others) >= PRESENCE_OPTIONS - 1:
        prompt, right_text, wrong = PROMPT_LESSON, title, others[: PRESENCE_OPTIONS - 1]
    else:
        tens, ones, other = sorted(range(_SMALLEST_DIGIT, 10), key=lambda digit: rank(f"digit {digit}"))[:3]
        prompt, right_text = PROMPT_NUMBER, f"{tens}{ones}"
        wrong = [f"{ones}{tens}", f"{tens}{other}", f"{other}{ones}"]
        params = {"number": _spelled(tens, ones)}
    shown = sorted([right_text, *wrong], key=lambda text: rank("place:" + text))
    return Challenge(
        prompt, params, tuple(zip(LETTERS, shown, strict=True)), LETTERS[shown.index(right_text)]
    )


def _spelled(tens: int, ones: int) -> Phrase:
    words = (Phrase(_TENS[tens - _SMALLEST_DIGIT]), Phrase(_ONES[ones - _SMALLEST_DIGIT]))
    return phrase(N_("%(tens)s%(ones)s"), tens=words[0], ones=words[1])


QUESTION_LETTERS = "ABCDE"
MAX_QUESTION_TRIES = 999


def shuffled(secret: str, count: int) -> tuple[int, ...]:
    """Return the places of `count` options in the order in which they are shown; the same secret, the same order."""
    return tuple(
        sorted(range(count), key=lambda place: hashlib.sha256(f"{secret}:{place}".encode()).digest())
    )


DEVICE_JOIN = " · "


def missing_reasons(counted: int, pending: int, required: int, stage: Sequence[Reason]) -> list[Reason]:
    """Say, in figures, what is still to be studied before the exam, and why not now (`stage`: what the spine says)."""
    if counted >= required:
        return []
    return [
        Reason(
            "study.missing",
            N_("累计学习满 %(required)s后才能考试"),
            N_("已计入 %(counted)s，待确认 %(pending)s，还差 %(missing)s"),
            N_("学满后自动开放，不需要再申请"),
            source="B2",
            params={
                "required": Duration(required), "counted": Duration(counted), "pending": Duration(pending),
                "missing": Duration(required - counted),
            },
        ),
        *stage,
    ]  # fmt: skip


_DEVICES = (("iPad", N_("平板")), ("Tablet", N_("平板")), ("Mobile", N_("手机")), ("Android", N_("平板")))
_BROWSERS = (
    ("MicroMessenger", N_("微信")), ("DingTalk", N_("钉钉")), ("Edg", "Edge"), ("Firefox", "Firefox"),
    ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip


def device_name(user_agent: str) -> str:
    """Say in a few words which device and browser this is, so that its owner recognises it: 手机 · 微信."""
    device = next((word for mark, word in _DEVICES if mark in user_agent), N_("电脑"))
    browser = next((word for mark, word in _BROWSERS if mark in user_agent), N_("浏览器"))
    return f"{device}{DEVICE_JOIN}{browser}"
