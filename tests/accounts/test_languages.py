"""Chinese or English as the reader chooses: by a cookie, with the account, or by the browser's wish."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from lms.accounts.models import Person
from lms.accounts.policy import Role
from lms.audit.models import AuditEvent
from lms.core.unit_of_work import Runtime
from tests.app.test_error_pages import Away
from tests.support.browser import Browser
from tests.support.people import KnownPerson, People
from tests.support.site import Site

SignIn = Callable[[KnownPerson], Browser]


def language_of(reply: TestResponse) -> str:
    """Return the language a page says it is in, in its markup and in its header alike."""
    found = re.search(r'<html lang="([^"]+)"', reply.text)
    assert found is not None
    assert reply.headers["Content-Language"] == found[1]
    return found[1]


def choose(browser: Browser, language: str, back: str = "/sign-in") -> TestResponse:
    """Press the button for a language."""
    return browser.post("/language", {"language": language, "next": back})


def test_a_visitor_chooses_and_the_choice_stays(browser: Browser) -> None:
    assert language_of(browser.get("/sign-in")) == "zh-CN"
    reply = choose(browser, "en", "/register")
    assert (reply.status_code, reply.headers["Location"]) == (303, "/register")
    page = browser.get("/register")
    assert language_of(page) == "en"
    assert "Register under your real name" in page.text
    assert language_of(browser.get("/verify")) == "en"
    choose(browser, "zh")
    assert language_of(browser.get("/verify")) == "zh-CN"


def test_the_button_leads_back_to_its_own_page_with_its_filters(browser: Browser) -> None:
    page = browser.get("/verify?q=%E7%94%B5%E5%B7%A5&next=a")
    assert 'name="next" value="/verify?q=%E7%94%B5%E5%B7%A5&amp;next=a"' in page.text
    assert (
        '<button class="btn btn-link btn-sm" type="submit" name="language" value="en" lang="en">English'
        in page.text
    )
    choose(browser, "en")
    assert 'value="zh" lang="zh-CN">中文</button>' in browser.get("/verify").text


def test_a_page_that_only_answers_a_form_leads_back_to_the_form(
    browser: Browser, people: People, signed_in: SignIn
) -> None:
    answer = browser.post("/verify", {"number": "1", "name": "x"})
    assert 'name="next" value="/verify"' in answer.text, "the same address can be opened as well"
    inside = signed_in(people.trainee())
    refused = inside.post("/account/photo", headers={"Referer": "http://localhost/account/profile"})
    assert refused.status_code == 422
    assert 'name="next" value="/account/photo"' in refused.text
    inside.post("/account/security", {})
    stale = inside.client.post("/sign-out", data={}, headers={"Referer": "http://localhost/account/security"})
    assert 'name="next" value="/account/security"' in stale.text
    stale = inside.client.post("/sign-out", data={}, headers={"Referer": "http://evil.example/account"})
    assert 'name="next" value="/"' in stale.text


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example/",
        "https://evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/a\tb",
        "javascript:x",
        "",
    ],
)
def test_no_choice_leads_out_of_the_site(browser: Browser, wanted: str) -> None:
    reply = choose(browser, "en", wanted)
    assert (reply.status_code, reply.headers["Location"]) == (303, "/")


def test_a_choice_needs_the_pages_own_token(browser: Browser) -> None:
    browser.get("/sign-in")
    assert browser.client.post("/language", data={"language": "en"}).status_code == 400
    assert browser.get("/language").headers["Location"] == "/"


@pytest.mark.parametrize("language", ["", "fr", "EN", "zh_CN", "en\n"])
def test_a_language_the_site_does_not_speak_is_refused_in_words(browser: Browser, language: str) -> None:
    reply = choose(browser, language)
    assert reply.status_code == 422
    assert "本站有简体中文和英文两种语言" in reply.text
    assert "language=" not in reply.headers.get("Set-Cookie", "")


@pytest.mark.parametrize(
    ("wishes", "language"),
    [
        ("", "zh-CN"),
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("zh-CN,en;q=0.8", "zh-CN"),
        ("zh-TW,en;q=0.8", "zh-CN"),
        ("en;q=0.3,zh-CN;q=0.8", "zh-CN"),
        ("fr,de;q=0.9", "zh-CN"),
        ("fr,en;q=0.1", "en"),
        ("en;q=0", "zh-CN"),
        ("*", "zh-CN"),
        (",;q=x", "zh-CN"),
    ],
)
def test_without_a_choice_the_browsers_wish_decides(browser: Browser, wishes: str, language: str) -> None:
    assert language_of(browser.get("/sign-in", headers={"Accept-Language": wishes})) == language


def test_a_choice_outweighs_the_browsers_wish(browser: Browser) -> None:
    choose(browser, "zh")
    assert language_of(browser.get("/sign-in", headers={"Accept-Language": "en"})) == "zh-CN"


def test_a_cookie_that_somebody_made_up_is_no_choice(browser: Browser) -> None:
    browser.client.set_cookie("language", "../../etc")
    assert language_of(browser.get("/sign-in")) == "zh-CN"


def test_the_cookie_is_for_no_script_and_for_this_site(site: Site, browser: Browser) -> None:
    browser.get("/sign-in")
    [cookie] = [
        one for one in choose(browser, "en").headers.getlist("Set-Cookie") if one.startswith("language=")
    ]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Secure" not in cookie
    site.settings = site.settings.model_copy(update={"base_url": "https://localhost"})
    safe = Browser(site.app())
    token = re.search(
        r'name="csrf_token" value="([^"]+)"', safe.get("/sign-in", base_url="https://localhost").text
    )
    assert token is not None
    reply = safe.client.post(
        "/language", data={"csrf_token": token[1], "language": "en"}, base_url="https://localhost",
        headers={"Referer": "https://localhost/sign-in"},
    )  # fmt: skip
    assert any("Secure" in one for one in reply.headers.getlist("Set-Cookie") if one.startswith("language="))


def test_a_choice_made_before_signing_in_survives_it(app: Flask, people: People) -> None:
    browser = Browser(app)
    choose(browser, "en")
    person = people.trainee()
    assert browser.sign_in(person.login_name, person.password).status_code in {302, 303}
    assert language_of(browser.get("/home")) == "en"


def test_a_persons_choice_goes_along_to_every_device(
    app: Flask, people: People, signed_in: SignIn, runtime: Runtime
) -> None:
    person = people.trainee()
    first = signed_in(person)
    assert language_of(first.get("/home")) == "zh-CN"
    assert choose(first, "en", "/home").headers["Location"] == "/home"
    assert language_of(first.get("/home")) == "en"
    with runtime.read() as uow:
        assert uow.session.scalar(select(Person.language).where(Person.id == person.id)) == "en"
        assert uow.session.scalars(
            select(AuditEvent.fields).where(AuditEvent.tag == "person:language")
        ).all() == ['{"language": "en"}']
    elsewhere = Browser(app)
    assert language_of(elsewhere.get("/sign-in")) == "zh-CN"
    elsewhere.sign_in(person.login_name, person.password)
    assert language_of(elsewhere.get("/home")) == "en"
    elsewhere.post("/sign-out")
    assert language_of(elsewhere.get("/sign-in")) == "en", "the browser remembers what its last reader chose"


def test_on_a_shared_browser_each_person_meets_his_own_language(app: Flask, people: People) -> None:
    reader, other = people.trainee(), people.trainee()
    browser = Browser(app)
    browser.sign_in(reader.login_name, reader.password)
    choose(browser, "zh")
    browser.post("/sign-out")
    browser.get("/sign-in")
    choose(browser, "en")
    browser.sign_in(other.login_name, other.password)
    assert language_of(browser.get("/home")) == "en", "no choice of his own: what the browser says"
    browser.post("/sign-out")
    browser.sign_in(reader.login_name, reader.password)
    assert language_of(browser.get("/home")) == "zh-CN"


def test_routes_that_load_no_person_speak_his_language_too(people: People, signed_in: SignIn) -> None:
    inside = signed_in(people.trainee())
    choose(inside, "en")
    reply = inside.post_json(
        "/api/v1/exam/answer", {"lease": "forged", "position": 1, "revision": 1, "choice": []}
    )
    assert reply.status_code == 401
    assert reply.json is not None
    assert reply.json["title"] == "Your sign-in has ended"
    assert reply.headers["Content-Language"] == "en"


def test_refusals_and_the_librarys_own_messages_follow_the_language(
    browser: Browser, people: People, signed_in: SignIn
) -> None:
    too_long = {"login_name": "a", "password": "x" * 200}
    assert "最多 128 个字" in browser.post("/sign-in", too_long).text
    choose(browser, "en")
    assert "At most 128 characters" in browser.post("/sign-in", too_long).text
    refused = browser.post("/sign-in", {"login_name": "nobody", "password": "x"}).text
    assert "The login name or the password is wrong." in refused
    admin = signed_in(people.staff(Role.ADMINISTRATOR))
    choose(admin, "en")
    assert "There is no such page" in admin.get("/no/such").text
    assert admin.get("/questions/").status_code == 403
    assert "This page is only for staff with the matching role" in admin.get("/questions/").text


def test_a_store_that_is_away_is_reported_in_the_readers_language(
    runtime: Runtime, people: People, signed_in: SignIn
) -> None:
    inside = signed_in(people.trainee())
    choose(inside, "en")
    with Away(runtime):
        reply = inside.get("/account/profile")
        assert reply.status_code == 503
        assert language_of(reply) == "en"
        assert "The service is busy" in reply.text


def test_a_message_after_signing_in_is_in_the_persons_language(
    app: Flask, people: People, signed_in: SignIn
) -> None:
    person = people.trainee()
    inside = signed_in(person)
    choose(inside, "en")
    fresh = Browser(app)
    fresh.sign_in(person.login_name, person.password)
    fresh.post(
        "/account/security", {"current_password": person.password, "password": "lantern over the lake"}
    )
    page = fresh.get("/account/security")
    assert "Password changed; sessions on other devices have ended" in page.text
