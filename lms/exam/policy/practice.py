"""The rules of practice: no clock, no score; only what was marked for it, and never what an exam still asks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from lms.core.errors import N_, Reason
from question_bank.grading import tidy_written
from question_bank.items import Item, ItemType


@dataclass(frozen=True, slots=True)
class TryFacts:
    """What a person has made of a question in practice so far."""

    item_id: str
    tries: int
    right_tries: int
    is_right: bool
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Practised:
    """How one answer went."""

    chosen: frozenset[str]
    is_right: bool


def judge(item: Item, given: Sequence[str]) -> Practised:
    """Judge an answer by the wording's own letters, or by what was written into its gap."""
    if item.type is ItemType.FILL_IN:
        written = tidy_written(given[0]) if given else ""
        return Practised(
            frozenset({written} if written else ()), item.blank is not None and item.blank.accepts(written)
        )
    chosen = frozenset(given) & {option.key for option in item.options}
    return Practised(chosen, chosen == item.answer)


def next_question(ids: Sequence[str], tried: Mapping[str, TryFacts], after: str = "") -> str | None:
    """Return what to practise next: what was never tried, then what went wrong last, then the longest ago.

    `after` is the question just practised; it comes again only when it is the only one.
    """
    offered = [one for one in ids if one != after] or list(ids)

    def place(item_id: str) -> tuple[int, float, str]:
        past = tried.get(item_id)
        if past is None:
            return 0, 0.0, item_id
        return 1 + past.is_right, past.last_at.timestamp(), item_id

    return min(offered, key=place, default=None)


def practice_reasons(*, is_enrolled: bool) -> list[Reason]:
    """Say why somebody cannot practise: it is for those who study."""
    if is_enrolled:
        return []
    return [
        Reason(
            "practice.not_enrolled", N_("报名审核通过后可以练习"), N_("您还没有审核通过的申请"),
            N_("请先报名"), source="A12",
        )
    ]  # fmt: skip


def answer_reasons(item: Item, answer: Practised) -> list[Reason]:
    """Say why an answer cannot be judged: it is empty, or has more than one option where one is asked for."""
    if answer.chosen and (item.type is ItemType.MULTIPLE or len(answer.chosen) == 1):
        return []
    return [
        Reason(
            "practice.answer", N_("先作答，再看答案"), N_("没有选择，或选得不对"),
            N_("单选题和判断题选一项，多选题选所有对的项"), field_name="answer",
        )
    ]  # fmt: skip
