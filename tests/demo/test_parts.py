"""The parts the demo is made of: its cast, its portraits, its candidate, the order of its stories, its law."""

import ast
import io
import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image

from lms.accounts.photo import clean_photo
from lms.accounts.policy import EDUCATIONS, ResidentId, Role, read_resident_id
from lms.demo.candidate import answer_sheet, learnt
from lms.demo.logins import DEMO_PASSWORD, login_table, logins
from lms.demo.people import CROWD, NAMED, STAFF, TRAINEES
from lms.demo.portraits import DRESSES, HEIGHT, LONG_CUTS, SHORT_CUTS, WIDTH, draw_portrait, look_of
from lms.demo.timeline import OutOfTime, Story, tell_all
from question_bank.data.blueprints import EXAMINER_COURSE_BLUEPRINT, EXAMINER_COURSE_WORKBOOK
from question_bank.grading import grade
from question_bank.importing import read_questions
from question_bank.sampling import draw_paper
from tests.house.source_tree import SourceTree

ROOT = Path(__file__).parents[2]
NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


# ---- the law of the demo --------------------------------------------------------------------------

WRITING = {
    "add",
    "add_all",
    "merge",
    "execute",
    "flush",
    "delete",
    "bulk_save_objects",
    "bulk_insert_mappings",
}


def writes_by_hand(tree: SourceTree) -> Iterator[str]:
    """The demo calls services: it imports neither SQLAlchemy nor a table, and asks nothing of a session."""
    for module in tree.modules.values():
        if module.room != "demo":
            continue
        for name, line in module.imported_names:
            if name.split(".")[0] == "sqlalchemy" or ".models" in name:
                yield f"{tree.place(module, line)}: imports {name}"
        for node in ast.walk(module.tree):
            is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            if is_call and node.func.attr in WRITING and "session" in ast.unparse(node.func.value):
                yield f"{tree.place(module, node.lineno)}: {ast.unparse(node.func)}"
            is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
            if is_text and re.match(r"\s*(INSERT|UPDATE|DELETE)\s", node.value):
                yield f"{tree.place(module, node.lineno)}: SQL"


def test_nothing_of_the_demo_is_written_by_hand() -> None:
    assert list(writes_by_hand(SourceTree(ROOT))) == []


@pytest.mark.parametrize(
    "line",
    [
        "from sqlalchemy import insert",
        "from lms.accounts.models import Person",
        "def f(uow):\n    uow.session.add(1)",
        "SQL = 'INSERT INTO person VALUES (1)'",
    ],
)
def test_the_law_can_be_broken(tmp_path: Path, line: str) -> None:
    (tmp_path / "lms" / "demo").mkdir(parents=True)
    (tmp_path / "lms" / "demo" / "load.py").write_text(line)
    assert list(writes_by_hand(SourceTree(tmp_path)))


# ---- the cast --------------------------------------------------------------------------------------


def test_everybody_is_somebody_else_and_nobody_is_real() -> None:
    numbers = [one.id_number for one in TRAINEES]
    assert len(set(numbers)) == len({one.mobile for one in TRAINEES}) == len(TRAINEES)
    assert len({one.name for one in (*TRAINEES, *STAFF)}) == len(TRAINEES) + len(STAFF)
    for one in TRAINEES:
        read = read_resident_id(one.id_number, NOON.date())
        assert isinstance(read, ResidentId)
        assert read.sex == ("女" if one.woman else "男")
        assert read.birth_date == one.birth_date
        assert one.id_number.startswith("349900"), "a district that no register knows"
        assert one.email.endswith("@example.com")
        assert one.education in EDUCATIONS
        assert 20 <= one.employed_since.year - one.birth_date.year <= 30


def test_the_crowd_comes_from_two_institutions_and_fails_and_passes() -> None:
    assert {one.employer for one in CROWD} == {"institution", "other institution"}
    scores = [score for one in CROWD if one.road is not None for score in one.road.scores]
    assert min(scores) < 80
    assert max(scores) == 100
    assert all(score % 2 == 0 for score in scores), "every question is worth an even number of points"


def test_what_one_exam_administrator_proposes_another_of_the_demo_can_confirm() -> None:
    scopes = [one.scope for one in STAFF if one.role is Role.EXAM_ADMIN]
    assert scopes.count("province") >= 2


def test_logins_stand_in_columns_and_the_password_stands_there_once() -> None:
    table = login_table(logins())
    assert table.count(DEMO_PASSWORD) == 1
    lines = [line for line in table.splitlines() if line.startswith("  ")]
    assert len(lines) == len(NAMED) + len(STAFF) + 2

    def column(line: str, login_name: str) -> int:
        before = line[: line.rindex(f"   {login_name}   ")]
        return sum(1 if sign.isascii() else 2 for sign in before)

    shown = dict(
        zip([one.login_name for one in logins()], [line for line in lines if "name" not in line], strict=True)
    )
    assert len({column(line, login_name) for login_name, line in shown.items()}) == 1


# ---- portraits -------------------------------------------------------------------------------------


def test_every_portrait_passes_the_check_of_uploads_and_is_a_different_one() -> None:
    cleaned = set()
    for one in TRAINEES:
        photo = clean_photo(draw_portrait(one.number, woman=one.woman), "portrait.jpg")
        with Image.open(io.BytesIO(photo)) as opened:
            assert opened.size == (WIDTH, HEIGHT)
        cleaned.add(photo)
    assert len(cleaned) == len(TRAINEES)


@pytest.mark.parametrize(("woman", "cuts"), [(True, LONG_CUTS), (False, SHORT_CUTS)])
def test_portraits_differ_in_hair_dress_and_glasses(woman: bool, cuts: tuple[str, ...]) -> None:
    looks = [look_of(serial, woman=woman) for serial in range(60)]
    assert {look.cut for look in looks} == set(cuts)
    assert {look.dress for look in looks} == set(DRESSES) - ({"tie"} if woman else set())
    assert {look.glasses for look in looks} == {True, False}


def test_the_same_number_has_the_same_face() -> None:
    assert draw_portrait(7, woman=True) == draw_portrait(7, woman=True) != draw_portrait(8, woman=True)


# ---- the candidate ---------------------------------------------------------------------------------


@pytest.mark.parametrize("points", [100, 98, 90, 84, 70, 52])
def test_a_candidate_earns_exactly_what_the_story_wants_without_seeing_the_key(points: int) -> None:
    items = [
        entry.item
        for entry in read_questions(
            EXAMINER_COURSE_WORKBOOK.read_bytes(), EXAMINER_COURSE_WORKBOOK.name
        ).items
    ]
    paper = draw_paper(EXAMINER_COURSE_BLUEPRINT, list(enumerate(items)), seed=f"story {points}")
    answers = answer_sheet(paper.questions, learnt(items), points, random.Random(points))
    assert grade(paper, answers).points == points * 100


# ---- the order of time -----------------------------------------------------------------------------


def test_stories_take_turns_in_the_order_of_time() -> None:
    done: list[str] = []

    def story(name: str, *minutes: int) -> Story:
        for minute in minutes:
            yield NOON + timedelta(minutes=minute)
            done.append(f"{name}{minute}")

    tell_all([story("a", 1, 4, 9), story("b", 2, 3), story("c"), story("d", 2)], NOON + timedelta(hours=1))
    assert done == ["a1", "b2", "d2", "b3", "a4", "a9"]


@pytest.mark.parametrize("minutes", [(5, 3), (61,)])
def test_a_story_neither_goes_back_nor_beyond_the_end(minutes: tuple[int, ...]) -> None:
    def story() -> Story:
        for minute in minutes:
            yield NOON + timedelta(minutes=minute)

    with pytest.raises(OutOfTime):
        tell_all([story()], NOON + timedelta(hours=1))
