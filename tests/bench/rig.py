"""The rig: a fresh house in a temporary folder, with a database of its own, for benches and drills."""

import base64
import logging
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from lms.app.house import build_runtime
from lms.core.settings import Settings
from lms.core.unit_of_work import Runtime
from tests.support.postgresql import TestPostgres
from tests.support.seals import seal_dir
from tests.support.site import migrate
from tests.support.web import WebProcess

DATABASES = ("sqlite", "postgresql")
LEAST_SAID = logging.ERROR
"""That nobody listens for wake-ups is known."""
NOBODY_LISTENS = "redis://127.0.0.1:1/0"
"""Hot routes need no Redis; jobs of the seeding are done by the seeding itself."""


@dataclass(frozen=True)
class House:
    """A fresh database with the keys of a site: the same for this process and for the web process."""

    folder: Path
    environment: dict[str, str]
    runtime: Runtime
    settings: Settings

    def web(
        self, app: str = "wsgi:app", core: int | None = None, log: str = "", processes: int = 1
    ) -> WebProcess:
        """Return a server of this house, or of another WSGI application under the same environment."""
        said = self.folder / (log or f"{app.replace(':', '-')}.log")
        return WebProcess(app, self.environment, said, core, processes=processes)


@contextmanager
def said_less() -> Iterator[None]:
    """Keep this process's remarks out of a figure's way, and give its logger back as it was: tests read remarks."""
    loggers = [logging.getLogger(name) for name in ("lms", "httpx")]
    before = [one.level for one in loggers]
    for one in loggers:
        one.setLevel(LEAST_SAID)
    try:
        yield
    finally:
        for one, level in zip(loggers, before, strict=True):
            one.setLevel(level)


@contextmanager
def fresh_house(database: str) -> Iterator[House]:
    """Make a folder, a migrated database (a durable PostgreSQL of its own, if asked for) and keys; remove all after."""
    with ExitStack() as closing:
        closing.enter_context(said_less())
        folder = Path(closing.enter_context(tempfile.TemporaryDirectory(prefix="lms-rig-")))
        if database == "postgresql":
            server = TestPostgres(durable=True)
            closing.callback(server.stop)
            url = server.database()[1]
        else:
            url = f"sqlite:///{folder / 'site.db'}"
        migrate(url)
        own = {
            "LMS_ENV": "test",
            "LMS_INSTANCE_DIR": str(folder),
            "LMS_DATABASE_URL": url,
            "LMS_REDIS_URL": NOBODY_LISTENS,
            "LMS_BASE_URL": "http://127.0.0.1",
            "LMS_SECRET_KEY": secrets.token_urlsafe(48),
            "LMS_FIELD_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
            "LMS_INDEX_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
            "LMS_SEAL_DIR": str(seal_dir()),
        }
        others = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("LMS_", "REDIS_", "FLASK_"))
        }
        settings = Settings(
            env="test", instance_dir=folder, database_url=url, redis_url=NOBODY_LISTENS, base_url="http://127.0.0.1",
            secret_key=own["LMS_SECRET_KEY"], field_key=own["LMS_FIELD_KEY"], index_key=own["LMS_INDEX_KEY"],
            seal_dir=seal_dir(),
        )  # fmt: skip
        runtime = build_runtime(settings)[0]
        closing.callback(runtime.database.dispose)
        yield House(folder, {**others, **own, "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1"}, runtime, settings)
