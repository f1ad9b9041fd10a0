"""Where two texts differ, sign by sign, so that a page can mark it."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

COMPARED_MAX = 600
"""Longer texts are shown as they are: comparing takes the square of their length."""
_SAME_MIN = 2
"""A single sign that happens to be the same between two differences belongs to them, or nobody could read it."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a text that stands in the other one as well, or does not."""

    text: str
    differs: bool


def differences(one: str, other: str) -> tuple[Sequence[Stretch], Sequence[Stretch]]:
    """Cut two texts into stretches that are the same in both and stretches that are not."""
    if (
        one == other
        or max(len(one), len(other)) > COMPARED_MAX
        or "\\(" in one + other
        or "](image:" in one + other
    ):
        # A formula or picture is one thing: a mark inside it would break it.
        differs = one != other
        return _whole(one, differs=differs), _whole(other, differs=differs)
    here: list[Stretch] = []
    there: list[Stretch] = []
    opcodes = SequenceMatcher(None, one, other, autojunk=False).get_opcodes()
    for number, (tag, a, b, c, d) in enumerate(opcodes):
        is_inner = 0 < number < len(opcodes) - 1
        differs = tag != "equal" or (is_inner and b - a < _SAME_MIN)
        _add(here, one[a:b], differs=differs)
        _add(there, other[c:d], differs=differs)
    return here, there


def _whole(text: str, *, differs: bool) -> list[Stretch]:
    return [Stretch(text, differs)] if text else []


def _add(stretches: list[Stretch], text: str, *, differs: bool) -> None:
    if not text:
        return
    if stretches and stretches[-1].differs is differs:
        stretches[-1] = Stretch(stretches[-1].text + text, differs)
    else:
        stretches.append(Stretch(text, differs))
