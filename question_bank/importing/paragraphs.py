"""Questions as people type them: 1. 题干, A. …, 【答案】…, 【解析】…, with titles such as 一、单选题 between them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from question_bank.importing.answer_ranges import read_answers
from question_bank.importing.drafts import Gathering
from question_bank.importing.typed_question import NAMES, OPTION, TypedQuestion, read_typed
from question_bank.importing.words import OTHER_TYPES, section_word, type_of
from question_bank.phrases import N_, Phrase, phrase

_NUMBER = re.compile(r"^\s*(\d{1,4})\s*(?:[、,，:：)）]|[.．](?!\d)|\s+(?=[^\d\s]))\s*")
_FIELD = re.compile(rf"[【\[]\s*({'|'.join(NAMES)})\s*[】\]]\s*[:：]?\s*|^\s*({'|'.join(NAMES)})\s*[:：]\s*")
_TYPE_MARK = re.compile(r"^\s*[(（\[【]\s*([^\s)）\]】]{2,6})\s*[)）\]】]\s*")
_KEY_TITLE = re.compile(r"^[^\s，。？?：:]{0,12}答案(?:及解析|部分|页)?\s*[:：]?$")
_INLINE_OPTIONS = re.compile(r"(?<=\s)[(（]?[AＡ]\s*[.．、:：)）].*?\s[(（]?[BＢ]\s*[.．、:：)）]", re.DOTALL)
_QUESTION_LINE = re.compile(r"^[ \t\u3000]*\d{1,4}[ \t]{0,9}[.．、]", re.MULTILINE)
_ANSWER_LINE = re.compile(
    r"[【\[]\s*(?:\S{2})?答案\s*[】\]]|^[ \t\u3000]*(?:正确|参考|标准)?答案[ \t]{0,9}[:：]", re.MULTILINE
)
_TITLE_MAX = 40
LINE_MAX = 5000
"""No text of the bank is as long, and patterns are tried on no longer line."""

AnswerPage = dict[tuple[str | None, int], str]
"""Answers by section (as `_kind` names it) and number."""


@dataclass(slots=True)
class Line:
    """One line of text and where it stands; `obstacles` and `losses` as `hypertext.Hypertext` has them."""

    number: int
    text: str
    obstacles: list[Phrase] = field(default_factory=list)
    losses: set[Phrase] = field(default_factory=set)


def looks_like_paragraphs(text: str) -> bool:
    """Tell whether a plain text is a bank as people type it."""
    if not _ANSWER_LINE.search(text):
        return False
    return bool(_QUESTION_LINE.search(text)) or any(map(OPTION.match, text.splitlines()))


def read_paragraphs(lines: Iterable[Line], gathering: Gathering, *, answers_in_stems: bool = False) -> None:
    """Read every question; one that is not whole is a fault at its first line and harms no other."""
    splitter = _Splitter(gathering)
    for line in lines:
        if line.text.strip() or line.obstacles:
            splitter.take(line)
    for question in splitter.questions:
        _take_from_page(question, splitter)
        read_typed(question, gathering, answers_in_stems=answers_in_stems)


class _Splitter:
    """Cuts the lines into questions; a class because every line may belong to what came before."""

    def __init__(self, gathering: Gathering) -> None:
        self.questions: list[TypedQuestion] = []
        self.page: AnswerPage = {}
        self._gathering = gathering
        self._section: str | None = None
        self._section_is_new = True
        self._on_page = False

    def take(self, line: Line) -> None:
        text = line.text = line.text.strip()
        if len(text) > LINE_MAX:
            what = phrase(
                N_("这一行有 %(length)s 字，最多 %(longest)s 字。请缩短。"),
                length=len(text),
                longest=LINE_MAX,
            )
            self._gathering.refuse(line.number, "text_too_long", what, text[:60])
            return
        if self._is_title(line, text):
            return
        if self._on_page and (answers := read_answers(text)) is not None:
            self._take_answers(line, answers)
            return
        number = _NUMBER.match(line.text)
        mark = _TYPE_MARK.match(line.text)
        if number and not OPTION.match(text):
            self._begin(line, int(number[1]), line.text[number.end() :])
        elif mark and (type_of(mark[1]) or mark[1] in OTHER_TYPES):
            self._begin(line, None, line.text)
        elif self._on_page:
            message = phrase(N_("答案行“%(text)s”看不懂。请写成“1-5 ABCDE”。"), text=text[:40])
            self._gathering.refuse(line.number, "key_unclear", message, text)
        elif self.questions:
            self._continue(self.questions[-1], line, line.text)
        else:
            self._gathering.ignore(line.number, phrase(N_("题目之前的文字“%(text)s”"), text=text[:40]))

    def _is_title(self, line: Line, text: str) -> bool:
        if line.obstacles or len(text) > _TITLE_MAX or OPTION.match(text) or _FIELD.search(text):
            return False
        announced = section_word(text)
        if announced is None and not _KEY_TITLE.match(text):
            return False
        self._section, self._section_is_new = announced, True
        self._on_page = self._on_page or announced is None
        self._gathering.ignore(line.number, phrase(N_("小标题“%(text)s”"), text=text))
        return True

    def _begin(self, line: Line, number: int | None, text: str) -> None:
        question = TypedQuestion(line.number, number, self._section)
        before = self.questions[-1] if self.questions else None
        if before and number is not None and before.number is not None and not self._section_is_new:
            restarts = number == 1 and before.is_complete
            if number <= before.number and not restarts:
                question.doubt = phrase(
                    N_(
                        "题号 %(number)s 接在第 %(before)s 题后面，分不清是新的一题还是上一题的内容。请核对题号。"
                    ),
                    number=number,
                    before=before.number,
                )
                before.doubt = before.doubt or question.doubt
        self._section_is_new = self._on_page = False
        self.questions.append(question)
        self._continue(question, line, text)

    def _continue(self, question: TypedQuestion, line: Line, text: str) -> None:
        question.obstacles += line.obstacles
        question.losses |= line.losses
        fields = list(_FIELD.finditer(text))
        lead = text[: fields[0].start()] if fields else text
        inline = _INLINE_OPTIONS.search(lead) if question.in_stem else None
        if inline:
            question.add(lead[: inline.start()])
            lead = lead[inline.start() :]
        if OPTION.match(lead):
            question.add_option(lead)
        elif lead.strip():
            question.add(lead)
        ends = [*(match.start() for match in fields[1:]), len(text)]
        for match, end in zip(fields, ends, strict=False):
            question.add_field(NAMES[match[1] or match[2]], text[match.end() : end])

    def _take_answers(self, line: Line, answers: dict[int, str]) -> None:
        for number, answer in answers.items():
            if self.page.setdefault((_kind(self._section), number), answer) != answer:
                message = phrase(N_("第 %(number)s 题的答案写了两次，而且不同。请核对。"), number=number)
                self._gathering.refuse(line.number, "key_contradicts", message)
                self.page[_kind(self._section), number] = ""


def _take_from_page(question: TypedQuestion, splitter: _Splitter) -> None:
    """Give a question its answer from the page of answers, if there is exactly one that can be meant."""
    if not splitter.page or question.number is None:
        return
    namesakes = [one for one in splitter.questions if one.number == question.number]
    found = splitter.page.get((_kind(question.section), question.number))
    rivals = [one for one in namesakes if _kind(one.section) == _kind(question.section)]
    if found is None:
        found, rivals = splitter.page.get((None, question.number)), namesakes
    if found is None:
        return
    given = question.fields.get("answer")
    if len(rivals) > 1:
        question.doubt = phrase(
            N_("题号 %(number)s 出现了 %(count)s 次，分不清答案页上的答案属于哪一题。请核对题号。"),
            number=question.number,
            count=len(rivals),
        )
    elif given and [one.strip() for one in given] != [found]:
        question.doubt = phrase(
            N_("题目里的答案“%(given)s”与答案页上的“%(found)s”不同。请核对。"),
            given=given[0].strip()[:20],
            found=found,
        )
    question.fields["answer"] = [found]


def _kind(section: str | None) -> str | None:
    """Return one name for all the words that a type goes by: 单选题 and 单项选择题 are the same section."""
    type_ = type_of(section) if section else None
    return type_.value if type_ else section
