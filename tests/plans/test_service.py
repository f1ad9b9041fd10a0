"""Plans: from a template to publication, and no way back."""

from dataclasses import replace

import pytest

from lms.accounts.policy import Role
from lms.core.errors import Forbidden, Invalid, NotFound
from lms.core.invariants import check
from lms.core.unit_of_work import Runtime
from lms.plans import queries, service
from lms.plans.errors import PlanFrozen, PlanNotReady
from lms.plans.invariants import INVARIANTS
from lms.plans.policy import PLAN_ZONE, PlanPhase, PlanState, phase_of
from lms.plans.service import NewPlan, draft_of
from tests.factories.plans import OPERATOR, a_blueprint, a_course, a_draft, a_plan
from tests.support.people import People
from tests.support.site import ClockControl


def reasons_of(refusal: pytest.ExceptionInfo[PlanNotReady]) -> set[str]:
    return {reason.code for reason in refusal.value.reasons}


def test_numbers_run_on_within_a_month_and_start_again_in_the_next(
    runtime: Runtime, people: People, clock: ClockControl
) -> None:
    first, second = a_draft(runtime, people), a_draft(runtime, people)
    assert (first.number, second.number) == ("2026110000000001", "2026110000000002")
    clock.advance(10 * 86_400)
    assert a_draft(runtime, people).number == "2026120000000001"


def test_publishing_names_everything_that_is_missing(
    runtime: Runtime, people: People, clock: ClockControl
) -> None:
    with runtime.write() as uow:
        today = uow.now.astimezone(PLAN_ZONE).date()
        plan = service.create_from_template(
            uow, OPERATOR, NewPlan("anhui", "一期", today, people.province_id)
        )
    with pytest.raises(PlanNotReady) as refused, runtime.write() as uow:
        service.publish(uow, OPERATOR, plan.id)
    assert reasons_of(refused) == {"occupations.missing", "course.missing", "blueprint.missing"}
    clock.set(plan.enrol_until)
    with pytest.raises(PlanNotReady) as refused, runtime.write() as uow:
        service.publish(uow, OPERATOR, plan.id)
    assert "enrol.over_already" in reasons_of(refused)


def test_a_course_must_be_five_per_cent_longer_than_its_requirement(runtime: Runtime, people: People) -> None:
    plan = a_draft(runtime, people)  # three lessons of 63 minutes: 189 minutes for 180
    with runtime.write() as uow:
        service.edit_draft(uow, OPERATOR, plan.id, replace(draft_of(plan), required_study_seconds=10_801))
    with pytest.raises(PlanNotReady) as refused, runtime.write() as uow:
        service.publish(uow, OPERATOR, plan.id)
    assert reasons_of(refused) == {"course.short"}
    with runtime.write() as uow:
        service.edit_draft(uow, OPERATOR, plan.id, replace(draft_of(plan), required_study_seconds=10_800))
        assert service.publish(uow, OPERATOR, plan.id).state is PlanState.PUBLISHED


def test_a_blueprint_must_find_enough_questions(runtime: Runtime, people: People) -> None:
    plan = a_draft(runtime, people)
    too_many = a_blueprint(runtime, draws=20)
    with runtime.write() as uow:
        service.edit_draft(uow, OPERATOR, plan.id, replace(draft_of(plan), blueprint_id=too_many))
    with pytest.raises(PlanNotReady) as refused, runtime.write() as uow:
        service.publish(uow, OPERATOR, plan.id)
    assert reasons_of(refused) == {"blueprint.shortage"}


def test_what_is_published_stays_as_it_is(runtime: Runtime, people: People, clock: ClockControl) -> None:
    plan = a_plan(runtime, people)
    with runtime.write() as uow:
        assert service.publish(uow, OPERATOR, plan.id).published_at == plan.published_at
    with pytest.raises(PlanFrozen), runtime.write() as uow:
        service.edit_draft(uow, OPERATOR, plan.id, replace(draft_of(plan), max_attempts=1))
    with pytest.raises(PlanFrozen), runtime.write() as uow:
        service.cancel(uow, OPERATOR, plan.id)
    with pytest.raises(PlanFrozen), runtime.write() as uow:
        service.close(uow, OPERATOR, plan.id)
    clock.set(plan.exam_until)
    for _ in range(2):
        with runtime.write() as uow:
            assert service.close(uow, OPERATOR, plan.id).state is PlanState.CLOSED
    with runtime.read() as uow:
        assert check(uow, INVARIANTS) == {}


def test_a_bad_draft_leaves_the_old_one_whole(runtime: Runtime, people: People) -> None:
    plan = a_draft(runtime, people)
    with pytest.raises(Invalid), runtime.write() as uow:
        service.edit_draft(uow, OPERATOR, plan.id, replace(draft_of(plan), occupations=(), max_attempts=3))
    with pytest.raises(Invalid), runtime.write() as uow:
        service.edit_draft(uow, OPERATOR, plan.id, replace(draft_of(plan), course_id="nosuchcourse0000"))
    with runtime.read() as uow:
        assert queries.get_plan(uow, plan.id) == plan


def test_an_exam_administrator_rules_his_own_scope_alone(runtime: Runtime, people: People) -> None:
    a_course(runtime)
    city = people.actor(people.staff(Role.EXAM_ADMIN, organisation_id=people.city_id))
    reviewer = people.actor(people.staff(Role.REVIEWER))
    provincial = a_draft(runtime, people)
    with runtime.read() as uow:
        today = uow.now.astimezone(PLAN_ZONE).date()
        assert queries.plans_in_scope(uow, city) == []
    for actor, home in ((city, people.province_id), (reviewer, people.city_id), (city, people.other_city_id)):
        with pytest.raises(Forbidden), runtime.write() as uow:
            service.create_from_template(uow, actor, NewPlan("anhui", "一期", today, home))
    with pytest.raises(NotFound), runtime.write() as uow:
        service.publish(uow, city, provincial.id)
    with runtime.write() as uow:
        own = service.create_from_template(uow, city, NewPlan("sichuan", "一期", today, people.city_id))
    with runtime.read() as uow:
        assert [plan.id for plan in queries.plans_in_scope(uow, city)] == [own.id]


def test_the_phase_follows_the_windows(runtime: Runtime, people: People) -> None:
    plan = a_plan(runtime, people, "sichuan")
    assert [
        phase_of(plan, moment)
        for moment in (plan.enrol_from, plan.enrol_until, plan.study_from, plan.exam_from, plan.exam_until)
    ] == [PlanPhase.ENROLLING, PlanPhase.UPCOMING, PlanPhase.STUDYING, PlanPhase.EXAMINING, PlanPhase.ENDED]
    with runtime.read() as uow:
        assert [one.id for one in queries.open_plans(uow, plan.enrol_from)] == [plan.id]
        assert queries.open_plans(uow, plan.enrol_until) == []
