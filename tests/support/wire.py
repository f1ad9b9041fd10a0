"""The way from a page to the house, where a test may cut it or let something in between answer."""

from collections.abc import Callable

from playwright.sync_api import Page, Route


class Wire:
    """Carries what a page asks for at some addresses, until a test says otherwise.

    To be laid before the page is loaded. What a loaded page sends in the moment after a route was laid
    passes it by when the page is busy: Chromium tells the page of it behind the key that is pressed next.
    """

    def __init__(self, page: Page, addresses: str) -> None:
        self._instead: Callable[[Route], object] = Route.continue_
        page.route(addresses, self._carry)

    def cut(self) -> None:
        """Let nothing through."""
        self._instead = Route.abort

    def answer(self, instead: Callable[[Route], object]) -> None:
        """Let something in between answer."""
        self._instead = instead

    def mend(self) -> None:
        """Carry everything again."""
        self._instead = Route.continue_

    def _carry(self, route: Route) -> None:
        self._instead(route)
