"""One declared transaction, opened and committed at the edge.

A view, a job or a command opens `runtime.read()` or `runtime.write()`; services compose inside it
and never commit. Events recorded inside become outbox rows of the same transaction; the wake-up
leaves after the commit.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from lms.core import outbox
from lms.core.clock import Clock
from lms.core.database import Database, is_duplicate, is_trouble
from lms.core.errors import busy, stale
from lms.core.events import Event
from lms.core.identifiers import new_id
from lms.core.journal import Journal
from lms.core.page_turns import PageTurns
from lms.core.recent import Recent
from lms.core.settings import Settings
from lms.core.storage import Storage
from lms.core.turnstile import Turnstile
from lms.core.vault import Vault


@dataclass(frozen=True, slots=True)
class Reaction:
    """A job that follows an event. `key` names what the job is for, so that it is queued once.

    A `long` one may take hours: it has a lane and a worker of its own.
    """

    job: str
    key: Callable[[Event], str] | None = None
    long: bool = False


Reactions = Mapping[type[Event], tuple[Reaction, ...]]


@dataclass(slots=True)
class UnitOfWork:
    """What a service needs: the session, the moment, the vault, the store, and a place for events."""

    session: Session
    now: datetime
    """The arrival time of the request; every rule in this unit of work judges by it."""
    vault: Vault
    storage: Storage
    settings: Settings
    reactions: Reactions
    queued: list[str] = field(default_factory=list)

    def record(self, event: Event) -> None:
        """Write the jobs that react to an event into the outbox, in this same transaction."""
        for reaction in self.reactions.get(type(event), ()):
            key = f"{reaction.job}:{reaction.key(event) if reaction.key else new_id()}"
            job_id = outbox.put(
                self.session, reaction.job, key, event.payload(), self.now, long=reaction.long
            )
            if job_id:
                self.queued.append(job_id)


class Runtime:
    """The running house without any web framework: web, worker, scheduler and commands share it."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        clock: Clock,
        vault: Vault,
        storage: Storage,
        reactions: Reactions,
        wake: Callable[[list[str]], None],
    ) -> None:
        self.settings = settings
        self.database = database
        self.clock = clock
        self.vault = vault
        self.storage = storage
        self.journal = Journal(database)
        self.recent = Recent()
        self.pages = PageTurns()
        # A hash needs no interpreter: whoever waits for one, or makes one, keeps no page from being worked at.
        self.hashing = Turnstile(settings.hashes_at_once, settings.hashes_waiting, self.pages.leave)
        self._reactions = reactions
        self._wake = wake

    def waking(self, wake: Callable[[list[str]], None]) -> "Runtime":
        """Return the same house with its wake-ups sent elsewhere: for a command that does its jobs by itself."""
        return Runtime(
            self.settings, self.database, self.clock, self.vault, self.storage, self._reactions, wake
        )

    def close(self) -> None:
        """Let go of every connection; nothing is lost, and whoever asks again opens others."""
        self.journal.close()
        self.database.dispose()

    @property
    def root(self) -> Path:
        """The folder of this installation's own files."""
        return self.settings.instance_dir

    @contextmanager
    def read(self, now: datetime | None = None) -> Iterator[UnitOfWork]:
        """Open a transaction that only reads; a write inside fails at once.

        Raises Busy when the store does not answer.
        """
        with (
            Session(self.database.reading, expire_on_commit=False, autoflush=False) as session,
            _store_trouble_as_refusal(reading=True),
        ):
            yield self._unit(session, now)
            session.expunge_all()  # rows read here stay readable after the transaction
            session.rollback()

    @contextmanager
    def write(self, now: datetime | None = None) -> Iterator[UnitOfWork]:
        """Open a transaction that writes, commit it at the end, then send the wake-ups.

        Raises Busy when the store cannot take the write, and the refusal `stale` when a unique
        constraint turned it down because somebody else was faster; nothing is kept then.
        """
        with (
            self.database.turn_to_write(),
            Session(self.database.writing, expire_on_commit=False) as session,
            _store_trouble_as_refusal(),
        ):
            if self.database.is_sqlite:
                session.connection()  # BEGIN IMMEDIATE now, not at the first statement
            unit = self._unit(session, now)
            yield unit
            session.commit()
        if unit.queued:
            self._wake(unit.queued)

    def _unit(self, session: Session, now: datetime | None) -> UnitOfWork:
        return UnitOfWork(
            session, now or self.clock.now(), self.vault, self.storage, self.settings, self._reactions
        )


@contextmanager
def _store_trouble_as_refusal(*, reading: bool = False) -> Iterator[None]:
    try:
        yield
    except PoolTimeout as error:
        raise busy() from error
    except DBAPIError as error:
        if is_trouble(error, reading=reading):
            raise busy() from error
        if is_duplicate(error):
            raise stale() from error
        raise
