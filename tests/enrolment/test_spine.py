"""The spine: one stage opens after another, and reporting twice is reporting once."""

import pytest

from lms.accounts.policy import Role
from lms.core.errors import Conflict, Invalid
from lms.core.invariants import check
from lms.core.speech import spoken
from lms.core.unit_of_work import Runtime
from lms.enrolment import queries, service
from lms.enrolment.errors import StageNotOpen
from lms.enrolment.invariants import INVARIANTS
from lms.enrolment.policy import Outcome, StageState
from lms.plans.policy import StageKind
from tests.factories.plans import (
    OPERATOR,
    a_plan,
    an_applicant,
    an_approved_trainee,
)  # fmt: skip
from tests.support.people import People
from tests.support.site import ClockControl

DAY = 86_400


def codes(reasons: list) -> list[str]:
    return [reason.code for reason in reasons]


def test_nothing_is_open_before_the_approval(runtime: Runtime, people: People) -> None:
    plan = a_plan(runtime, people)
    trainee, _ = an_applicant(runtime, people, plan)
    with runtime.read() as uow:
        for kind in StageKind:
            assert codes(service.stage_reasons(uow, trainee.id, plan.id, kind)) == [
                "application.not_approved"
            ]


def test_approval_opens_study_and_leaves_the_exam_locked(runtime: Runtime, people: People) -> None:
    plan = a_plan(runtime, people)
    trainee, application = an_approved_trainee(runtime, people, plan)
    assert [(stage.kind, stage.state) for stage in application.stages] == [
        (StageKind.STUDY, StageState.OPEN), (StageKind.EXAM, StageState.LOCKED),
    ]  # fmt: skip
    with runtime.read() as uow:
        assert service.stage_reasons(uow, trainee.id, plan.id, StageKind.STUDY) == []
        assert service.open_stage(uow, trainee.id, plan.id, StageKind.STUDY).application_id == application.id
        assert codes(service.stage_reasons(uow, trainee.id, plan.id, StageKind.EXAM)) == ["exam.locked"]
        with pytest.raises(StageNotOpen):
            service.open_stage(uow, trainee.id, plan.id, StageKind.EXAM)
        with pytest.raises(StageNotOpen):
            service.open_stage(uow, "nobody0000000000", plan.id, StageKind.STUDY)


def test_passing_each_stage_completes_the_application_once(runtime: Runtime, people: People) -> None:
    plan = a_plan(runtime, people)
    trainee, application = an_approved_trainee(runtime, people, plan)
    for _ in range(2):
        with runtime.write() as uow:
            after = service.complete_stage(uow, OPERATOR, application.id, StageKind.STUDY, StageState.PASSED)
    assert after.stage(StageKind.EXAM).state is StageState.OPEN  # type: ignore[union-attr]
    for _ in range(2):
        with runtime.write() as uow:
            after = service.complete_stage(uow, OPERATOR, application.id, StageKind.EXAM, StageState.PASSED)
    assert after.outcome is Outcome.COMPLETED
    with runtime.read() as uow:
        facts = queries.completed_application_facts(uow, application.id)
        assert (facts.person_id, facts.number_rule, facts.validity_years) == (trainee.id, "changzhou-15", 3)
        assert facts.issuing_organisation_id == people.province_id
        assert check(uow, INVARIANTS) == {}


def test_a_stage_that_waits_for_study_and_for_its_day_names_both(runtime: Runtime, people: People) -> None:
    plan = a_plan(runtime, people, "sichuan")
    trainee, _ = an_approved_trainee(runtime, people, plan)
    with runtime.read() as uow:
        study = service.stage_reasons(uow, trainee.id, plan.id, StageKind.STUDY)
        exam = service.stage_reasons(uow, trainee.id, plan.id, StageKind.EXAM)
    assert codes(study) == ["study.window_not_open"]
    assert spoken(study[0])["way_out"] == "请等到 2026年11月27日 0:00 再来"
    assert codes(exam) == ["exam.locked", "exam.window_not_open"]
    assert spoken(exam[1])["way_out"] == "请等到 2026年11月28日 14:30 再来"


def test_an_exam_cannot_be_reported_before_it_was_open(runtime: Runtime, people: People) -> None:
    plan = a_plan(runtime, people)
    _, application = an_approved_trainee(runtime, people, plan)
    with pytest.raises(StageNotOpen), runtime.write() as uow:
        service.complete_stage(uow, OPERATOR, application.id, StageKind.EXAM, StageState.PASSED)
    with runtime.write() as uow:
        service.complete_stage(uow, OPERATOR, application.id, StageKind.STUDY, StageState.PASSED)
    with pytest.raises(Conflict), runtime.write() as uow:
        service.complete_stage(uow, OPERATOR, application.id, StageKind.STUDY, StageState.FAILED)


def test_a_failed_exam_ends_the_application_and_lets_the_person_apply_elsewhere(
    runtime: Runtime, people: People
) -> None:
    first, second = a_plan(runtime, people), a_plan(runtime, people)
    trainee, application = an_approved_trainee(runtime, people, first)
    with runtime.write() as uow:
        service.complete_stage(uow, OPERATOR, application.id, StageKind.STUDY, StageState.PASSED)
        failed = service.complete_stage(uow, OPERATOR, application.id, StageKind.EXAM, StageState.FAILED)
    assert failed.outcome is Outcome.FAILED
    with runtime.read() as uow:
        assert codes(service.stage_reasons(uow, trainee.id, first.id, StageKind.EXAM)) == ["exam.failed"]
    _, again = an_applicant(runtime, people, second, person=trainee)
    assert again.id != application.id
    # The attempt is given back too late: the newer application stands in the way.
    with pytest.raises(Conflict), runtime.write() as uow:
        service.reopen_stage(uow, OPERATOR, application.id, StageKind.EXAM, "考场断电")


def test_an_attempt_given_back_opens_the_exam_again(runtime: Runtime, people: People) -> None:
    plan = a_plan(runtime, people)
    trainee, application = an_approved_trainee(runtime, people, plan)
    with runtime.write() as uow:
        service.complete_stage(uow, OPERATOR, application.id, StageKind.STUDY, StageState.PASSED)
        service.complete_stage(uow, OPERATOR, application.id, StageKind.EXAM, StageState.FAILED)
    with pytest.raises(Invalid), runtime.write() as uow:
        service.reopen_stage(uow, OPERATOR, application.id, StageKind.EXAM, " ")
    for _ in range(2):
        with runtime.write() as uow:
            after = service.reopen_stage(uow, OPERATOR, application.id, StageKind.EXAM, "考场断电")
    assert (after.outcome, after.is_live) == (None, True)
    with runtime.read() as uow:
        assert service.stage_reasons(uow, trainee.id, plan.id, StageKind.EXAM) == []
        assert check(uow, INVARIANTS) == {}


def test_windows_hold_whatever_the_spine_says(runtime: Runtime, people: People, clock: ClockControl) -> None:
    plan = a_plan(runtime, people)
    trainee, application = an_approved_trainee(runtime, people, plan)
    clock.set(plan.study_until)
    with runtime.read() as uow:
        assert codes(service.stage_reasons(uow, trainee.id, plan.id, StageKind.STUDY)) == [
            "study.window_over"
        ]
    # What was earned in time is still taken when its report comes late.
    with runtime.write() as uow:
        after = service.complete_stage(uow, OPERATOR, application.id, StageKind.STUDY, StageState.PASSED)
    assert after.stage(StageKind.STUDY).state is StageState.PASSED  # type: ignore[union-attr]


def test_a_waived_study_opens_the_exam(runtime: Runtime, people: People) -> None:
    plan = a_plan(runtime, people)
    trainee, application = an_approved_trainee(runtime, people, plan)
    with runtime.write() as uow:
        service.waive_stage(uow, OPERATOR, application.id, StageKind.STUDY, "上一期已学满")
    with runtime.read() as uow:
        assert service.stage_reasons(uow, trainee.id, plan.id, StageKind.EXAM) == []
        assert codes(service.stage_reasons(uow, trainee.id, plan.id, StageKind.STUDY)) == ["study.passed"]


def test_a_revoked_certificate_frees_the_occupation_again(runtime: Runtime, people: People) -> None:
    plan, later = a_plan(runtime, people), a_plan(runtime, people)
    trainee, application = an_approved_trainee(runtime, people, plan)
    with runtime.write() as uow:
        service.complete_stage(uow, OPERATOR, application.id, StageKind.STUDY, StageState.PASSED)
        service.complete_stage(uow, OPERATOR, application.id, StageKind.EXAM, StageState.PASSED)
    with runtime.write() as uow:
        service.annul(uow, OPERATOR, application.id, "证书已撤销")
        service.annul(uow, OPERATOR, application.id, "证书已撤销")
    an_applicant(runtime, people, later, person=trainee)
    with runtime.read() as uow:
        assert check(uow, INVARIANTS) == {}


def test_a_plan_that_is_over_lets_go_of_its_applications(
    runtime: Runtime, people: People, clock: ClockControl
) -> None:
    plan = a_plan(runtime, people)
    _, waiting = an_applicant(runtime, people, plan)
    trainee, _approved = an_approved_trainee(runtime, people, plan)
    clock.set(plan.exam_until)
    with runtime.write() as uow:
        assert service.lapse_overdue(uow, OPERATOR) == 0
    clock.advance(2 * 3600)
    with runtime.write() as uow:
        assert service.lapse_overdue(uow, OPERATOR) == 2
        assert service.lapse_overdue(uow, OPERATOR) == 0
    with runtime.read() as uow:
        assert queries.application_facts(uow, waiting.id).outcome is Outcome.LAPSED
        assert queries.applications_of(uow, trainee.id)[0].is_live is False
        assert queries.inbox(uow, people.actor(people.staff(Role.REVIEWER))) == []
