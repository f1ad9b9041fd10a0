"""The page a trainee sees first: `GET /home`, signed in, with a session looked up in the database each time."""

from collections.abc import Sequence
from typing import Any

from flask.sessions import SecureCookieSessionInterface

from lms.app.factory import create_app
from tests.bench.rig import House
from tests.bench.wrk import Load, Seat
from tests.support.crowd import Crowd

PEOPLE = 32


class HomePage:
    """`GET /home` of people whose application was approved and whose study is under way."""

    script = "page"
    path = "/home"

    def __init__(self, house: House) -> None:
        crowd = Crowd(house.runtime, PEOPLE, sits=False)
        crowd.open_study()
        app = create_app(house.settings)
        signer = SecureCookieSessionInterface().get_signing_serializer(app)
        assert signer is not None
        name = app.config["SESSION_COOKIE_NAME"]
        self._cookies = [
            f"{name}={signer.dumps({'_user_id': member.token, '_fresh': True})}" for member in crowd.members
        ]

    def seats(self) -> Sequence[Seat]:
        """Return everybody's cookie, as signing in would have set it."""
        return [{"cookie": cookie} for cookie in self._cookies]

    def lost(self, load: Load) -> int:
        """Nothing is written."""
        return 0

    def notes(self) -> dict[str, Any]:
        """Nothing more."""
        return {}
