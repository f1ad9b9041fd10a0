"""A running site with the demo's people in it, so that every page can be opened in every state."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from lms.app.handlers import HANDLERS
from lms.app.house import build_runtime
from lms.core.settings import ROOT
from lms.demo.load import load_demo
from lms.demo.logins import DemoLogin
from lms.demo.opening import Film, LessonFile, film_course
from tests.support.clips import make_long_clip
from tests.support.server import LiveSite

TITLES = ("政策法规", "职业标准与命题", "考评技术与方法", "考务管理", "工作流程")
LESSON_SECONDS = 2280
"""Five such lessons are just above 180 minutes and their margin of five per cent."""


@contextmanager
def demo_town(folder: Path, *, filmed: bool = False) -> Iterator[tuple[LiveSite, list[DemoLogin]]]:
    """Load the demo with plain-coloured lessons, or the filmed ones; run the site, and stop it whatever happens."""
    site = LiveSite(folder)
    done = site.command("migrate")
    assert done.status == 0, done.said
    runtime = build_runtime(site.settings())[0]
    film = (
        partial(film_course, ROOT / "var" / "lessons", runtime.settings.font_dir)
        if filmed
        else _clips(folder)
    )
    shown = load_demo(runtime, dict(HANDLERS), film, lambda _line: None)
    runtime.database.dispose()
    site.start()
    try:
        yield site, shown
    finally:
        site.stop()


def _clips(folder: Path) -> Film:
    def film(_tell: Callable[[str], None]) -> list[LessonFile]:
        made = []
        for number, title in enumerate(TITLES):
            path = folder / f"lesson-{number}.mp4"
            make_long_clip(path, LESSON_SECONDS, colour=f"#1c50{60 + number}")
            made.append((title, "", path))
        return made

    return film
