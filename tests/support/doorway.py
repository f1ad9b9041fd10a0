"""The way into the site for a real browser whose test is not about signing in."""

import re

from playwright.sync_api import BrowserContext, Page

from tests.support.people import KnownPerson

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
SEE_OTHER = 303


def walk_in(context: BrowserContext, person: KnownPerson) -> Page:
    """Sign a person in by the site's own form, and return an empty page of his: no page is drawn on the way."""
    found = _TOKEN.search(context.request.get("/sign-in").text())
    assert found is not None
    reply = context.request.post(
        "/sign-in",
        form={"csrf_token": found[1], "login_name": person.login_name, "password": person.password},
        max_redirects=0,
    )
    assert reply.status in {302, SEE_OTHER}, reply.text()
    return context.new_page()
