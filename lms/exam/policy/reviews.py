"""The rules of a review of a score (成绩复核): until when one is asked for, when it is answered, and by whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from lms.accounts.policy import office_reasons, who_can
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


def desk_reasons(
    review: ReviewFacts, person_id: str | None, staff: Mapping[str, str], *, has_office: bool
) -> list[Reason]:
    """Say why somebody who sees a review that waits cannot take its next step, and who can.

    `staff` are the names, by id, of the exam administrators of its plan; `has_office` says whether he is one of them.
    """
    if review.state not in WAITING:
        return []
    involved = {person_id, review.person_id, review.drafted_by}
    able = [name for one, name in staff.items() if one not in involved]
    rule = N_("成绩复核由这个计划的考务管理员办理：一人写答复，另一人确认")
    if reasons := office_reasons(rule, able, is_theirs=has_office, source="B11"):
        return reasons
    if reasons := own_score_reasons(review.person_id, person_id, able):
        return reasons
    return second_person_reasons(review.drafted_by, person_id, able) if review.drafted_by else []


def own_score_reasons(
    candidate_id: str, person_id: str | None, others: Sequence[str] | None = None
) -> list[Reason]:
    """Say why somebody cannot deal with the review of his own score. `others` are the names of those who can."""
    if person_id is not None and person_id != candidate_id:
        return []
    way_out, params = who_can(others) if others is not None else (N_("请另一位考务管理员办理"), {})
    return [
        Reason(
            "review.own",
            N_("本人的成绩由别人复核"),
            N_("这是您自己的考试"),
            way_out,
            source="B11",
            params=params,
        )
    ]


def second_person_reasons(
    drafted_by: str | None, person_id: str | None, others: Sequence[str] | None = None
) -> list[Reason]:
    """Say why somebody cannot confirm the answer he wrote himself. `others` are the names of those who can."""
    if person_id is not None and person_id != drafted_by:
        return []
    way_out, params = who_can(others) if others is not None else (N_("请另一位考务管理员登录后确认"), {})
    return [
        Reason(
            "review.second_person", N_("答复由写答复以外的另一人确认"), N_("这份答复是您写的"), way_out,
            source="B11", params=params,
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
