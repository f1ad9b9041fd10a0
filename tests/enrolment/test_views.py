"""The pages: a trainee applies, reviewers decide, and nobody sees what is not his."""

import io
import re
from collections.abc import Callable

import pytest
from sqlalchemy import select

from lms.accounts import service as accounts
from lms.accounts.policy import Role
from lms.accounts.queries import get_profile
from lms.accounts.service import ID_NUMBER_SEAL
from lms.audit.models import AuditEvent
from lms.core.formats import date_cn
from lms.core.unit_of_work import Runtime
from lms.enrolment import queries
from lms.enrolment.policy import ApplicationState, age_on
from lms.plans.policy import PlanFacts
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
from tests.support.site import ClockControl

SignIn = Callable[[KnownPerson], Browser]
pytestmark = pytest.mark.parametrize("site", ["sqlite"], indirect=True)


def only_application(runtime: Runtime, person: KnownPerson) -> queries.ApplicationFacts:
    with runtime.read() as uow:
        (found,) = queries.applications_of(uow, person.id)
    return found


@pytest.fixture
def plan(runtime: Runtime, people: People) -> PlanFacts:
    """A plan that anybody can apply for; the province alone reviews."""
    return a_plan(runtime, people)


def begin_draft(browser: Browser, plan_id: str) -> str:
    """Begin an application without handing it in; return its address."""
    browser.get(f"/applications/plans/{plan_id}")
    draft = {"choice": ELECTRICIAN, "action": "draft"}
    return str(browser.post(f"/applications/plans/{plan_id}", draft).location)


def send_proof(browser: Browser, address: str, data: bytes, name: str = "a.jpg") -> None:
    """Add a file to an application."""
    upload = {"kind": "certificate", "evidence": (io.BytesIO(data), name)}
    assert browser.post(f"{address}/evidence", upload, content_type="multipart/form-data").status_code == 302


def hand_in_with_proof(browser: Browser, plan_id: str) -> str:
    """Hand in an application with a picture and a PDF; return its address."""
    shown = begin_draft(browser, plan_id)
    send_proof(browser, shown, portrait())
    send_proof(browser, shown, b"%PDF-1.7 proof %%EOF", "b.pdf")
    posted = browser.post(shown, {"choice": ELECTRICIAN, "statements": "y", "action": "submit"})
    assert posted.status_code == 302
    return str(shown)


def decide(browser: Browser, application_id: str, decision: str, remark: str = "") -> None:
    """Decide a case as its page offers it."""
    page = browser.get(f"/desk/reviews/{application_id}").text
    version = re.search(r'name="version"[^>]*value="(\d+)"', page)
    assert version is not None
    form = {"decision": decision, "version": version[1], "remark": remark}
    assert browser.post(f"/desk/reviews/{application_id}/decision", form).status_code == 302


def test_a_trainee_finds_a_plan_and_hands_in_at_once(
    runtime: Runtime, people: People, signed_in: SignIn, plan: PlanFacts
) -> None:
    trainee = people.trainee()
    browser = signed_in(trainee)
    assert plan.title in browser.get("/applications").text
    page = browser.get(f"/applications/plans/{plan.id}")
    assert plan.number in page.text
    assert "学满 180 分钟后才能考试" in page.text
    assert 'href="/applications"' in page.text, "a way back"
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
    people: People, signed_in: SignIn, plan: PlanFacts
) -> None:
    trainee = people.trainee(profile=False, photo=False)
    browser = signed_in(trainee)
    page = browser.get(f"/applications/plans/{plan.id}")
    assert "补全下面几项后就能报名" in page.text
    assert 'href="/account/profile#data"' in page.text
    assert 'aria-disabled="true" aria-describedby="why-gaps"' in page.text
    posted = browser.post(
        f"/applications/plans/{plan.id}", {"choice": ELECTRICIAN, "statements": "y", "action": "submit"}
    )
    assert posted.status_code == 422
    assert "还没有填写个人信息" in posted.text


def test_an_empty_form_is_told_of_everything_at_once(
    people: People, signed_in: SignIn, plan: PlanFacts
) -> None:
    browser = signed_in(people.trainee())
    browser.get(f"/applications/plans/{plan.id}")
    posted = browser.post(f"/applications/plans/{plan.id}", {"choice": "", "action": "submit"})
    assert posted.status_code == 422
    assert "请改好下面 2 处" in posted.text
    assert "请选择申报的职业和级别" in posted.text
    assert "您还没有确认" in posted.text
    draft = browser.post(f"/applications/plans/{plan.id}", {"choice": "", "action": "draft"})
    assert "请改好下面 1 处" in draft.text, "a draft needs nobody's word yet"


def test_what_was_ticked_beside_an_upload_is_still_ticked_after_it(
    people: People, signed_in: SignIn, plan: PlanFacts
) -> None:
    browser = signed_in(people.trainee())
    shown = begin_draft(browser, plan.id)
    assert 'formaction="' + shown + '/evidence"' in browser.get(shown).text
    entered = {"choice": WELDER, "statements": "y", "kind": "certificate"}
    empty = browser.post(f"{shown}/evidence", entered, content_type="multipart/form-data")
    assert empty.status_code == 422
    assert is_ticked(empty.text)
    upload = {**entered, "evidence": (io.BytesIO(portrait()), "证书.jpg")}
    browser.post(f"{shown}/evidence", upload, content_type="multipart/form-data")
    page = browser.get(shown).text
    assert is_ticked(page)
    assert f'<option selected value="{WELDER}">' in page
    assert not is_ticked(browser.get(shown).text), "it was for the answer to the upload alone"


def is_ticked(page: str) -> bool:
    found = re.search(r"<input[^>]*name=\"statements\"[^>]*>", page)
    assert found is not None
    return " checked" in found[0]


def test_a_draft_takes_proofs_and_is_handed_in_later(
    runtime: Runtime, people: People, signed_in: SignIn, plan: PlanFacts
) -> None:
    trainee = people.trainee()
    browser = signed_in(trainee)
    shown = begin_draft(browser, plan.id)
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
    assert proof.headers["Content-Disposition"].startswith("inline"), "encoded anew by this house"
    assert proof.headers["X-Content-Type-Options"] == "nosniff"
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
        assert "**********" in browser.get(f"/desk/reviews/{application.id}").text
        assert browser.get(f"/desk/reviews/{application.id}/photo").mimetype == "image/jpeg"
        decide(browser, application.id, "approve")
        page = browser.get("/desk/reviews")
        assert f"已通过：{trainee.name}" in page.text
        assert f"/desk/reviews/{application.id}" not in page.text, "nobody decides it twice"
        seen = browser.get(f"/desk/reviews/{application.id}").text
        assert "您已办理：通过" in seen
        assert "您不能审核这份申请" not in seen
    assert only_application(runtime, trainee).state is ApplicationState.APPROVED
    own = signed_in(trainee).get(f"/applications/{application.id}")
    assert "审核已通过" in own.text
    assert own.text.count("：通过") == 3


def test_a_decision_leads_to_the_next_case(
    runtime: Runtime, people: People, signed_in: SignIn, plan: PlanFacts
) -> None:
    _, first = an_applicant(runtime, people, plan)
    second, other = an_applicant(runtime, people, plan)
    browser = signed_in(a_reviewer(people, ALL_TIERS[2]))
    told = []
    for application in (first, other):
        assert 'href="#decide"' in browser.get(f"/desk/reviews/{application.id}").text
        decide(browser, application.id, "approve")
        told.append(browser.get("/desk/reviews").text)
    assert f'<a href="/desk/reviews/{other.id}">下一件：{second.name}</a>' in told[0]
    assert "下一件" not in told[1]


def test_the_inbox_says_how_long_somebody_waits_as_the_desk_does(
    runtime: Runtime, people: People, signed_in: SignIn, clock: ClockControl, plan: PlanFacts
) -> None:
    an_applicant(runtime, people, plan)
    clock.advance(2 * 86400 + 60)
    browser = signed_in(a_reviewer(people, ALL_TIERS[2]))
    for address in ("/desk/reviews", "/desk"):
        assert re.search(r">2 天<span[^>]*>11月21日 \d\d:\d\d到<", browser.get(address).text), address


def test_the_choices_begin_with_what_tells_them_apart(
    people: People, signed_in: SignIn, plan: PlanFacts
) -> None:
    page = signed_in(people.trainee()).get(f"/applications/plans/{plan.id}").text
    assert re.search(r"<option[^>]*>考评员：电工（", page)


def test_a_reviewer_reads_the_whole_id_number_with_a_purpose_and_on_the_record(
    runtime: Runtime, people: People, signed_in: SignIn, plan: PlanFacts
) -> None:
    trainee, application = an_applicant(runtime, people, plan)
    with runtime.read() as uow:
        whole = uow.vault.open(get_profile(uow, trainee.id).id_number_sealed, ID_NUMBER_SEAL)
    reviewer = a_reviewer(people, ALL_TIERS[2])
    browser = signed_in(reviewer)
    address = f"/desk/reviews/{application.id}/id-number"
    page = browser.get(f"/desk/reviews/{application.id}").text
    assert f'href="{address}"' in page
    assert whole not in page
    assert whole not in browser.get(address).text, "asking shows nothing yet"
    for empty in ("", "  ", "长" * 201):
        refused = browser.post(address, {"purpose": empty})
        assert refused.status_code == 422
        assert whole not in refused.text
    shown = browser.post(address, {"purpose": "与身份证复印件核对"})
    assert whole in shown.text
    assert shown.headers["Refresh"] == f"60; url=/desk/reviews/{application.id}"
    assert "no-store" in shown.headers["Cache-Control"]
    with runtime.read() as uow:
        event = uow.session.scalars(
            select(AuditEvent).where(AuditEvent.tag == "profile:reveal_id_number")
        ).one()
    assert (event.actor_id, event.subject_id) == (reviewer.id, trainee.id)
    assert "与身份证复印件核对" in event.fields
    assert whole not in event.fields
    told = signed_in(people.staff(Role.AUDITOR)).get("/desk/audit", query_string={"who": trainee.name}).text
    assert "查看了完整的证件号码" in told


def test_no_birth_date_stands_beside_a_masked_id_number_on_the_desk(
    runtime: Runtime, people: People, signed_in: SignIn, plan: PlanFacts
) -> None:
    trainee, application = an_applicant(runtime, people, plan)
    with runtime.read() as uow:
        born = get_profile(uow, trainee.id).birth_date
        age = age_on(born, uow.now.date())
    for reader in (a_reviewer(people, ALL_TIERS[2]), people.staff(Role.AUDITOR)):
        page = signed_in(reader).get(f"/desk/reviews/{application.id}").text
        assert f"{age} 周岁" in page
        for told in (date_cn(born), born.isoformat(), "出生日期"):
            assert told not in page
    assert date_cn(born) in signed_in(trainee).get(f"/applications/{application.id}").text


def test_nobody_else_reads_the_whole_id_number(
    runtime: Runtime, people: People, signed_in: SignIn, plan: PlanFacts
) -> None:
    trainee, application = an_applicant(runtime, people, plan)
    address = f"/desk/reviews/{application.id}/id-number"
    purpose = {"purpose": "与身份证复印件核对"}
    elsewhere = signed_in(people.staff(Role.REVIEWER, organisation_id=people.other_city_id))
    assert elsewhere.get(address).status_code == 404
    assert elsewhere.post(address, purpose).status_code == 404
    another_tier = signed_in(a_reviewer(people, ALL_TIERS[1]))
    assert address not in another_tier.get(f"/desk/reviews/{application.id}").text
    assert another_tier.post(address, purpose).status_code == 403
    auditor = signed_in(people.staff(Role.AUDITOR))
    assert address not in auditor.get(f"/desk/reviews/{application.id}").text
    assert auditor.post(address, purpose).status_code == 403
    browser = signed_in(a_reviewer(people, ALL_TIERS[2]))
    decide(browser, application.id, "approve")
    assert browser.post(address, purpose).status_code == 409, "what is decided needs no look any more"
    assert address not in signed_in(trainee).get(f"/applications/{application.id}").text


def test_returning_asks_for_words_and_shows_them_to_the_trainee(
    runtime: Runtime, people: People, signed_in: SignIn, plan: PlanFacts
) -> None:
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


def test_a_refusal_needs_a_reason_too(
    runtime: Runtime, people: People, signed_in: SignIn, plan: PlanFacts
) -> None:
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


def test_a_trainee_has_no_desk(runtime: Runtime, people: People, signed_in: SignIn, plan: PlanFacts) -> None:
    trainee, application = an_applicant(runtime, people, plan)
    browser = signed_in(trainee)
    for address in (
        "/desk/reviews",
        f"/desk/reviews/{application.id}",
        f"/desk/plans/{plan.id}/applications",
    ):
        assert browser.get(address).status_code == 403


def test_an_exam_administrator_sees_who_has_applied(
    runtime: Runtime, people: People, signed_in: SignIn, plan: PlanFacts
) -> None:
    trainee, _ = an_approved_trainee(runtime, people, plan)
    page = signed_in(people.staff(Role.EXAM_ADMIN)).get(f"/desk/plans/{plan.id}/applications")
    assert trainee.name in page.text
    assert "审核通过" in page.text


def test_a_reviewer_sees_the_address_and_what_changed_since_the_return(
    runtime: Runtime, people: People, signed_in: SignIn, clock: ClockControl, plan: PlanFacts
) -> None:
    trainee = people.trainee()
    own = signed_in(trainee)
    shown = hand_in_with_proof(own, plan.id)
    application = only_application(runtime, trainee)
    reviewer = a_reviewer(people, ALL_TIERS[2])
    desk = signed_in(reviewer)
    page = desk.get(f"/desk/reviews/{application.id}").text
    assert "江岚省云浦市文澜路 8 号" in page
    assert "退回以后改了什么" not in page
    decide(desk, application.id, "return", "证书扫描件看不清，地址写到门牌号")
    clock.advance(600)
    own.get(shown)
    removal = re.search(r'action="([^"]+/remove)"', own.get(shown).text)
    assert removal is not None
    assert own.post(removal[1]).status_code == 302
    upload = {"kind": "query", "evidence": (io.BytesIO(portrait(300, 420)), "c.jpg")}
    assert own.post(f"{shown}/evidence", upload, content_type="multipart/form-data").status_code == 302
    with runtime.write() as uow:
        accounts.save_profile(
            uow, people.actor(trainee), people.profile_input(991, trainee.name, trainee.login_name)
        )
    assert own.post(shown, {"choice": WELDER, "statements": "y", "action": "submit"}).status_code == 302
    page = desk.get(f"/desk/reviews/{application.id}").text
    assert "退回以后改了什么" in page
    for words in (
        "移除了材料：职业资格", "上传了材料：全国联网查询结果截图", "重新保存了个人信息和工作信息",
        "改了申报的职业或级别", "退回后上传",
    ):  # fmt: skip
        assert words in page, words
    assert page.count("退回后上传") == 1


def test_a_case_handed_in_again_unchanged_says_so(
    runtime: Runtime, people: People, signed_in: SignIn, clock: ClockControl, plan: PlanFacts
) -> None:
    trainee, application = an_applicant(runtime, people, plan)
    desk = signed_in(a_reviewer(people, ALL_TIERS[2]))
    decide(desk, application.id, "return", "请核对学历")
    clock.advance(60)
    own = signed_in(trainee)
    shown = f"/applications/{application.id}"
    own.get(shown)
    assert own.post(shown, {"choice": ELECTRICIAN, "statements": "y", "action": "submit"}).status_code == 302
    assert "没有记录到改动" in desk.get(f"/desk/reviews/{application.id}").text
    decide(desk, application.id, "approve")


def test_a_picture_opens_in_the_browser_and_a_pdf_is_downloaded(
    runtime: Runtime, people: People, signed_in: SignIn, plan: PlanFacts
) -> None:
    trainee = people.trainee()
    hand_in_with_proof(signed_in(trainee), plan.id)
    application = only_application(runtime, trainee)
    desk = signed_in(a_reviewer(people, ALL_TIERS[2]))
    page = desk.get(f"/desk/reviews/{application.id}").text
    links = re.findall(r'href="(/applications/[^"]+/evidence/[^"]+)"', page)
    shown = sorted(desk.get(link).headers["Content-Disposition"].split(";")[0] for link in links)
    assert shown == ["attachment", "inline"]
    assert "打开图片" in page
    assert "下载 PDF" in page


def test_a_decided_case_says_by_whom_and_when(runtime: Runtime, people: People, signed_in: SignIn) -> None:
    plan = a_plan(runtime, people, review_route=ALL_TIERS)
    _, application = an_applicant(runtime, people, plan)
    officer, city = (a_reviewer(people, tier) for tier in ALL_TIERS[:2])
    decide(signed_in(officer), application.id, "approve")
    page = signed_in(officer).get(f"/desk/reviews/{application.id}").text
    assert "您已办理：通过" in page
    assert "等待市中心审核" in page
    decide(signed_in(city), application.id, "return", "请补证书")
    other = people.staff(Role.REVIEWER, organisation_id=people.city_id)
    page = signed_in(other).get(f"/desk/reviews/{application.id}").text
    assert "市中心审核已办理：退回补正" in page
    assert city.name in page
    assert "2026年11月21日 09:0" in page
    assert "您不能审核这份申请" not in page


def test_a_reviewer_finds_again_what_he_has_decided(
    runtime: Runtime, people: People, signed_in: SignIn, plan: PlanFacts
) -> None:
    reviewer, colleague = a_reviewer(people, ALL_TIERS[2]), a_reviewer(people, ALL_TIERS[2])
    desk = signed_in(reviewer)
    assert "您还没有办理过申请" in desk.get("/desk/reviews/done").text
    passed, first = an_applicant(runtime, people, plan)
    sent_back, second = an_applicant(runtime, people, plan, choice=WELDER)
    foreign, third = an_applicant(runtime, people, plan)
    decide(desk, first.id, "approve")
    decide(desk, second.id, "return", "请补证书")
    decide(signed_in(colleague), third.id, "approve")
    assert foreign.name in desk.get("/desk/reviews").text, "named as the next case when it still waited"
    listed = desk.get("/desk/reviews/done").text
    assert passed.name in listed
    assert sent_back.name in listed
    assert foreign.name not in listed
    assert f'href="/desk/reviews/{first.id}"' in listed
    returned = desk.get("/desk/reviews/done?decision=return").text
    assert sent_back.name in returned
    assert passed.name not in returned
    assert "请补证书" in returned
    assert passed.name not in desk.get("/desk/reviews/done?q=焊工").text
    for query in ("q=没有这个人", "decision=reject", "decision=nonsense", "page=999999999999"):
        page = desk.get(f"/desk/reviews/done?{query}")
        assert page.status_code == 200
        assert passed.name not in page.text
    assert "没有符合条件的申请" in desk.get("/desk/reviews/done?q=没有这个人").text


def test_a_search_without_a_hit_does_not_deny_that_cases_wait(
    runtime: Runtime, people: People, signed_in: SignIn, plan: PlanFacts
) -> None:
    an_applicant(runtime, people, plan)
    page = signed_in(a_reviewer(people, ALL_TIERS[2])).get("/desk/reviews?q=没有这个人").text
    assert "等您审核 1 件" in page
    assert "没有符合条件的申请" in page
    assert "没有等您审核的申请" not in page


def test_every_field_and_form_of_the_application_page_has_an_id_of_its_own(
    people: People, signed_in: SignIn, plan: PlanFacts
) -> None:
    browser = signed_in(people.trainee())
    shown = begin_draft(browser, plan.id)
    browser.get(shown)
    send_proof(browser, shown, portrait())
    page = browser.get(shown).text
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert sorted(ids) == sorted(set(ids))
    assert '<label class="form-label" for="evidence-file">' in page
    refused = browser.post(f"{shown}/evidence", {"kind": "certificate"}, content_type="multipart/form-data")
    assert 'href="#evidence-file"' in refused.text


def test_a_proof_is_removed_only_after_a_question(people: People, signed_in: SignIn, plan: PlanFacts) -> None:
    browser = signed_in(people.trainee())
    shown = begin_draft(browser, plan.id)
    browser.get(shown)
    send_proof(browser, shown, portrait())
    page = browser.get(shown).text
    form = re.search(r'<form[^>]*/remove"[^>]*data-confirm-dialog="(remove-[^"]+)"', page)
    assert form is not None
    assert f'<dialog class="confirm" id="{form[1]}"' in page
    assert "保留材料" in page


def test_a_returned_application_reads_the_same_on_its_page_and_at_home(
    runtime: Runtime, people: People, signed_in: SignIn, plan: PlanFacts
) -> None:
    trainee, application = an_applicant(runtime, people, plan)
    own = signed_in(trainee)

    def roads() -> list[list[str]]:
        pages = (own.get("/home").text, own.get(f"/applications/{application.id}").text)
        drawn = [page.split('<ol class="road">')[1].partition("</ol>")[0] for page in pages]
        return [re.findall(r'<li class="is-(\w+)"', one) for one in drawn]

    def pills() -> list[str]:
        pages = (own.get("/home").text, own.get(f"/applications/{application.id}").text)
        return [re.search(r'pill-lg">.*?</svg>([^<]+)<', page, re.DOTALL)[1] for page in pages]  # type: ignore[index]

    assert pills() == ["等待审核", "等待审核"]
    decide(signed_in(a_reviewer(people, ALL_TIERS[2])), application.id, "return", "请补证书")
    assert pills() == ["退回补正", "退回补正"]
    home, page = roads()
    assert home == page == ["past", "returned", "next", "next", "next", "next"]
    assert "，退回补正" in own.get("/home").text
