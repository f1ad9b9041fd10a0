"""The laws of the house hold in this tree, and each of them can fail."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.house.laws import (
    LAWS,
    LONGEST_MODULE_LINES,
    Law,
    deciding_is_pure,
    files_are_named_after_nouns,
    imports_stand_at_the_top,
    many_of_a_kind_are_a_folder,
    modules_fit_in_the_head,
    one_clock,
    only_the_edge_commits,
    pages_ask_nobody_outside,
    pages_hold_nothing_inline,
    queries_only_read,
    question_bank_stands_alone,
    rooms_keep_their_floor_plan,
    services_know_no_web,
    tables_belong_to_their_room,
)
from tests.house.source_tree import SourceTree

pytestmark = pytest.mark.xdist_group("sources")
ROOT = Path(__file__).parents[2]

# Law, the files of a tiny house that breaks it, and what the law must say about it.
BREACHES: list[tuple[Law, dict[str, str], str]] = [
    (
        rooms_keep_their_floor_plan,
        {"lms/exam/policy.py": "from lms.exam.service import start", "lms/exam/service.py": ""},
        "policy stands below or beside service",
    ),
    (
        rooms_keep_their_floor_plan,
        {"lms/exam/views.py": "from lms.exam import api", "lms/exam/api.py": ""},
        "views stands below or beside api",
    ),
    (
        rooms_keep_their_floor_plan,
        {
            "lms/exam/models.py": "from . import papers",
            "lms/exam/papers.py": "from .service.attempts import start",
            "lms/exam/service/__init__.py": "",
            "lms/exam/service/attempts.py": "",
        },
        "lms.exam.models -> lms.exam.papers -> lms.exam.service.attempts",
    ),
    (
        many_of_a_kind_are_a_folder,
        {f"lms/exam/{noun}_queries.py": "" for noun in ("mark", "paper", "room")},
        "put them into queries/",
    ),
    (
        many_of_a_kind_are_a_folder,
        {"lms/exam/policy/__init__.py": "", "lms/exam/paper_policy.py": ""},
        "lms/exam: paper_policy, policy; put them into policy/",
    ),
    (deciding_is_pure, {"lms/exam/policy.py": "import sqlalchemy as sa"}, "may not reach sqlalchemy"),
    (
        deciding_is_pure,
        {"lms/exam/errors.py": "from flask_login import current_user"},
        "may not reach flask_login",
    ),
    (
        deciding_is_pure,
        {
            "question_bank/grading.py": "from question_bank import store",
            "question_bank/store.py": "import redis",
        },
        "question_bank.grading -> question_bank.store -> redis",
    ),
    (
        services_know_no_web,
        {
            "lms/exam/service.py": "from lms.core.web import login",
            "lms/core/web.py": "from flask import request",
        },
        "lms.exam.service -> lms.core.web -> flask.request",
    ),
    (services_know_no_web, {"lms/exam/queries.py": "import wtforms"}, "may not reach wtforms"),
    (
        question_bank_stands_alone,
        {"question_bank/items.py": "from lms.core.clock import Clock", "lms/core/clock.py": ""},
        "question_bank/items.py:1: question_bank may not import lms.core.clock",
    ),
    (
        tables_belong_to_their_room,
        {"lms/exam/service.py": "from lms.study.models import Beat", "lms/study/models.py": ""},
        "only study and queries of later rooms may import lms.study.models",
    ),
    (
        tables_belong_to_their_room,
        {"lms/app/commands.py": "import lms.study.models", "lms/study/models/__init__.py": ""},
        "lms/app/commands.py:1",
    ),
    (
        queries_only_read,
        {"lms/exam/queries.py": "from sqlalchemy import select, update"},
        "sqlalchemy.update",
    ),
    (queries_only_read, {"lms/exam/queries.py": "def f(uow):\n    uow.session.add(1)"}, "queries.py:2"),
    (imports_stand_at_the_top, {"lms/exam/service.py": "def f():\n    import json\n"}, "import inside f()"),
    (
        one_clock,
        {"lms/exam/views.py": "import datetime\nx = datetime.datetime.now()"},
        "views.py:2: datetime.now",
    ),
    (one_clock, {"lms/exam/views.py": "import time\nx = time.time()"}, "time.time"),
    (one_clock, {"lms/exam/views.py": "from time import time"}, "time.time"),
    (one_clock, {"question_bank/items.py": "from datetime import date\nx = date.today"}, "date.today"),
    (one_clock, {"lms/exam/models.py": "from sqlalchemy import func\nx = func.now()"}, "func.now"),
    (
        only_the_edge_commits,
        {"lms/exam/service.py": "def f(s):\n    s.commit()"},
        "service.py:2: only the unit of work",
    ),
    (files_are_named_after_nouns, {"lms/exam/utils.py": ""}, "lms/exam/utils.py: name the file"),
    (files_are_named_after_nouns, {"lms/exam/helpers/papers.py": ""}, "lms/exam/helpers/papers.py"),
    (
        modules_fit_in_the_head,
        {"lms/exam/service.py": "x = 1\n" * (LONGEST_MODULE_LINES + 1)},
        "split it by noun",
    ),
    (pages_ask_nobody_outside, {"lms/app/static/a.css": "@import 'https://fonts.example/a.css'"}, "a.css:1"),
    (
        pages_ask_nobody_outside,
        {"templates/a.html": "\n<script src='//cdn.example/x.js'>"},
        "templates/a.html:2",
    ),
    (pages_hold_nothing_inline, {"templates/a.html": '<p style="color: red">'}, "is inline"),
    (pages_hold_nothing_inline, {"templates/a.html": "<button onclick='x()'>"}, "is inline"),
    (pages_hold_nothing_inline, {"templates/a.html": "<script>alert(1)</script>"}, "is inline"),
    (pages_hold_nothing_inline, {"templates/a.html": "<script type='module'>x()</script>"}, "is inline"),
]

# A house in which every law holds, close to the edge of each.
GOOD_HOUSE = {
    "lms/core/clock.py": "import time\nfrom datetime import datetime\nnow = datetime.now\nx = time.time()",
    "lms/core/unit_of_work.py": "def end(session):\n    session.commit()",
    "lms/study/errors.py": "",
    "lms/study/events.py": "",
    "lms/study/policy.py": "from . import errors, events\nfrom question_bank.items import Item",
    "lms/study/models.py": "import sqlalchemy\nfrom lms.study.policy import State",
    "lms/study/queries.py": (
        "from sqlalchemy import select\nfrom lms.study.models import Beat\nseen = set()\nseen.add(1)"
    ),
    "lms/study/service.py": "import time\nfrom lms.study import queries, models\nx = time.monotonic()",
    "lms/study/forms.py": "import wtforms\nfrom lms.study import service",
    "lms/study/views.py": "import flask\nfrom lms.study import forms, service, policy",
    "lms/exam/queries.py": "from lms.study.models import Beat",
    "question_bank/items.py": "from dataclasses import dataclass",
    "templates/a.html": (
        '<script src="/a.js"></script><script type="application/json">{}</script>'
        '<svg xmlns="http://www.w3.org/2000/svg"></svg><p class="style">'
    ),
    "templates/certificates/certificate.html": "<style>@page { size: A4 }</style>",
    "lms/app/static/vendor/b.css": "/* https://example.org */",
}


@pytest.fixture
def build(tmp_path: Path) -> Callable[[dict[str, str]], SourceTree]:
    def build_tree(files: dict[str, str]) -> SourceTree:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return SourceTree(tmp_path)

    return build_tree


@pytest.fixture(scope="module")
def this_house() -> SourceTree:
    return SourceTree(ROOT)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_the_house_keeps_the_law(law: Law, this_house: SourceTree) -> None:
    broken = law(this_house)
    assert not broken, f"\n{law.__doc__}\n  " + "\n  ".join(broken)


@pytest.mark.parametrize(
    ("law", "files", "message"), BREACHES, ids=lambda value: getattr(value, "__name__", "")
)
def test_a_breach_is_seen_and_named(
    law: Law, files: dict[str, str], message: str, build: Callable[[dict[str, str]], SourceTree]
) -> None:
    broken = law(build(files))
    assert any(message in line for line in broken), broken


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_a_good_house_is_left_alone(law: Law, build: Callable[[dict[str, str]], SourceTree]) -> None:
    assert law(build(GOOD_HOUSE)) == []


def test_every_law_has_been_seen_to_fail() -> None:
    assert {law for law, _files, _message in BREACHES} == set(LAWS)


def test_the_tree_is_read_at_all(this_house: SourceTree) -> None:
    assert "lms.core.clock" in this_house.modules
    assert any(path.suffix == ".html" for path, _text in this_house.pages())
