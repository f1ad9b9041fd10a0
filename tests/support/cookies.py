"""The cookie of a login session as signing in would have set it, and the token of a page opened with it."""

import secrets

from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer

from lms.app.factory import create_app
from lms.core.settings import Settings

CSRF_SALT = "wtf-csrf-token"


class SignedCookies:
    """Signs with the keys of a site: for crowds that do not all type their password."""

    def __init__(self, settings: Settings) -> None:
        app = create_app(settings)
        signer = SecureCookieSessionInterface().get_signing_serializer(app)
        assert signer is not None
        self._signer = signer
        self._name = app.config["SESSION_COOKIE_NAME"]
        self._tokens = URLSafeTimedSerializer(app.secret_key, salt=CSRF_SALT)

    def headers(self, token: str) -> dict[str, str]:
        """Return what a page of this login session sends with each request."""
        mark = secrets.token_hex(20)
        cookie = self._signer.dumps({"_user_id": token, "_fresh": True, "csrf_token": mark})
        return {"Cookie": f"{self._name}={cookie}", "X-CSRFToken": self._tokens.dumps(mark)}
