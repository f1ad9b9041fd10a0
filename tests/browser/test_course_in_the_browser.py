"""A course made at the desk, and a trainee who watches it with poster, captions, chapters and the light version."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Window
from tests.factories.films import film
from tests.journeys.office import Office, publish_plan

pytestmark = [
    pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300), pytest.mark.xdist_group("site-browser")
]  # fmt: skip

LESSON_SECONDS = 70
CAPTIONS = "WEBVTT\n\n00:00.000 --> 01:00.000\n考评员应当独立评分\n"
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def test_a_course_is_made_and_watched(
    office: Office, window: Callable[..., Window], size: dict[str, int], tmp_path: Path
) -> None:
    title = f"现场考评实务 {size['width']}"
    make_course(office, window(), title, tmp_path)
    plan_id = publish_plan(
        office, f"短课程（{size['width']}）", course=f"{title}（1 分 10 秒）", required_study_seconds="1"
    )
    trainee = office.newcomer()
    trainee.become_approved(plan_id)
    own = window()
    own.sign_in(trainee.mobile, trainee.person.password)
    page = own.page
    page.goto(f"{own.site.url}/study/{plan_id}")
    expect(page.locator("#start img")).to_be_visible()
    page.wait_for_function("document.querySelector('#start img').naturalWidth > 0")
    own.shot("poster")
    assert not own.is_too_wide()

    page.keyboard.press("c")
    expect(page.locator("#captions")).to_have_attribute("aria-pressed", "true")
    page.locator("#start").click()
    page.wait_for_function("document.getElementById('video').currentTime > 1.5")
    assert (
        page.evaluate("document.getElementById('video').textTracks[0].activeCues[0].text")
        == "考评员应当独立评分"
    )
    own.shot("captions")

    before = page.evaluate("document.getElementById('video').currentTime")
    page.locator("#quality").click()
    page.wait_for_function(f"document.getElementById('video').currentTime > {before} + 0.5")
    assert "/low?" in page.evaluate("document.getElementById('video').currentSrc")
    assert page.evaluate("document.getElementById('video').videoHeight") == 360
    expect(page.locator("#state")).to_contain_text("已记到", timeout=30_000)
    own.shot("light")
    page.get_by_role("link", name="评分与复核").click()
    page.wait_for_function("Math.abs(document.getElementById('video').currentTime - 40) < 3")
    with page.expect_download() as download:
        page.get_by_role("link", name="考评要点").click()
    assert download.value.suggested_filename == "考评要点.pdf"

    page.reload()
    page.wait_for_function("document.getElementById('video').readyState > 0")
    assert "/low?" in page.evaluate("document.getElementById('video').currentSrc")
    expect(page.locator("#captions")).to_have_attribute("aria-pressed", "true")


def make_course(office: Office, own: Window, title: str, folder: Path) -> None:
    """Make a course of one lesson at the desk, by hand."""
    own.sign_in("exam", office.staff["exam"].password)
    page = own.page
    page.goto(f"{own.site.url}/desk/courses/")
    own.shot("courses")
    page.get_by_role("link", name="新建课程").click()
    page.get_by_label("课程名称").fill(title)
    page.get_by_label("课程代码").fill(f"short-{own.width}")
    page.get_by_role("button", name="建立草稿").click()
    own.shot("draft-empty")
    page.get_by_label("课的名称").fill("考评现场")
    page.get_by_role("button", name="添加").click()
    (folder / "note.mp4").write_bytes(b"no film at all")
    page.get_by_label("视频文件").set_input_files(folder / "note.mp4")
    page.get_by_role("button", name="上传视频").click()
    page.get_by_role("link", name="查看结果").click(timeout=60_000)
    expect(page.get_by_text("文件内容不是 MP4、MOV 或 MKV")).to_be_visible()
    own.shot("lesson-refused")
    assert not own.is_too_wide()
    source = film(folder / "talk.mp4", seconds=LESSON_SECONDS, size=(1280, 720), rate=2, bits=3_000_000)
    page.get_by_label("视频文件").set_input_files(source)
    page.get_by_role("button", name="换一个视频").click()
    own.shot("lesson-waiting")
    page.get_by_role("link", name="查看结果").click(timeout=120_000)
    page.get_by_label("章节").fill("0:00 开场\n0:40 评分与复核")
    page.get_by_role("button", name="保存章节").click()
    (folder / "a.vtt").write_text(CAPTIONS, encoding="utf-8")
    page.get_by_label("字幕文件").set_input_files(folder / "a.vtt")
    page.get_by_role("button", name="上传字幕").click()
    (folder / "考评要点.pdf").write_bytes(PDF)
    page.get_by_label("讲义文件").set_input_files(folder / "考评要点.pdf")
    page.get_by_role("button", name="上传讲义").click()
    own.shot("lesson-ready")
    assert not own.is_too_wide()
    page.locator(".page-head a").first.click()
    own.shot("draft-ready")
    assert not own.is_too_wide()
    page.get_by_role("button", name="发布课程").click()
    page.locator("dialog[open]").get_by_role("button", name="发布课程").click()
    expect(page.get_by_text("课程已发布")).to_be_visible()
    own.shot("course")
    assert not own.is_too_wide()
    page.goto(f"{own.site.url}/desk/courses/")
    own.shot("courses-listed")
