"""Where a person keeps his account: a trainee his data, a member of staff his sign-in."""

from collections.abc import Callable

from lms.accounts import service
from lms.accounts.policy import Role
from tests.support.browser import Browser
from tests.support.people import KnownPerson, People

SignIn = Callable[[KnownPerson], Browser]


def test_who_is_only_staff_is_offered_his_sign_in_and_not_a_trainees_world(
    people: People, signed_in: SignIn
) -> None:
    browser = signed_in(people.staff(Role.REVIEWER))
    desk = browser.get("/desk").text
    assert 'href="/account/security"' in desk
    assert "登录与密码" in desk
    assert 'href="/account/profile"' not in desk
    assert 'href="/home"' not in desk
    page = browser.get("/account/security").text
    assert "<h1>登录与密码</h1>" in page
    assert 'class="rail' in page, "he stays at his desk"
    assert "补全下面几项后就能报名" not in page
    assert "修改密码" in page


def test_a_member_of_staff_may_still_begin_as_a_trainee_and_is_then_offered_both(
    people: People, signed_in: SignIn
) -> None:
    person = people.staff(Role.INSTITUTION_OFFICER)
    browser = signed_in(person)
    assert 'href="/account/profile"' in browser.get("/account/security").text
    assert browser.get("/account/profile").status_code == 200
    sent = people.profile_input(8801, "何云舒", "13900008801")
    actor = people.actor(person)
    with people.runtime.write() as uow:
        service.save_profile(uow, actor, sent)
    desk = browser.get("/desk").text
    for address in ("/account/profile", "/account/security", "/home"):
        assert f'href="{address}"' in desk


def test_a_trainee_keeps_his_data_and_his_sign_in_under_one_name_each(
    people: People, signed_in: SignIn
) -> None:
    browser = signed_in(people.trainee())
    for address in ("/home", "/account/profile", "/account/security"):
        page = browser.get(address).text
        assert "个人中心" not in page
        assert 'href="/account/profile"' in page
        assert 'href="/account/security"' in page
        assert 'class="rail' not in page


def test_a_whole_profile_leads_on_to_the_application(people: People, signed_in: SignIn) -> None:
    page = signed_in(people.trainee()).get("/account/profile").text
    told = page.split("个人信息已齐全")[1].split("</section>")[0]
    assert 'href="/applications"' in told
    assert "去报名" in told
