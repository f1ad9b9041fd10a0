"""The rules of plans: numbers, windows, and what a draft may hold."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from lms.accounts.policy import OrganisationKind
from lms.core.formats import moment
from lms.core.speech import spoken
from lms.core.unit_of_work import Runtime
from lms.plans.occupations import choices, occupations
from lms.plans.policy import (
    OCCUPATION_CLASSES,
    PLAN_ZONE,
    ExaminerLevel,
    PlanDraft,
    StageKind,
    draft_reasons,
    enrolment_reasons,
    grade_reasons,
    plan_number,
    window_reasons,
)
from lms.plans.templates import ANHUI, SICHUAN, TEMPLATES
from tests.factories.plans import a_plan
from tests.support.people import People

FIRST_DAY = date(2026, 12, 9)


def fields(draft: PlanDraft) -> set[str]:
    return {reason.field_name for reason in draft_reasons(draft)}


def test_a_plan_number_is_month_and_serial_in_sixteen_digits() -> None:
    assert plan_number("202012", 19) == "2020120000000019"
    with pytest.raises(ValueError, match="sixteen"):
        plan_number("202012", 10**10)


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
def test_every_template_makes_a_sound_draft(template: object) -> None:
    assert draft_reasons(template.draft("一期", FIRST_DAY)) == []  # type: ignore[attr-defined]  # each value of TEMPLATES has it


def test_the_anhui_windows_overlap_and_have_eighteen_and_twenty_nine_days() -> None:
    draft = ANHUI.draft("一期", date(2026, 7, 30))
    assert moment(draft.enrol_until) == "2026年8月16日 24:00"
    assert moment(draft.study_until) == "2026年8月27日 24:00"
    assert (draft.enrol_until - draft.enrol_from).days == 18
    assert (draft.study_until - draft.study_from).days == 29
    assert (draft.max_attempts, draft.required_study_seconds, draft.pass_mark) == (2, 10_800, 9_000)


def test_the_sichuan_slot_is_one_attempt_of_a_hundred_and_twenty_minutes() -> None:
    draft = SICHUAN.draft("一期", FIRST_DAY)
    assert moment(draft.enrol_until) == "2026年12月13日 24:00"
    assert draft.exam_from.astimezone(PLAN_ZONE).isoformat() == "2026-12-16T14:30:00+08:00"
    assert (draft.exam_until - draft.exam_from).total_seconds() == draft.exam_duration_seconds == 7_200
    assert draft.max_attempts == 1
    assert len(draft.review_route) == 3


def test_an_opening_is_the_start_of_its_day_and_a_deadline_the_end_of_its_day(
    runtime: Runtime, people: People
) -> None:
    plan = a_plan(runtime, people, "sichuan")
    before, after = plan.enrol_from - timedelta(hours=1), plan.enrol_until
    assert spoken(enrolment_reasons(plan, before)[0])["way_out"] == "请等到 2026年11月21日 0:00 再来"
    assert spoken(enrolment_reasons(plan, after)[0])["now"] == "报名已于 2026年11月25日 24:00 截止"
    assert "2026年11月28日 14:30" in spoken(window_reasons(plan, StageKind.EXAM, after)[0])["way_out"]


def test_windows_must_follow_one_another_but_may_overlap() -> None:
    draft = ANHUI.draft("一期", FIRST_DAY)
    day = timedelta(days=1)
    assert fields(replace(draft, enrol_until=draft.enrol_from)) >= {"enrol_until"}
    assert fields(replace(draft, study_from=draft.enrol_from - day)) == {"study_from"}
    assert fields(replace(draft, exam_until=draft.study_until - day)) == {"exam_until"}
    short = replace(draft, exam_from=draft.exam_until - timedelta(hours=1))
    assert fields(short) == {"exam_until"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("max_attempts", 0), ("max_attempts", 3), ("pass_mark", 0), ("pass_mark", 10_001),
        ("beat_interval_seconds", 0), ("presence_min_seconds", 0), ("presence_answer_seconds", 0),
        ("required_study_seconds", 0), ("exam_duration_seconds", 0), ("validity_years", 0),
    ],
)  # fmt: skip
def test_numbers_stay_within_their_bounds(field: str, value: int) -> None:
    assert field in fields(replace(ANHUI.draft("一期", FIRST_DAY), **{field: value}))  # type: ignore[arg-type]  # the field is a number


def test_a_draft_has_a_name_a_route_in_order_and_no_occupation_twice() -> None:
    draft = ANHUI.draft("一期", FIRST_DAY)
    one = choices()["2022:6-31-01-03:examiner"]
    assert fields(replace(draft, title="  ")) == {"title"}
    assert fields(replace(draft, title="长" * 61)) == {"title"}
    assert fields(replace(draft, occupations=(one, one))) == {"occupations"}
    assert fields(replace(draft, occupations=(replace(one, code="2-01-01-01"),))) == {"occupations"}
    assert fields(replace(draft, review_route=())) == {"review_route"}
    assert fields(replace(draft, review_route=(OrganisationKind.PROVINCE, OrganisationKind.CITY))) == {
        "review_route"
    }


def test_the_list_of_occupations_is_in_the_classes_that_have_examiners() -> None:
    listed = occupations()
    assert len({(one.edition, one.code) for one in listed}) == len(listed) > 40
    assert {one.code[0] for one in listed} <= set(OCCUPATION_CLASSES)
    assert all(one.grades and one.grades <= {1, 2, 3, 4, 5} for one in listed)


def test_an_occupation_without_high_grades_has_no_senior_examiners() -> None:
    assert "2015:4-10-01-02:examiner" in choices()
    assert "2015:4-10-01-02:senior" not in choices()
    assert grade_reasons("电工", frozenset({2, 1}), ExaminerLevel.EXAMINER) != []
