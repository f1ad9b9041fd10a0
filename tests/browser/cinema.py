"""A course of short real films in a running site, somebody who may watch it, and what the server has counted."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Page
from sqlalchemy import select

from lms.app.house import build_runtime
from lms.core.actors import Actor
from lms.core.unit_of_work import Runtime
from lms.courses.mp4 import read_video_facts
from lms.courses.policy import AskedQuestion
from lms.courses.queries import find_course
from lms.courses.service import StoredLesson, add_course
from lms.study.models import StudyProgress, StudySession
from lms.study.policy.credit import SessionState
from lms.study.queries import open_check
from lms.study.service import question
from tests.browser.conftest import Window
from tests.factories.films import film
from tests.journeys.office import Office, publish_plan
from tests.journeys.player import Player
from tests.support.person import Person

TITLES = ("考评准备", "现场评分", "结果复核")
SECONDS = (40, 20, 8)
"""Together five per cent more than the one minute that is the least a plan may ask for."""
CODE, COURSE = "short-films", "短片课程"
STOP_AT = 6
QUESTION = AskedQuestion(
    STOP_AT, "评分时两名考评员意见不同，应当怎样？", ("各自评分", "商量出一个分", "由组长代评"), 0,
    "独立评分，之后复核。",
)  # fmt: skip
INTERVAL = 2
Totals = tuple[int, int]


@contextmanager
def inside(office: Office) -> Iterator[Runtime]:
    """Open the site's own store beside it."""
    runtime = build_runtime(office.site.settings())[0]
    try:
        yield runtime
    finally:
        runtime.database.dispose()


def register_films(office: Office, folder: Path) -> None:
    """Register the course once: real films, with a question in the second lesson and a minimum in the last."""
    with inside(office) as runtime:
        with runtime.read() as uow:
            if find_course(uow, CODE) is not None:
                return
        stored = []
        for number, (title, seconds) in enumerate(zip(TITLES, SECONDS, strict=True), 1):
            path = film(folder / f"film-{number}.mp4", seconds=seconds, size=(320, 180), rate=5, bits=80_000)
            facts = read_video_facts(path)
            stored.append(
                StoredLesson(
                    title, "", facts.duration_ms, runtime.storage.put_file(path), path.stat().st_size,
                    min_seconds=4 if number == len(TITLES) else 0, questions=(QUESTION,) if number == 2 else (),
                )
            )  # fmt: skip
        with runtime.write() as uow:
            add_course(uow, Actor.system("operator"), CODE, COURSE, stored)


def open_plan(office: Office, title: str, **changes: str) -> str:
    """Publish a plan that teaches the films with short beats and without a check on the way; durations in minutes."""
    rules = {
        "required_study_seconds": "1", "beat_interval_seconds": f"0:{INTERVAL:02}", "presence_min_seconds": "10",
        "presence_max_seconds": "10", "presence_answer_seconds": "1:30",
    }  # fmt: skip
    return publish_plan(office, title, course=f"{COURSE}（1 分 8 秒）", **rules | changes)


def counted(office: Office, plan_id: str) -> Totals:
    """Return (counted, pending) of the one person who studies in a plan, as committed."""
    with inside(office) as runtime, runtime.read() as uow:
        row = uow.session.scalar(select(StudyProgress).where(StudyProgress.plan_id == plan_id))
        return (row.counted_seconds, row.pending_seconds) if row is not None else (0, 0)


def right_option(office: Office, plan_id: str) -> str:
    """Return the text of the right option of the check that is raised for the one person who studies in a plan."""
    with inside(office) as runtime, runtime.read() as uow:
        session_id = uow.session.scalars(
            select(StudySession.id).where(
                StudySession.plan_id == plan_id, StudySession.state == SessionState.OPEN
            )
        ).one()
        check = open_check(uow, session_id)
        assert check is not None
        asked = question(uow, check)
    return dict(asked.options)[asked.right]


def watched_seconds(page: Page) -> int:
    """Return how many different seconds of the film the browser has played, each nearly to its end."""
    ranges: list[tuple[float, float]] = page.evaluate(
        "(() => { const all = document.getElementById('video').played;"
        " return Array.from({ length: all.length }, (_, n) => [all.start(n), all.end(n)]); })()"
    )
    return len(
        {
            second
            for start, end in ranges
            for second in range(int(end) + 1)
            if start <= second + 0.1 and end >= second + 0.9
        }
    )


def by_wire(own: Window) -> Person:
    """Return the same login outside the browser."""
    person = Person(own.site)
    person.carry_on({one["name"]: one["value"] for one in own.context.cookies()})
    return person


def question_of(person: Person, plan_id: str, lesson_id: str) -> dict[str, Any] | None:
    """Return the question that a lesson has for a person, as his page is given it."""
    asked: dict[str, Any] | None = person.open(f"/study/{plan_id}?lesson={lesson_id}").data("study-data")[
        "question"
    ]
    return asked


def answer_by_wire(player: Player, asked: dict[str, Any] | None) -> None:
    """Answer an in-lesson question until it is right: whoever watched knows the words of the right option."""
    while asked is not None:
        letter = next(
            one["letter"] for one in asked["options"] if one["text"] == QUESTION.options[QUESTION.right]
        )
        body = {
            "lease": player.session["lease"],
            "question_id": asked["id"],
            "try": asked["try"],
            "choice": letter,
        }
        asked = player.person.call("/api/v1/study/question", body).json()["question"]
