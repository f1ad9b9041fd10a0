"""GIFT, the text format of Moodle: ::title:: stem {answers}, blank lines between questions."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from question_bank.importing.drafts import Draft, Gathering
from question_bank.importing.hypertext import displayed_formulas, read_html
from question_bank.importing.labels import area_in_path, take_label
from question_bank.importing.pictures import not_fetched
from question_bank.importing.weights import FULL, PARTIAL_LOST, weighted_key
from question_bank.importing.words import truth_of
from question_bank.items import Blank, ItemType, Number, read_decimal
from question_bank.passage import MISSING, picture_mark
from question_bank.phrases import N_, Phrase, phrase

GAP = "____"
"""What stands in a stem where the answers stood in the middle of a sentence."""

FEEDBACK_LOST = phrase(N_("选项的反馈"))
_SPECIAL = "~=#{}:\\"
_TITLE = re.compile(r"^\s*::((?:\\.|(?!::).)*)::", re.DOTALL)
_FORMAT = re.compile(r"^\s*\[(html|moodle|plain|markdown)\]", re.IGNORECASE)
_CATEGORY = re.compile(r"^\s*\$CATEGORY:\s*(.*?)\s*$")
_TAG = re.compile(r"\[(id|tag):([^\]]*)\]")
_WEIGHT = re.compile(r"^\s*%(-?\d{1,3}(?:\.\d{1,5})?)%")
_GENERAL = "####"
_MARKDOWN = re.compile(r"[*_`]{1,3}\S|^#{1,6} ", re.MULTILINE)
_LIKELY = re.compile(
    r"(?<!\\)\{\s*(?:(?:T|TRUE|F|FALSE)\s*[#}]|[=~#](?:\\.|[^{}\\])*\}|(?:\[\w+\])?\s*[=~])",
    re.IGNORECASE | re.DOTALL,
)
_EMPTY_ANSWER = re.compile(r"(?<!\\)\{\s*\}")
_GIFT_LINE = re.compile(r"^[ \t]*(?://|::.*::|\$CATEGORY:)", re.MULTILINE)


@dataclass(slots=True)
class _Block:
    line: int
    lines: list[str] = field(default_factory=list)
    tags: list[tuple[str, str]] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


@dataclass(slots=True)
class _Choice:
    sign: str
    weight: Decimal | None
    text: str
    feedback: str


def looks_like_gift(text: str) -> bool:
    """Tell whether a text holds answers in braces or a category line as GIFT writes them."""
    return bool(_LIKELY.search(text)) or bool(_GIFT_LINE.search(text) and _EMPTY_ANSWER.search(text))


def read_gift(text: str, gathering: Gathering) -> None:
    """Read every question; a broken one is a fault at its first line and harms no other."""
    area: str | None = None
    for block in _blocks(text):
        category = _CATEGORY.match(block.text) if len(block.lines) == 1 else None
        if category:
            area = area_in_path(category[1])
            if area is None:
                gathering.lose(block.line, [phrase(N_("分类“%(path)s”"), path=category[1][:40])])
            continue
        draft = Draft(block.line, area=area)
        _Question(draft, gathering).read(block)


def _blocks(text: str) -> Iterator[_Block]:
    block: _Block | None = None
    tags: list[tuple[str, str]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.lstrip().startswith("//"):
            tags += _TAG.findall(line)
            continue
        if not line.strip():
            if block:
                yield block
                tags = []
            block = None
            continue
        if block is None:
            block = _Block(number, tags=tags)
            tags = []
        block.lines.append(line)
        if _CATEGORY.match(line) and len(block.lines) == 1:
            yield block
            block = None
    if block:
        yield block


class _Question:
    """One question while it is read; a class because every part may add faults and losses."""

    def __init__(self, draft: Draft, gathering: Gathering) -> None:
        self._draft = draft
        self._gathering = gathering
        self._format = "moodle"

    def read(self, block: _Block) -> None:
        text = block.text
        self._take_tags(block)
        title = _TITLE.match(text)
        if title:
            text = text[title.end() :]
            self._draft.source_id = self._draft.source_id or unescaped(title[1]).strip()
        stated = _FORMAT.match(text)
        if stated:
            self._format = stated[1].lower()
            text = text[stated.end() :]
        parts = _braces(text)
        if parts is None:
            self._refuse_block(
                "braces_unclear", phrase(N_("花括号没有成对，分不清答案从哪里到哪里。请检查“{”和“}”。")), text
            )
            return
        if len(parts) == 1:
            self._gathering.ignore(
                block.line, phrase(N_("没有答案的说明文字“%(text)s”"), text=parts[0].strip()[:40])
            )
            return
        if len(parts) > len(("before", "answers", "after")):
            self._gathering.unsupported(block.line, phrase(N_("多空填空题")))
            return
        before, answers, after = parts
        gap = GAP if after.strip() else ""
        self._draft.stem = self._shown(f"{before.rstrip() if not gap else before}{gap}{after.rstrip()}")
        answers, _, general = _split_once(answers, _GENERAL)
        self._draft.explanation = self._shown(general)
        if self._read_answers(answers.strip(), block.line):
            self._gathering.take(self._draft)

    def _refuse_block(self, code: str, what: Phrase, text: str) -> None:
        self._gathering.refuse(self._draft.row, code, what, " ".join(text.split())[:60])

    def _take_tags(self, block: _Block) -> None:
        for kind, value in block.tags:
            if kind == "id":
                self._draft.source_id = value.strip()
            elif not take_label(self._draft, unescaped(value)):
                self._gathering.lose(block.line, [phrase(N_("标签"))])

    def _read_answers(self, answers: str, line: int) -> bool:
        """Read what stands in the braces; False when the question is of a type the bank does not have."""
        if not answers:
            self._gathering.unsupported(line, phrase(N_("问答题")))
            return False
        if answers.startswith("#"):
            self._read_numbers(answers[1:])
            return True
        word, _, feedback = _split_once(answers, "#")
        if truth_of(word) is not None and word.strip().upper() in {"T", "F", "TRUE", "FALSE"}:
            self._draft.type, self._draft.truth = ItemType.TRUE_FALSE, truth_of(word)
            self._lose_feedback(feedback)
            return True
        choices = list(_choices(answers))
        if not choices:
            self._draft.refuse(
                "answer_unreadable",
                phrase(N_("花括号里没有以“=”或“~”开头的答案。请改好。")),
                "answer",
                answers[:60],
            )
            return True
        if all(choice.sign == "=" and "->" in choice.text for choice in choices):
            self._gathering.unsupported(line, phrase(N_("连线题")))
            return False
        if all(choice.sign == "=" for choice in choices):
            self._read_texts(choices)
        else:
            self._read_options(choices)
        return True

    def _read_options(self, choices: list[_Choice]) -> None:
        weights = [
            choice.weight if choice.weight is not None else FULL if choice.sign == "=" else Decimal(0)
            for choice in choices
        ]
        key = weighted_key(weights, single=any(choice.sign == "=" for choice in choices))
        if key.reason:
            self._draft.refuse("weights_unclear", key.reason, "answer")
        if key.doubt:
            self._gathering.warn(self._draft.row, "weights_doubtful", key.doubt)
        self._gathering.lose(self._draft.row, key.losses)
        self._draft.type, self._draft.right = key.type, key.right
        for choice in choices:
            self._draft.options.append(self._shown(choice.text))
            self._lose_feedback(choice.feedback)

    def _read_texts(self, choices: list[_Choice]) -> None:
        texts = []
        for choice in choices:
            self._lose_feedback(choice.feedback)
            if choice.weight in (None, FULL):
                texts.append(self._shown(choice.text))
            elif choice.weight:
                self._gathering.lose(self._draft.row, [PARTIAL_LOST])
        self._draft.type = ItemType.FILL_IN
        if any("*" in text for text in texts):
            self._draft.refuse(
                "answer_wildcard", phrase(N_("答案里有通配符“*”，不支持。请逐一写出可接受的答案。")), "answer"
            )
        elif texts:
            self._draft.blank = Blank(tuple(texts))
        else:
            self._draft.refuse(
                "weights_unclear", phrase(N_("没有满分的答案。请至少写一个满分答案。")), "answer"
            )

    def _read_numbers(self, answers: str) -> None:
        self._draft.type = ItemType.FILL_IN
        choices = list(_choices(answers)) or [_Choice("=", None, *_split_once(answers, "#")[::2])]
        numbers = []
        for choice in choices:
            self._lose_feedback(choice.feedback)
            if choice.weight not in (None, FULL):
                self._gathering.lose(self._draft.row, [PARTIAL_LOST] if choice.weight else [])
                continue
            number = read_range(choice.text)
            if number is None:
                message = phrase(
                    N_("数值答案“%(text)s”看不懂。请写成 3.14、3.14:0.01 或 3.1..3.2。"),
                    text=choice.text.strip()[:40],
                )
                self._draft.refuse("answer_unreadable", message, "answer", choice.text.strip()[:60])
                return
            numbers.append(number)
        if numbers:
            self._draft.blank = Blank(numbers=tuple(numbers))
        else:
            self._draft.refuse(
                "weights_unclear", phrase(N_("没有满分的答案。请至少写一个满分答案。")), "answer"
            )

    def _lose_feedback(self, feedback: str) -> None:
        if feedback.strip():
            self._gathering.lose(self._draft.row, [FEEDBACK_LOST])

    def _shown(self, text: str) -> str:
        stated = _FORMAT.match(text)
        format_ = stated[1].lower() if stated else self._format
        # Lines are only wrapped in the file; a break that is meant is written \n.
        plain = unescaped(" ".join((text[stated.end() :] if stated else text).split()))
        if format_ == "html":
            html = read_html(plain, _no_picture)
            self._gathering.lose(self._draft.row, html.losses)
            for what in [*html.obstacles, *html.missing]:
                self._draft.refuse(
                    "markup_refused", phrase(N_("%(what)s，不能导入。请改写这一题。"), what=what)
                )
            return html.text
        if format_ == "markdown" and _MARKDOWN.search(plain):
            self._gathering.lose(self._draft.row, [phrase(N_("Markdown 的格式（标记按原文显示）"))])
        return displayed_formulas(plain)


def unescaped(text: str) -> str:
    r"""Take the backslashes from the signs they protect; ``\n`` is a line break, any other backslash stays."""
    return re.sub(
        r"\\(.)",
        lambda match: match[1] if match[1] in _SPECIAL else "\n" if match[1] == "n" else match[0],
        text,
        flags=re.DOTALL,
    )


def read_range(text: str) -> Number | None:
    """Read a number with its tolerance: 3.14, 3.14:0.01 or 3.1..3.2."""
    if ".." in text:
        low, high = (read_decimal(part) for part in text.split("..", 1))
        if low is None or high is None or low > high:
            return None
        return Number((low + high) / 2, (high - low) / 2)
    value, sign, tolerance = text.partition(":")
    number, off = read_decimal(value), read_decimal(tolerance) if sign else Decimal(0)
    return None if number is None or off is None or off < 0 else Number(number, off)


def _no_picture(address: str, alt: str) -> tuple[str, Phrase | None]:
    return picture_mark(MISSING, alt or address), not_fetched(alt or address)


def _braces(text: str) -> list[str] | None:
    """Cut at unprotected braces: before, answers, after, …; None when they do not pair up."""
    parts, start, inside = [], 0, False
    for match in re.finditer(r"\\.|[{}]", text, re.DOTALL):
        if match[0] in "{}":
            if (match[0] == "{") is inside:
                return None
            parts.append(text[start : match.start()])
            start, inside = match.end(), not inside
    return None if inside else [*parts, text[start:]]


def _choices(answers: str) -> Iterator[_Choice]:
    marks = [match.start() for match in re.finditer(r"\\.|[=~]", answers, re.DOTALL) if match[0] in "=~"]
    if not marks or answers[: marks[0]].strip():
        return
    for start, end in zip(marks, [*marks[1:], len(answers)], strict=True):
        text, _, feedback = _split_once(answers[start + 1 : end], "#")
        weight = _WEIGHT.match(text)
        yield _Choice(
            answers[start],
            Decimal(weight[1]) if weight else None,
            text[weight.end() :] if weight else text,
            feedback,
        )


def _split_once(text: str, sign: str) -> tuple[str, str, str]:
    for match in re.finditer(rf"\\.|{re.escape(sign)}", text, re.DOTALL):
        if match[0] == sign:
            return text[: match.start()], sign, text[match.end() :]
    return text, "", ""
