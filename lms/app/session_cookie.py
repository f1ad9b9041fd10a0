"""The cookie that names a login session. It has no age of its own: the session in the database ends by itself.

Flask's own reading of the cookie asks this host's wall clock how old it is, and takes a cookie from the future for no
cookie at all. Behind two hosts whose clocks differ, whoever signed in at the one that is ahead would be a stranger at
the other for as long as they differ, were it a second (fault P1).
"""

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from itsdangerous import BadSignature


class AgelessCookies(SecureCookieSessionInterface):
    """Reads whatever was signed with the site's key, whenever that was."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return what the cookie holds; a forged one holds nothing."""
        signer = self.get_signing_serializer(app)
        held = request.cookies.get(self.get_cookie_name(app))
        if signer is None or not held:
            return None if signer is None else self.session_class()
        try:
            return self.session_class(signer.loads(held))
        except BadSignature:
            return self.session_class()
