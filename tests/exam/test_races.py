"""Many requests at one moment: constraints and row locks decide, whatever the order."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from math import ceil
from threading import Barrier
from typing import Any

from lms.accounts.policy import Role
from lms.core.errors import Busy, Refusal
from lms.core.invariants import check
from lms.core.unit_of_work import Runtime
from lms.exam.errors import AttemptClosed, OlderRevision
from lms.exam.invariants import INVARIANTS
from lms.exam.jobs import attempts as jobs
from lms.exam.policy.attempts import AttemptState
from lms.exam.policy.conditions import EVERYONE, EndingCause, Target, TargetKind
from lms.exam.queries import exam_facts, saved_answers
from lms.exam.service import attempts, invigilation
from lms.exam.service import conditions as fair
from lms.plans.queries import get_plan
from tests.exam.conftest import Candidate, ExamHouse
from tests.support.site import ClockControl

WHY = "考点停电，按应急预案处理"


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Make all calls in the same moment; a refusal is an answer like any other."""
    barrier = Barrier(len(calls))

    def call(one: Callable[[], Any]) -> Any:
        barrier.wait()
        try:
            return one()
        except Refusal as refusal:
            return refusal

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(call, calls))


def patiently(call: Callable[[], Any], tries: int = 10) -> Any:
    """Ask again when the house is busy, as a browser does: fifty at one row wait longer than a slow machine allows."""
    for _ in range(tries - 1):
        try:
            return call()
        except Busy:
            continue
    return call()


def test_fifty_starts_at_once_make_one_attempt_and_all_get_it(house: ExamHouse, candidate: Candidate) -> None:
    found = at_once(*[lambda: patiently(lambda: house.start(candidate))] * 50)
    assert len(set(found)) == 1
    assert isinstance(found[0], str)
    with house.runtime.read() as uow:
        assert len(exam_facts(uow, candidate.person.id, get_plan(uow, house.plan_id)).attempts) == 1


def test_the_paper_drawn_ahead_is_the_one_that_is_sat(house: ExamHouse, candidate: Candidate) -> None:
    ids = {"person_id": candidate.person.id, "plan_id": house.plan_id}
    at_once(*[lambda: jobs.prepare_paper(house.runtime, **ids)] * 4)
    first = house.start(candidate)
    jobs.prepare_paper(house.runtime, **ids)
    assert house.start(candidate) == first


def test_twenty_hand_ins_at_once_grade_once(house: ExamHouse, candidate: Candidate) -> None:
    attempt_id = house.start(candidate)
    assert at_once(*[lambda: house.hand_in(candidate, attempt_id)] * 20) == [True] * 20
    assert house.attempt(attempt_id).state is AttemptState.GRADED


def test_shuffled_revisions_end_with_the_highest(house: ExamHouse, candidate: Candidate) -> None:
    attempt_id = house.start(candidate)
    options = house.options(attempt_id, 1)
    order = list(range(1, 11))
    random.Random(7).shuffle(order)
    at_once(
        *[lambda n=n: house.save(candidate, attempt_id, 1, n, {options[n % len(options)]}) for n in order]
    )
    with house.runtime.read() as uow:
        last = saved_answers(uow, attempt_id)[1]
    assert (last.revision, last.chosen) == (10, {options[10 % len(options)]})


def test_what_was_acknowledged_beside_a_hand_in_is_graded_and_nothing_else(
    house: ExamHouse, candidate: Candidate
) -> None:
    """C3: saves, the hand-in and a time-out run together; the stored answers are exactly the acknowledged ones."""
    for _ in range(8):
        save_and_hand_in_at_once(house, house.candidate())


def save_and_hand_in_at_once(house: ExamHouse, person: Candidate) -> None:
    attempt_id = house.start(person)
    chosen = {position: {house.options(attempt_id, position)[0]} for position in range(1, 11)}
    moves: list[Callable[[], Any]] = [
        lambda p=position: house.save(person, attempt_id, p, 1, chosen[p]) for position in chosen
    ]
    moves.append(lambda: house.hand_in(person, attempt_id))
    random.Random(attempt_id).shuffle(moves)
    results = at_once(*moves)
    acknowledged = sum(result == 1 and result is not True for result in results)
    refused = sum(isinstance(result, AttemptClosed) for result in results)
    with house.runtime.read() as uow:
        stored = saved_answers(uow, attempt_id)
    attempt = house.attempt(attempt_id)
    assert attempt.state is AttemptState.GRADED
    assert acknowledged + refused == 10
    assert len(stored) == acknowledged == attempt.breakdown["answered"]


def test_a_second_attempt_never_opens_beside_the_first(house: ExamHouse) -> None:
    for _ in range(6):
        person = house.candidate()
        first = house.start(person)
        at_once(
            lambda p=person, a=first: house.hand_in(p, a), lambda p=person: house.start(p),
            lambda p=person: house.start(p),
        )  # fmt: skip
        with house.runtime.read() as uow:
            facts = exam_facts(uow, person.person.id, get_plan(uow, house.plan_id))
        assert len(facts.attempts) in {1, 2}
        assert sum(attempt.state is AttemptState.IN_PROGRESS for attempt in facts.attempts) <= 1


def test_the_sweeper_beside_late_hand_ins_closes_once(
    house: ExamHouse, candidate: Candidate, clock: ClockControl, runtime: Runtime
) -> None:
    attempt_id = house.start(candidate)
    clock.advance(3610)
    answers = at_once(
        lambda: jobs.sweep_overdue(runtime), lambda: jobs.sweep_overdue(runtime),
        lambda: house.hand_in(candidate, attempt_id), lambda: house.hand_in(candidate, attempt_id),
    )  # fmt: skip
    assert answers[2:] == [False, False]
    assert house.attempt(attempt_id).is_timed_out


def test_two_values_of_one_revision_keep_the_first(house: ExamHouse, candidate: Candidate) -> None:
    attempt_id = house.start(candidate)
    first, second = house.options(attempt_id, 1)[:2]
    results = at_once(
        lambda: house.save(candidate, attempt_id, 1, 1, {first}),
        lambda: house.save(candidate, attempt_id, 1, 1, {second}),
    )
    assert sorted(str(type(result)) for result in results) == sorted([str(int), str(OlderRevision)])


def test_voiding_beside_a_hand_in_leaves_one_end(house: ExamHouse, candidate: Candidate) -> None:
    admin = house.people.actor(house.people.staff(Role.EXAM_ADMIN))
    attempt_id = house.start(candidate)

    def void() -> None:
        with house.runtime.write() as uow:
            attempts.void(uow, admin, attempt_id, "考场停电，整场作废")

    at_once(void, lambda: house.hand_in(candidate, attempt_id))
    assert house.attempt(attempt_id).state in {AttemptState.VOIDED, AttemptState.GRADED}


def test_pausing_going_on_ending_and_handing_in_at_one_moment_leave_one_truth(house: ExamHouse) -> None:
    people = house.people
    admins = [people.actor(people.staff(Role.EXAM_ADMIN)) for _ in range(3)]
    for _ in range(6):
        candidate = house.candidate()
        attempt_id = house.start(candidate)
        target = Target(TargetKind.ATTEMPT, attempt_id)

        def write(act: Callable[[Any], Any]) -> Any:
            with house.runtime.write() as uow:
                return act(uow)

        moves: list[Callable[[], Any]] = [
            lambda t=target: write(lambda u: fair.pause(u, admins[0], house.plan_id, t, 600, WHY)),
            lambda t=target: write(lambda u: fair.pause(u, admins[1], house.plan_id, t, 900, WHY)),
            lambda t=target: write(lambda u: fair.give_time(u, admins[2], house.plan_id, t, 300, WHY)),
            lambda a=attempt_id: write(
                lambda u: invigilation.end(u, admins[0], a, EndingCause.ILLNESS, WHY, wants_void=True)
            ),
            lambda c=candidate, a=attempt_id: house.hand_in(c, a),
            lambda c=candidate, a=attempt_id: house.save(c, a, 1, 1, {house.options(a, 1)[0]}),
            lambda: jobs.sweep_overdue(house.runtime),
        ]
        random.Random(attempt_id).shuffle(moves)
        at_once(*moves)
        assert house.attempt(attempt_id).state in {AttemptState.GRADED, AttemptState.SUBMITTED}
    with house.runtime.read() as uow:
        assert check(uow, INVARIANTS) == {}


def test_a_pause_is_ended_once_however_many_end_it(
    house: ExamHouse, candidate: Candidate, clock: ClockControl
) -> None:
    admin = house.people.actor(house.people.staff(Role.EXAM_ADMIN))
    attempt_id = house.start(candidate)
    began = clock.now()
    with house.runtime.write() as uow:
        measure_id, _ = fair.pause(uow, admin, house.plan_id, EVERYONE, 600, WHY)
    clock.advance(60)

    def resume() -> int:
        with house.runtime.write() as uow:
            return fair.resume(uow, admin, house.plan_id, measure_id)

    found = at_once(*[resume] * 8)
    assert [one for one in found if isinstance(one, int)] == [1]
    # The clock goes on while eight wait for each other.
    longest = ceil((clock.now() - began).total_seconds())
    assert 55 <= house.attempt(attempt_id).granted_seconds <= longest
    with house.runtime.read() as uow:
        assert check(uow, INVARIANTS) == {}


def test_time_given_in_the_last_moment_is_not_swept_away_however_slow_it_is(
    house: ExamHouse, candidate: Candidate, clock: ClockControl
) -> None:
    admin = house.people.actor(house.people.staff(Role.EXAM_ADMIN))
    attempt_id = house.start(candidate)
    clock.advance(3601)
    with ThreadPoolExecutor(2) as pool:
        with house.runtime.write() as uow:
            fair.give_time(uow, admin, house.plan_id, EVERYONE, 600, WHY)
            uow.session.flush()
            clock.advance(10)
            late = [
                pool.submit(jobs.sweep_overdue, house.runtime),
                pool.submit(house.hand_in, candidate, attempt_id),
            ]
            wait(late, timeout=0.5)
        late[0].result()
        assert late[1].result() is True
    attempt = house.attempt(attempt_id)
    assert attempt.state is AttemptState.GRADED
    assert not attempt.is_timed_out
