"""The rules of an item: which papers may draw it, and what makes two the same question."""

import hashlib
from collections.abc import Container, Mapping
from enum import StrEnum

from lms.core.errors import N_, NN_, Reason
from lms.core.state_machine import Move, StateMachine
from question_bank.items import Item, canonical_json, same_question_key
from question_bank.passage import Picture, pictures
from question_bank.phrases import Phrase, phrase

REMARK_MIN = 4
REMARK_MAX = 300


class ItemState(StrEnum):
    """Whether papers may draw the item. A draft has no approved version yet."""

    DRAFT = "draft"
    APPROVED = "approved"
    RETIRED = "retired"


STATE_NAMES: Mapping[ItemState, str] = {
    ItemState.DRAFT: N_("未批准"),
    ItemState.APPROVED: N_("在用"),
    ItemState.RETIRED: N_("已停用"),
}

ITEM: StateMachine[ItemState] = StateMachine(
    "question_item",
    ItemState.DRAFT,
    {
        "approve": Move((ItemState.DRAFT,), ItemState.APPROVED),
        "retire": Move((ItemState.APPROVED,), ItemState.RETIRED),
        "reinstate": Move((ItemState.RETIRED,), ItemState.APPROVED),
    },
)


def question_key(item: Item) -> str:
    """Return the hash (64 hex digits) that is equal for the same question, whatever its key or order of options."""
    kind, stem, texts = same_question_key(item)
    return hashlib.sha256(canonical_json([kind, stem, sorted(texts)])).hexdigest()


def picture_keys(item: Item) -> frozenset[str]:
    """Return the keys of the pictures that an item shows, in its stem, its options or its explanation."""
    return frozenset(picture.key for picture in _pictures(item) if picture.key)


def undeliverable(item: Item, at_hand: Container[str]) -> Phrase | None:
    """Say why the exam cannot put a sound item before a candidate, or None when it can.

    `at_hand` are the keys of the pictures that came with it and can be shown.
    """
    for picture in _pictures(item):
        if picture.key is None or picture.key not in at_hand:
            text = N_(
                "图片“%(name)s”不在文件里，或者太大、打不开，不导入。请把图片放进文件，或把图里的内容写成文字。"
            )
            return phrase(text, name=picture.alt)
    return None


def _pictures(item: Item) -> list[Picture]:
    texts = (item.stem, item.explanation, *(option.text for option in item.options))
    return [picture for text in texts for picture in pictures(text)]


def remark_reasons(remark: str, field_name: str = "remark") -> list[Reason]:
    """Say why a written reason is not one."""
    if REMARK_MIN <= len(remark.strip()) <= REMARK_MAX:
        return []
    return [
        Reason(
            "remark.length", N_("请写明原因，%(low)s 至 %(high)s 个字"), now=NN_("您写了 %(length)s 个字", "length"),
            way_out=N_("请写出别人能看懂的原因"), field_name=field_name,
            params={"low": REMARK_MIN, "high": REMARK_MAX, "length": len(remark.strip())},
        )
    ]  # fmt: skip
