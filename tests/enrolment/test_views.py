"""The pages: a trainee applies, reviewers decide, and nobody sees what is not his."""

import io
import re
from collections.abc import Callable

import pytest

from lms.accounts.policy import Role
from lms.core.unit_of_work import Runtime
from lms.enrolment import queries
from lms.enrolment.policy import ApplicationState
from tests.factories.plans import (
    ALL_TIERS,
    ELECTRICIAN,
    WELDER,
    a_plan,
    a_reviewer,
    an_applicant,
    an_approved_trainee,
)
from tests.support.browser import Browser
from tests.support.people import KnownPerson, People, portrait

SignIn = Callable[[KnownPerson], Browser]
pytestmark = pytest.mark.parametrize("site", ["sqlite"], indirect=True)


def only_application(runtime: Runtime, person: KnownPerson) -> queries.ApplicationFacts:
    with runtime.read() as uow:
        (found,) = queries.applications_of(uow, person.id)
    return found


def test_a_trainee_finds_a_plan_and_hands_in_at_once(
    runtime: Runtime, people: People, signed_in: SignIn
) -> None:
    plan = a_plan(runtime, people)
    trainee = people.trainee()
    browser = signed_in(trainee)
    assert plan.title in browser.get("/applications").text
    page = browser.get(f"/applications/plans/{plan.id}")
    assert plan.number in page.text
    assert "180:00" in page.text
    refused = browser.post(f"/applications/plans/{plan.id}", {"choice": ELECTRICIAN, "action": "submit"})
    assert refused.status_code == 422
    assert "请阅读并勾选" in refused.text
    with runtime.read() as uow:
        assert queries.applications_of(uow, trainee.id) == []
    done = browser.post(
        f"/applications/plans/{plan.id}", {"choice": ELECTRICIAN, "statements": "y", "action": "submit"}
    )
    assert done.status_code == 302
    page = browser.get(done.location)
    assert "等待审核" in page.text
    assert "等待省中心审核" in page.text
    assert only_application(runtime, trainee).state is ApplicationState.SUBMITTED


def test_without_a_profile_the_page_says_why_and_the_post_is_refused(
    runtime: Runtime, people: People, signed_in: SignIn
) -> None:
    plan = a_plan(runtime, people)
    trainee = people.trainee(profile=False, photo=False)
    browser = signed_in(trainee)
    page = browser.get(f"/applications/plans/{plan.id}")
    assert "先维护个人信息，后报名考试" in page.text
    assert 'aria-disabled="true"' in page.text
    posted = browser.post(
        f"/applications/plans/{plan.id}", {"choice": ELECTRICIAN, "statements": "y", "action": "submit"}
    )
    assert posted.status_code == 422
    assert "还没有填写个人信息" in posted.text


def test_a_draft_takes_proofs_and_is_handed_in_later(
    runtime: Runtime, people: People, signed_in: SignIn
) -> None:
    plan = a_plan(runtime, people)
    trainee = people.trainee()
    browser = signed_in(trainee)
    browser.get(f"/applications/plans/{plan.id}")
    shown = browser.post(
        f"/applications/plans/{plan.id}", {"choice": ELECTRICIAN, "action": "draft"}
    ).location
    browser.get(shown)
    upload = {"kind": "certificate", "evidence": (io.BytesIO(portrait()), "证书.jpg")}
    assert browser.post(f"{shown}/evidence", upload, content_type="multipart/form-data").status_code == 302
    for bad in ({"kind": "certificate"}, {"kind": "certificate", "evidence": (io.BytesIO(b"no"), "x.jpg")}):
        reply = browser.post(f"{shown}/evidence", bad, content_type="multipart/form-data")
        assert reply.status_code == 422
    page = browser.get(shown).text
    link = re.search(rf'href="({shown}/evidence/[^"]+)"', page)
    assert link is not None
    proof = browser.get(link[1])
    assert proof.mimetype == "image/jpeg"
    assert proof.headers["Content-Disposition"].startswith("attachment")
    stranger = signed_in(people.trainee())
    assert stranger.get(link[1]).status_code == 404
    assert stranger.get(shown).status_code == 404
    assert browser.post(shown, {"choice": WELDER, "action": "draft"}).status_code == 302
    assert browser.post(shown, {"choice": WELDER, "statements": "y", "action": "submit"}).status_code == 302
    application = only_application(runtime, trainee)
    assert (application.state, application.occupation_name) == (ApplicationState.SUBMITTED, "焊工")
    # A second tab hands in the same draft: refused in words, nothing changes.
    assert browser.post(shown, {"choice": ELECTRICIAN, "action": "draft"}).status_code == 422
    assert browser.post(f"{shown}/withdraw").status_code == 302
    assert only_application(runtime, trainee).state is ApplicationState.WITHDRAWN


def test_three_reviewers_carry_a_case_through_in_the_browser(
    runtime: Runtime, people: People, signed_in: SignIn
) -> None:
    plan = a_plan(runtime, people, review_route=ALL_TIERS)
    trainee, application = an_applicant(runtime, people, plan)
    for tier in ALL_TIERS:
        browser = signed_in(a_reviewer(people, tier))
        assert trainee.name in browser.get("/desk/reviews").text
        page = browser.get(f"/desk/reviews/{application.id}")
        assert "1900" in page.text
        assert browser.get(f"/desk/reviews/{application.id}/photo").mimetype == "image/jpeg"
        version = re.search(r'name="version"[^>]*value="(\d+)"', page.text)
        assert version is not None
        posted = browser.post(
            f"/desk/reviews/{application.id}/decision",
            {"decision": "approve", "version": version[1], "remark": ""},
        )
        assert posted.status_code == 302
        assert trainee.name not in browser.get("/desk/reviews").text
        assert "您不能审核这份申请" in browser.get(f"/desk/reviews/{application.id}").text
    assert only_application(runtime, trainee).state is ApplicationState.APPROVED
    own = signed_in(trainee).get(f"/applications/{application.id}")
    assert "审核已通过" in own.text
    assert own.text.count("：通过") == 3


def test_returning_asks_for_words_and_shows_them_to_the_trainee(
    runtime: Runtime, people: People, signed_in: SignIn
) -> None:
    plan = a_plan(runtime, people)
    trainee, application = an_applicant(runtime, people, plan)
    browser = signed_in(a_reviewer(people, ALL_TIERS[2]))
    browser.get(f"/desk/reviews/{application.id}")
    form = {"decision": "return", "version": str(application.version)}
    silent = browser.post(f"/desk/reviews/{application.id}/decision", {**form, "remark": ""})
    assert silent.status_code == 422
    assert "没有填写意见" in silent.text
    words = "<b>右下角证书编号看不清</b>"
    assert (
        browser.post(f"/desk/reviews/{application.id}/decision", {**form, "remark": words}).status_code == 302
    )
    stale = browser.post(
        f"/desk/reviews/{application.id}/decision",
        {"decision": "approve", "version": str(application.version)},
    )
    assert stale.status_code == 409
    page = signed_in(trainee).get(f"/applications/{application.id}").text
    assert "右下角证书编号看不清" in page
    assert "<b>右下角" not in page


def test_a_refusal_needs_a_reason_too(runtime: Runtime, people: People, signed_in: SignIn) -> None:
    plan = a_plan(runtime, people)
    trainee, application = an_applicant(runtime, people, plan)
    browser = signed_in(a_reviewer(people, ALL_TIERS[2]))
    browser.get(f"/desk/reviews/{application.id}")
    address, version = f"/desk/reviews/{application.id}/reject", str(application.version)
    assert browser.post(address, {"version": version}).status_code == 422
    assert browser.post(address, {"version": "x" * 40, "remark": "条件不符"}).status_code == 422
    assert browser.post(address, {"version": version, "remark": "条件不符"}).status_code == 302
    assert only_application(runtime, trainee).state is ApplicationState.REJECTED


def test_a_case_of_another_city_does_not_exist(runtime: Runtime, people: People, signed_in: SignIn) -> None:
    plan = a_plan(runtime, people, review_route=ALL_TIERS)
    _, application = an_applicant(runtime, people, plan)
    browser = signed_in(people.staff(Role.REVIEWER, organisation_id=people.other_city_id))
    assert browser.get("/desk/reviews").status_code == 200
    assert browser.get(f"/desk/reviews/{application.id}").status_code == 404
    assert browser.get(f"/desk/reviews/{application.id}/photo").status_code == 404
    posted = browser.post(
        f"/desk/reviews/{application.id}/decision",
        {"decision": "approve", "version": str(application.version)},
    )
    assert posted.status_code == 404


def test_a_trainee_has_no_desk(runtime: Runtime, people: People, signed_in: SignIn) -> None:
    plan = a_plan(runtime, people)
    trainee, application = an_applicant(runtime, people, plan)
    browser = signed_in(trainee)
    for address in (
        "/desk/reviews",
        f"/desk/reviews/{application.id}",
        f"/desk/plans/{plan.id}/applications",
    ):
        assert browser.get(address).status_code == 403


def test_an_exam_administrator_sees_who_has_applied(
    runtime: Runtime, people: People, signed_in: SignIn
) -> None:
    plan = a_plan(runtime, people)
    trainee, _ = an_approved_trainee(runtime, people, plan)
    page = signed_in(people.staff(Role.EXAM_ADMIN)).get(f"/desk/plans/{plan.id}/applications")
    assert trainee.name in page.text
    assert "审核通过" in page.text
