"""A house for one test: a fresh database of either kind, keys, a store and a clock that tests move."""

import base64
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from alembic import command
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy.engine import Dialect
from sqlalchemy.util import LRUCache

from lms.app.commands.schema import migration_config
from lms.app.factory import create_app, serve_house
from lms.app.handlers import HANDLERS
from lms.app.house import build_runtime
from lms.core import jobs, outbox
from lms.core.database import Database
from lms.core.settings import Settings
from lms.core.unit_of_work import Runtime
from tests.support.exam_stock import ExamStock
from tests.support.people import Places
from tests.support.seals import seal_dir

STATEMENTS_MAX = 5000
TEST_NOW = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
"""Every test's day begins on 21 November 2026 at nine in the morning in Shanghai."""


def test_settings(folder: Path, database_url: str) -> Settings:
    """Return settings of a test house in a folder."""
    return Settings(
        env="test",
        instance_dir=folder,
        secret_key="test-secret-key-for-tests-only-0123456789",
        field_key=base64.b64encode(b"f" * 32).decode(),
        index_key=base64.b64encode(b"i" * 32).decode(),
        database_url=database_url,
        redis_url="redis://127.0.0.1:1/0",  # nothing listens there: jobs wait for the test to run them
        clock_offset_file=folder / "clock-offset",
        base_url="http://localhost",
        seal_dir=seal_dir(),
    )


def migrate(url: str) -> None:
    """Bring a database to the newest schema by the migrations themselves."""
    command.upgrade(migration_config(url), "head")


class ClockControl:
    """Moves the house's clock through its own test offset, for every process that reads the file."""

    def __init__(self, runtime: Runtime, file: Path) -> None:
        self._runtime = runtime
        self._file = file
        self._offset = 0

    def advance(self, seconds: float) -> None:
        """Move the clock forward."""
        self._offset += int(seconds * 1000)
        self._store()

    def set(self, moment: datetime) -> None:
        """Move the clock to a moment; it goes on ticking from there."""
        self._offset += int((moment - self._runtime.clock.now()).total_seconds() * 1000)
        self._store()

    def now(self) -> datetime:
        """Return what the house thinks the time is."""
        return self._runtime.clock.now()

    def _store(self) -> None:
        # Renamed into place, so that no reader meets an empty file.
        fresh = self._file.with_suffix(".new")
        fresh.write_text(str(self._offset))
        fresh.replace(self._file)


class CompiledTemplates(BytecodeCache):
    """The compiled templates of this process, for every application that a test builds.

    Each has an environment of its own, and compiling the same pages anew took a fifth of the suite's time.
    """

    def __init__(self) -> None:
        self._compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill a bucket with what an earlier application compiled from the same source."""
        if compiled := self._compiled.get(bucket.key):
            bucket.bytecode_from_string(compiled)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self._compiled[bucket.key] = bucket.bytecode_to_string()


_COMPILED = CompiledTemplates()


class Applications:
    """The applications of this process that serve no house now, for the next tests.

    Building one takes as long as three pages, and each page's first time in it as long as two others. One application
    serves one house at a time.
    """

    def __init__(self) -> None:
        self._idle: list[tuple[Settings, Flask]] = []

    def take(self, site: "Site") -> Flask:
        """Return an application that was built with the same settings, now serving this house."""
        wanted = _building(site.settings)
        for place, (built_with, app) in enumerate(self._idle):
            if built_with == wanted:
                del self._idle[place]
                serve_house(app, site.runtime, site.waker)
                return app
        return build(site)

    def give_back(self, app: Flask, settings: Settings) -> None:
        """Keep an application whose house is closed."""
        # Settings are compared and not written out: in writing all secrets look the same.
        self._idle.append((_building(settings), app))


def _building(settings: Settings) -> Settings:
    """Return what an application is built with; where a house keeps its things is asked of the house."""
    return settings.model_copy(update=dict.fromkeys(("instance_dir", "database_url", "clock_offset_file")))


def build(site: "Site") -> Flask:
    """Build an application on a house."""
    app = create_app(site.settings, (site.runtime, site.waker))
    app.jinja_env.bytecode_cache = _COMPILED
    return app


_APPLICATIONS = Applications()


class CompiledStatements:
    """The compiled statements of this process, for the engine of every test.

    SQLAlchemy keeps them by engine and finds them by dialect, so that each test would compile all of them anew.
    """

    def __init__(self) -> None:
        self._kept: dict[bool, tuple[Dialect, LRUCache[Any, Any]]] = {}

    def serve(self, database: Database) -> None:
        """Let a database that nobody has used yet take part."""
        if database.is_sqlite not in self._kept:
            with database.engine.connect():  # a dialect knows its server from the first connection on
                self._kept[database.is_sqlite] = (database.engine.dialect, LRUCache(STATEMENTS_MAX))
        dialect, cache = self._kept[database.is_sqlite]
        for engine in (database.engine, database.reading, database.writing):
            engine.dialect = dialect
            engine.update_execution_options(compiled_cache=cache)


_STATEMENTS = CompiledStatements()


class Site:
    """The house, its clock, and its application for one test."""

    def __init__(
        self,
        folder: Path,
        database_url: str,
        places: Places | None = None,
        exam_stock: ExamStock | None = None,
    ) -> None:
        self.places = places
        """The organisations that stand in the database already."""
        self.exam_stock = exam_stock
        """What stands there of an exam."""
        self.settings = test_settings(folder, database_url)
        self.runtime, self.waker = build_runtime(self.settings)
        _STATEMENTS.serve(self.runtime.database)
        self.clock = ClockControl(self.runtime, folder / "clock-offset")
        self.clock.set(TEST_NOW)
        self._lent: list[tuple[Flask, Settings]] = []

    def app(self) -> Flask:
        """Return an application on this house. Whoever adds doors to one builds it for itself."""
        settings = self.settings.model_copy()
        app = _APPLICATIONS.take(self)
        self._lent.append((app, settings))
        return app

    def run_jobs(self) -> int:
        """Do every waiting job here, in order, until none is left; return how many were done."""
        done = 0
        while True:
            with self.runtime.read() as uow:
                waiting = outbox.unfinished(uow.session)
            # Every one of them, not only until the first that did something.
            performed = [jobs.perform(self.runtime, HANDLERS, job_id) for job_id in waiting]
            if not any(performed):
                return done
            done += len(waiting)

    def close(self) -> None:
        """Let go of the database."""
        self.runtime.close()
        for app, settings in self._lent:
            _APPLICATIONS.give_back(app, settings)


def copy_sqlite(template: Path, target: Path) -> str:
    """Copy the migrated template database and return the address of the copy."""
    shutil.copy(template, target)
    return f"sqlite:///{target}"
