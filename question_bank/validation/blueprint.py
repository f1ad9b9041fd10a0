"""When a blueprint adds up, and whether the stock can fill it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from question_bank.items import (
    AREAS,
    FULL_MARK,
    POINT,
    Blueprint,
    BlueprintSection,
    Cell,
    Difficulty,
    Item,
    ItemType,
    Part,
)
from question_bank.matching import bottlenecks
from question_bank.phrases import N_, Phrase, phrase
from question_bank.stock import counts_of
from question_bank.validation.fault import Fault

SECONDS_EACH_MAX = 3600
"""Longer than any question is given; more is a slip of the finger."""

_SHORT = N_(
    "第 %(number)s 大题（%(label)s）要 %(needed)s 题，题库有 %(available)s 题，还缺 %(lack)s 题。"
    "请补充试题，或减少这一大题的题数。"
)
_COMPETING = N_(
    "第 %(numbers)s 大题争用同样的题：%(wanted)s。合起来要 %(needed)s 题，题库里能用的只有 %(available)s 题，"
    "还缺 %(lack)s 题。请补充试题，或减少题数。"
)
_WANTED = N_("%(label)s %(count)s 题")


@dataclass(frozen=True, slots=True)
class Shortage:
    """Why a stock cannot fill a blueprint, as a proof that anyone can count after.

    `sections` (from 1) name the parts of the paper that compete for the same items, usually one; together
    they ask for `needed` questions, and only `available` of the stock fit any of them. `type`, `area` and
    `difficulty` describe the thin cell, the narrowest of them.
    """

    sections: tuple[int, ...]
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

    @property
    def section(self) -> int:
        """The first section that is short."""
        return self.sections[0]


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
    """Return where `stock` cannot fill the blueprint, and by how many questions; copies count once.

    An empty list means that a draw will succeed; see `shortages`.
    """
    return shortages(blueprint, counts_of(stock))


def shortages(blueprint: Blueprint, counts: Mapping[Cell, int]) -> list[Shortage]:
    """Return where a stock, given as counts by cell, cannot fill the blueprint, and by how many questions.

    Sections may overlap (any area, any difficulty): an item counts for one place only, and the stock is
    shared out as well as possible (maximum flow). What then stays empty is proved by the minimum cut: each
    shortage names sections that together ask for more than everything that could stand in any of them.
    """
    parts = blueprint.parts
    return [
        _shortage([parts[index] for index in sorted(group)], missing, counts)
        for group, missing in bottlenecks(parts, counts)
    ]


def _shortage(parts: Sequence[Part], missing: int, counts: Mapping[Cell, int]) -> Shortage:
    needed = sum(part.count for part in parts)
    available = sum(count for cell, count in counts.items() if any(part.fits(cell) for part in parts))
    sections = tuple(sorted({part.section + 1 for part in parts}))
    thin = min(parts, key=lambda part: (part.area is None) + (part.difficulty is None))
    figures = {"needed": needed, "available": available, "lack": missing}
    if len(parts) == 1:
        words = phrase(_SHORT, number=sections[0], label=thin.label, **figures)
    else:
        wanted = tuple(phrase(_WANTED, label=part.label, count=part.count) for part in parts)
        words = phrase(_COMPETING, numbers=tuple(map(str, sections)), wanted=wanted, **figures)
    return Shortage(sections, thin.type, thin.area, thin.difficulty, needed, available, missing, words)


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
    faults += _band_faults(number, section)
    if not 0 <= section.seconds_each <= SECONDS_EACH_MAX:
        what = phrase(
            N_("第 %(number)s 大题每题用时是 %(seconds)s 秒，应在 0 至 %(most)s 秒之间。请改每题用时。"),
            number=number,
            seconds=section.seconds_each,
            most=SECONDS_EACH_MAX,
        )
        faults.append(Fault("section_time", what, field))
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


def _band_faults(number: int, section: BlueprintSection) -> list[Fault]:
    if not section.spread:
        return []
    field = f"section:{number}"
    faults: list[Fault] = []
    if section.difficulty is not None:
        what = phrase(N_("第 %(number)s 大题既规定了难度，又规定了各难度的题数。请只留一种。"), number=number)
        faults.append(Fault("section_band_twice", what, field))
    total = sum(count for _, count in section.spread)
    named = [difficulty for difficulty, _ in section.spread]
    is_odd = len(set(named)) != len(named) or any(count < 0 for _, count in section.spread)
    if total != section.count or is_odd:
        what = phrase(
            N_(
                "第 %(number)s 大题有 %(count)s 题，各难度的题数合计 %(total)s 题。"
                "请改成一样多，每种难度只写一次，不写负数。"
            ),
            number=number,
            count=section.count,
            total=total,
        )
        faults.append(Fault("section_band_total", what, field))
    return faults
