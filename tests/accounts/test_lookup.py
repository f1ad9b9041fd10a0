"""The way back in for somebody without mail: an administrator finds him, says why, and hands over a link."""

import json
import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from lms.accounts import service
from lms.accounts.models import Profile
from lms.accounts.policy import Role
from lms.audit.models import AuditEvent
from lms.core.errors import Forbidden, Invalid, NotFound
from lms.core.unit_of_work import Runtime
from tests.support.browser import Browser
from tests.support.people import PASSWORD, KnownPerson, People

SignIn = Callable[[KnownPerson], Browser]
LINK = re.compile(r"http://localhost(/recover/[\w-]+)")
WHY = "本人到窗口出示身份证，手机号已不用"


@pytest.fixture
def admin(people: People) -> KnownPerson:
    return people.staff(Role.ADMINISTRATOR, organisation_id=people.city_id)


def tail_of(runtime: Runtime, person: KnownPerson) -> str:
    with runtime.read() as uow:
        return uow.session.get_one(Profile, person.id).id_number_masked[-4:]


def found(browser: Browser, **sent: str) -> str:
    browser.get("/desk/people")
    response = browser.post("/desk/people", {"login_name": "", "name": "", "id_tail": "", **sent})
    assert response.status_code == 200, response.text
    return response.text


# -- finding -----------------------------------------------------------------------------------------


def test_a_trainee_is_found_by_the_whole_number_however_it_is_written(
    people: People, signed_in: SignIn, admin: KnownPerson
) -> None:
    person = people.trainee()
    number = person.login_name
    browser = signed_in(admin)
    for written in (number, f"{number[:3]} {number[3:7]} {number[7:]}"):
        page = found(browser, login_name=written)
        assert f"/desk/people/{person.id}" in page
        assert person.name in page
    assert number not in found(browser, login_name=number).split("</form>")[-1], (
        "the number is masked in the list"
    )
    assert f"/desk/people/{person.id}" not in found(browser, login_name=number[:-1]), (
        "a part of a number finds nobody"
    )


def test_a_trainee_is_found_by_name_and_the_end_of_his_id_number(
    people: People, signed_in: SignIn, admin: KnownPerson, runtime: Runtime
) -> None:
    person = people.trainee()
    tail = tail_of(runtime, person)
    browser = signed_in(admin)
    assert f"/desk/people/{person.id}" in found(browser, name=f" {person.name} ", id_tail=tail.lower())
    assert f"/desk/people/{person.id}" not in found(browser, name=person.name, id_tail="0000")
    assert f"/desk/people/{person.id}" not in found(browser, name=person.name[:1], id_tail=tail)


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({}, "请填写手机号或登录名，或者姓名和证件号码后四位"),
        ({"name": "林书禾"}, "请填写手机号或登录名，或者姓名和证件号码后四位"),
        ({"id_tail": "002X"}, "请填写手机号或登录名，或者姓名和证件号码后四位"),
        ({"name": "林书禾", "id_tail": "02X"}, "四位"),
        ({"name": "林书禾", "id_tail": "%%%%"}, "四位"),
    ],
)
def test_a_question_that_would_list_people_is_refused(
    people: People, signed_in: SignIn, admin: KnownPerson, sent: dict[str, str], words: str
) -> None:
    people.trainee()
    browser = signed_in(admin)
    browser.get("/desk/people")
    response = browser.post("/desk/people", {"login_name": "", "name": "", "id_tail": "", **sent})
    assert response.status_code == 422
    assert words in response.text
    assert "/desk/people/" not in response.text


def test_a_member_of_staff_is_found_by_login_name_and_another_citys_people_are_not(
    people: People, signed_in: SignIn, admin: KnownPerson, runtime: Runtime
) -> None:
    own = people.staff(Role.REVIEWER, organisation_id=people.institution_id)
    foreign = people.staff(Role.REVIEWER, organisation_id=people.other_city_id)
    stranger = people.trainee(employer_id=people.other_institution_id)
    browser = signed_in(admin)
    assert f"/desk/people/{own.id}" in found(browser, login_name=own.login_name.upper())
    for person in (foreign, stranger):
        page = found(browser, login_name=person.login_name)
        assert "没有找到" in page
        assert person.name not in page
    assert "没有找到" in found(browser, name=stranger.name, id_tail=tail_of(runtime, stranger))


def test_somebody_who_has_not_named_his_employer_belongs_to_the_province(
    people: People, signed_in: SignIn, admin: KnownPerson
) -> None:
    newcomer = people.trainee(profile=False)
    assert "没有找到" in found(signed_in(admin), login_name=newcomer.login_name)
    province = signed_in(people.staff(Role.ADMINISTRATOR))
    assert f"/desk/people/{newcomer.id}" in found(province, login_name=newcomer.login_name)
    assert province.get(f"/desk/people/{newcomer.id}").status_code == 200


def test_what_was_looked_for_stands_in_no_address(
    people: People, signed_in: SignIn, admin: KnownPerson
) -> None:
    """A name and a number in an address end up in histories and logs (fault G1)."""
    page = signed_in(admin).get("/desk/people").text
    form = re.search(r'<form[^>]*aria-label="查找账号"[^>]*>', page)
    assert form
    assert 'method="post"' in form[0]


def test_the_menu_of_the_administrator_leads_there(
    people: People, signed_in: SignIn, admin: KnownPerson
) -> None:
    assert 'href="/desk/people"' in signed_in(admin).get("/desk/staff").text
    assert 'href="/desk/people"' not in signed_in(people.staff(Role.REVIEWER)).get("/desk").text


# -- handing over --------------------------------------------------------------------------------------


def test_a_trainee_without_mail_comes_back_in_by_a_handed_link(
    app: Flask, people: People, signed_in: SignIn, admin: KnownPerson, runtime: Runtime
) -> None:
    person = people.trainee()
    browser = signed_in(admin)
    page = browser.get(f"/desk/people/{person.id}").text
    assert person.name in page
    assert person.login_name not in page
    shown = browser.post(f"/desk/people/{person.id}", {"reason": WHY})
    assert shown.status_code == 200
    link = LINK.search(shown.text)
    assert link
    visitor = Browser(app)
    visitor.get(link[1])
    assert visitor.post(link[1], {"password": "a new horse"}).status_code == 302
    assert visitor.sign_in(person.login_name, "a new horse").status_code == 302
    with runtime.read() as uow:
        event = uow.session.scalars(select(AuditEvent).where(AuditEvent.tag == "person:hand_recovery")).one()
    assert (event.actor_id, event.subject_id) == (admin.id, person.id)
    assert json.loads(event.fields) == {"reason": WHY}


@pytest.mark.parametrize(
    ("reason", "words"), [("", "请写明"), ("   ", "请写明"), ("长" * 201, "最多 200 个字")]
)
def test_no_link_without_a_reason(
    people: People, signed_in: SignIn, admin: KnownPerson, reason: str, words: str
) -> None:
    person = people.trainee()
    browser = signed_in(admin)
    response = browser.post(f"/desk/people/{person.id}", {"reason": reason})
    assert response.status_code == 422
    assert words in response.text
    assert not LINK.search(response.text)
    actor = people.actor(admin)
    with pytest.raises(Invalid), people.runtime.write() as uow:
        service.hand_recovery(uow, actor, person.id, reason)


def test_nobody_hands_a_link_beyond_his_branch_or_above_it(
    people: People, signed_in: SignIn, admin: KnownPerson, runtime: Runtime
) -> None:
    stranger = people.trainee(employer_id=people.other_institution_id)
    above = people.trainee()
    with runtime.write() as uow:
        service.grant_role(uow, people.operator, above.id, Role.REVIEWER, people.province_id)
    browser = signed_in(admin)
    assert browser.get(f"/desk/people/{stranger.id}").status_code == 404
    assert browser.post(f"/desk/people/{stranger.id}", {"reason": WHY}).status_code == 404
    page = browser.get(f"/desk/people/{above.id}")
    assert "此人还有您范围以外的角色" in page.text
    assert 'name="reason"' not in page.text, "what will be refused is not offered"
    assert browser.post(f"/desk/people/{above.id}", {"reason": WHY}).status_code == 403
    actor = people.actor(admin)
    with pytest.raises(NotFound), runtime.write() as uow:
        service.hand_recovery(uow, actor, stranger.id, WHY)
    with pytest.raises(Forbidden), runtime.write() as uow:
        service.hand_recovery(uow, actor, above.id, WHY)


def test_nobody_hands_a_link_to_himself(people: People, signed_in: SignIn, admin: KnownPerson) -> None:
    """Else a borrowed session would set a new password without knowing the old one."""
    browser = signed_in(admin)
    page = browser.get(f"/desk/people/{admin.id}").text
    assert 'name="reason"' not in page
    assert 'href="/account/security"' in page
    assert browser.post(f"/desk/people/{admin.id}", {"reason": WHY}).status_code == 403


def test_a_barred_account_is_restored_before_it_gets_a_link(
    people: People, signed_in: SignIn, admin: KnownPerson, runtime: Runtime
) -> None:
    person = people.staff(Role.REVIEWER, organisation_id=people.city_id)
    with runtime.write() as uow:
        service.disable_person(uow, people.operator, person.id)
    browser = signed_in(admin)
    assert "账号已停用" in browser.get(f"/desk/people/{person.id}").text
    assert browser.post(f"/desk/people/{person.id}", {"reason": WHY}).status_code == 403


def test_the_sign_in_of_the_one_who_is_found_goes_on_until_the_link_is_used(
    people: People, signed_in: SignIn, admin: KnownPerson
) -> None:
    person = people.trainee()
    inside = signed_in(person)
    signed_in(admin).post(f"/desk/people/{person.id}", {"reason": WHY})
    assert inside.get("/account/profile").status_code == 200
    assert Browser(inside.client.application).sign_in(person.login_name, PASSWORD).status_code == 302
