"""The texts of one row: stem, options, explanation and pictures, as the bank keeps them."""

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from question_bank.importing.cells import cell_text
from question_bank.importing.field_text import field_text, needs_reading
from question_bank.importing.headers import Heading
from question_bank.importing.options import column_options, split_options
from question_bank.importing.stems import even_brackets, without_number
from question_bank.importing.words import truth_of
from question_bank.items import OPTION_KEYS
from question_bank.passage import MISSING, picture_mark, pictures
from question_bank.phrases import N_, Phrase, phrase
from question_bank.validation import Fault, tidy_text

_PICTURE_MENTIONED = re.compile(r"(?:见|如|看|根据)(?:上|下|右|左)?图|(?:上|下|右|左)图(?:中|所示|为|是)")


class RowTexts:
    """Reads the texts of the rows of one sheet.

    `strip_numbers` and `loosely_numbered` (indexes of rows) are what the sheet's own stems prove about the
    numbers before them.
    """

    def __init__(self, heading: Heading) -> None:
        self.strip_numbers = False
        self.loosely_numbered: frozenset[int] = frozenset()
        self._columns = heading.columns
        self._is_template = heading.is_template
        self._option_columns = {
            key: heading.columns[f"option:{key}"] for key in OPTION_KEYS if f"option:{key}" in heading.columns
        }

    def stem(self, index: int, row: Sequence[object], doubts: list[Fault]) -> tuple[str, Fault | None]:
        """Return the stem without its number in the sheet, or why the cell holds none."""
        value = self.cell(row, "stem")
        if not isinstance(value, str):
            return "", Fault(
                "stem_not_text",
                phrase(
                    N_("题干单元格是数字或日期“%(value)s”，不是题目。请填写题干，并把单元格设为文本格式。"),
                    value=cell_text(value),
                ),
                "stem",
            )
        if self._is_template:
            return tidy_text(value), None
        stem = tidy_text(value)
        if self.strip_numbers or index in self.loosely_numbered:
            stem = without_number(stem, loose=index in self.loosely_numbered)
        stem, fault = self._clean(even_brackets(stem), phrase(N_("“题干”")), "stem", doubts)
        if stem:
            stem += self._picture(row, stem, doubts)
        return stem, fault

    def options(self, row: Sequence[object], doubts: list[Fault]) -> tuple[dict[str, str], Fault | None]:
        """Return letter -> text, or a fault; what deserves a look goes to `doubts`."""
        if "options" in self._columns:
            text = cell_text(self.cell(row, "options"))
            texts, fault = split_options(text) if text.strip() else ({}, None)
        else:
            texts, fault = self._column_texts(row, doubts)
            if self._is_template or fault:
                return texts, fault
            glued: list[Fault] = []
            plain, fault = column_options(texts, glued)
            doubts += glued
            texts = {**dict.fromkeys(texts, ""), **plain} if not fault else {}
        for key, text in texts.items():
            if fault is None and needs_reading(text):
                texts[key], fault = self._clean(
                    text, phrase(N_("选项 %(key)s"), key=key), f"option:{key}", doubts
                )
        return texts, fault

    def explanation(self, row: Sequence[object], doubts: list[Fault]) -> tuple[str, Fault | None]:
        """Return the explanation."""
        text = tidy_text(cell_text(self.cell(row, "explanation")))
        return (
            (text, None)
            if self._is_template
            else self._clean(text, phrase(N_("“解析”")), "explanation", doubts)
        )

    def bare_options(self, row: Sequence[object]) -> tuple[dict[str, str], Fault | None]:
        """Return the options without judging their cells, for what is asked of a sheet as a whole."""
        if "options" in self._columns:
            return split_options(cell_text(self.cell(row, "options")))
        return {
            key: text
            for key, column in self._option_columns.items()
            if (text := cell_text(row[column] if column < len(row) else "").strip())
        }, None

    def cell(self, row: Sequence[object], name: str) -> object:
        """Return the cell under a field, or "" where there is none."""
        column = self._columns.get(name)
        return row[column] if column is not None and column < len(row) else ""

    def _column_texts(
        self, row: Sequence[object], doubts: list[Fault]
    ) -> tuple[dict[str, str], Fault | None]:
        cells: dict[str, str] = {}
        for key, column in self._option_columns.items():
            value = row[column] if column < len(row) else ""
            if type(value) is str:
                cells[key] = tidy_text(value)
                continue
            if isinstance(value, date | datetime | time | timedelta):
                return {}, Fault(
                    "option_is_date",
                    phrase(
                        N_(
                            "选项 %(key)s 是日期或时间“%(value)s”，多半被 Excel 改动过。请把单元格设为文本格式再填。"
                        ),
                        key=key,
                        value=str(value),
                    ),
                    f"option:{key}",
                )
            if isinstance(value, float) and not value.is_integer():
                doubts.append(
                    Fault(
                        "option_is_number",
                        phrase(
                            N_(
                                "选项 %(key)s 是数字格式，读成“%(value)s”。如原为百分数或带零的小数，"
                                "请把单元格设为文本格式再填。"
                            ),
                            key=key,
                            value=str(value),
                        ),
                        f"option:{key}",
                    )
                )
            cells[key] = tidy_text(cell_text(value))
        return cells, None

    def _clean(self, text: str, name: Phrase, about: str, doubts: list[Fault]) -> tuple[str, Fault | None]:
        if not needs_reading(text):
            return text, None
        read = field_text(text)
        if read.obstacles:
            return "", Fault(
                "markup_refused",
                phrase(N_("%(name)s%(obstacle)s，不能导入。请改写。"), name=name, obstacle=read.obstacles[0]),
                about,
            )
        if read.changed:
            what = phrase(
                N_("%(name)s里有网页标记，已去掉标记，只留文字“%(text)s”。请核对。"),
                name=name,
                text=read.text[:40],
            )
            doubts.append(Fault("markup_removed", what, about))
        return read.text, None

    def _picture(self, row: Sequence[object], stem: str, doubts: list[Fault]) -> str:
        """Return what the picture columns add to the stem; a picture that is named but not there is a doubt."""
        named = tidy_text(cell_text(self.cell(row, "picture")))
        if pictures(named):
            return f"\n{named}"
        wanted = truth_of(cell_text(self.cell(row, "has_picture"))) is True or cell_text(
            self.cell(row, "has_picture")
        ).strip() in {"1", "有"}
        if named and truth_of(named) is None and named not in {"无", "0", "1", "有", "/", "-"}:
            what = phrase(
                N_("图片“%(name)s”不在文件里，题目里只留下它的名称。请把图片插入单元格，或删去这一题。"),
                name=named[:60],
            )
            doubts.append(Fault("picture_missing", what, "picture"))
            return f"\n{picture_mark(MISSING, named)}"
        if (wanted or named in {"1", "有", "是"} or _PICTURE_MENTIONED.search(stem)) and not pictures(stem):
            what = phrase(N_("题目说到图片，但文件里没有这一题的图片。请把图片插入题干单元格，或改写题目。"))
            doubts.append(Fault("picture_missing", what, "stem"))
        return ""
