"""The desk of whoever invigilates shows the exams of today with the way to their board, and counts whom he reaches."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from lms.accounts import service as accounts
from lms.accounts.models import Organisation, RoleGrant
from lms.accounts.policy import Role
from lms.core.errors import NotFound
from lms.core.unit_of_work import Runtime
from lms.dashboards import queries
from lms.dashboards.queries.today import day_of
from lms.dashboards.queries.watch import LINES_SHOWN
from lms.enrolment.models import Application, ApplicationStage
from lms.enrolment.policy import StageState
from lms.exam.policy.conditions import EVERYONE
from lms.exam.queries.attendance import is_expected
from lms.exam.queries.board import board
from lms.exam.queries.reach import STEWARDS, reach_of, reached
from lms.exam.service import conditions, rooms, seats
from lms.plans.models import Plan
from tests.exam.conftest import ExamHouse
from tests.support.browser import Browser
from tests.support.exam_stock import ExamStock
from tests.support.people import KnownPerson, People
from tests.support.site import ClockControl
from tests.support.statements import statements

SignIn = Callable[[KnownPerson], Browser]
HOUR = timedelta(hours=1)


@pytest.fixture
def house(runtime: Runtime, people: People, exam_stock: ExamStock) -> ExamHouse:
    """An open exam."""
    return ExamHouse(runtime, people, exam_stock)


def words(page: str) -> str:
    return re.sub(r"<[^>]+>|\s+", " ", page)


def opened(house: ExamHouse, plan_id: str, begins: datetime, ends: datetime) -> None:
    """Let the exam of a plan have another window."""
    with house.runtime.write() as uow:
        uow.session.execute(update(Plan).where(Plan.id == plan_id).values(exam_from=begins, exam_until=ends))


def room_with(house: ExamHouse, invigilator: KnownPerson, *people: str) -> None:
    """Let some candidates sit in a room that somebody is bound to."""
    admin = house.people.actor(house.people.staff(Role.EXAM_ADMIN))
    with house.runtime.write() as uow:
        room_id = rooms.make_room(uow, admin, house.plan_id, "第 1 考场", "实训楼", 5)
        seats.place(uow, admin, house.plan_id, room_id, people)
        rooms.bind(uow, admin, house.plan_id, room_id, invigilator.id)


def test_an_invigilator_finds_the_running_exam_on_his_desk(house: ExamHouse, signed_in: SignIn) -> None:
    sits, _late = house.candidate(), house.candidate()
    house.start(sits)
    page = signed_in(house.people.staff(Role.INVIGILATOR)).get("/desk").text
    assert "现在没有等您处理的事项" not in page
    assert "今天的考试" in page
    assert f'href="/desk/invigilation/{house.plan_id}"' in page
    assert "正在进行" in page
    assert "应到 2 人，正在作答 1 人" in words(page)
    assert "已合格" not in page, "results are not the invigilator's"


def test_without_an_exam_today_the_desk_says_so_and_leads_to_the_next_ones(
    house: ExamHouse, signed_in: SignIn, clock: ClockControl
) -> None:
    clock.advance(2 * 86_400)
    page = signed_in(house.people.staff(Role.INVIGILATOR)).get("/desk").text
    assert "今天没有要监考的考试" in page
    assert 'class="btn btn-quiet" href="/desk/invigilation/"' in page


def test_an_exam_administrator_finds_the_board_of_todays_exam_beside_its_figures(
    house: ExamHouse, signed_in: SignIn
) -> None:
    house.candidate()
    page = signed_in(house.people.staff(Role.EXAM_ADMIN)).get("/desk").text
    assert page.count('id="exams-title"') == 1
    today = page[page.index('id="exams-title"') :].split("</section>")[0]
    assert f'href="/desk/invigilation/{house.plan_id}"' in today
    assert f'href="/desk/figures?plan={house.plan_id}"' in today
    assert "应到 1 人，正在作答 0 人，已合格 0 人" in words(today)
    auditor = signed_in(house.people.staff(Role.AUDITOR)).get("/desk").text
    assert "今天的考试" in auditor
    assert "打开监考页" not in auditor, "who only reads is not called to the board"


def test_who_is_bound_to_rooms_is_shown_them_and_counts_their_people_alone(
    house: ExamHouse, signed_in: SignIn
) -> None:
    admin = house.people.actor(house.people.staff(Role.EXAM_ADMIN))
    inside, outside = house.candidate(), house.candidate()
    bound = house.people.staff(Role.INVIGILATOR, organisation_id=house.people.other_city_id)
    with house.runtime.write() as uow:
        first, second = (
            rooms.make_room(uow, admin, house.plan_id, name, "实训楼三楼", 5)
            for name in ("第 2 考场", "第 10 考场")
        )
        for room_id, who in ((first, inside), (second, outside)):
            seats.place(uow, admin, house.plan_id, room_id, [who.person.id])
        rooms.bind(uow, admin, house.plan_id, first, bound.id)
    for one in (inside, outside):
        house.start(one)
    page = signed_in(bound).get("/desk").text
    assert "您监考的考场：第 2 考场" in page
    assert "应到 1 人，正在作答 1 人" in words(page)
    with house.runtime.write() as uow:
        rooms.bind(uow, admin, house.plan_id, second, bound.id)
    page = signed_in(bound).get("/desk").text
    assert "您监考的考场：第 2 考场、第 10 考场" in page
    assert "应到 2 人，正在作答 2 人" in words(page)


def test_a_room_without_anybody_in_it_still_shows_its_exam(house: ExamHouse, signed_in: SignIn) -> None:
    admin = house.people.actor(house.people.staff(Role.EXAM_ADMIN))
    bound = house.people.staff(Role.INVIGILATOR, organisation_id=house.people.other_city_id)
    house.candidate()
    with house.runtime.write() as uow:
        room_id = rooms.make_room(uow, admin, house.plan_id, "空考场", "实训楼三楼", 5)
        rooms.bind(uow, admin, house.plan_id, room_id, bound.id)
    page = signed_in(bound).get("/desk").text
    assert f'href="/desk/invigilation/{house.plan_id}"' in page
    assert "应到 0 人，正在作答 0 人" in words(page)


@pytest.mark.parametrize("home", ["province_id", "institution_id", "other_city_id"])
@pytest.mark.parametrize("roles", [(Role.INVIGILATOR,), (Role.EXAM_ADMIN,), STEWARDS])
@pytest.mark.parametrize("is_bound", [False, True])
def test_the_reach_of_all_plans_at_once_is_the_reach_of_each(
    house: ExamHouse, home: str, roles: tuple[Role, ...], is_bound: bool
) -> None:
    people, admin = house.people, house.people.actor(house.people.staff(Role.EXAM_ADMIN))
    other_plan = house.plan()
    inside = house.candidate()
    outside, _elsewhere = house.candidate(), house.candidate(other_plan)
    house.candidate(exam=StageState.LOCKED)
    with house.runtime.write() as uow:
        uow.session.execute(
            update(Application)
            .where(Application.id == outside.application_id)
            .values(employer_organisation_id=people.other_institution_id)
        )
        room_id = rooms.make_room(uow, admin, house.plan_id, "第 1 考场", "实训楼", 5)
        seats.place(uow, admin, house.plan_id, room_id, [inside.person.id])
    person = people.staff(*roles, organisation_id=getattr(people, home))
    if is_bound and Role.INVIGILATOR in roles:
        with house.runtime.write() as uow:
            rooms.bind(uow, admin, house.plan_id, room_id, person.id)
    actor = people.actor(person)
    with house.runtime.read() as uow:
        at_once = dict(
            uow.session.execute(
                select(Plan.id, func.count())
                .join(Application, Application.plan_id == Plan.id)
                .join(Organisation, Organisation.id == Application.employer_organisation_id)
                .join(ApplicationStage, ApplicationStage.application_id == Application.id)
                .where(is_expected(), reached(actor, *STEWARDS))
                .group_by(Plan.id)
            ).all()
        )
        on_the_desk = {one.plan_id: one.expected for one in queries.watched_today(uow, actor)}
        for plan_id in (house.plan_id, other_plan):
            try:
                expected = len(board(uow, reach_of(uow, actor, plan_id, *STEWARDS)).seats)
            except NotFound:
                expected = 0
            assert at_once.get(plan_id, 0) == on_the_desk.get(plan_id, 0) == expected


def test_more_exams_ask_the_database_no_more(house: ExamHouse) -> None:
    actor = house.people.actor(house.people.staff(Role.INVIGILATOR))
    house.candidate()

    def asked() -> int:
        with statements(house.runtime) as seen, house.runtime.read() as uow:
            assert queries.watched_today(uow, actor)
        return len(seen)

    few = asked()
    for _ in range(3):
        house.candidate(house.plan())
    assert asked() == few


def test_who_sits_beyond_the_window_keeps_the_exam_running(house: ExamHouse, clock: ClockControl) -> None:
    actor = house.people.actor(house.people.staff(Role.INVIGILATOR))
    reader = house.people.actor(house.people.staff(Role.AUDITOR))
    sits = house.candidate()
    house.start(sits)
    opened(house, house.plan_id, clock.now() - HOUR, clock.now() + timedelta(minutes=1))
    clock.advance(120)
    with house.runtime.read() as uow:
        (line,) = queries.desk(uow, actor).today
        assert line.is_running(uow.now)
        assert line.watch is not None
        assert line.watch.sitting == 1
        (line,) = queries.desk(uow, reader).today
        assert line.watch is None
        assert line.is_running(uow.now), "his figures say that somebody sits"


def test_an_exam_that_ended_at_midnight_stays_while_somebody_sits(
    house: ExamHouse, clock: ClockControl
) -> None:
    admin = house.people.actor(house.people.staff(Role.EXAM_ADMIN))
    actor = house.people.actor(house.people.staff(Role.INVIGILATOR))
    empty = house.plan()
    _, midnight = day_of(clock.now())
    clock.set(midnight - timedelta(minutes=20))
    for plan_id in (house.plan_id, empty):
        opened(house, plan_id, midnight - HOUR, midnight)
    house.start(house.candidate())
    house.candidate(empty)
    with house.runtime.write() as uow:
        conditions.give_time(uow, admin, house.plan_id, EVERYONE, 1800, "考点停电，按应急预案补时")
    clock.set(midnight + timedelta(minutes=10))
    with house.runtime.read() as uow:
        (line,) = queries.desk(uow, actor).today
        assert line.plan_id == house.plan_id
        assert line.is_running(uow.now)
        assert line.watch is not None
        assert (line.watch.expected, line.watch.sitting) == (1, 1)
    clock.set(midnight + timedelta(minutes=31))
    with house.runtime.read() as uow:
        assert queries.desk(uow, actor).today == ()


def test_of_many_exams_those_that_run_and_those_to_come_are_shown(house: ExamHouse) -> None:
    person = house.candidate().person
    now = house.runtime.clock.now()
    coming = house.plan()
    opened(house, coming, now + 5 * HOUR, now + 6 * HOUR)
    house.candidate(coming, person=person)
    for _ in range(LINES_SHOWN):
        over = house.plan()
        opened(house, over, now - 3 * HOUR, now - HOUR)
        house.candidate(over, person=person)
    for role, has_figures in ((Role.INVIGILATOR, False), (Role.EXAM_ADMIN, True)):
        actor = house.people.actor(house.people.staff(role))
        with house.runtime.read() as uow:
            facts = queries.desk(uow, actor)
        assert len(facts.today) == LINES_SHOWN
        assert [line.plan_id for line in facts.today[:2]] == [house.plan_id, coming]
        for line in facts.today:
            assert (line.watch is not None, line.figures is not None) == (True, has_figures)
        if facts.exams is not None:
            assert sum(one.may_sit for one in facts.exams) == LINES_SHOWN + 2, "sums leave nobody out"


def test_rooms_are_named_to_those_whose_reach_ends_with_them(house: ExamHouse) -> None:
    people = house.people
    bound = people.staff(Role.INVIGILATOR)
    room_with(house, bound, house.candidate().person.id)
    house.candidate()

    def line() -> queries.WatchLine:
        with house.runtime.read() as uow:
            (found,) = queries.watched_today(uow, people.actor(bound))
        return found

    assert (line().rooms, line().expected) == (("第 1 考场",), 1)
    with house.runtime.write() as uow:
        accounts.grant_role(uow, house.operator, bound.id, Role.EXAM_ADMIN, people.province_id)
    assert (line().rooms, line().expected) == ((), 2), "he reaches everybody"
    with house.runtime.write() as uow:
        invigilates = uow.session.scalars(
            select(RoleGrant.id).where(RoleGrant.person_id == bound.id, RoleGrant.role == Role.INVIGILATOR)
        ).one()
        accounts.revoke_role(uow, house.operator, invigilates)
    assert (line().rooms, line().expected) == ((), 2)


def test_an_office_elsewhere_takes_no_room_away(house: ExamHouse) -> None:
    people = house.people
    bound = people.staff(Role.INVIGILATOR, Role.EXAM_ADMIN, organisation_id=people.other_city_id)
    room_with(house, bound, house.candidate().person.id)
    actor = people.actor(bound)
    with house.runtime.read() as uow:
        (line,) = queries.watched_today(uow, actor)
        assert line.rooms == ("第 1 考场",)
        without = replace(actor, grants=tuple(one for one in actor.grants if one.role != Role.INVIGILATOR))
        assert queries.watched_today(uow, without) == []


def test_results_of_more_people_than_he_watches_stand_on_a_line_of_their_own(
    house: ExamHouse, signed_in: SignIn
) -> None:
    both = house.people.staff(Role.INVIGILATOR, Role.AUDITOR)
    inside = house.candidate()
    house.candidate()
    page = signed_in(both).get("/desk").text
    assert "应到 2 人，正在作答 0 人，已合格 0 人" in words(page)
    room_with(house, both, inside.person.id)
    page = signed_in(both).get("/desk").text
    assert "应到 1 人，正在作答 0 人 您能统计的人中，已合格 0 人" in words(page)


def test_the_button_of_the_figures_says_in_english_what_it_does(house: ExamHouse, signed_in: SignIn) -> None:
    house.candidate()
    browser = signed_in(house.people.staff(Role.EXAM_ADMIN))
    english = {"Accept-Language": "en"}
    page = browser.get("/desk/figures", headers=english).text
    assert re.search(r'<button[^>]*type="submit">(<svg.*?</svg>)?Show</button>', page)
    assert "Charts<span" in browser.get("/desk", headers=english).text
