"""The house while the demo fills it: every act at its stated moment, every job done as it is asked for."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property

from lms.accounts import service as accounts
from lms.accounts.credentials import token_hash
from lms.accounts.queries import actor_of, live_session
from lms.core import jobs, outbox
from lms.core.actors import Actor
from lms.core.jobs import Handler
from lms.core.unit_of_work import Runtime, UnitOfWork
from lms.demo.candidate import QuestionKey, learnt
from lms.plans.policy import PLAN_ZONE, PlanFacts
from lms.questions.queries import drawing_pool

OPERATOR = Actor.system("demo")
WORKER_TAKES = timedelta(seconds=2)
"""How long after its cause a job is done."""


class JobFailed(RuntimeError):
    """A job that the demo caused did not succeed; the log says why."""


@dataclass
class DemoHouse:
    """What the stories share: the running house, the moment at which they end, and who is who."""

    runtime: Runtime
    handlers: Mapping[str, Handler]
    now: datetime
    """The moment at which the demo was begun. Everything lies before it, also when a later start goes on."""
    password_hash: str
    organisations: dict[str, str] = field(default_factory=dict)
    staff: dict[str, str] = field(default_factory=dict)
    """Person ids by login name."""
    plans: dict[str, PlanFacts] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._woken: list[str] = []
        self.runtime = self.runtime.waking(self._woken.extend)

    @cached_property
    def today(self) -> date:
        """The day on which the demo was begun."""
        return self.now.astimezone(PLAN_ZONE).date()

    @cached_property
    def learnt(self) -> dict[QuestionKey, frozenset[str]]:
        """What every candidate of the story knows; read once, after the bank was stocked."""
        with self.runtime.read() as uow:
            return learnt(item for _, item in drawing_pool(uow))

    def moment(self, day: date, at: time) -> datetime:
        """Return a time of day on a day, local time."""
        return datetime.combine(day, at, PLAN_ZONE)

    @contextmanager
    def write(self, at: datetime) -> Iterator[UnitOfWork]:
        """Open a transaction at a stated moment; after its commit the jobs it caused are done."""
        with self.runtime.write(at) as uow:
            yield uow
        if self._woken:
            self.do_jobs()

    @contextmanager
    def read(self, at: datetime) -> Iterator[UnitOfWork]:
        """Open a reading transaction at a stated moment."""
        with self.runtime.read(at) as uow:
            yield uow

    def do_jobs(self) -> None:
        """Do every waiting job shortly after it was asked for. Raises JobFailed when one does not succeed."""
        tried: set[str] = set()
        while True:
            with self.runtime.read() as uow:
                waiting = outbox.claimable(uow.session)
            if not waiting:
                self._woken.clear()
                return
            for job_id, since in waiting:
                if job_id in tried:
                    raise JobFailed(job_id)
                tried.add(job_id)
                jobs.perform(self.runtime, self.handlers, job_id, since + WORKER_TAKES)

    def member(self, uow: UnitOfWork, login_name: str) -> Actor:
        """Return a member of staff as the one who acts."""
        return actor_of(uow, self.staff[login_name])


def sign_in(uow: UnitOfWork, person_id: str) -> Actor:
    """Open a login session and return the person who acts in it."""
    session = live_session(uow, token_hash(accounts.open_session(uow, person_id)))
    return actor_of(uow, person_id, session.id if session else None)
