"""The benches of an exam day in a tiny form (thoroughly on both databases): what they ask and look at must not rot.

Nothing here is about time: only that everybody was served, and that what was shown and graded is what is stored.
"""

import os
from collections.abc import Iterator

import pytest

from tests.bench import exam_room, exam_start, exam_submit
from tests.support.thoroughness import on

pytestmark = [pytest.mark.xdist_group("drills"), pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(autouse=True)
def _own_cores() -> Iterator[None]:
    """Give the cores back: a bench pins the process that runs it."""
    usable = os.sched_getaffinity(0)
    yield
    os.sched_setaffinity(0, usable)


@pytest.mark.parametrize("database", on("sqlite"))
def test_everybody_who_starts_sees_the_whole_paper_that_was_drawn(database: str) -> None:
    size = exam_start.Size(candidates=4, seconds=0.2, rounds=1, in_a_round=3)
    result = exam_start.measure(database, size)
    assert result["errors"] == 0
    assert result["candidates"] == 4
    assert result["value"] > 0


@pytest.mark.parametrize("database", on("postgresql"))
def test_everybody_who_hands_in_is_graded_by_what_he_answered(database: str) -> None:
    result = exam_submit.measure(database, exam_submit.Size(candidates=4, rounds=1, in_a_round=3))
    assert result["errors"] == 0
    assert result["grading_ms"] > 0


@pytest.mark.parametrize("database", on("sqlite"))
def test_a_room_of_open_pages_loses_no_answer_while_others_sign_in(database: str) -> None:
    result = exam_room.measure(database, exam_room.Size(pages=4, savers=2, seconds=2.5))
    assert result["errors"] == 0
    assert result["saves_per_s"] > 0
    assert result["visits_per_s"] > 0
    assert result["sign_ins"] == 2
