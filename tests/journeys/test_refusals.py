"""What the site refuses, as the people it refuses meet it: each word, each code, and nothing half done."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import httpx
import pytest

from tests.journeys.office import SHANGHAI, Office, Trainee, publish_plan
from tests.journeys.player import Player, study_fully
from tests.journeys.sheet import Sheet, score_on, start_exam
from tests.support.page import Page
from tests.support.plain import NO_CERTIFICATES

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

GRACE_SECONDS = 3.0  # H18
SWEPT_WITHIN_SECONDS = 5.0  # H18
TOGETHER = 50


@pytest.fixture
def plan_id(office: Office) -> str:
    """A plan of this journey's own; its windows begin today."""
    return publish_plan(office, f"考评员培训班 {office.today:%m%d}-{time.monotonic_ns() % 10**6}")


@pytest.fixture
def exam_plan_id(office: Office) -> str:
    """A plan for those who come for its exam: players report once a minute, so that three hours are studied sooner."""
    title = f"考评员考试班 {office.today:%m%d}-{time.monotonic_ns() % 10**6}"
    return publish_plan(office, title, beat_interval_seconds="1")


def ready_for_the_exam(office: Office, plan_id: str) -> Trainee:
    """A trainee who has studied enough."""
    trainee = office.newcomer()
    trainee.become_approved(plan_id)
    study_fully(trainee.person, plan_id)
    return trainee


def test_a_rejected_application_says_why_and_opens_nothing(office: Office, plan_id: str) -> None:
    trainee = office.newcomer()
    trainee.register()
    trainee.fill_profile()
    application = trainee.apply(plan_id).path
    assert trainee.be_decided("不通过").status == 422, "a rejection needs words"
    page = trainee.be_decided("不通过", "没有本职业的工作经历")
    assert "已办理为不通过" in page.words, page
    page = trainee.person.open(application)
    assert "没有通过" in page.words
    assert "没有本职业的工作经历" in page.words
    assert trainee.person.open(f"/study/{plan_id}").status == 404
    assert trainee.person.post(f"/exam/{plan_id}/start").status in {404, 409}
    assert trainee.person.call(f"/study/{plan_id}/sessions").status_code in {404, 409}


def test_a_second_device_takes_the_study_over_and_the_first_stops_counting(
    office: Office, plan_id: str
) -> None:
    trainee = office.newcomer()
    trainee.become_approved(plan_id)
    desk = Player(trainee.person, plan_id)
    desk.open_page()
    desk.connect()
    desk.watch(66)
    phone = Player(trainee.another_browser(), plan_id)
    phone.open_page()
    assert phone.counted + phone.pending == 66
    assert phone.connect().json()["took_over"] is True
    office.site.clock.advance(15)
    refused = desk.beat(15)
    assert refused.status_code == 409
    assert refused.json()["reasons"][0]["code"] == "study.closed.superseded"
    assert "起在" in refused.json()["reasons"][0]["now"], "it says where and since when"
    phone.at = (0, 66)
    phone.watch(44)
    assert phone.counted + phone.pending == 110


def test_a_forged_beat_earns_nothing(office: Office, plan_id: str) -> None:
    trainee = office.newcomer()
    trainee.become_approved(plan_id)
    player = Player(trainee.person, plan_id)
    player.open_page()
    player.connect()
    player.watch(44)
    office.site.clock.advance(15)
    for changes, code in (
        ({"nonce": "0" * 32}, "study.nonce"),
        ({"seq": player.session["seq"] + 5}, "study.nonce"),
        ({"seq": 1}, "study.nonce"),
    ):
        reply = player.beat(15, **changes)
        assert reply.status_code == 409, (changes, reply.text)
        assert reply.json()["reasons"][0]["code"] == code
    assert player.beat(15, lease=player.session["lease"][:-4] + "AAAA").status_code == 401
    # A player that claims ten minutes after fifteen seconds is given the fifteen seconds.
    player.take(player.beat(600))
    assert 58 <= player.counted + player.pending <= 60
    # The same beat sent again is answered alike and credits nothing twice.
    before = player.counted + player.pending
    again = player.beat(15, seq=player.session["seq"], nonce="x")
    assert again.status_code == 409
    player.open_page()
    assert player.counted + player.pending == before


def test_a_beat_after_signing_out_is_refused(office: Office, plan_id: str) -> None:
    trainee = office.newcomer()
    trainee.become_approved(plan_id)
    player = Player(trainee.person, plan_id)
    player.open_page()
    player.connect()
    player.watch(44)
    trainee.person.open("/account/profile")
    trainee.person.send("退出登录")
    office.site.clock.advance(15)
    assert player.beat(15).status_code in {401, 409}


def test_a_missed_check_voids_its_window_and_nothing_else(office: Office, plan_id: str) -> None:
    trainee = office.newcomer()
    trainee.become_approved(plan_id)
    player = Player(trainee.person, plan_id)
    player.open_page()
    player.connect()
    player.watch(16 * 60)  # at least one check has been answered
    counted, pending = player.counted, player.pending
    assert counted > 0
    player.watch_until_checked()
    told = player.answer(rightly=False)
    assert told["verdict"] == "try_again"
    told = player.answer(rightly=False)
    assert told["verdict"] == "void"
    assert (player.counted, player.pending) == (counted, 0)
    assert pending < told["seconds"]


def test_fifty_starts_at_once_are_one_attempt(office: Office, exam_plan_id: str) -> None:
    trainee = ready_for_the_exam(office, exam_plan_id)
    person = trainee.person
    page = person.open(f"/exam/{exam_plan_id}")
    token, cookies = page.csrf_token, dict(person.cookies())

    def press(_number: int) -> tuple[int, str]:
        with httpx.Client(
            base_url=office.site.url, cookies=cookies, timeout=60, verify=NO_CERTIFICATES
        ) as window:
            reply = window.post(f"/exam/{exam_plan_id}/start", data={"csrf_token": token})
            return reply.status_code, reply.headers.get("location", "")

    with ThreadPoolExecutor(TOGETHER) as crowd:
        answers = list(crowd.map(press, range(TOGETHER)))
    assert {status for status, _ in answers} == {303}
    assert len({address for _, address in answers}) == 1
    sheet = Sheet(person, person.open(answers[0][1]))
    page = sheet.hand_in_on_paper()
    assert score_on(page) == 100
    assert "第 1 次" in page.words


def test_two_failures_use_up_the_attempts(office: Office, exam_plan_id: str) -> None:
    trainee = ready_for_the_exam(office, exam_plan_id)
    for number in (1, 2):
        page = start_exam(trainee.person, exam_plan_id).hand_in_on_paper(wrong=40)
        assert f"第 {number} 次" in page.words
        assert "未合格" in page.words
    refused = trainee.person.post(f"/exam/{exam_plan_id}/start")
    assert refused.status == 409
    assert "每人有 2 次考试机会" in refused.words  # B3
    assert "还没有证书" in trainee.person.open("/certificates").words


def test_when_time_is_up_the_sweeper_closes_and_grades_what_was_saved(
    office: Office, exam_plan_id: str
) -> None:
    trainee = ready_for_the_exam(office, exam_plan_id)
    person, clock = trainee.person, office.site.clock
    sheet = start_exam(person, exam_plan_id)
    remaining = person.call(f"/api/v1/exam/attempts/{sheet.attempt_id}/clock", method="GET").json()[
        "remaining_ms"
    ]
    deadline = clock.now() + timedelta(milliseconds=remaining)
    saved = [question for question in sheet.questions if not question.takes_many][:10]
    for question in saved:
        assert sheet.save(question, question.right).status_code == 200
    # The site is left alone: nobody asks, nobody hands in.
    clock.advance_to(deadline - timedelta(seconds=1))
    in_time = sheet.save(sheet.questions[12], sheet.questions[12].right)
    assert in_time.status_code == 200
    time.sleep(1 + GRACE_SECONDS + SWEPT_WITHIN_SECONDS + 0.5)
    page = person.open(f"/exam/attempts/{sheet.attempt_id}/result")
    assert "到时收卷" in page.words, page
    assert score_on(page) == 2 * 11
    late = sheet.save(sheet.questions[13], sheet.questions[13].right)
    assert late.status_code == 409
    closed = closed_at(office, page)
    assert closed <= deadline + timedelta(seconds=GRACE_SECONDS + SWEPT_WITHIN_SECONDS)
    refused = person.call("/api/v1/exam/submit", {"lease": sheet.lease})
    assert refused.status_code in {200, 409}
    assert score_on(person.open(page.path)) == 2 * 11


def closed_at(office: Office, page: Page) -> datetime:
    found = re.search(r"到时收卷 .*?(\d{1,2}):(\d\d):(\d\d)", page.words)
    assert found is not None, page.words
    hour, minute, second = map(int, found.groups())
    today = office.site.clock.now().astimezone(SHANGHAI)
    return today.replace(hour=hour, minute=minute, second=second, microsecond=0)


def test_after_the_window_neither_study_nor_exam_goes_on(office: Office, exam_plan_id: str) -> None:
    student, candidate = office.newcomer(), ready_for_the_exam(office, exam_plan_id)
    student.become_approved(exam_plan_id)
    player = Player(student.person, exam_plan_id)
    player.open_page()
    player.connect()
    player.watch(44)
    office.site.clock.advance(29 * 24 * 3600)  # A11: study and exam end after 29 days
    refused = reconnected(player)
    assert refused.status_code == 409
    assert refused.json()["reasons"][0]["code"] == "study.window_over"
    page = candidate.person.open(f"/exam/{exam_plan_id}")
    assert "只能在考试时间内考试" in page.words, page
    assert "开始考试" not in page.buttons()
    refused_page = candidate.person.post(f"/exam/{exam_plan_id}/start")
    assert refused_page.status == 409
    assert "截止" in refused_page.words
    late = office.newcomer()
    late.register()
    late.fill_profile()
    page = late.person.open(f"/applications/plans/{exam_plan_id}")
    assert "只能在报名时间内报名" in page.words


def reconnected(player: Player) -> httpx.Response:
    player.person.open(f"/study/{player.plan_id}")  # days later: he signs in again
    return player.connect()
