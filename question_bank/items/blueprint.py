"""What a blueprint is: the sections of a paper, and what they are worth."""

from dataclasses import dataclass
from typing import NamedTuple

from question_bank.items.question import AREAS, DIFFICULTY_NAMES, TYPE_NAMES, Difficulty, Item, ItemType
from question_bank.phrases import N_, Phrase, phrase

POINT = 100
"""One point, in hundredths (H12)."""

FULL_MARK = 100 * POINT
"""What every examiner paper adds up to, in hundredths of a point (B4: 90 of 100 passes)."""


class Cell(NamedTuple):
    """What a draw looks at: items that agree in all three are interchangeable."""

    type: ItemType
    area: str
    difficulty: Difficulty


@dataclass(frozen=True, slots=True)
class Part:
    """Places of one section that ask for the same kind of item; `section` counts from 0."""

    section: int
    type: ItemType
    area: str | None
    difficulty: Difficulty | None
    count: int

    def fits(self, cell: Cell) -> bool:
        """Tell whether the items of a cell may stand in these places."""
        return (
            cell.type is self.type
            and (self.area is None or cell.area == self.area)
            and (self.difficulty is None or cell.difficulty is self.difficulty)
        )

    @property
    def label(self) -> Phrase:
        """The kind of item in the words of a page: type, area and difficulty."""
        return _label(self.type, self.area, self.difficulty)


@dataclass(frozen=True, slots=True)
class BlueprintSection:
    """A run of questions of one type on the paper.

    `area` and `difficulty` of None mean "any". `points_each` is in hundredths of a point. With
    `partial_credit` a multiple-choice answer that holds only right options, but not all of them, earns its
    share (H13). `spread` says how many of the questions have which difficulty; it stands in the place of
    `difficulty` and adds up to `count`. `seconds_each` is the time a candidate is expected to need for one
    question, 0 when nobody has said.
    """

    type: ItemType
    area: str | None
    difficulty: Difficulty | None
    count: int
    points_each: int
    partial_credit: bool = False
    spread: tuple[tuple[Difficulty, int], ...] = ()
    seconds_each: int = 0

    @property
    def points(self) -> int:
        """What the whole section is worth, in hundredths of a point."""
        return self.count * self.points_each

    @property
    def is_banded(self) -> bool:
        """Whether the section says how hard its questions are, so that every paper has the same of each."""
        return bool(self.spread) or self.difficulty is not None

    def fits(self, item: Item) -> bool:
        """Tell whether `item` may stand in this section."""
        if item.type is not self.type or self.area not in (None, item.area):
            return False
        if self.spread:
            return any(item.difficulty is difficulty for difficulty, count in self.spread if count)
        return self.difficulty in (None, item.difficulty)

    def parts(self, section: int) -> tuple[Part, ...]:
        """Return the places of this section, which stands at `section` (from 0), by kind of item."""
        spread = self.spread or ((self.difficulty, self.count),)
        return tuple(
            Part(section, self.type, self.area, difficulty, count)
            for difficulty, count in spread
            if count > 0
        )

    @property
    def label(self) -> Phrase:
        """The section in the words of a page: type, area and difficulty."""
        said = _label(self.type, self.area, self.difficulty)
        if not self.spread:
            return said
        bands = tuple(
            phrase("%(level)s %(count)s", level=Phrase(DIFFICULTY_NAMES[difficulty]), count=count)
            for difficulty, count in self.spread
        )
        return phrase("%(one)s · %(other)s", one=said, other=phrase(N_("难度%(level)s"), level=bands))


@dataclass(frozen=True, slots=True)
class Blueprint:
    """How a paper is put together: its sections in the order in which they appear."""

    sections: tuple[BlueprintSection, ...]
    title: str = ""

    @property
    def total_points(self) -> int:
        """What a paper of this blueprint is worth, in hundredths of a point."""
        return sum(section.points for section in self.sections)

    @property
    def total_questions(self) -> int:
        """How many questions a paper of this blueprint has."""
        return sum(section.count for section in self.sections)

    @property
    def total_seconds(self) -> int:
        """How long a candidate is expected to need, as far as the sections say."""
        return sum(section.count * section.seconds_each for section in self.sections)

    @property
    def is_banded(self) -> bool:
        """Whether every section says how hard its questions are."""
        return all(section.is_banded for section in self.sections)

    @property
    def parts(self) -> tuple[Part, ...]:
        """All places of a paper, section by section."""
        return tuple(part for index, section in enumerate(self.sections) for part in section.parts(index))


def _label(type_: ItemType, area: str | None, difficulty: Difficulty | None) -> Phrase:
    said = Phrase(TYPE_NAMES[type_])
    if area is not None:
        said = phrase("%(one)s · %(other)s", one=said, other=Phrase(AREAS.get(area, area)))
    if difficulty is not None:
        level = phrase(N_("难度%(level)s"), level=Phrase(DIFFICULTY_NAMES[difficulty]))
        said = phrase("%(one)s · %(other)s", one=said, other=level)
    return said
