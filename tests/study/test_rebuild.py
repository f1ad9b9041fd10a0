"""Totals and coverage can be computed anew from beats, windows and grants, and come out the same."""

import random

import pytest
from flask import Flask
from sqlalchemy import select, update

from lms.accounts.policy import Role
from lms.audit.models import AuditEvent
from lms.study.models import CreditWindow, LessonCoverage, StudyProgress
from tests.study.conftest import INTERVAL, StudyHouse
from tests.study.test_appeals import ask, grant, listed, miss_a_check


def run(app: Flask, *arguments: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["lms", "study", "rebuild", *arguments])
    return result.exit_code, result.output


def stored(house: StudyHouse) -> list[tuple]:
    with house.runtime.read() as uow:
        totals = uow.session.execute(
            select(
                StudyProgress.person_id, StudyProgress.counted_seconds, StudyProgress.pending_seconds,
                StudyProgress.window_no, StudyProgress.completed_at,
            ).order_by(StudyProgress.person_id)
        )  # fmt: skip
        covered = uow.session.execute(
            select(
                LessonCoverage.person_id,
                LessonCoverage.lesson_id,
                LessonCoverage.counted,
                LessonCoverage.pending,
            ).order_by(LessonCoverage.person_id, LessonCoverage.lesson_id)
        )
        windows = uow.session.execute(
            select(CreditWindow.person_id, CreditWindow.window_no, CreditWindow.seconds).order_by(
                CreditWindow.person_id, CreditWindow.window_no
            )
        )
        return [tuple(row) for rows in (totals, covered, windows) for row in rows]


def a_varied_class(house: StudyHouse) -> list[str]:
    """Let people study in all the ways there are, some with grants in between; return their ids."""
    admin = house.people.actor(house.people.staff(Role.EXAM_ADMIN))
    people = []
    for number in range(3):
        chance = random.Random(number)
        person, _ = house.trainee()
        people.append(person.id)
        player = house.player(person)
        for _ in range(12):
            player.lesson = chance.randrange(2)
            player.at_ms = chance.choice((player.at_ms, 0, 30_500, 61_000))
            player.beat(INTERVAL, wait=chance.choice((0.5, 4, 10, 25)), visible=chance.random() < 0.8)
            if player.last["check"] and chance.random() < 0.7:
                player.answer()
            elif player.last["check"]:
                miss_a_check(house, player)
        player.lesson = 2
        if number:
            miss_a_check(house, player)
            player.at_ms += 5_000
            player.beat()
            names = [one.name for one in listed(house, person.id) if one.why in {"void", "hidden"}][:2]
            grant(house, admin, ask(house, person, names=names))
            player.at_ms = 0
            player.beat()
    return people


def test_a_sound_site_has_no_differences_and_a_damaged_one_is_made_whole(
    house: StudyHouse, app: Flask
) -> None:
    person_id = a_varied_class(house)[-1]
    before = stored(house)
    assert run(app) == (0, "3 totals, 0 differences\n")
    assert run(app, "--apply")[0] == 0
    assert stored(house) == before
    with house.runtime.write() as uow:
        uow.session.execute(
            update(StudyProgress)
            .where(StudyProgress.person_id == person_id)
            .values(counted_seconds=StudyProgress.counted_seconds + 7, pending_seconds=0)
        )
        uow.session.execute(
            update(LessonCoverage).where(LessonCoverage.person_id == person_id).values(counted=b"\x01")
        )
        uow.session.execute(
            update(CreditWindow)
            .where(CreditWindow.person_id == person_id, CreditWindow.state != "pending")
            .values(seconds=1)
        )
    status, told = run(app)
    assert status == 1
    assert f"{house.plan.id} {person_id} total counted_seconds:" in told
    assert ".counted: 0-1 -> " in told
    assert stored(house) != before, "nothing is written without being asked"
    assert run(app, "--person", "0000000000000000") == (0, "0 totals, 0 differences\n")
    status, told = run(app, "--plan", house.plan.id, "--person", person_id, "--apply")
    assert (status, " differences written" in told) == (0, True)
    assert stored(house) == before
    assert run(app)[0] == 0
    with house.runtime.read() as uow:
        acts = uow.session.scalars(select(AuditEvent).where(AuditEvent.tag == "study_totals:rebuild")).all()
    assert len(acts) == 1
    assert person_id in acts[0].fields


@pytest.mark.parametrize("seconds", [180])
def test_somebody_who_has_finished_stays_finished(house: StudyHouse, app: Flask, seconds: int) -> None:
    person, _ = house.trainee()
    house.player(person).study(seconds)
    before = stored(house)
    with house.runtime.write() as uow:
        uow.session.execute(update(StudyProgress).values(counted_seconds=0, completed_at=None, window_no=9))
    assert run(app)[0] == 1
    assert run(app, "--apply")[0] == 0
    assert stored(house) == before
