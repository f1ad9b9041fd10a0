"""What a target format cannot carry, named for each question instead of dropped in silence."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from question_bank.items import Item
from question_bank.phrases import N_, Phrase, phrase

_NUMBERS_SHOWN = 8
_EXCERPT = 30


class Fate(StrEnum):
    """What became of something that has no place of its own in the target."""

    MOVED = "moved"
    """It stands elsewhere in the file, where our own import finds it again."""
    LOST = "lost"
    """It is not in the file."""
    LEFT_OUT = "left_out"
    """The whole question is not in the file."""


_LINES = {
    Fate.MOVED: N_("换了地方写：%(what)s（%(numbers)s）"),
    Fate.LOST: N_("没有写出：%(what)s（%(numbers)s）"),
    Fate.LEFT_OUT: N_("整题没有写出：%(what)s（%(numbers)s）"),
}


@dataclass(frozen=True, slots=True)
class Loss:
    """One thing of one question: `number` counts the questions from 1 as they were given, `what` says it.

    `code` is stable; `excerpt` is the beginning of the stem.
    """

    code: str
    fate: Fate
    number: int
    excerpt: str
    what: Phrase


class Losses:
    """Gathers the losses of one export."""

    def __init__(self) -> None:
        self._found: list[Loss] = []
        self._number = 0
        self._excerpt = ""

    def turn_to(self, number: int, item: Item) -> None:
        """Name the question that the next losses belong to."""
        self._number = number
        self._excerpt = excerpt(item.stem, _EXCERPT)

    def add(self, code: str, fate: Fate, what: Phrase) -> None:
        """Note one loss of the present question."""
        self._found.append(Loss(code, fate, self._number, self._excerpt, what))

    @property
    def found(self) -> tuple[Loss, ...]:
        """Everything noted, in the order of the questions."""
        return tuple(self._found)


def summary(losses: Iterable[Loss]) -> list[Phrase]:
    """Return one line for each kind of loss, with the numbers of the questions it is about."""
    numbers: dict[tuple[Fate, Phrase], list[int]] = {}
    for loss in losses:
        numbers.setdefault((loss.fate, loss.what), []).append(loss.number)
    return [
        phrase(_LINES[fate], what=what, numbers=_listed(found)) for (fate, what), found in numbers.items()
    ]


def excerpt(text: str, longest: int) -> str:
    """Return the beginning of a text on one line."""
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def _listed(numbers: list[int]) -> Phrase:
    shown = tuple(map(str, numbers[:_NUMBERS_SHOWN]))
    if len(numbers) <= _NUMBERS_SHOWN:
        return phrase(N_("第 %(shown)s 题"), shown=shown)
    return phrase(N_("第 %(shown)s 题等 %(count)s 题"), shown=shown, count=len(numbers))
