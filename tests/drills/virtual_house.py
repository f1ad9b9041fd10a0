"""The site in this process, with its real routes and rules, and a clock that is told to go on."""

from dataclasses import dataclass

from flask import Flask

from lms.app.factory import create_app
from lms.app.handlers import HANDLERS
from lms.app.house import build_runtime
from lms.core import jobs, outbox
from lms.core.clock import host_ms
from lms.core.unit_of_work import Runtime
from lms.study import queries, service
from tests.bench.rig import House
from tests.drills.tabs import session_of
from tests.support.browser import Browser
from tests.support.people import KnownPerson
from tests.support.virtual_clock import VirtualClock


@dataclass(frozen=True)
class VirtualHouse:
    """A site on the database of a rig. Nothing is patched: the clock is a part of the running house."""

    app: Flask
    runtime: Runtime
    clock: VirtualClock

    def browser(self, person: KnownPerson) -> Browser:
        """Open a browser in which a person has signed in through the form."""
        browser = Browser(self.app)
        signed_in = browser.sign_in(person.login_name, person.password)
        assert signed_in.status_code in {302, 303}, signed_in.text
        return browser

    def right_letter(self, lease: str) -> str:
        """Return the right answer to the raised check: what somebody who watched would know."""
        with self.runtime.read() as uow:
            raised = queries.open_check(uow, session_of(lease))
            assert raised is not None
            return service.question(uow, raised).right

    def do_jobs(self) -> None:
        """Do what a worker would have done since."""
        while True:
            with self.runtime.read() as uow:
                waiting = outbox.unfinished(uow.session)
            done = [jobs.perform(self.runtime, HANDLERS, job_id) for job_id in waiting]
            if not any(done):
                return

    def close(self) -> None:
        """Let go of the database."""
        self.runtime.database.dispose()


def virtual_house(house: House) -> VirtualHouse:
    """Build the application beside a rig, from the present moment on."""
    runtime, waker = build_runtime(house.settings)
    clock = VirtualClock(host_ms())
    runtime.clock = clock
    return VirtualHouse(create_app(house.settings, (runtime, waker)), runtime, clock)
