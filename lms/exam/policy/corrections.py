"""The rules of corrections: what one may say of a question, who proposes and who releases, and what follows.

Pure. A *correction* is about one wording on the papers of one plan; while it is *in force* every paper of the plan
is graded with it. Two persons are needed to put it in force, and two to take it back.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

from lms.accounts.policy import office_reasons, who_can
from lms.core.errors import N_, NN_, Reason
from lms.core.state_machine import Move, StateMachine
from lms.enrolment.policy import StageState
from question_bank.correcting import KEYED, Amendment, CorrectionKind
from question_bank.items import Item, ItemType, canonical_json, read_decimal

WORDS_MIN, WORDS_MAX = 10, 500
TEXT_MAX = 60
"""As long as a right answer of the bank may be."""
TEXTS_MAX = 8
VOID_SHARE = Fraction(1, 3)
"""More than this part of a paper may not be void: what is left would say too little of its candidate."""


class CorrectionState(StrEnum):
    """The life of a correction."""

    PROPOSED = "proposed"
    IN_FORCE = "in_force"
    WITHDRAWN = "withdrawn"
    REVERSING = "reversing"
    REVERSED = "reversed"


CORRECTION: StateMachine[CorrectionState] = StateMachine(
    "exam_correction",
    CorrectionState.PROPOSED,
    {
        "release": Move((CorrectionState.PROPOSED,), CorrectionState.IN_FORCE),
        "withdraw": Move((CorrectionState.PROPOSED,), CorrectionState.WITHDRAWN),
        "ask_back": Move((CorrectionState.IN_FORCE,), CorrectionState.REVERSING),
        "keep": Move((CorrectionState.REVERSING,), CorrectionState.IN_FORCE),
        "reverse": Move((CorrectionState.REVERSING,), CorrectionState.REVERSED),
    },
)
WAITING = (CorrectionState.PROPOSED, CorrectionState.REVERSING)
"""What waits for a second person."""
IN_FORCE = (CorrectionState.IN_FORCE, CorrectionState.REVERSING)
"""A correction counts until it is taken back for good."""

STATE_PILLS: Mapping[CorrectionState, tuple[str, str]] = {
    CorrectionState.PROPOSED: ("wait", N_("等待复核")),
    CorrectionState.IN_FORCE: ("ok", N_("已生效")),
    CorrectionState.WITHDRAWN: ("none", N_("未采用")),
    CorrectionState.REVERSING: ("wait", N_("等待撤销")),
    CorrectionState.REVERSED: ("revoked", N_("已撤销")),
}
KIND_NAMES: Mapping[CorrectionKind, str] = {
    CorrectionKind.VOID: N_("本题作废"),
    CorrectionKind.ALSO: N_("另有答案也对"),
    CorrectionKind.INSTEAD: N_("更换答案"),
    CorrectionKind.CREDIT: N_("本题全员给分"),
}
VERB_NAMES: Mapping[str, str] = {
    "create": N_("提出了更正"),
    "release": N_("复核并生效"),
    "withdraw": N_("没有采用"),
    "ask_back": N_("提出了撤销"),
    "keep": N_("不撤销，继续生效"),
    "reverse": N_("复核并撤销"),
}


@dataclass(frozen=True, slots=True)
class CorrectionFacts:
    """One correction as pages and rules see it."""

    id: str
    plan_id: str
    item_id: str
    fingerprint: str
    kind: CorrectionKind
    accepted: tuple[str, ...]
    words: str
    state: CorrectionState
    proposed_by: str
    proposed_at: datetime
    released_by: str | None
    released_at: datetime | None
    reversal_words: str
    reversal_by: str | None
    reversed_by: str | None
    reversed_at: datetime | None

    @property
    def amendment(self) -> Amendment:
        """What it says, in the terms of the craft."""
        return Amendment(self.kind, self.accepted)

    @property
    def asked_by(self) -> str | None:
        """Who asked for what waits for a second person: the correction itself, or its reversal."""
        return self.reversal_by if self.state is CorrectionState.REVERSING else self.proposed_by

    @property
    def pill(self) -> tuple[str, str]:
        """How a page draws its state."""
        return STATE_PILLS[self.state]


@dataclass(frozen=True, slots=True)
class Standing:
    """What an attempt has: hundredths of a point, and whether that is enough."""

    score: int
    full_score: int
    passed: bool


@dataclass(frozen=True, slots=True)
class Change:
    """What a correction would change for one attempt."""

    attempt_id: str
    person_id: str
    application_id: str
    plan_id: str
    before: Standing
    after: Standing
    breakdown: Mapping[str, object]

    @property
    def turns(self) -> bool:
        """Whether a pass becomes a fail, or the other way round."""
        return self.before.passed is not self.after.passed


@dataclass(frozen=True, slots=True)
class DryRun:
    """All that would change, and the mark of what it was computed from: it holds while that has not moved."""

    changes: tuple[Change, ...]
    examined: int
    """How many graded papers hold the question."""
    void_share: Fraction
    """The largest part of any of these papers that would be void."""
    mark: str

    @property
    def to_pass(self) -> int:
        """How many fails would become passes."""
        return sum(change.turns and change.after.passed for change in self.changes)

    @property
    def to_fail(self) -> int:
        """How many passes would become fails."""
        return sum(change.turns and change.before.passed for change in self.changes)

    @property
    def digest(self) -> str:
        """Names exactly this list: who releases it has seen it and no other."""
        rows = [
            [
                one.attempt_id, one.before.score, one.before.full_score, one.before.passed,
                one.after.score, one.after.full_score, one.after.passed,
            ]
            for one in sorted(self.changes, key=lambda one: one.attempt_id)
        ]  # fmt: skip
        return hashlib.sha256(canonical_json([self.examined, rows])).hexdigest()


def stage_after(*, has_passed: bool, attempts_left: int, is_running: bool) -> StageState:
    """Say how the exam stage stands by what its attempts say: passed, failed for good, or still to be won."""
    if has_passed:
        return StageState.PASSED
    return StageState.OPEN if attempts_left or is_running else StageState.FAILED


# -- why not ----------------------------------------------------------------------------------------


def proposal_reasons(
    kind: CorrectionKind, accepted: Sequence[str], item: Item, words: str, *, knows_key: bool
) -> list[Reason]:
    """Say why a correction cannot be proposed like this.

    Whoever may not know the key yet is not told that he has named it: the proposal would be a way to ask for it.
    """
    return [*_key_reasons(kind, accepted, item, knows_key=knows_key), *words_reasons(words)]


def _key_reasons(
    kind: CorrectionKind, accepted: Sequence[str], item: Item, *, knows_key: bool
) -> list[Reason]:
    if kind not in KEYED:
        return []
    if item.blank is not None:
        return _text_reasons(accepted, wants_number=bool(item.blank.numbers))
    known = {option.key for option in item.options}
    chosen = frozenset(accepted)
    if not chosen or not chosen <= known or (item.type is not ItemType.MULTIPLE and len(chosen) > 1):
        return [
            Reason(
                "correction.key", N_("新答案要在本题的选项里选，单选题和判断题只选一项"),
                NN_("您选了 %(count)s 项"), N_("请重新勾选"), source="B5", field_name="letters",
                params={"count": len(chosen)},
            )
        ]  # fmt: skip
    if knows_key and chosen == item.answer:
        return [
            Reason(
                "correction.same_key", N_("新答案要与原答案不同"), N_("您选的就是原答案"), N_("请重新勾选"),
                source="B5", field_name="letters",
            )
        ]  # fmt: skip
    return []


def _text_reasons(accepted: Sequence[str], *, wants_number: bool) -> list[Reason]:
    if 1 <= len(accepted) <= TEXTS_MAX and all(0 < len(text) <= TEXT_MAX for text in accepted):
        if not wants_number or all(read_decimal(text) is not None for text in accepted):
            return []
        return [
            Reason(
                "correction.number", N_("本题的答案是数"), N_("您写的不全是数"), N_("请每行写一个数"),
                source="B5", field_name="texts",
            )
        ]  # fmt: skip
    return [
        Reason(
            "correction.texts", N_("写 1 至 %(most)s 个答案，每行一个，每个最多 %(long)s 个字"),
            NN_("您写了 %(count)s 个"), N_("请改好后再提交"), source="B5", field_name="texts",
            params={"most": TEXTS_MAX, "long": TEXT_MAX, "count": len(accepted)},
        )
    ]  # fmt: skip


def words_reasons(words: str, field_name: str = "words") -> list[Reason]:
    """Say why written words are too short or too long."""
    length = len(words.strip())
    if WORDS_MIN <= length <= WORDS_MAX:
        return []
    return [
        Reason(
            "correction.words", N_("依据写 %(low)s 至 %(high)s 个字"), NN_("您写了 %(length)s 个字", "length"),
            N_("请写明错在哪里、依据哪条规定"), field_name=field_name,
            params={"low": WORDS_MIN, "high": WORDS_MAX, "length": length},
        )
    ]  # fmt: skip


def desk_reasons(
    facts: CorrectionFacts, person_id: str | None, staff: Mapping[str, str], *, has_office: bool
) -> list[Reason]:
    """Say why somebody who sees a correction that waits for a second person cannot decide it, and who can.

    `staff` are the names, by id, of the exam administrators of its plan; `has_office` says whether he is one of them.
    """
    if facts.state not in WAITING:
        return []
    able = [name for one, name in staff.items() if one not in {person_id, facts.asked_by}]
    rule = N_("成绩更正由这个计划的考务管理员复核，提出的人不能自己复核")
    reasons = office_reasons(rule, able, is_theirs=has_office, source="H10")
    return reasons or second_person_reasons(facts.asked_by, person_id, able)


def second_person_reasons(
    first: str | None, person_id: str | None, others: Sequence[str] | None = None
) -> list[Reason]:
    """Say why somebody cannot decide what he asked for himself. `others` are the names of those who can."""
    if person_id is not None and person_id != first:
        return []
    way_out, params = who_can(others) if others is not None else (N_("请另一位考务管理员登录后复核"), {})
    return [
        Reason(
            "correction.second_person", N_("由提出人以外的另一人复核"), N_("这件事是您提出的"), way_out,
            source="H10", params=params,
        )
    ]  # fmt: skip


def own_score_reasons(changes: Iterable[Change], person_id: str | None) -> list[Reason]:
    """Say why somebody cannot decide a correction that changes his own score."""
    if all(one.person_id != person_id for one in changes):
        return []
    return [
        Reason(
            "correction.own_score", N_("本人的成绩由别人更正"), N_("这项更正会改变您本人的成绩"),
            N_("请由另一名考务管理员复核"), source="H10",
        )
    ]  # fmt: skip


def share_reasons(share: Fraction) -> list[Reason]:
    """Say why so much of a paper cannot be void."""
    if share <= VOID_SHARE:
        return []
    return [
        Reason(
            "correction.void_share", N_("一份试卷最多三分之一的分值可以作废"),
            N_("有的试卷会有 %(percent)s%% 的分值作废"),
            N_("请改用全员给分，或作废这次考试、安排重考"), source="B4",
            params={"percent": f"{float(share * 100):.1f}"},
        )
    ]  # fmt: skip


def largest(shares: Iterable[Fraction]) -> Fraction:
    """Return the largest of some parts, nothing of none."""
    return max(shares, default=Fraction(0))
