"""Rules that point at beats a human should look at. Pure; a finding never changes a second of anybody.

What they read is the ledger alone: when beats arrived, what they earned, when checks were passed. Who studied on one
device is judged beside them, in `device_policy.py`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from lms.core.errors import N_, Duration, Reason

DAY_LIMIT_SECONDS = 14 * 3600
DAY_MS = 24 * 3600 * 1000
REST_MS = 20 * 60 * 1000
AWAKE_MS = 10 * 3600 * 1000
REGULAR_BEATS = 120
REGULAR_SPREAD_MS = 15
QUICK_MS = 1500
QUICK_CHECKS = 3
FAST_BEATS = 20
EXAMINED_FOR = timedelta(hours=36)
"""How far back beats are read when a session is examined: longer than the longest rule."""
NOTE_MIN, NOTE_MAX = 4, 500


class Rule(StrEnum):
    """What was met."""

    DAY = "day"
    NO_REST = "no_rest"
    REGULAR = "regular"
    QUICK = "quick"
    FAST = "fast"
    DEVICE = "device"


RULE_NAMES: dict[Rule, str] = {
    Rule.DAY: N_("24 小时内学得异常久"),
    Rule.NO_REST: N_("长时间没有停顿"),
    Rule.REGULAR: N_("心跳间隔像机器一样整齐"),
    Rule.QUICK: N_("在学确认回答得异常快"),
    Rule.FAST: N_("多次快于服务器时间"),
    Rule.DEVICE: N_("几个人在同一台设备上学习"),
}
RULE_WORDS: dict[Rule, tuple[str, str]] = {
    Rule.DAY: (N_("24 小时内计时超过 %(limit)s"), N_("24 小时内计时 %(seconds)s")),
    Rule.NO_REST: (
        N_("连续 %(limit)s没有一次停顿达到 %(rest)s"),
        N_("连续 %(length)s没有这样的停顿"),
    ),
    Rule.REGULAR: (
        N_("连续 %(limit)s 次心跳的间隔相差不到 %(spread_limit)s 毫秒"),
        N_("连续 %(beats)s 次，间隔 %(low)s 至 %(high)s 毫秒"),
    ),
    Rule.QUICK: (
        N_("至少 %(limit)s 次在学确认在 %(quick)s 毫秒内答对"),
        N_("%(checks)s 次，最快 %(quickest)s 毫秒"),
    ),
    Rule.FAST: (
        N_("24 小时内至少 %(limit)s 次心跳报告的播放快于服务器时间"),
        N_("24 小时内 %(beats)s 次"),
    ),
    Rule.DEVICE: (
        N_(
            "同一台设备上，%(window)s内至少 %(limit)s 人计时，或者相隔不到 %(near)s换人至少 %(turns)s 次，"
            "或者几人同时播放达到 %(overlap)s"
        ),
        N_("%(length)s内 %(people)s 人，相隔不到 %(near)s换人 %(changes)s 次，同时播放 %(together)s"),
    ),
}
"""Rule -> the rule itself, and the figures by which it was met; both take the finding's figures."""
DURATIONS = frozenset({"seconds", "length", "rest", "window", "near", "overlap", "together"})
"""Figures that are whole seconds and are said as durations; `limit` is one where the rule counts time."""


@dataclass(frozen=True, slots=True)
class SeenBeat:
    """What the rules read of a beat. Times in milliseconds."""

    session_id: str
    arrival: int
    interval_seconds: int
    credit_seconds: int
    refusal: str


@dataclass(frozen=True, slots=True)
class PassedCheck:
    """A presence check that was passed: when it was raised, and when it was answered."""

    raised: int
    answered: int


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that was met, with its figures and the time of the beats behind it."""

    rule: Rule
    figures: dict[str, int]
    began: int
    ended: int


def findings(beats: Sequence[SeenBeat], checks: Sequence[PassedCheck]) -> list[Finding]:
    """Return what the beats of one person, in the order of their arrival, and his passed checks show."""
    found = [
        _longest_day(beats),
        _without_rest(beats),
        _regular(beats),
        _quick(checks),
        _fast(beats),
    ]
    return [one for one in found if one is not None]


def _longest_day(beats: Sequence[SeenBeat]) -> Finding | None:
    """Return the 24 hours with the most credited seconds, when they are too many."""
    best = total = first = 0
    ends = (0, 0)
    for last, beat in enumerate(beats):
        total += beat.credit_seconds
        while beat.arrival - beats[first].arrival >= DAY_MS:
            total -= beats[first].credit_seconds
            first += 1
        if total > best:
            best, ends = total, (first, last)
    if best <= DAY_LIMIT_SECONDS:
        return None
    figures = {"limit": DAY_LIMIT_SECONDS, "seconds": best}
    return Finding(Rule.DAY, figures, beats[ends[0]].arrival, beats[ends[1]].arrival)


def _without_rest(beats: Sequence[SeenBeat]) -> Finding | None:
    """Return the longest time in which credited beats never paused, when it is too long."""
    best = max(
        _runs([beat.arrival for beat in beats if beat.credit_seconds]),
        key=lambda r: r[1] - r[0],
        default=(0, 0),
    )
    length = best[1] - best[0]
    if length < AWAKE_MS:
        return None
    figures = {"limit": AWAKE_MS // 1000, "rest": REST_MS // 1000, "length": length // 1000}
    return Finding(Rule.NO_REST, figures, *best)


def _runs(arrivals: Sequence[int]) -> Iterator[tuple[int, int]]:
    began = before = None
    for arrival in arrivals:
        if began is None or before is None or arrival - before >= REST_MS:
            if began is not None and before is not None:
                yield began, before
            began = arrival
        before = arrival
    if began is not None and before is not None:
        yield began, before


def _regular(beats: Sequence[SeenBeat]) -> Finding | None:
    """Return the longest run of one session whose beats keep time as no browser does."""
    best: tuple[int, int] = (0, 0)
    start, low, high = 0, 0, 0
    for at in range(1, len(beats)):
        gap = beats[at].arrival - beats[at - 1].arrival
        if beats[at].session_id != beats[at - 1].session_id:
            start = at
            continue
        fresh = at - 1 == start
        low, high = (gap, gap) if fresh else (min(low, gap), max(high, gap))
        if high - low >= REGULAR_SPREAD_MS:
            start, low, high = at - 1, gap, gap
        if at - start > best[1] - best[0]:
            best = (start, at)
    if best[1] - best[0] < REGULAR_BEATS:
        return None
    gaps = [beats[at].arrival - beats[at - 1].arrival for at in range(best[0] + 1, best[1] + 1)]
    figures = {
        "limit": REGULAR_BEATS, "spread_limit": REGULAR_SPREAD_MS, "beats": len(gaps), "low": min(gaps),
        "high": max(gaps),
    }  # fmt: skip
    return Finding(Rule.REGULAR, figures, beats[best[0]].arrival, beats[best[1]].arrival)


def _quick(checks: Sequence[PassedCheck]) -> Finding | None:
    """Return checks that were answered faster than anybody reads."""
    quick = [one for one in checks if 0 <= one.answered - one.raised < QUICK_MS]
    if len(quick) < QUICK_CHECKS:
        return None
    figures = {
        "limit": QUICK_CHECKS, "quick": QUICK_MS, "checks": len(quick),
        "quickest": min(one.answered - one.raised for one in quick),
    }  # fmt: skip
    return Finding(Rule.QUICK, figures, quick[0].raised, quick[-1].answered)


def _fast(beats: Sequence[SeenBeat]) -> Finding | None:
    """Return the 24 hours with the most beats that claimed more than the clock gave (fault A5)."""
    arrivals = [beat.arrival for beat in beats if beat.refusal == "fast"]
    best, first = (0, 0), 0
    for last, arrival in enumerate(arrivals):
        while arrival - arrivals[first] >= DAY_MS:
            first += 1
        if last - first > best[1] - best[0]:
            best = (first, last)
    count = best[1] - best[0] + 1 if arrivals else 0
    if count < FAST_BEATS:
        return None
    return Finding(Rule.FAST, {"limit": FAST_BEATS, "beats": count}, arrivals[best[0]], arrivals[best[1]])


def said_figures(rule: Rule, figures: dict[str, int]) -> dict[str, int | Duration]:
    """Return the figures of a finding as its texts take them: times as durations."""
    timed = DURATIONS | ({"limit"} if rule in (Rule.DAY, Rule.NO_REST) else set())
    return {name: Duration(value) if name in timed else value for name, value in figures.items()}


def look_reasons(*, is_looked_at: bool, note: str) -> list[Reason]:
    """Say why a finding cannot be put away."""
    if is_looked_at:
        return [
            Reason("finding.looked", N_("一条提示只处理一次"), N_("这条提示已经看过"), N_("请刷新页面查看"))
        ]
    length = len(note.strip())
    if NOTE_MIN <= length <= NOTE_MAX:
        return []
    return [
        Reason(
            "finding.note", N_("请写明核实的情况，%(low)s 至 %(high)s 个字"), way_out=N_("请补写后再提交"),
            field_name="note", params={"low": NOTE_MIN, "high": NOTE_MAX},
        )
    ]  # fmt: skip
