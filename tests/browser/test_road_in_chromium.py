"""The trainee's road in a real browser, on a phone and on a desktop: play, answer, sit, pass, download, check."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE, Window
from tests.browser.hands import Hands, Keyboard, Pointer
from tests.journeys.office import Office, Trainee, publish_plan
from tests.journeys.player import Player
from tests.journeys.sheet import questions_on
from tests.support.page import Page
from tests.support.person import Person
from tests.support.printed import code_on, text_of
from tests.support.thoroughness import IS_THOROUGH

pytestmark = [
    pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300), pytest.mark.xdist_group("site-browser")
]  # fmt: skip

REQUIRED = 180 * 60
PLAYED_FIRST_MS = 6_000
LAST_SECONDS = 6
NO_SECONDS = re.compile(r"^0 ")
SOME_SECONDS = re.compile(r"^[4-7] ")


SOME = [pytest.param(PHONE, Pointer(), False, id="phone-pointer-chinese")]
OTHERS = [
    pytest.param(DESKTOP, Keyboard(), True, id="desktop-keyboard-english"),
    pytest.param(PHONE, Pointer(), True, id="phone-pointer-english"),
    pytest.param(PHONE, Keyboard(), False, id="phone-keyboard-chinese"),
    pytest.param(DESKTOP, Pointer(), False, id="desktop-pointer-chinese"),
    pytest.param(DESKTOP, Keyboard(), False, id="desktop-keyboard-chinese"),
]
WAYS = SOME + OTHERS if IS_THOROUGH else SOME
"""As most trainees go; in both widths and languages, by pointer and by keyboard, when LMS_THOROUGH is set."""


@pytest.mark.parametrize(("size", "hands", "in_english"), WAYS)
def test_a_trainee_plays_sits_passes_and_shows_a_certificate_that_checks(
    office: Office, window: Callable[..., Window], size: dict[str, int], tmp_path: Path, hands: Hands,
    in_english: bool, request: pytest.FixtureRequest,
) -> None:  # fmt: skip
    plan_id = publish_plan(office, f"考评员培训班（{request.node.callspec.id}）")
    trainee = office.newcomer()
    trainee.become_approved(plan_id)
    own = window(in_english=in_english)
    own.page.goto(f"{office.site.url}/sign-in")
    own.shot("sign-in")
    own.sign_in(trainee.mobile, trainee.person.password)
    own.shot("home")
    seconds = play_for_a_moment(own, hands, plan_id)
    study_the_rest_by_wire(own, plan_id, seconds)
    play_the_last_seconds(own, hands)
    sit_the_exam(own, hands)
    pdf = download_certificate(own, hands, tmp_path)
    anybody_checks_it(office, window(in_english=in_english), trainee, pdf)


def play_for_a_moment(own: Window, hands: Hands, plan_id: str) -> int:
    """Play a real video and see the seconds arrive on the page; return how many."""
    page = own.page
    page.goto(f"{own.site.url}/study/{plan_id}")
    expect(page.locator("#pending")).to_have_text(NO_SECONDS)
    hands.press(page.locator("#play"))
    expect(page.locator("#play [data-when=playing]")).to_be_visible()
    page.wait_for_timeout(PLAYED_FIRST_MS)
    hands.press(page.locator("#play"))
    expect(page.locator("#pending")).to_have_text(SOME_SECONDS)
    expect(page.locator("#state")).to_contain_text(own.say("已保存，待确认 {pending}").split(" {")[0])
    own.shot("player")
    assert not own.is_too_wide()
    return int(re.sub(r"\D", "", page.locator("#pending").inner_text()))


def study_the_rest_by_wire(own: Window, plan_id: str, done: int) -> None:
    """Let the same login watch on, beat by beat, with the clock moved instead of waited for."""
    person = Person(own.site)
    person.carry_on({one["name"]: one["value"] for one in own.context.cookies()})
    player = Player(person, plan_id)
    player.open_page()
    assert player.connect().status_code == 201
    player.at = (0, done)
    player.watch(REQUIRED - done - LAST_SECONDS)
    assert player.counted + player.pending == REQUIRED - LAST_SECONDS


def play_the_last_seconds(own: Window, hands: Hands) -> None:
    """Play to the end, answer the check with a click, and see the exam open."""
    page = own.page
    page.goto(f"{own.site.url}/study/")
    expect(page.locator("#ring svg")).to_contain_text(re.compile(r"1[67]\d:\d\d"))
    own.shot("player-nearly-there")
    hands.press(page.locator("#play"))
    page.wait_for_timeout((LAST_SECONDS + 3) * 1000)
    if not page.locator("#presence").is_visible():
        hands.press(page.locator("#play"))
    expect(page.locator("#presence")).to_be_visible()
    own.shot("presence")
    place = own.say("第 %(n)s 课 %(title)s", n=r"\d+", title="(.+)")
    title = re.fullmatch(place, page.locator("h1").inner_text())
    assert title is not None
    hands.choose(page.locator("#presence-options label").filter(has_text=title[1]).locator("input"))
    hands.press(page.get_by_role("button", name=own.say("确认，继续学习")))
    expect(page.locator("#complete")).to_be_visible()
    expect(page.locator("#ring svg")).to_contain_text("180:00")
    own.shot("study-complete")
    hands.press(page.locator("#complete").get_by_role("link", name=own.say("去考试")))


def sit_the_exam(own: Window, hands: Hands) -> None:
    """Start through the dialog, click every answer, hand in through the dialog, see the score."""
    page = own.page
    expect(page.get_by_role("heading", name=own.say("可以开始了"))).to_be_visible()
    own.shot("exam-entry")
    hands.press(page.get_by_role("button", name=own.say("开始考试", "button")))
    hands.press(page.locator("dialog[open]").get_by_role("button", name=own.say("开始考试", "button")))
    page.wait_for_url("**/exam/attempts/*")
    own.shot("exam-runner")
    assert not own.is_too_wide()
    sheet = questions_on(Page(page.url, page.content()))
    for question in sheet:
        section = page.locator(f"#q{question.position}")
        expect(section).to_be_visible()
        for option in question.right:
            hands.choose(section.locator(f"input[value='{option}']"))
        expect(section.locator("[data-saved]")).to_have_text(own.say("已保存"))
        if question.position < len(sheet):
            hands.press(page.locator("#next"))
    own.shot("exam-all-answered")
    hands.press(page.locator("#hand-in-button"))
    expect(page.locator("#hand-in")).to_be_visible()
    assert re.fullmatch(r"\d{1,3}:\d\d", page.locator("#hand-in [data-left]").inner_text())
    own.shot("exam-hand-in")
    hands.press(page.locator("#hand-in [data-really]"))
    page.wait_for_url("**/result")
    expect(page.locator(".score")).to_contain_text("100")
    own.shot("result")
    assert names_and_points_share_a_line(own)
    assert not own.is_too_wide()


def names_and_points_share_a_line(own: Window) -> bool:
    """Tell whether each area's points stand beside its name."""
    offsets = own.page.eval_on_selector_all(
        ".bars dt",
        "names => names.map(name => Math.abs(name.getBoundingClientRect().top"
        " - name.nextElementSibling.nextElementSibling.getBoundingClientRect().top))",
    )
    return len(offsets) == 5 and max(offsets) < 12


def download_certificate(own: Window, hands: Hands, folder: Path) -> bytes:
    """Wait for the worker, then press download."""
    page = own.page
    hands.press(page.get_by_role("link", name=own.say("查看电子证书")))
    for _ in range(60):
        if page.get_by_role("link", name=own.say("下载 PDF")).count():
            break
        page.wait_for_timeout(500)
        page.goto(f"{own.site.url}/certificates")
    own.shot("certificate")
    assert not own.is_too_wide()
    with page.expect_download() as coming:
        hands.press(page.get_by_role("link", name=own.say("下载 PDF")))
    file = folder / "certificate.pdf"
    coming.value.save_as(file)
    assert coming.value.suggested_filename.endswith(".pdf")
    return file.read_bytes()


def anybody_checks_it(office: Office, passer_by: Window, trainee: Trainee, pdf: bytes) -> None:
    """Scan the code, look at the public page, and compare it with the paper and with the registrar's page."""
    printed = text_of(pdf)
    page = passer_by.page
    page.goto(code_on(pdf))
    expect(page.locator(".verdict")).to_contain_text(passer_by.say("有效"))
    passer_by.shot("verify")
    assert not passer_by.is_too_wide()
    public = page.locator("main").inner_text().replace(" ", "")
    number = re.search(r"证书编号(\d{15})", printed)
    assert number is not None
    assert number[1] in public
    validity = re.search(r"\d{4}年\d{1,2}月\d{1,2}日至\d{4}年\d{1,2}月\d{1,2}日", printed)
    assert validity is not None
    assert validity[0] in public or passer_by.say("有效") != "有效", (
        "in English the page writes its dates its own way"
    )
    assert trainee.name in printed
    assert trainee.name not in public
    registrar = office.registrar
    registrar.open("/desk")
    registrar.follow("考评员登记")
    assert number[1] in registrar.follow(trainee.name).words.replace(" ", "")
