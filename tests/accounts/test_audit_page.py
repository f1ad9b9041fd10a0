"""The record as an auditor reads it: sentences, links that open, and filters that find."""

import html
import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from lms.accounts import service
from lms.accounts.models import Person
from lms.accounts.policy import ConsentPurpose, Role
from lms.audit.service import record
from lms.certificates.models.certificates import Certificate
from lms.core.actors import Actor
from lms.core.unit_of_work import Runtime
from lms.enrolment.models import Application, ApplicationStage
from lms.exam.models.attempts import Attempt
from lms.plans.models import Plan
from lms.questions.models import Blueprint
from lms.registry.models.entries import RegistryEntry
from lms.study.models import StudySession
from tests.house.world import build_world
from tests.support.browser import Browser
from tests.support.people import KnownPerson, People
from tests.support.site import ClockControl

SignIn = Callable[[KnownPerson], Browser]


def lines(page: str) -> list[str]:
    """Return the words of each line of the table, without what lies folded."""
    body = page.split("<tbody>")[1].split("</tbody>", maxsplit=1)[0]
    told = []
    for row in re.findall(r"<tr.*?</tr>", body, re.DOTALL):
        open_part = re.sub(r"<details.*?</details>", "", row, flags=re.DOTALL)
        told.append(" ".join(html.unescape(re.sub(r"<[^>]+>", " ", open_part)).split()))
    return told


@pytest.fixture
def auditor(people: People) -> KnownPerson:
    return people.staff(Role.AUDITOR)


def test_an_act_reads_as_a_sentence_with_who_whom_and_why(
    people: People, signed_in: SignIn, auditor: KnownPerson, runtime: Runtime
) -> None:
    admin = people.staff(Role.ADMINISTRATOR)
    member = people.staff(Role.REVIEWER, organisation_id=people.institution_id)
    actor = people.actor(admin)
    with runtime.write() as uow:
        service.grant_role(uow, actor, member.id, Role.REGISTRAR, people.city_id)
        service.hand_recovery(uow, actor, member.id, "本人到窗口出示身份证")
    page = signed_in(auditor).get("/desk/audit").text
    told = lines(page)
    granted = next(line for line in told if "授予了角色：登记员（云浦市职业技能鉴定中心）" in line)
    assert admin.name in granted
    assert member.name in granted
    handed = next(line for line in told if "生成了重设密码链接，交给本人" in line)
    assert "原因：本人到窗口出示身份证" in handed
    assert any("系统" in line for line in told), "the operator of the test is no person"
    for raw in ("role:grant", "person:hand_recovery", '"role"', people.city_id):
        assert not any(raw in line for line in told), "codes are folded away"
    assert "role:grant" in page
    assert "registrar" in page


def test_agreements_are_named(
    people: People, signed_in: SignIn, auditor: KnownPerson, runtime: Runtime
) -> None:
    person = people.trainee()
    actor = people.actor(person)
    with runtime.write() as uow:
        service.give_consents(uow, actor, frozenset({ConsentPurpose.PURPOSE, ConsentPurpose.SENSITIVE}))
    told = lines(signed_in(auditor).get("/desk/audit").text)
    assert any("撤回了同意：公开查验" in line for line in told)


def test_a_tag_of_an_older_house_is_shown_as_it_is(
    people: People, signed_in: SignIn, auditor: KnownPerson, runtime: Runtime
) -> None:
    with runtime.write() as uow:
        record(uow, Actor.system("operator"), "teapot:boil", "1", role="emperor", organisation_id="gone")
        record(uow, Actor.system("operator"), "role:grant", "nobody", role="emperor", organisation_id="gone")
        record(uow, Actor.system("operator"), "role:revoke", "nobody")
    told = lines(signed_in(auditor).get("/desk/audit").text)
    assert any("teapot:boil" in line for line in told)
    assert any("授予了角色：emperor（gone）" in line for line in told)
    assert any("收回了角色：—（—）" in line for line in told)


def test_every_link_of_the_page_opens_for_its_reader(
    app: Flask, people: People, signed_in: SignIn, auditor: KnownPerson, runtime: Runtime
) -> None:
    build_world(runtime, people)
    both = people.staff(Role.AUDITOR, Role.QUESTION_ADMIN, Role.ADMINISTRATOR)
    narrow = people.staff(Role.AUDITOR)
    with runtime.write() as uow:
        service.grant_role(uow, people.operator, narrow.id, Role.ADMINISTRATOR, people.other_city_id)
    counts = []
    for reader in (auditor, both, narrow):
        browser = signed_in(reader)
        links: set[str] = set()
        for number in range(1, 9):
            page = browser.get(f"/desk/audit?page={number}").text
            table = page.split("<tbody>")[1].split("</tbody>")[0]
            links |= set(re.findall(r'href="(/[^"?]+)"', table))
        for link in sorted(links):
            assert browser.get(link).status_code == 200, (reader, link)
        counts.append(len(links))
    assert counts[0] > 5
    assert counts[1] > counts[0], "more roles open more pages"
    assert counts[2] == counts[0], "a role held elsewhere opens nothing here"


def test_an_act_keeps_the_name_it_was_done_under(
    people: People, signed_in: SignIn, auditor: KnownPerson, runtime: Runtime, clock: ClockControl
) -> None:
    admin = people.staff(Role.ADMINISTRATOR)
    person = people.trainee()
    actor = people.actor(person)
    with runtime.write() as uow:
        service.hand_recovery(uow, people.actor(admin), person.id, "本人到窗口出示身份证")
    clock.advance(60)
    sent = people.profile_input(8901, "周明西", person.login_name)
    with runtime.write() as uow:
        service.save_profile(uow, actor, sent)
    clock.advance(60)
    with runtime.write() as uow:
        service.give_consents(uow, actor, frozenset({ConsentPurpose.PURPOSE}))
    browser = signed_in(auditor)
    for who in (person.name, "周明西"):
        told = lines(browser.get("/desk/audit", query_string={"who": who}).text)
        handed = next(line for line in told if "生成了重设密码链接" in line)
        assert f"账号 {person.name} 现名 周明西" in handed
        renamed = next(line for line in told if "更改了姓名或证件号码" in line)
        assert f"{person.name} 现名 周明西 更改了" in renamed, "he did that under the old name"
        withdrawn = next(line for line in told if "撤回了同意：公开查验" in line)
        assert "周明西" in withdrawn
        assert "现名" not in withdrawn
        assert person.name not in withdrawn


def test_things_that_belong_to_somebody_say_whose_they_are_and_a_plan_is_named(
    people: People, signed_in: SignIn, auditor: KnownPerson, runtime: Runtime
) -> None:
    """The acts are written here by hand, as not every one of them can be done to the things of the small world."""
    build_world(runtime, people)
    owners = {
        "application:submit": ("报名申请", Application), "attempt:grade": ("考试", Attempt),
        "certificate:issue": ("证书", Certificate), "registry_entry:expire": ("考评员登记", RegistryEntry),
        "study_session:idle": ("视频学习", StudySession),
    }  # fmt: skip
    with runtime.write() as uow:
        expected = {}
        for tag, (word, table) in owners.items():
            thing = uow.session.scalars(select(table)).first()
            if thing is not None:
                record(uow, people.operator, tag, thing.id)
                expected[tag] = f"{word} {uow.session.get_one(Person, thing.person_id).display_name}"
        stage, owner = uow.session.execute(
            select(ApplicationStage.id, Person.display_name)
            .join(Application, Application.id == ApplicationStage.application_id)
            .join(Person, Person.id == Application.person_id)
        ).first() or ("", "")
        record(uow, people.operator, "application_stage:waive", stage)
        expected["application_stage:waive"] = f"申请的环节 {owner}"
        plan = uow.session.scalars(select(Plan)).first()
        assert plan
        record(uow, people.operator, "plan:edit", plan.id)
        expected["plan:edit"] = f"培训计划 {plan.title}"
        paper = uow.session.scalars(select(Blueprint)).first()
        assert paper
        record(uow, people.operator, "blueprint:edit", paper.id)
        expected["blueprint:edit"] = f"组卷方案 {paper.title}"
    assert len(expected) >= 6
    browser = signed_in(auditor)
    for tag, words in expected.items():
        told = lines(browser.get(f"/desk/audit?tag={tag}").text)
        assert told[0].endswith(words), tag


# -- finding --------------------------------------------------------------------------------------------


def test_the_record_of_a_person_holds_what_he_did_and_what_was_done_to_him(
    people: People, signed_in: SignIn, auditor: KnownPerson, runtime: Runtime
) -> None:
    admin = people.staff(Role.ADMINISTRATOR)
    member, other = people.staff(Role.REVIEWER), people.trainee()
    with runtime.write() as uow:
        service.disable_person(uow, people.operator, member.id)
    signed_in(other)
    browser = signed_in(auditor)
    told = lines(browser.get("/desk/audit", query_string={"who": member.name}).text)
    assert any("停用了账号" in line for line in told)
    assert all(member.name in line for line in told)
    assert not any(admin.name in line for line in told)
    assert any(
        "登录了" in line for line in lines(browser.get("/desk/audit", query_string={"who": other.name}).text)
    )
    nobody = browser.get("/desk/audit", query_string={"who": "查无此人"}).text
    assert "没有符合条件的记录" in nobody
    assert lines(nobody) == []
    for odd in ("%", "_", "\\", "'"):
        assert lines(browser.get("/desk/audit", query_string={"who": odd}).text) == []


def test_a_kind_of_act_is_chosen_from_a_list(people: People, signed_in: SignIn, auditor: KnownPerson) -> None:
    people.trainee()
    browser = signed_in(auditor)
    page = browser.get("/desk/audit").text
    assert re.search(
        r'<optgroup label="账号">.*?<option value="person:register">注册了账号</option>', page, re.DOTALL
    )
    assert '<option value="person:">' in page, "all acts on accounts"
    told = lines(browser.get("/desk/audit?tag=person:register").text)
    assert told
    assert all("注册了账号" in line for line in told)
    whole = lines(browser.get("/desk/audit?tag=person:").text)
    assert len(whole) > len(told)
    assert '<option selected value="person:register">' in browser.get("/desk/audit?tag=person:register").text
    assert lines(browser.get("/desk/audit?tag=nothing").text) == []


def test_a_day_begins_and_ends_at_midnight_here(
    people: People, signed_in: SignIn, auditor: KnownPerson, runtime: Runtime, clock: ClockControl
) -> None:
    """The test's day is 21 November, from nine in the morning."""
    clock.advance(15 * 3600 - 60)
    with runtime.write() as uow:
        record(uow, people.operator, "course:register", "late")
    clock.advance(120)
    with runtime.write() as uow:
        record(uow, people.operator, "plan:edit", "early")
    browser = signed_in(auditor)

    def told(query: str) -> str:
        return " ".join(lines(browser.get(f"/desk/audit?{query}").text))

    assert "登记了课程" in told("since=2026-11-21&until=2026-11-21")
    assert "修改了计划" not in told("since=2026-11-21&until=2026-11-21")
    assert "修改了计划" in told("since=2026-11-22")
    assert "登记了课程" not in told("since=2026-11-22")
    assert "登记了课程" not in told("until=2026-11-20")


@pytest.mark.parametrize(
    "query", ["since=yesterday", "until=21.11.2026", "since=2026-02-30", "since=999999999-01-01"]
)
def test_a_day_that_is_none_is_told_at_its_field(
    people: People, signed_in: SignIn, auditor: KnownPerson, query: str
) -> None:
    response = signed_in(auditor).get(f"/desk/audit?{query}")
    assert response.status_code == 422
    assert "请按 2009-07-01 的形式填写日期" in response.text


def test_days_in_the_wrong_order_are_told(people: People, signed_in: SignIn, auditor: KnownPerson) -> None:
    response = signed_in(auditor).get("/desk/audit?since=2026-11-22&until=2026-11-20")
    assert response.status_code == 422
    assert "结束的一天早于开始的一天" in response.text


def test_all_about_one_thing_is_a_click_away_and_can_be_left_again(
    people: People, signed_in: SignIn, auditor: KnownPerson
) -> None:
    browser = signed_in(auditor)
    page = browser.get("/desk/audit?tag=organisation:create").text
    link = re.search(r'href="(/desk/audit\?subject=[^"]+)"', page)
    assert link
    own = browser.get(html.unescape(link[1])).text
    assert len(lines(own)) == 1
    assert "只看一个对象" in own
    assert 'href="/desk/audit"' in own
