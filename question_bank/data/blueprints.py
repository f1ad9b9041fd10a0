"""Blueprints that ship with the product."""

from pathlib import Path

from question_bank.items import AREAS, POINT, Blueprint, BlueprintSection, ItemType

EXAMINER_COURSE_WORKBOOK = Path(__file__).with_name("examiner-course.xlsx")
"""The questions of the examiner course, in the template of `question_bank.exporting.xlsx`."""


def _sections(type_: ItemType, per_area: int, points_each: int) -> tuple[BlueprintSection, ...]:
    return tuple(BlueprintSection(type_, area, None, per_area, points_each) for area in AREAS)


# Our own spread over the five areas of B9; the paper adds up to 100 points, so that 90 is the pass mark of
# B4.
EXAMINER_COURSE_BLUEPRINT = Blueprint(
    title="考评员资格考试",
    sections=(
        *_sections(ItemType.SINGLE, per_area=4, points_each=2 * POINT),
        *_sections(ItemType.MULTIPLE, per_area=2, points_each=4 * POINT),
        *_sections(ItemType.TRUE_FALSE, per_area=2, points_each=2 * POINT),
    ),
)
"""40 questions, 100 points: 20 single (40), 10 multiple, all or nothing (40), 10 true/false (20)."""
