"""The pages of plans: an administrator makes one from a template, completes and publishes it."""

import re
from collections.abc import Callable

import pytest

from lms.accounts.policy import Role
from lms.core.unit_of_work import Runtime
from lms.plans import queries
from lms.plans.policy import PlanState
from tests.factories.plans import ELECTRICIAN, SENIOR_ELECTRICIAN, a_blueprint, a_course, a_draft, a_plan
from tests.support.browser import Browser
from tests.support.people import KnownPerson, People

SignIn = Callable[[KnownPerson], Browser]
pytestmark = pytest.mark.parametrize("site", ["sqlite"], indirect=True)


def fields_of(page: str) -> dict[str, object]:
    """Return what the form of a page would send as it stands."""
    found: dict[str, object] = {}
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
        else:
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
    assert "还没有选职业" in browser.get(show).text
    assert browser.post(f"{show}/publish").status_code == 409
    page = browser.get(edit).text
    form = fields_of(page)
    assert form["enrol_until"] == "2026-12-08 24:00"
    assert form["required_study_seconds"] == "180:00"
    form |= {
        "course_id": course_id, "blueprint_id": blueprint_id, "occupations": [ELECTRICIAN],
        "senior_occupations": [SENIOR_ELECTRICIAN],
    }  # fmt: skip
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
    assert auditor.get(f"/desk/plans/{plan.id}/edit").status_code == 403
    assert auditor.post(f"/desk/plans/{plan.id}/publish").status_code == 403
    elsewhere = signed_in(people.staff(Role.EXAM_ADMIN, organisation_id=people.city_id))
    for address in ("", "/edit", "/preview"):
        assert elsewhere.get(f"/desk/plans/{plan.id}{address}").status_code == 404
    assert elsewhere.post(f"/desk/plans/{plan.id}/publish").status_code == 404
    trainee = signed_in(people.trainee())
    assert trainee.get(f"/desk/plans/{plan.id}").status_code == 403
    assert trainee.get(f"/applications/plans/{plan.id}").status_code == 404  # a draft is not public yet
