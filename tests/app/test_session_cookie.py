"""The cookie of a login: read whenever it was signed, never when it was forged."""

import time
from http import HTTPStatus

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import TimestampSigner

from lms.accounts import service as accounts
from lms.core.unit_of_work import Runtime
from tests.support.people import People

DAY = 86_400


def cookie(app: Flask, token: str, seconds: int) -> str:
    """Sign a cookie as a host does whose clock is wrong by so much."""

    class Elsewhere(TimestampSigner):
        def get_timestamp(self) -> int:
            return int(time.time()) + seconds

    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert serializer is not None
    serializer.signer = Elsewhere
    return str(serializer.dumps({"_user_id": token, "_fresh": True}))


@pytest.mark.parametrize("seconds", [0, 1, 600, -600, -40 * DAY])
def test_a_login_made_at_a_host_with_another_clock_is_one_here(
    app: Flask, runtime: Runtime, people: People, seconds: int
) -> None:
    person = people.trainee()
    with runtime.write() as uow:
        token = accounts.open_session(uow, person.id)
    client = app.test_client()
    client.set_cookie(app.config["SESSION_COOKIE_NAME"], cookie(app, token, seconds))
    assert client.get("/home").status_code == HTTPStatus.OK


def test_a_forged_cookie_opens_nothing(app: Flask, runtime: Runtime, people: People) -> None:
    person = people.trainee()
    with runtime.write() as uow:
        token = accounts.open_session(uow, person.id)
    good = cookie(app, token, 0)
    body, _, signature = good.rpartition(".")
    for forged in (f"{body}.{signature[::-1]}", f"x{good}", "x", body):
        client = app.test_client()
        client.set_cookie(app.config["SESSION_COOKIE_NAME"], forged)
        assert client.get("/home").status_code != HTTPStatus.OK


def test_a_session_that_has_ended_ends_whatever_the_cookie_says(
    app: Flask, runtime: Runtime, people: People
) -> None:
    person = people.trainee()
    with runtime.write() as uow:
        token = accounts.open_session(uow, person.id)
        accounts.end_other_sessions(uow, person.id, "test")
    client = app.test_client()
    client.set_cookie(app.config["SESSION_COOKIE_NAME"], cookie(app, token, 600))
    assert client.get("/home").status_code != HTTPStatus.OK
