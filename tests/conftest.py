"""Fixtures: one house per test on either database, a movable clock, browsers and invented people."""

import gc
import secrets
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

import pytest
from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect, sync_playwright

from lms.accounts.service import open_session
from lms.app.translations import compile_catalogue
from lms.core.unit_of_work import Runtime
from tests.bench.rig import DATABASES
from tests.support.browser import Browser
from tests.support.exam_stock import ExamStock, stock_exam
from tests.support.people import KnownPerson, People, Places, found_places
from tests.support.postgresql import TestPostgres
from tests.support.site import ClockControl, Site, copy_sqlite, migrate
from tests.support.thoroughness import left_to_a_thorough_run
from tests.support.threads import served

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--autoplay-policy=no-user-gesture-required",
]
LONGEST_BYTES_IN_A_NAME = 100
# No bar of time: a page that will say so says it within moments, unless four processes share two slow cores.
expect.set_options(timeout=20_000)


def pytest_sessionstart() -> None:
    """Compile the catalogue when it has changed: the site does not start with an old one."""
    compile_catalogue()


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name a test by its parameter's name where the parameter is a file: a workbook holds the second it was made in.

    Two processes that collect at different seconds would otherwise not find the same tests.
    """
    return argname if isinstance(val, bytes) and len(val) > LONGEST_BYTES_IN_A_NAME else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run each test of a page on one of the two databases; whoever names tests gets them on both."""
    if config.option.keyword or any("::" in argument for argument in config.args):
        return
    left = set(left_to_a_thorough_run(items))
    if left:
        config.hook.pytest_deselected(items=list(left))
        items[:] = [item for item in items if item not in left]


def pytest_collection_finish(session: pytest.Session) -> None:
    """Refuse to run when groups are not kept: every process would build each shared site for itself."""
    gc.freeze()  # what was collected stays to the end: looking through it again and again cost an eighth of the time
    if not getattr(session.config.option, "loadgroup", False):
        return
    for item in session.items:
        if any(item.iter_markers("xdist_group")) and "@" not in item.nodeid.rsplit("]", 1)[-1]:
            raise pytest.UsageError(f"{item.nodeid} has lost its group; see requirements-dev.in about pytest")


Database = TypeVar("Database", Path, str)


class Prepared(NamedTuple, Generic[Database]):
    """A database that tests copy or clone, and what stands in it."""

    database: Database
    places: Places | None = None
    exam_stock: ExamStock | None = None


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file that tests copy."""
    path = tmp_path_factory.mktemp("template") / "site.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def sqlite_with_places(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Prepared[Path]:
    """A migrated SQLite file with the organisations that tests of people begin with."""
    folder = tmp_path_factory.mktemp("places")
    with _an_hour_before(folder, copy_sqlite(sqlite_template, folder / "site.db")) as site:
        return Prepared(folder / "site.db", found_places(site.runtime))


@pytest.fixture(scope="session")
def sqlite_with_exam(
    sqlite_with_places: Prepared[Path], tmp_path_factory: pytest.TempPathFactory
) -> Prepared[Path]:
    """The same with the bank that tests of exams begin with."""
    folder = tmp_path_factory.mktemp("exam")
    with _an_hour_before(folder, copy_sqlite(sqlite_with_places.database, folder / "site.db")) as site:
        return sqlite_with_places._replace(database=folder / "site.db", exam_stock=stock_exam(site.runtime))


@pytest.fixture(scope="session")
def postgres() -> Iterator[TestPostgres]:
    """One PostgreSQL server for this test process."""
    server = TestPostgres()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgres_template(postgres: TestPostgres) -> str:
    """A migrated database that tests clone."""
    name, url = postgres.database()
    migrate(url)
    return name


@pytest.fixture(scope="session")
def postgres_with_places(
    postgres: TestPostgres, postgres_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Prepared[str]:
    """A migrated database with the organisations that tests of people begin with."""
    name, url = postgres.database(postgres_template)
    with _an_hour_before(tmp_path_factory.mktemp("places"), url) as site:
        return Prepared(name, found_places(site.runtime))


@pytest.fixture(scope="session")
def postgres_with_exam(
    postgres: TestPostgres, postgres_with_places: Prepared[str], tmp_path_factory: pytest.TempPathFactory
) -> Prepared[str]:
    """The same with the bank that tests of exams begin with."""
    name, url = postgres.database(postgres_with_places.database)
    with _an_hour_before(tmp_path_factory.mktemp("exam"), url) as site:
        return postgres_with_places._replace(database=name, exam_stock=stock_exam(site.runtime))


@contextmanager
def _an_hour_before(folder: Path, url: str) -> Iterator[Site]:
    """Open a house a while before any test's day begins, and let go of its database."""
    with closing(Site(folder, url)) as site:
        site.clock.advance(-3600)
        yield site


def _prepared(request: pytest.FixtureRequest, kind: str) -> Prepared[Any]:
    """Return the database that already holds most of what a test begins with."""
    if "exam_stock" in request.fixturenames:
        return request.getfixturevalue(f"{kind}_with_exam")
    if "people" in request.fixturenames:
        return request.getfixturevalue(f"{kind}_with_places")
    return Prepared(request.getfixturevalue(f"{kind}_template"))


@pytest.fixture(params=DATABASES)
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    """A fresh house, once on SQLite and once on PostgreSQL; with organisations when the test has people."""
    if request.param == "sqlite":
        database, *stands = _prepared(request, "sqlite")
        with closing(Site(tmp_path, copy_sqlite(database, tmp_path / "site.db"), *stands)) as house:
            yield house
        return
    server: TestPostgres = request.getfixturevalue("postgres")
    database, *stands = _prepared(request, "postgres")
    name, url = server.database(database)
    with closing(Site(tmp_path, url, *stands)) as house:
        yield house
    server.drop(name)


@pytest.fixture
def runtime(site: Site) -> Runtime:
    """The running house without a web framework."""
    return site.runtime


@pytest.fixture
def clock(site: Site) -> ClockControl:
    """The house's clock, movable."""
    return site.clock


@pytest.fixture
def people(site: Site) -> People:
    """Organisations, and a maker of invented people."""
    return People(site.runtime, site.places)


@pytest.fixture
def exam_stock(site: Site) -> ExamStock:
    """The bank, blueprint and course of an exam, in the database before the test began."""
    assert site.exam_stock is not None
    return site.exam_stock


@pytest.fixture
def app(site: Site) -> Flask:
    """The application on this test's house."""
    return site.app()


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The address of this test's house, for a real browser."""
    with served(app) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def browser(app: Flask) -> Browser:
    """A browser of somebody who has not signed in."""
    return Browser(app)


@pytest.fixture
def client(app: Flask) -> Browser:
    """The same as `browser`, by its customary name."""
    return Browser(app)


@pytest.fixture
def signed_in(app: Flask, runtime: Runtime) -> Callable[[KnownPerson], Browser]:
    """Open a browser in which a person has signed in."""

    def open_browser(person: KnownPerson) -> Browser:
        with runtime.write() as uow:
            token = open_session(uow, person.id, secrets.token_hex(16))
        browser = Browser(app)
        browser.come_back(token)
        return browser

    return open_browser


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    """The machine's own Chromium, without a window."""
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(autouse=True)
def close_windows(request: pytest.FixtureRequest) -> Iterator[None]:
    """Close the windows a test has opened: a hundred forgotten pages that tick and poll took a core of a whole run."""
    if "chromium" not in request.fixturenames:
        yield
        return
    browser: Chromium = request.getfixturevalue("chromium")
    before = set(browser.contexts)
    yield
    for context in browser.contexts:
        if context not in before:
            context.close()
