"""The rules of saying what the columns of a file are."""

from collections import Counter
from collections.abc import Mapping

from lms.core.errors import N_, Reason, Word
from question_bank.importing import SheetColumns

PROFILE_NAME_MAX = 40
SKIPPED = "skipped"
FIELD_NAMES: Mapping[str, str] = {
    "stem": N_("题干"),
    "type": N_("题型"),
    "options": N_("全部选项，写在一格里"),
    "option:A": N_("选项 A"),
    "option:B": N_("选项 B"),
    "option:C": N_("选项 C"),
    "option:D": N_("选项 D"),
    "option:E": N_("选项 E"),
    "option:F": N_("选项 F"),
    "option:G": N_("选项 G"),
    "option:H": N_("选项 H"),
    "answer": N_("答案"),
    "explanation": N_("解析"),
    "area": N_("知识领域"),
    "difficulty": N_("难度"),
    "source": N_("依据"),
    SKIPPED: N_("不导入这一列"),
}
"""What a column may be said to be, in the order of the list."""
_MANY = frozenset({SKIPPED})


def mapping_reasons(columns: SheetColumns, chosen: Mapping[str, str], name: str) -> list[Reason]:
    """Say why columns cannot be taken for these fields; `chosen` is by the column's letter, "" leaves it as it is."""
    fields = {one.letter: chosen.get(one.letter) or one.field or "" for one in columns.columns}
    reasons = []
    if any(value and value not in FIELD_NAMES for value in chosen.values()) or not set(chosen) <= set(fields):
        reasons.append(
            Reason(
                "mapping.unknown", N_("每一列只能从列表中选"), now=N_("送来的选择不在列表里"),
                way_out=N_("请刷新页面后再选"),
            )
        )  # fmt: skip
    if "stem" not in fields.values():
        reasons.append(
            Reason("mapping.no_stem", N_("要有一列是题干"), now=N_("现在没有"), way_out=N_("请为题干选一列"))
        )
    reasons += [
        Reason(
            "mapping.twice", N_("一项内容只能来自一列"), now=N_("“%(field)s”选了两列以上"),
            way_out=N_("请只留一列，其余改为“不导入这一列”"), params={"field": Word(FIELD_NAMES[field])},
        )
        for field, count in Counter(fields.values()).items()
        if count > 1 and field in FIELD_NAMES and field not in _MANY
    ]  # fmt: skip
    by_heading: dict[str, set[str]] = {}
    for one in columns.columns:
        by_heading.setdefault(one.heading, set()).add(chosen.get(one.letter, ""))
    reasons += [
        Reason(
            "mapping.same_heading", N_("同样的表头只能有一种意思"), now=N_("“%(heading)s”出现了几次，选得不一样"),
            way_out=N_("请先在表格里把表头改成不同的名称"), params={"heading": heading},
        )
        for heading, fields_said in by_heading.items()
        if len(fields_said) > 1
    ]  # fmt: skip
    return reasons + (profile_name_reasons(name) if name else [])


def profile_name_reasons(name: str) -> list[Reason]:
    """Say why a profile cannot be saved under this name."""
    if not name:
        return [
            Reason(
                "mapping.name",
                N_("导入方案要有名称"),
                way_out=N_("请填写名称，例如某省题库"),
                field_name="name",
            )
        ]
    if len(name) > PROFILE_NAME_MAX:
        return [
            Reason(
                "mapping.name", N_("方案名称最多 %(limit)s 个字"), now=N_("您写得更长"), way_out=N_("请写短一些"),
                field_name="name", params={"limit": PROFILE_NAME_MAX},
            )
        ]  # fmt: skip
    return []


def columns_reasons(columns: SheetColumns | None) -> list[Reason]:
    """Say why there are no columns to speak of."""
    if columns is not None:
        return []
    return [
        Reason(
            "mapping.no_columns", N_("检查完的表格才能核对各列的意思"), now=N_("这个文件没有可以核对的列"),
            way_out=N_("请等检查完成；Word 和文本文件不分列"),
        )
    ]  # fmt: skip
