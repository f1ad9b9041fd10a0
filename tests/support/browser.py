"""A browser without a window: keeps cookies, sends the form's own token, follows links."""

import re
import secrets
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from tests.support.cookies import CSRF_SALT

_TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"|name="csrf_token"[^>]*value="([^"]+)"')


class Browser:
    """One person's browser. Every call goes through HTTP routing, sessions and CSRF as in real life."""

    def __init__(self, app: Flask) -> None:
        self.client: FlaskClient = app.test_client()
        self._token = ""

    def get(self, url: str, **options: Any) -> TestResponse:
        """Open a page and remember its form token."""
        response = self.client.get(url, **options)
        if response.mimetype == "text/html":
            self._remember(response.text)
        return response

    def post(self, url: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        """Send a form with the token of the last page."""
        if not self._token:
            self.get("/sign-in")
        response = self.client.post(url, data={"csrf_token": self._token, **(data or {})}, **options)
        if response.mimetype == "text/html":
            self._remember(response.text)
        return response

    def post_json(self, url: str, body: Any, **options: Any) -> TestResponse:
        """Send JSON as a page's script does."""
        return self.client.post(url, json=body, headers={"X-CSRFToken": self._token}, **options)

    def sign_in(self, login_name: str, password: str) -> TestResponse:
        """Sign in through the form; the token of the new session is fetched afterwards."""
        self.get("/sign-in")
        response = self.post("/sign-in", {"login_name": login_name, "password": password})
        if response.status_code in {302, 303}:
            self.get("/account/security")
        return response

    def come_back(self, token: str) -> None:
        """Go on in a login session that was opened before: signing in again draws three pages to no purpose."""
        mark = secrets.token_hex(20)
        with self.client.session_transaction() as kept:
            kept.update(_user_id=token, _fresh=True, csrf_token=mark)
        self._token = URLSafeTimedSerializer(str(self.client.application.secret_key), salt=CSRF_SALT).dumps(
            mark
        )

    def _remember(self, page: str) -> None:
        found = _TOKEN.search(page)
        if found:
            self._token = found.group(1) or found.group(2)
