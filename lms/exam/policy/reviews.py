"""The rules of a review of a score (成绩复核): until when one is asked for, when it is answered, and by whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from lms.core.errors import N_, NN_, Reason
from lms.core.state_machine import Move, StateMachine
from lms.exam.policy.attempts import AttemptState

ASK_WITHIN = timedelta(days=7)  # our own rule: the notices (N0, N2) name no time
ANSWER_WITHIN = timedelta(days=10)
WORDS_MIN, WORDS_MAX = 10, 500


class ReviewState(StrEnum):
    """The life of a review."""

    OPEN = "open"
    DRAFTED = "drafted"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"


class ReviewVerdict(StrEnum):
    """What a review found."""

    CONFIRMED = "confirmed"
    CORRECTED = "corrected"


REVIEW: StateMachine[ReviewState] = StateMachine(
    "score_review",
    ReviewState.OPEN,
    {
        "draft": Move((ReviewState.OPEN,), ReviewState.DRAFTED),
        "hand_back": Move((ReviewState.DRAFTED,), ReviewState.OPEN),
        "answer": Move((ReviewState.DRAFTED,), ReviewState.ANSWERED),
        "withdraw": Move((ReviewState.OPEN, ReviewState.DRAFTED), ReviewState.WITHDRAWN),
    },
)
WAITING = (ReviewState.OPEN, ReviewState.DRAFTED)
STATE_PILLS: Mapping[ReviewState, tuple[str, str]] = {
    ReviewState.OPEN: ("wait", N_("等待复核")),
    ReviewState.DRAFTED: ("wait", N_("等待另一人确认")),
    ReviewState.ANSWERED: ("ok", N_("已答复")),
    ReviewState.WITHDRAWN: ("none", N_("已撤回")),
}
VERDICT_NAMES: Mapping[ReviewVerdict, str] = {
    ReviewVerdict.CONFIRMED: N_("成绩无误，维持原分"),
    ReviewVerdict.CORRECTED: N_("评分有误，已经更正"),
}
VERB_NAMES: Mapping[str, str] = {
    "create": N_("申请了成绩复核"),
    "draft": N_("写出答复"),
    "hand_back": N_("退回重写答复"),
    "answer": N_("确认并答复考生"),
    "withdraw": N_("撤回复核申请"),
}


@dataclass(frozen=True, slots=True)
class ReviewFacts:
    """One review as pages and rules see it."""

    id: str
    attempt_id: str
    person_id: str
    plan_id: str
    state: ReviewState
    words: str
    score_then: int
    asked_at: datetime
    due_at: datetime
    verdict: ReviewVerdict | None
    answer: str
    drafted_by: str | None
    drafted_at: datetime | None
    decided_by: str | None
    decided_at: datetime | None

    @property
    def candidate_pill(self) -> tuple[str, str]:
        """How the candidate sees its state: who writes and who confirms is the house's affair."""
        return STATE_PILLS[ReviewState.OPEN if self.state is ReviewState.DRAFTED else self.state]

    @property
    def pill(self) -> tuple[str, str]:
        """How staff see its state."""
        return STATE_PILLS[self.state]

    def is_late(self, now: datetime) -> bool:
        """Tell whether the answer is overdue."""
        return self.state in WAITING and now > self.due_at


def ask_until(closed_at: datetime) -> datetime:
    """Return until when a review of an attempt may be asked for."""
    return closed_at + ASK_WITHIN


def ask_reasons(
    state: AttemptState, scored_at: datetime | None, present: ReviewState | None, now: datetime
) -> list[Reason]:
    """Say why no review of an attempt can be asked for now. `present` is the one there is, if it was not withdrawn."""
    if state is not AttemptState.GRADED or scored_at is None:
        return [
            Reason(
                "review.not_graded", N_("评分以后才能申请成绩复核"), N_("这次考试没有成绩"),
                N_("请等成绩公布后再申请"), source="B11",
            )
        ]  # fmt: skip
    if present is not None:
        return [
            Reason(
                "review.once", N_("每次考试可以申请一次成绩复核"), N_("这次考试已经申请过"),
                N_("答复会显示在成绩单上"), source="B11",
            )
        ]  # fmt: skip
    if now > ask_until(scored_at):
        return [
            Reason(
                "review.late", N_("成绩公布后 %(days)s 天内可以申请复核"), N_("已于 %(until)s 截止"),
                N_("如有新的情况，请联系考务人员"), source="B11",
                params={"days": ASK_WITHIN.days, "until": ask_until(scored_at)},
            )
        ]  # fmt: skip
    return []


def words_reasons(words: str, field_name: str = "words") -> list[Reason]:
    """Say why written words are too short or too long."""
    length = len(words.strip())
    if WORDS_MIN <= length <= WORDS_MAX:
        return []
    return [
        Reason(
            "review.words", N_("写 %(low)s 至 %(high)s 个字"), NN_("您写了 %(length)s 个字", "length"),
            N_("请写清楚后再提交"), field_name=field_name,
            params={"low": WORDS_MIN, "high": WORDS_MAX, "length": length},
        )
    ]  # fmt: skip


def own_score_reasons(candidate_id: str, person_id: str | None) -> list[Reason]:
    """Say why somebody cannot deal with the review of his own score."""
    if person_id is not None and person_id != candidate_id:
        return []
    return [
        Reason(
            "review.own", N_("本人的成绩由别人复核"), N_("这是您自己的考试"), N_("请另一位考务管理员办理"),
            source="B11",
        )
    ]  # fmt: skip


def second_person_reasons(drafted_by: str | None, person_id: str | None) -> list[Reason]:
    """Say why somebody cannot confirm the answer he wrote himself."""
    if person_id is not None and person_id != drafted_by:
        return []
    return [
        Reason(
            "review.second_person", N_("答复由写答复以外的另一人确认"), N_("这份答复是您写的"),
            N_("请另一位考务管理员登录后确认"), source="B11",
        )
    ]  # fmt: skip


def verdict_reasons(verdict: ReviewVerdict, *, was_corrected: bool, grades_as_stored: bool) -> list[Reason]:
    """Say why a verdict does not fit what the house finds by itself.

    `was_corrected`: the score was corrected since the review was asked for; `grades_as_stored`: grading the frozen
    paper and the stored answers anew gives the score that stands.
    """
    if verdict is ReviewVerdict.CORRECTED and not was_corrected:
        return [
            Reason(
                "review.not_corrected", N_("答复“已经更正”之前，更正要先生效"), N_("申请以来这次考试的成绩没有更正过"),
                N_("请先在成绩更正里提出并复核，再来答复"), source="B11", field_name="verdict",
            )
        ]  # fmt: skip
    if verdict is ReviewVerdict.CONFIRMED and not grades_as_stored:
        return [
            Reason(
                "review.differs", N_("重新评分的结果与成绩一致，才能维持原分"), N_("重新评分的结果与成绩不一致"),
                N_("请联系系统管理员检查"), source="H12", field_name="verdict",
            )
        ]  # fmt: skip
    return []
