"""Charts in a real browser: drawn as their tables say, in both themes and sizes, under the site's own policy."""

import re
import shutil
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from lms.accounts.policy import Role
from lms.core.unit_of_work import Runtime
from tests.factories.plans import a_plan
from tests.factories.population import Population
from tests.support.doorway import walk_in
from tests.support.people import KnownPerson, People
from tests.support.width import is_too_wide

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed"),
    pytest.mark.parametrize("site", ["sqlite"], indirect=True),
]
WATCH = "addEventListener('securitypolicyviolation', event => (window.refused ??= []).push(event.violatedDirective))"
# Every bar of a drawing with its colour and its place; what lies above is the legend.
BARS = """room => [...room.querySelectorAll('svg path')].map(path => ({
    fill: getComputedStyle(path).fill, stroke: path.getAttribute('stroke'), box: path.getBBox(),
    at: path.getBoundingClientRect() })).filter(one => one.box.y > 24 && one.box.width > 3 && one.box.height > 3)
    .map(one => ({ fill: one.fill, stroke: one.stroke, x: one.at.x, y: one.at.y, width: one.at.width,
                   height: one.at.height }))"""
TABLE = """figure => { const table = figure.querySelector('table');
    return [...table.tHead.rows[0].cells].filter(head => head.dataset.series).map(head => ({
        look: head.dataset.series,
        rows: [...table.tBodies[0].rows].map(row => ({ look: row.dataset.look ?? null,
            value: Number(row.cells[head.cellIndex].dataset.value),
            words: row.cells[head.cellIndex].textContent.trim() })) })) }"""
TOKEN = """name => { const probe = document.createElement('i'); document.body.append(probe);
    probe.style.color = `var(--${name})`; const found = getComputedStyle(probe).color; probe.remove(); return found }"""
# Level words of a drawing that touch each other; those aslant stand side by side on purpose.
TOUCHING = """room => { const level = [...room.querySelectorAll('svg text')]
    .filter(one => Math.abs(one.getScreenCTM().b) < 0.01)
    .map(one => ({ words: one.textContent, at: one.getBoundingClientRect() })).filter(one => one.words.trim());
    return level.flatMap((one, index) => level.slice(index + 1).filter(other =>
        one.at.left < other.at.right + 2 && other.at.left < one.at.right + 2
        && one.at.top + 2 < other.at.bottom && other.at.top + 2 < one.at.bottom)
        .map(other => [one.words, other.words])) }"""
PIGMENTS = {"now": "azurite-fill", "ok": "malachite-fill", "wait": "ochre-fill", "hollow": "surface"}


@dataclass
class Visit:
    """A page that somebody has open, with all it complained of."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def figures(self) -> list[Locator]:
        """Wait until every chart is drawn and return them."""
        expect(self.page.locator("figure[data-chart]:not([data-drawn])")).to_have_count(0)
        return self.page.locator("figure[data-chart]").all()

    def refused(self) -> list[str]:
        """Return what the content policy had to refuse."""
        found: list[str] = self.page.evaluate("window.refused ?? []")
        return found


@pytest.fixture
def auditor(runtime: Runtime, people: People) -> KnownPerson:
    """Somebody who sees every figure, of two plans with results and a registry with ends."""
    for title, scores in (("上一期", (95_00, 70_00)), ("这一期", (88_00, 91_00, 100_00, 55_00))):
        population = Population(runtime, people, a_plan(runtime, people, title=title))
        for score in scores:
            application_id = population.trainee(10800)
            population.attempt(application_id, score)
            if score < 90_00:
                population.attempt(application_id, score + 5_00, number=2)
        for counted in (0, 500, 4000, 9000):
            population.trainee(counted)
        for month in (12, 1, 1, 6):
            population.entry(date(2026 if month == 12 else 2027, month, 15))
    return people.staff(Role.AUDITOR)


def visit(
    chromium: Browser,
    address: str,
    person: KnownPerson,
    *,
    width: int = 1280,
    locale: str = "zh-CN",
    **options: Any,
) -> Visit:
    """Sign in with a browser of one's own."""
    context = chromium.new_context(
        base_url=address, viewport={"width": width, "height": 844}, locale=locale, **options
    )
    context.add_init_script(WATCH)
    page = walk_in(context, person)
    opened = Visit(page)
    page.on(
        "console",
        lambda said: opened.complaints.append(said.text) if said.type in {"error", "warning"} else None,
    )
    page.on("pageerror", lambda error: opened.complaints.append(str(error)))
    return opened


def assert_drawn_as_the_table_says(page: Page, figure: Locator) -> None:
    """Compare the length of every bar with its figure, and its colour with its look."""
    lying = figure.get_attribute("data-chart") == "rows"
    bars = figure.locator(".drawn-space").evaluate(BARS)
    series = figure.evaluate(TABLE)
    drawn: list[tuple[float, int]] = []
    for one in series:
        wanted = [(row["look"] or one["look"], row["value"]) for row in one["rows"] if row["value"]]
        assert wanted, "the story has something to draw in every column"
        for look in {look for look, _ in wanted}:
            colour = page.evaluate(TOKEN, PIGMENTS[look])
            own = [
                bar for bar in bars if bar["fill"] == colour and (look != "hollow" or bar["stroke"] != "none")
            ]
            own.sort(key=lambda bar: bar["y" if lying else "x"])
            values = [value for drawn_as, value in wanted if drawn_as == look]
            lengths = [bar["width" if lying else "height"] for bar in own]
            assert len(lengths) == len(values), (look, lengths, values)
            drawn += zip(lengths, values, strict=True)
    longest, most = max(drawn)
    # The edge of a hollow bar is drawn half outside it, so a pixel or two more than its figure.
    assert all(abs(length - longest * value / most) <= 2 for length, value in drawn), drawn
    if len(series) == 1:
        words = figure.locator(".drawn-space").inner_text()
        assert all(row["words"] in words for row in series[0]["rows"] if row["value"])


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_chart_is_drawn_as_its_table_says(
    chromium: Browser, address: str, auditor: KnownPerson, width: int, theme: Any
) -> None:
    opened = visit(chromium, address, auditor, width=width, color_scheme=theme)
    page = opened.page
    page.goto("/desk/figures")
    figures = opened.figures()
    assert len(figures) == 4
    for figure in figures:
        assert_drawn_as_the_table_says(page, figure)
    assert not is_too_wide(page)
    assert (opened.complaints, opened.refused()) == ([], [])


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_no_words_of_a_chart_touch_each_other(
    chromium: Browser, address: str, auditor: KnownPerson, locale: str, width: int
) -> None:
    opened = visit(chromium, address, auditor, width=width, locale=locale)
    opened.page.goto("/desk/figures")
    rooms = [figure.locator(".drawn-space") for figure in opened.figures()]
    assert all(room.locator("svg text").count() for room in rooms)
    assert [pair for room in rooms for pair in room.evaluate(TOUCHING)] == []


def test_a_chart_follows_the_theme_the_window_and_the_hand(
    chromium: Browser, address: str, auditor: KnownPerson
) -> None:
    opened = visit(chromium, address, auditor, color_scheme="light")
    page = opened.page
    page.goto("/desk/figures")
    figures = opened.figures()
    light = page.evaluate(TOKEN, "azurite-fill")
    page.locator("[data-theme-toggle]").click()
    page.wait_for_function("() => document.documentElement.dataset.bsTheme === 'dark'")
    assert page.evaluate(TOKEN, "azurite-fill") != light
    for figure in figures:
        assert_drawn_as_the_table_says(page, figure)
    page.set_viewport_size({"width": 700, "height": 800})
    for figure in figures:
        room = figure.locator(".drawn-space")
        expect(room.locator("svg")).to_have_attribute("width", str(room.evaluate("room => room.clientWidth")))
        room.hover()
    assert (opened.complaints, opened.refused()) == ([], []), (
        "what shows under the pointer keeps the policy too"
    )


def test_who_cannot_see_it_hears_one_sentence_and_reaches_the_table_by_key(
    chromium: Browser, address: str, auditor: KnownPerson
) -> None:
    opened = visit(chromium, address, auditor, reduced_motion="reduce")
    page = opened.page
    page.goto("/desk/figures")
    opened.figures()
    chart = page.get_by_role("img", name=re.compile("^这一期，共 12 人：.*学满 4 人$"))
    expect(chart).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("合格线 90 分$"))).to_be_visible()
    table = page.get_by_role("table", name="学到多少了")
    expect(table).to_be_hidden()
    page.locator("figure summary").first.focus()
    page.keyboard.press("Enter")
    expect(table).to_be_visible()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "学到多少了，可左右滚动"


def test_without_scripts_the_tables_are_open_and_no_room_is_left_empty(
    chromium: Browser, address: str, auditor: KnownPerson
) -> None:
    page = visit(chromium, address, auditor, java_script_enabled=False).page
    page.goto("/desk/figures")
    assert page.get_by_role("table").count() == 4
    for table in page.get_by_role("table").all():
        expect(table).to_be_visible()
    for room in page.locator(".drawn-space").all():
        expect(room).to_be_hidden()


def test_when_the_library_does_not_come_the_tables_open_again(
    chromium: Browser, address: str, auditor: KnownPerson
) -> None:
    opened = visit(chromium, address, auditor)

    def lose(route: Route) -> None:
        route.abort()

    opened.page.route("**/echarts*", lose)
    opened.page.goto("/desk/figures")
    expect(opened.page.get_by_role("table", name="分数分布")).to_be_visible()
    expect(opened.page.locator(".drawn-space").first).to_be_hidden()
    assert any("charts are not drawn" in said for said in opened.complaints)


def test_only_pages_with_charts_load_the_library(
    chromium: Browser, address: str, auditor: KnownPerson
) -> None:
    opened = visit(chromium, address, auditor)
    asked: list[str] = []
    opened.page.on("request", lambda request: asked.append(request.url))
    opened.page.goto("/desk")
    opened.page.goto("/desk/figures/behind")
    assert not any("echarts" in url for url in asked)
    opened.page.goto("/desk/figures")
    opened.figures()
    assert sum("echarts" in url for url in asked) == 1
