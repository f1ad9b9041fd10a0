"""Sitting an exam: starting, answering as well as the story wants, saving several times, handing in."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from lms.accounts import service as accounts
from lms.accounts.queries import actor_of
from lms.demo.candidate import answer_sheet
from lms.demo.house import DemoHouse, sign_in
from lms.demo.timeline import Story
from lms.exam.queries import exam_facts, own_attempt, questions_of
from lms.exam.service.answers import Lease
from lms.exam.service.attempts import SheetAnswer, hand_in, save_sheet, start
from lms.plans.policy import PlanFacts

PARTS = 5
"""How often a sheet is saved before it is handed in."""


@dataclass(frozen=True, slots=True)
class Sitting:
    """One sitting of a person in a plan: the how-manieth (from 0), when, and how many points it is to earn."""

    person_id: str
    plan: PlanFacts
    number: int
    at: datetime
    points: int
    minutes: int


def sit(house: DemoHouse, sitting: Sitting, chance: random.Random) -> Story:
    """Start an attempt, save it part by part, and hand it in."""
    yield sitting.at
    with house.read(sitting.at) as uow:
        before = exam_facts(uow, sitting.person_id, sitting.plan).sittings
    if len(before) > sitting.number and not before[sitting.number].is_open:
        return
    with house.write(sitting.at) as uow:
        actor = sign_in(uow, sitting.person_id)
        attempt_id = start(uow, actor, sitting.plan.id)
        attempt = own_attempt(uow, sitting.person_id, attempt_id)
        questions = questions_of(uow, attempt_id)
    lease = Lease(attempt_id, attempt.login_session_id)
    answers = sorted(answer_sheet(questions, house.learnt, sitting.points, chance).items())
    size = -(-len(answers) // PARTS)
    for part in range(PARTS):
        at = sitting.at + timedelta(minutes=sitting.minutes * (part + 1) / (PARTS + 1))
        yield at
        filled = {
            position: SheetAnswer(position, 0, chosen)
            for position, chosen in answers[part * size : (part + 1) * size]
            if chosen
        }
        with house.write(at) as uow:
            save_sheet(uow, lease, filled)
    at = sitting.at + timedelta(minutes=sitting.minutes)
    yield at
    with house.write(at) as uow:
        hand_in(uow, lease)
        accounts.end_session(uow, actor_of(uow, sitting.person_id, lease.login_session_id))
