"""One real site on each database for all journeys; each journey brings its own people and its own plan."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.office import Office, open_office
from tests.support.postgresql import TestPostgres
from tests.support.server import LiveSite, running_site

DATABASES = [
    pytest.param("sqlite", marks=pytest.mark.xdist_group("site-sqlite")),
    pytest.param("postgresql", marks=[pytest.mark.xdist_group("site-postgresql"), pytest.mark.postgresql]),
]


@pytest.fixture(scope="session", params=DATABASES)
def live_site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    """A site that has just been installed."""
    folder = tmp_path_factory.mktemp(f"site-{request.param}")
    if request.param == "sqlite":
        with running_site(folder) as site:
            yield site
        return
    server = TestPostgres()
    try:
        with running_site(folder, server.database()[1]) as site:
            yield site
    finally:
        server.stop()


@pytest.fixture(scope="session")
def opened(live_site: LiveSite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The site, opened for business; at the end of all journeys the operator finds nothing wrong either."""
    folder: Path = tmp_path_factory.mktemp("lessons")
    yield open_office(live_site, folder)
    done = live_site.command("check-invariants")
    assert done.status == 0, done.said


@pytest.fixture
def office(opened: Office) -> Iterator[Office]:
    """The office for one journey; at its end every invariant still holds and no program has had a fault."""
    before = len(opened.site.troubles())
    yield opened
    assert opened.site.broken_invariants() == {}
    assert opened.site.troubles()[before:] == [], opened.site.last_lines()
