"""What a target format cannot carry, named for each question instead of dropped in silence."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from question_bank.items import Item

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


FATE_NAMES = {Fate.MOVED: "换了地方写", Fate.LOST: "没有写出", Fate.LEFT_OUT: "整题没有写出"}


@dataclass(frozen=True, slots=True)
class Loss:
    """One thing of one question: `number` counts the questions from 1 as they were given, `what` says it in Chinese.

    `code` is stable; `excerpt` is the beginning of the stem.
    """

    code: str
    fate: Fate
    number: int
    excerpt: str
    what: str


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

    def add(self, code: str, fate: Fate, what: str) -> None:
        """Note one loss of the present question."""
        self._found.append(Loss(code, fate, self._number, self._excerpt, what))

    @property
    def found(self) -> tuple[Loss, ...]:
        """Everything noted, in the order of the questions."""
        return tuple(self._found)


def summary(losses: Iterable[Loss]) -> list[str]:
    """Return one line for each kind of loss, with the numbers of the questions it is about."""
    numbers: dict[tuple[Fate, str], list[int]] = {}
    for loss in losses:
        numbers.setdefault((loss.fate, loss.what), []).append(loss.number)
    return [f"{FATE_NAMES[fate]}：{what}（{_listed(found)}）" for (fate, what), found in numbers.items()]


def excerpt(text: str, longest: int) -> str:
    """Return the beginning of a text on one line."""
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def _listed(numbers: list[int]) -> str:
    shown = "、".join(map(str, numbers[:_NUMBERS_SHOWN]))
    return f"第 {shown} 题" if len(numbers) <= _NUMBERS_SHOWN else f"第 {shown} 题等 {len(numbers)} 题"
