"""Papers are frozen before the start: the start only binds one, and what overtakes a paper brings another."""

import json
import logging
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import func, select, update

from lms.core.errors import Refusal
from lms.core.invariants import check
from lms.core.unit_of_work import Runtime
from lms.enrolment.policy import StageState
from lms.exam.errors import PaperMissing
from lms.exam.invariants import INVARIANTS
from lms.exam.jobs import attempts as jobs
from lms.exam.jobs import papers as paper_jobs
from lms.exam.models.attempts import Attempt, Paper
from lms.exam.models.papers import WithdrawnPaper
from lms.exam.queries import items_seen
from lms.exam.service import attempts, preparing
from lms.plans.models import Plan
from lms.questions import service as questions
from question_bank.exporting.xlsx import write_items
from question_bank.items import POINT, Blueprint, BlueprintSection, ItemType
from question_bank.paper_json import key_from_json
from tests.exam.conftest import Candidate, ExamHouse
from tests.exam.test_races import at_once
from tests.factories.questions import multiple, single, true_false
from tests.support.statements import statements

_FRESH = count(1)
SHORTER = Blueprint(
    title="小卷二",
    sections=(
        BlueprintSection(ItemType.SINGLE, None, None, 6, 10 * POINT),
        BlueprintSection(ItemType.MULTIPLE, None, None, 2, 20 * POINT),
    ),
)


def refill(house: ExamHouse) -> None:
    """Bring in a fresh question of each kind."""
    number = next(_FRESH)
    fresh = [
        single(f"新单选 {number}（ ）？"),
        multiple(f"新多选 {number}（ ）？"),
        true_false(f"新判断 {number}。"),
    ]
    with house.runtime.write() as uow:
        questions.import_questions(uow, house.operator, "新.xlsx", write_items(fresh))


def papers_of(runtime: Runtime, person_id: str) -> list[Paper]:
    with runtime.read() as uow:
        return list(
            uow.session.scalars(select(Paper).where(Paper.person_id == person_id).order_by(Paper.serial))
        )


def items_on(paper: Paper) -> set[str]:
    return {str(entry.item_id) for entry in key_from_json(json.loads(paper.key)).entries}


def bind(house: ExamHouse, candidate: Candidate) -> str:
    """Start as the service does it, with nothing to fall back on."""
    with house.runtime.write() as uow:
        return attempts.start(uow, candidate.actor, house.plan_id)


def retire_one(house: ExamHouse, paper: Paper) -> str:
    gone = min(items_on(paper))
    with house.runtime.write() as uow:
        questions.retire_item(uow, house.operator, gone, "依据已经作废")
    return gone


def test_a_start_binds_the_paper_that_waits_and_draws_none(house: ExamHouse, candidate: Candidate) -> None:
    with pytest.raises(PaperMissing):
        bind(house, candidate)
    jobs.prepare_paper(house.runtime, person_id=candidate.person.id, plan_id=house.plan_id)
    [waiting] = papers_of(house.runtime, candidate.person.id)
    attempt_id = bind(house, candidate)
    with house.runtime.read() as uow:
        assert uow.session.scalar(select(Attempt.paper_id).where(Attempt.id == attempt_id)) == waiting.id
    assert len(papers_of(house.runtime, candidate.person.id)) == 1


def test_whoever_has_no_paper_at_the_start_gets_one_there_rather_than_a_refusal(
    house: ExamHouse, candidate: Candidate, caplog: pytest.LogCaptureFixture
) -> None:
    attempt_id = house.start(candidate)
    assert house.attempt(attempt_id).question_count == 10
    assert "no paper was waiting" in caplog.text, "the operator learns that no worker had run"


def test_the_sweeper_draws_for_those_who_may_sit_and_for_nobody_else(house: ExamHouse) -> None:
    ready = [house.candidate() for _ in range(3)]
    locked, failed = house.candidate(exam=StageState.LOCKED), house.candidate(exam=StageState.FAILED)
    sits = house.candidate()
    house.start(sits)
    paper_jobs.sweep_papers(house.runtime)
    for one in ready:
        assert len(papers_of(house.runtime, one.person.id)) == 1
    for one in (locked, failed):
        assert papers_of(house.runtime, one.person.id) == []
    assert len(papers_of(house.runtime, sits.person.id)) == 1, "the next one comes when this one is graded"
    with house.runtime.read() as uow:
        before = uow.session.scalar(select(func.count()).select_from(Paper))
    paper_jobs.sweep_papers(house.runtime)
    with house.runtime.read() as uow:
        assert uow.session.scalar(select(func.count()).select_from(Paper)) == before


def test_a_plan_that_is_over_or_has_a_thin_bank_keeps_no_other_from_its_papers(
    house: ExamHouse, candidate: Candidate, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, logger="lms")
    thin = house.plan()
    waiting = [house.candidate(thin) for _ in range(2)]
    with house.runtime.write() as uow:
        uow.session.execute(update(Plan).where(Plan.id == thin).values(blueprint_id=None))
        over = house.plan_id
    second = house.plan()
    served = house.candidate(second)
    with house.runtime.write() as uow:
        uow.session.execute(
            update(Plan).where(Plan.id == over).values(exam_until=uow.now - timedelta(seconds=1))
        )
    paper_jobs.sweep_papers(house.runtime)
    assert [papers_of(house.runtime, one.person.id) for one in waiting] == [[], []]
    assert papers_of(house.runtime, candidate.person.id) == []
    assert len(papers_of(house.runtime, served.person.id)) == 1
    assert caplog.text.count("cannot be drawn") == 1, "said once for a plan, not once for everybody"


def test_a_question_that_leaves_the_bank_leaves_the_papers_that_wait(
    house: ExamHouse, candidate: Candidate
) -> None:
    paper_jobs.sweep_papers(house.runtime)
    [first] = papers_of(house.runtime, candidate.person.id)
    gone = retire_one(house, first)
    paper_jobs.sweep_papers(house.runtime)
    papers = papers_of(house.runtime, candidate.person.id)
    assert [paper.serial for paper in papers] == [1, 2]
    assert gone not in items_on(papers[1])
    attempt_id = bind(house, candidate)
    with house.runtime.read() as uow:
        assert uow.session.scalar(select(Attempt.paper_id).where(Attempt.id == attempt_id)) == papers[1].id
        assert uow.session.scalars(select(WithdrawnPaper.paper_id)).all() == [first.id]
        assert items_seen(uow, candidate.person.id, house.plan_id) == items_on(papers[1]), (
            "nobody has seen the first one"
        )
        assert check(uow, INVARIANTS) == {}
    house.hand_in(candidate, attempt_id)
    jobs.prepare_paper(house.runtime, person_id=candidate.person.id, plan_id=house.plan_id)
    assert [paper.serial for paper in papers_of(house.runtime, candidate.person.id)] == [1, 2, 3]


def test_another_blueprint_before_the_start_brings_another_paper(
    house: ExamHouse, candidate: Candidate
) -> None:
    paper_jobs.sweep_papers(house.runtime)
    with house.runtime.write() as uow:
        other = questions.ensure_blueprint(uow, house.operator, "second", "小卷二", SHORTER)
        uow.session.execute(update(Plan).where(Plan.id == house.plan_id).values(blueprint_id=other))
    paper_jobs.sweep_papers(house.runtime)
    assert house.attempt(bind(house, candidate)).question_count == 8


def test_a_paper_that_is_being_sat_is_never_exchanged(house: ExamHouse, candidate: Candidate) -> None:
    attempt_id = house.start(candidate)
    [paper] = papers_of(house.runtime, candidate.person.id)
    retire_one(house, paper)
    paper_jobs.sweep_papers(house.runtime)
    assert preparing.prepare(house.runtime, candidate.person.id, house.plan_id), "that is the next one's"
    with house.runtime.read() as uow:
        assert uow.session.scalars(select(WithdrawnPaper.paper_id)).all() == []
        assert uow.session.scalar(select(Attempt.paper_id).where(Attempt.id == attempt_id)) == paper.id


def test_an_exchange_beside_a_start_ends_with_one_bound_paper(house: ExamHouse) -> None:
    for _ in range(6):
        candidate = house.candidate()
        paper_jobs.sweep_papers(house.runtime)
        [paper] = papers_of(house.runtime, candidate.person.id)
        retire_one(house, paper)
        refill(house)
        found = at_once(
            lambda candidate=candidate: house.start(candidate),
            lambda candidate=candidate: preparing.prepare(house.runtime, candidate.person.id, house.plan_id),
        )
        assert not isinstance(found[0], Refusal) or found[0].code == "stale", found
        attempt_id = house.start(candidate)
        with house.runtime.read() as uow:
            bound = uow.session.scalar(select(Attempt.paper_id).where(Attempt.id == attempt_id))
            aside = uow.session.scalars(select(WithdrawnPaper.paper_id)).all()
            assert bound not in aside
            assert check(uow, INVARIANTS) == {}
        house.hand_in(candidate, attempt_id)


def test_an_idle_sweep_asks_two_questions(house: ExamHouse, candidate: Candidate) -> None:
    paper_jobs.sweep_papers(house.runtime)
    with statements(house.runtime) as asked:
        paper_jobs.sweep_papers(house.runtime)
    assert len(asked) == 2
