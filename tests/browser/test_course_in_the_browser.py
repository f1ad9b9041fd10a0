"""A course made at the desk, and a trainee who watches it with poster, captions, chapters and the light version."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, Window
from tests.factories.films import film
from tests.journeys.office import Office, publish_plan

pytestmark = [
    pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(180), pytest.mark.xdist_group("site-browser")
]  # fmt: skip

TITLE = "现场考评实务"
LESSON_SECONDS = 66
"""A plan asks for whole minutes, and its course is a little longer."""
CAPTIONS = "WEBVTT\n\n00:00.000 --> 00:15.000\n考评员应当独立评分\n"
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@pytest.fixture
def size() -> dict[str, int]:
    """One walk; what is worth looking at is looked at in both sizes."""
    return DESKTOP


BROKEN_WORDS = """[
  ...document.querySelectorAll('.player-bar .time, .player-bar [data-when]:not([hidden])'),
].filter(one => {
  const words = document.createRange();
  words.selectNodeContents(one);
  return new Set([...words.getClientRects()].map(box => box.top)).size > 1;
}).map(one => one.textContent)"""
"""What of a player's bar stands in two lines, which no word of it should."""


def look(own: Window, name: str) -> None:
    """See that a page fits both sizes."""
    for size in (PHONE, DESKTOP):
        own.page.set_viewport_size(size)
        own.width = size["width"]
        assert not own.is_too_wide(), (name, size)
        assert own.page.evaluate(BROKEN_WORDS) == [], (name, size)
        own.shot(name)


def wait_until(page: Page, fact: str) -> None:
    """Wait until something is so; the page's own policy lets nothing wait inside it."""
    end = time.monotonic() + 20
    while not page.evaluate(fact):
        assert time.monotonic() < end, fact
        page.wait_for_timeout(50)


def test_a_course_is_made_and_watched(office: Office, window: Callable[..., Window], tmp_path: Path) -> None:
    make_course(office, window(), tmp_path)
    plan_id = publish_plan(office, "短课程", course=f"{TITLE}（1 分 6 秒）", required_study_seconds="1")
    trainee = office.newcomer()
    trainee.become_approved(plan_id)
    own = window()
    own.sign_in(trainee.mobile, trainee.person.password)
    page = own.page
    page.goto(f"{own.site.url}/study/{plan_id}")
    wait_until(page, "document.querySelector('#start img').naturalWidth > 0")
    look(own, "poster")

    page.keyboard.press("c")
    expect(page.locator("#captions")).to_have_attribute("aria-pressed", "false")
    page.locator("#captions").focus()
    page.keyboard.press("c")
    expect(page.locator("#captions")).to_have_attribute("aria-pressed", "true")
    page.locator("#start").click()
    wait_until(page, "document.getElementById('video').currentTime > 1.5")
    wait_until(page, "document.getElementById('video').textTracks[0].activeCues?.length === 1")
    cue = page.evaluate("document.getElementById('video').textTracks[0].activeCues[0].text")
    assert cue == "考评员应当独立评分"
    look(own, "captions")

    before = page.evaluate("document.getElementById('video').currentTime")
    page.locator("#quality").click()
    wait_until(page, f"document.getElementById('video').currentTime > {before} + 0.5")
    assert "/low?" in page.evaluate("document.getElementById('video').currentSrc")
    assert page.evaluate("document.getElementById('video').videoHeight") < 400
    expect(page.locator("#state")).to_contain_text("已保存，待确认", timeout=30_000)
    look(own, "light")
    page.get_by_role("link", name="评分与复核").click()
    wait_until(page, "Math.abs(document.getElementById('video').currentTime - 10) < 2")
    with page.expect_download() as download:
        page.get_by_role("link", name="考评要点").click()
    assert download.value.suggested_filename == "考评要点.pdf"

    page.reload()
    wait_until(page, "document.getElementById('video').readyState > 0")
    assert "/low?" in page.evaluate("document.getElementById('video').currentSrc")
    expect(page.locator("#captions")).to_have_attribute("aria-pressed", "true")


def make_course(office: Office, own: Window, folder: Path) -> None:
    """Make a course of one lesson at the desk, by hand."""
    (folder / "note.mp4").write_bytes(b"no film at all")
    (folder / "a.vtt").write_text(CAPTIONS, encoding="utf-8")
    (folder / "考评要点.pdf").write_bytes(PDF)
    source = film(folder / "talk.mp4", seconds=LESSON_SECONDS, size=(854, 480), rate=1, bits=1_200_000)
    own.sign_in("root", office.root.password)
    page = own.page
    page.goto(f"{own.site.url}/desk/courses/")
    page.get_by_role("link", name="新建课程").click()
    page.get_by_label("课程名称").fill(TITLE)
    page.get_by_label("课程代码").fill("short-1")
    page.get_by_role("button", name="建立草稿").click()
    expect(page.get_by_label("课的名称")).to_be_visible()
    look(own, "draft-empty")
    page.get_by_label("课的名称").fill("考评现场")
    page.get_by_role("button", name="添加").click()
    page.get_by_label("视频文件").set_input_files(folder / "note.mp4")
    page.get_by_role("button", name="上传视频").click()
    # Nothing was typed, so the page goes on by itself.
    expect(page.get_by_text("文件内容不是 MP4、MOV 或 MKV")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("button", name="重新处理这个文件")).to_have_count(0)
    look(own, "lesson-refused")
    page.get_by_label("视频文件").set_input_files(source)
    page.get_by_role("button", name="换一个视频").click()
    page.get_by_role("textbox", name="章节").fill("0:00 开场\n0:10 评分与复核")
    look(own, "lesson-waiting")
    # What was typed is not lost to the result, and nothing on the page says any more that it is awaited.
    expect(page.get_by_role("link", name="查看结果")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("正在处理")).to_be_hidden()
    page.get_by_role("button", name="保存章节").click()
    expect(page.get_by_role("textbox", name="章节")).to_have_value("0:00 开场\n0:10 评分与复核")
    expect(page.locator("video.preview-video")).to_be_visible()
    page.get_by_label("字幕文件").set_input_files(folder / "a.vtt")
    page.get_by_role("button", name="上传字幕").click()
    page.get_by_label("讲义文件").set_input_files(folder / "考评要点.pdf")
    page.get_by_role("button", name="上传讲义").click()
    add_question(own)
    look(own, "lesson-ready")
    page.locator(".page-head a").first.click()
    look(own, "draft-ready")
    page.get_by_role("button", name="发布课程").click()
    page.locator("dialog[open]").get_by_role("button", name="发布课程").click()
    expect(page.get_by_text("课程已发布")).to_be_visible()
    page.get_by_text("看视频").click()
    look(own, "course")
    page.goto(f"{own.site.url}/desk/courses/")
    look(own, "courses-listed")


def add_question(own: Window) -> None:
    """Let the lesson ask for twenty seconds and stop once for a question."""
    page = own.page
    page.get_by_label("最短学习时间（分钟）").fill("0:20")
    page.get_by_role("button", name="保存", exact=True).click()
    own.expect_refusals(422)
    page.get_by_role("link", name="添加随堂问题").click()
    page.get_by_label("出现的时间（分:秒）").fill("1:30")
    page.get_by_role("textbox", name="问题").fill("评分时两名考评员意见不同，应当怎样？")
    page.get_by_label("选项 A").fill("商量出一个分")
    page.get_by_label("选项 B").fill("各自独立评分")
    page.get_by_label("正确的选项").select_option("B")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("alert").or_(page.locator("#errors"))).to_contain_text("视频长 1 分 6 秒")
    look(own, "question-refused")
    page.get_by_label("出现的时间（分:秒）").fill("0:30")
    page.get_by_role("button", name="保存").click()
    page.get_by_role("link", name="修改 0:30 的问题").click()
    expect(page.get_by_role("group", name="评分时两名考评员意见不同")).to_be_visible()
    look(own, "question")
    page.get_by_role("link", name="不保存").click()
