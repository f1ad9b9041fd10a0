"""The way back in: by mail or by a handed link, once, and not for long."""

import re
from email import message_from_bytes, policy
from pathlib import Path
from typing import Self

import pytest
from flask import Flask
from sqlalchemy import select

from lms.accounts import service
from lms.accounts.models import RecoveryToken
from lms.accounts.policy import HANDED_RECOVERY_LIFETIME, RECOVERY_LIFETIME, Role
from lms.accounts.policy.limits import RECOVERY_OF_ACCOUNT, RECOVERY_OF_ADDRESS, SIGN_IN_OF_ACCOUNT
from lms.core.errors import Refusal
from lms.core.outbox import OutboxJob
from lms.core.settings import Settings
from lms.core.unit_of_work import Runtime
from lms.notices import mail
from tests.support.browser import Browser
from tests.support.people import PASSWORD, People
from tests.support.site import ClockControl, Site

LINK = re.compile(r"http://localhost(/recover/[\w-]+)")


def mails(site: Site) -> list[str]:
    folder = site.settings.instance_dir / "mail"
    return [
        str(message_from_bytes(file.read_bytes(), policy=policy.default).get_content())
        for file in sorted(folder.glob("*.eml"))
    ]


def asked(app: Flask, name: str) -> str:
    browser = Browser(app)
    browser.get("/recover")
    response = browser.post("/recover", {"login_name": name})
    assert response.status_code == 200
    return response.text.replace(browser._token, "TOKEN")


def mailed_link(site: Site) -> str:
    site.run_jobs()
    found = LINK.search(mails(site)[-1])
    assert found
    return found[1]


def redeem(app: Flask, link: str, password: str = "a new horse") -> int:
    browser = Browser(app)
    browser.get(link)
    return browser.post(link, {"password": password}).status_code


def test_a_mailed_link_sets_a_new_password_once_and_ends_every_session(
    site: Site, app: Flask, people: People
) -> None:
    person = people.trainee()
    inside = Browser(app)
    inside.sign_in(person.login_name, PASSWORD)
    asked(app, person.login_name)
    link = mailed_link(site)
    assert Browser(app).get(link).status_code == 200
    assert redeem(app, link) == 302
    assert inside.get("/account/profile").status_code == 302
    assert Browser(app).sign_in(person.login_name, PASSWORD).status_code == 422
    assert Browser(app).sign_in(person.login_name, "a new horse").status_code == 302
    spent = Browser(app).get(link)
    assert spent.status_code == 410
    assert "重新申请" in spent.text
    assert redeem(app, link, "a third horse") == 410


def test_the_mail_says_who_and_how_long_and_names_no_number(site: Site, app: Flask, people: People) -> None:
    person = people.trainee()
    asked(app, person.login_name)
    site.run_jobs()
    text = mails(site)[0]
    assert text.startswith(f"{person.name}，您好")
    assert "30 分钟" in text
    assert person.login_name not in text


def test_the_answer_is_the_same_for_a_name_that_nobody_has(site: Site, app: Flask, people: People) -> None:
    known = asked(app, people.trainee().login_name)
    without_mail = asked(app, people.staff(Role.REVIEWER).login_name)
    assert known == asked(app, "nobody") == without_mail
    site.run_jobs()
    assert len(mails(site)) == 2


def test_a_barred_person_gets_no_mail(site: Site, app: Flask, people: People, runtime: Runtime) -> None:
    person = people.trainee()
    with runtime.write() as uow:
        service.disable_person(uow, people.operator, person.id)
    asked(app, person.login_name)
    site.run_jobs()
    assert mails(site) == []


def test_a_link_runs_out(site: Site, app: Flask, people: People, clock: ClockControl) -> None:
    asked(app, people.trainee().login_name)
    link = mailed_link(site)
    clock.advance(RECOVERY_LIFETIME.total_seconds() - 5)
    assert Browser(app).get(link).status_code == 200
    clock.advance(6)
    assert Browser(app).get(link).status_code == 410
    assert redeem(app, link) == 410


def test_a_link_opened_before_and_sent_after_its_end_changes_nothing(
    site: Site, app: Flask, people: People, clock: ClockControl
) -> None:
    person = people.trainee()
    asked(app, person.login_name)
    link = mailed_link(site)
    browser = Browser(app)
    browser.get(link)
    clock.advance(RECOVERY_LIFETIME.total_seconds() + 1)
    assert browser.post(link, {"password": "a new horse"}).status_code == 410
    assert Browser(app).sign_in(person.login_name, PASSWORD).status_code == 302


@pytest.mark.parametrize(
    ("password", "words"), [("short", "密码为 8 至"), ("", "请填写"), ("12345678", "常见密码")]
)
def test_a_weak_password_does_not_spend_the_link(
    site: Site, app: Flask, people: People, password: str, words: str
) -> None:
    asked(app, people.trainee().login_name)
    link = mailed_link(site)
    browser = Browser(app)
    browser.get(link)
    response = browser.post(link, {"password": password})
    assert response.status_code == 422
    assert words in response.text
    assert redeem(app, link) == 302


def test_the_login_name_is_no_new_password(site: Site, app: Flask, people: People) -> None:
    person = people.trainee()
    asked(app, person.login_name)
    assert redeem(app, mailed_link(site), person.login_name) == 422


def test_asking_without_end_is_limited_and_says_when_it_goes_on(
    app: Flask, people: People, clock: ClockControl
) -> None:
    person = people.trainee()
    browser = Browser(app)
    browser.get("/recover")
    replies = [browser.post("/recover", {"login_name": person.login_name}) for _ in range(7)]
    assert [reply.status_code for reply in replies] == [200] * 5 + [429] * 2
    assert "请先查看邮箱" in replies[-1].text
    assert "请在 09:31 以后再申请" in replies[-1].text
    assert "登录失败" not in replies[-1].text, "asking is no failed sign-in"
    clock.advance(RECOVERY_OF_ACCOUNT.window.total_seconds() + 1)
    assert browser.post("/recover", {"login_name": person.login_name}).status_code == 200


def test_asking_for_many_names_from_one_address_is_limited(people: People, runtime: Runtime) -> None:
    taken = 0
    with runtime.write() as uow:
        for number in range(2 * RECOVERY_OF_ADDRESS.tries):
            try:
                service.take_recovery_try(uow, f"nobody{number}", "10.0.0.1")
            except Refusal:
                continue
            taken += 1
        service.take_recovery_try(uow, "somebody", "10.0.0.2")
    assert taken == RECOVERY_OF_ADDRESS.tries


def test_asking_and_signing_in_do_not_count_against_each_other(
    site: Site, app: Flask, people: People
) -> None:
    """Somebody who asked a few times and mistyped a few times is not locked out (the promise is of failures)."""
    person = people.trainee()
    for _ in range(RECOVERY_OF_ACCOUNT.tries):
        asked(app, person.login_name)
    browser = Browser(app)
    browser.get("/sign-in")
    for number in range(SIGN_IN_OF_ACCOUNT.tries - 1):
        reply = browser.post("/sign-in", {"login_name": person.login_name, "password": f"wrong {number}"})
        assert reply.status_code == 422
    assert browser.sign_in(person.login_name, PASSWORD).status_code == 302


def test_the_way_back_in_is_open_while_the_door_is_closed_and_opens_it(
    site: Site, app: Flask, people: People
) -> None:
    person = people.trainee()
    browser = Browser(app)
    browser.get("/sign-in")
    for number in range(SIGN_IN_OF_ACCOUNT.tries):
        browser.post("/sign-in", {"login_name": person.login_name, "password": f"wrong {number}"})
    assert browser.sign_in(person.login_name, PASSWORD).status_code == 429
    asked(app, person.login_name)
    assert redeem(app, mailed_link(site)) == 302
    assert browser.sign_in(person.login_name, "a new horse").status_code == 302


def test_the_page_of_the_way_back_leads_to_the_sign_in(browser: Browser) -> None:
    page = browser.get("/recover").text
    assert 'href="/sign-in"' in page
    assert "返回登录" in page


def test_a_mail_for_a_spent_link_is_not_sent(
    site: Site, app: Flask, people: People, runtime: Runtime
) -> None:
    asked(app, people.trainee().login_name)
    with runtime.write() as uow:
        uow.session.scalars(select(RecoveryToken)).one().used_at = uow.now
    site.run_jobs()
    assert mails(site) == []


def test_the_token_is_in_no_table_in_the_clear(
    site: Site, app: Flask, people: People, runtime: Runtime
) -> None:
    asked(app, people.trainee().login_name)
    token = mailed_link(site).rpartition("/")[2]
    with runtime.read() as uow:
        assert token not in uow.session.scalars(select(OutboxJob.payload)).one()
        assert token not in uow.session.scalars(select(RecoveryToken.token_hash)).one()


def test_a_handed_link_lives_for_a_day(app: Flask, people: People, clock: ClockControl) -> None:
    boss = Browser(app)
    admin, person = people.staff(Role.ADMINISTRATOR), people.staff(Role.REVIEWER)
    boss.sign_in(admin.login_name, PASSWORD)
    page = boss.post(f"/desk/people/{person.id}", {"reason": "核对过身份"})
    assert page.status_code == 200
    found = LINK.search(page.text)
    assert found
    clock.advance(HANDED_RECOVERY_LIFETIME.total_seconds() - 60)
    assert redeem(app, found[1]) == 302
    assert redeem(app, found[1]) == 410
    assert Browser(app).sign_in(person.login_name, "a new horse").status_code == 302


class Post:
    """A mail server that remembers."""

    said: list[tuple[str, object]]

    def __init__(self, host: str, port: int, timeout: int) -> None:
        Post.said = [("to", (host, port, timeout > 0))]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        Post.said.append(("bye", None))

    def starttls(self) -> None:
        Post.said.append(("tls", None))

    def login(self, name: str, password: str) -> None:
        Post.said.append(("login", (name, password)))

    def send_message(self, message: object) -> None:
        Post.said.append(("mail", message["To"]))  # type: ignore[index]


@pytest.mark.parametrize(
    ("url", "steps"),
    [
        ("smtp://mail.example.test:25", ["to", "mail", "bye"]),
        ("smtp://post%40x:p%3Aw@mail.example.test:587", ["to", "tls", "login", "mail", "bye"]),
        ("smtps://post:pw@mail.example.test:465", ["to", "login", "mail", "bye"]),
    ],
)
def test_a_mail_server_gets_name_and_password_only_under_tls(
    url: str, steps: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail.smtplib, "SMTP", Post)
    monkeypatch.setattr(mail.smtplib, "SMTP_SSL", Post)
    mail.send_mail(Settings(mail_url=url, instance_dir=tmp_path), "a@example.test", "标题", "正文")
    assert [step for step, _ in Post.said] == steps
    if "%40" in url:
        assert ("login", ("post@x", "p:w")) in Post.said


def test_a_line_break_in_an_address_cannot_add_a_header(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="linefeed"):
        mail.send_mail(Settings(instance_dir=tmp_path), "a@example.test\nBcc: b@example.test", "标题", "正文")
    assert not list(tmp_path.rglob("*.eml"))
