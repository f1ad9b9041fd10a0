"""A sheet that holds nothing but answers by number, and whose questions they are (Q32)."""

from collections import Counter
from collections.abc import Mapping, Sequence

from question_bank.importing.answer_ranges import read_answers
from question_bank.importing.cells import cell_text
from question_bank.importing.report import Table
from question_bank.importing.words import section_type, sheet_type
from question_bank.items import ItemType

_TITLE_MAX = 20


class AnswerPage:
    """Answers by type (None where the page names none) and number."""

    def __init__(self, answers: Mapping[tuple[ItemType | None, int], str]) -> None:
        self._answers = answers

    def answer(self, type_: ItemType | None, number: object, numbers: Counter[int]) -> str | None:
        """Return the answer of the question with this number, or None when it is not certain whose it is."""
        written = cell_text(number).strip()
        if not written.isdecimal() or numbers[int(written)] != 1:
            return None
        return self._answers.get((type_, int(written))) or self._answers.get((None, int(written)))


def answer_page(tables: Sequence[Table]) -> AnswerPage | None:
    """Return what the pages of answers among `tables` say together, or None when there is none or any doubt."""
    answers: dict[tuple[ItemType | None, int], str] = {}
    for table in tables:
        found = _answers_of(table)
        if found.keys() & answers.keys():
            return None
        answers |= found
    return AnswerPage(answers) if answers else None


def _answers_of(table: Table) -> dict[tuple[ItemType | None, int], str]:
    """Return the answers of one sheet; none at all when any of its rows is something else."""
    section = sheet_type(table.name)
    answers: dict[tuple[ItemType | None, int], str] = {}
    for row in table.rows:
        text = "  ".join(filled for value in row if (filled := cell_text(value).strip()))
        if not text or ("答案" in text and len(text) <= _TITLE_MAX and read_answers(text) is None):
            continue
        if announced := section_type(text):
            section = announced
            continue
        found = read_answers(text)
        if found is None or any((section, number) in answers for number in found):
            return {}
        answers.update({(section, number): answer for number, answer in found.items()})
    return answers
