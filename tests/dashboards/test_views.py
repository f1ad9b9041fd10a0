"""Home and desk through HTTP: what comes next, and what waits for whom."""

import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote

import pytest

from lms.accounts.policy import OrganisationKind, Role
from lms.core import outbox
from lms.core.formats import date_short, deadline_cn
from lms.core.unit_of_work import Runtime
from lms.enrolment import service as enrolment
from lms.enrolment.policy import StageState
from lms.plans.policy import StageKind
from lms.registry.queries.entries import entries_of
from tests.factories.certificates import HOUSE, Graduate, deliver_blank, revoke_by_two
from tests.factories.plans import (
    ELECTRICIAN,
    PROVINCE_ONLY,
    WELDER,
    a_draft,
    a_plan,
    a_reviewer,
    an_applicant,
    an_approved_trainee,
)
from tests.support.browser import Browser
from tests.support.people import KnownPerson, People
from tests.support.site import ClockControl

SignedIn = Callable[[KnownPerson], Browser]


def heading(page: str) -> str:
    """The title of the one dark panel."""
    found = re.findall(r'<h2 id="next-title"[^>]*>(.*?)</h2>', page, re.DOTALL)
    assert len(found) == 1
    return str(found[0])


def test_somebody_new_is_led_to_the_data_form_first(signed_in: SignedIn, people: People) -> None:
    page = signed_in(people.trainee(profile=False, consents=False)).get("/home").text
    assert heading(page) == "先补全个人信息"
    assert "先维护个人信息，后报名考试" in page


def test_whose_data_are_complete_is_led_to_a_plan(
    signed_in: SignedIn, runtime: Runtime, people: People
) -> None:
    person = people.trainee()
    assert "现在没有可以报名的计划" in signed_in(person).get("/home").text
    a_plan(runtime, people)
    assert "有 1 个计划可以报名" in signed_in(person).get("/home").text


def test_the_home_page_follows_a_person_to_the_certificate(
    signed_in: SignedIn, runtime: Runtime, people: People
) -> None:
    plan = a_plan(runtime, people, review_route=PROVINCE_ONLY)
    trainee, application = an_applicant(runtime, people, plan)
    home = signed_in(trainee)
    page = home.get("/home").text
    assert heading(page) == "正在审核，请等待"
    assert "第 1 级，共 1 级" in page

    reviewer = a_reviewer(people, OrganisationKind.PROVINCE)
    with runtime.write() as uow:
        enrolment.approve(uow, people.actor(reviewer), application.id)
    page = home.get("/home").text
    assert heading(page) == "开始学习：第 1 课"
    assert "累计学习满 180 分钟后才能考试" in page
    assert "已计入 0 秒，待确认 0 秒，还差 180 分钟" in page
    assert "考试还不能进入" in page
    assert page.count("<tr><td>") == 3

    with runtime.write() as uow:
        enrolment.complete_stage(uow, HOUSE, application.id, StageKind.STUDY, StageState.PASSED)
    assert "考试" in heading(home.get("/home").text)

    with runtime.write() as uow:
        enrolment.complete_stage(uow, HOUSE, application.id, StageKind.EXAM, StageState.PASSED)
    assert heading(home.get("/home").text) == "您已通过，证书正在制作"

    certificate = deliver_blank(runtime, Graduate(trainee, application.id))
    page = home.get("/home").text
    assert heading(page) == "您的考评员证书已签发"
    assert f"/certificates/{certificate.id}" in page
    assert 'aria-current="step"' not in page


def test_the_exam_on_the_road_says_what_counts_now_and_never_a_day_that_is_over(
    signed_in: SignedIn, runtime: Runtime, people: People, clock: ClockControl
) -> None:
    plan = a_plan(runtime, people)
    trainee, application = an_approved_trainee(runtime, people, plan)
    home = signed_in(trainee)

    def note() -> str:
        page = home.get("/home").text
        return re.findall(r'<span class="meta">([^<]*)</span>', page.split("办理进度")[1])[3]

    clock.set(plan.exam_from - timedelta(hours=1))
    assert note() == f"{date_short(plan.exam_from, weekday=False)}开始"
    clock.set(plan.exam_from)
    assert note() == f"{deadline_cn(plan.exam_until)}截止"
    with runtime.write() as uow:
        enrolment.complete_stage(uow, HOUSE, application.id, StageKind.STUDY, StageState.PASSED)
    assert note() == "现在可以考"


def test_staff_who_have_never_applied_are_led_to_their_desk(signed_in: SignedIn, people: People) -> None:
    assert signed_in(people.staff(Role.AUDITOR)).get("/home").location == "/desk"
    assert signed_in(people.trainee()).get("/home").status_code == 200


def test_a_revoked_certificate_shows_on_every_page_of_its_holder(
    signed_in: SignedIn, runtime: Runtime, people: People
) -> None:
    plan = a_plan(runtime, people)
    trainee, application = an_approved_trainee(runtime, people, plan)
    for stage in (StageKind.STUDY, StageKind.EXAM):
        with runtime.write() as uow:
            enrolment.complete_stage(uow, HOUSE, application.id, stage, StageState.PASSED)
    certificate = deliver_blank(runtime, Graduate(trainee, application.id))
    holder = signed_in(trainee)
    assert "可以自行打印" in holder.get("/certificates").text
    assert "已撤销" not in holder.get(f"/certificates/{certificate.id}/preview.svg").text

    with runtime.write() as uow:
        entry = entries_of(uow, trainee.id)[0]
    revoke_by_two(runtime, people, entry.id, "两次警告，取消考评员资格")
    page = holder.get("/certificates").text
    assert page.index("这张证书已撤销，不再有效") < page.index("/preview.svg")
    assert "可以自行打印" not in page
    assert "下载原文件存档（已撤销）" in page
    assert "（未通过）" not in page
    assert "已撤销" in holder.get(f"/certificates/{certificate.id}/preview.svg").text
    file = holder.get(f"/certificates/{certificate.id}/file")
    assert quote("已撤销") in file.headers["Content-Disposition"]
    home = holder.get("/home").text
    assert "，已撤销" in home
    assert "，没有通过" not in home
    assert "可以报名的计划" in home
    mine = holder.get("/applications").text
    assert "证书已撤销" in mine
    assert "已完成" not in mine


def test_the_page_of_somebody_new_is_one_short_list_with_a_way_to_each_place(
    signed_in: SignedIn, people: People
) -> None:
    page = signed_in(people.trainee(profile=False, consents=False)).get("/home").text
    assert page.count("先维护个人信息，后报名考试") == 1, "the rule is said once"
    for way in ("/account/profile#data", "/account/profile#portrait", "/account/consents"):
        assert f'href="{way}"' in page, way
    assert "还有 3 项没有同意" in page


def test_a_running_course_stays_in_front_of_a_second_application(
    signed_in: SignedIn, runtime: Runtime, people: People
) -> None:
    first = a_plan(runtime, people, review_route=PROVINCE_ONLY, title="第一期")
    second = a_plan(runtime, people, "sichuan", title="第二期")
    trainee, approved = an_approved_trainee(runtime, people, first)
    _, waiting = an_applicant(runtime, people, second, choice=WELDER, person=trainee)
    home = signed_in(trainee)
    page = home.get("/home").text
    assert heading(page) == "开始学习：第 1 课"
    assert f'href="/home?application={waiting.id}"' in page
    assert "第二期" in page
    other = home.get(f"/home?application={waiting.id}").text
    assert heading(other) == "正在审核，请等待"
    assert f'href="/home?application={approved.id}"' in other
    assert home.get("/study/").location == f"/study/{first.id}"
    assert home.get("/exam/").location == f"/exam/{first.id}"
    assert home.get(f"/study/{first.id}").status_code == 200


def test_somebody_elses_application_is_not_shown_on_ones_own_home(
    signed_in: SignedIn, runtime: Runtime, people: People
) -> None:
    plan = a_plan(runtime, people)
    _, foreign = an_applicant(runtime, people, plan)
    mine, own = an_applicant(runtime, people, plan)
    page = signed_in(mine).get(f"/home?application={foreign.id}").text
    assert f'href="/applications/{own.id}"' in page
    assert f'href="/applications/{foreign.id}"' not in page


def test_before_study_opens_home_says_when_and_offers_no_start(
    signed_in: SignedIn, runtime: Runtime, people: People, clock: ClockControl
) -> None:
    plan = a_plan(runtime, people, "sichuan")
    trainee, _ = an_approved_trainee(runtime, people, plan)
    page = signed_in(trainee).get("/home").text
    assert heading(page) == "审核已通过，等待学习开始"
    assert "学习 11月27日 0:00（还有 5 天）开始" in page
    assert "等待学习开始" in page
    assert "开始学习" not in page
    assert "11月28日 14:30（还有 7 天）开始" in page
    clock.set(plan.study_from)
    assert heading(signed_in(trainee).get("/home").text) == "开始学习：第 1 课"
    clock.set(plan.study_until)
    over = signed_in(trainee).get("/home").text
    assert heading(over) == "学习时间已经结束，没有学满"
    assert "继续学习" not in over


def test_a_draft_and_a_return_whose_time_is_over_offer_nothing_false(
    signed_in: SignedIn, runtime: Runtime, people: People, clock: ClockControl
) -> None:
    plan = a_plan(runtime, people, "sichuan")
    drafter = people.trainee()
    with runtime.write() as uow:
        enrolment.start(uow, people.actor(drafter), plan.id, ELECTRICIAN)
    clock.set(plan.enrol_until)
    page = signed_in(drafter).get("/home").text
    assert heading(page) == "报名已经截止，申请没有提交"
    assert "11月25日 24:00" in page


def test_plans_on_offer_are_links_and_those_to_come_say_when(
    signed_in: SignedIn, runtime: Runtime, people: People
) -> None:
    with runtime.read() as uow:
        tomorrow = uow.now + timedelta(days=1)
    open_now = a_plan(runtime, people)
    to_come = a_plan(
        runtime, people, enrol_from=tomorrow, study_from=tomorrow, exam_from=tomorrow, title="下一期"
    )
    page = signed_in(people.trainee()).get("/home").text
    assert "有 1 个计划可以报名" in page
    for plan in (open_now, to_come):
        assert f'href="/applications/plans/{plan.id}"' in page
    assert "11月22日 09:00（还有 " in page


def test_who_has_failed_is_told_what_he_can_do(signed_in: SignedIn, runtime: Runtime, people: People) -> None:
    trainee, application = an_approved_trainee(runtime, people, a_plan(runtime, people))
    for kind, outcome in ((StageKind.STUDY, StageState.PASSED), (StageKind.EXAM, StageState.FAILED)):
        with runtime.write() as uow:
            enrolment.complete_stage(uow, HOUSE, application.id, kind, outcome)
    page = signed_in(trainee).get("/home").text
    assert heading(page) == "这一期没有通过"


def test_a_home_page_is_private(browser: Browser, signed_in: SignedIn, people: People) -> None:
    assert browser.get("/home").status_code == 302
    assert browser.get("/desk").status_code == 302
    assert signed_in(people.trainee()).get("/desk").status_code == 403


def test_each_role_sees_its_own_work_and_nothing_of_the_others(
    signed_in: SignedIn, runtime: Runtime, people: People
) -> None:
    plan = a_plan(runtime, people, review_route=PROVINCE_ONLY)
    trainee, _ = an_applicant(runtime, people, plan)
    pages: dict[Role, str] = {
        role: signed_in(people.staff(role)).get("/desk").text
        for role in Role
        if role is not Role.TRAINEE
    }  # fmt: skip
    assert trainee.name in pages[Role.REVIEWER]
    assert "待审核" in pages[Role.REVIEWER]
    assert plan.title in pages[Role.EXAM_ADMIN]
    assert "在用试题" in pages[Role.QUESTION_ADMIN]
    assert "有效登记" in pages[Role.REGISTRAR]
    assert "没有办成的后台任务" in pages[Role.ADMINISTRATOR]
    for role in (Role.EXAM_ADMIN, Role.QUESTION_ADMIN, Role.REGISTRAR, Role.ADMINISTRATOR):
        assert trainee.name not in pages[role]
    for role in (Role.REVIEWER, Role.QUESTION_ADMIN, Role.REGISTRAR):
        assert plan.title not in pages[role]


def test_a_reviewer_of_another_city_finds_nothing_waiting(
    signed_in: SignedIn, runtime: Runtime, people: People
) -> None:
    plan = a_plan(runtime, people, review_route=(OrganisationKind.CITY,))
    trainee, _ = an_applicant(runtime, people, plan)
    there = people.staff(Role.REVIEWER, organisation_id=people.other_city_id)
    here = people.staff(Role.REVIEWER, organisation_id=people.city_id)
    assert trainee.name not in signed_in(there).get("/desk").text
    assert trainee.name in signed_in(here).get("/desk").text


def test_a_draft_without_enough_questions_shows_up_where_it_can_be_mended(
    signed_in: SignedIn, runtime: Runtime, people: People
) -> None:
    draft = a_draft(runtime, people)
    page = signed_in(people.staff(Role.EXAM_ADMIN)).get("/desk").text
    assert draft.title in page
    assert "草稿" in page


def test_a_job_given_up_is_shown_to_the_administrator(
    signed_in: SignedIn, runtime: Runtime, people: People
) -> None:
    with runtime.write() as uow:
        job_id = outbox.put(uow.session, "certificates.render", "k", {"certificate_id": "x"}, uow.now)
        assert job_id is not None
        row = uow.session.get(outbox.OutboxJob, job_id)
        assert row is not None
        row.failed_at, row.last_error = uow.now, "refused: unprintable"
    page = signed_in(people.staff(Role.ADMINISTRATOR)).get("/desk").text
    assert "refused: unprintable" in page
    assert job_id in page


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.INSTITUTION_OFFICER])
def test_no_desk_is_ever_blank(signed_in: SignedIn, people: People, role: Role) -> None:
    page = signed_in(people.staff(role)).get("/desk")
    assert page.status_code == 200
    assert 'class="stats"' in page.text or "现在没有等您处理的事项" in page.text
