"""Finding the heading row of a sheet and what each of its columns holds."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from question_bank.importing.profile import Profile
from question_bank.importing.report import Table, column_letter
from question_bank.importing.words import header_field, plain, type_of
from question_bank.items import OPTION_KEYS, ItemType, area_names
from question_bank.phrases import N_, phrase
from question_bank.validation import Fault

# Titles and notes may stand above the headings, but not a page of them.
HEADER_SEARCH_ROWS = 30

TEMPLATE_HEADERS = (
    "题型",
    "题干",
    *(f"选项{key}" for key in OPTION_KEYS[:6]),
    "答案",
    "解析",
    "知识领域",
    "难度",
    "依据",
)
"""The headings of our own template; longer items add 选项G and 选项H before 答案."""
NOTES_SHEET = "填写说明"
"""The sheet of our own template that says how to fill in the others."""

# Two of these say nothing that could contradict the other, or only help people find their way.
_REPEATABLE = frozenset({"skipped", "number", "id", "picture", "has_picture"})
_CODE_LEGEND = re.compile(r"([0-9])[:=、.]?(单选|多选|判断)")


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading row (`row`, counted from 0) and the column of each field, also counted from 0.

    `type_codes` is what a heading such as 题型（0单选，1判断，2多选） says. `is_template` tells that the
    sheet is our own template, whose cells are taken as they are. `shown` names the column that people see
    for a field whose cells were gathered from several rows.
    """

    row: int
    columns: Mapping[str, int]
    covered: frozenset[int]
    type_codes: Mapping[str, ItemType]
    is_template: bool
    shown: Mapping[str, int] = field(default_factory=dict)

    @property
    def has_answer(self) -> bool:
        """Whether any column says what is right."""
        return "answer" in self.columns or any(name.startswith("flag") for name in self.columns)

    def letter(self, name: str | None) -> str | None:
        """Return the column letter that holds a field; options in one cell answer for each of them."""
        if name is None:
            return None
        index = self.shown.get(name, self.columns.get(name))
        if index is None and name.startswith("option"):
            index = self.shown.get("option:A", self.columns.get("options", self.columns.get("option:A")))
        return None if index is None else column_letter(index)


def find_heading(table: Table, profile: Profile | None = None) -> Heading | None:
    """Return the first row that names at least a stem and an answer or options, or None."""
    for number, row in enumerate(table.rows[:HEADER_SEARCH_ROWS]):
        heading = _heading_of(number, row, profile or Profile())
        has_options = any(name.startswith("option") for name in heading.columns)
        if "stem" in heading.columns and (has_options or heading.has_answer):
            return heading
    return None


def heading_faults(
    table: Table, heading: Heading, profile: Profile, *, default_area: str | None, answers_elsewhere: bool
) -> list[Fault]:
    """Return why the sheet cannot be read with this heading.

    `answers_elsewhere` says that the answers stand on a page of their own.
    """
    faults: list[Fault] = []
    seen: dict[str, int] = {}
    for index, value in enumerate(table.rows[heading.row]):
        name = profile.field_of(value) or header_field(value)
        if name is None or name in _REPEATABLE:
            continue
        if name in seen:
            faults.append(
                Fault(
                    "header_repeated",
                    phrase(
                        N_("表头“%(value)s”与 %(column_letter)s 列说的是同一项。请删去或改名其中一列。"),
                        value=str(value),
                        column_letter=column_letter(seen[name]),
                    ),
                    name,
                ).located(
                    row=heading.row + 1, sheet=table.name, column=column_letter(index), value=str(value)
                )
            )
        seen.setdefault(name, index)
    if not (heading.has_answer or answers_elsewhere or profile.answers_in_stems):
        faults.append(
            Fault("header_no_answer", phrase(N_("表头里没有“答案”列。请补上这一列。")), "answer").located(
                row=heading.row + 1, sheet=table.name
            )
        )
    if "options" in heading.columns and any(key.startswith("option:") for key in heading.columns):
        faults.append(
            Fault(
                "header_options_twice",
                phrase(N_("既有“选项”列，又有“选项A”等列，分不清以哪个为准。请只保留一种。")),
                "option",
            ).located(row=heading.row + 1, sheet=table.name)
        )
    if "area" not in heading.columns and default_area is None:
        faults.append(
            Fault(
                "header_no_area",
                phrase(N_("表头里没有“知识领域”列。请补上这一列，填：%(names)s。"), names=area_names()),
                "area",
            ).located(row=heading.row + 1, sheet=table.name)
        )
    return faults


def repeats_heading(row: Sequence[object], table: Table, heading: Heading) -> bool:
    """Tell whether `row` is the heading printed again in the middle of the table."""
    original = table.rows[heading.row]
    stem = heading.columns["stem"]
    if stem >= len(row) or row[stem] != original[stem]:
        return False
    return all(
        index < len(row) and plain(row[index]) == plain(original[index]) for index in heading.columns.values()
    )


def _heading_of(number: int, row: Sequence[object], profile: Profile) -> Heading:
    columns: dict[str, int] = {}
    covered: set[int] = set()
    codes: dict[str, ItemType] = {}
    for index, value in enumerate(row):
        name = profile.field_of(value) or header_field(value)
        if name is None:
            if str(value).strip():
                covered.add(index)
            continue
        covered.add(index)
        if name == "skipped":
            continue
        columns.setdefault(name, index)
        if name == "type":
            for digit, word in _CODE_LEGEND.findall(plain(value)):
                kind = type_of(word)
                if kind is not None:
                    codes[digit] = kind
    headers = tuple(str(value).strip() for value in row if str(value).strip())
    return Heading(number, columns, frozenset(covered), codes, _is_template(headers))


def _is_template(headers: tuple[str, ...]) -> bool:
    extra = tuple(f"选项{key}" for key in OPTION_KEYS[6:])
    longer = TEMPLATE_HEADERS[:8] + extra + TEMPLATE_HEADERS[8:]
    return headers in (TEMPLATE_HEADERS, longer)
