"""Every page of the delivery of exams, as a candidate and as staff see it, in each of its states: readable for all.

`tests/browser` walks by links; here are the states that no link of a demo shows: a pause, a waiting verdict, a form
that was refused. By default candidates' pages are judged on a phone in Chinese and those of staff on a desktop in
English; all of them in all four views when LMS_THOROUGH is set.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page
from sqlalchemy import select, update

from lms.accounts.policy import Role
from lms.exam.policy.conditions import EVERYONE, EndingCause, Target, TargetKind, Verdict
from lms.exam.policy.reports import ReportDetail
from lms.exam.queries import rooms as room_queries
from lms.exam.seat_workbook import write_seats
from lms.exam.service import conditions, invigilation, messages, reports, reviews, rooms, seats
from lms.plans.models import Plan
from lms.questions import service as questions
from lms.questions.models import QuestionItem
from lms.questions.queries import versions
from question_bank.correcting import CorrectionKind
from question_bank.exporting.xlsx import write_items
from tests.browser.conftest import DESKTOP, PHONE
from tests.exam.conftest import ExamHouse
from tests.exam.desk import Desk, entry_at, sit
from tests.factories.questions import single
from tests.support.doorway import walk_in
from tests.support.people import KnownPerson
from tests.support.site import ClockControl
from tests.support.thoroughness import IS_THOROUGH
from tests.support.width import is_too_wide

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed"),
    pytest.mark.parametrize("site", ["sqlite"], indirect=True),
]
GRAVE = ("serious", "critical")
WHY = "考点停电，按应急预案处理"
WORDS = "我认为多选题的评分不对，请核对。"


@dataclass(frozen=True)
class Hall:
    """An exam in which everybody is in another state."""

    house: ExamHouse
    admin: KnownPerson
    people: dict[str, KnownPerson]
    """`door`, `waiting` (for a door that opens later), `writing`, `paused`, `ended`, `voided`, `done` long ago."""
    ids: dict[str, str]
    """Of the attempts of those people, and of what staff have begun."""
    bound: KnownPerson
    """An invigilator who is bound to the second of two rooms."""


@pytest.fixture
def hall(house: ExamHouse, clock: ClockControl) -> Hall:
    """Fill an exam with people in every state, and its desk with every kind of work."""
    admin = house.people.staff(Role.EXAM_ADMIN, Role.QUESTION_ADMIN)
    actor, desk = house.people.actor(admin), Desk(house)
    with house.runtime.write() as uow:
        taken = questions.import_questions(
            uow, house.operator, "练习.xlsx", write_items([single("练习：几人？")])
        )
        assert taken.added == 1
        item_id = uow.session.scalars(
            select(QuestionItem.id).where(QuestionItem.stem.startswith("练习"))
        ).one()
        questions.mark_for_practice(uow, house.operator, item_id)
    ids = {"over": house.plan_id, "item": item_id}
    done = house.candidate()
    ids["done"] = sit(house, done, wrong=[1, 2])
    with house.runtime.write() as uow:
        reports.set_report(uow, actor, house.plan_id, ReportDetail.PAPER)
        ids["review"] = reviews.ask(uow, done.actor, ids["done"], WORDS)
    ids["wording"] = entry_at(house.runtime, ids["done"], 3).item_fingerprint
    ids["correction"] = desk.propose(ids["wording"], CorrectionKind.VOID)
    wrong = entry_at(house.runtime, ids["done"], 1).item_fingerprint
    with house.runtime.write() as uow:
        # No later exam asks it: its key is shown, while those of the other questions stay closed for now.
        questions.retire_item(
            uow, house.operator, versions(uow, [wrong])[wrong].item_id, "答案有误，不再使用"
        )
    clock.advance(4 * 3600 + 60)  # the period of that plan is over, so that its papers may be shown
    house.plan_id = ids["plan"] = house.plan(hours=12)
    ids["later"] = house.plan(hours=12)
    with house.runtime.write() as uow:
        opens = uow.now + timedelta(minutes=30)
        uow.session.execute(update(Plan).where(Plan.id == ids["later"]).values(exam_from=opens))
    sitting = {name: house.candidate() for name in ("writing", "paused", "ended", "voided")}
    ids |= {name: house.start(one) for name, one in sitting.items()}
    house.save(sitting["writing"], ids["writing"], 1, 1, {house.options(ids["writing"], 1)[0]})
    others = {"door": house.candidate(), "waiting": house.candidate(ids["later"]), "done": done}
    with house.runtime.write() as uow:
        messages.send(uow, actor, house.plan_id, EVERYONE, "请核对姓名")
        conditions.grant_extra(
            uow, actor, house.plan_id, others["door"].person.id, 25, 300, "视力障碍，凭证明"
        )
        conditions.give_time(uow, actor, house.plan_id, EVERYONE, 300, WHY)
        one = Target(TargetKind.ATTEMPT, ids["paused"])
        conditions.pause(uow, actor, house.plan_id, one, 1800, WHY)
        for name in ("ended", "voided"):
            invigilation.end(uow, desk.first, ids[name], EndingCause.ILLNESS, WHY, wants_void=True)
        invigilation.decide(uow, desk.second, ids["voided"], Verdict.VOID, WHY)
    bound = house.people.staff(Role.INVIGILATOR)
    with house.runtime.write() as uow:
        for name, shown in (("room", "第 1 考场"), ("other_room", "第 2 考场")):
            ids[name] = rooms.make_room(uow, actor, ids["plan"], shown, "实训楼三楼", 4)
        # One sits in each room, the others wait for a seat.
        seats.place(uow, actor, ids["plan"], ids["room"], [sitting["writing"].person.id])
        seats.place(uow, actor, ids["plan"], ids["other_room"], [sitting["paused"].person.id])
        rooms.bind(uow, actor, ids["plan"], ids["other_room"], bound.id)
    people = {name: one.person for name, one in (sitting | others).items()}
    return Hall(house, admin, people, ids, bound)


def seat_list(hall: Hall, room: str) -> bytes:
    """Write a list that gives everybody a seat in a room."""
    with hall.house.runtime.write() as uow:
        seats.number_everyone(uow, hall.house.people.actor(hall.admin), hall.ids["plan"])
        people = room_queries.candidates(uow, hall.ids["plan"])
    return write_seats((one, room, number) for number, one in enumerate(people, start=1))


class Walk:
    """Somebody's browser, which judges each page it comes to."""

    def __init__(self, context: BrowserContext, person: KnownPerson, faults: list[str]) -> None:
        self.faults = faults
        self.judged = 0
        self._axe = Axe()
        self.page: Page = walk_in(context, person)

    def look(self, name: str) -> None:
        """Judge the open page."""
        self.judged += 1
        if is_too_wide(self.page):
            self.faults.append(f"{name}: wider than the screen")
        found = self._axe.run(self.page, options={"resultTypes": ["violations"]}).response["violations"]
        self.faults += [
            f"{name}: {one['id']} {one['nodes'][0]['html'][:160]}" for one in found if one["impact"] in GRAVE
        ]

    def see(self, name: str, path: str, sign: str) -> None:
        """Open a page, make sure by an element of it that it is the one meant, and judge it."""
        self.page.goto(path)
        self.page.locator(sign).first.wait_for(state="attached")
        self.look(name)

    def send_empty(self, name: str, form: str = "main form.stack") -> None:
        """Send a form as it is, and judge the page that says what is wrong with it, or the question before it."""
        self.page.locator(form).last.evaluate("form => form.requestSubmit()")
        asked = self.page.locator("dialog[open]")
        refused = self.page.locator("#errors, .invalid-feedback")
        asked.or_(refused).first.wait_for(state="attached")
        self.look(name)


Walking = Callable[[KnownPerson], Walk]


def see_what_comes_before(hall: Hall, walk: Walking) -> None:
    """The waiting room, the door, practice, and a rehearsal from its beginning to its result."""
    walk(hall.people["waiting"]).see("waiting room", f"/exam/{hall.ids['later']}", "[data-countdown]")
    own = walk(hall.people["door"])
    own.see("door", f"/exam/{hall.ids['plan']}", "[data-door]:not([hidden])")
    own.page.locator("[data-door] form > button").click()
    own.page.locator("dialog[open]").wait_for()
    own.look("door, asked once more")
    own.see("no scores", "/exam/scores", "main")
    own.see("practice", "/exam/practice", "a[href*='/practice/next']")
    own.see("practice question", f"/exam/practice/{hall.ids['item']}", "main form input")
    own.page.locator("main form input[type=radio]").first.check()
    own.page.locator("main form").last.evaluate("form => form.requestSubmit()")
    own.page.locator(".opt-right, .opt-missed").first.wait_for()
    own.look("practice answer")
    own.see("rehearsal", "/exam/rehearsal", "main form button")
    own.page.locator("main form button").first.click()
    own.page.locator("#sheet[data-ready]").wait_for()
    own.look("rehearsal runner")
    here = own.page.url
    elsewhere = walk(hall.people["door"])
    elsewhere.see("rehearsal elsewhere", here, "main form button")
    own.page.click("#hand-in-button")
    own.page.click("#hand-in [data-really]")
    own.page.wait_for_url("**/result")
    own.look("rehearsal result")


def see_the_exam(hall: Hall, walk: Walking) -> None:
    """The runner, its dialogs and messages, another device, and a pause before and after the page was open."""
    own = walk(hall.people["writing"])
    here = f"/exam/attempts/{hall.ids['writing']}"
    own.see("running", f"/exam/{hall.ids['plan']}", "main a[href*='/attempts/']")
    own.see("take over", here, "main form[action$='/take-over']")
    own.page.locator("main form[action$='/take-over'] button").click()
    own.page.locator("#sheet[data-ready]").wait_for()
    own.page.locator("[data-message] [data-read]").first.wait_for()
    own.look("runner with a message")
    while own.page.locator("[data-read]:visible").count():
        own.page.locator("[data-read]:visible").first.click()
        own.page.wait_for_timeout(200)
    own.page.keyboard.press("m")
    own.page.keyboard.press("ArrowRight")
    own.look("runner, second question")
    own.page.click("#hand-in-button")
    own.page.locator("#hand-in[open]").wait_for()
    own.look("hand-in dialog")
    own.page.click("#hand-in [data-really]")
    own.page.wait_for_url("**/result")
    own.look("result just now")
    own.see("review, to be asked", f"{here}/review", "main form textarea")
    own.send_empty("review, refused", "main form")
    paused = walk(hall.people["paused"])
    paused.page.goto(f"/exam/attempts/{hall.ids['paused']}")
    paused.page.locator("main form[action$='/take-over'] button").click()
    paused.page.locator("#ps").wait_for()
    paused.look("paused")


def see_what_comes_after(hall: Hall, walk: Walking) -> None:
    """Results in every state, scores, the shown paper, and the review of a score."""
    for name in ("ended", "voided"):
        own = walk(hall.people[name])
        own.see(f"result, {name}", f"/exam/attempts/{hall.ids[name]}/result", "main h1")
        own.see(f"entry, {name}", f"/exam/{hall.ids['plan']}", "main h1")
    own = walk(hall.people["done"])
    here = f"/exam/attempts/{hall.ids['done']}"
    own.see("result", f"{here}/result", ".score")
    own.see("scores", "/exam/scores", "main h1")
    own.see("paper shown", f"{here}/sheet", ".opt-wrong")
    own.see("review, asked", f"{here}/review", "main h1")


def see_the_board(hall: Hall, walk: Walking) -> None:
    """Invigilation: the list, the board, its forms as they are and refused, and the evidence of everybody."""
    own = walk(hall.admin)
    desk = f"/desk/invigilation/{hall.ids['plan']}"
    own.see("watched", "/desk/invigilation/", "main h1")
    own.see("board", desk, ".tile")
    own.see("board, those to look at", f"{desk}?show=look", "main h1")
    for kind in ("message", "time", "pause"):
        own.see(kind, f"{desk}/{kind}", "main form textarea")
        own.send_empty(f"{kind}, refused", "main form")
    own.see("extra time", f"{desk}/extra", "main form textarea")
    own.send_empty("extra time, refused", "main form:has(select)")
    for name in ("paused", "ended", "voided"):
        own.see(f"evidence, {name}", f"/desk/invigilation/attempts/{hall.ids[name]}", "main h1")
    own.page.goto(f"/desk/invigilation/attempts/{hall.ids['paused']}")
    own.page.locator("form[action$='/end'] > button").click()
    own.page.locator("#end[open]").wait_for()
    own.look("ending dialog")


def see_the_rooms(hall: Hall, walk: Walking) -> None:
    """Rooms, one of them, a seat, lists of seats as they are read and refused, and the desk of who watches one room."""
    own = walk(hall.admin)
    desk = f"/desk/invigilation/{hall.ids['plan']}/rooms"
    own.see(
        "no rooms yet", f"/desk/invigilation/{hall.ids['later']}/rooms/", "main form input[name=seat_count]"
    )
    own.see("rooms", f"{desk}/", f"a[href$='{hall.ids['room']}']")
    own.send_empty("room, refused")
    own.see("room", f"{desk}/{hall.ids['room']}", ".picker input")
    own.page.locator(".picker summary").first.click()
    own.look("room, people to pick")
    own.see("room with an invigilator", f"{desk}/{hall.ids['other_room']}", "form[action$='/unbind']")
    own.see("seat of one who pauses", f"{desk}/people/{hall.people['paused'].id}", "form[action$='/free']")
    own.send_empty("seat, refused", "main form.stack")
    own.see("first seat", f"{desk}/people/{hall.people['door'].id}", "main form.stack")
    own.see("seats on paper", f"{desk}/print", "main table")
    own.see("list of seats", f"{desk}/list", "main form input[type=file]")
    for name, room, sign in (("wrong", "第 9 考场", "#fa"), ("right", "第 10 考场", "#mo")):
        if name == "right":
            with hall.house.runtime.write() as uow:
                actor = hall.house.people.actor(hall.admin)
                rooms.make_room(uow, actor, hall.ids["plan"], room, "实训楼四楼", 40)
        file = {
            "name": "座位表.xlsx",
            "mimeType": "application/octet-stream",
            "buffer": seat_list(hall, room),
        }
        own.page.locator("main input[type=file]").set_input_files(file)
        own.page.locator("main form:has(input[type=file])").evaluate("form => form.requestSubmit()")
        own.page.locator(sign).wait_for()
        own.look(f"list of seats, {name}")
    theirs = walk(hall.bound)
    theirs.see("desk of a bound invigilator", "/desk", f"a[href='/desk/invigilation/{hall.ids['plan']}']")
    theirs.see("board of one room", f"/desk/invigilation/{hall.ids['plan']}", ".tile")


def see_the_desk(hall: Hall, walk: Walking) -> None:
    """Attempts, the archive, corrections, reviews, the report rule, and the figures of questions."""
    own = walk(hall.admin)
    desk, over, done = "/exam/desk", hall.ids["over"], hall.ids["done"]
    own.see("attempts", f"{desk}/attempts", "main table")
    own.see("attempt", f"{desk}/attempts/{done}", "main form textarea")
    own.send_empty("attempt, void refused", "main form[action$='/void']")
    own.see("archive", f"{desk}/attempts/{done}/paper", ".opt-wrong")
    own.see("corrections", f"{desk}/corrections", f"a[href*='{hall.ids['correction']}']")
    own.see("correction", f"{desk}/corrections/{hall.ids['correction']}", "main form")
    own.see(
        "correction, new", f"{desk}/plans/{over}/corrections/new/{hall.ids['wording']}", "main form textarea"
    )
    own.send_empty("correction, refused", "main form")
    own.see("reviews", f"{desk}/reviews", f"a[href*='{hall.ids['review']}']")
    own.see("review", f"{desk}/reviews/{hall.ids['review']}", "main form textarea")
    own.send_empty("review answer, refused", "main form[action$='/draft']")
    own.see("report rule", f"{desk}/plans/{over}/report", "main form")
    own.see("questions", f"{desk}/questions", "main h1")
    own.see("question", f"{desk}/questions/{hall.ids['item']}", "main h1")


Part = Callable[[Hall, Walking], None]
CANDIDATES: tuple[tuple[Part, ...], int] = ((see_what_comes_before, see_the_exam, see_what_comes_after), 28)
STAFF: tuple[tuple[Part, ...], int] = ((see_the_rooms, see_the_board, see_the_desk), 44)
"""Whose pages they are, and how many there are at least."""
SOME = [(PHONE, "zh-CN", CANDIDATES), (DESKTOP, "en", STAFF)]
ALL = [
    (size, language, whose)
    for whose in (CANDIDATES, STAFF)
    for size in (PHONE, DESKTOP)
    for language in ("zh-CN", "en")
]


@pytest.mark.parametrize(("size", "language", "whose"), ALL if IS_THOROUGH else SOME)
def test_every_page_of_an_exam_can_be_read_by_everybody(
    chromium: Browser,
    address: str,
    hall: Hall,
    size: dict[str, int],
    language: str,
    whose: tuple[tuple[Part, ...], int],
) -> None:
    faults: list[str] = []
    walks: list[Walk] = []

    def walk(person: KnownPerson) -> Walk:
        context = chromium.new_context(
            base_url=address, viewport=size, locale=language, timezone_id="Asia/Shanghai", is_mobile=size == PHONE,
            has_touch=size == PHONE,
        )  # fmt: skip
        walks.append(Walk(context, person, faults))
        return walks[-1]

    parts, pages = whose
    for part in parts:
        part(hall, walk)
        walks[-1].page.context.close()
    assert faults == []
    assert sum(one.judged for one in walks) >= pages
