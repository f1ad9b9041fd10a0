"""Sitting an exam: the sheet as the page shows it, and a candidate who knows the course's workbook."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx
import openpyxl

from question_bank.data.blueprints import EXAMINER_COURSE_WORKBOOK
from tests.support.page import Page, words_of
from tests.support.person import Person

_HINT = re.compile(r"（可选多项；[^）]*）$|\(choose one or more;[^)]*\)$")
_TRUTH = {"True": "正确", "False": "错误"}


@cache
def known_answers() -> dict[str, frozenset[str]]:
    """Return stem -> texts of the right options, as a well-prepared candidate knows them from the workbook."""
    book = openpyxl.load_workbook(EXAMINER_COURSE_WORKBOOK, read_only=True)
    rows = book["题目"].iter_rows(values_only=True)
    head = [str(cell) for cell in next(rows)]
    known = {}
    for row in rows:
        line = dict(zip(head, row, strict=True))
        answer = str(line["答案"])
        if line["题型"] == "判断题":
            right = frozenset({answer})
        else:
            right = frozenset(str(line[f"选项{letter}"]).strip() for letter in answer)
        known[_key(str(line["题干"]))] = right
    book.close()
    return known


@cache
def explanations() -> list[str]:
    """Return the explanation of every question of the workbook: what no candidate may read while he sits."""
    book = openpyxl.load_workbook(EXAMINER_COURSE_WORKBOOK, read_only=True)
    rows = book["题目"].iter_rows(values_only=True)
    place = list(next(rows)).index("解析")
    found = [str(row[place]).strip() for row in rows]
    book.close()
    return found


@dataclass(frozen=True)
class Question:
    """One question of the sheet: position, and option id -> text."""

    position: int
    stem: str
    options: dict[str, str]
    takes_many: bool

    @property
    def right(self) -> list[str]:
        """The ids of the right options."""
        texts = known_answers()[_key(self.stem)]
        chosen = [option for option, text in self.options.items() if _TRUTH.get(text, text) in texts]
        assert len(chosen) == len(texts), self
        return chosen

    @property
    def wrong(self) -> list[str]:
        """The id of one option that is not right, or of the only combination that cannot be."""
        return [next((option for option in self.options if option not in self.right), self.right[0])]


class Sheet:
    """The exam page of one attempt."""

    def __init__(self, person: Person, page: Page) -> None:
        assert re.fullmatch(r"/exam/attempts/\w+", page.path), page
        self.person = person
        self.page = page
        self.attempt_id = page.path.rsplit("/", 1)[-1]
        self.lease = page.form(has="lease").controls["lease"].values[0]
        self.questions = questions_on(page)
        self._revisions: dict[int, int] = {}

    def save(self, question: Question, chosen: list[str], **changes: Any) -> httpx.Response:
        """Save one choice as the page's script does at each click."""
        revision = self._revisions.get(question.position, 0) + 1
        body = {
            "lease": self.lease, "position": question.position, "revision": revision, "choice": chosen, **changes,
        }  # fmt: skip
        reply = self.person.call("/api/v1/exam/answer", body)
        if reply.status_code == 200:
            self._revisions[question.position] = revision
        return reply

    def hand_in(self) -> Page:
        """Hand in as the page's script does, and look at the result."""
        reply = self.person.call("/api/v1/exam/submit", {"lease": self.lease})
        assert reply.status_code == 200, reply.text
        return self.person.open(reply.json()["result_url"])

    def hand_in_on_paper(self, *, wrong: int = 0) -> Page:
        """Fill in the whole form without any script and press the button; the first `wrong` answers are wrong."""
        values = {}
        for question in self.questions:
            chosen = question.wrong if question.position <= wrong else question.right
            values[f"q{question.position}"] = chosen
        self.person.page = self.page
        return self.person.send("交卷", has="lease", **values)


def start_exam(person: Person, plan_id: str) -> Sheet:
    """Open the exam page, press the button, and see the questions."""
    person.open(f"/exam/{plan_id}")
    return Sheet(person, person.send("开始考试"))


def score_on(page: Page) -> float:
    """Return the score that a result page shows."""
    found = re.search(r"总分 ([\d.]+) 分", page.words)
    assert found is not None, page
    return float(found[1])


def questions_on(page: Page) -> list[Question]:
    """Return the questions of an exam page, in their order."""
    return list(_questions(page))


def _questions(page: Page) -> Iterator[Question]:
    for section in page.tree.iter("section"):
        position = section.get("data-position")
        if position is None:
            continue
        options = {}
        kinds = set()
        for label in section.iter("label"):
            control, text = label.find("input"), label.find("span")
            options[control.get("value")] = words_of(text)
            kinds.add(control.get("type"))
        stem = _HINT.sub("", words_of(section.find(".//legend")))
        yield Question(int(position), stem, options, kinds == {"checkbox"})


def _key(stem: str) -> str:
    return re.sub(r"[\s\u3000]+", "", stem)
