"""Sitting an exam: starting, answering as well as the story wants, saving several times, handing in."""

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from lms.accounts import service as accounts
from lms.accounts.queries import actor_of
from lms.demo.house import DemoHouse, sign_in
from lms.demo.timeline import Story
from lms.exam.queries import exam_facts, own_attempt, questions_of
from lms.exam.service.answers import Lease
from lms.exam.service.attempts import SheetAnswer, hand_in, save_sheet, start
from lms.plans.policy import PlanFacts
from lms.questions.queries import drawing_pool
from question_bank.items import Item, ItemType, PaperQuestion, same_question_key

FULL_POINTS = 100
PARTS = 5
"""How often a sheet is saved before it is handed in."""
SHORTEST_MINUTES, LONGEST_MINUTES = 38, 74

QuestionKey = tuple[str, str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Sitting:
    """One sitting of a person in a plan: the how-manieth (from 0), when, and how many points it is to earn."""

    person_id: str
    plan: PlanFacts
    number: int
    at: datetime
    points: int
    minutes: int


def learnt(items: Iterable[Item]) -> dict[QuestionKey, frozenset[str]]:
    """Return what a well-read candidate knows: for each question of the bank the texts of its right options."""
    return {
        same_question_key(item): frozenset(
            option.text for option in item.options if option.key in item.answer
        )
        for item in items
    }


def sheet(
    questions: Iterable[PaperQuestion], known: Mapping[QuestionKey, frozenset[str]], points: int, chance: random.Random
) -> dict[int, frozenset[str]]:
    """Answer a paper so that it earns `points`: right everywhere but in questions worth the rest."""
    answers = {question.position: _right(question, known) for question in questions}
    lost = (FULL_POINTS - points) * 100
    missed = sorted(questions, key=lambda _: chance.random())
    for question in missed:
        if question.points <= lost:
            lost -= question.points
            answers[question.position] = _wrong(question, answers[question.position], chance)
    return answers


def sit(house: DemoHouse, sitting: Sitting, chance: random.Random) -> Story:
    """Start an attempt, save it part by part, and hand it in."""
    yield sitting.at
    with house.read(sitting.at) as uow:
        before = exam_facts(uow, sitting.person_id, sitting.plan).sittings
        known = learnt(item for _, item in drawing_pool(uow))
    if len(before) > sitting.number and not before[sitting.number].is_open:
        return
    with house.write(sitting.at) as uow:
        actor = sign_in(uow, sitting.person_id)
        attempt_id = start(uow, actor, sitting.plan.id)
        attempt = own_attempt(uow, sitting.person_id, attempt_id)
        questions = questions_of(uow, attempt_id)
    lease = Lease(attempt_id, attempt.login_session_id)
    answers = sorted(sheet(questions, known, sitting.points, chance).items())
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


def _right(question: PaperQuestion, known: Mapping[QuestionKey, frozenset[str]]) -> frozenset[str]:
    texts = known[question.type.value, question.stem, frozenset(option.text for option in question.options)]
    return frozenset(option.id for option in question.options if option.text in texts)


def _wrong(question: PaperQuestion, right: frozenset[str], chance: random.Random) -> frozenset[str]:
    """Return a choice that earns nothing: another option, one too few, or now and then none at all."""
    if question.type is ItemType.MULTIPLE:
        return right - {min(right)}
    others = [option.id for option in question.options if option.id not in right]
    return frozenset() if chance.random() < 0.1 else frozenset({chance.choice(others)})  # noqa: PLR2004 - one in ten
