"""The rule that points at one device on which several people study. Pure; a finding never changes a second of anybody.

A device is a browser: sessions whose logins carry the same mark. One person on a machine each day never meets the
rule, nor do two who take turns once.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from lms.study.policy.integrity import Finding, Rule

MANY_PEOPLE = 3
WINDOW_MS = 12 * 3600 * 1000
NEAR_MS = 5 * 60 * 1000
"""A pause below it does not end a stay, and whoever begins so soon after another followed him."""
MANY_CHANGES = 3
TOGETHER_MS = 5 * 60 * 1000
QUIET_MS = 6 * 3600 * 1000
"""So long without study, a night at least, and what comes next is another matter."""


@dataclass(frozen=True, slots=True)
class DeviceBeat:
    """A credited beat on a device. Times in milliseconds."""

    session_id: str
    person_id: str
    plan_id: str
    arrival: int
    credit_seconds: int


@dataclass(frozen=True, slots=True)
class Stay:
    """Study of one person on a device, for one plan."""

    person_id: str
    plan_id: str
    began: int
    ended: int
    seconds: int


@dataclass(frozen=True, slots=True)
class SharedDevice:
    """The rule was met: its finding, and what each person studied for each plan, who began first in front."""

    finding: Finding
    people: tuple[Stay, ...]


def shared_device(beats: Sequence[DeviceBeat]) -> SharedDevice | None:
    """Return what the beats of one device, in the order of their arrival, show of its latest use."""
    spell = _latest_spell(_stays(beats))
    changes, together = _changes(spell), _together(spell)
    if _most_people(spell) < MANY_PEOPLE and changes < MANY_CHANGES and together < TOGETHER_MS:
        return None
    began, ended = spell[0].began, max(one.ended for one in spell)
    figures = {
        "limit": MANY_PEOPLE, "window": WINDOW_MS // 1000, "near": NEAR_MS // 1000, "turns": MANY_CHANGES,
        "overlap": TOGETHER_MS // 1000, "people": len({one.person_id for one in spell}),
        "length": (ended - began) // 1000, "changes": changes, "together": together // 1000,
    }  # fmt: skip
    return SharedDevice(Finding(Rule.DEVICE, figures, began, ended), _by_person(spell))


def _stays(beats: Sequence[DeviceBeat]) -> list[Stay]:
    """Join the beats of a session that follow each other; return the stays by their beginning."""
    done: list[Stay] = []
    going: dict[str, Stay] = {}
    for beat in beats:
        began, seconds = beat.arrival - beat.credit_seconds * 1000, beat.credit_seconds
        before = going.get(beat.session_id)
        if before is not None and began - before.ended < NEAR_MS:
            began, seconds = before.began, before.seconds + seconds
        elif before is not None:
            done.append(before)
        going[beat.session_id] = Stay(beat.person_id, beat.plan_id, began, beat.arrival, seconds)
    return sorted([*done, *going.values()], key=lambda one: (one.began, one.person_id))


def _latest_spell(stays: Sequence[Stay]) -> list[Stay]:
    spell: list[Stay] = []
    until = 0
    for one in stays:
        if one.began - until >= QUIET_MS:
            spell = []
        spell.append(one)
        until = max(until, one.ended)
    return spell


def _most_people(spell: Sequence[Stay]) -> int:
    """Return how many people began within the window, wherever it lies."""
    counts = (
        len({one.person_id for one in spell[at:] if one.began - first.began < WINDOW_MS})
        for at, first in enumerate(spell)
    )
    return max(counts, default=0)


def _changes(spell: Sequence[Stay]) -> int:
    return sum(
        after.person_id != before.person_id and after.began - before.ended < NEAR_MS
        for before, after in pairwise(spell)
    )


def _together(spell: Sequence[Stay]) -> int:
    """Return for how many milliseconds at least two people played at once."""
    edges = sorted(
        edge for one in spell for edge in ((one.began, 1, one.person_id), (one.ended, -1, one.person_id))
    )
    playing: Counter[str] = Counter()
    total = before = 0
    for at, step, person_id in edges:
        if len(playing) > 1:
            total += at - before
        playing[person_id] += step
        playing = +playing
        before = at
    return total


def _by_person(spell: Sequence[Stay]) -> tuple[Stay, ...]:
    found: dict[tuple[str, str], Stay] = {}
    for one in spell:
        key = (one.person_id, one.plan_id)
        first = found.get(key, one)
        seconds = one.seconds if first is one else first.seconds + one.seconds
        found[key] = Stay(*key, first.began, max(first.ended, one.ended), seconds)
    return tuple(found.values())
