"""Reviewing: the right person, at the right step, once."""

import threading
from collections import Counter

import pytest

from lms.accounts.policy import OrganisationKind, Role
from lms.accounts.service import grant_role
from lms.core.errors import Conflict, Invalid, NotFound, Refusal
from lms.core.invariants import check
from lms.core.unit_of_work import Runtime
from lms.enrolment import queries, service
from lms.enrolment.errors import NotYourCase
from lms.enrolment.invariants import INVARIANTS
from lms.enrolment.policy import ApplicationState, Decision, route_for
from tests.factories.plans import (
    ALL_TIERS,
    SENIOR_ELECTRICIAN,
    a_plan,
    a_reviewer,
    an_applicant,
)  # fmt: skip
from tests.support.people import People

INSTITUTION, CITY, PROVINCE = ALL_TIERS


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/c/i/", (INSTITUTION, CITY, PROVINCE)),
        ("/-/i/", (INSTITUTION, PROVINCE)),
        ("/c/", (CITY, PROVINCE)),
        ("/", (PROVINCE,)),
    ],
)
def test_the_route_leaves_out_tiers_an_employer_does_not_stand_under(
    path: str, route: tuple[OrganisationKind, ...]
) -> None:
    assert route_for(ALL_TIERS, path) == route
    assert route_for((INSTITUTION,), "/") == (PROVINCE,)


def test_three_tiers_approve_one_after_another(runtime: Runtime, people: People) -> None:
    plan = a_plan(runtime, people, review_route=ALL_TIERS)
    _, application = an_applicant(runtime, people, plan)
    for tier in ALL_TIERS:
        reviewer = people.actor(a_reviewer(people, tier))
        with runtime.read() as uow:
            assert [line.application_id for line in queries.inbox(uow, reviewer)] == [application.id]
            assert queries.inbox_count(uow, reviewer) == 1
        with runtime.write() as uow:
            application = service.approve(uow, reviewer, application.id)
        with runtime.read() as uow:
            assert queries.inbox(uow, reviewer) == []
    assert application.state is ApplicationState.APPROVED
    with runtime.read() as uow:
        assert [line.tier for line in queries.decisions(uow, application.id)] == list(ALL_TIERS)
        assert check(uow, INVARIANTS) == {}


def test_nobody_reviews_out_of_turn_or_out_of_scope(runtime: Runtime, people: People) -> None:
    plan = a_plan(runtime, people, review_route=ALL_TIERS)
    _, application = an_applicant(runtime, people, plan)
    elsewhere = a_reviewer(people, CITY, people.other_city_id)
    with pytest.raises(NotFound), runtime.write() as uow:
        service.approve(uow, people.actor(elsewhere), application.id)
    for early in (CITY, PROVINCE):
        reviewer = people.actor(a_reviewer(people, early))
        with pytest.raises(NotYourCase), runtime.write() as uow:
            service.approve(uow, reviewer, application.id)
    registrar = people.actor(people.staff(Role.REGISTRAR))
    with pytest.raises(NotYourCase), runtime.write() as uow:
        service.approve(uow, registrar, application.id)


def test_nobody_reviews_his_own_case(runtime: Runtime, people: People) -> None:
    plan = a_plan(runtime, people)
    trainee, application = an_applicant(runtime, people, plan)
    with runtime.write() as uow:
        grant_role(uow, people.operator, trainee.id, Role.REVIEWER, people.province_id)
    from_inside = people.actor(trainee)
    with pytest.raises(NotYourCase), runtime.write() as uow:
        service.approve(uow, from_inside, application.id)
    with runtime.read() as uow:
        assert queries.inbox(uow, from_inside) == []


def test_one_person_with_two_posts_approves_only_one_level(runtime: Runtime, people: People) -> None:
    plan = a_plan(runtime, people, review_route=(CITY, PROVINCE))
    _, application = an_applicant(runtime, people, plan)
    both = a_reviewer(people, CITY)
    with runtime.write() as uow:
        grant_role(uow, people.operator, both.id, Role.REVIEWER, people.province_id)
    with runtime.write() as uow:
        service.approve(uow, people.actor(both), application.id)
    with pytest.raises(NotYourCase), runtime.write() as uow:
        service.approve(uow, people.actor(both), application.id)
    with runtime.read() as uow:
        assert queries.inbox(uow, people.actor(both)) == []


def test_a_returned_case_comes_back_to_the_same_step(runtime: Runtime, people: People) -> None:
    plan = a_plan(runtime, people, review_route=(INSTITUTION, PROVINCE))
    trainee, application = an_applicant(runtime, people, plan)
    officer, province = (people.actor(a_reviewer(people, tier)) for tier in (INSTITUTION, PROVINCE))
    with runtime.write() as uow:
        service.approve(uow, officer, application.id)
    with pytest.raises(Invalid), runtime.write() as uow:
        service.return_for_correction(uow, province, application.id, remark="  ")
    with runtime.write() as uow:
        returned = service.return_for_correction(uow, province, application.id, remark="证书编号看不清")
    assert returned.state is ApplicationState.RETURNED
    with runtime.write() as uow:
        again = service.resubmit(uow, people.actor(trainee), application.id, statements_accepted=True)
    assert (again.state, again.tier) == (ApplicationState.SUBMITTED, PROVINCE)
    with runtime.read() as uow:
        assert [line.resubmitted for line in queries.inbox(uow, province)] == [True]
    with runtime.write() as uow:
        assert service.approve(uow, province, application.id).state is ApplicationState.APPROVED
    with runtime.read() as uow:
        assert check(uow, INVARIANTS) == {}


def test_a_decision_counts_only_for_the_version_that_was_seen(runtime: Runtime, people: People) -> None:
    plan = a_plan(runtime, people)
    trainee, seen = an_applicant(runtime, people, plan)
    first, second = (people.actor(a_reviewer(people, PROVINCE)) for _ in range(2))
    with runtime.write() as uow:
        service.return_for_correction(uow, first, seen.id, remark="请补材料")
    with runtime.write() as uow:
        service.resubmit(uow, people.actor(trainee), seen.id, statements_accepted=True)
    with pytest.raises(Conflict), runtime.write() as uow:
        service.approve(uow, second, seen.id, seen_version=seen.version)


def test_a_repeated_decision_after_a_lost_reply_changes_nothing(runtime: Runtime, people: People) -> None:
    plan = a_plan(runtime, people)
    _, application = an_applicant(runtime, people, plan)
    reviewer = people.actor(a_reviewer(people, PROVINCE))
    for _ in range(5):
        with runtime.write() as uow:
            after = service.approve(uow, reviewer, application.id, seen_version=application.version)
    assert after.state is ApplicationState.APPROVED
    with runtime.read() as uow:
        assert len(queries.decisions(uow, application.id)) == 1
        assert check(uow, INVARIANTS) == {}


def test_approvals_and_refusals_at_once_leave_one_decision(runtime: Runtime, people: People) -> None:
    """Fault C6: approve beside reject beside approve; one wins, the rest are told so."""
    plan = a_plan(runtime, people)
    _, application = an_applicant(runtime, people, plan)
    reviewers = [people.actor(a_reviewer(people, PROVINCE)) for _ in range(6)]
    barrier = threading.Barrier(len(reviewers))
    outcomes: list[str] = []

    def act(number: int) -> None:
        decision = Decision.REJECT if number % 2 else Decision.APPROVE
        barrier.wait()
        try:
            with runtime.write() as uow:
                service.decide(
                    uow,
                    reviewers[number],
                    application.id,
                    decision,
                    remark="意见",
                    seen_version=application.version,
                )
            outcomes.append("done")
        except Refusal as refusal:
            outcomes.append(refusal.code)

    threads = [threading.Thread(target=act, args=(number,)) for number in range(len(reviewers))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(outcomes) == {"done": 1, "conflict": len(reviewers) - 1}
    with runtime.read() as uow:
        assert len(queries.decisions(uow, application.id)) == 1
        assert check(uow, INVARIANTS) == {}


def test_age_is_a_soft_rule_for_senior_examiners_alone(runtime: Runtime, people: People) -> None:
    plan = a_plan(runtime, people)
    reviewer = people.actor(a_reviewer(people, PROVINCE))
    _, ordinary = an_applicant(runtime, people, plan)
    _, senior = an_applicant(runtime, people, plan, choice=SENIOR_ELECTRICIAN)
    with runtime.write() as uow:
        service.approve(uow, reviewer, ordinary.id)
    with pytest.raises(Invalid) as refused, runtime.write() as uow:
        service.approve(uow, reviewer, senior.id)
    assert [reason.source for reason in refused.value.reasons] == ["H9"]
    with runtime.write() as uow:
        assert (
            service.approve(uow, reviewer, senior.id, remark="技能大师，身体健康").state
            is ApplicationState.APPROVED
        )
