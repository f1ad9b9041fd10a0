"""The rules of the exam, without any database."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.core.errors import Reason
from lms.core.speech import spoken
from lms.exam.policy.attempts import (
    ATTEMPT,
    GRACE,
    AttemptState,
    ExamRules,
    Sitting,
    deadline,
    grade_answers,
    in_figures,
    is_overdue,
    next_attempt_no,
    read_choice,
    start_reasons,
    void_reasons,
    write_choice,
)
from lms.study.policy.credit import missing_reasons
from question_bank.items import ItemType, KeyEntry, PaperKey, PaperOption, PaperQuestion

NOON = datetime(2026, 12, 5, 4, tzinfo=UTC)
RULES = ExamRules(NOON, NOON + timedelta(hours=2), 3600, 2, 9000)
NOT_YET = Reason("stage.locked", "先学满")


def sitting(number: int = 1, *, passed: bool | None = False, is_open: bool = False) -> Sitting:
    return Sitting(f"a{number}", "p", number, is_open, passed, NOON)


def codes(reasons: list[Reason]) -> list[str]:
    return [reason.code for reason in reasons]


def test_a_first_and_a_second_attempt_may_start_but_no_third() -> None:
    assert start_reasons(RULES, [], None, []) == []
    assert start_reasons(RULES, [sitting(1)], None, []) == []
    assert codes(start_reasons(RULES, [sitting(1), sitting(2)], None, [])) == ["exam.no_attempts_left"]


def test_a_plan_with_one_attempt_gives_one() -> None:
    single = ExamRules(NOON, NOON, 3600, 1, 9000)
    assert codes(start_reasons(single, [sitting(1)], None, [])) == ["exam.no_attempts_left"]


def test_who_has_passed_does_not_sit_again() -> None:
    assert codes(start_reasons(RULES, [sitting(1, passed=True)], None, [NOT_YET])) == ["exam.already_passed"]


def test_what_the_spine_says_is_said_together_with_an_open_exam_elsewhere() -> None:
    reasons = start_reasons(RULES, [], sitting(is_open=True), [NOT_YET])
    assert codes(reasons) == ["stage.locked", "exam.open_elsewhere"]


def test_the_number_of_a_voided_attempt_is_used_again() -> None:
    assert next_attempt_no([]) == 1
    assert next_attempt_no([sitting(1)]) == 2
    assert next_attempt_no([sitting(2)]) == 1


def test_time_runs_its_full_length_unless_the_window_ends_before() -> None:
    end = NOON + timedelta(hours=2)
    assert deadline(NOON, 3600, 0, end) == NOON + timedelta(hours=1)
    assert deadline(NOON + timedelta(minutes=90), 3600, 0, end) == end
    assert deadline(NOON, 3600, 600, end) == NOON + timedelta(minutes=70)


@pytest.mark.parametrize(("late", "over"), [(0, False), (3, False), (3.001, True), (-1, False)])
def test_three_seconds_of_grace_count_and_not_a_millisecond_more(late: float, over: bool) -> None:
    assert is_overdue(NOON, NOON + timedelta(seconds=late)) is over
    assert timedelta(seconds=3) == GRACE


@pytest.mark.parametrize(
    ("state", "passed", "remark", "code"),
    [
        (AttemptState.GRADED, False, "考场停电十二分钟", None),
        (AttemptState.IN_PROGRESS, None, "考场停电十二分钟", None),
        (AttemptState.GRADED, True, "考场停电十二分钟", "attempt.passed"),
        (AttemptState.VOIDED, None, "考场停电十二分钟", "attempt.voided"),
        (AttemptState.GRADED, False, "  停电  ", "attempt.void_reason"),
        (AttemptState.GRADED, False, "停" * 301, "attempt.void_reason"),
    ],
)
def test_an_attempt_is_given_back_only_with_a_reason_and_never_after_a_pass(
    state: AttemptState, passed: bool | None, remark: str, code: str | None
) -> None:
    assert codes(void_reasons(state, passed, remark)) == ([code] if code else [])


def test_there_is_no_way_back_from_a_closed_attempt() -> None:
    assert {target for _, target in ATTEMPT.pairs()} == {"submitted", "timed_out", "graded", "voided"}
    assert not [pair for pair in ATTEMPT.pairs() if pair[0] == "voided"]


def test_a_choice_survives_being_written() -> None:
    assert write_choice({"b", "a"}) == "a,b"
    for chosen in (frozenset[str](), frozenset({"a"}), frozenset({"c", "a"})):
        assert read_choice(write_choice(chosen)) == chosen


@st.composite
def sheets(draw: st.DrawFn) -> tuple[PaperKey, list[PaperQuestion], list[str], dict[int, frozenset[str]]]:
    """Make a paper of any shape with any answers."""
    entries, questions, areas, answers = [], [], [], {}
    for position in range(1, draw(st.integers(1, 8)) + 1):
        shown = [f"{position}{letter}" for letter in "abcde"[: draw(st.integers(2, 5))]]
        correct = frozenset(draw(st.lists(st.sampled_from(shown), min_size=1, unique=True)))
        partial, points = draw(st.booleans()), draw(st.integers(1, 1000))
        entries.append(KeyEntry(position, "i", "f", correct, frozenset(shown), points, partial))
        options = tuple(PaperOption(one, "A", "") for one in shown)
        questions.append(PaperQuestion(position, ItemType.MULTIPLE, "", options, points, partial))
        areas.append(draw(st.sampled_from(("policy", "methods"))))
        if draw(st.booleans()):
            answers[position] = frozenset(draw(st.lists(st.sampled_from([*shown, "zz"]), unique=True)))
    return PaperKey(tuple(entries)), questions, areas, answers


@settings(max_examples=300, deadline=None)
@given(sheets(), st.integers(0, 10000))
def test_every_score_is_what_exact_fractions_give(sheet: tuple, mark: int) -> None:
    key, questions, areas, answers = sheet
    oracle = 0
    for entry in key.entries:
        chosen = answers.get(entry.position, frozenset())
        share = Fraction(0)
        if chosen == entry.correct:
            share = Fraction(1)
        elif entry.partial_credit and chosen and chosen < entry.correct:
            share = Fraction(len(chosen), len(entry.correct))
        oracle += int(share * entry.points)
    result = grade_answers(key, [one.type for one in questions], areas, answers, mark)
    assert result.score == oracle
    assert result.passed == (oracle >= mark)
    for table in ("types", "areas"):
        assert sum(row[3] for row in result.breakdown[table]) == oracle
        assert sum(row[4] for row in result.breakdown[table]) == result.full_score == key.total_points
    assert result.breakdown["answered"] == sum(1 for chosen in answers.values() if chosen)


@pytest.mark.parametrize(("score", "passes"), [(9000, True), (8999, False), (8950, False), (10000, True)])
def test_ninety_passes_and_a_hundredth_less_does_not(score: int, passes: bool) -> None:
    entries = (
        KeyEntry(1, "i", "f", frozenset("a"), frozenset("ab"), score, False),
        KeyEntry(2, "j", "f", frozenset("a"), frozenset("ab"), 10000 - score, False),
    )
    question = PaperQuestion(1, ItemType.SINGLE, "", (), score, False)
    result = grade_answers(PaperKey(entries), [question.type] * 2, ["policy"] * 2, {1: frozenset("a")}, 9000)
    assert (result.score, result.passed) == (score, passes)


def test_what_is_missing_of_the_study_is_told_in_figures() -> None:
    locked = Reason("exam.locked", "学满规定时长后才能考试")
    window = Reason("exam.window_not_open", "只能在考试时间内考试")
    study = missing_reasons(3996, 45, 10800, [Reason("study.window_not_open", "只能在学习时间内学习")])
    told = in_figures([locked, window], study)
    assert codes(told) == ["study.missing", "study.window_not_open", "exam.window_not_open"]
    assert spoken(told[0])["rule"] == "累计学习满 180 分钟后才能考试"
    assert spoken(told[0])["now"] == "已计入 66 分 36 秒，待确认 45 秒，还差 113 分 24 秒"
    assert in_figures([locked], missing_reasons(10800, 0, 10800, [])) == [locked]
