"""How a QTI item is scored, and whether that is the same as its right answers say (Q59)."""

from decimal import Decimal

from question_bank.importing.xml_tree import Node
from question_bank.items import read_decimal
from question_bank.phrases import N_, Phrase, phrase

_TEMPLATES = ("match_correct", "map_response")
# What the usual rule "full score for the right answer" is written with when it is written out.
_USUAL = frozenset(
    "responseCondition responseIf responseElse responseElseIf match variable correct setOutcomeValue baseValue "
    "mapResponse isNull sum equal stringMatch".split()
)
_PAIR = 2


def mapped_weights(declaration: Node) -> dict[str, Decimal]:
    """Return the points that a mapping gives to each answer."""
    mapping = declaration.first("mapping")
    weights: dict[str, Decimal] = {}
    for entry in mapping.all("mapEntry") if mapping else []:
        value = read_decimal(entry.attributes.get("mappedValue", ""))
        weights[entry.attributes.get("mapKey", "")] = Decimal(0) if value is None else value
    return weights


def scoring_faults(
    root: Node, declaration: Node, interaction: Node, correct: list[str], identifiers: list[str]
) -> list[Phrase]:
    """Return why the right answers and the scoring of a choice do not say the same."""
    cardinality = declaration.attributes.get("cardinality", "")
    most = interaction.attributes.get("maxChoices", "1")
    if not correct:
        return [phrase(N_("没有正确答案（correctResponse）。请补上。"))]
    if cardinality not in {"single", "multiple"}:
        what = phrase(
            N_("答案的基数“%(cardinality)s”不支持。请改为 single 或 multiple。"), cardinality=cardinality[:20]
        )
        return [what]
    faults: list[Phrase] = []
    if not most.isdigit():
        faults.append(phrase(N_("maxChoices“%(most)s”不是数字。请改正。"), most=most[:20]))
    elif cardinality == "single" and (len(correct) != 1 or int(most) != 1):
        faults.append(
            phrase(
                N_(
                    "单选题应只能选 1 项并只有 1 个正确答案，这里可选 %(most)s 项、正确答案 %(count)s 个。请改正。"
                ),
                most=most,
                count=len(correct),
            )
        )
    elif 0 < int(most) < len(correct):
        text = N_("最多可选 %(most)s 项，正确答案却有 %(count)s 个。请改正其中一处。")
        if "maxChoices" not in interaction.attributes:
            text = N_(
                "没有写 maxChoices，按标准最多可选 %(most)s 项，正确答案却有 %(count)s 个。请改正其中一处。"
            )
        faults.append(phrase(text, most=most, count=len(correct)))
    weights = mapped_weights(declaration)
    earning = {name for name, weight in weights.items() if weight > 0}
    if cardinality == "single" and weights:
        best = max(weights.values())
        earning = {name for name in earning if weights[name] == best}
    if weights and earning != set(correct):
        faults.append(
            phrase(N_("映射（mapping）给分的选项与正确答案（correctResponse）不一致。请改正其中一处。"))
        )
    return [*faults, *_processing_faults(root, correct, identifiers)]


def numeric_tolerance(root: Node) -> Decimal | None:
    """Return how far a number may be off, 0 when nothing is said, None when it is said in another way."""
    comparisons = root.deep("equal")
    if not comparisons:
        return Decimal(0)
    attributes = comparisons[0].attributes
    mode = attributes.get("toleranceMode", "exact")
    if mode == "exact":
        return Decimal(0)
    ends = [read_decimal(part) for part in attributes.get("tolerance", "").split()]
    if mode != "absolute" or not ends or len(ends) > _PAIR or ends[0] is None or ends[0] != ends[-1]:
        return None
    return ends[0]


def _processing_faults(root: Node, correct: list[str], identifiers: list[str]) -> list[Phrase]:
    processing = root.first("responseProcessing")
    if processing is None:
        return []
    template = processing.attributes.get("template", "").rpartition("/")[2].removesuffix(".xml")
    if template and template not in _TEMPLATES:
        what = phrase(
            N_("评分模板“%(template)s”不是标准模板，无法确认答案。请改为 match_correct。"),
            template=template[:40],
        )
        return [what]
    names = {node.name for node in processing.deep(*_all_names(processing))}
    named = {node.words.strip() for node in processing.deep("baseValue")} & set(identifiers)
    if names - _USUAL or not named <= set(correct):
        return [phrase(N_("评分规则是自定义的，无法确认它与正确答案一致。请改为标准模板 match_correct。"))]
    return []


def _all_names(node: Node) -> set[str]:
    names = {child.name for child in node.children}
    for child in node.children:
        names |= _all_names(child)
    return names
