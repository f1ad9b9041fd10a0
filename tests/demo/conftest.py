"""One loaded demo for all tests of this folder, thoroughly one on each database: cut off once while it was loaded."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.demo.demo_site import DemoSite
from tests.support.clips import make_long_clip
from tests.support.postgresql import TestPostgres
from tests.support.site import Site, copy_sqlite
from tests.support.thoroughness import on

# Eighty people live their months while the first test of a database waits.
PATIENCE = pytest.mark.timeout(600)
DATABASES = [
    pytest.param(name, marks=[pytest.mark.xdist_group(f"demo-{name}"), PATIENCE]) for name in on("sqlite")
]
TITLES = ("政策法规", "职业标准与命题", "考评技术与方法", "考务管理", "工作流程")
LESSON_SECONDS = 2280  # five of them are 11,400 s: just above 180 minutes and their margin of five per cent


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str, Path]]:
    folder = tmp_path_factory.mktemp("clips")
    made = []
    for number, title in enumerate(TITLES):
        path = folder / f"{number}.mp4"
        make_long_clip(path, LESSON_SECONDS, colour=f"#1c50{60 + number}")
        made.append((title, "", path))
    return made


@pytest.fixture(scope="session", params=DATABASES)
def demo(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    clips: list[tuple[str, str, Path]],
) -> Iterator[DemoSite]:
    folder = tmp_path_factory.mktemp(f"demo-{request.param}")
    if request.param == "sqlite":
        with closing(
            Site(folder, copy_sqlite(request.getfixturevalue("sqlite_template"), folder / "site.db"))
        ) as site:
            yield loaded(site, clips)
        return
    server: TestPostgres = request.getfixturevalue("postgres")
    name, url = server.database(request.getfixturevalue("postgres_template"))
    with closing(Site(folder, url)) as site:
        yield loaded(site, clips)
    server.drop(name)


def loaded(site: Site, clips: list[tuple[str, str, Path]]) -> DemoSite:
    demo = DemoSite(site, clips)
    demo.load_until("certificates.render", 8)
    demo.load()
    return demo
