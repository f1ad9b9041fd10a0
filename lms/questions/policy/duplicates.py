"""The rules of rows that resemble a question: pointed out by the check, decided by a person.

What is not decided is left out. Leaving out takes nothing away: the file can be uploaded again. A question that has
come in twice is drawn into papers until somebody finds it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from lms.core.errors import N_, NN_, Reason
from lms.questions.policy.items import ItemState, picture_keys
from question_bank.importing import LocatedItem
from question_bank.items import Item, fingerprint, same_question_key

VERSIONS_MAX = 50
"""How many rows of one file may become new versions: each is written by itself, in the transaction of all others."""
PAIRS_SHOWN_MAX = 2_000
"""How many pairs are kept with both texts; of any further ones only the place is kept."""
PAIRS_PER_PAGE = 10


class Resemblance(StrEnum):
    """How a row resembles what it is compared with."""

    KNOWN = "known"
    CONTRADICTS = "contradicts"
    ALIKE = "alike"
    NEIGHBOUR = "neighbour"


class Decision(StrEnum):
    """What becomes of a row that resembles a question."""

    LEAVE = "leave"
    BRING = "bring"
    VERSION = "version"


RESEMBLANCE_NAMES: Mapping[Resemblance, str] = {
    Resemblance.KNOWN: N_("题库已有同一题，其他内容不同"),
    Resemblance.CONTRADICTS: N_("题库已有同一题，答案不同"),
    Resemblance.ALIKE: N_("与题库里的一题相像"),
    Resemblance.NEIGHBOUR: N_("与文件里的另一题相像"),
}
DECISION_NAMES: Mapping[Decision, str] = {
    Decision.LEAVE: N_("不导入"),
    Decision.BRING: N_("照样导入"),
    Decision.VERSION: N_("作为原题的新版本，等待复核"),
}
CHOICES: Mapping[Resemblance, tuple[Decision, ...]] = {
    # The same question cannot stand in the bank twice, so it cannot be brought in beside itself.
    Resemblance.KNOWN: (Decision.LEAVE, Decision.VERSION),
    Resemblance.CONTRADICTS: (Decision.LEAVE, Decision.VERSION),
    Resemblance.ALIKE: (Decision.LEAVE, Decision.BRING, Decision.VERSION),
    Resemblance.NEIGHBOUR: (Decision.LEAVE, Decision.BRING),
}
LOOKING_ALIKE = frozenset({Resemblance.ALIKE, Resemblance.NEIGHBOUR})
"""Rows that would come in if nothing resembled them."""
REST_CHOICES = (Decision.LEAVE, Decision.BRING)
"""What may be decided for all pairs at once that have no decision of their own."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A row of a file and the question it resembles most, of the bank (`item_id`) or further up in the file."""

    kind: Resemblance
    row: LocatedItem
    other: Item | None
    """None where only the decision is kept, not the texts."""
    share: int
    """How much of the texts is the same, in hundredths."""
    item_id: str | None = None
    other_sheet: str = ""
    other_row: int | None = None

    @property
    def mark(self) -> str:
        """What tells this row from every other one of its file."""
        return fingerprint(self.row.item)


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a pair with its batch: enough to judge the file again as the person decided."""

    kind: Resemblance
    item_id: str | None
    decision: Decision | None


@dataclass(frozen=True, slots=True)
class Decisions:
    """What a person decided of the rows that resemble a question: row by row, and for all others."""

    kept: Mapping[str, Kept] = field(default_factory=lambda: MappingProxyType({}))
    rest: Decision = Decision.LEAVE

    def of(self, mark: str, kind: Resemblance, item_id: str | None) -> Decision:
        """Return what becomes of a row. A new version is one of the question that was shown, and of no other."""
        kept = self.kept.get(mark)
        decided = kept.decision if kept is not None else None
        if kept is not None and decided in CHOICES[kind] and (
            decided is not Decision.VERSION or kept.item_id == item_id
        ):  # fmt: skip
            return decided or Decision.LEAVE
        return self.rest if kind in LOOKING_ALIKE else Decision.LEAVE


UNDECIDED = Decisions()


def resemblance_of(row: LocatedItem, stored: Item, *, is_contradiction: bool) -> Resemblance | None:
    """Return how a row resembles the same question of the bank; None when there is nothing to decide.

    A row that only leaves something out says nothing new, and where a question belongs is changed without a version.
    """
    if is_contradiction:
        return Resemblance.CONTRADICTS
    said = ((row.item.explanation, stored.explanation), (row.item.source, stored.source))
    return Resemblance.KNOWN if any(new and new != old for new, old in said) else None


def as_version(row: Item, stored: Item) -> Item:
    """Return a row as a new version of a question: what it leaves out stays as it was."""
    return replace(row, explanation=row.explanation or stored.explanation, source=row.source or stored.source)


def decision_reasons(kind: Resemblance, decision: Decision) -> list[Reason]:
    """Say why this cannot become of a row that resembles a question in this way."""
    if decision in CHOICES[kind]:
        return []
    return [
        Reason(
            "pair.choice", N_("同一道题在题库里只能有一份；文件里的题还没有版本"),
            now=N_("这一行不能这样处理"), way_out=N_("请从这一对下面列出的办法中选择"),
        )
    ]  # fmt: skip


def rest_reasons(decision: Decision) -> list[Reason]:
    """Say why this cannot be decided for all pairs at once."""
    if decision in REST_CHOICES:
        return []
    return [
        Reason(
            "pair.rest", N_("一次决定全部，只能是不导入或照样导入"), now=N_("送来的选择不在列表里"),
            way_out=N_("新版本请逐对决定"),
        )
    ]  # fmt: skip


def version_reasons(row: Item, stored: Item, state: ItemState, *, is_waiting: bool) -> list[Reason]:
    """Say why a row cannot become a new version of a question; `is_waiting` tells that one waits already."""
    reasons = []
    if state is not ItemState.APPROVED:
        reasons.append(
            Reason(
                "pair.not_live", N_("只有在用的题才从文件得到新版本"), now=N_("这道题不在用"),
                way_out=N_("请选择不导入，或先处理题库里的这一题"),
            )
        )  # fmt: skip
    if is_waiting:
        reasons.append(
            Reason(
                "pair.in_review", N_("一道题同时只有一个新版本"), now=N_("这道题已有一版在等复核"),
                way_out=N_("请先复核那一版，或选择不导入"),
            )
        )  # fmt: skip
    if row.type is not stored.type:
        reasons.append(
            Reason(
                "pair.type", N_("新版本的题型不变"), now=N_("表格里是另一种题型"),
                way_out=N_("请选择照样导入，或不导入"),
            )
        )  # fmt: skip
    if picture_keys(row):
        reasons.append(
            Reason(
                "pair.picture", N_("新版本只用题库里已有的图片"), now=N_("表格里的这一题带有图片"),
                way_out=N_("请选择照样导入，或在试题页面修改原题"),
            )
        )  # fmt: skip
    return reasons


def version_count_reasons(count: int, *, is_taken: bool) -> list[Reason]:
    """Say why one more row cannot become a new version; `is_taken` tells that another row is one of this question."""
    reasons = []
    if count > VERSIONS_MAX:
        reasons.append(
            Reason(
                "pair.too_many_versions", N_("一个文件最多带来 %(limit)s 个新版本"),
                now=NN_("您选了 %(count)s 个"), way_out=N_("请先导入，再上传一次，接着决定其余的"),
                params={"limit": VERSIONS_MAX, "count": count},
            )
        )  # fmt: skip
    if is_taken:
        reasons.append(
            Reason(
                "pair.taken", N_("一道题同时只有一个新版本"), now=N_("文件里另有一行已选作这道题的新版本"),
                way_out=N_("请先改变那一行的决定"),
            )
        )  # fmt: skip
    return reasons


def is_same_question(one: Item, other: Item) -> bool:
    """Tell whether two items are one question, which has its own rules."""
    return same_question_key(one) == same_question_key(other)
