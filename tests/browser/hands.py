"""Two ways to use a page: with a pointer, and with the keyboard alone."""

from typing import Protocol

from playwright.sync_api import Locator, expect

MOST_TABS = 160


class Hands(Protocol):
    """What a person does to a page, whatever he does it with."""

    def press(self, target: Locator) -> None:
        """Follow a link or press a button."""

    def choose(self, target: Locator) -> None:
        """Take an option: `target` is the radio button or the checkbox itself."""


class Pointer:
    """Mouse or finger: the whole row of an option is its target."""

    def press(self, target: Locator) -> None:
        """Click it."""
        target.click()

    def choose(self, target: Locator) -> None:
        """Click the row the option stands in."""
        target.locator("xpath=ancestor::label").click()


class Keyboard:
    """Tab, Enter, Space and arrows; what cannot be reached by them, or hides its focus, fails the test."""

    def press(self, target: Locator) -> None:
        """Walk to it and press Enter."""
        self._reach(target)
        target.page.keyboard.press("Enter")

    def choose(self, target: Locator) -> None:
        """Walk to a checkbox and press Space; walk to a radio group and go through it by arrows."""
        expect(target).to_be_visible()
        if target.get_attribute("type") == "checkbox":
            self._reach(target)
            target.page.keyboard.press("Space")
            return
        name = target.get_attribute("name")
        self._walk(target, f"document.activeElement.name === {name!r}")
        keyboard = target.page.keyboard
        if not target.is_checked():
            keyboard.press("Space")
        for _ in range(10):
            if target.is_checked():
                return
            keyboard.press("ArrowDown")
        raise AssertionError(f"no arrow led to {target}")

    def _reach(self, target: Locator) -> None:
        expect(target).to_be_visible()
        handle = target.element_handle()
        self._walk(target, "document.activeElement === wanted", handle)
        # An option is drawn as a whole row: the row may wear the focus of its box.
        assert target.evaluate(
            "element => [element, element.closest('label'), element.nextElementSibling].some(one => one"
            " && (getComputedStyle(one).outlineStyle !== 'none' || getComputedStyle(one).boxShadow !== 'none'))"
        ), f"focus cannot be seen on {target}"

    def _walk(self, target: Locator, arrived: str, handle: object = None) -> None:
        page = target.page
        question = f"wanted => {arrived}"
        for _ in range(MOST_TABS):
            if page.evaluate(question, handle):
                return
            page.keyboard.press("Tab")
        raise AssertionError(f"{MOST_TABS} tabs did not lead to {target}")
