"""Between a form's fields and a version of a question."""

from lms.core.errors import Invalid
from lms.questions.forms import ItemForm
from lms.questions.policy import Wording, answer_text, fault_reason
from question_bank.importing.blanks import read_blank
from question_bank.items import (
    FALSE_KEY,
    FALSE_TEXT,
    OPTION_KEYS,
    TRUE_FALSE_OPTIONS,
    TRUE_KEY,
    TRUE_TEXT,
    Blank,
    Difficulty,
    Item,
    ItemType,
    Option,
)
from question_bank.validation import tidy_text

_TRUE_FALSE_WORDS = {TRUE_TEXT: TRUE_KEY, FALSE_TEXT: FALSE_KEY}


def fill(form: ItemForm, wording: Wording, base: int) -> None:
    """Show a version in the form."""
    item = wording.item
    form.type.data, form.stem.data, form.base.data = item.type.value, item.stem, str(base)
    for option in item.options:
        form[f"option_{option.key.lower()}"].data = option.text
    words = {key: word for word, key in _TRUE_FALSE_WORDS.items()}
    key = answer_text(item)
    form.answer.data = words.get(key, key) if item.type is ItemType.TRUE_FALSE else key
    form.case_matters.data = item.blank is not None and item.blank.case_matters
    form.explanation.data, form.area.data, form.difficulty.data = (
        item.explanation,
        item.area,
        item.difficulty.value,
    )
    form.source.data, form.rule_version.data, form.retire_on.data = (
        item.source, wording.rule_version, wording.retire_on
    )  # fmt: skip


def read(form: ItemForm, type_: ItemType) -> Wording:
    """Read the form as a version. Raises Invalid when the key of a fill-in question cannot be told."""
    stem, answer = tidy_text(form.stem.data or ""), (form.answer.data or "").strip()
    blank: Blank | None = None
    if type_ is ItemType.FILL_IN:
        blank = _blank(answer, stem, case_matters=bool(form.case_matters.data))
        options: tuple[Option, ...] = ()
    elif type_ is ItemType.TRUE_FALSE:
        options = TRUE_FALSE_OPTIONS
        answer = _TRUE_FALSE_WORDS.get(answer, answer)
    else:
        options = _options(form)
    item = Item(
        type_, stem, options, frozenset() if blank else frozenset(_letters(answer)),
        tidy_text(form.explanation.data or ""), form.area.data, Difficulty(form.difficulty.data),
        tidy_text(form.source.data or ""), blank,
    )  # fmt: skip
    return Wording(item, tidy_text(form.rule_version.data or ""), form.retire_on.data)


def _options(form: ItemForm) -> tuple[Option, ...]:
    """Return the options up to the last one that is filled; an empty one before it is a fault of the item."""
    texts = [tidy_text(form[f"option_{key.lower()}"].data or "") for key in OPTION_KEYS]
    while texts and not texts[-1]:
        texts.pop()
    return tuple(Option(key, text) for key, text in zip(OPTION_KEYS, texts, strict=False))


def _letters(answer: str) -> str:
    return "".join(sign for sign in answer.upper() if sign.isalnum())


def _blank(answer: str, stem: str, *, case_matters: bool) -> Blank | None:
    blank, fault = read_blank(answer, stem, exact=True)
    if fault is not None:
        raise Invalid(fault_reason("item", fault, "answer"))
    return None if blank is None else Blank(blank.texts, blank.numbers, case_matters)
