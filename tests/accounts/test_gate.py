"""Coming in and staying out: registration, sign-in and its limit, sessions and their end."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from lms.accounts import service
from lms.accounts.credentials import new_token, token_hash
from lms.accounts.models import Consent, LoginSession, Person, Profile, SignInFailure
from lms.accounts.policy import ABSOLUTE_LIMIT, IDLE_LIMIT, Role
from lms.accounts.policy.limits import PASSWORD_OF_SESSION, SIGN_IN_OF_ACCOUNT, SIGN_IN_OF_ADDRESS
from lms.core.errors import Refusal
from lms.core.turnstile import Turnstile, crowded
from lms.core.unit_of_work import Runtime
from tests.support.browser import Browser
from tests.support.people import PASSWORD, KnownPerson, People, portrait
from tests.support.site import ClockControl

REGISTRATION = {
    "name": "林书禾", "mobile": "13900001111", "email": "lin@example.com", "password": "correct horse",
    "purpose": "y", "sensitive": "y", "verification": "y",
}  # fmt: skip
WRONG = "登录名或密码不正确"
SignedIn = Callable[[KnownPerson], Browser]


def count(runtime: Runtime, table: type[Person | Consent | SignInFailure | LoginSession | Profile]) -> int:
    with runtime.read() as uow:
        return uow.session.execute(select(func.count()).select_from(table)).scalar_one()


def error_at(page: str, field: str) -> str:
    """Return the words that stand as the error of a field."""
    found = re.search(rf'id="{field}-error">(.*?)</div>', page, re.DOTALL)
    return re.sub(r"<[^>]+>", "", found[1]).strip() if found else ""


# -- registration ----------------------------------------------------------------------------------


def test_a_newcomer_registers_and_is_led_to_his_profile(browser: Browser, runtime: Runtime) -> None:
    browser.get("/register")
    response = browser.post("/register", REGISTRATION)
    assert response.status_code == 302
    assert response.headers["Location"] == "/account/profile"
    page = browser.get("/account/profile")
    assert page.status_code == 200
    assert 'value="林书禾"' in page.text
    assert "还没有填写个人信息" in page.text
    assert count(runtime, Consent) == 3


def test_only_the_consents_that_were_ticked_are_recorded(browser: Browser, runtime: Runtime) -> None:
    browser.get("/register")
    browser.post("/register", {key: value for key, value in REGISTRATION.items() if key != "verification"})
    with runtime.read() as uow:
        assert set(uow.session.scalars(select(Consent.purpose))) == {"purpose", "sensitive"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": ""}, "请填写这一项"), ({"name": "   "}, "请填写这一项"), ({"name": "长" * 31}, "最多 30 个字"),
        ({"name": "A"}, "姓名为两个字以上"), ({"name": "林书禾1"}, "姓名为两个字以上"),
        ({"mobile": "123"}, "手机号码为 11 位"), ({"email": "nonsense"}, "请填写完整的邮箱地址"),
        ({"password": "short"}, "密码为 8 至 128 个字符"), ({"password": "12345678"}, "不能是常见密码"),
        ({"password": "13900001111"}, "不能是常见密码"), ({"purpose": ""}, "不同意就不能注册"),
    ],
)  # fmt: skip
def test_each_fault_of_a_registration_stands_at_its_field(
    browser: Browser, runtime: Runtime, change: dict[str, str], words: str
) -> None:
    browser.get("/register")
    sent = {key: value for key, value in {**REGISTRATION, **change}.items() if value}
    response = browser.post("/register", sent)
    assert response.status_code == 422
    assert words in response.text
    assert "is-invalid" in response.text
    assert 'value="correct horse"' not in response.text, "a password never comes back"
    assert count(runtime, Person) == 0


def test_one_number_registers_once(browser: Browser, app: Flask, runtime: Runtime) -> None:
    browser.get("/register")
    browser.post("/register", REGISTRATION)
    other = Browser(app)
    other.get("/register")
    response = other.post("/register", {**REGISTRATION, "name": "陈知远", "password": "another horse"})
    assert response.status_code == 422
    assert error_at(response.text, "mobile").startswith("这个手机号码已经注册")
    assert count(runtime, Person) == 1


def test_every_fault_of_a_registration_is_told_at_once(browser: Browser, runtime: Runtime) -> None:
    browser.get("/register")
    page = browser.post("/register", {"name": "A", "mobile": "1234", "email": "x", "password": "short"}).text
    assert "请改好下面 5 处" in page
    assert error_at(page, "name").startswith("您填写了“A”")
    assert error_at(page, "mobile").startswith("您填写了 4 位")
    assert error_at(page, "email") == "请填写完整的邮箱地址"
    assert error_at(page, "password").startswith("您填写了 5 个字符")
    assert error_at(page, "purpose") == "不同意就不能注册"
    assert count(runtime, Person) == 0


def test_a_number_in_use_is_told_beside_the_other_faults(browser: Browser, people: People) -> None:
    number = people.trainee().login_name
    browser.get("/register")
    page = browser.post(
        "/register", {**REGISTRATION, "mobile": f"{number[:3]} {number[3:]}", "name": "A"}
    ).text
    assert "请改好下面 2 处" in page
    assert error_at(page, "mobile").startswith("这个手机号码已经注册")


def test_spaces_and_hyphens_in_a_number_are_dropped(browser: Browser, app: Flask) -> None:
    browser.get("/register")
    assert browser.post("/register", {**REGISTRATION, "mobile": "139 0000-1111"}).status_code == 302
    assert Browser(app).sign_in("13900001111", REGISTRATION["password"]).status_code == 302


def test_consents_that_may_wait_say_so_and_all_speak_of_the_page_that_exists(browser: Browser) -> None:
    page = browser.get("/register").text
    assert page.count("现在不勾选也能注册，报名前须同意") == 2
    assert "个人信息处理说明" not in page
    assert "我已阅读个人信息保护说明" in page


def test_two_registrations_of_one_number_at_the_same_moment_make_one_account(runtime: Runtime) -> None:
    barrier = threading.Barrier(6)
    outcomes: list[str] = []

    def register() -> None:
        barrier.wait()
        try:
            with runtime.write() as uow:
                service.register_person(uow, "13900002222", "林书禾", "a@example.test", "hash")
            outcomes.append("in")
        except Refusal as refusal:
            outcomes.append(refusal.code)

    threads = [threading.Thread(target=register) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["conflict"] * 5 + ["in"]


def test_what_the_form_does_not_ask_is_not_taken(browser: Browser, runtime: Runtime) -> None:
    """Mass assignment: every column and role by name (fault I4)."""
    browser.get("/register")
    extra = {
        "id": "x", "state": "disabled", "role": "administrator", "roles": "administrator", "organisation_id": "x",
        "password_hash": "x", "must_change_password": "y", "created_at": "0", "login_name": "root", "is_admin": "1",
        "person_id": "x", "display_name": "别人",
    }  # fmt: skip
    browser.post("/register", {**REGISTRATION, **extra})
    with runtime.read() as uow:
        person = uow.session.scalars(select(Person)).one()
        assert (person.login_name, person.display_name, person.state) == ("13900001111", "林书禾", "active")
        assert not person.must_change_password
        assert uow.session.execute(text("SELECT count(*) FROM role_grant")).scalar_one() == 0
    assert browser.get("/desk/staff").status_code == 403


# -- sign-in ---------------------------------------------------------------------------------------


def test_signing_in_leads_to_the_place_one_wanted(app: Flask, people: People) -> None:
    person = people.trainee()
    browser = Browser(app)
    sent = browser.get("/account/security?x=1")
    assert sent.status_code == 302
    assert sent.headers["Location"] == "/sign-in?next=/account/security?x%3D1"
    browser.get(sent.headers["Location"])
    response = browser.post(sent.headers["Location"], {"login_name": person.login_name, "password": PASSWORD})
    assert response.headers["Location"] == "/account/security?x=1"


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.example", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example",
     "/\t/evil.example", "/\t\\evil.example", "\t//evil.example", "/\n/evil.example", "javascript:alert(1)",
     "https:evil.example", "evil.example",
     "//[", "/ /evil", "http:///evil.example", "/a\\b", "", "@evil.example", "/\r\nSet-Cookie: a=b"],
)  # fmt: skip
def test_nobody_is_led_to_another_site(app: Flask, people: People, wanted: str) -> None:
    person = people.trainee()
    browser = Browser(app)
    browser.get("/sign-in")
    response = browser.client.post(
        "/sign-in", query_string={"next": wanted},
        data={"csrf_token": browser._token, "login_name": person.login_name, "password": PASSWORD},
    )  # fmt: skip
    assert response.status_code == 302
    own = {"/account/profile", "/home"}
    assert response.headers["Location"] in own
    assert "Set-Cookie: a" not in str(response.headers)


def test_the_name_is_taken_in_any_case_and_with_spaces_around(app: Flask, people: People) -> None:
    person = people.staff(Role.REVIEWER)
    assert Browser(app).sign_in(f"  {person.login_name.upper()} ", PASSWORD).status_code == 302


def test_an_unknown_name_and_a_wrong_password_get_the_same_answer(
    app: Flask, people: People, runtime: Runtime
) -> None:
    person, barred = people.trainee(), people.staff(Role.REVIEWER)
    with runtime.write() as uow:
        service.disable_person(uow, people.operator, barred.id)
    pages = []
    for name, password in (
        (person.login_name, "wrong horse"),
        ("nobody", "wrong horse"),
        (barred.login_name, PASSWORD),
    ):
        browser = Browser(app)
        browser.get("/sign-in")
        response = browser.post("/sign-in", {"login_name": name, "password": password})
        assert response.status_code == 422
        assert WRONG in response.text
        pages.append(response.text.replace(name, "NAME").replace(browser._token, "TOKEN"))
    assert pages[0] == pages[1] == pages[2]


def test_a_session_gets_a_new_cookie_and_leaves_nothing_of_the_old_one(app: Flask, people: People) -> None:
    person = people.trainee()
    browser = Browser(app)
    browser.get("/sign-in")
    before = browser.client.get_cookie("lms")
    old_token = browser._token
    browser.sign_in(person.login_name, PASSWORD)
    after = browser.client.get_cookie("lms")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    refused = browser.client.post("/account/consents", data={"csrf_token": old_token})
    assert refused.status_code == 400, "a token from before the sign-in is worth nothing"


# -- the limit (fault H1) ----------------------------------------------------------------------------


def fail(browser: Browser, name: str, times: int) -> list[int]:
    browser.get("/sign-in")
    return [
        browser.post("/sign-in", {"login_name": name, "password": f"wrong {n}"}).status_code
        for n in range(times)
    ]


def test_after_ten_failures_a_name_is_closed_from_anywhere_even_to_the_right_password(
    app: Flask, people: People, clock: ClockControl
) -> None:
    person, other = people.trainee(), people.trainee()
    browser = Browser(app)
    assert fail(browser, person.login_name, SIGN_IN_OF_ACCOUNT.tries) == [422] * SIGN_IN_OF_ACCOUNT.tries
    last = browser.post("/sign-in", {"login_name": person.login_name, "password": PASSWORD})
    assert last.status_code == 429
    assert "5 分钟内登录失败 10 次" in last.text
    assert "请在 09:06 以后再试" in last.text, "the first failure was a moment after nine"
    elsewhere = Browser(app)
    elsewhere.client.environ_base["REMOTE_ADDR"] = "10.9.8.7"
    assert elsewhere.sign_in(person.login_name, PASSWORD).status_code == 429
    assert elsewhere.sign_in(other.login_name, PASSWORD).status_code == 302, (
        "others are not locked out from there"
    )
    clock.advance(SIGN_IN_OF_ACCOUNT.window.total_seconds() + 1)
    assert Browser(app).sign_in(person.login_name, PASSWORD).status_code == 302


def test_ten_typos_in_a_classroom_lock_nobody_out(app: Flask, people: People) -> None:
    person = people.trainee()
    browser = Browser(app)
    for number in range(SIGN_IN_OF_ACCOUNT.tries + 2):
        assert fail(browser, f"nobody{number}", 1) == [422]
    assert browser.sign_in(person.login_name, PASSWORD).status_code == 302


def test_who_tries_many_names_from_one_address_is_stopped_and_the_others_are_not(
    app: Flask, people: People, runtime: Runtime
) -> None:
    """Stuffing: each name once, so that no account's own limit helps."""
    person = people.trainee()
    judged = 0
    with runtime.write() as uow:
        for number in range(3 * SIGN_IN_OF_ADDRESS.tries):
            try:
                service.take_try(uow, f"nobody{number}", "127.0.0.1")
            except Refusal:
                continue
            judged += 1
            service.note_failure(uow, "127.0.0.1")
    assert judged == SIGN_IN_OF_ADDRESS.tries
    closed = Browser(app).sign_in(person.login_name, PASSWORD)
    assert closed.status_code == 429
    assert "同一网络地址 5 分钟内登录失败 100 次" in closed.text
    elsewhere = Browser(app)
    elsewhere.client.environ_base["REMOTE_ADDR"] = "10.9.8.7"
    assert elsewhere.sign_in(person.login_name, PASSWORD).status_code == 302


def test_a_number_with_spaces_is_the_same_account_to_the_door_and_to_its_limit(
    app: Flask, people: People
) -> None:
    person = people.trainee()
    first, middle, last = person.login_name[:3], person.login_name[3:7], person.login_name[7:]
    assert Browser(app).sign_in(f"{first} {middle} {last}", PASSWORD).status_code == 302
    browser = Browser(app)
    for name in (
        person.login_name,
        f"{first} {middle}{last}",
        f"{first}-{middle}-{last}",
        f"+86{person.login_name}",
    ):
        fail(browser, name, 3)
    assert browser.sign_in(person.login_name, PASSWORD).status_code == 429


def test_a_refused_sign_in_is_said_once_and_fits_staff_too(browser: Browser) -> None:
    browser.get("/sign-in")
    page = browser.post("/sign-in", {"login_name": "nobody", "password": "wrong horse"}).text
    assert page.count(WRONG) == 1
    assert "与注册时一致" not in page


def test_a_whole_class_signs_in_from_one_address(app: Flask, people: People, runtime: Runtime) -> None:
    for person in [people.trainee(profile=False) for _ in range(SIGN_IN_OF_ACCOUNT.tries + 2)]:
        assert Browser(app).sign_in(person.login_name, PASSWORD).status_code == 302
    assert count(runtime, SignInFailure) == 0


def test_the_count_lives_in_the_database_without_names_or_addresses(
    app: Flask, people: People, runtime: Runtime
) -> None:
    person = people.trainee()
    fail(Browser(app), person.login_name, 3)
    assert count(runtime, SignInFailure) == 6, "per name and per address"
    with runtime.read() as uow:
        for key in uow.session.scalars(select(SignInFailure.key)):
            assert person.login_name not in key
            assert "127.0.0.1" not in key


def test_tries_at_the_same_moment_do_not_slip_through(runtime: Runtime, people: People) -> None:
    """The password is compared outside of any transaction, so the try is counted before."""
    barrier = threading.Barrier(30)
    outcomes: list[str] = []

    def attempt() -> None:
        barrier.wait()
        try:
            with runtime.write() as uow:
                service.take_try(uow, "13900003333", "10.0.0.1")
            outcomes.append("judged")
        except Refusal as refusal:
            outcomes.append(refusal.code)

    threads = [threading.Thread(target=attempt) for _ in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("judged") == SIGN_IN_OF_ACCOUNT.tries
    assert outcomes.count("too_many_failures") == 20


# -- sessions and their end (faults H2 and H3) -----------------------------------------------------------


def stolen(browser: Browser, app: Flask) -> Browser:
    """Return another browser that carries a copy of the cookie."""
    cookie = browser.client.get_cookie("lms")
    assert cookie is not None
    thief = Browser(app)
    thief.client.set_cookie("lms", cookie.value)
    assert thief.get("/account/profile").status_code == 200
    return thief


def is_out(browser: Browser) -> bool:
    page = browser.client.get("/account/profile")
    program = browser.client.get("/account/profile", headers={"Accept": "application/json"})
    return (
        page.status_code == 302
        and page.headers["Location"].startswith("/sign-in")
        and program.status_code == 401
    )


def test_a_copied_cookie_is_worthless_after_the_sign_out(
    app: Flask, people: People, signed_in: SignedIn
) -> None:
    browser = signed_in(people.trainee())
    thief = stolen(browser, app)
    response = browser.post("/sign-out")
    assert response.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert is_out(thief)
    assert is_out(browser)


def test_a_changed_password_ends_the_other_sessions_and_keeps_this_one(
    app: Flask, people: People, signed_in: SignedIn
) -> None:
    person = people.trainee()
    here, there = signed_in(person), signed_in(person)
    response = here.post("/account/security", {"current_password": PASSWORD, "password": "a new horse"})
    assert response.status_code == 302
    assert is_out(there)
    assert here.get("/account/profile").status_code == 200
    assert Browser(app).sign_in(person.login_name, PASSWORD).status_code == 422
    assert Browser(app).sign_in(person.login_name, "a new horse").status_code == 302


@pytest.mark.parametrize(
    ("current", "new", "words"),
    [
        ("wrong horse", "a new horse", "现在的密码不对"),
        (PASSWORD, "short", "密码为 8 至"),
        (PASSWORD, "12345678", "常见密码"),
        ("", "", "请填写"),
    ],
)
def test_a_password_is_changed_only_by_who_knows_it(
    app: Flask, people: People, signed_in: SignedIn, current: str, new: str, words: str
) -> None:
    person = people.trainee()
    response = signed_in(person).post("/account/security", {"current_password": current, "password": new})
    assert response.status_code == 422
    assert words in response.text
    assert Browser(app).sign_in(person.login_name, PASSWORD).status_code == 302


def test_a_wrong_present_password_is_told_at_its_own_field(people: People, signed_in: SignedIn) -> None:
    page = (
        signed_in(people.trainee())
        .post("/account/security", {"current_password": "wrong horse", "password": "a new horse"})
        .text
    )
    assert error_at(page, "current_password").startswith("现在的密码不对")
    assert error_at(page, "password") == ""
    assert "登录名" not in error_at(page, "current_password")


def test_a_borrowed_session_does_not_find_the_password_by_trying(
    people: People, signed_in: SignedIn, clock: ClockControl
) -> None:
    browser = signed_in(people.trainee())
    good = {"current_password": PASSWORD, "password": "a new horse"}
    for number in range(PASSWORD_OF_SESSION.tries):
        wrong = {"current_password": f"wrong {number}", "password": "a new horse"}
        assert browser.post("/account/security", wrong).status_code == 422
    assert browser.post("/account/security", good).status_code == 429
    clock.advance(PASSWORD_OF_SESSION.window.total_seconds() + 1)
    assert browser.post("/account/security", good).status_code == 302


def test_a_disabled_person_is_out_at_the_next_request(
    app: Flask, people: People, signed_in: SignedIn, runtime: Runtime
) -> None:
    person = people.staff(Role.REVIEWER)
    browser = signed_in(person)
    with runtime.write() as uow:
        service.disable_person(uow, people.operator, person.id)
    assert is_out(browser)
    with runtime.write() as uow:
        service.enable_person(uow, people.operator, person.id)
    assert is_out(browser), "the old session does not come back to life"
    assert Browser(app).sign_in(person.login_name, PASSWORD).status_code == 302


def test_a_role_that_is_taken_back_no_longer_counts(
    people: People, signed_in: SignedIn, runtime: Runtime
) -> None:
    person = people.staff(Role.AUDITOR)
    browser = signed_in(person)
    assert browser.get("/desk/audit").status_code == 200
    with runtime.write() as uow:
        grant_id = uow.session.execute(
            text("SELECT id FROM role_grant WHERE person_id = :p"), {"p": person.id}
        ).scalar_one()
        service.revoke_role(uow, people.operator, grant_id)
    assert browser.get("/desk/audit").status_code == 403
    assert browser.get("/account/profile").status_code == 200


def test_an_idle_session_ends_and_a_used_one_lives_until_the_day_is_over(
    people: People, signed_in: SignedIn, clock: ClockControl
) -> None:
    person = people.trainee()
    idle, used = signed_in(person), signed_in(person)
    passed = timedelta()
    while passed + timedelta(minutes=20) < ABSOLUTE_LIMIT:
        clock.advance(20 * 60)
        passed += timedelta(minutes=20)
        assert used.get("/account/security").status_code == 200, passed
        if passed > IDLE_LIMIT:
            assert is_out(idle)
            assert "您已较长时间没有操作，请重新登录" in idle.get("/sign-in?next=/home").text
    clock.advance(20 * 60)
    assert is_out(used)
    assert "登录满 12 小时会自动退出，请重新登录" in used.get("/sign-in").text


def test_nobody_is_told_of_a_long_pause_who_left_by_himself_or_never_came(
    people: People, signed_in: SignedIn, browser: Browser
) -> None:
    left = signed_in(people.trainee())
    left.post("/sign-out")
    for one in (left, browser):
        page = one.get("/sign-in?next=/home").text
        assert "没有操作" not in page
        assert "自动退出" not in page


@pytest.mark.parametrize("cookie", ["", "x", "." * 300, "eyJfdXNlcl9pZCI6ImEifQ.aaaa.bbbb"])
def test_a_forged_cookie_is_nobody(browser: Browser, cookie: str) -> None:
    browser.client.set_cookie("lms", cookie)
    assert is_out(browser)


def test_the_database_keeps_no_token_that_could_be_used(people: People, runtime: Runtime) -> None:
    person = people.trainee()
    with runtime.write() as uow:
        token = service.open_session(uow, person.id)
    with runtime.read() as uow:
        row = uow.session.scalars(select(LoginSession)).one()
    assert row.token_hash == token_hash(token)
    assert token not in {row.token_hash, row.id}
    assert new_token() != new_token()


def test_spent_counts_are_forgotten_after_two_days(
    app: Flask, runtime: Runtime, people: People, clock: ClockControl
) -> None:
    fail(Browser(app), "nobody", 1)
    clock.advance(3 * 24 * 3600)
    fail(Browser(app), "somebody", 1)
    with runtime.write() as uow:
        service.sweep_spent(uow, uow.now - timedelta(days=2))
    assert count(runtime, SignInFailure) == 2


def test_the_portrait_of_somebody_else_is_not_reachable(
    app: Flask, people: People, signed_in: SignedIn
) -> None:
    owner = signed_in(people.trainee())
    mine = owner.get("/account/photo")
    assert mine.mimetype == "image/jpeg"
    assert mine.headers["Cache-Control"] == "no-store"
    assert Browser(app).get("/account/photo").status_code == 302
    assert signed_in(people.trainee(photo=False)).get("/account/photo").status_code == 404
    assert portrait()[:3] == mine.data[:3]


# -- many at once ----------------------------------------------------------------------------------


def test_a_full_turnstile_says_at_once_when_to_come_again_and_counts_no_try(
    browser: Browser, people: People, runtime: Runtime
) -> None:
    person = people.trainee()
    runtime.hashing = Turnstile(1, 0)
    browser.get("/sign-in")
    with runtime.hashing.turn():
        for _ in range(SIGN_IN_OF_ACCOUNT.tries + 1):
            response = browser.post(
                "/sign-in", {"login_name": person.login_name, "password": person.password}
            )
            assert response.status_code == 503
            assert int(response.headers["Retry-After"]) > 0
            assert "现在人很多" in response.text
            assert person.login_name in response.text, "the form stands as it was"
    assert count(runtime, SignInFailure) == 0
    assert (
        browser.post("/sign-in", {"login_name": person.login_name, "password": person.password}).status_code
        == 302
    )


def test_whoever_is_overtaken_at_the_turnstile_has_his_try_taken_back(
    browser: Browser, people: People, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = people.trainee()
    runtime.hashing = Turnstile(1, 0)
    monkeypatch.setattr(runtime.hashing, "require_room", lambda: None)  # there was room when he came
    browser.get("/sign-in")
    monkeypatch.setattr(runtime.hashing, "turn", _turned_away)
    assert browser.post("/sign-in", {"login_name": person.login_name, "password": "x"}).status_code == 503
    assert count(runtime, SignInFailure) == 0


@contextmanager
def _turned_away() -> Iterator[None]:
    raise crowded()
    yield


def test_too_many_failures_say_when_to_come_again(browser: Browser, people: People) -> None:
    person = people.trainee()
    browser.get("/sign-in")
    wrong = {"login_name": person.login_name, "password": "wrong horse"}
    for _ in range(SIGN_IN_OF_ACCOUNT.tries):
        browser.post("/sign-in", wrong)
    response = browser.post("/sign-in", wrong)
    assert response.status_code == 429
    assert int(response.headers["Retry-After"]) > 0
