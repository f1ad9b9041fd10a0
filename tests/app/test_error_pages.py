"""Refusals as people and programs see them: plain words, a stable code, and no trace of the inside."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import text

from lms.accounts.access import public
from lms.accounts.policy import Role
from lms.app.security import CONTENT_SECURITY_POLICY
from lms.core.database import Database
from lms.core.errors import N_, Conflict, Reason
from lms.core.unit_of_work import Runtime
from tests.support.browser import Browser
from tests.support.people import KnownPerson, People
from tests.support.site import Site, build


@pytest.fixture
def app(site: Site) -> Flask:
    """The application with a few doors that lead to trouble."""
    made = build(site)

    @made.get("/trouble/refused")
    @public
    def _refused() -> str:
        raise Conflict(
            Reason("lamp.taken", N_("一盏灯只能点一次"), N_("已有 %(count)s 人点过"), params={"count": 3})
        )

    @made.get("/trouble/ours")
    @public
    def _ours() -> str:
        raise KeyError("林书禾 340104190001010018")

    @made.get("/trouble/huge")
    @public
    def _huge() -> str:
        with site.runtime.read() as uow:
            uow.session.execute(text("SELECT 1 FROM person LIMIT 1 OFFSET :x"), {"x": 10**40})
        return ""

    @made.get("/undeclared")
    def _undeclared() -> str:
        return "open to all by mistake"

    return made


def test_a_refusal_says_rule_value_and_way_out_on_the_page(browser: Browser) -> None:
    response = browser.get("/trouble/refused")
    assert response.status_code == 409
    assert "一盏灯只能点一次" in response.text
    assert "已有 3 人点过" in response.text


def test_a_program_gets_a_problem_document(browser: Browser) -> None:
    response = browser.get("/trouble/refused", headers={"Accept": "application/json"})
    assert response.status_code == 409
    assert response.mimetype == "application/problem+json"
    assert response.json is not None
    assert response.json["code"] == "conflict"
    assert response.json["reasons"][0]["code"] == "lamp.taken"
    assert response.json["reasons"][0]["now"] == "已有 3 人点过"


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_a_failure_of_ours_shows_a_number_and_nothing_of_the_inside(browser: Browser, accept: str) -> None:
    response = browser.get("/trouble/ours", headers={"Accept": accept})
    assert response.status_code == 500
    assert response.headers["X-Request-ID"] in response.text
    for secret in ("340104190001010018", "林书禾", "KeyError", "Traceback", "lms/"):
        assert secret not in response.text


def test_a_number_that_no_database_can_hold_is_the_senders_fault(browser: Browser) -> None:
    response = browser.get("/trouble/huge")
    assert response.status_code == 400
    assert "无法识别" in response.text


def test_a_view_without_a_declaration_is_closed_to_everybody(
    browser: Browser, people: People, signed_in: Callable[[KnownPerson], Browser]
) -> None:
    assert browser.get("/undeclared").status_code == 403
    assert (
        signed_in(people.staff(*(role for role in Role if role is not Role.INSTITUTION_OFFICER)))
        .get("/undeclared")
        .status_code
        == 403
    )


def test_an_unknown_address_is_a_404_in_plain_words(browser: Browser) -> None:
    response = browser.get("/no/such/page")
    assert response.status_code == 404
    assert "没有这个页面" in response.text
    assert browser.get("/api/v1/no-such").mimetype == "application/problem+json"


def test_a_form_without_its_token_is_told_that_the_page_is_old(browser: Browser) -> None:
    browser.get("/sign-in")
    for token in ("", "forged", "a" * 5000):
        response = browser.client.post(
            "/sign-in", data={"csrf_token": token, "login_name": "a", "password": "b"}
        )
        assert response.status_code == 400
        assert "页面已过期" in response.text
        assert "刷新后重新提交" in response.text


def test_a_token_of_somebody_elses_session_does_not_fit(app: Flask) -> None:
    thief, victim = Browser(app), Browser(app)
    thief.get("/sign-in")
    victim.get("/sign-in")
    response = victim.client.post(
        "/sign-in", data={"csrf_token": thief._token, "login_name": "a", "password": "b"}
    )
    assert response.status_code == 400


class Away:
    """A database that went away while the site runs."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.real = runtime.database

    def __enter__(self) -> None:
        url = (
            "sqlite:////nowhere/at/all.db"
            if self.real.is_sqlite
            else "postgresql+psycopg://lms@127.0.0.1:1/away"
        )
        self.runtime.database = Database(url)

    def __exit__(self, *_: object) -> None:
        self.runtime.database = self.real


def test_without_its_store_the_site_says_busy_on_every_kind_of_page(
    runtime: Runtime, people: People, signed_in: Callable[[KnownPerson], Browser]
) -> None:
    """Even the page that says so must not ask the store who is signed in."""
    browser = signed_in(people.staff(Role.ADMINISTRATOR))
    with Away(runtime):
        for path in ("/account/profile", "/desk/staff", "/healthz", "/"):
            response = browser.get(path)
            assert response.status_code == 503, path
            assert response.headers["Retry-After"]
            assert "<h1" in response.text
            assert "服务繁忙" in response.text
        response = browser.post("/desk/staff", {"name": "x"})
        assert response.status_code == 503
        response = browser.get("/account/profile", headers={"Accept": "application/json"})
        assert (response.status_code, response.mimetype) == (503, "application/problem+json")
    assert browser.get("/account/profile").status_code == 200, (
        "it works again without a restart or a new sign-in"
    )


def test_when_even_the_error_page_fails_a_bare_one_is_sent(
    browser: Browser, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> dict[str, object]:
        raise ValueError

    monkeypatch.setitem(app.template_context_processors, None, [broken])
    response = browser.get("/no/such/page")
    assert response.status_code == 404
    assert "404" in response.text


def test_every_reply_carries_the_guards(
    browser: Browser, people: People, signed_in: Callable[[KnownPerson], Browser]
) -> None:
    inside = signed_in(people.trainee())
    documents = [
        browser.get("/sign-in"), browser.get("/no/such"), browser.get("/trouble/ours"),
        inside.get("/account/profile"), inside.get("/account/photo"), browser.get("/account/profile"),
    ]  # fmt: skip
    data = browser.get("/healthz")
    for reply in documents:
        assert reply.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
        assert reply.headers["Referrer-Policy"] == "same-origin"
    assert data.mimetype == "application/json"
    assert "Content-Security-Policy" not in data.headers, "nothing in data runs"
    for reply in (*documents, data):
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert reply.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert reply.headers["Cache-Control"] == "no-store"
    assert "unsafe" not in CONTENT_SECURITY_POLICY


def test_the_cookie_is_for_this_site_and_no_script(browser: Browser) -> None:
    cookie = browser.get("/sign-in").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_behind_https_the_cookie_is_bound_to_the_host(site: Site) -> None:
    site.settings = site.settings.model_copy(update={"base_url": "https://localhost"})
    browser = Browser(site.app())
    reply = browser.get("/sign-in", base_url="https://localhost")
    assert reply.headers["Set-Cookie"].startswith("__Host-lms=")
    assert "Secure" in reply.headers["Set-Cookie"]
    assert reply.headers["Strict-Transport-Security"].startswith("max-age=31536000")


def test_readiness_tells_the_state_of_redis_without_needing_it(browser: Browser) -> None:
    response = browser.get("/readyz")
    assert response.status_code == 200
    assert response.json == {"database": True, "redis": False, "waiting_jobs": 0}
