"""When an item or a blueprint is sound.

Pure checks that return every fault, in words an author can act on.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from question_bank.items import (
    AREAS,
    FULL_MARK,
    OPTION_KEYS,
    POINT,
    TRUE_FALSE_OPTIONS,
    Blueprint,
    BlueprintSection,
    Difficulty,
    Item,
    ItemType,
    same_question_key,
)
from question_bank.matching import unmet_sections

# Our own limits: longer texts do not fit a phone screen or a printed paper, and Excel cells end at 32,767.
STEM_MAX = 1000
OPTION_MAX = 500
EXPLANATION_MAX = 2000
SOURCE_MAX = 200
OPTIONS_MIN = 2
OPTIONS_MAX = len(OPTION_KEYS)
MULTIPLE_ANSWERS_MIN = 2

# Line breaks are allowed; other controls, bidirectional overrides (they can show an option as another one),
# halves of surrogate pairs, non-characters and the replacement character (a sign of a wrong encoding) are
# not.
_FORBIDDEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffd-\uffff]"
)
_INVISIBLE = re.compile("[\u200b\u2060\ufeff\u00ad]")
_LINE_BREAKS = re.compile(" *(?:\r\n|\r|\n) *")
_WIDE_SPACES = re.compile("[\t\u00a0\u2002-\u200a\u202f]+")
_UNTIDY = re.compile("^\\s|\\s$|[\t\r\u00a0\u00ad\u2002-\u200b\u202f\u2060\ufeff]| \n|\n ")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to repair: `message` says in Chinese where it is, what is wrong and what to do.

    `field` is "type", "stem", "option", "option:A".., "answer", "explanation", "area", "difficulty",
    "source" or a blueprint's "section:N"; `row` counts from 1 as the spreadsheet does, `column` is its
    letter, `value` the cell's text. The last four are None until an importer knows the place.
    """

    code: str
    message: str
    field: str | None = None
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    value: str | None = None

    def located(
        self, *, row: int, sheet: str | None = None, column: str | None = None, value: str | None = None
    ) -> "Fault":
        """Return the same fault with its place, which also goes in front of the message."""
        place = f"第 {row} 行" + (f" {column} 列" if column else "")
        if sheet:
            place = f"工作表“{sheet}”{place}"
        return replace(
            self, message=f"{place}：{self.message}", sheet=sheet, row=row, column=column, value=value
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
    message: str


def tidy_text(text: str) -> str:
    """Return `text` as the bank stores it.

    Ends trimmed, line breaks as "\\n", tabs and odd spaces as one space, zero-width characters removed.
    Wording, punctuation and full-width letters stay as they are. Tidying twice changes nothing more.
    """
    if is_clean(text) or not _UNTIDY.search(text):
        return text
    text = _WIDE_SPACES.sub(" ", _INVISIBLE.sub("", text))
    return _LINE_BREAKS.sub("\n", text).strip()


def is_clean(text: str) -> bool:
    """Tell quickly that `text` is tidy and has no forbidden character.

    False means only that it must be looked at more closely.
    """
    return text.isprintable() and "\ufffd" not in text and not text.startswith(" ") and not text.endswith(" ")


def validate_item(item: Item) -> list[Fault]:
    """Return every reason why `item` may not enter the bank; an empty list means that it is sound."""
    return [
        *_stem_faults(item),
        *_option_faults(item),
        *_answer_faults(item),
        *_label_faults(item),
    ]


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


def _stem_faults(item: Item) -> list[Fault]:
    if not item.stem.strip():
        return [Fault("stem_missing", "没有题干。请填写题干。", "stem")]
    return _text_faults(item.stem, STEM_MAX, "题干", "stem")


def _option_faults(item: Item) -> list[Fault]:
    options = item.options
    faults: list[Fault] = []
    if item.type is ItemType.TRUE_FALSE:
        if options != TRUE_FALSE_OPTIONS:
            faults.append(
                Fault(
                    "true_false_options",
                    "判断题只能有“A 正确”和“B 错误”两个选项。请改选项，或把题型改为单选题。",
                    "option",
                )
            )
        return faults
    if len(options) < OPTIONS_MIN:
        faults.append(
            Fault(
                "options_too_few",
                f"只有 {len(options)} 个选项，至少要 {OPTIONS_MIN} 个。请补上选项。",
                "option",
            )
        )
    if len(options) > OPTIONS_MAX:
        faults.append(
            Fault(
                "options_too_many",
                f"有 {len(options)} 个选项，最多 {OPTIONS_MAX} 个（A—{OPTION_KEYS[-1]}）。请删减选项。",
                "option",
            )
        )
    elif "".join(option.key for option in options) != OPTION_KEYS[: len(options)]:
        keys = "、".join(option.key for option in options)
        faults.append(
            Fault("option_keys", f"选项字母是“{keys}”，应从 A 起连续排列。请改选项字母。", "option")
        )
    seen: dict[str, str] = {}
    for option in options:
        field = f"option:{option.key}"
        text = option.text.strip()
        if not text:
            faults.append(Fault("option_empty", f"选项 {option.key} 是空的。请填写选项，或删去它。", field))
            continue
        faults += _text_faults(option.text, OPTION_MAX, f"选项 {option.key}", field)
        if text in seen:
            faults.append(
                Fault(
                    "option_repeated",
                    f"选项 {option.key} 与选项 {seen[text]} 相同。请改其中一个。",
                    field,
                )
            )
        else:
            seen[text] = option.key
    return faults


def _answer_faults(item: Item) -> list[Fault]:
    answer = item.answer
    if not answer:
        return [Fault("answer_missing", "没有答案。请填写答案。", "answer")]
    faults: list[Fault] = []
    keys = {option.key for option in item.options}
    loose = sorted(answer - keys)
    if loose:
        letters = "".join(loose)
        faults.append(
            Fault(
                "answer_without_option",
                f"答案“{letters}”没有对应选项，本题{_range_text(item)}。请改答案，"
                f"或补上选项 {'、'.join(loose)}。",
                "answer",
            )
        )
    if item.type is not ItemType.MULTIPLE and len(answer) != 1:
        name = "单选题" if item.type is ItemType.SINGLE else "判断题"
        faults.append(
            Fault(
                "answer_not_single",
                f"{name}只能有 1 个答案，这里有 {len(answer)} 个。请改答案，或把题型改为多选题。",
                "answer",
            )
        )
    if item.type is ItemType.MULTIPLE and len(answer) < MULTIPLE_ANSWERS_MIN:
        faults.append(
            Fault(
                "answer_not_multiple",
                f"多选题至少要有 {MULTIPLE_ANSWERS_MIN} 个答案，这里只有 {len(answer)} 个。请改答案，"
                "或把题型改为单选题。",
                "answer",
            )
        )
    return faults


def _label_faults(item: Item) -> list[Fault]:
    faults = [
        *_text_faults(item.explanation, EXPLANATION_MAX, "解析", "explanation"),
        *_text_faults(item.source, SOURCE_MAX, "依据", "source"),
    ]
    if item.area not in AREAS:
        names = "、".join(AREAS.values())
        faults.append(Fault("area_unknown", f"知识领域“{item.area}”不认识。请改为：{names}。", "area"))
    return faults


def _text_faults(text: str, longest: int, name: str, field: str) -> list[Fault]:
    faults: list[Fault] = []
    if len(text) <= longest and is_clean(text):
        return faults
    if len(text) > longest:
        faults.append(Fault("text_too_long", f"{name}有 {len(text)} 字，最多 {longest} 字。请缩短。", field))
    forbidden = _FORBIDDEN.search(text)
    if forbidden:
        faults.append(
            Fault(
                "text_control",
                f"{name}第 {forbidden.start() + 1} 个字是看不见的控制字符或乱码"
                f"（U+{ord(forbidden[0]):04X}）。"
                "请删去它再重新输入。",
                field,
            )
        )
    elif _UNTIDY.search(text):
        faults.append(Fault("text_untidy", f"{name}首尾或行间有多余的空白，或有零宽字符。请删去。", field))
    return faults


def _range_text(item: Item) -> str:
    if not item.options:
        return "没有选项"
    if len(item.options) == 1:
        return f"只有 {item.options[0].key}"
    return f"只有 {item.options[0].key}—{item.options[-1].key}"


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
