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
from question_bank.phrases import N_, Phrase, phrase
from question_bank.validation.fault import Fault

_SHORT = N_(
    "第 %(number)s 大题（%(label)s）要 %(needed)s 题，题库有 %(available)s 题，还缺 %(lack)s 题。"
    "请补充试题，或减少这一大题的题数。"
)
_SHARED = N_(
    "第 %(number)s 大题（%(label)s）要 %(needed)s 题，题库有 %(available)s 题（其中一部分已被别的大题占用），"
    "还缺 %(lack)s 题。请补充试题，或减少这一大题的题数。"
)


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
    words: Phrase

    @property
    def message(self) -> str:
        """The words in Chinese."""
        return self.words.say()


def validate_blueprint(blueprint: Blueprint) -> list[Fault]:
    """Return every reason why `blueprint` cannot be used; it must add up to exactly `FULL_MARK`."""
    faults: list[Fault] = []
    if not blueprint.sections:
        faults.append(Fault("blueprint_empty", phrase(N_("组卷方案没有任何大题。请至少添加一个大题。"))))
    for number, section in enumerate(blueprint.sections, start=1):
        faults += _section_faults(number, section)
    total = blueprint.total_points
    if blueprint.sections and total != FULL_MARK:
        above = N_("各大题合计 %(total)s 分，满分必须是 %(full)s 分，多了 %(gap)s 分。请调整题数或每题分值。")
        below = N_("各大题合计 %(total)s 分，满分必须是 %(full)s 分，少了 %(gap)s 分。请调整题数或每题分值。")
        what = phrase(
            above if total > FULL_MARK else below,
            total=points_text(total),
            full=points_text(FULL_MARK),
            gap=points_text(abs(total - FULL_MARK)),
        )
        faults.append(Fault("blueprint_total", what))
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
        shortages.append(
            Shortage(
                index + 1,
                section.type,
                section.area,
                section.difficulty,
                section.count,
                available,
                lack,
                phrase(
                    _SHARED if available >= section.count else _SHORT,
                    number=index + 1,
                    label=section.label,
                    needed=section.count,
                    available=available,
                    lack=lack,
                ),
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
        what = phrase(
            N_("第 %(number)s 大题的题数是 %(count)s，至少要 1 题。请改题数，或删去这一大题。"),
            number=number,
            count=section.count,
        )
        faults.append(Fault("section_count", what, field))
    if section.points_each < 1:
        what = phrase(N_("第 %(number)s 大题每题分值必须大于 0。请改每题分值。"), number=number)
        faults.append(Fault("section_points", what, field))
    if section.area is not None and section.area not in AREAS:
        what = phrase(
            N_("第 %(number)s 大题的知识领域“%(area)s”不认识。请从列表中重选。"),
            number=number,
            area=section.area,
        )
        faults.append(Fault("area_unknown", what, field))
    if section.partial_credit and section.type is not ItemType.MULTIPLE:
        what = phrase(N_("第 %(number)s 大题不是多选题，不能部分给分。请取消部分给分。"), number=number)
        faults.append(Fault("section_partial", what, field))
    return faults
