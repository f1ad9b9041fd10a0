"""One row: what each of its cells means under the heading of its sheet."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from question_bank.importing.answer_page import AnswerPage
from question_bank.importing.answers import Numbering, numeric_answer
from question_bank.importing.cells import cell_text
from question_bank.importing.headers import Heading
from question_bank.importing.keys import Key, settle_key
from question_bank.importing.merges import Merges
from question_bank.importing.profile import Profile
from question_bank.importing.report import UNSUPPORTED
from question_bank.importing.stems import answer_in_stem
from question_bank.importing.words import truth_of
from question_bank.items import Difficulty, ItemType, area_names
from question_bank.phrases import N_, phrase
from question_bank.validation import Fault


def _nobody_listens(_more: int) -> None:
    """Let the rows go by."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the person who imports a file says about it."""

    default_area: str | None = None
    default_difficulty: Difficulty = Difficulty.MEDIUM
    profile: Profile = field(default_factory=Profile)
    on_rows: Callable[[int], None] = _nobody_listens
    """Hears how many more rows of a table are read."""


class RowReader:
    """Reads the cells of one row; a class because each cell needs the heading, merges and settings.

    `section` is the type word of the last section title inside the sheet, "" above the first; `numbering` is
    what the sheet's own rows prove; `page` and `numbers` hold the answers of another sheet and how often each
    number stands in this one.
    """

    def __init__(
        self, heading: Heading, merges: Merges, sheet_type: ItemType | None, settings: Settings
    ) -> None:
        self.section = ""
        self.numbering = Numbering.UNKNOWN
        self.page: AnswerPage | None = None
        self.numbers: Counter[int] = Counter()
        self._heading = heading
        self._columns = heading.columns
        self._merges = merges
        self._sheet_type = sheet_type
        self._settings = settings
        self._profile = settings.profile

    def type(self, index: int, row: Sequence[object]) -> tuple[ItemType | None, Fault | None]:
        """Return the question type, or why it is not known."""
        value = self.filled_cell(index, row, "type")
        word = cell_text(value).strip()
        if not word:
            if not self.section and self._sheet_type is not None:
                return self._sheet_type, None
            word = self.section
        if not word:
            return None, Fault(
                "type_missing", phrase(N_("没有题型。请填单选题、多选题、判断题或填空题。")), "type"
            )
        type_ = self._profile.type_of(word) or self._heading.type_codes.get(word)
        if type_ is None:
            return None, Fault(
                UNSUPPORTED,
                phrase(
                    N_("题型“%(word)s”不支持。请改为单选题、多选题、判断题或填空题，或删去本行。"), word=word
                ),
                "type",
                value=word,
            )
        return type_, None

    def area(self, index: int, row: Sequence[object]) -> tuple[str | None, Fault | None]:
        """Return the code of the knowledge area, or why it is not known."""
        word = cell_text(self.filled_cell(index, row, "area")).strip()
        if not word and self._settings.default_area is not None:
            return self._settings.default_area, None
        area = self._profile.area_of(word)
        if area is None:
            what = phrase(N_("没有知识领域。请填：%(names)s。"), names=area_names())
            if word:
                text = N_("知识领域“%(word)s”不认识。请填：%(names)s。")
                what = phrase(text, word=word, names=area_names())
            return None, Fault("area_unknown", what, "area")
        return area, None

    def difficulty(self, index: int, row: Sequence[object]) -> tuple[Difficulty, Fault | None]:
        """Return the difficulty, or why it is not known."""
        word = cell_text(self.filled_cell(index, row, "difficulty")).strip()
        difficulty = self._profile.difficulty_of(word) if word else self._settings.default_difficulty
        if difficulty is None:
            return self._settings.default_difficulty, Fault(
                "difficulty_unknown",
                phrase(N_("难度“%(word)s”不认识。请填易、中或难。"), word=word),
                "difficulty",
            )
        return difficulty, None

    def answer(
        self, row: Sequence[object], stem: str, type_: ItemType | None, texts: Mapping[str, str]
    ) -> tuple[str, object, Fault | None]:
        """Return the stem, without an answer that stood in it, and the answer as written, or a fault."""
        if "answer" in self._columns:
            raw = self.cell(row, "answer")
        elif any(name.startswith("flag:") for name in self._columns):
            raw = self._flagged(row, texts)
            if isinstance(raw, Fault):
                return stem, "", raw
        else:
            raw = self._from_page(row, type_)
            if isinstance(raw, Fault):
                return stem, "", raw
        if self._profile.answers_in_stems and not cell_text(raw).strip():
            return answer_in_stem(stem)
        return stem, raw, None

    def key(self, raw: object, type_: ItemType, stem: str, texts: Mapping[str, str]) -> Key:
        """Return the options in order from A and what is right among them, or why that is not known."""
        return settle_key(type_, stem, texts, raw, self.numbering, template=self._heading.is_template)

    def type_by_answer(self, raw: object, stem: str, texts: Mapping[str, str]) -> ItemType | None:
        """Return the type that options and answer have, where the profile lets them decide."""
        if not self._profile.type_from_answer:
            return None
        if not any(texts.values()):
            return ItemType.TRUE_FALSE if truth_of(cell_text(raw)) is not None else None
        key = self.key(raw, ItemType.MULTIPLE, stem, texts)
        return ItemType.MULTIPLE if len(key.answer) > 1 else ItemType.SINGLE

    def cell(self, row: Sequence[object], name: str) -> object:
        """Return the cell under a field, or "" where there is none."""
        column = self._columns.get(name)
        return row[column] if column is not None and column < len(row) else ""

    def filled_cell(self, index: int, row: Sequence[object], name: str) -> object:
        """As `cell`, with the value of the merged range that covers it."""
        column = self._columns.get(name)
        if column is None:
            return ""
        if self._merges.fills and (index, column) in self._merges.fills:
            return self._merges.fills[index, column]
        return row[column] if column < len(row) else ""

    def _from_page(self, row: Sequence[object], type_: ItemType | None) -> object:
        if self.page is None:
            return ""
        number = self.cell(row, "number")
        answer = self.page.answer(type_, number, self.numbers)
        if answer is None:
            shown = cell_text(number)
            what = phrase(
                N_(
                    "答案页里没有序号“%(number)s”的答案，或这个序号出现了几次。请核对序号，或把答案写在答案列。"
                ),
                number=shown,
            )
            return Fault("answer_missing", what, "number")
        return answer

    def _flagged(self, row: Sequence[object], texts: Mapping[str, str]) -> object:
        right: list[str] = []
        for key, text in texts.items():
            if not text:
                continue
            flag = self.cell(row, f"flag:{key}")
            number = numeric_answer(flag)
            said = bool(number[0]) if number in ((0,), (1,)) else truth_of(cell_text(flag))
            if said is None:
                return Fault(
                    "flag_missing",
                    phrase(N_("没有说明选项 %(key)s 是否正确。请填“是”或“否”。"), key=key),
                    f"flag:{key}",
                )
            if said:
                right.append(key)
        return "".join(right)
