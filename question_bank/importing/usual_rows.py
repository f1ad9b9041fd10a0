"""Rows that are as they should be, which most are: read in one go, with the same result as the long way.

Every check here answers "is this cell beyond doubt?"; whatever is not goes the long way through `RowReader`
and `validate_item`, which decide. A test reads the same tables both ways.
"""

from collections.abc import Sequence
from operator import itemgetter

from question_bank.importing.headers import Heading
from question_bank.importing.keys import settle_key
from question_bank.importing.report import LocatedItem, Table
from question_bank.importing.rows import RowReader
from question_bank.importing.stems import even_brackets
from question_bank.items import OPTION_KEYS, TRUE_FALSE_OPTIONS, Difficulty, Item, ItemType, Option
from question_bank.validation import (
    EXPLANATION_MAX,
    MULTIPLE_ANSWERS_MIN,
    OPTION_MAX,
    OPTIONS_MIN,
    SOURCE_MAX,
    STEM_MAX,
)

# Texts that begin with a Chinese character hold neither a label nor a letter that could be an answer.
_FIRST_HAN, _BEHIND_HAN = "\u3400", "\ua000"
_LABEL_STARTS = frozenset("ABCDEFGHabcdefgh([")
_CHOICES = {ItemType.SINGLE: (1, 1), ItemType.MULTIPLE: (MULTIPLE_ANSWERS_MIN, len(OPTION_KEYS))}


class UsualRows:
    """Reads the usual rows of one sheet; a class because it remembers the few words that stand on every row."""

    def __init__(self, table: Table, heading: Heading, rows: RowReader) -> None:
        columns = heading.columns
        keys = "".join(key for key in OPTION_KEYS if f"option:{key}" in columns)
        named = ["stem", *(f"option:{key}" for key in keys), "answer"]
        named += [name for name in ("explanation", "source", "id") if name in columns]
        self.is_usable = (
            {"stem", "answer"} <= columns.keys()
            and keys == OPTION_KEYS[: len(keys)]
            and not any(name.startswith(("flag", "options")) for name in columns)
            and not (table.refused or table.merges)
        )
        self._sheet = table.name
        self._rows = rows
        self._is_template = heading.is_template
        labels = [columns[name] for name in ("type", "area", "difficulty") if name in columns]
        # One column would come out as a bare cell, so one of them is taken twice.
        self._words = itemgetter(*labels, *labels) if labels else _no_words
        # A row of the usual kind has nothing in any other column.
        known = {*named, "type", "area", "difficulty", "number"}
        width = max(map(len, table.rows), default=0)
        self._others = [column for column in range(width) if column not in heading.covered]
        self._others += [column for name, column in columns.items() if name not in known]
        self._texts = itemgetter(*(columns.get(name, 0) for name in named))
        self._answer = 1 + len(keys)
        self._places = [
            named.index(name) if name in named else None for name in ("explanation", "source", "id")
        ]
        self._learnt: dict[object, tuple[ItemType, str, Difficulty]] = {}
        self._keys: dict[tuple[ItemType, object, int], frozenset[str] | None] = {}

    def forget(self) -> None:
        """Forget what blank cells mean: a title between the rows has changed it."""
        self._learnt.clear()

    def read(self, index: int, row: Sequence[object]) -> LocatedItem | None:
        """Return the item of a usual row, or None when the long way has to decide."""
        try:
            cells = self._texts(row)
            joined = "|".join(cells)
            labels = self._learnt.get(self._words(row)) or self._learn(index, row)
        except (TypeError, IndexError):
            # A cell that is no text, or a row that is too short.
            return None
        stem = cells[0]
        if (
            labels is None
            or not _is_plain(joined)
            or stem == ""
            or stem[0].isdigit()
            or "图" in stem
            or (self._others and self._has_more(row))
        ):
            return None
        found = self._key(labels[0], cells[self._answer], cells[1 : self._answer])
        if found is None:
            return None
        explanation, source, source_id = [cells[place] if place else "" for place in self._places]
        if len(joined) > SOURCE_MAX and not _is_short(cells, stem, explanation, source):
            return None
        if not self._is_template:
            stem = even_brackets(stem)
        type_, area, difficulty = labels
        options, answer = found
        item = Item(type_, stem, options, answer, explanation, area, difficulty, source)
        return LocatedItem(item, self._sheet, index + 1, source_id)

    def _learn(self, index: int, row: Sequence[object]) -> tuple[ItemType, str, Difficulty] | None:
        words = self._words(row)
        type_, no_type = self._rows.type(index, row)
        area, no_area = self._rows.area(index, row)
        difficulty, no_difficulty = self._rows.difficulty(index, row)
        if type_ is None or area is None or no_type or no_area or no_difficulty:
            return None
        # Only texts are remembered: True, 1 and 1.0 are one key and three words.
        if all(type(word) is str for word in words):
            self._learnt[words] = (type_, area, difficulty)
        return type_, area, difficulty

    def _has_more(self, row: Sequence[object]) -> bool:
        # A plain loop: this runs over every row, and a generator costs more than the test.
        for column in self._others:  # noqa: SIM110 - for the reason above
            if column < len(row) and row[column] != "":
                return True
        return False

    def _key(
        self, type_: ItemType, raw: str, texts: tuple[str, ...]
    ) -> tuple[tuple[Option, ...], frozenset[str]] | None:
        count = texts.index("") if "" in texts else len(texts)
        texts, behind = texts[:count], texts[count:]
        if any(behind) or (count == 0) is not (type_ is ItemType.TRUE_FALSE):
            return None
        kind = (type_, raw, count)
        answer = self._keys[kind] if kind in self._keys else self._settled(type_, raw, count)
        if answer is None:
            return None
        if type_ is ItemType.TRUE_FALSE:
            return TRUE_FALSE_OPTIONS, answer
        if len(set(texts)) < count or not (
            self._is_template
            or (min(texts) >= _FIRST_HAN and max(texts) < _BEHIND_HAN)
            or _are_unlabelled(texts)
        ):
            return None
        return tuple(map(Option, OPTION_KEYS, texts)), answer

    def _settled(self, type_: ItemType, raw: str, count: int) -> frozenset[str] | None:
        """Return what an answer means whatever the options say, and remember it; None when they must be asked."""
        answer: frozenset[str] | None = None
        if type_ is ItemType.TRUE_FALSE:
            key = settle_key(type_, "", {}, raw, self._rows.numbering, template=self._is_template)
            answer = key.answer or None
        elif type_ in _CHOICES and count >= OPTIONS_MIN:
            fewest, most = _CHOICES[type_]
            letters = frozenset(raw)
            if letters <= set(OPTION_KEYS[:count]) and fewest <= len(raw) == len(letters) <= most:
                answer = letters
        self._keys[type_, raw, count] = answer
        return answer


def _is_plain(joined: str) -> bool:
    """Tell whether texts need neither tidying nor reading; a bar stands between them."""
    return (
        joined.isprintable()
        and "| " not in joined
        and " |" not in joined
        and joined[0] != " "
        and joined[-1] != " "
        and "<" not in joined
        and "&" not in joined
        and "$" not in joined
        and "\\" not in joined
        and "\ufffd" not in joined
    )


def _no_words(_row: Sequence[object]) -> tuple[object, ...]:
    return ()


def _is_short(cells: tuple[str, ...], stem: str, explanation: str, source: str) -> bool:
    return (
        len(stem) <= STEM_MAX
        and len(explanation) <= EXPLANATION_MAX
        and len(source) <= SOURCE_MAX
        and all(len(cell) <= OPTION_MAX for cell in cells if cell is not stem and cell is not explanation)
    )


def _are_unlabelled(texts: tuple[str, ...]) -> bool:
    """Tell whether no text begins with anything that could be a label, or be an answer itself."""
    return all(
        _FIRST_HAN <= text[0] < _BEHIND_HAN or (text[0].isascii() and text[0] not in _LABEL_STARTS)
        for text in texts
    )
