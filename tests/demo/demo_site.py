"""A site with the demo in it, and a way to die while it is loaded."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lms.app.handlers import HANDLERS
from lms.core.jobs import Handler
from lms.core.unit_of_work import Runtime
from lms.demo.load import load_demo
from lms.demo.logins import DEMO_PASSWORD, DemoLogin
from tests.support.browser import Browser
from tests.support.site import Site


class CutOff(BaseException):
    """The process dies in the middle of a job."""


@dataclass
class DemoSite:
    """A site with the demo in it, what was said while it was loaded, and how often it was cut off."""

    site: Site
    clips: list[tuple[str, str, Path]]
    told: list[str] = field(default_factory=list)
    cuts: int = 0

    @property
    def runtime(self) -> Runtime:
        return self.site.runtime

    def load(self, handlers: dict[str, Handler] | None = None) -> list[DemoLogin]:
        return load_demo(self.runtime, handlers or dict(HANDLERS), lambda _tell: self.clips, self.told.append)

    def load_until(self, job: str, count: int) -> None:
        """Load, and die when this job is done for the so-manieth time."""
        done = 0

        def dying(runtime: Runtime, **payload: Any) -> None:
            nonlocal done
            done += 1
            if done == count:
                raise CutOff
            HANDLERS[job](runtime, **payload)

        try:
            self.load({**HANDLERS, job: dying})
        except CutOff:
            self.cuts += 1

    def browser(self, login_name: str) -> Browser:
        """A browser in which somebody has signed in."""
        browser = Browser(self.site.app())
        response = browser.sign_in(login_name, DEMO_PASSWORD)
        assert response.status_code in {302, 303}, response.text
        return browser
