"""What happens to attempts, papers and answers, on both databases."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from lms.accounts.models import LoginSession
from lms.accounts.policy import Role
from lms.audit.models import AuditEvent
from lms.audit.queries import history, recent_events
from lms.core.errors import Invalid, NotFound, Refusal
from lms.core.invariants import check
from lms.core.unit_of_work import Runtime
from lms.enrolment.policy import ApplicationState, Outcome, StageState
from lms.enrolment.queries import application_facts
from lms.exam.errors import (
    AttemptClosed,
    ExamNotOpen,
    LeaseDead,
    OlderRevision,
    PaperMissing,
    TakenOver,
    TimeUp,
)
from lms.exam.invariants import INVARIANTS
from lms.exam.jobs import attempts as jobs
from lms.exam.models.attempts import Attempt, Paper
from lms.exam.policy.attempts import AttemptState
from lms.exam.queries import saved_answers
from lms.exam.service import answers, attempts, papers
from lms.plans.policy import StageKind
from lms.plans.queries import get_plan
from lms.questions import queries as bank
from lms.questions import service as questions
from question_bank.paper_json import key_from_json
from tests.exam.conftest import EXAM_SECONDS, Candidate, ExamHouse
from tests.support.owner import by_force
from tests.support.site import ClockControl


def codes(refused: pytest.ExceptionInfo[Refusal]) -> list[str]:
    return [reason.code for reason in refused.value.reasons]


def key_of(runtime: Runtime, attempt_id: str) -> dict[int, frozenset[str]]:
    with runtime.read() as uow:
        wanted = select(Paper.key).join(Attempt, Attempt.paper_id == Paper.id).where(Attempt.id == attempt_id)
        key = key_from_json(json.loads(str(uow.session.scalar(wanted))))
    return {entry.position: entry.correct for entry in key.entries}


def answer_right(house: ExamHouse, candidate: Candidate, attempt_id: str, positions: range) -> None:
    for position, correct in key_of(house.runtime, attempt_id).items():
        if position in positions:
            house.save(candidate, attempt_id, position, 1, set(correct))


def stage_state(house: ExamHouse, candidate: Candidate) -> StageState:
    with house.runtime.read() as uow:
        stage = application_facts(uow, candidate.application_id).stage(StageKind.EXAM)
    assert stage is not None
    return stage.state


def assert_sound(house: ExamHouse) -> None:
    with house.runtime.read() as uow:
        assert check(uow, INVARIANTS) == {}


def test_ninety_points_pass_and_complete_the_application(house: ExamHouse, candidate: Candidate) -> None:
    attempt_id = house.start(candidate)
    # Six single (60), two multiple (30): ninety points; the two true/false questions stay open.
    answer_right(house, candidate, attempt_id, range(1, 9))
    assert house.hand_in(candidate, attempt_id)
    attempt = house.attempt(attempt_id)
    assert (attempt.score, attempt.full_score, attempt.passed) == (9000, 10000, True)
    assert stage_state(house, candidate) is StageState.PASSED
    with house.runtime.read() as uow:
        assert application_facts(uow, candidate.application_id).outcome is Outcome.COMPLETED
    with pytest.raises(ExamNotOpen) as refused:
        house.start(candidate)
    assert codes(refused) == ["exam.already_passed"]
    assert_sound(house)


def test_the_candidate_hands_in_and_the_house_grades(house: ExamHouse, candidate: Candidate) -> None:
    attempt_id = house.start(candidate)
    answer_right(house, candidate, attempt_id, range(1, 9))
    house.hand_in(candidate, attempt_id)
    with house.runtime.read() as uow:
        moves = {move.verb: move.actor_id for move in history(uow, "attempt", attempt_id)}
        stage = application_facts(uow, candidate.application_id).stage(StageKind.EXAM)
        assert stage is not None
        passed = next(one for one in history(uow, "application_stage", stage.id) if one.verb == "pass")
        ended = uow.session.scalars(
            select(AuditEvent.actor_id).where(AuditEvent.tag == "application:completed")
        ).all()
    own = candidate.actor.person_id
    assert moves == {"create": own, "submit": own, "grade": None}
    assert (passed.actor_id, ended) == (None, [None])


def test_eighty_five_do_not_pass_and_the_second_attempt_has_other_questions_first(
    house: ExamHouse, candidate: Candidate
) -> None:
    first = house.start(candidate)
    answer_right(house, candidate, first, range(1, 8))
    house.hand_in(candidate, first)
    assert (house.attempt(first).score, house.attempt(first).passed) == (7500, False)
    assert stage_state(house, candidate) is StageState.OPEN
    second = house.start(candidate)
    assert house.attempt(second).attempt_no == 2
    with house.runtime.read() as uow:
        papers = [key_from_json(json.loads(paper.key)) for paper in uow.session.scalars(select(Paper))]
    used = [{entry.item_id for entry in key.entries} for key in papers]
    # Nine single, four multiple and four true/false items: seven of the seventeen were not seen yet.
    assert len(used[0] & used[1]) == 3


def test_a_third_attempt_is_refused_and_the_stage_is_failed(house: ExamHouse, candidate: Candidate) -> None:
    for _ in range(2):
        house.hand_in(candidate, house.start(candidate))
    with pytest.raises(ExamNotOpen) as refused:
        house.start(candidate)
    assert codes(refused) == ["exam.no_attempts_left"]
    assert stage_state(house, candidate) is StageState.FAILED
    assert_sound(house)


def test_the_database_itself_refuses_what_the_rules_forbid(house: ExamHouse, candidate: Candidate) -> None:
    attempt_id = house.start(candidate)
    house.hand_in(candidate, attempt_id)
    with house.runtime.read() as uow:
        row = uow.session.get(Attempt, attempt_id)
        values = {column.key: getattr(row, column.key) for column in Attempt.__table__.columns}
        paper = uow.session.scalars(select(Paper)).one()
        paper_values = {column.key: getattr(paper, column.key) for column in Paper.__table__.columns}
    for number, change in enumerate(
        ({"attempt_no": 1}, {"attempt_no": 3}, {"attempt_no": 0}, {"attempt_no": 2, "max_attempts": 1},
         {"attempt_no": 2, "score": None})
    ):  # fmt: skip
        fresh = f"paper-{number}"
        with house.runtime.write() as uow:
            uow.session.execute(insert(Paper).values({**paper_values, "id": fresh, "serial": 50 + number}))
            with pytest.raises(IntegrityError):
                uow.session.execute(
                    insert(Attempt).values({**values, "id": fresh, "paper_id": fresh, **change})
                )
            uow.session.rollback()


@pytest.mark.parametrize("stage", [StageState.LOCKED, StageState.FAILED])
def test_a_stage_that_is_not_open_starts_nothing(house: ExamHouse, stage: StageState) -> None:
    candidate = house.candidate(exam=stage)
    with pytest.raises(ExamNotOpen):
        house.start(candidate)


@pytest.mark.parametrize("state", [ApplicationState.SUBMITTED, ApplicationState.RETURNED])
def test_nobody_sits_before_approval(house: ExamHouse, state: ApplicationState) -> None:
    candidate = house.candidate(state=state)
    with pytest.raises(ExamNotOpen):
        house.start(candidate)


def test_nobody_sits_in_a_plan_he_did_not_apply_for(house: ExamHouse, candidate: Candidate) -> None:
    other = house.plan()
    with pytest.raises(ExamNotOpen):
        house.start(candidate, other)


def test_the_window_opens_and_closes_to_the_second(
    house: ExamHouse, candidate: Candidate, clock: ClockControl
) -> None:
    with house.runtime.read() as uow:
        plan = get_plan(uow, house.plan_id)
    clock.set(plan.exam_from - timedelta(seconds=5))
    with pytest.raises(ExamNotOpen) as early:
        house.start(candidate)
    assert codes(early) == ["exam.window_not_open"]
    clock.set(plan.exam_until)
    with pytest.raises(ExamNotOpen) as late:
        house.start(candidate)
    assert codes(late) == ["exam.window_over"]
    clock.set(plan.exam_until - timedelta(minutes=20))
    attempt = house.attempt(house.start(candidate))
    assert attempt.deadline_at == plan.exam_until
    assert_sound(house)


def test_one_exam_at_a_time(house: ExamHouse, candidate: Candidate) -> None:
    other_plan = house.plan()
    house.candidate(other_plan, person=candidate.person)
    house.start(candidate)
    with pytest.raises(ExamNotOpen) as refused:
        house.start(candidate, other_plan)
    assert codes(refused) == ["exam.open_elsewhere"]


def test_a_thin_bank_costs_nobody_an_attempt(house: ExamHouse, candidate: Candidate) -> None:
    with house.runtime.read() as uow:
        ids = [item_id for item_id, _ in bank.drawing_pool(uow)]
    with house.runtime.write() as uow:
        for item_id in ids:
            questions.retire_item(uow, house.operator, item_id, "整批停用，重新审题")
    with pytest.raises(PaperMissing):
        house.start(candidate)
    with pytest.raises(PaperMissing):
        jobs.prepare_paper(house.runtime, person_id=candidate.person.id, plan_id=house.plan_id)
    with house.runtime.read() as uow:
        assert uow.session.scalars(select(Attempt)).all() == []


def test_a_key_corrected_during_the_exam_does_not_touch_the_frozen_paper(
    house: ExamHouse, candidate: Candidate
) -> None:
    attempt_id = house.start(candidate)
    answer_right(house, candidate, attempt_id, range(1, 11))
    with house.runtime.read() as uow:
        ids = [item_id for item_id, _ in bank.drawing_pool(uow)]
    with house.runtime.write() as uow:
        for item_id in ids:
            questions.retire_item(uow, house.operator, item_id, "整批停用，重新审题")
    house.hand_in(candidate, attempt_id)
    assert house.attempt(attempt_id).score == 10000


def test_the_same_save_again_is_the_same_save_and_a_lower_one_never_wins(
    house: ExamHouse, candidate: Candidate
) -> None:
    attempt_id = house.start(candidate)
    first, second = house.options(attempt_id, 1)[:2]
    assert house.save(candidate, attempt_id, 1, 1, {first}) == 1
    assert house.save(candidate, attempt_id, 1, 1, {first}) == 1
    assert house.save(candidate, attempt_id, 1, 5, {second}) == 5
    for revision, chosen in ((1, {second}), (4, {first}), (5, {first})):
        with pytest.raises(OlderRevision) as refused:
            house.save(candidate, attempt_id, 1, revision, chosen)
        assert refused.value.revision == 5
    assert house.save(candidate, attempt_id, 1, 1, {first}) == 1
    with house.runtime.read() as uow:
        assert saved_answers(uow, attempt_id)[1].chosen == {second}


def test_taking_an_answer_back_counts_as_unanswered(house: ExamHouse, candidate: Candidate) -> None:
    attempt_id = house.start(candidate)
    house.save(candidate, attempt_id, 1, 1, set(house.options(attempt_id, 1)[:1]))
    house.save(candidate, attempt_id, 1, 2, set())
    house.hand_in(candidate, attempt_id)
    assert house.attempt(attempt_id).breakdown["answered"] == 0


def test_an_answer_in_flight_at_the_last_second_counts_and_a_later_one_does_not(
    house: ExamHouse, candidate: Candidate
) -> None:
    attempt_id = house.start(candidate)
    options = house.options(attempt_id, 1)
    lease = house.lease(candidate, attempt_id)
    deadline_ms = int(house.attempt(attempt_id).deadline_at.timestamp() * 1000)
    assert answers.save_answer(house.runtime, lease, 1, 1, [options[0]], deadline_ms + 3000) == 1
    with pytest.raises(TimeUp):
        answers.save_answer(house.runtime, lease, 1, 2, [options[1]], deadline_ms + 3001)


def test_the_sweeper_leaves_the_grace_alone_then_closes_within_five_seconds(
    house: ExamHouse, candidate: Candidate, clock: ClockControl
) -> None:
    attempt_id = house.start(candidate)
    answer_right(house, candidate, attempt_id, range(1, 11))
    deadline = house.attempt(attempt_id).deadline_at
    clock.set(deadline + timedelta(seconds=3))
    jobs.sweep_overdue(house.runtime)
    assert house.attempt(attempt_id).state is AttemptState.IN_PROGRESS
    clock.set(deadline + timedelta(seconds=5))
    jobs.sweep_overdue(house.runtime)
    attempt = house.attempt(attempt_id)
    assert (attempt.state, attempt.is_timed_out, attempt.score) == (AttemptState.GRADED, True, 10000)
    assert attempt.used_seconds == EXAM_SECONDS
    assert stage_state(house, candidate) is StageState.PASSED
    assert_sound(house)


def test_an_overdue_attempt_reads_as_closed_and_the_next_start_closes_it(
    house: ExamHouse, candidate: Candidate, clock: ClockControl
) -> None:
    first = house.start(candidate)
    clock.advance(EXAM_SECONDS + 4)
    assert not house.attempt(first).is_open(house.runtime.clock.now())
    second = house.start(candidate)
    assert second != first
    assert (house.attempt(first).state, house.attempt(second).attempt_no) == (AttemptState.GRADED, 2)
    assert_sound(house)


def test_a_damaged_paper_does_not_keep_the_others_open(
    house: ExamHouse, candidate: Candidate, clock: ClockControl
) -> None:
    other = house.candidate()
    bad, good = house.start(candidate), house.start(other)
    by_force(
        house.runtime,
        f"UPDATE paper SET key = '{{}}' WHERE id = (SELECT paper_id FROM attempt WHERE id = '{bad}')",
    )
    clock.advance(EXAM_SECONDS + 10)
    jobs.sweep_overdue(house.runtime)
    assert house.attempt(bad).state is AttemptState.IN_PROGRESS
    assert house.attempt(good).state is AttemptState.GRADED


def test_only_the_session_that_took_over_can_save(house: ExamHouse, candidate: Candidate) -> None:
    attempt_id = house.start(candidate)
    second = Candidate(candidate.person, house.sign_in(candidate.person), candidate.application_id)
    with pytest.raises(TakenOver):
        house.save(second, attempt_id, 1, 1, set())
    for _ in range(2):
        with house.runtime.write() as uow:
            attempts.take_over(uow, second.actor, attempt_id)
    assert house.save(second, attempt_id, 1, 1, set()) == 1
    with pytest.raises(TakenOver):
        house.save(candidate, attempt_id, 1, 2, set())
    with pytest.raises(TakenOver):
        house.hand_in(candidate, attempt_id)
    with house.runtime.read() as uow:
        events, total = recent_events(uow, tag="attempt:take_over", subject_id=attempt_id)
    assert total == 1
    assert str(second.actor.login_session_id) in events[0].fields


def test_a_revoked_login_session_can_neither_save_nor_hand_in(house: ExamHouse, candidate: Candidate) -> None:
    attempt_id = house.start(candidate)
    with house.runtime.write() as uow:
        uow.session.execute(
            update(LoginSession)
            .where(LoginSession.id == candidate.actor.login_session_id)
            .values(revoked_at=uow.now)
        )
    with pytest.raises(LeaseDead):
        house.save(candidate, attempt_id, 1, 1, set())
    with pytest.raises(LeaseDead):
        house.hand_in(candidate, attempt_id)


def test_a_given_back_attempt_stays_visible_and_the_failed_stage_opens_again(
    house: ExamHouse, candidate: Candidate
) -> None:
    for _ in range(2):
        last = house.start(candidate)
        house.hand_in(candidate, last)
    admin = house.people.actor(house.people.staff(Role.EXAM_ADMIN))
    with house.runtime.write() as uow:
        attempts.void(uow, admin, last, "监考记录：网络中断 20 分钟")
    assert house.attempt(last).state is AttemptState.VOIDED
    assert stage_state(house, candidate) is StageState.OPEN
    with house.runtime.read() as uow:
        moves = history(uow, "attempt", last)
    assert [move.verb for move in moves] == ["create", "submit", "grade", "void"]
    assert moves[-1].remark == "监考记录：网络中断 20 分钟"
    third = house.start(candidate)
    assert house.attempt(third).attempt_no == 2
    with pytest.raises(Refusal), house.runtime.write() as uow:
        attempts.void(uow, admin, last, "再作废一次试试看")
    assert_sound(house)


def test_voiding_a_running_attempt_stops_its_saves(house: ExamHouse, candidate: Candidate) -> None:
    attempt_id = house.start(candidate)
    admin = house.people.actor(house.people.staff(Role.EXAM_ADMIN))
    with pytest.raises(Invalid), house.runtime.write() as uow:
        attempts.void(uow, admin, attempt_id, "停电")
    with house.runtime.write() as uow:
        attempts.void(uow, admin, attempt_id, "考场停电，整场作废")
    with pytest.raises(AttemptClosed):
        house.save(candidate, attempt_id, 1, 1, set())
    with pytest.raises(AttemptClosed):
        house.hand_in(candidate, attempt_id)
    assert_sound(house)


def test_a_trainee_cannot_give_himself_an_attempt_back(house: ExamHouse, candidate: Candidate) -> None:
    attempt_id = house.start(candidate)
    with pytest.raises(NotFound), house.runtime.write() as uow:
        attempts.void(uow, candidate.actor, attempt_id, "我想再考一次")


def test_two_hundred_papers_differ(house: ExamHouse) -> None:
    candidate = house.candidate()
    with house.runtime.read() as uow:
        drawn = [papers.draw(uow, candidate.person.id, house.plan_id, number) for number in range(1, 201)]
    assert len({paper.content_hash for paper in drawn}) == 200
    assert len({paper.seed for paper in drawn}) == 200


def test_each_invariant_sees_its_own_violation(house: ExamHouse, candidate: Candidate) -> None:
    attempt_id = house.start(candidate)
    house.save(candidate, attempt_id, 1, 1, set(house.options(attempt_id, 1)[:1]))
    house.hand_in(candidate, attempt_id)
    assert_sound(house)
    here = update(Attempt).where(Attempt.id == attempt_id)
    start = house.attempt(attempt_id).started_at
    spoils = {
        "E4": here.values(duration_seconds=1),
        "E5": here.values(closed_at=start - timedelta(days=1)),
        "E6": here.values(state=AttemptState.SUBMITTED, closed_at=start - timedelta(days=1)),
        "E7": here.values(score=1),
        "E3": here.values(started_at=start - timedelta(days=9)),
    }
    for name, spoil in spoils.items():
        with house.runtime.write() as uow:
            uow.session.execute(spoil)
            assert name in check(uow, INVARIANTS), name
            uow.session.rollback()
    assert_sound(house)
