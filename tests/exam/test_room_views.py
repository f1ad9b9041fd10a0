"""Exam rooms through HTTP: arranging, lists from files, the board of a room, and what a candidate is shown."""

import io
import re
from collections.abc import Callable

import pytest

from lms.accounts.policy import Role
from lms.exam.service import rooms, seats
from tests.exam.conftest import Candidate, ExamHouse
from tests.exam.test_views import begin
from tests.support.browser import Browser
from tests.support.people import KnownPerson

SignIn = Callable[[KnownPerson], Browser]
WHY = "考场停电，按应急预案处理"


@pytest.fixture
def desk(house: ExamHouse, signed_in: SignIn) -> Browser:
    """The browser of an exam administrator."""
    return signed_in(house.people.staff(Role.EXAM_ADMIN))


@pytest.fixture
def here(house: ExamHouse) -> str:
    """Where the rooms of the plan are arranged."""
    return f"/desk/invigilation/{house.plan_id}/rooms/"


def make(desk: Browser, here: str, name: str = "第 1 考场", seat_count: str = "3") -> str:
    made = desk.post(here, {"name": name, "place": "实训楼 301", "seat_count": seat_count})
    assert made.status_code == 303
    found = re.findall(rf'href="{here}([0-9a-z]+)">{name}<', desk.get(here).text)
    return str(found[0])


def send(desk: Browser, here: str, text: str):
    return desk.client.post(
        f"{here}list",
        data={"csrf_token": desk._token, "file": (io.BytesIO(text.encode()), "座位.csv")},
        content_type="multipart/form-data",
    )


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)
    assert found, name
    return found[1].replace("&#34;", '"')


def test_a_room_is_made_filled_and_printed(
    house: ExamHouse, desk: Browser, here: str, candidate: Candidate
) -> None:
    other = house.candidate()
    room_id = make(desk, here)
    page = desk.get(f"{here}{room_id}").text
    assert candidate.person.name in page
    placed = desk.post(f"{here}{room_id}/seats", {"seat-people": candidate.person.id})
    assert placed.status_code == 303
    assert desk.post(f"{here}fill", {}).status_code == 303
    page = desk.get(f"{here}{room_id}").text
    assert other.person.name in page
    assert "0001" in page
    printed = desk.get(f"{here}print").text
    assert printed.count("print-page") == 1
    assert candidate.person.name in printed
    assert candidate.person.login_name not in printed
    assert not re.search(r"\d{17}[\dX]", printed)


def test_what_is_wrong_with_a_room_stands_at_its_field(desk: Browser, here: str) -> None:
    make(desk, here)
    again = desk.post(here, {"name": "第 1 考场", "place": "楼", "seat_count": "501"})
    assert again.status_code == 422
    assert "已有考场“第 1 考场”" in again.text
    assert "一个考场有 1 至 500 个座位" in again.text


def test_an_empty_room_is_removed_and_one_with_people_says_why_not(
    house: ExamHouse, desk: Browser, here: str, candidate: Candidate
) -> None:
    room_id = make(desk, here)
    desk.post(f"{here}{room_id}/seats", {"seat-people": candidate.person.id})
    page = desk.get(f"{here}{room_id}").text
    assert "只能删除空考场" in page
    assert f"{here}{room_id}/remove" not in page
    assert desk.post(f"{here}{room_id}/remove", {}).status_code == 409
    assert desk.post(f"{here}people/{candidate.person.id}/free", {}).status_code == 303
    assert f"{here}{room_id}/remove" in desk.get(f"{here}{room_id}").text
    assert desk.post(f"{here}{room_id}/remove", {}).status_code == 303
    assert desk.get(f"{here}{room_id}").status_code == 404


def test_a_list_is_checked_first_and_written_when_it_is_confirmed(
    house: ExamHouse, desk: Browser, here: str, candidate: Candidate
) -> None:
    other = house.candidate()
    room_id = make(desk, here)
    file = desk.post(f"{here}list.xlsx", {})
    assert file.data.startswith(b"PK")
    assert "attachment" in file.headers["Content-Disposition"]
    text = f"考场,座位,登录名\n第 1 考场,3,{candidate.person.login_name}\n第 1 考场,1,{other.person.login_name}\n"
    checked = send(desk, here, text)
    assert checked.status_code == 200
    assert "检查通过" in checked.text
    assert "还没有安排人" in desk.get(f"{here}{room_id}").text
    body = {name: hidden(checked.text, name) for name in ("wishes", "digest")}
    assert desk.post(f"{here}list/take", body).status_code == 303
    page = desk.get(f"{here}{room_id}").text
    assert page.index(other.person.name) < page.index(candidate.person.name)
    # The same once more is stale: it would do nothing of what it showed.
    assert desk.post(f"{here}list/take", body).status_code == 409


def test_each_wrong_row_of_a_list_is_named_and_nothing_can_be_confirmed(
    house: ExamHouse, desk: Browser, here: str, candidate: Candidate
) -> None:
    make(desk, here)
    login = candidate.person.login_name
    checked = send(
        desk, here,
        f"考场,座位,登录名,姓名\n第 1 考场,1,{login},\n第 9 考场,2,{login},\n第 1 考场,9,{login},\n"
        f"第 1 考场,2,{login},张三\n",
    )  # fmt: skip
    assert "没有考场“第 9 考场”" in checked.text
    assert "没有 9 号座位" in checked.text
    assert "姓名和名单上的不一致" in checked.text
    assert "list/take" not in checked.text
    assert send(desk, here, "%PDF-1.4").status_code == 422


@pytest.mark.parametrize("wishes", ["", "{", "[1]", '[[1,"a","b","c"]]', '[[1,"a"]]', "7"])
def test_a_confirmation_that_no_page_sent_writes_nothing(desk: Browser, here: str, wishes: str) -> None:
    make(desk, here)
    answer = desk.post(f"{here}list/take", {"wishes": wishes, "digest": "x"})
    assert answer.status_code == 303
    assert answer.location.endswith("/list")


def test_a_room_filters_the_board_in_its_address_and_is_a_target(
    house: ExamHouse, desk: Browser, here: str, candidate: Candidate, signed_in: SignIn
) -> None:
    outside = house.candidate()
    room_id = make(desk, here)
    desk.post(f"{here}{room_id}/seats", {"seat-people": candidate.person.id})
    board = f"/desk/invigilation/{house.plan_id}"
    for address in (f"{board}?room={room_id}", f"{board}/live?room={room_id}"):
        page = desk.get(address).text
        assert candidate.person.name in page
        assert f"<b>{outside.person.name}</b>" not in page
        assert f"live?room={room_id}" in page
    seatless = desk.get(f"{board}?room=none").text
    assert outside.person.name in seatless
    assert f"<b>{candidate.person.name}</b>" not in seatless

    mine, theirs = signed_in(candidate.person), signed_in(outside.person)
    started, other = begin(mine, house), begin(theirs, house)
    paused = desk.post(f"{board}/pause", {"target": f"room:{room_id}", "minutes": "10", "reason": WHY})
    assert paused.status_code == 303
    assert "已暂停 1 名考生的考试" in desk.get(board).text
    assert "暂停：第 1 考场" in desk.get(board).text

    def visit(browser: Browser, lease: str):
        return browser.client.post("/api/v1/exam/visit", json={"lease": lease}).get_json()

    assert visit(mine, started["lease"])["pause_ms"] > 0
    assert visit(theirs, other["lease"])["pause_ms"] == 0
    assert "第 1 考场 1 号" in mine.get(f"/exam/attempts/{started['attempt_id']}").text


def test_one_who_pauses_with_others_is_moved_and_goes_on(
    house: ExamHouse, desk: Browser, here: str, candidate: Candidate, signed_in: SignIn
) -> None:
    room_id, other_id = make(desk, here), make(desk, here, "第 2 考场")
    desk.post(f"{here}{room_id}/seats", {"seat-people": candidate.person.id})
    mine = signed_in(candidate.person)
    started = begin(mine, house)
    seat = f"{here}people/{candidate.person.id}"
    assert "马上接着走" not in desk.get(seat).text
    desk.post(
        f"/desk/invigilation/{house.plan_id}/pause",
        {"target": f"room:{room_id}", "minutes": "10", "reason": WHY},
    )
    evidence = f"/desk/invigilation/attempts/{started['attempt_id']}"
    assert "让他现在继续" in desk.get(evidence).text
    assert "马上接着走" in desk.get(seat).text
    moved = desk.post(seat, {"room": other_id, "seat": "2", "goes_on": "y"})
    assert moved.status_code == 303
    page = desk.get(evidence).text
    assert "让他现在继续" not in page
    assert "安排在 2 号座位" in page
    assert desk.post(f"{evidence}/go-on", {}).status_code == 409
    assert "第 2 考场 2 号" in mine.get(f"/exam/attempts/{started['attempt_id']}").text


def test_a_candidate_reads_his_room_seat_and_number_before_the_exam(
    house: ExamHouse, desk: Browser, here: str, candidate: Candidate, signed_in: SignIn
) -> None:
    mine = signed_in(candidate.person)
    entry = f"/exam/{house.plan_id}"
    assert "考场和座位" not in mine.get(entry).text
    room_id = make(desk, here)
    assert "您的座位还没有安排" in mine.get(entry).text
    desk.post(f"{here}{room_id}/seats", {"seat-people": candidate.person.id})
    page = mine.get(entry).text
    assert "第 1 考场 1 号" in page
    assert "实训楼 301" in page
    assert "考生号 0001" in page


def test_the_record_of_an_exam_names_room_and_seat(
    house: ExamHouse, desk: Browser, here: str, candidate: Candidate
) -> None:
    room_id = make(desk, here)
    desk.post(f"{here}{room_id}/seats", {"seat-people": candidate.person.id})
    attempt_id = house.start(candidate)
    house.hand_in(candidate, attempt_id)
    desk.post(f"{here}people/{candidate.person.id}/free", {})
    for address in (f"/exam/desk/attempts/{attempt_id}", f"/exam/desk/attempts/{attempt_id}/paper"):
        assert "第 1 考场 1 号" in desk.get(address).text


def test_who_is_bound_to_one_room_has_no_room_to_choose(
    house: ExamHouse, desk: Browser, here: str, signed_in: SignIn
) -> None:
    invigilator = house.people.staff(Role.INVIGILATOR)
    house.candidate()
    ids = [make(desk, here, name) for name in ("第 1 考场", "第 2 考场")]
    board = f"/desk/invigilation/{house.plan_id}"
    assert desk.post(f"{here}fill", {}).status_code == 303
    assert desk.post(f"{here}{ids[0]}/invigilators", {"watch-person": invigilator.id}).status_code == 303
    page = signed_in(invigilator).get(board).text
    assert 'name="room"' not in page
    assert 'name="room"' in desk.get(board).text


def test_a_bound_invigilator_meets_his_room_and_nothing_else(
    house: ExamHouse, desk: Browser, here: str, candidate: Candidate, signed_in: SignIn
) -> None:
    outside = house.candidate()
    room_id, other_id = make(desk, here), make(desk, here, "第 2 考场")
    watcher = house.people.staff(Role.INVIGILATOR)
    admin = house.people.actor(house.people.staff(Role.EXAM_ADMIN))
    with house.runtime.write() as uow:
        seats.place(uow, admin, house.plan_id, room_id, [candidate.person.id])
        seats.place(uow, admin, house.plan_id, other_id, [outside.person.id])
    assert desk.post(f"{here}{room_id}/invigilators", {"watch-person": watcher.id}).status_code == 303
    assert watcher.name in desk.get(f"{here}{room_id}").text
    browser = signed_in(watcher)
    board = f"/desk/invigilation/{house.plan_id}"
    page = browser.get(board).text
    assert candidate.person.name in page
    assert outside.person.name not in page
    theirs = house.start(outside)
    assert browser.get(f"/desk/invigilation/attempts/{theirs}").status_code == 404
    assert browser.get(f"{here}print?room={other_id}").status_code == 404
    assert outside.person.name not in browser.get(f"{here}print").text
    form = browser.get(f"{board}/pause").text
    assert f"room:{room_id}" in form
    assert "everyone" not in form
    assert f"room:{other_id}" not in form
    refused = browser.post(f"{board}/pause", {"target": f"room:{other_id}", "minutes": "5", "reason": WHY})
    assert refused.status_code == 422
    assert browser.get(here).status_code == 403
    with house.runtime.write() as uow:
        rooms.unbind(uow, admin, house.plan_id, room_id, watcher.id)
    assert outside.person.name in browser.get(board).text
