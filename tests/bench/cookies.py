"""The cookie that signing in would have set, for people whose session was opened by the service."""

from collections.abc import Callable

from flask.sessions import SecureCookieSessionInterface

from lms.app.factory import create_app
from tests.bench.rig import House


def cookie_maker(house: House) -> Callable[[str], tuple[str, str]]:
    """Return what makes name and value of a cookie from the token of a login session."""
    app = create_app(house.settings)
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert signer is not None
    name = str(app.config["SESSION_COOKIE_NAME"])

    def cookie(token: str) -> tuple[str, str]:
        value = signer.dumps({"_user_id": token, "_fresh": True})
        return name, value if isinstance(value, str) else value.decode()

    return cookie
