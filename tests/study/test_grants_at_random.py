"""Whatever was played, refused, missed and granted in between: the ledger stays true and can be rebuilt."""

import random
from collections.abc import Callable

import pytest
from flask import Flask

from lms.accounts.policy import Role
from lms.core.actors import Actor
from lms.core.errors import Invalid
from lms.core.invariants import check
from lms.study.invariants import INVARIANTS
from lms.study.policy.appeals import APPEALABLE
from tests.study.conftest import INTERVAL, Player, StudyHouse
from tests.study.test_appeals import ask, grant, listed, miss_a_check
from tests.study.test_rebuild import run

pytestmark = pytest.mark.both_databases

PEOPLE, BEATS = 4, 40


def test_grants_in_between_never_exceed_the_clock_and_are_rebuilt(
    house_with: Callable[..., StudyHouse], app: Flask
) -> None:
    house = house_with(required_study_seconds=600, course={"minima": (0, 50), "stop_at": 120})
    admin = house.people.actor(house.people.staff(Role.EXAM_ADMIN))
    granted = sum(life(house, admin, random.Random(number)) for number in range(PEOPLE))
    assert granted > 0
    assert run(app) == (0, f"{PEOPLE} totals, 0 differences\n")


def life(house: StudyHouse, admin: Actor, chance: random.Random) -> int:
    """Let somebody study as it comes, and have some of what was refused granted; return how many seconds."""
    person, _ = house.trainee()
    player = house.player(person)
    began, granted = house.clock.now(), 0
    for _ in range(BEATS):
        if chance.random() < 0.1:
            player = house.player(person)  # another device takes over
        if chance.random() < 0.25:
            player.lesson = chance.randrange(3)
        player.at_ms = chance.choice((player.at_ms, player.at_ms, 0, 30_500, 61_000, 118_000))
        player.beat(
            chance.choice((3, INTERVAL, 14)), wait=chance.choice((0.3, 4, 10, 25)),
            visible=chance.random() < 0.7, playing=chance.random() < 0.9,
        )  # fmt: skip
        if player.last["check"] and chance.random() < 0.6:
            player.answer()
        elif player.last["check"]:
            miss_a_check(house, player)
        if chance.random() < 0.12:
            granted += _appeal(house, admin, person, chance)
    _confirm_what_waits(house, player, person.id)
    counted, pending = house.counted(person.id)
    assert counted + pending <= (house.clock.now() - began).total_seconds() + 1
    with house.runtime.read() as uow:
        assert check(uow, INVARIANTS) == {}
    return granted


def _confirm_what_waits(house: StudyHouse, player: Player, person_id: str) -> None:
    """Nobody whose seconds are enough is kept waiting: the next beat asks, and the answer counts them."""
    counted, pending = house.counted(person_id)
    if not pending or counted + pending < house.plan.required_study_seconds:
        return
    player.beat()
    if player.last["check"]:
        player.answer()
    assert house.counted(person_id) == (house.plan.required_study_seconds, 0)


def _appeal(house: StudyHouse, admin: Actor, person, chance: random.Random) -> int:
    found = listed(house, person.id)
    names = [one.name for one in found if one.why in APPEALABLE and chance.random() < 0.5][:5]
    try:
        return grant(house, admin, ask(house, person, names=names)).seconds
    except Invalid:
        return 0  # nothing chosen, chosen already, or no second left to grant
