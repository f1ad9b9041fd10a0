"""When a blueprint adds up, and whether the stock can fill it."""

from collections.abc import Iterable
from dataclasses import dataclass

from question_bank.items import (
    AREAS,
    FULL_MARK,
    POINT,
    Blueprint,
    BlueprintSection,
    Difficulty,
    Item,
    ItemType,
    same_question_key,
)
from question_bank.matching import unmet_sections
from question_bank.validation.fault import Fault


@dataclass(frozen=True, slots=True)
class Shortage:
    """A cell of a blueprint that the stock cannot fill: how many it needs, has and lacks (`missing`)."""

    section: int
    type: ItemType
    area: str | None
    difficulty: Difficulty | None
    needed: int
    available: int
    missing: int
    message: str


def validate_blueprint(blueprint: Blueprint) -> list[Fault]:
    """Return every reason why `blueprint` cannot be used; it must add up to exactly `FULL_MARK`."""
    faults: list[Fault] = []
    if not blueprint.sections:
        faults.append(Fault("blueprint_empty", "组卷方案没有任何大题。请至少添加一个大题。"))
    for number, section in enumerate(blueprint.sections, start=1):
        faults += _section_faults(number, section)
    total = blueprint.total_points
    if blueprint.sections and total != FULL_MARK:
        faults.append(
            Fault(
                "blueprint_total",
                f"各大题合计 {points_text(total)} 分，满分必须是 {points_text(FULL_MARK)} 分，"
                f"{'多' if total > FULL_MARK else '少'}了 {points_text(abs(total - FULL_MARK))} 分。"
                "请调整题数或每题分值。",
            )
        )
    return faults


def feasibility(blueprint: Blueprint, stock: Iterable[Item]) -> list[Shortage]:
    """Return the sections that `stock` cannot fill, and by how many questions.

    An empty list means that a draw will succeed. Sections may overlap (any area, any difficulty): an item is
    counted for one section only, and the stock is shared out as well as possible. Copies count once.
    """
    distinct = list({same_question_key(item): item for item in stock}.values())
    missing = unmet_sections(blueprint, distinct)
    shortages: list[Shortage] = []
    for index, lack in sorted(missing.items()):
        section = blueprint.sections[index]
        available = sum(1 for item in distinct if section.fits(item))
        shared = "（其中一部分已被别的大题占用）" if available >= section.count else ""
        shortages.append(
            Shortage(
                index + 1,
                section.type,
                section.area,
                section.difficulty,
                section.count,
                available,
                lack,
                f"第 {index + 1} 大题（{section.label}）要 {section.count} 题，"
                f"题库有 {available} 题{shared}，"
                f"还缺 {lack} 题。请补充试题，或减少这一大题的题数。",
            )
        )
    return shortages


def points_text(hundredths: int) -> str:
    """Write hundredths of a point as people do: 10000 -> "100", 250 -> "2.5", 33 -> "0.33"."""
    sign = "-" if hundredths < 0 else ""
    whole, rest = divmod(abs(hundredths), POINT)
    return f"{sign}{whole}.{rest:02d}".rstrip("0").rstrip(".") if rest else f"{sign}{whole}"


def _section_faults(number: int, section: BlueprintSection) -> list[Fault]:
    field = f"section:{number}"
    faults: list[Fault] = []
    if section.count < 1:
        faults.append(
            Fault(
                "section_count",
                f"第 {number} 大题的题数是 {section.count}，至少要 1 题。请改题数，或删去这一大题。",
                field,
            )
        )
    if section.points_each < 1:
        faults.append(Fault("section_points", f"第 {number} 大题每题分值必须大于 0。请改每题分值。", field))
    if section.area is not None and section.area not in AREAS:
        faults.append(
            Fault(
                "area_unknown",
                f"第 {number} 大题的知识领域“{section.area}”不认识。请从列表中重选。",
                field,
            )
        )
    if section.partial_credit and section.type is not ItemType.MULTIPLE:
        faults.append(
            Fault(
                "section_partial",
                f"第 {number} 大题不是多选题，不能部分给分。请取消部分给分。",
                field,
            )
        )
    return faults
