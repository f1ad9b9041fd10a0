"""The pages of study and the video bytes."""

import html
import re
from datetime import UTC, datetime

import pytest

from lms.accounts.policy import Role
from lms.courses.policy import RANGE_BYTES
from lms.courses.queries import get_lesson
from lms.enrolment import service as enrolment
from lms.study.media import AddressExpired, check_address
from tests.factories.plans import ALL_TIERS, WELDER, a_plan, a_reviewer, an_applicant
from tests.study.conftest import StudyHouse
from tests.support.browser import Browser


def test_the_study_place_leads_to_the_players_plan_or_says_what_to_do(house: StudyHouse) -> None:
    newcomer = house.signed_in(house.people.trainee())
    page = newcomer.get("/study/")
    assert page.status_code == 200
    assert "还没有要学的课程" in page.text
    person, _ = house.trainee()
    assert house.signed_in(person).get("/study/").location == f"/study/{house.plan.id}"


def test_two_open_courses_are_a_choice_and_each_stays_reachable(house: StudyHouse) -> None:
    person, _ = house.trainee()
    second = a_plan(house.runtime, house.people, title="第二期")
    _, other = an_applicant(house.runtime, house.people, second, choice=WELDER, person=person)
    browser = house.signed_in(person)
    assert browser.get("/study/").location == f"/study/{house.plan.id}", "the other is not approved yet"
    assert "换一个计划" in browser.get(f"/study/{house.plan.id}").text
    listed = browser.get("/study/?all=1").text
    assert f'href="/applications/{other.id}"' in listed
    reviewer = house.people.actor(a_reviewer(house.people, ALL_TIERS[2]))
    with house.runtime.write() as uow:
        enrolment.approve(uow, reviewer, other.id)
    page = browser.get("/study/")
    assert page.status_code == 200
    assert "选择要学的计划" in page.text
    for plan in (house.plan, second):
        assert f'href="/study/{plan.id}"' in page.text
        assert browser.get(f"/study/{plan.id}").status_code == 200


def test_the_ledger_accounts_for_every_lesson(house: StudyHouse) -> None:
    player = house.player()
    player.study(70)
    player.beat(visible=False)
    page = player.browser.get(f"/study/{house.plan.id}/ledger")
    assert page.status_code == 200
    assert "每一秒怎么算的" in page.text
    assert page.text.count('class="cover"') == 3
    assert "1:10—1:20，共 10 秒" in page.text
    assert "切到了后台" in page.text
    assert "最长 1 分钟" in page.text, "when the next check comes, not exactly"
    home = player.browser.get("/home").text
    assert f'href="/study/{house.plan.id}/ledger"' in home
    assert "待确认 0:10" in home, "what waits is not hidden"
    stranger = house.signed_in(house.people.trainee())
    assert stranger.get(f"/study/{house.plan.id}/ledger").status_code == 404


def test_the_page_shows_the_ledger_as_it_was_committed(house: StudyHouse) -> None:
    player = house.player()
    player.study(70)
    player.beat(visible=False)
    page = player.browser.get(f"/study/{house.plan.id}?lesson={house.lesson_ids[0]}")
    assert page.status_code == 200
    assert "已计入 1 分钟，待确认 10 秒，共需 3 分钟" in page.text
    assert "1:10—1:20，共 10 秒" in page.text
    assert "切到了后台" in page.text
    assert "第 1 课" in page.text


def test_voided_seconds_are_shown_with_their_reason(house: StudyHouse) -> None:
    player = house.player()
    while not player.last.get("check"):
        player.beat()
    player.answer(right=False)
    player.answer(right=False)
    page = player.browser.get(f"/study/{house.plan.id}")
    assert "0:00—1:00，共 1 分钟" in page.text
    assert "在学确认没有通过" in page.text


def test_after_the_requirement_the_page_counts_no_more(house: StudyHouse) -> None:
    player = house.player()
    player.study(180)
    page = player.browser.get(f"/study/{house.plan.id}")
    assert page.status_code == 200
    assert "规定的学习时长已经学满" in page.text
    assert '"counting": false' in page.text.replace('"counting":false', '"counting": false')


def test_somebody_elses_plan_does_not_exist(house: StudyHouse) -> None:
    stranger = house.signed_in(house.people.trainee())
    assert stranger.get(f"/study/{house.plan.id}").status_code == 404
    assert stranger.get("/study/0000000000000000").status_code == 404
    assert stranger.get(f"/study/media/{house.lesson_ids[0]}/video").status_code == 404


def test_a_guest_is_led_to_the_sign_in(house: StudyHouse, browser) -> None:
    assert browser.get("/study/").status_code == 302
    assert "/sign-in" in browser.get("/study/").location


BYTES = len(b"a film that nobody plays")


@pytest.mark.parametrize(
    ("header", "status", "content_range"),
    [
        ("bytes=0-", 206, f"bytes 0-{BYTES - 1}/{BYTES}"),
        ("bytes=2-5", 206, f"bytes 2-5/{BYTES}"),
        ("bytes=-4", 206, f"bytes {BYTES - 4}-{BYTES - 1}/{BYTES}"),
        ("", 206, f"bytes 0-{BYTES - 1}/{BYTES}"),
        (f"bytes=0-{10**9}", 206, f"bytes 0-{BYTES - 1}/{BYTES}"),
        (f"bytes={BYTES}-", 416, f"bytes */{BYTES}"),
        ("bytes=5-2", 416, f"bytes */{BYTES}"),
        ("bytes=-", 416, f"bytes */{BYTES}"),
        ("bytes=0-1,3-4", 416, f"bytes */{BYTES}"),
        ("lines=1-2", 416, f"bytes */{BYTES}"),
        (f"bytes={'9' * 40}-", 416, f"bytes */{BYTES}"),
    ],
)
def test_video_is_sent_by_range(house: StudyHouse, header: str, status: int, content_range: str) -> None:
    person, _ = house.trainee()
    browser = house.signed_in(person)
    reply = browser.get(video_address(browser, house), headers={"Range": header} if header else {})
    assert reply.status_code == status
    assert reply.headers["Content-Range"] == content_range
    if header == "bytes=2-5":
        assert reply.data == b"film"
    assert len(reply.data) <= RANGE_BYTES


def test_staff_who_prepare_courses_see_a_lesson_at_their_desk(house: StudyHouse) -> None:
    address = f"/desk/courses/media/{house.lesson_ids[0]}/video"
    admin = house.signed_in(house.people.staff(Role.EXAM_ADMIN))
    assert admin.get(address, headers={"Range": "bytes=0-"}).status_code == 206
    registrar = house.signed_in(house.people.staff(Role.REGISTRAR))
    assert registrar.get(address, headers={"Range": "bytes=0-"}).status_code == 403


def video_address(browser: Browser, house: StudyHouse, what: str = "video") -> str:
    """Return the address that the player's page was given."""
    page = browser.get(f"/study/{house.plan.id}?lesson={house.lesson_ids[0]}").text
    found = re.search(rf'src="(/study/media/[^"]+/{what}\?[^"]+)"', page)
    assert found, "the page names no address"
    return html.unescape(found[1])


def test_an_address_opens_nothing_for_another_sign_in_or_after_its_time(house: StudyHouse) -> None:
    person, _ = house.trainee()
    one, other = house.signed_in(person), house.signed_in(person)
    address = video_address(one, house)
    assert one.get(address).status_code == 206
    assert other.get(address).status_code == 400
    for change in (("key=", "key=A"), ("until=1", "until=2"), ("/video?", "/poster?"), ("key=", "kez=")):
        assert one.get(address.replace(*change)).status_code == 400, change
    assert one.get(address.split("?", maxsplit=1)[0]).status_code == 400
    assert house.signed_in(house.people.trainee()).get(address).status_code == 404
    house.clock.advance(11 * 3600)
    one.sign_in(person.login_name, person.password)
    later = video_address(one, house)
    assert one.get(later).status_code == 206
    assert one.get(address).status_code == 400, "it belongs to the sign-in before"
    until = int(re.search(r"until=(\d+)", later)[1])
    house.clock.set(datetime.fromtimestamp(until, UTC))
    with house.runtime.read() as uow, pytest.raises(AddressExpired):
        check_address(
            uow.vault,
            "a",
            "video",
            "s",
            str(until),
            uow.vault.sign("media", "a", "video", "s", until),
            uow.now,
        )


def test_nginx_sends_what_the_site_allows(house: StudyHouse) -> None:
    browser = house.signed_in(house.trainee()[0])
    address = video_address(browser, house)
    house.runtime.settings.accel_prefix = "/stored/"
    reply = browser.get(address, headers={"Range": "bytes=2-5"})
    with house.runtime.read() as uow:
        key = get_lesson(uow, house.lesson_ids[0]).file_key
    assert (reply.status_code, reply.data, reply.mimetype) == (200, b"", "video/mp4")
    assert reply.headers["X-Accel-Redirect"] == f"/stored/{key[:2]}/{key[2:4]}/{key}"
    stranger = house.signed_in(house.people.trainee())
    refused = stranger.get(address)
    assert refused.status_code == 404
    assert "X-Accel-Redirect" not in refused.headers
