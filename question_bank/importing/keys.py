"""From the options and the answer of one question, as written, to options from A and the right ones among them."""

from collections.abc import Mapping
from dataclasses import dataclass

from question_bank.importing.answers import Numbering, read_answer
from question_bank.importing.blanks import read_blank
from question_bank.importing.options import as_options
from question_bank.importing.words import truth_of
from question_bank.items import TRUE_FALSE_OPTIONS, Blank, ItemType, Option
from question_bank.phrases import N_, phrase
from question_bank.validation import Fault


@dataclass(frozen=True, slots=True)
class Key:
    """What is right about a question, or the fault that leaves it open."""

    options: tuple[Option, ...] = ()
    answer: frozenset[str] = frozenset()
    blank: Blank | None = None
    fault: Fault | None = None


def settle_key(
    type_: ItemType,
    stem: str,
    texts: Mapping[str, str],
    raw: object,
    numbering: Numbering,
    *,
    template: bool = False,
) -> Key:
    """Return the key of a question with the options `texts` (letter -> text, may be empty) and the answer `raw`."""
    filled = {key: text for key, text in texts.items() if text}
    if type_ is ItemType.FILL_IN:
        return _fill_in_key(stem, filled, raw, template=template)
    if type_ is ItemType.TRUE_FALSE and filled:
        said = [truth_of(text) for text in filled.values()]
        if len(filled) != len(TRUE_FALSE_OPTIONS) or {*said} != {True, False}:
            what = phrase(
                N_("判断题写了 %(count)s 个选项，只能是“正确”和“错误”。请改选项，或把题型改为单选题。"),
                count=len(filled),
            )
            return Key(fault=Fault("true_false_options", what, "option"))
    answer, fault = read_answer(raw, type_, filled, numbering, letters_only=template)
    if fault:
        return Key(fault=fault)
    if type_ is ItemType.TRUE_FALSE:
        return Key(TRUE_FALSE_OPTIONS, answer)
    # Empty columns behind the last option are no options; an empty one before it is a fault for validation.
    last = max(filled, default="")
    options, renamed = as_options({key: text for key, text in texts.items() if key <= last})
    if renamed:
        answer = frozenset(renamed.get(key, key) for key in answer)
    return Key(options, answer)


def _fill_in_key(stem: str, filled: Mapping[str, str], raw: object, *, template: bool) -> Key:
    if filled:
        what = phrase(N_("填空题不能有选项。请删去选项，或把题型改为单选题。"))
        return Key(fault=Fault("fill_in_options", what, "option"))
    blank, fault = read_blank(raw, stem, exact=template)
    return Key(blank=blank, fault=fault)
