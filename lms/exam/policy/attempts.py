"""The rules of the exam: who may start, until when an answer counts, and what is graded."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from lms.core.errors import N_, NN_, Reason
from lms.core.state_machine import Move, StateMachine
from lms.plans.policy import StageKind
from question_bank.correcting import Ruling, grade_amended, passed_in_proportion
from question_bank.items import ItemType, PaperKey

MAX_ATTEMPTS_BOUND = 2  # B3, H20
GRACE = timedelta(seconds=3)  # H18: an answer in flight at the last second still counts; never shown
SWEEP_MARGIN = timedelta(milliseconds=500)
"""How long the sweeper lets a hand-in that arrived within the grace find its turn (H18: closed within 5 s).

What is left of the five seconds is for a sweeper that was killed at this moment and has to come back."""
NOT_STUDIED_ENOUGH = f"{StageKind.EXAM}.locked"
"""How the spine says that the exam waits for the study."""
_FINAL = {
    "exam.already_passed", "exam.no_attempts_left", "application.not_approved", "plan.not_running", "stage.none",
    *(f"{StageKind.EXAM}.{end}" for end in ("passed", "failed", "window_over")),
}  # fmt: skip
"""What keeps people from starting for good; every other reason passes by."""
VOID_REASON_MIN = 5
VOID_REASON_MAX = 300
EXPOSURE_WINDOW = timedelta(days=365)
"""How long a question that was shown is drawn less often for it; what is older than a course is forgotten."""
WRITTEN_SIGN = "="
"""Begins a stored answer that is a text and not option ids, which are hexadecimal."""
REVISIONS_OF_A_HOLD = 100_000
"""More changes of one question than a person can make on one device."""
REVISION_MAX = 2_000_000_000
"""The number must fit its column."""


class AttemptState(StrEnum):
    """The life of an attempt."""

    IN_PROGRESS = "in_progress"
    SUBMITTED = "submitted"
    TIMED_OUT = "timed_out"
    GRADED = "graded"
    VOIDED = "voided"


ATTEMPT: StateMachine[AttemptState] = StateMachine(
    "attempt",
    AttemptState.IN_PROGRESS,
    {
        "submit": Move((AttemptState.IN_PROGRESS,), AttemptState.SUBMITTED),
        "time_out": Move((AttemptState.IN_PROGRESS,), AttemptState.TIMED_OUT),
        "end": Move((AttemptState.IN_PROGRESS,), AttemptState.SUBMITTED),
        "grade": Move((AttemptState.SUBMITTED, AttemptState.TIMED_OUT), AttemptState.GRADED),
        "void": Move(
            (AttemptState.IN_PROGRESS, AttemptState.SUBMITTED, AttemptState.TIMED_OUT, AttemptState.GRADED),
            AttemptState.VOIDED,
        ),
    },
)

STATE_NAMES: dict[AttemptState, str] = {
    AttemptState.IN_PROGRESS: N_("作答中"),
    AttemptState.SUBMITTED: N_("已交卷"),
    AttemptState.TIMED_OUT: N_("到时收卷"),
    AttemptState.GRADED: N_("已评分"),
    AttemptState.VOIDED: N_("已作废"),
}


@dataclass(frozen=True, slots=True)
class Sitting:
    """An attempt as the rules see it; voided ones are left out before."""

    id: str
    plan_id: str
    attempt_no: int
    is_open: bool
    passed: bool | None
    deadline_at: datetime


@dataclass(frozen=True, slots=True)
class ExamRules:
    """What a plan says of its exam."""

    exam_from: datetime
    exam_until: datetime
    duration_seconds: int
    max_attempts: int
    pass_mark: int


def deadline(
    started_at: datetime, duration_seconds: int, granted_seconds: int, window_end: datetime
) -> datetime:
    """Return until when an attempt runs: its time, but never beyond the window (design.md 5, E4)."""
    return min(started_at + timedelta(seconds=duration_seconds + granted_seconds), window_end)


def first_revision(hold_no: int) -> int:
    """Return with which revision the answers of a hold begin.

    Each device counts its own changes. What is kept on a device that lost the sitting must count as older than what
    was saved on the next one, however often it was changed there (B9).
    """
    return hold_no * REVISIONS_OF_A_HOLD + 1


def is_overdue(deadline_at: datetime, now: datetime) -> bool:
    """Tell whether nothing that arrives at `now` counts any more (H18)."""
    return now > deadline_at + GRACE


def start_reasons(
    rules: ExamRules, sittings: Sequence[Sitting], elsewhere: Sitting | None, stage: Sequence[Reason]
) -> list[Reason]:
    """Say why a person cannot start a new attempt now.

    `sittings` are the person's attempts of this plan that count, `elsewhere` an open attempt of another plan,
    `stage` what the spine says of the exam stage at this moment (approval, study, window: A12, B2, A19).
    """
    if any(sitting.passed for sitting in sittings):
        return [
            Reason(
                "exam.already_passed", N_("考试合格后不再重考"), now=N_("您已经合格"),
                way_out=N_("请查看成绩和证书"), source="B3",
            )
        ]  # fmt: skip
    if any(not sitting.is_open and sitting.passed is None for sitting in sittings):
        return [
            Reason(
                "exam.awaits_verdict", N_("上一次考试有了结果，才能开始下一次"),
                now=N_("您的上一次考试被监考人员结束，等待决定"), way_out=N_("请等待通知，或联系考务人员"), source="6",
            )
        ]  # fmt: skip
    if len(sittings) >= rules.max_attempts:
        return [
            Reason(
                "exam.no_attempts_left", NN_("每人有 %(limit)s 次考试机会", "limit"), now=N_("您的机会已经用完"),
                way_out=N_("如因设备或网络故障受影响，请联系考务人员核实"), source="B3",
                params={"limit": rules.max_attempts},
            )
        ]  # fmt: skip
    reasons = list(stage)
    if elsewhere is not None:
        reasons.append(
            Reason(
                "exam.open_elsewhere", N_("同一时间只能参加一场考试"), now=N_("您有另一场考试还没有交卷"),
                way_out=N_("请先完成那场考试"), source="E2",
            )
        )  # fmt: skip
    return reasons


def is_final(reasons: Iterable[Reason]) -> bool:
    """Tell whether some reasons keep a person from any further attempt in this plan; the others pass by."""
    return any(reason.code in _FINAL for reason in reasons)


def in_figures(reasons: Sequence[Reason], study: Sequence[Reason]) -> list[Reason]:
    """Return the reasons with “not studied enough” spelled out by what the study room says of it (B2)."""
    return [
        told for one in reasons for told in (study if study and one.code == NOT_STUDIED_ENOUGH else (one,))
    ]


def next_attempt_no(sittings: Sequence[Sitting]) -> int:
    """Return the lowest number that no counting attempt holds."""
    taken = {sitting.attempt_no for sitting in sittings}
    return next(number for number in range(1, MAX_ATTEMPTS_BOUND + 2) if number not in taken)


def void_reasons(
    state: AttemptState, has_passed: bool | None, remark: str, *, has_person_passed: bool = False
) -> list[Reason]:
    """Say why an attempt cannot be voided (H10).

    `has_person_passed` tells whether the person has passed in this plan, by this attempt or another one.
    """
    if state is AttemptState.VOIDED:
        return [
            Reason(
                "attempt.voided", N_("一次考试只能作废一次"), now=N_("这次考试已经作废"),
                way_out=N_("作废记录可在操作留痕中查看"), source="H10",
            )
        ]  # fmt: skip
    if has_passed:
        return [
            Reason(
                "attempt.passed", N_("合格的考试不能直接作废"), now=N_("这次考试已合格，证书可能已经签发"),
                way_out=N_("请先由登记员撤销证书"), source="H10",
            )
        ]  # fmt: skip
    if has_person_passed:
        return [
            Reason(
                "attempt.person_passed", N_("作废是为了再给一次机会，合格以后不再需要"),
                now=N_("这名考生已在另一次考试中合格"), way_out=N_("这次考试保留在记录中，不影响合格"), source="H10",
            )
        ]  # fmt: skip
    length = len(remark.strip())
    if not VOID_REASON_MIN <= length <= VOID_REASON_MAX:
        return [
            Reason(
                "attempt.void_reason", N_("请写明作废原因，%(low)s 至 %(high)s 个字"),
                now=NN_("您写了 %(length)s 个字", "length"),
                way_out=N_("请写明经过，例如断电、设备故障"), source="H10", field_name="remark",
                params={"low": VOID_REASON_MIN, "high": VOID_REASON_MAX, "length": length},
            )
        ]  # fmt: skip
    return []


def write_choice(chosen: Iterable[str], *, is_written: bool = False) -> str:
    """Write an answer as it is stored: option ids in order, joined by commas, or a sign and the one text written."""
    return "".join(f"{WRITTEN_SIGN}{text}" for text in chosen) if is_written else ",".join(sorted(chosen))


def read_choice(choice: str) -> frozenset[str]:
    """Read an answer that `write_choice` wrote."""
    if choice.startswith(WRITTEN_SIGN):
        return frozenset({choice[len(WRITTEN_SIGN) :]})
    return frozenset(choice.split(",")) if choice else frozenset()


@dataclass(frozen=True, slots=True)
class Result:
    """What a paper earned, exactly, in hundredths of a point."""

    score: int
    full_score: int
    passed: bool
    breakdown: dict[str, Any]


def grade_answers(
    key: PaperKey,
    types: Sequence[ItemType],
    areas: Sequence[str],
    answers: Mapping[int, frozenset[str]],
    pass_mark: int,
    rulings: Mapping[int, Sequence[Ruling]] = MappingProxyType({}),
) -> Result:
    """Grade the last saved answers and add them up by question type and by knowledge area (B4, H12, H13).

    `types` and `areas` are those of the questions in the order of the key. `rulings` are what released corrections
    say of questions by their position; what is void counts nowhere.
    """
    score = grade_amended(key, answers, rulings)
    by_type: dict[str, list[int]] = {}
    by_area: dict[str, list[int]] = {}
    for kind, area, earned in zip(types, areas, score.per_question, strict=True):
        if not earned.full_points:
            continue
        for table, name in ((by_type, kind.value), (by_area, area)):
            row = table.setdefault(name, [0, 0, 0, 0])
            row[0] += 1
            row[1] += earned.points == earned.full_points
            row[2] += earned.points
            row[3] += earned.full_points
    answered = sum(1 for earned in score.per_question if earned.answered)
    return Result(
        score=score.points,
        full_score=score.full_points,
        passed=passed_in_proportion(score, key.total_points, pass_mark),
        breakdown={
            "types": [[name, *row] for name, row in by_type.items()],
            "areas": [[name, *row] for name, row in by_area.items()],
            "answered": answered,
        },
    )
