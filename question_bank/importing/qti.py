"""QTI 2.1, 2.2 and 3.0 items: choices and single gaps come in as far as their key is certain (Q59)."""

from decimal import Decimal

from question_bank.importing.drafts import Draft, Gathering
from question_bank.importing.gift import FEEDBACK_LOST, GAP
from question_bank.importing.hypertext import Hypertext, Show, read_nodes
from question_bank.importing.qti_scoring import mapped_weights, numeric_tolerance, scoring_faults
from question_bank.importing.weights import NEGATIVE_LOST, PARTIAL_LOST
from question_bank.importing.xml_tree import Node
from question_bank.items import TRUE_FALSE_OPTIONS, Blank, ItemType, Number, read_decimal
from question_bank.phrases import N_, Phrase, phrase

ITEM_NAMES = ("assessmentItem", "qti-assessment-item")
EXPLANATIONS = frozenset({"explanation", "solution", "general", "general_fb"})
"""Identifiers of a modal feedback that is shown whatever was answered: it is the explanation."""

_OTHER_TYPES = {
    "orderInteraction": N_("排序题"),
    "associateInteraction": N_("连线题"),
    "matchInteraction": N_("连线题"),
    "gapMatchInteraction": N_("选词填空"),
    "inlineChoiceInteraction": N_("选词填空"),
    "extendedTextInteraction": N_("问答题"),
    "hottextInteraction": N_("选字题"),
    "hotspotInteraction": N_("热点题"),
    "graphicOrderInteraction": N_("图上排序题"),
    "sliderInteraction": N_("滑块题"),
    "uploadInteraction": N_("上传题"),
    "drawingInteraction": N_("绘图题"),
    "mediaInteraction": N_("音视频题"),
    "customInteraction": N_("自定义题型"),
    "portableCustomInteraction": N_("自定义题型"),
    "selectPointInteraction": N_("图上选点题"),
    "graphicGapMatchInteraction": N_("图上拖放题"),
    "graphicAssociateInteraction": N_("图上连线题"),
    "positionObjectInteraction": N_("图上摆放题"),
    "endAttemptInteraction": N_("提示按钮"),
}
_RIGHT_AND_WRONG = ({"正确", "错误"}, {"对", "错"}, {"true", "false"})
_SHOWN_APART: dict[str, Phrase] = {
    "rubricBlock": phrase(N_("给阅卷人的说明")),
    "feedbackBlock": FEEDBACK_LOST,
    "feedbackInline": FEEDBACK_LOST,
}


def normalised(node: Node) -> Node:
    """Return a QTI 3.0 tree under the names of QTI 2: qti-simple-choice is simpleChoice there."""
    if node.name.startswith("qti-"):
        node.name = _camel(node.name.removeprefix("qti-"))
    node.attributes = {
        _camel(key) if "-" in key and not key.startswith("data-") else key: value
        for key, value in node.attributes.items()
    }
    for child in node.children:
        normalised(child)
    return node


class ItemReader:
    """Reads one item; a class because every part may add faults, losses and pictures.

    `show` finds the pictures of the item; `draft` may already hold what the package says about it.
    """

    def __init__(self, root: Node, gathering: Gathering, show: Show, draft: Draft | None = None) -> None:
        self._root = normalised(root)
        self._gathering = gathering
        self._show = show
        self._draft = draft or Draft(root.line)

    def read(self) -> None:
        """Settle the item, or name its type when the bank does not have it."""
        root, draft = self._root, self._draft
        draft.source_id = draft.source_id or root.attributes.get("identifier", "")
        body = root.first("itemBody")
        interactions = body.deep(*_interaction_names(body)) if body else []
        kinds = {node.name for node in interactions}
        if body is None or not interactions:
            self._gathering.ignore(root.line, phrase(N_("没有作答部分的内容")))
        elif root.attributes.get("adaptive") == "true":
            self._gathering.unsupported(root.line, phrase(N_("自适应题")))
        elif root.first("templateDeclaration") or root.first("templateProcessing"):
            self._gathering.unsupported(root.line, phrase(N_("带变量的模板题")))
        elif other := kinds - {"choiceInteraction", "textEntryInteraction"}:
            name = min(other)
            self._gathering.unsupported(
                root.line, phrase(_OTHER_TYPES[name]) if name in _OTHER_TYPES else name
            )
        elif len(interactions) > 1:
            self._gathering.unsupported(root.line, phrase(N_("一题多问")))
        else:
            self._read_one(body, interactions[0])
            self._gathering.take(draft)

    def _read_one(self, body: Node, interaction: Node) -> None:
        draft, root = self._draft, self._root
        asked = interaction.attributes.get("responseIdentifier", "")
        declared = [
            node for node in root.all("responseDeclaration") if node.attributes.get("identifier") == asked
        ]
        if len(declared) != 1:
            draft.refuse(
                "response_missing",
                phrase(N_("没有说明“%(name)s”的正确答案（responseDeclaration）。请补上。"), name=asked[:40]),
                "answer",
            )
            return
        draft.stem = self._stem(body, interaction)
        self._take_feedback()
        if interaction.name == "choiceInteraction":
            self._read_choice(interaction, declared[0])
        else:
            self._read_gap(interaction, declared[0])

    def _read_choice(self, interaction: Node, declaration: Node) -> None:
        draft = self._draft
        choices = interaction.deep("simpleChoice")
        identifiers = [choice.attributes.get("identifier", "") for choice in choices]
        draft.options = [self._text(choice) for choice in choices]
        if len(set(identifiers)) != len(identifiers) or "" in identifiers:
            draft.refuse(
                "option_keys", phrase(N_("选项没有标识（identifier）或有两个相同。请改正。")), "option"
            )
            return
        weights = mapped_weights(declaration)
        correct = _values(declaration)
        strange = [name for name in [*correct, *weights] if name not in identifiers]
        if strange:
            message = phrase(
                N_("答案“%(answer)s”不是任何一个选项的标识。请改答案，或补上选项。"), answer=strange[0][:40]
            )
            draft.refuse("answer_without_option", message, "answer", strange[0])
            return
        if not correct:
            correct = [name for name, weight in weights.items() if weight > 0]
            if declaration.attributes.get("cardinality") == "single":
                best = max(weights.values(), default=Decimal(0))
                correct = [name for name in correct if weights[name] == best]
        for fault in scoring_faults(self._root, declaration, interaction, correct, identifiers):
            draft.refuse("scoring_unfaithful", fault, "answer")
        self._name_losses(interaction, choices, weights, correct)
        draft.right = {identifiers.index(name) for name in correct}
        radio = declaration.attributes.get("cardinality") == "single" or _most(interaction) == 1
        draft.type = ItemType.SINGLE if radio else ItemType.MULTIPLE
        if radio and _says_right_and_wrong(draft.options):
            draft.type = ItemType.TRUE_FALSE

    def _name_losses(
        self, interaction: Node, choices: list[Node], weights: dict[str, Decimal], correct: list[str]
    ) -> None:
        lost = set[Phrase]()
        if any(weight < 0 for weight in weights.values()):
            lost.add(NEGATIVE_LOST)
        if len(correct) > 1 and weights:
            lost.add(PARTIAL_LOST)
        if interaction.attributes.get("shuffle") != "true" or any(
            choice.attributes.get("fixed") == "true" for choice in choices
        ):
            lost.add(phrase(N_("选项固定顺序的要求")))
        if _most(interaction) > 1:
            lost.add(phrase(N_("最多可选几项的提示")))
        self._gathering.lose(self._root.line, lost)

    def _read_gap(self, interaction: Node, declaration: Node) -> None:
        draft = self._draft
        draft.type = ItemType.FILL_IN
        correct, weights = _values(declaration), mapped_weights(declaration)
        best = max(weights.values(), default=Decimal(0))
        texts = [
            *correct,
            *(name for name, weight in weights.items() if weight == best > 0 and name not in correct),
        ]
        if any(0 < weight < best for weight in weights.values()):
            self._gathering.lose(self._root.line, [PARTIAL_LOST])
        if interaction.attributes.get("patternMask"):
            self._gathering.lose(self._root.line, [phrase(N_("作答格式的限制"))])
        if not texts:
            draft.refuse("answer_missing", phrase(N_("没有答案。请填写答案。")), "answer")
        elif declaration.attributes.get("baseType") in {"integer", "float"}:
            tolerance = numeric_tolerance(self._root)
            values = [read_decimal(text) for text in texts]
            if tolerance is None or None in values:
                message = phrase(
                    N_("数值答案或误差的写法不支持。请写成一个数，误差用绝对值（toleranceMode=absolute）。")
                )
                draft.refuse("answer_unreadable", message, "answer")
            else:
                draft.blank = Blank(
                    numbers=tuple(Number(value, tolerance) for value in values if value is not None)
                )
        else:
            entries = declaration.deep("mapEntry")
            case_matters = any(entry.attributes.get("caseSensitive") == "true" for entry in entries)
            draft.blank = Blank(tuple(texts), (), case_matters)

    def _stem(self, body: Node, interaction: Node) -> str:
        self._cut_shown_apart(body)
        prompt = interaction.first("prompt")
        if interaction.name == "textEntryInteraction":
            interaction.name, interaction.text, interaction.children = "gap", GAP, []
        else:
            interaction.name, interaction.text = "div", ""
            kept = interaction.children
            interaction.children = [prompt] if prompt else []
            text = self._text(body)
            interaction.name, interaction.children = "choiceInteraction", kept
            return text
        return self._text(body)

    def _take_feedback(self) -> None:
        for feedback in self._root.all("modalFeedback"):
            if feedback.attributes.get("identifier", "").lower() in EXPLANATIONS:
                self._draft.explanation = self._text(feedback)
            elif feedback.words.strip():
                self._gathering.lose(feedback.line, [FEEDBACK_LOST])

    def _cut_shown_apart(self, node: Node) -> None:
        for child in node.all(*_SHOWN_APART):
            self._gathering.lose(child.line, [_SHOWN_APART[child.name]])
        kept: list[Node] = []
        for child in node.children:
            if child.name not in _SHOWN_APART:
                kept.append(child)
                self._cut_shown_apart(child)
            elif kept:
                kept[-1].tail += child.tail
            else:
                node.text += child.tail
        node.children = kept

    def _text(self, node: Node) -> str:
        read: Hypertext = read_nodes(node, self._show)
        self._gathering.lose(node.line, read.losses)
        for what in read.obstacles:
            self._draft.refuse("markup_refused", phrase(N_("%(what)s，不能导入。请改写这一题。"), what=what))
        for what in read.missing:
            self._gathering.warn(
                node.line, "picture_missing", phrase(N_("%(what)s。请补上图片，或删去这一题。"), what=what)
            )
        return read.text


def _interaction_names(body: Node | None) -> list[str]:
    if body is None:
        return []
    found: list[str] = []
    waiting = [body]
    while waiting:
        node = waiting.pop()
        if node.name.endswith("Interaction"):
            found.append(node.name)
        waiting += node.children
    return found


def _values(declaration: Node) -> list[str]:
    right = declaration.first("correctResponse")
    return [value.words.strip() for value in right.all("value")] if right else []


def _most(interaction: Node) -> int:
    written = interaction.attributes.get("maxChoices", "1")
    return int(written) if written.isdigit() else 1


def _says_right_and_wrong(options: list[str]) -> bool:
    return {option.lower() for option in options} in _RIGHT_AND_WRONG and len(options) == len(
        TRUE_FALSE_OPTIONS
    )


def _camel(name: str) -> str:
    first, *rest = name.split("-")
    return first + "".join(part.capitalize() for part in rest)
