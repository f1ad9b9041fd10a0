"""Aiken text: a stem, lettered options, a line ANSWER: X; blocks with blank lines between them.

Some tools put a word for the type on the first line (truefalse, shortanswer) and a line of feedback behind
the answer; both are read. Options may be numbered from 1 where the answer is a number too.
"""

import re
from dataclasses import dataclass, field

from question_bank.importing.answers import Numbering, read_answer
from question_bank.importing.drafts import Draft, Gathering
from question_bank.importing.words import truth_of
from question_bank.items import OPTION_KEYS, Blank, ItemType, Number, read_decimal
from question_bank.phrases import N_, phrase
from question_bank.validation import OPTIONS_MIN

# For lines without blanks at their ends.
ANSWER_LINE = re.compile(r"^answer\s*[:：]\s*(.*)$", re.IGNORECASE)
_OPTION = re.compile(r"^([A-Za-z]|\d{1,2})\s*[.)．）]\s*(.*)$")
_FEEDBACK = re.compile(r"^(?:g?feed(?:back)?)\s*[:.：]\s*(.*)$", re.IGNORECASE)
_TYPES = {
    "multichoice": None,
    "multiplechoice": None,
    "truefalse": ItemType.TRUE_FALSE,
    "shortanswer": ItemType.FILL_IN,
    "numerical": ItemType.FILL_IN,
}
_OTHER_TYPES = {
    "essay": N_("问答题"),
    "cloze": N_("完形填空"),
    "order": N_("排序题"),
    "matching": N_("连线题"),
}
_NO_QUESTION = {"category": N_("分类名称“%(text)s”"), "description": N_("没有答案的说明文字“%(text)s”")}
_DIGITS = [str(number) for number in range(1, len(OPTION_KEYS) + 1)]


@dataclass(slots=True)
class _Block:
    line: int
    lines: list[str] = field(default_factory=list)


def looks_like_aiken(text: str) -> bool:
    """Tell whether a text has an answer line behind lettered options."""
    lines = [line.strip() for line in text.splitlines()]
    for number, line in enumerate(lines):
        if ANSWER_LINE.match(line) and number and _OPTION.match(lines[number - 1]):
            return True
    return False


def read_aiken(text: str, gathering: Gathering) -> None:
    """Read every block; a broken one is a fault at its first line and harms no other."""
    for block in _blocks(text):
        _read_block(block, gathering)


def _blocks(text: str) -> list[_Block]:
    blocks: list[_Block] = []
    open_block: _Block | None = None
    for number, written in enumerate(text.splitlines(), start=1):
        line = written.strip()
        if not line:
            open_block = None
            continue
        # A new block may follow its predecessor's answer without a blank line.
        answered = open_block is not None and any(ANSWER_LINE.match(one) for one in open_block.lines)
        if open_block is None or (answered and not _FEEDBACK.match(line) and not _continues(open_block)):
            open_block = _Block(number)
            blocks.append(open_block)
        open_block.lines.append(line)
    return blocks


def _continues(block: _Block) -> bool:
    # The lines behind a feedback belong to it.
    return any(_FEEDBACK.match(line) for line in block.lines[1:])


def _read_block(block: _Block, gathering: Gathering) -> None:
    word = block.lines[0].strip().lower()
    if word in _OTHER_TYPES:
        gathering.unsupported(block.line, phrase(_OTHER_TYPES[word]))
        return
    if word in _NO_QUESTION:
        gathering.ignore(block.line, phrase(_NO_QUESTION[word], text=" ".join(block.lines[1:])[:40]))
        return
    draft = Draft(block.line)
    lines = block.lines[1:] if word in _TYPES else block.lines
    answers = [number for number, line in enumerate(lines) if ANSWER_LINE.match(line)]
    if len(answers) != 1:
        text = N_("这一段没有以 ANSWER: 开头的答案行。请让每题以一行“ANSWER: 字母”结束，题与题之间空一行。")
        if answers:
            text = N_("这一段有几个 ANSWER: 答案行。请让每题以一行“ANSWER: 字母”结束，题与题之间空一行。")
        message = phrase(text)
        gathering.refuse(block.line, "answer_missing", message, lines[0][:60] if lines else None)
        return
    [place] = answers
    match = ANSWER_LINE.match(lines[place])
    written = match[1] if match else ""
    draft.explanation = _feedback(lines[place + 1 :], draft)
    kind = _TYPES.get(word)
    if kind is None and word not in _TYPES and not any(_OPTION.match(line) for line in lines[:place]):
        kind = ItemType.TRUE_FALSE if truth_of(written) is not None else None
    if kind is None:
        _read_choice(draft, lines[:place], written)
    else:
        draft.stem = "\n".join(lines[:place])
        draft.type = kind
        _read_written(draft, written, numerical=word == "numerical")
    gathering.take(draft)


def _feedback(lines: list[str], draft: Draft) -> str:
    if not lines:
        return ""
    match = _FEEDBACK.match(lines[0])
    if match is None:
        draft.refuse(
            "block_unclear", phrase(N_("答案行后面还有别的内容。请在两题之间空一行。")), "answer", lines[0]
        )
        return ""
    return "\n".join([match[1], *lines[1:]])


def _read_choice(draft: Draft, lines: list[str], written: str) -> None:
    start = _first_option(lines)
    if start is None:
        message = phrase(N_("没有从 A 起连续的选项。请在答案行前写“A. …”“B. …”，每个选项一行。"))
        draft.refuse("options_unclear", message, "option")
        return
    draft.stem = "\n".join(lines[:start])
    labels: list[str] = []
    for line in lines[start:]:
        match = _OPTION.match(line)
        if match is None:
            message = phrase(
                N_("选项之间有一行没有字母：“%(line)s”。请把它并入上一行，或补上字母。"), line=line[:40]
            )
            draft.refuse("options_unclear", message, "option", line)
            return
        labels.append(match[1].upper())
        draft.options.append(match[2])
    if len(labels) < OPTIONS_MIN:
        draft.refuse(
            "options_too_few",
            phrase(
                N_("只有 %(count)s 个选项，至少要 %(least)s 个。请补上选项。"),
                count=len(labels),
                least=OPTIONS_MIN,
            ),
            "option",
        )
        return
    options = dict(zip(OPTION_KEYS, draft.options, strict=False))
    numbered = labels[0] in _DIGITS
    numbering = Numbering.FROM_ONE if numbered else Numbering.UNKNOWN
    if numbered and not written.replace(",", "").replace(" ", "").isdigit():
        message = phrase(
            N_("选项写的是数字，答案写的是“%(written)s”，对不上。请让答案与选项的写法一致。"), written=written
        )
        draft.refuse("answer_unreadable", message, "answer", written)
        return
    chosen, fault = read_answer(written, ItemType.MULTIPLE, options, numbering, letters_only=True)
    if fault:
        draft.faults.append(fault)
    elif not chosen:
        draft.refuse("answer_missing", phrase(N_("没有答案。请在 ANSWER: 后填写选项字母。")), "answer")
    elif missing := sorted(chosen - options.keys()):
        message = phrase(
            N_("答案“%(letters)s”没有对应选项。请改答案，或补上选项。"), letters="".join(missing)
        )
        draft.refuse("answer_without_option", message, "answer", written)
    else:
        draft.right = {OPTION_KEYS.index(letter) for letter in chosen}
        draft.type = ItemType.MULTIPLE if len(chosen) > 1 else ItemType.SINGLE


def _first_option(lines: list[str]) -> int | None:
    """Return where the run of options begins that reaches to the last line and counts from A or from 1."""
    for start in range(1, len(lines)):
        match = _OPTION.match(lines[start])
        if match is None or match[1].upper() not in {"A", "1"}:
            continue
        found = [_OPTION.match(line) for line in lines[start:]]
        labels = [one[1].upper() for one in found if one]
        wanted = _DIGITS if labels[0] == "1" else list(OPTION_KEYS)
        if labels == wanted[: len(labels)] and found[-1]:
            return start
    return None


def _read_written(draft: Draft, written: str, *, numerical: bool) -> None:
    if not written:
        draft.refuse("answer_missing", phrase(N_("没有答案。请在 ANSWER: 后填写答案。")), "answer")
    elif draft.type is ItemType.TRUE_FALSE:
        draft.truth = truth_of(written)
        if draft.truth is None:
            message = phrase(N_("答案“%(written)s”看不出是对还是错。请填 True 或 False。"), written=written)
            draft.refuse("answer_unreadable", message, "answer", written)
    elif not numerical:
        draft.blank = Blank(tuple(text.strip() for text in written.split(",")))
    elif (number := read_decimal(written)) is not None and "," not in written:
        draft.blank = Blank(numbers=(Number(number),))
    else:
        message = phrase(
            N_("答案“%(written)s”不是一个数，分不清是几个答案还是误差。请只写一个数。"), written=written
        )
        draft.refuse("answer_unreadable", message, "answer", written)
