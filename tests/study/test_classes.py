"""The class as staff see it: who is behind comes first, by scope, at a flat cost, with its file and its reminders."""

import io
import re
from datetime import datetime, timedelta

import openpyxl
import pytest
from sqlalchemy import func, select, update

from lms.accounts.models import Person
from lms.accounts.policy import Role
from lms.audit.models import AuditEvent
from lms.core.errors import Invalid, NotFound
from lms.enrolment.models import ApplicationStage
from lms.exports.models import Export
from lms.exports.service import SEAL
from lms.plans.policy import StageKind
from lms.study.desk_models import StudyReminder
from lms.study.jobs import classes as class_jobs
from lms.study.policy.pace import (
    begins,
    daily_seconds,
    days_left,
    is_behind,
    outlook,
    pace_seconds,
    reminder_reasons,
)
from lms.study.queries import class_figures as class_figure_queries
from lms.study.queries import classes as class_queries
from lms.study.queries import reminders as reminder_queries
from lms.study.queries.classes import ClassFilter
from lms.study.service import reminders
from tests.study.conftest import StudyHouse
from tests.study.test_appeal_views import mails
from tests.support.site import TEST_NOW
from tests.support.statements import statements


@pytest.fixture
def admin(house: StudyHouse):
    """An exam administrator of the province."""
    return house.people.staff(Role.EXAM_ADMIN)


def halfway(house: StudyHouse) -> None:
    plan = house.plan
    house.clock.set(plan.study_from + (plan.study_until - plan.study_from) / 2)


def admitted_at(house: StudyHouse, application_id: str, moment: datetime) -> None:
    with house.runtime.write() as uow:
        uow.session.execute(
            update(ApplicationStage)
            .where(
                ApplicationStage.application_id == application_id, ApplicationStage.kind == StageKind.STUDY
            )
            .values(opened_at=moment)
        )


def names(page: str) -> list[str]:
    return re.findall(r'<th scope="row"><a href="/desk/classes/\w+/people/\w+">([^<]+)<', page)


def test_who_is_behind_comes_first_and_every_figure_is_shown(house: StudyHouse, admin) -> None:
    late, _ = house.trainee()
    finished, _ = house.trainee()
    halfway(house)
    house.player(finished).study(180)
    player = house.player(late)
    player.beat()
    player.beat(visible=False)
    browser = house.signed_in(admin)
    listed = browser.get("/desk/classes/").text
    assert f'href="/desk/classes/{house.plan.id}"' in listed
    page = browser.get(f"/desk/classes/{house.plan.id}").text
    assert names(page) == [late.name, finished.name]
    assert "页面在后台 0:10" in page
    assert "第 1 课 3:00 / 63:00" in page
    assert "低于节奏" in page
    assert page.count("data-chart") == 2
    assert names(browser.get(f"/desk/classes/{house.plan.id}?behind=1").text) == [late.name]
    assert names(browser.get(f"/desk/classes/{house.plan.id}?q={finished.name}").text) == [finished.name]
    assert names(browser.get(f"/desk/classes/{house.plan.id}?organisation=0000000000000000").text) == []
    assert browser.get(f"/desk/classes/{house.plan.id}?page=99999999&behind=x&q=%00").status_code in {
        200,
        400,
    }


def test_who_was_admitted_late_is_expected_to_study_evenly_from_that_day_on(house: StudyHouse, admin) -> None:
    plan, minute = house.plan, timedelta(minutes=1)
    early, early_application = house.trainee()
    late, late_application = house.trainee()
    halfway(house)
    admitted_at(house, early_application, plan.study_from - 24 * 60 * minute)
    admitted_at(house, late_application, house.clock.now() - minute)
    browser = house.signed_in(admin)

    def behind() -> list[str]:
        return names(browser.get(f"/desk/classes/{plan.id}?behind=1").text)

    assert behind() == [early.name]
    assert 'behind=1">1</a>' in browser.get("/desk/classes/").text
    assert browser.post(f"/desk/classes/{plan.id}/remind").status_code == 303
    with house.runtime.read() as uow:
        assert uow.session.scalars(select(StudyReminder.person_id)).all() == [early.id]
    # Half of what was left to her has passed, so half of the requirement is expected.
    house.clock.set(house.clock.now() + (plan.study_until - house.clock.now()) / 2)
    browser = house.signed_in(admin)
    assert set(behind()) == {early.name, late.name}
    house.player(late).study(120)
    assert behind() == [early.name]


def test_lists_and_the_rule_agree_on_who_is_behind_to_the_second(house: StudyHouse, admin) -> None:
    plan = house.plan
    person, application_id = house.trainee()
    house.player(person).study(60)
    actor = house.people.actor(admin)
    length = plan.study_until - plan.study_from
    for part in (-1, 1 / 3, 0.8):
        admitted = (plan.study_from + length * part).replace(microsecond=0)
        admitted_at(house, application_id, admitted)
        begin = begins(plan.study_from, admitted)
        due = begin + (plan.study_until - begin) * 61 / plan.required_study_seconds
        due += timedelta(microseconds=-due.microsecond % 1_000_000)
        for now in (begin, due - timedelta(seconds=1), due, plan.study_until, plan.study_until + length):
            rule = is_behind(
                counted=60, required=plan.required_study_seconds, opens=plan.study_from, closes=plan.study_until,
                admitted=admitted, now=now,
            )  # fmt: skip
            assert rule == (now >= due)
            with house.runtime.read(now) as uow:
                scope = class_queries.class_scope(uow, actor, plan.id)
                listed = class_queries.behind_people(uow, scope, ClassFilter())
                assert class_figure_queries.figures(uow, scope).behind == len(listed)
            assert bool(listed) == rule, (admitted, now)


def test_a_name_leads_to_how_its_person_has_studied(house: StudyHouse, admin) -> None:
    person, application_id = house.trainee()
    player = house.player(person)
    player.study(60)
    player.beat(visible=False)
    browser = house.signed_in(admin)
    address = f"/desk/classes/{house.plan.id}/people/{person.id}"
    assert f'href="{address}"' in browser.get(f"/desk/classes/{house.plan.id}").text
    page = browser.get(address).text
    assert "1:00 / 63:00" in page
    assert "没有计入的 1 段" in page
    assert "这段播放时页面切到了后台" in page
    assert application_id in page, "the way to the application"
    assert browser.get(f"/desk/classes/{house.plan.id}/people/{admin.id}").status_code == 404


def test_each_sees_his_own_people_alone(house: StudyHouse) -> None:
    person, _ = house.trainee()
    record = f"/desk/classes/{house.plan.id}/people/{person.id}"
    own = house.signed_in(
        house.people.staff(Role.INSTITUTION_OFFICER, organisation_id=house.people.institution_id)
    )
    assert own.get(f"/desk/classes/{house.plan.id}").status_code == 200
    assert own.get(record).status_code == 200
    assert own.get(f"/desk/classes/{house.plan.id}/export").status_code == 403
    assert house.plan.title in own.get("/desk/classes/").text
    other = house.signed_in(
        house.people.staff(Role.INSTITUTION_OFFICER, organisation_id=house.people.other_institution_id)
    )
    assert other.get(f"/desk/classes/{house.plan.id}").status_code == 404
    assert other.get(record).status_code == 404
    assert other.get(f"/desk/classes/{house.plan.id}/remind").status_code == 404
    assert house.plan.title not in other.get("/desk/classes/").text
    elsewhere = house.signed_in(
        house.people.staff(Role.EXAM_ADMIN, organisation_id=house.people.other_city_id)
    )
    assert elsewhere.get(f"/desk/classes/{house.plan.id}").status_code == 404
    assert elsewhere.get(f"/desk/classes/{house.plan.id}/export").status_code == 404


def test_a_class_of_many_costs_as_many_statements_as_a_class_of_one(house: StudyHouse, admin) -> None:
    browser = house.signed_in(admin)

    def count(path: str) -> int:
        browser.get(path)
        with statements(house.runtime) as seen:
            assert browser.get(path).status_code == 200
        return len(seen)

    paths = (f"/desk/classes/{house.plan.id}", "/desk/classes/", "/desk/study/appeals")
    house.player().beat(visible=False)
    one = [count(path) for path in paths]
    for _ in range(4):
        house.player().beat(visible=False)
    assert [count(path) for path in paths] == one
    assert one[0] <= 22
    assert one[1] <= 8


def test_the_list_is_taken_out_as_a_workbook(house: StudyHouse, admin, site) -> None:
    person, _ = house.trainee()
    player = house.player(person)
    player.study(70)
    player.beat(visible=False)
    browser = house.signed_in(admin)
    asked = browser.post(
        f"/desk/classes/{house.plan.id}/export", {"format": "xlsx", "purpose": "交给带班老师"}
    )
    assert asked.status_code == 303, asked.text
    site.run_jobs()
    assert browser.get(f"{asked.location}/file").status_code == 200
    with house.runtime.read() as uow:
        export = uow.session.scalars(select(Export)).one()
        data = uow.vault.open_bytes(uow.storage.get(export.file_key), SEAL)
    rows = list(openpyxl.load_workbook(io.BytesIO(data)).active.values)
    told = dict(zip(rows[0], rows[1], strict=True))
    assert told["姓名"] == person.name
    assert told["已计入（分钟）"] == 1
    assert round(told["待确认（分钟）"] * 60) == 10
    assert round(told["未计入：页面在后台（分钟）"] * 60) == 10
    assert "证件" not in str(rows)


def test_reminding_is_previewed_done_once_a_day_and_mailed(house: StudyHouse, admin, site) -> None:
    late, _ = house.trainee()
    with house.runtime.write() as uow:
        uow.session.get(Person, late.id).email = "late@example.test"
    halfway(house)
    browser = house.signed_in(admin)
    address = f"/desk/classes/{house.plan.id}/remind"
    page = browser.get(address).text
    assert "提醒这 1 人" in page
    assert browser.post(address).status_code == 303
    again = browser.post(address)
    assert again.status_code == 422
    assert "每人每天最多提醒一次" in again.text
    site.run_jobs()
    sent = [mail for mail in mails(house.runtime) if "late@example.test" in mail]
    assert len(sent) == 1
    site.run_jobs()
    assert len([mail for mail in mails(house.runtime) if "late@example.test" in mail]) == 1
    assert "提醒了 1 人" in browser.get(f"/desk/classes/{house.plan.id}").text
    trainee = house.signed_in(late)
    told = f"您在“{house.plan.title}”的学时低于按期的节奏"
    places = ("/home", f"/study/{house.plan.id}", f"/study/{house.plan.id}/ledger")
    for path in places:
        said = re.search(f"{told}。(.*?)截止，从今天起每天大约要学 (.*?)。", trainee.get(path).text)
        assert said, path
        assert said[2] == "1 分钟", path
    house.clock.advance(24 * 3600)
    with house.runtime.write() as uow:
        assert reminders.remind(uow, house.people.actor(admin), house.plan.id, ClassFilter()) == 1
    with house.runtime.read() as uow:
        tags = uow.session.scalar(
            select(func.count()).select_from(AuditEvent).where(AuditEvent.tag == "study_reminder:send")
        )
    assert tags == 2


def test_a_reminder_goes_when_its_person_has_caught_up(house: StudyHouse, admin) -> None:
    late, _ = house.trainee()
    other, _ = house.trainee()
    halfway(house)
    assert house.signed_in(admin).post(f"/desk/classes/{house.plan.id}/remind").status_code == 303
    player = house.player(late)
    assert "低于按期的节奏" in player.browser.get("/home").text
    player.study(120)
    for path in ("/home", f"/study/{house.plan.id}", f"/study/{house.plan.id}/ledger"):
        assert "低于按期的节奏" not in player.browser.get(path).text
    house.clock.set(house.plan.study_until)
    assert "低于按期的节奏" not in house.signed_in(other).get("/home").text


def test_the_house_reminds_by_itself_as_often_as_the_plan_says(house: StudyHouse, admin) -> None:
    house.trainee()
    halfway(house)
    house.clock.set(house.clock.now().replace(hour=3))  # eleven in the morning in Shanghai
    browser = house.signed_in(admin)
    address = f"/desk/classes/{house.plan.id}/rule"
    assert browser.post(address, {"every_days": "31"}).status_code == 422
    assert browser.post(address, {"every_days": "x"}).status_code == 422
    assert browser.post(address, {"every_days": "2"}).status_code == 303

    def told() -> int:
        with house.runtime.read() as uow:
            return uow.session.scalar(select(func.count()).select_from(StudyReminder))

    class_jobs.sweep_reminders(house.runtime)
    class_jobs.sweep_reminders(house.runtime)
    assert told() == 1
    house.clock.advance(24 * 3600)
    class_jobs.sweep_reminders(house.runtime)
    assert told() == 1, "every other day"
    house.clock.advance(24 * 3600)
    house.clock.set(house.clock.now().replace(hour=16))
    class_jobs.sweep_reminders(house.runtime)
    assert told() == 1, "not at midnight"
    house.clock.advance(11 * 3600)
    class_jobs.sweep_reminders(house.runtime)
    assert told() == 2
    browser = house.signed_in(admin)
    assert browser.post(address, {"every_days": "0"}).status_code == 303
    with house.runtime.read() as uow:
        assert reminder_queries.due_plans(uow) == []


def test_a_liaison_reminds_his_own_people_and_nobody_else_may(house: StudyHouse) -> None:
    house.trainee()
    halfway(house)
    officer = house.people.staff(Role.INSTITUTION_OFFICER, organisation_id=house.people.institution_id)
    assert house.signed_in(officer).post(f"/desk/classes/{house.plan.id}/remind").status_code == 303
    auditor = house.people.actor(house.people.staff(Role.AUDITOR))
    with pytest.raises(NotFound), house.runtime.write() as uow:
        reminders.remind(uow, auditor, house.plan.id, ClassFilter())
    with pytest.raises(NotFound), house.runtime.write() as uow:
        reminders.set_rule(uow, house.people.actor(officer), house.plan.id, 1)
    admin = house.people.actor(house.people.staff(Role.EXAM_ADMIN))
    with pytest.raises(Invalid), house.runtime.write() as uow:
        reminders.remind(uow, admin, house.plan.id, ClassFilter())


# -- the rules of pace --------------------------------------------------------------------------------

OPENS, CLOSES = TEST_NOW, TEST_NOW + timedelta(days=10)


@pytest.mark.parametrize(
    ("hours", "pace", "left"), [(-1, 0, 11), (0, 0, 11), (24, 1080, 10), (240, 10800, 0), (300, 10800, 0)]
)
def test_pace_and_days(hours: int, pace: int, left: int) -> None:
    now = OPENS + timedelta(hours=hours)
    assert pace_seconds(10800, OPENS, CLOSES, now) == pace
    assert days_left(CLOSES, now) == left


def test_the_outlook_says_when_somebody_finishes_as_he_goes_on() -> None:
    now = OPENS + timedelta(days=3)
    slow = outlook(counted=1200, required=10800, began=OPENS, closes=CLOSES, now=now)
    assert (slow.missing, slow.own_a_day, slow.is_in_time) == (9600, 300, False)
    assert slow.finishes_at == now + timedelta(days=32)
    assert slow.needed_a_day == 1200
    quick = outlook(counted=8000, required=10800, began=OPENS, closes=CLOSES, now=now)
    assert quick.is_in_time
    assert quick.finishes_at == now + timedelta(days=2)
    assert outlook(counted=0, required=10800, began=None, closes=CLOSES, now=now).finishes_at is None
    assert outlook(counted=10800, required=10800, began=OPENS, closes=CLOSES, now=now).is_in_time


def test_who_can_be_reminded() -> None:
    def codes(**changes) -> list[str]:
        facts = {"opens": OPENS, "closes": CLOSES, "now": OPENS, "behind": 2, "reminded": 1} | changes
        return [reason.code for reason in reminder_reasons(**facts)]

    assert codes() == []
    assert codes(now=CLOSES) == ["reminder.closed"]
    assert codes(behind=0, reminded=0) == ["reminder.nobody"]
    assert codes(reminded=2) == ["reminder.today"]


@pytest.mark.parametrize(
    ("missing", "left", "daily"),
    [(9600, 8, 1200), (60, 59, 60), (30, 5, 30), (10800, 7, 1560), (500, 0, 500), (0, 3, 0)],
)
def test_what_is_needed_a_day_is_said_in_minutes_and_suffices(missing: int, left: int, daily: int) -> None:
    assert daily_seconds(missing, left) == daily
    assert daily * max(1, left) >= missing
