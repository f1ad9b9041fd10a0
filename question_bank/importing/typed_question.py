"""One typed question: its lines by what they are, and what they come to."""

import re
from dataclasses import dataclass, field

from question_bank.importing.answers import Numbering
from question_bank.importing.blanks import gaps_in
from question_bank.importing.drafts import Draft, Gathering
from question_bank.importing.keys import settle_key
from question_bank.importing.options import split_options
from question_bank.importing.stems import answer_in_stem, even_brackets
from question_bank.importing.words import OTHER_TYPES, area_of, difficulty_of, truth_of, type_of
from question_bank.items import OPTION_KEYS, TRUE_KEY, ItemType
from question_bank.phrases import N_, Phrase, phrase
from question_bank.validation import OPTIONS_MIN, Fault, tidy_text

NAMES = {
    **dict.fromkeys(("答案", "正确答案", "参考答案", "标准答案", "本题答案"), "answer"),
    **dict.fromkeys(("解析", "答案解析", "试题解析", "题目解析", "解释"), "explanation"),
    **dict.fromkeys(("难度", "难易度", "难易程度", "难度等级"), "difficulty"),
    **dict.fromkeys(("知识领域", "知识点", "章节", "所属章节"), "area"),
    **dict.fromkeys(("依据", "出处", "来源", "法规依据"), "source"),
    **dict.fromkeys(("题型", "试题类型"), "type"),
    **dict.fromkeys(("编号", "试题编号", "题目编号"), "id"),
    **dict.fromkeys(("分值", "分数"), "points"),
}
"""The names that stand in 【】 or before a colon, and what they head."""

OPTION = re.compile(
    r"(?:^|(?<=\s))\s*(?:[(（]\s*([A-HＡ-Ｈ])\s*[)）]\s*[.．、:：]?|([A-HＡ-Ｈ])\s*[.．、:：)）])\s*"
)
"""The mark of an option at the beginning of a line or behind a space: A. or (A)."""

_TYPE_MARK = re.compile(r"^\s*[(（\[【]\s*([^\s)）\]】]{2,6})\s*[)）\]】]\s*")
_HALF = {ord("Ａ") + place: ord("A") + place for place in range(len(OPTION_KEYS))}


@dataclass(slots=True)
class TypedQuestion:
    """The lines of one question; what is added goes to what was begun last."""

    line: int
    number: int | None
    section: str | None
    stem: list[str] = field(default_factory=list)
    options: list[str] = field(default_factory=list)
    fields: dict[str, list[str]] = field(default_factory=dict)
    obstacles: list[Phrase] = field(default_factory=list)
    losses: set[Phrase] = field(default_factory=set)
    doubt: Phrase | None = None

    _open: str = "stem"

    @property
    def is_complete(self) -> bool:
        """Whether its answer has been given."""
        return "answer" in self.fields

    @property
    def in_stem(self) -> bool:
        """Whether nothing but the stem has come so far."""
        return self._open == "stem"

    def add(self, text: str) -> None:
        """Add a line to what was begun last."""
        if self._open == "stem":
            self.stem.append(text)
        else:
            lines = self.options if self._open == "option" else self.fields[self._open]
            lines[-1] += f"\n{text}"

    def add_option(self, text: str) -> None:
        """Begin an option, or several on one line."""
        self.options.append(text)
        self._open = "option"

    def add_field(self, name: str, text: str) -> None:
        """Begin a field such as the answer."""
        self.fields.setdefault(name, []).append(text)
        self._open = name


def read_typed(question: TypedQuestion, gathering: Gathering, *, answers_in_stems: bool) -> None:
    """Settle one question."""
    draft = Draft(question.line)
    gathering.lose(question.line, question.losses)
    for obstacle in question.obstacles:
        draft.refuse("markup_refused", phrase(N_("%(what)s，不能导入。请改写这一题。"), what=obstacle))
    if question.doubt:
        draft.refuse("number_unclear", question.doubt)
    values = {name: tidy_text("\n".join(given)) for name, given in question.fields.items()}
    if any(len(given) > 1 for given in question.fields.values()):
        name = next(name for name, given in question.fields.items() if len(given) > 1)
        written = next(word for word, field_ in NAMES.items() if field_ == name)
        draft.refuse(
            "field_repeated", phrase(N_("这一题有几处“%(name)s”。请只保留一处。"), name=written), name
        )
    stem, marked = _stem_and_mark(question)
    said = values.get("type") or marked or question.section or ""
    declared = type_of(said)
    if said and declared is None:
        gathering.unsupported(question.line, said[:20])
        return
    draft.stem = even_brackets(stem)
    _take_fields(draft, values, gathering)
    raw = values.get("answer", "")
    if not raw and answers_in_stems:
        draft.stem, raw, fault = answer_in_stem(draft.stem)
        draft.faults += [fault] if fault else []
    texts, fault = _options(question.options)
    draft.faults += [fault] if fault else []
    type_ = declared or _type_by_content(texts, raw, draft.stem)
    if not draft.faults:
        _take_key(draft, type_, texts, raw, declared=declared is not None)
    gathering.take(draft)


def _stem_and_mark(question: TypedQuestion) -> tuple[str, str | None]:
    stem = tidy_text("\n".join(question.stem))
    mark = _TYPE_MARK.match(stem)
    if mark and (type_of(mark[1]) or mark[1] in OTHER_TYPES):
        return stem[mark.end() :], mark[1]
    return stem, None


def _take_fields(draft: Draft, values: dict[str, str], gathering: Gathering) -> None:
    draft.explanation = values.get("explanation", "")
    draft.source = values.get("source", "")
    draft.source_id = values.get("id", "")
    if word := values.get("area"):
        draft.area = area_of(word)
        if draft.area is None:
            draft.refuse(
                "area_unknown",
                phrase(N_("知识领域“%(word)s”不认识。请改为本平台的知识领域。"), word=word[:40]),
                "area",
                word,
            )
    if word := values.get("difficulty"):
        draft.difficulty = difficulty_of(word)
        if draft.difficulty is None:
            draft.refuse(
                "difficulty_unknown",
                phrase(N_("难度“%(word)s”不认识。请填易、中或难。"), word=word[:20]),
                "difficulty",
                word,
            )
    if values.get("points"):
        gathering.lose(draft.row, [phrase(N_("题目分值（分值由组卷方案决定）"))])


def _take_key(
    draft: Draft, type_: ItemType | None, texts: dict[str, str], raw: str, *, declared: bool
) -> None:
    if type_ is None:
        message = phrase(N_("看不出题型。请在题目前写小标题（如“一、单选题”），或写【题型】。"))
        draft.refuse("type_missing", message, "type")
        return
    key = settle_key(type_, draft.stem, texts, raw, Numbering.UNKNOWN)
    if key.fault:
        draft.faults.append(key.fault)
        return
    keys = [option.key for option in key.options]
    if loose := sorted(key.answer - set(keys)):
        message = phrase(N_("答案“%(letters)s”没有对应选项。请改答案，或补上选项。"), letters="".join(loose))
        draft.refuse("answer_without_option", message, "answer", raw)
        return
    draft.type, draft.blank = type_, key.blank
    if not declared and type_ is ItemType.SINGLE and len(key.answer) > 1:
        draft.type = ItemType.MULTIPLE
    if type_ is ItemType.TRUE_FALSE:
        draft.truth = TRUE_KEY in key.answer if key.answer else None
    else:
        draft.options = [option.text for option in key.options]
        draft.right = {keys.index(letter) for letter in key.answer}


def _type_by_content(texts: dict[str, str], raw: str, stem: str) -> ItemType | None:
    if texts:
        said = {truth_of(text) for text in texts.values()}
        return ItemType.TRUE_FALSE if said == {True, False} else ItemType.SINGLE
    if truth_of(raw) is not None:
        return ItemType.TRUE_FALSE
    return ItemType.FILL_IN if raw and gaps_in(stem) else None


def _options(lines: list[str]) -> tuple[dict[str, str], Fault | None]:
    """Return letter -> text, or a fault; several options may stand on one line."""
    pieces: list[tuple[str, str]] = []
    for line in lines:
        marks: list[tuple[str, int, int]] = []
        for match in OPTION.finditer(line):
            letter = (match[1] or match[2]).translate(_HALF)
            # Behind the first one only the next letter opens an option: anything else is its text.
            if not marks or ord(letter) == ord(marks[-1][0]) + 1:
                marks.append((letter, match.start(), match.end()))
        ends = [start for _, start, _ in marks[1:]] + [len(line)]
        pieces += [
            (letter, tidy_text(line[at:end])) for (letter, _, at), end in zip(marks, ends, strict=True)
        ]
    if 0 < len(pieces) < OPTIONS_MIN:
        return split_options("\n".join(lines))
    letters = [letter for letter, _ in pieces]
    if sorted(letters) != list(OPTION_KEYS[: len(letters)]):
        what = phrase(N_("选项字母是“%(keys)s”，应从 A 起连续且不重复。请改选项字母。"), keys=tuple(letters))
        return {}, Fault("option_keys", what, "option")
    return dict(pieces), None
