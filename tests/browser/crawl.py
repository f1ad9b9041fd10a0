"""Finding the pages of a site as one person sees them: by following its links, each kind of page once."""

import re
from collections import deque
from collections.abc import Container, Iterator
from urllib.parse import urldefrag, urlsplit

from tests.browser.conftest import Window

MOST_PAGES = 80
_IDENTIFIER = re.compile(r"(?<=/)(?=[^/]*\d)[0-9A-Za-z._~:-]{12,}(?=/|$)")
_LEADS_OUT = ("/static/", "/sign-out", "/healthz")


def kind_of(address: str) -> str:
    """Return the path of an address with its identifiers masked: two plans are one kind of page."""
    return _IDENTIFIER.sub("*", urlsplit(address).path)


def pages(
    own: Window, start: str, known_pages: set[str] | None = None, passed_by: Container[str] = ()
) -> Iterator[str]:
    """Open every kind of page that links lead to from an address; yield each while it is open.

    `known_pages` collects the kinds that are pages and no files, so that the next person's walk need not ask first.
    Kinds in `passed_by` are not opened, but for the first page.
    """
    are_pages = set() if known_pages is None else known_pages
    waiting = deque([start])
    known = {kind_of(start)}
    for _ in range(MOST_PAGES):
        if not waiting:
            return
        address = waiting.popleft()
        kind = kind_of(address)
        if kind in passed_by and address != start:
            continue
        if kind not in are_pages and not _is_page(own, address):
            continue
        are_pages.add(kind)
        reply = own.page.goto(address)
        if reply is not None and not reply.ok:
            _complain(own, reply.status, address)
            continue
        yield address
        for found in own.page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)"):
            link = urldefrag(found).url
            kind = kind_of(link)
            is_ours = link.startswith(own.site.url) and not kind.startswith(_LEADS_OUT)
            if is_ours and kind not in known:
                known.add(kind)
                waiting.append(link)
    raise AssertionError(f"more than {MOST_PAGES} kinds of pages; the last was {address}")


def _is_page(own: Window, address: str) -> bool:
    reply = own.context.request.get(address)
    if not reply.ok:
        _complain(own, reply.status, address)
        return False
    return (
        reply.headers.get("content-type", "").startswith("text/html")
        and "content-disposition" not in reply.headers
    )


def _complain(own: Window, status: int, address: str) -> None:
    own.complaints.append(f"{own.page.url}: a link leads to {status} at {address}")
