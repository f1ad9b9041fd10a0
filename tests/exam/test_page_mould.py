"""The exam page cast from a mould is the page its template draws, and holds nothing of who came before."""

import re
from collections.abc import Callable

import pytest
from flask import render_template
from flask_wtf.csrf import generate_csrf

from lms.core.web import page_address
from lms.exam.views.page_mould import PageKind, cast_page
from tests.exam.conftest import Candidate, ExamHouse
from tests.support.browser import Browser
from tests.support.people import KnownPerson

SignIn = Callable[[KnownPerson], Browser]

HOSTILE = (
    "<script>",
    '"><b>',
    "'",
    "&amp;",
    "{{ 1 }}",
    "%s",
    "\ue000lease\ue001",
    "\ue000",
    "a & b",
    "南京市考评中心",
)
WORDS = (
    "id", "title", "line", "lease", "remaining", "remaining_ms", "end", "first_revision", "answered", "sections",
    "numbers", "switches", "here", "save", "mark", "submit", "clock", "hand_in", "result",
)  # fmt: skip


@pytest.mark.parametrize("language", ["zh_Hans_CN", "en"])
@pytest.mark.parametrize(("is_rehearsal", "is_saved"), [(False, False), (False, True), (True, False)])
def test_a_cast_page_is_the_drawn_one(
    house: ExamHouse,
    candidate: Candidate,
    signed_in: SignIn,
    language: str,
    is_rehearsal: bool,
    is_saved: bool,
) -> None:
    browser = signed_in(candidate.person)
    if language == "en":
        browser.post("/language", {"language": "en", "next": "/"})
    with browser.client as client:
        client.get("/account/security")
        kind = PageKind(language, 60, is_rehearsal, is_saved)
        for turn in range(len(HOSTILE)):
            words = {
                name: HOSTILE[(number + turn) % len(HOSTILE)] * (1 + number % 2)
                for number, name in enumerate(WORDS)
            }
            drawn = render_template("exam/runner.html", kind=kind, words=words, told=(), left_ms=None)
            assert cast_page(kind, words) == drawn
        assert (page_address() in drawn, generate_csrf() in drawn) == (True, True)


def begin(browser: Browser, house: ExamHouse) -> str:
    """Start the exam; return the address of its page."""
    reply = browser.post(f"/exam/{house.plan_id}/start")
    assert reply.status_code == 303
    return reply.headers["Location"]


def of_his_own(browser: Browser, url: str) -> tuple[str, set[str]]:
    """Open an exam page; return it with all that only its candidate may find there."""
    page = browser.get(url)
    assert page.status_code == 200
    tokens = set(re.findall(r'name="csrf(?:_|-)token" (?:content|value)="([^"]+)"', page.text))
    lease = re.findall(r'name="lease" value="([^"]+)"', page.text)
    options = re.findall(r'<input class="form-check-input"[^>]* value="(\w+)"', page.text)
    return page.text, {url.rsplit("/", 1)[1], *tokens, *lease, *options}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_of_who_came_first_is_on_the_page_of_the_next(
    house: ExamHouse, signed_in: SignIn, language: str
) -> None:
    pages = []
    for _ in range(3):
        candidate = house.candidate()
        browser = signed_in(candidate.person)
        if language == "en":
            browser.post("/language", {"language": "en", "next": "/"})
        page, own = of_his_own(browser, begin(browser, house))
        assert len(own) > 20
        assert candidate.person.name in page
        pages.append((candidate.person.name, page, own))
    for name, _, own in pages:
        others = [page for other, page, _ in pages if other != name]
        assert not any(word in page for page in others for word in {name, *own})


def test_a_page_with_a_notice_is_drawn_by_itself_and_lends_it_to_nobody(
    house: ExamHouse, signed_in: SignIn
) -> None:
    first, second = house.candidate(), house.candidate()
    browser = signed_in(first.person)
    url = begin(browser, house)
    with browser.client.session_transaction() as kept:
        kept["_flashes"] = [("ok", "答案已保存在此")]
    assert "答案已保存在此" in browser.get(url).text
    assert "答案已保存在此" not in browser.get(url).text
    other = signed_in(second.person)
    assert "答案已保存在此" not in other.get(begin(other, house)).text
