"""Several people on one device: the rule met and just missed, the mark it goes by, and who is named to whom."""

import re
from collections.abc import Callable, Sequence

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from lms.accounts import jobs as accounts_jobs
from lms.accounts.devices import COOKIE, COOKIE_SECONDS
from lms.accounts.models import LoginSession
from lms.accounts.policy import Role
from lms.audit.models import AuditEvent
from lms.plans.models import Plan
from lms.study.desk_models import FindingPerson, StudyFinding
from lms.study.jobs import integrity as integrity_jobs
from lms.study.policy.devices import (
    MANY_CHANGES,
    NEAR_MS,
    QUIET_MS,
    TOGETHER_MS,
    WINDOW_MS,
    DeviceBeat,
    SharedDevice,
    shared_device,
)
from lms.study.policy.integrity import RULE_WORDS, Rule, said_figures
from tests.study.conftest import Player, StudyHouse
from tests.support.browser import Browser
from tests.support.people import KnownPerson

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def stay(
    person: str, begins: int, minutes: int = 20, *, session: str = "", plan: str = "p"
) -> list[DeviceBeat]:
    """Return the beats of one stay, one a minute."""
    return [
        DeviceBeat(session or f"{person}{begins}", person, plan, begins + at * MINUTE, 60)
        for at in range(1, minutes + 1)
    ]


def seen(*stays: Sequence[DeviceBeat]) -> SharedDevice | None:
    return shared_device(sorted((one for beats in stays for one in beats), key=lambda one: one.arrival))


def test_a_room_with_one_person_on_a_machine_each_day_shows_nothing() -> None:
    assert shared_device([]) is None
    assert seen(*(stay("abc"[day % 3], day * DAY, 180) for day in range(3))) is None
    assert seen(stay("a", 0, 180), stay("b", 5 * HOUR, 180)) is None, (
        "one in the morning, one in the afternoon"
    )
    assert seen(stay("a", 0), stay("b", 21 * MINUTE), stay("a", 42 * MINUTE)) is None, "they took turns twice"


def test_three_people_within_twelve_hours_are_seen_and_spread_over_more_they_are_not() -> None:
    found = seen(stay("a", 0), stay("b", 6 * HOUR), stay("c", WINDOW_MS - 1))
    assert found is not None
    assert found.finding.rule is Rule.DEVICE
    assert found.finding.figures["people"] == 3
    assert found.finding.figures["length"] == (WINDOW_MS - 1 + 20 * MINUTE) // 1000
    assert found.finding.figures["changes"] == found.finding.figures["together"] == 0
    assert [one.person_id for one in found.people] == ["a", "b", "c"]
    assert seen(stay("a", 0), stay("b", 6 * HOUR), stay("c", WINDOW_MS)) is None
    assert seen(stay("a", 0), stay("b", 5 * HOUR), stay("b", 11 * HOUR)) is None, "two people"


def test_two_who_follow_each_other_within_minutes_are_seen() -> None:
    turns = MANY_CHANGES + 1

    def apart(pause: int) -> SharedDevice | None:
        return seen(*(stay("ab"[at % 2], at * (20 * MINUTE + pause)) for at in range(turns)))

    found = apart(NEAR_MS - 1)
    assert found is not None
    assert found.finding.figures["changes"] == MANY_CHANGES
    assert [(one.person_id, one.seconds) for one in found.people] == [("a", 2400), ("b", 2400)]
    assert apart(NEAR_MS) is None
    assert seen(*(stay("a", at * 21 * MINUTE) for at in range(turns))) is None, "nobody follows himself"


def test_two_who_play_at_once_are_seen() -> None:
    both = TOGETHER_MS // MINUTE
    found = seen(stay("a", 0, 60), stay("b", (60 - both) * MINUTE, 60))
    assert found is not None
    assert found.finding.figures["together"] == TOGETHER_MS // 1000
    assert found.finding.figures["changes"] == 1
    assert seen(stay("a", 0, 60), stay("b", (61 - both) * MINUTE, 60)) is None
    assert seen(stay("a", 0, 60), stay("a", 0, 60, session="tab", plan="q")) is None, (
        "two plans of one person"
    )


def test_a_pause_ends_a_stay_so_that_whoever_plays_in_it_is_not_at_once() -> None:
    paused = [*stay("a", 0, 20, session="open"), *stay("a", 2 * HOUR, 20, session="open")]
    assert seen(paused, stay("b", HOUR, 30)) is None


def test_a_quiet_night_parts_two_uses_and_only_the_latest_is_said() -> None:
    evening = [stay("a", 0), stay("b", HOUR), stay("c", 2 * HOUR)]
    morning = 2 * HOUR + 20 * MINUTE + QUIET_MS
    assert seen(*evening, stay("d", morning)) is None
    found = seen(*evening, stay("d", morning - 1))
    assert found is not None
    assert found.finding.figures["people"] == 4


def test_the_rule_can_be_said_with_its_figures() -> None:
    found = seen(stay("a", 0), stay("b", HOUR), stay("c", 2 * HOUR))
    assert found is not None
    for text in RULE_WORDS[Rule.DEVICE]:
        assert text % said_figures(Rule.DEVICE, found.finding.figures)


# -- through the pages -----------------------------------------------------------------------------


def sits_down(house: StudyHouse, browser: Browser, person: KnownPerson) -> Player:
    """Let somebody sign in on a machine and open the player."""
    assert browser.sign_in(person.login_name, person.password).status_code == 302
    player = Player(browser, house.plan, house.lesson_ids, house.clock, house.runtime)
    assert player.open().status_code == 201
    return player


def studies(house: StudyHouse, browser: Browser, person: KnownPerson, seconds: int = 30) -> None:
    """Let somebody study on a machine and sign out again."""
    sits_down(house, browser, person).study(seconds)
    assert browser.post("/sign-out").status_code == 302


def findings_of(house: StudyHouse) -> list[StudyFinding]:
    integrity_jobs.sweep_integrity(house.runtime)
    integrity_jobs.sweep_integrity(house.runtime)
    with house.runtime.read() as uow:
        return list(uow.session.scalars(select(StudyFinding).where(StudyFinding.rule == Rule.DEVICE)))


def test_three_people_on_one_machine_are_one_finding_that_grows_until_somebody_looks(
    house: StudyHouse, app: Flask
) -> None:
    machine, everybody = Browser(app), [house.trainee()[0] for _ in range(5)]
    for person in everybody[:2]:
        studies(house, machine, person)
        house.clock.advance(3600)
    assert findings_of(house) == []
    studies(house, machine, everybody[2])
    (found,) = findings_of(house)
    assert found.person_id == everybody[0].id
    studies(house, machine, everybody[3])
    assert [one.id for one in findings_of(house)] == [found.id]

    auditor = house.signed_in(house.people.staff(Role.AUDITOR))
    listed = auditor.get("/desk/study/findings/?rule=device").text
    assert "几个人在同一台设备上学习" in listed
    assert " 4 人，" in listed
    address = re.search(r'href="(/desk/study/findings/[a-z0-9]{16})"', listed)
    assert address
    shown = auditor.get(address[1]).text
    table = shown.partition('aria-labelledby="people-title"')[2].partition("</section>")[0]
    assert re.findall(r'<th scope="row">(.*?)</th>', table) == [one.name for one in everybody[:4]]
    assert "不列姓名" not in shown
    assert "合用电脑不等于代学" in shown

    admin = house.signed_in(house.people.staff(Role.EXAM_ADMIN))
    assert admin.post(f"{address[1]}/look", {"note": "单位机房，四人轮流使用"}).status_code == 303
    studies(house, machine, everybody[4])
    assert [one.id for one in findings_of(house)] == [found.id]
    with house.runtime.read() as uow:
        assert uow.session.scalar(select(func.count()).select_from(FindingPerson)) == 4
        tags = uow.session.scalars(select(AuditEvent.tag).where(AuditEvent.tag.startswith("study_finding:")))
        assert sorted(tags) == ["study_finding:find", "study_finding:grow", "study_finding:look"]
    for person in everybody:
        assert sum(house.counted(person.id)) == 30, "nobody loses a second"


def test_a_machine_each_is_no_finding_even_in_one_room(house: StudyHouse, app: Flask) -> None:
    for _ in range(4):
        studies(house, Browser(app), house.trainee()[0])
    assert findings_of(house) == []


def test_two_windows_of_one_browser_that_play_at_once_are_seen(
    house_with: Callable[..., StudyHouse], app: Flask
) -> None:
    house = house_with(required_study_seconds=900, presence_min_seconds=600, presence_max_seconds=600)
    machine = Browser(app)
    first, second = (sits_down(house, machine, house.trainee()[0]) for _ in range(2))

    def both_play(seconds: int) -> None:
        """The beat goes by its lease, so the first window plays on although somebody else has signed in."""
        for _ in range(seconds // 10):
            first.beat(10, wait=5)
            second.beat(10, wait=5)

    both_play(TOGETHER_MS // 1000 - 20)
    assert findings_of(house) == []
    both_play(40)
    (found,) = findings_of(house)
    assert '"people": 2' in found.figures


def test_people_in_plans_of_others_are_counted_and_not_named(
    house_with: Callable[..., StudyHouse], app: Flask
) -> None:
    house, elsewhere = house_with(), house_with()
    with house.runtime.write() as uow:
        uow.session.execute(
            update(Plan)
            .where(Plan.id == elsewhere.plan.id)
            .values(issuer_organisation_id=house.people.other_city_id)
        )
    ours, theirs = [house.trainee()[0] for _ in range(2)], elsewhere.trainee()[0]
    machine = Browser(app)
    studies(elsewhere, machine, theirs)
    for person in ours:
        studies(house, machine, person)
    assert {one.plan_id: one.person_id for one in findings_of(house)} == {
        house.plan.id: ours[0].id,
        elsewhere.plan.id: theirs.id,
    }, "each side has its own finding to look at"

    city = house.people.other_city_id
    of_city = house.signed_in(house.people.staff(Role.EXAM_ADMIN, organisation_id=city))
    addresses = re.findall(
        r'href="(/desk/study/findings/[a-z0-9]{16})"', of_city.get("/desk/study/findings/").text
    )
    assert len(addresses) == 1
    shown = of_city.get(addresses[0]).text
    assert theirs.name in shown
    assert " 3 人，" in shown
    assert "另有 2 人，他们的计划不在您的职责范围内" in shown
    for person in ours:
        assert person.name not in shown
    of_province = house.signed_in(house.people.staff(Role.EXAM_ADMIN)).get(addresses[0]).text
    assert all(person.name in of_province for person in (*ours, theirs))
    assert "不列姓名" not in of_province


def test_the_mark_outlives_signing_out_and_the_database_keeps_its_hash_for_a_week(
    house: StudyHouse, app: Flask
) -> None:
    machine, person = Browser(app), house.trainee()[0]
    machine.get("/sign-in")
    assert machine.client.get_cookie(COOKIE) is None, "nobody who only looks is marked"
    assert machine.sign_in(person.login_name, "a wrong password").status_code == 422
    assert machine.client.get_cookie(COOKIE) is None
    given = machine.sign_in(person.login_name, person.password)
    words = next(one for one in given.headers.getlist("Set-Cookie") if one.startswith(f"{COOKIE}="))
    assert f"Max-Age={COOKIE_SECONDS};" in words
    assert "HttpOnly" in words
    assert "SameSite=Lax" in words
    cookie = machine.client.get_cookie(COOKIE)
    assert cookie is not None
    machine.post("/sign-out")
    again = machine.sign_in(person.login_name, person.password)
    assert not any(one.startswith(f"{COOKIE}=") for one in again.headers.getlist("Set-Cookie"))
    with house.runtime.read() as uow:
        kept = list(uow.session.scalars(select(LoginSession.device_mark)))
    assert len(kept) == 2
    assert len(set(kept)) == 1
    assert cookie.value not in kept
    house.clock.advance(7 * 24 * 3600 - 60)
    accounts_jobs.forget_spent(house.runtime)
    with house.runtime.read() as uow:
        assert list(uow.session.scalars(select(LoginSession.device_mark))) == kept
    house.clock.advance(120)
    accounts_jobs.forget_spent(house.runtime)
    with house.runtime.read() as uow:
        assert set(uow.session.scalars(select(LoginSession.device_mark))) == {None}


@pytest.mark.parametrize("forged", ["", "x", "a" * 44, "a" * 42 + "/", "设" * 43])
def test_a_mark_that_the_site_did_not_make_is_replaced(house: StudyHouse, app: Flask, forged: str) -> None:
    machine, person = Browser(app), house.trainee()[0]
    machine.client.set_cookie(COOKIE, forged)
    assert machine.sign_in(person.login_name, person.password).status_code == 302
    cookie = machine.client.get_cookie(COOKIE)
    assert cookie is not None
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", cookie.value)
