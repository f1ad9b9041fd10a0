"""Moodle XML: choices, true/false, short and numerical answers come in, every other type is named."""

import base64
import binascii
import re
from decimal import Decimal, InvalidOperation
from urllib.parse import unquote

from question_bank.importing.drafts import Draft, Gathering
from question_bank.importing.gift import FEEDBACK_LOST
from question_bank.importing.hypertext import displayed_formulas, read_html
from question_bank.importing.labels import area_in_path, take_label
from question_bank.importing.pictures import not_fetched
from question_bank.importing.weights import FULL, PARTIAL_LOST, weighted_key
from question_bank.importing.words import truth_of
from question_bank.importing.xml_tree import Node
from question_bank.items import Blank, ItemType, Number, read_decimal
from question_bank.passage import MISSING, picture_mark
from question_bank.phrases import N_, Phrase, phrase

_OTHER_TYPES = {
    "essay": N_("问答题"),
    "matching": N_("连线题"),
    "match": N_("连线题"),
    "cloze": N_("完形填空"),
    "multianswer": N_("完形填空"),
    "order": N_("排序题"),
    "ordering": N_("排序题"),
    "ddwtos": N_("拖放题"),
    "ddimageortext": N_("拖放题"),
    "ddmarker": N_("拖放题"),
    "gapselect": N_("选词填空"),
    "calculated": N_("计算题"),
    "calculatedmulti": N_("计算题"),
    "calculatedsimple": N_("计算题"),
    "stack": N_("STACK 题"),
    "coderunner": N_("编程题"),
    "randomsamatch": N_("随机连线题"),
    "random": N_("随机题"),
}
_LOOKS_LIKE_HTML = re.compile(r"</[a-z]|<(?:p|br|img|div|span|sub|sup|ul|ol|li|table)\b", re.IGNORECASE)
_EMBEDDED = re.compile(r"data:image/[a-z+.-]{1,20};base64,([a-z0-9+/=\s]+)", re.IGNORECASE)
_SET_ASIDE = "set-aside:"
_PLUGIN_FILE = "@@PLUGINFILE@@/"
_SCORE_LOST = {
    "penalty": N_("重答扣分"),
    "hint": N_("分步提示"),
    "units": N_("数值答案的单位"),
    "image": N_("题目外的图片"),
    "correctfeedback": N_("整题的反馈"),
    "partiallycorrectfeedback": N_("整题的反馈"),
    "incorrectfeedback": N_("整题的反馈"),
}


def read_moodle(root: Node, gathering: Gathering) -> None:
    """Read every question of a `quiz` element."""
    area: str | None = None
    for question in root.all("question"):
        kind = question.attributes.get("type", "").strip().lower()
        if kind == "category":
            path = _text_of(question.first("category"))
            area = area_in_path(path)
            if area is None and path:
                gathering.lose(question.line, [phrase(N_("分类“%(path)s”"), path=path[:40])])
        elif kind == "description":
            gathering.ignore(question.line, phrase(N_("没有答案的说明文字")))
        elif kind in _READERS:
            _Question(question, Draft(question.line, area=area), gathering).read(kind)
        else:
            name = _OTHER_TYPES.get(kind)
            unnamed = kind or phrase(N_("未写题型"))
            gathering.unsupported(question.line, phrase(name) if name else unnamed)


class _Question:
    """One question while it is read; a class because every part may add faults, losses and pictures."""

    def __init__(self, node: Node, draft: Draft, gathering: Gathering) -> None:
        self._node = node
        self._draft = draft
        self._gathering = gathering

    def read(self, kind: str) -> None:
        draft, node = self._draft, self._node
        draft.source_id = (
            _text_of(node.first("idnumber")) or " ".join(_text_of(node.first("name")).split())[:80]
        )
        for tag in node.deep("tag"):
            if not take_label(draft, _text_of(tag)):
                self._gathering.lose(tag.line, [phrase(N_("标签"))])
        draft.stem = self._shown(node.first("questiontext"))
        draft.explanation = self._shown(node.first("generalfeedback"))
        self._name_losses()
        _READERS[kind](self)
        self._gathering.take(draft)

    def choice(self) -> None:
        stated = _text_of(self._node.first("single")).lower()
        single = None if not stated else stated in {"true", "1"}
        answers = self._node.all("answer")
        key = weighted_key(self._weights(answers), single=single)
        if key.reason and not self._draft.faults:
            self._draft.refuse("weights_unclear", key.reason, "answer")
        if key.doubt:
            self._gathering.warn(self._draft.row, "weights_doubtful", key.doubt)
        self._gathering.lose(self._draft.row, key.losses)
        self._draft.type, self._draft.right = key.type, key.right
        self._draft.options = [self._shown(answer) for answer in answers]
        if _text_of(self._node.first("shuffleanswers")).lower() in {"0", "false"}:
            self._gathering.lose(self._draft.row, [phrase(N_("选项固定顺序的要求"))])

    def judgement(self) -> None:
        answers = self._node.all("answer")
        said = {
            truth_of(_text_of(answer))
            for answer, weight in zip(answers, self._weights(answers), strict=True)
            if weight == FULL
        }
        self._draft.type = ItemType.TRUE_FALSE
        if len(said) != 1 or None in said:
            self._draft.refuse(
                "answer_unreadable",
                phrase(N_("看不出是对还是错。请让 true 或 false 之一为 100 分。")),
                "answer",
            )
        else:
            self._draft.truth = said.pop()

    def short_answer(self) -> None:
        texts = [self._shown(answer) for answer in self._full_answers()]
        self._draft.type = ItemType.FILL_IN
        if any("*" in text.replace("\\*", "") for text in texts):
            self._draft.refuse(
                "answer_wildcard", phrase(N_("答案里有通配符“*”，不支持。请逐一写出可接受的答案。")), "answer"
            )
        elif texts:
            case_matters = _text_of(self._node.first("usecase")) in {"1", "true"}
            self._draft.blank = Blank(tuple(text.replace("\\*", "*") for text in texts), (), case_matters)

    def numerical(self) -> None:
        self._draft.type = ItemType.FILL_IN
        numbers = []
        for answer in self._full_answers():
            tolerance = answer.first("tolerance") or self._node.first("tolerance")
            if tolerance is not None and answer.first("tolerance") is None:
                message = phrase(N_("误差写在整题上而不是答案上，按它读入。请核对答案。"))
                self._gathering.warn(tolerance.line, "tolerance_doubtful", message)
            value, off = read_decimal(_text_of(answer)), read_decimal(_text_of(tolerance) or "0")
            if value is None or off is None or off < 0:
                written = _text_of(answer)[:40]
                self._draft.refuse(
                    "answer_unreadable",
                    phrase(N_("数值答案“%(written)s”或它的误差不是数。请改好。"), written=written),
                    "answer",
                    written,
                )
                return
            numbers.append(Number(value, off))
        if numbers:
            self._draft.blank = Blank(numbers=tuple(numbers))

    def _full_answers(self) -> list[Node]:
        answers = self._node.all("answer")
        weights = self._weights(answers)
        if any(weight not in (0, FULL) for weight in weights):
            self._gathering.lose(self._draft.row, [PARTIAL_LOST])
        full = [answer for answer, weight in zip(answers, weights, strict=True) if weight == FULL]
        if not full:
            self._draft.refuse("weights_unclear", phrase(N_("没有 100 分的答案。请至少写一个。")), "answer")
        return full

    def _weights(self, answers: list[Node]) -> list[Decimal]:
        weights = []
        for answer in answers:
            written = answer.attributes.get("fraction", "").strip()
            try:
                weight = Decimal(written)
            except InvalidOperation:
                weight = Decimal("NaN")
            if not weight.is_finite() or abs(weight) > FULL:
                message = phrase(
                    N_("答案的权重“%(written)s”不是 -100 到 100 的数。请改好。"), written=written[:20]
                )
                self._draft.refuse("weights_unclear", message, "answer", written)
                weight = Decimal(0)
            weights.append(weight)
        return weights

    def _name_losses(self) -> None:
        lost = {
            phrase(what)
            for name, what in _SCORE_LOST.items()
            for node in self._node.all(name)
            if node.words.strip() and not (name == "penalty" and read_decimal(node.words) == 0)
        }
        if any(_text_of(answer.first("feedback")) for answer in self._node.all("answer")):
            lost.add(FEEDBACK_LOST)
        grade = read_decimal(_text_of(self._node.first("defaultgrade")) or "1")
        if grade != 1:
            lost.add(phrase(N_("题目分值（分值由组卷方案决定）")))
        self._gathering.lose(self._draft.row, lost)

    def _shown(self, node: Node | None) -> str:
        if node is None:
            return ""
        text, format_ = _text_of(node), node.attributes.get("format", "")
        if format_ == "html" or (format_ in {"", "moodle_auto_format"} and _LOOKS_LIKE_HTML.search(text)):
            files = {file.attributes.get("name", ""): file for file in node.all("file")}
            # Pictures written into the text itself would hide how long the text is.
            codes: list[str] = []

            def set_aside(match: "re.Match[str]") -> str:
                codes.append(match[1])
                return f"{_SET_ASIDE}{len(codes) - 1}"

            text = _EMBEDDED.sub(set_aside, text)
            html = read_html(text, lambda address, alt: self._picture(files, codes, address, alt))
            self._gathering.lose(node.line, html.losses)
            for what in [*html.obstacles, *html.missing]:
                self._draft.refuse(
                    "markup_refused", phrase(N_("%(what)s，不能导入。请改写这一题。"), what=what)
                )
            return html.text
        if format_ == "markdown":
            self._gathering.lose(node.line, [phrase(N_("Markdown 的格式（标记按原文显示）"))])
        return displayed_formulas(text)

    def _picture(
        self, files: dict[str, Node], codes: list[str], address: str, alt: str
    ) -> tuple[str, Phrase | None]:
        name = unquote(address.removeprefix(_PLUGIN_FILE))
        place = address.removeprefix(_SET_ASIDE)
        if place != address and place.isdecimal() and int(place) < len(codes):
            code, name = codes[int(place)], "?"
        elif name in files:
            code = files[name].words
        else:
            return picture_mark(MISSING, alt or name), not_fetched(name)
        try:
            data = base64.b64decode("".join(code.split()), validate=True)
        except (binascii.Error, ValueError):
            return picture_mark(MISSING, alt or name), phrase(
                N_("图片“%(name)s”的内容已损坏"), name=name[:60]
            )
        return self._gathering.pictures.keep(data, alt or name)


_READERS = {
    "multichoice": _Question.choice,
    "truefalse": _Question.judgement,
    "shortanswer": _Question.short_answer,
    "numerical": _Question.numerical,
}


def _text_of(node: Node | None) -> str:
    """Return what the `text` inside an element says; some programs leave that inner element out."""
    if node is None:
        return ""
    inner = node.first("text")
    return (inner.words if inner is not None else node.text).strip()
