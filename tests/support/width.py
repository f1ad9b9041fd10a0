"""Whether a page fits its window."""

from playwright.sync_api import Page

_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"


def is_too_wide(page: Page) -> bool:
    """Tell whether the page scrolls sideways as a whole, once it has come: before, it may have no root to measure."""
    page.wait_for_load_state()
    return bool(page.evaluate(_WIDE))
