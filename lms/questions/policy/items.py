"""The rules of an item: which papers may draw it, and what makes two the same question."""

import hashlib
from collections.abc import Mapping
from enum import StrEnum

from lms.core.errors import N_, NN_, Reason
from lms.core.state_machine import Move, StateMachine
from question_bank.items import Item, canonical_json, same_question_key
from question_bank.passage import pictures
from question_bank.phrases import Phrase, phrase

REMARK_MIN = 4
REMARK_MAX = 300


class ItemState(StrEnum):
    """Whether papers may draw the item."""

    APPROVED = "approved"
    RETIRED = "retired"


STATE_NAMES: Mapping[ItemState, str] = {ItemState.APPROVED: N_("在用"), ItemState.RETIRED: N_("已停用")}

ITEM: StateMachine[ItemState] = StateMachine(
    "question_item",
    ItemState.APPROVED,
    {
        "retire": Move((ItemState.APPROVED,), ItemState.RETIRED),
        "reinstate": Move((ItemState.RETIRED,), ItemState.APPROVED),
    },
)


def question_key(item: Item) -> str:
    """Return the hash (64 hex digits) that is equal for the same question, whatever its key or order of options."""
    kind, stem, texts = same_question_key(item)
    return hashlib.sha256(canonical_json([kind, stem, sorted(texts)])).hexdigest()


def undeliverable(item: Item) -> Phrase | None:
    """Say why the exam cannot put a sound item before a candidate yet, or None when it can."""
    if any(
        pictures(text) for text in (item.stem, item.explanation, *(option.text for option in item.options))
    ):
        return phrase(N_("考试还不能显示题目里的图片，不导入。请把图片里的内容写成文字。"))
    return None


def remark_reasons(remark: str) -> list[Reason]:
    """Say why a written reason is not one."""
    if REMARK_MIN <= len(remark.strip()) <= REMARK_MAX:
        return []
    return [
        Reason(
            "remark.length", N_("请写明原因，%(low)s 至 %(high)s 个字"), now=NN_("您写了 %(length)s 个字", "length"),
            way_out=N_("请写出别人能看懂的原因"), field_name="remark",
            params={"low": REMARK_MIN, "high": REMARK_MAX, "length": len(remark.strip())},
        )
    ]  # fmt: skip
