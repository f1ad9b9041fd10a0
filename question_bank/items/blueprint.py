"""What a blueprint is: the sections of a paper, and what they are worth."""

from dataclasses import dataclass

from question_bank.items.question import AREAS, DIFFICULTY_NAMES, TYPE_NAMES, Difficulty, Item, ItemType
from question_bank.phrases import N_, Phrase, phrase

POINT = 100
"""One point, in hundredths (H12)."""

FULL_MARK = 100 * POINT
"""What every examiner paper adds up to, in hundredths of a point (B4: 90 of 100 passes)."""


@dataclass(frozen=True, slots=True)
class BlueprintSection:
    """A run of questions of one type on the paper.

    `area` and `difficulty` of None mean "any". `points_each` is in hundredths of a point. With
    `partial_credit` a multiple-choice answer that holds only right options, but not all of them, earns its
    share (H13).
    """

    type: ItemType
    area: str | None
    difficulty: Difficulty | None
    count: int
    points_each: int
    partial_credit: bool = False

    @property
    def points(self) -> int:
        """What the whole section is worth, in hundredths of a point."""
        return self.count * self.points_each

    def fits(self, item: Item) -> bool:
        """Tell whether `item` may stand in this section."""
        return (
            item.type is self.type
            and (self.area is None or item.area == self.area)
            and (self.difficulty is None or item.difficulty is self.difficulty)
        )

    @property
    def label(self) -> Phrase:
        """The section in the words of a page: type, area and difficulty."""
        said = Phrase(TYPE_NAMES[self.type])
        if self.area is not None:
            said = phrase("%(one)s · %(other)s", one=said, other=Phrase(AREAS.get(self.area, self.area)))
        if self.difficulty is not None:
            level = phrase(N_("难度%(level)s"), level=Phrase(DIFFICULTY_NAMES[self.difficulty]))
            said = phrase("%(one)s · %(other)s", one=said, other=level)
        return said


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
