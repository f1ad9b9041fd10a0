"""Whatever is sent, the answer is a refusal in plain words: never a failure of ours (fault J4)."""

import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import select

from lms.accounts.models import Person
from lms.accounts.policy import Role, limits
from lms.app.factory import MAX_BODY_BYTES
from lms.core.unit_of_work import Runtime
from tests.support.browser import Browser
from tests.support.people import KnownPerson, People
from tests.support.site import ClockControl

HOSTILE = {
    "nul": "a\0b", "only nul": "\0", "replacement": "\ufffd", "huge number": "9" * 40, "minus huge": "-" + "9" * 40,
    "endless number": "1" * 6000, "not a number": "NaN", "sql": "' OR 1=1; DROP TABLE person; --",
    "template": "{{7*7}}${7*7}<%= 7*7 %>", "script": "<script>alert(1)</script>", "path": "../../../../etc/passwd",
    "long": "长" * 20_000, "right to left": "\u202e\u2066x", "empty": "", "spaces": " \t\n", "percent": "%s%d%(x)s%",
}  # fmt: skip


def plain_words(text: str) -> bool:
    return "<h1" in text and "Traceback" not in text


def test_hostile_values_in_the_gate_are_refused(browser: Browser, clock: ClockControl) -> None:
    forms = {
        "/sign-in": ("login_name", "password"),
        "/register": ("name", "mobile", "email", "password", "purpose"),
        "/recover": ("login_name",),
    }
    for kind, value in HOSTILE.items():
        clock.advance(400)  # past the window of failed tries
        for url, names in forms.items():
            browser.get(url)
            response = browser.post(url, dict.fromkeys(names, value))
            wanted = {200, 422} if url == "/recover" else {400, 413, 422}
            assert response.status_code in wanted | ({400} if "\0" in value else set()), (url, kind)
        token = value.replace("\n", "").replace("/", "") + "x"
        assert browser.get(f"/recover/{token}").status_code in {400, 404, 410}, kind


def test_hostile_values_in_queries_are_refused_or_ignored(
    people: People, signed_in: Callable[[KnownPerson], Browser]
) -> None:
    browser = signed_in(people.staff(Role.AUDITOR))
    for kind, value in HOSTILE.items():
        for name in ("page", "tag", "subject", "unknown"):
            response = browser.get("/desk/audit", query_string={name: value})
            assert response.status_code == (400 if "\0" in value else 200), (name, kind)


def test_no_number_of_a_page_breaks_a_list(
    people: People, signed_in: Callable[[KnownPerson], Browser]
) -> None:
    pages = {
        Role.AUDITOR: (
            "/desk/audit", "/exam/desk/attempts", "/desk/classes/", "/desk/study/appeals", "/desk/study/findings/",
        ),
        Role.REGISTRAR: ("/desk/registry", "/desk/registry/changes"),
        Role.INSTITUTION_OFFICER: ("/desk/roster", "/desk/reviews/done"),
        Role.EXAM_ADMIN: ("/desk/plans",),
    }  # fmt: skip
    for role, urls in pages.items():
        browser = signed_in(people.staff(role))
        for url in urls:
            assert browser.get(url).status_code == 200, url
            for kind in ("endless number", "huge number", "minus huge", "not a number"):
                assert browser.get(url, query_string={"page": HOSTILE[kind]}).status_code == 200, (url, kind)


def test_hostile_values_in_the_profile_are_refused_at_their_field(
    people: People, signed_in: Callable[[KnownPerson], Browser]
) -> None:
    browser = signed_in(people.trainee(profile=False))
    names = ("name", "id_number", "education", "mobile", "email", "postcode", "exam_region", "candidate_category",
             "address", "employer_id", "employed_since", "identity_flag")  # fmt: skip
    browser.get("/account/profile")
    for kind, value in HOSTILE.items():
        response = browser.post("/account/profile", dict.fromkeys(names, value))
        assert response.status_code == (400 if "\0" in value else 422), kind
        assert plain_words(response.text)


def test_hostile_values_in_staff_forms_are_refused(
    people: People, signed_in: Callable[[KnownPerson], Browser]
) -> None:
    browser = signed_in(people.staff(Role.ADMINISTRATOR))
    for kind, value in HOSTILE.items():
        for url, names in {
            "/desk/organisations": ("kind", "parent_id", "name", "code"),
            "/desk/staff": ("name", "login_name", "email", "role", "organisation_id"),
        }.items():
            assert browser.post(url, dict.fromkeys(names, value)).status_code in {400, 422}, (url, kind)
        if len(value) > 10_000:
            continue  # no server hands on an address of that length
        for url in ("/desk/staff/{}", "/desk/staff/{}/disable", "/desk/grants/{}/revoke"):
            path = url.format(quote(value.replace("/", ""), safe="") or "x")
            assert browser.post(path).status_code in {400, 404, 405, 308}, path


def test_a_nul_hidden_in_a_good_form_is_refused_and_nothing_is_kept(
    browser: Browser, runtime: Runtime
) -> None:
    browser.get("/register")
    response = browser.post(
        "/register",
        {
            "name": "林\0书禾",
            "mobile": "13900000001",
            "email": "a@example.com",
            "password": "correct horse",
            "purpose": "y",
        },
    )
    assert response.status_code == 400
    assert "无法识别的字符" in response.text
    with runtime.read() as uow:
        assert uow.session.scalars(select(Person)).all() == []


@pytest.mark.parametrize("body", ['{"a": "\\u0000"}', '["\\u0000"]', '{"\\u0000": 1}'])
def test_a_nul_in_json_is_refused(browser: Browser, body: str) -> None:
    response = browser.client.post("/api/v1/anything", data=body, content_type="application/json")
    assert response.status_code == 400
    assert response.mimetype == "application/problem+json"
    assert response.json is not None
    assert response.json["code"] == "unreadable"


def test_a_file_name_with_a_nul_is_refused(
    people: People, signed_in: Callable[[KnownPerson], Browser]
) -> None:
    browser = signed_in(people.trainee())
    token = browser._token
    boundary = "x"
    body = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{token}\r\n--{boundary}\r\n'
        'Content-Disposition: form-data; name="photo"; filename="a\0.jpg"\r\n\r\nx\r\n'
        f"--{boundary}--\r\n"
    )
    response = browser.client.post(
        "/account/photo", data=body.encode(), content_type=f"multipart/form-data; boundary={boundary}"
    )
    assert response.status_code in {400, 422}


def test_bytes_that_are_no_text_are_refused_or_ignored(browser: Browser) -> None:
    for query in (
        "next=%ff%fe",
        "next=%00",
        "%ff=%ff",
        "next=%c0%af",
        "&&&=&=",
        "%",
        "next=%",
        "next=//[",
        "next=//%5B::1",
    ):
        response = browser.client.get("/sign-in", query_string=query)
        assert response.status_code == (400 if query == "next=%00" else 200), query


def test_odd_addresses_are_not_found(browser: Browser) -> None:
    for path in ("/%ff", "/%00", "/recover/%00", "/recover/%ff%fe", "/static/%00", "/static/..%2f..%2fwsgi.py",
                 "/static/../factory.py", "//evil.example", "/\\evil", "/desk/../../etc"):  # fmt: skip
        assert browser.client.get(path).status_code in {308, 400, 404, 410}, path


def deep(levels: int) -> str:
    return "[" * levels + "]" * levels


def hot_routes(app: Flask) -> list[str]:
    rules = app.url_map.iter_rules()
    return [
        rule.rule
        for rule in rules
        if rule.rule.startswith("/api/") and "POST" in (rule.methods or ()) and not rule.arguments
    ]


NO_OBJECT = [
    "",
    "{",
    "null",
    "7",
    '"x"',
    "[]",
    deep(100_000),
    '{"lease": ' + "9" * 5000 + "}",
    '{"lease": "\\ud800"}',
    b"\xff",
]


def test_json_that_is_no_object_is_refused_by_every_hot_route(app: Flask, browser: Browser) -> None:
    for url in hot_routes(app):
        for body in NO_OBJECT:
            response = browser.client.post(url, data=body, content_type="application/json")
            assert 400 <= response.status_code < 500, (url, body[:20])


HOSTILE_JSON = [
    "\ud800",
    "\0",
    10**30,
    -(10**30),
    1e308,
    float("nan"),
    [],
    {},
    None,
    True,
    "长" * 9000,
    [[[]]],
]
HOT_NAMES = (
    "lease",
    "seq",
    "nonce",
    "lesson_id",
    "from_ms",
    "to_ms",
    "playing",
    "visible",
    "position",
    "revision",
    "choice",
)


def test_hostile_json_values_are_refused_by_every_hot_route(app: Flask, browser: Browser) -> None:
    for url in hot_routes(app):
        for value in HOSTILE_JSON:
            body = json.dumps(dict.fromkeys(HOT_NAMES, value))
            response = browser.client.post(url, data=body, content_type="application/json")
            assert 400 <= response.status_code < 500, (url, str(value)[:20])


def test_a_body_over_the_limit_is_a_clear_413(
    people: People, signed_in: Callable[[KnownPerson], Browser]
) -> None:
    browser = signed_in(people.trainee())
    response = browser.post(
        "/account/photo", {"photo": (io.BytesIO(b"\xff\xd8\xff" + b"0" * MAX_BODY_BYTES), "a.jpg")},
        content_type="multipart/form-data",
    )  # fmt: skip
    assert response.status_code == 413
    assert "文件太大" in response.text


def test_a_form_with_thousands_of_fields_is_refused(browser: Browser) -> None:
    browser.get("/sign-in")
    response = browser.post(
        "/sign-in", {f"f{number}": "x" for number in range(3000)}, content_type="multipart/form-data"
    )
    assert response.status_code == 413


def test_one_endless_field_is_refused(browser: Browser) -> None:
    browser.get("/sign-in")
    response = browser.post(
        "/sign-in", {"login_name": "x" * (3 * 1024 * 1024)}, content_type="multipart/form-data"
    )
    assert response.status_code == 413


def every_address(app: Flask) -> Iterator[str]:
    for rule in app.url_map.iter_rules():
        path = rule.rule
        for name in rule.arguments:
            converter = rule._converters[name]
            given = "1" if type(converter).__name__ == "IntegerConverter" else "0000000000000000"
            path = re.sub(rf"<(?:[^<>]*:)?{name}>", given, path)
        yield path


def test_no_method_makes_any_address_fail(app: Flask, browser: Browser) -> None:
    for path in every_address(app):
        for method in ("HEAD", "OPTIONS", "TRACE", "PUT", "PATCH", "DELETE", "BREW"):
            response = browser.client.open(path, method=method)
            assert response.status_code < 500, (path, method)
            if method == "HEAD":
                assert response.data == b""


def test_a_head_request_is_led_to_the_sign_in_like_a_get(browser: Browser) -> None:
    response = browser.client.head("/account/profile")
    assert response.status_code == 302
    assert response.headers["Location"] == "/sign-in?next=/account/profile"


def test_a_host_that_is_not_ours_is_refused(browser: Browser) -> None:
    for host in (
        "evil.example",
        "evil.example:80",
        "localhost.evil.example",
        "127.0.0.1@evil.example",
        "[::1",
        "a" * 300,
    ):
        response = browser.client.get("/sign-in", headers={"Host": host})
        assert response.status_code == 400, host
        assert "evil" not in response.text


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Forwarded-Host", "Forwarded", "X-Real-IP"])
def test_nobody_behind_no_proxy_may_say_where_he_comes_from(
    browser: Browser, header: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else each try at a password could come from another address."""
    # A classroom's hundred tries, each with its slow hash, would take a minute; the count is the same with twelve.
    monkeypatch.setattr(limits, "SIGN_IN_OF_ADDRESS", replace(limits.SIGN_IN_OF_ADDRESS, tries=11))
    for number in range(12):
        browser.get("/sign-in")
        last = browser.post(
            "/sign-in", {"login_name": f"nobody{number}", "password": "wrong password"},
            headers={header: f"10.0.0.{number}"},
        )  # fmt: skip
    assert last.status_code == 429
