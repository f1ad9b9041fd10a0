"""The pages of plans: an administrator makes one from a template, completes and publishes it."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from lms.accounts.policy import Role
from lms.core.unit_of_work import Runtime
from lms.plans import queries
from lms.plans.policy import PlanState
from tests.factories.plans import ELECTRICIAN, SENIOR_ELECTRICIAN, a_blueprint, a_course, a_draft, a_plan
from tests.support.browser import Browser
from tests.support.people import KnownPerson, People
from tests.support.site import ClockControl

SignIn = Callable[[KnownPerson], Browser]
pytestmark = pytest.mark.parametrize("site", ["sqlite"], indirect=True)


def fields_of(page: str) -> dict[str, object]:
    """Return what the form of a page would send as it stands."""
    found: dict[str, object] = {}
    days: set[str] = set()
    """Names of days; a time of the same name belongs to its day."""
    for tag in re.findall(r"<input[^>]*>", page):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        kind = re.search(r'type="([^"]+)"', tag)
        if (
            not name
            or name[1] == "csrf_token"
            or (kind and kind[1] in {"checkbox", "radio"} and "checked" not in tag)
        ):
            continue
        if kind and kind[1] == "checkbox":
            found.setdefault(name[1], [])
            found[name[1]].append(value[1] if value else "y")  # type: ignore[attr-defined]  # a list, set above
        elif name[1] in days:
            found[name[1]] = f"{found[name[1]]} {value[1] if value else ''}"
        else:
            if kind and kind[1] == "date":
                days.add(name[1])
            found[name[1]] = value[1] if value else ""
    for name_, body in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option selected value="([^"]*)"', body)
        found[name_] = chosen[1] if chosen else ""
    return found


def test_from_template_to_publication_in_the_browser(
    runtime: Runtime, people: People, signed_in: SignIn
) -> None:
    course_id, blueprint_id = a_course(runtime), a_blueprint(runtime)
    browser = signed_in(people.staff(Role.EXAM_ADMIN))
    assert browser.get("/desk/plans").status_code == 200
    assert "一级审核、随学随考" in browser.get("/desk/plans/new").text
    assert browser.post("/desk/plans/new", {"title": "一期"}).status_code == 422
    begun = browser.post(
        "/desk/plans/new",
        {
            "template_code": "anhui", "title": "2026年第四期考评员培训班", "first_day": "2026-11-21",
            "issuer_organisation_id": people.province_id,
        },
    )  # fmt: skip
    assert begun.status_code == 302
    edit = begun.location
    show = edit.removesuffix("/edit")
    begun_draft = browser.get(show).text
    assert "还没有选职业" in begun_draft
    assert "有学习阶段的计划要选课程" not in begun_draft, (
        "the only course is the draft's before anybody saves it"
    )
    assert "有考试阶段的计划要选组卷方案" not in begun_draft
    assert browser.post(f"{show}/publish").status_code == 409
    page = browser.get(edit).text
    form = fields_of(page)
    assert form["enrol_until"] == "2026-12-08 24:00"
    assert form["required_study_seconds"] == "180"
    assert form["course_id"] == course_id, "the only course and the only blueprint are chosen already"
    assert form["blueprint_id"] == blueprint_id
    form |= {"occupations": [ELECTRICIAN], "senior_occupations": [SENIOR_ELECTRICIAN]}
    bad = browser.post(edit, {**form, "exam_until": "2026-13-40 24:00", "pass_mark": "90.005"})
    assert bad.status_code == 422
    assert "没有这一天" in bad.text
    assert "最多两位小数" in bad.text
    backwards = browser.post(edit, {**form, "exam_until": "2026-11-20 24:00"})
    assert backwards.status_code == 422
    assert "截止时间要晚于开始时间" in backwards.text
    assert browser.post(edit, form).status_code == 302
    assert "电工" in browser.get(f"{show}/preview").text
    assert "可以发布了" in browser.get(show).text
    assert browser.post(f"{show}/publish").status_code == 302
    assert "报名中" in browser.get(show).text
    with runtime.read() as uow:
        plan = queries.get_plan(uow, show.rsplit("/", 1)[1])
    assert (plan.state, plan.pass_mark, len(plan.occupations)) == (PlanState.PUBLISHED, 9_000, 2)
    assert browser.post(edit, form).status_code == 422


def test_editing_without_a_change_changes_nothing(
    runtime: Runtime, people: People, signed_in: SignIn
) -> None:
    plan = a_draft(runtime, people)
    browser = signed_in(people.staff(Role.EXAM_ADMIN))
    edit = f"/desk/plans/{plan.id}/edit"
    assert browser.post(edit, fields_of(browser.get(edit).text)).status_code == 302
    with runtime.read() as uow:
        after = queries.get_plan(uow, plan.id)
    assert set(after.occupations) == set(plan.occupations)
    assert after == type(after)(**{**_fields(plan), "occupations": after.occupations})


def test_a_moment_is_a_day_to_pick_and_a_time_that_may_be_the_end_of_the_day(
    runtime: Runtime, people: People, signed_in: SignIn
) -> None:
    plan = a_draft(runtime, people)
    browser = signed_in(people.staff(Role.EXAM_ADMIN))
    edit = f"/desk/plans/{plan.id}/edit"
    page = browser.get(edit).text
    form = fields_of(page)
    for name in ("enrol_from", "enrol_until", "study_from", "study_until", "exam_from", "exam_until"):
        day, time = re.findall(rf'<input[^>]*name="{name}"[^>]*>', page)
        assert 'type="date"' in day, name
        assert 'list="times-' in time, name
    assert str(form["enrol_until"]).endswith(" 24:00")
    day = str(form["enrol_until"]).split()[0]
    assert browser.post(edit, {**form, "enrol_until": [day, "18:00"]}).status_code == 302
    assert fields_of(browser.get(edit).text)["enrol_until"] == f"{day} 18:00"
    assert browser.post(edit, {**form, "enrol_until": [day, "24:00"]}).status_code == 302
    with runtime.read() as uow:
        assert queries.get_plan(uow, plan.id).enrol_until == plan.enrol_until
    untimed = browser.post(edit, {**form, "enrol_until": [day, ""]})
    assert untimed.status_code == 422
    assert "再填时刻" in untimed.text
    assert f'value="{day}"' in untimed.text, "the day is not lost with the time"


def test_short_times_are_minutes_like_all_others_and_are_stored_as_seconds(
    runtime: Runtime, people: People, signed_in: SignIn
) -> None:
    plan = a_draft(runtime, people)
    browser = signed_in(people.staff(Role.EXAM_ADMIN))
    edit = f"/desk/plans/{plan.id}/edit"
    form = fields_of(browser.get(edit).text)
    assert (form["beat_interval_seconds"], form["presence_min_seconds"]) == ("0:15", "8")
    assert (form["presence_max_seconds"], form["presence_answer_seconds"]) == ("15", "1:30")
    changed = {**form, "beat_interval_seconds": "0:20", "presence_max_seconds": "12:30"}
    assert browser.post(edit, changed).status_code == 302
    with runtime.read() as uow:
        after = queries.get_plan(uow, plan.id)
    assert (after.beat_interval_seconds, after.presence_max_seconds) == (20, 750)
    assert after.presence_answer_seconds == 90


def _fields(plan: queries.PlanFacts) -> dict[str, object]:
    return {name: getattr(plan, name) for name in plan.__dataclass_fields__}


def test_the_list_is_filtered_by_words_phase_and_level(
    runtime: Runtime, people: People, signed_in: SignIn
) -> None:
    a_plan(runtime, people)
    browser = signed_in(people.staff(Role.AUDITOR))
    number = "2026110000000001"
    for query in ("", "?q=第四期", "?phase=enrolling", "?phase=all&level=senior"):
        assert number in browser.get(f"/desk/plans{query}").text, query
    for query in ("?q=第五期", "?phase=ended", "?page=9"):
        assert number not in browser.get(f"/desk/plans{query}").text, query


def test_only_administrators_of_the_scope_may_change_a_plan(
    runtime: Runtime, people: People, signed_in: SignIn
) -> None:
    plan = a_draft(runtime, people)
    auditor = signed_in(people.staff(Role.AUDITOR))
    assert auditor.get(f"/desk/plans/{plan.id}").status_code == 200
    assert "考务管理员新建、修改和发布" in auditor.get("/desk/plans").text
    assert "考务管理员修改、发布和结束" in auditor.get(f"/desk/plans/{plan.id}").text
    assert auditor.get(f"/desk/plans/{plan.id}/edit").status_code == 403
    assert auditor.post(f"/desk/plans/{plan.id}/publish").status_code == 403
    elsewhere = signed_in(people.staff(Role.EXAM_ADMIN, organisation_id=people.city_id))
    for address in ("", "/edit", "/preview"):
        assert elsewhere.get(f"/desk/plans/{plan.id}{address}").status_code == 404
    assert elsewhere.post(f"/desk/plans/{plan.id}/publish").status_code == 404
    trainee = signed_in(people.trainee())
    assert trainee.get(f"/desk/plans/{plan.id}").status_code == 403
    assert trainee.get(f"/applications/plans/{plan.id}").status_code == 404  # a draft is not public yet


def test_openings_and_deadlines_are_written_in_one_notation(
    runtime: Runtime, people: People, signed_in: SignIn, clock: ClockControl
) -> None:
    plan = a_plan(runtime, people, "sichuan")
    browser = signed_in(people.staff(Role.EXAM_ADMIN))
    assert "11月25日 24:00 报名截止" in browser.get("/desk/plans").text
    clock.set(plan.enrol_until + timedelta(hours=1))
    listed = signed_in(people.staff(Role.EXAM_ADMIN)).get("/desk/plans").text
    assert "11月27日 0:00 学习开始" in listed
    page = signed_in(people.staff(Role.EXAM_ADMIN)).get(f"/desk/plans/{plan.id}").text
    assert '2026年11月21日 0:00</span> — <span class="nowrap">11月25日 24:00' in page
    assert "00:00" not in page


def test_a_plan_is_shown_in_words_without_codes(runtime: Runtime, people: People, signed_in: SignIn) -> None:
    page = signed_in(people.staff(Role.EXAM_ADMIN)).get(f"/desk/plans/{a_plan(runtime, people).id}").text
    assert "changzhou" not in page
    assert "15 位：年份 2、机构 8、级别 1、序号 4" in page
    assert "180 分钟" in page
    assert "120 分钟" in page
    assert "180:00" not in page


def test_two_courses_are_a_choice_nobody_makes_for_the_author(
    runtime: Runtime, people: People, signed_in: SignIn
) -> None:
    a_course(runtime)
    a_course(runtime, code="c2")
    browser = signed_in(people.staff(Role.EXAM_ADMIN))
    browser.get("/desk/plans/new")
    edit = browser.post(
        "/desk/plans/new",
        {
            "template_code": "anhui", "title": "一期", "first_day": "2026-11-21",
            "issuer_organisation_id": people.province_id,
        },
    ).location  # fmt: skip
    assert fields_of(browser.get(edit).text)["course_id"] == ""


def test_occupations_are_offered_by_group_with_a_count(
    runtime: Runtime, people: People, signed_in: SignIn
) -> None:
    plan = a_draft(runtime, people)
    page = signed_in(people.staff(Role.EXAM_ADMIN)).get(f"/desk/plans/{plan.id}/edit").text
    groups = re.findall(r"<details[^>]*data-group[^>]*>.*?</details>", page, re.DOTALL)
    crafts = [group for group in groups if "生产制造及有关人员" in group]
    assert len(crafts) == 2, "once for each level"
    assert "已选 2 个" in crafts[0]
    assert crafts[0].startswith("<details open")
    assert "已选 1 个" in crafts[1]
    services = next(group for group in groups if "生活服务人员" in group)
    assert "已选 0 个" in services
    assert not services.startswith("<details open")
    codes = re.findall(r"（(\d-\d\d-\d\d-\d\d)，", services)
    assert codes == sorted(codes)
    assert len(codes) > 20


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("validity_years", "三", "请填写整数，例如 3"),
        ("beat_interval_seconds", "abc", "请填写分钟数，例如"),
        ("beat_interval_seconds", "15", "您填写的是 15 分钟"),
        ("presence_answer_seconds", "", "请填写分钟数，例如"),
        ("pass_mark", "九十", "请填写 0 到 100 之间的分数，例如 90"),
        ("required_study_seconds", "三小时", "请填写分钟数，例如 180"),
        ("exam_duration_seconds", "600", "应在 1 到 480 分钟之间"),
        ("study_from", "明天", "请选日期，再填时刻，例如 14:30；一天结束写 24:00"),
    ],
)
def test_a_wrong_value_is_told_how_it_should_look(
    runtime: Runtime, people: People, signed_in: SignIn, field: str, typed: str, words: str
) -> None:
    plan = a_draft(runtime, people)
    browser = signed_in(people.staff(Role.EXAM_ADMIN))
    edit = f"/desk/plans/{plan.id}/edit"
    refused = browser.post(edit, {**fields_of(browser.get(edit).text), field: typed})
    assert refused.status_code == 422
    assert words in refused.text
    assert "不是有效" not in refused.text


@pytest.mark.parametrize(
    ("typed", "words"),
    [("12月1日", "请按 2026-12-01 的格式填写"), ("2026-13-40", "没有这一天"), ("", "请填写这一项")],
)
def test_a_first_day_that_is_none_is_told_the_format(
    runtime: Runtime, people: People, signed_in: SignIn, typed: str, words: str
) -> None:
    browser = signed_in(people.staff(Role.EXAM_ADMIN))
    refused = browser.post("/desk/plans/new", {"template_code": "anhui", "title": "一期", "first_day": typed})
    assert refused.status_code == 422
    assert words in refused.text
    assert "不是有效" not in refused.text


def test_what_is_chosen_from_a_list_is_asked_for_as_a_choice(people: People, signed_in: SignIn) -> None:
    browser = signed_in(people.staff(Role.EXAM_ADMIN))
    browser.get("/desk/plans/new")
    refused = browser.post("/desk/plans/new", {"title": "一期", "first_day": "2026-11-21"})
    assert refused.status_code == 422
    # the template and the organiser
    assert (
        len(re.findall(r'class="[^"]*invalid-feedback[^"]*"[^>]*>\s*(?:<[^>]+>\s*)*请选择', refused.text))
        == 2
    )
    assert "请填写这一项" not in refused.text


def test_a_refused_draft_comes_back_as_it_was_filled_in(
    runtime: Runtime, people: People, signed_in: SignIn
) -> None:
    a_course(runtime)
    a_course(runtime, code="c2")
    blueprint_id = a_blueprint(runtime)
    browser = signed_in(people.staff(Role.EXAM_ADMIN))
    beginning = {
        "template_code": "anhui", "title": "一期", "first_day": "明天",
        "issuer_organisation_id": people.city_id,
    }  # fmt: skip
    again = browser.post("/desk/plans/new", beginning)
    assert again.status_code == 422
    assert fields_of(again.text).items() >= beginning.items()
    edit = browser.post("/desk/plans/new", {**beginning, "first_day": "2026-11-21"}).location
    filled = fields_of(browser.get(edit).text)
    assert filled["blueprint_id"] == blueprint_id
    filled |= {
        "occupations": [ELECTRICIAN], "senior_occupations": [SENIOR_ELECTRICIAN], "review_route": ["city", "province"],
        "max_attempts": "1",
    }  # fmt: skip
    for wrong in ({"pass_mark": "九十"}, {"exam_until": "2026-11-20 24:00"}, {"course_id": "gone"}):
        refused = browser.post(edit, {**filled, **wrong})
        assert refused.status_code == 422
        kept = {**filled, **wrong, **({"course_id": ""} if "course_id" in wrong else {})}
        assert {**fields_of(refused.text), "next": filled["next"]} == kept, wrong
