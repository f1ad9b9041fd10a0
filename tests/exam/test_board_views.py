"""Fair conditions and invigilation through HTTP, as staff and candidates meet them."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from lms.accounts.policy import Role
from lms.exam.policy.attempts import AttemptState
from tests.exam.conftest import EXAM_SECONDS, Candidate, ExamHouse
from tests.exam.test_views import STEM, begin
from tests.support.browser import Browser
from tests.support.people import KnownPerson
from tests.support.site import ClockControl

SignIn = Callable[[KnownPerson], Browser]
WHY = "考点停电，按应急预案处理"


@pytest.fixture
def desk(house: ExamHouse, signed_in: SignIn) -> Browser:
    """The browser of an exam administrator."""
    return signed_in(house.people.staff(Role.EXAM_ADMIN))


@pytest.fixture
def sitting(candidate: Candidate, house: ExamHouse, signed_in: SignIn) -> tuple[Browser, dict[str, Any]]:
    """A candidate's browser, and what the start of his exam replied."""
    browser = signed_in(candidate.person)
    return browser, begin(browser, house)


def visit(browser: Browser, lease: str, **said: Any) -> Any:
    return browser.client.post("/api/v1/exam/visit", json={"lease": lease, **said})


def test_a_board_shows_who_is_there_and_is_renewed_alone(
    house: ExamHouse, candidate: Candidate, desk: Browser, sitting: tuple[Browser, dict[str, Any]]
) -> None:
    absent = house.candidate()
    listed = desk.get("/desk/invigilation/").text
    assert f"/desk/invigilation/{house.plan_id}" in listed
    page = desk.get(f"/desk/invigilation/{house.plan_id}").text
    assert candidate.person.name in page
    assert absent.person.name in page
    assert "未到" in page
    fragment = desk.get(f"/desk/invigilation/{house.plan_id}/live").text
    assert fragment.lstrip().startswith("<div")
    assert f'data-live-url="/desk/invigilation/{house.plan_id}/live"' in fragment
    assert "<html" not in fragment
    assert not STEM.search(page + fragment)


def test_a_board_that_is_looked_at_days_later_says_on_which_day_things_were(
    house: ExamHouse, candidate: Candidate, desk: Browser, signed_in: SignIn, clock: ClockControl
) -> None:
    attempt_id = house.start(candidate)
    url = f"/desk/invigilation/{house.plan_id}"
    given = {"target": "everyone", "minutes": "10", "reason": WHY}
    assert desk.post(f"{url}/time", given).status_code == 303
    house.hand_in(candidate, attempt_id)
    today = desk.get(url).text
    assert re.search(r"已交卷 09:\d\d", today)
    assert "11月21日 09:" not in today, "of today the hour is enough"
    clock.advance(2 * 86_400)
    page = signed_in(house.people.staff(Role.EXAM_ADMIN)).get(url).text
    assert re.search(r"已交卷 11月21日 09:\d\d", page)
    assert re.search(r'class="meta">11月21日 09:\d\d', page), "and when time was given"


def test_a_message_goes_to_the_page_and_its_confirmation_back(
    house: ExamHouse, desk: Browser, sitting: tuple[Browser, dict[str, Any]]
) -> None:
    candidate, started = sitting
    sent = desk.post(
        f"/desk/invigilation/{house.plan_id}/message", {"target": "everyone", "words": "请核对姓名"}
    )
    assert sent.status_code == 303
    assert "消息已发给 1 名正在作答的考生" in desk.get(sent.location).text
    told = visit(candidate, started["lease"]).get_json()["notices"]
    assert told[0]["text"] == "监考人员：请核对姓名"
    assert "notices" not in visit(candidate, started["lease"], read=[told[0]["id"]]).get_json()
    assert "考生确认已看到" in desk.get(f"/desk/invigilation/attempts/{started['attempt_id']}").text


def test_time_given_moves_the_clock_that_the_page_is_told(
    house: ExamHouse, desk: Browser, sitting: tuple[Browser, dict[str, Any]]
) -> None:
    candidate, started = sitting
    target = f"attempt:{started['attempt_id']}"
    url = f"/desk/invigilation/{house.plan_id}/time"
    assert f'<option selected value="{target}">' in desk.get(f"{url}?target={target}").text
    given = desk.post(url, {"target": target, "minutes": "5", "extends_window": "y", "reason": WHY})
    assert given.status_code == 303
    answer = visit(candidate, started["lease"]).get_json()
    assert answer["remaining_ms"] > (EXAM_SECONDS + 290) * 1000
    assert answer["notices"][0]["text"] == f"监考人员给您补时 5 分钟。原因：{WHY}"


@pytest.mark.parametrize(
    ("kind", "sent", "told"),
    [
        ("time", {"target": "everyone", "minutes": "0", "reason": WHY}, "一次最多 240 分钟"),
        ("time", {"target": "everyone", "minutes": "5", "reason": "短"}, "请写明原因，5 至 300 个字"),
        ("time", {"target": "everyone", "minutes": "5"}, "请写明原因"),
        ("pause", {"target": "everyone", "minutes": "121", "reason": WHY}, "一次最多 120 分钟"),
        ("pause", {"target": "somebody", "minutes": "5", "reason": WHY}, "请从列表中选择一项"),
        ("message", {"target": "everyone", "words": "长" * 301}, "消息要有 1 至 300 个字"),
    ],
)
def test_what_breaks_a_rule_comes_back_with_its_words(
    house: ExamHouse, desk: Browser, kind: str, sent: dict[str, str], told: str
) -> None:
    answer = desk.post(f"/desk/invigilation/{house.plan_id}/{kind}", sent)
    assert answer.status_code == 422
    assert told in answer.text


@pytest.mark.parametrize("act", ["time", "pause"])
def test_how_long_a_reason_has_to_be_is_told_before_it_is_written(
    house: ExamHouse, desk: Browser, sitting: tuple[Browser, dict[str, Any]], act: str
) -> None:
    assert (
        "5 至 300 个字；考生会看到，并永久留痕" in desk.get(f"/desk/invigilation/{house.plan_id}/{act}").text
    )


def test_the_words_of_a_pause_stay_true_when_the_exam_goes_on(
    house: ExamHouse, desk: Browser, sitting: tuple[Browser, dict[str, Any]]
) -> None:
    candidate, started = sitting
    board = f"/desk/invigilation/{house.plan_id}"
    desk.post(f"{board}/pause", {"target": "everyone", "minutes": "20", "reason": WHY})
    told = visit(candidate, started["lease"]).get_json()["notices"]
    assert [one["text"] for one in told] == [f"监考人员暂停了考试，暂停期间您的时间不走。原因：{WHY}"]


def test_a_pause_covers_every_way_to_the_questions_and_going_on_opens_them(
    house: ExamHouse, desk: Browser, sitting: tuple[Browser, dict[str, Any]]
) -> None:
    candidate, started = sitting
    runner = f"/exam/attempts/{started['attempt_id']}"
    assert STEM.search(candidate.get(runner).text)
    desk.post(
        f"/desk/invigilation/{house.plan_id}/pause", {"target": "everyone", "minutes": "20", "reason": WHY}
    )
    covered = candidate.get(runner)
    assert "考试已暂停" in covered.text
    assert WHY in covered.text
    assert not STEM.search(covered.text)
    again = candidate.post_json(f"/api/v1/exam/plans/{house.plan_id}/attempts", {})
    assert again.status_code == 409
    assert not STEM.search(again.text)
    answer = visit(candidate, started["lease"]).get_json()
    assert answer["pause_reason"] == WHY
    assert 0 < answer["pause_ms"] <= 1_200_000
    board = desk.get(f"/desk/invigilation/{house.plan_id}").text
    resume = re.search(r'action="([^"]+/resume)"', board)
    assert resume is not None
    assert desk.post(resume[1]).status_code == 303
    assert STEM.search(candidate.get(runner).text)
    assert visit(candidate, started["lease"]).get_json()["pause_ms"] == 0


@pytest.mark.parametrize(
    "said",
    [
        {"away": "often"}, {"away": [[1, 2]]}, {"away": [[0, 0, 1]]}, {"away": [[True, 0, 1]]}, {"away": [[1, 0, "1"]]},
        {"away": [[1, 0, None]] * 21}, {"read": ["x" * 17]}, {"read": [1]}, {"lease": "made up"},
    ],
)  # fmt: skip
def test_a_visit_of_another_shape_is_refused_plainly(
    sitting: tuple[Browser, dict[str, Any]], said: dict[str, Any]
) -> None:
    candidate, started = sitting
    answer = visit(candidate, **{"lease": started["lease"], **said})
    assert answer.status_code in {401, 422}
    assert answer.mimetype == "application/problem+json"


def test_extra_time_is_granted_listed_used_and_withdrawn(
    house: ExamHouse, candidate: Candidate, desk: Browser, signed_in: SignIn
) -> None:
    url = f"/desk/invigilation/{house.plan_id}/extra"
    assert desk.post(url, {"person": candidate.person.id, "reason": WHY}).status_code == 422
    grant = {
        "person": candidate.person.id,
        "percent": "25",
        "minutes": "5",
        "extends_window": "y",
        "reason": WHY,
    }
    assert desk.post(url, grant).status_code == 303
    page = desk.get(url).text
    assert "25% + 5 分钟" in page
    assert desk.post(url, grant).status_code == 409
    extra_id = re.search(r"/extra/(\w+)/withdraw", page)
    assert extra_id is not None
    person = signed_in(candidate.person)
    assert "现在开始，您有 80 分钟" in person.get(f"/exam/{house.plan_id}").text  # said before the start
    started = begin(person, house)
    assert started["remaining_ms"] > EXAM_SECONDS * 1250 + 290_000
    withdrawn = desk.post(f"{url}/{extra_id[1]}/withdraw", {"reason": "证明已过期，不再适用"})
    assert withdrawn.status_code == 303
    assert "已撤回" in desk.get(url).text


def test_an_exam_is_ended_by_one_and_voided_by_another(
    house: ExamHouse,
    candidate: Candidate,
    desk: Browser,
    signed_in: SignIn,
    sitting: tuple[Browser, dict[str, Any]],
) -> None:
    person, started = sitting
    page = f"/desk/invigilation/attempts/{started['attempt_id']}"
    assert desk.post(f"{page}/end", {}).status_code == 422
    ended = desk.post(
        f"{page}/end",
        {"end-cause": "equipment", "end-outcome": "void", "end-reason": "机房断电，考生无法继续"},
    )
    assert ended.status_code == 303
    result = person.get(f"/exam/attempts/{started['attempt_id']}/result").text
    assert "等待决定" in result
    assert 'http-equiv="refresh"' not in result
    assert "要由另一名考务管理员决定" in desk.get(page).text
    verdict = {"verdict-verdict": "void", "verdict-reason": "断电情况属实，作废重考"}
    assert desk.post(f"{page}/decide", verdict).status_code == 409
    other = signed_in(house.people.staff(Role.EXAM_ADMIN))
    assert "记下决定" in other.get(page).text
    assert other.post(f"{page}/decide", verdict).status_code == 303
    assert house.attempt(started["attempt_id"]).state is AttemptState.VOIDED
    told = other.get(page).text
    for words in ("考试被结束", "第二人决定：作废", "机房断电，考生无法继续"):
        assert words in told


def test_what_was_taken_back_is_no_answer_and_what_was_saved_long_ago_is_not_said_to_be_new(
    house: ExamHouse, candidate: Candidate, desk: Browser, clock: ClockControl
) -> None:
    attempt_id = house.start(candidate)
    for position in (1, 2):
        house.save(candidate, attempt_id, position, 1, set(house.options(attempt_id, position)[:1]))
    house.save(candidate, attempt_id, 2, 2, set())
    url = f"/desk/invigilation/{house.plan_id}"
    assert desk.post(f"{url}/pause", {"target": "everyone", "minutes": "3", "reason": WHY}).status_code == 303
    clock.advance(181)
    board = desk.get(f"{url}/live").text
    assert re.search(r"已答 1，3 分 \d+ 秒前保存", board), board
    assert "已答 1 题" in board
    assert "1 题，共 10 题" in desk.get(f"/exam/desk/attempts/{attempt_id}").text


def test_the_record_of_an_exam_that_was_ended_says_so_in_words(
    house: ExamHouse, desk: Browser, sitting: tuple[Browser, dict[str, Any]]
) -> None:
    attempt_id = sitting[1]["attempt_id"]
    ended = desk.post(
        f"/desk/invigilation/attempts/{attempt_id}/end",
        {"end-cause": "equipment", "end-outcome": "void", "end-reason": "机房断电，考生无法继续"},
    )
    assert ended.status_code == 303
    for url in (f"/exam/desk/attempts/{attempt_id}", "/exam/desk/attempts"):
        page = desk.get(url).text
        assert ("已被结束，待决定" in page, "正在收卷" in page) == (True, False), url
    record = desk.get(f"/exam/desk/attempts/{attempt_id}").text
    assert "监考人员结束考试" in record
    assert "<b>end</b>" not in record
    assert "/void" not in record, "a second person decides first"


def test_a_device_is_handed_over_and_a_note_is_kept(
    house: ExamHouse,
    candidate: Candidate,
    desk: Browser,
    signed_in: SignIn,
    sitting: tuple[Browser, dict[str, Any]],
) -> None:
    old, started = sitting
    page = f"/desk/invigilation/attempts/{started['attempt_id']}"
    assert desk.post(f"{page}/hand-over", {"hand-over-reason": "电脑死机，换备用机"}).status_code == 303
    assert visit(old, started["lease"]).status_code == 401
    spare = signed_in(candidate.person)
    runner = f"/exam/attempts/{started['attempt_id']}"
    assert "take-over" in spare.get(runner).text
    assert spare.post(f"{runner}/take-over").status_code == 303
    assert STEM.search(spare.get(runner).text)
    assert "换了设备" in desk.get(f"/desk/invigilation/{house.plan_id}?show=look").text
    assert (
        desk.post(f"{page}/remark", {"remark-words": "核对过本人", "remark-is_cleared": "y"}).status_code
        == 303
    )
    assert "换了设备" not in desk.get(f"/desk/invigilation/{house.plan_id}?show=look").text
    assert "核对过本人" in desk.get(page).text


def test_an_invigilator_sees_his_own_people_and_may_not_grant_ahead(
    house: ExamHouse, candidate: Candidate, signed_in: SignIn, sitting: tuple[Browser, dict[str, Any]]
) -> None:
    people = house.people
    own = signed_in(people.staff(Role.INVIGILATOR, organisation_id=people.institution_id))
    other = signed_in(people.staff(Role.INVIGILATOR, organisation_id=people.other_institution_id))
    url = f"/desk/invigilation/{house.plan_id}"
    page = own.get(url).text
    assert candidate.person.name in page
    assert "考前延长" not in page
    assert own.get(f"{url}/extra").status_code == 403
    assert "全场正在作答" not in own.get(f"{url}/message").text
    assert own.post(f"{url}/message", {"target": "everyone", "words": "您好"}).status_code == 422
    assert other.get(url).status_code == 404
    assert house.plan_id not in other.get("/desk/invigilation/").text
    assert other.get(f"/desk/invigilation/attempts/{sitting[1]['attempt_id']}").status_code == 404


def test_a_reader_sees_the_board_and_no_button(
    house: ExamHouse, signed_in: SignIn, sitting: tuple[Browser, dict[str, Any]], clock: ClockControl
) -> None:
    auditor = signed_in(house.people.staff(Role.AUDITOR))
    page = auditor.get(f"/desk/invigilation/{house.plan_id}").text
    assert "发消息" not in page
    assert (
        "<form"
        not in auditor.get(f"/desk/invigilation/attempts/{sitting[1]['attempt_id']}").text.split("<main")[1]
    )
    assert auditor.get(f"/desk/invigilation/{house.plan_id}/pause").status_code == 403
