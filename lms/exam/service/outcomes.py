"""What the attempts of a person say together, told to the spine."""

from lms.core.actors import Actor
from lms.core.unit_of_work import UnitOfWork
from lms.enrolment import service as enrolment
from lms.exam.policy.corrections import stage_after
from lms.exam.queries import exam_facts
from lms.plans.policy import StageKind
from lms.plans.queries import get_plan


def settle(
    uow: UnitOfWork, actor: Actor, person_id: str, plan_id: str, application_id: str, remark: str
) -> None:
    """Let the exam stage stand as the attempts of a person in a plan say now, after scores were corrected."""
    plan = get_plan(uow, plan_id)
    # Held first: two of these, or one beside a closing, look one after the other.
    enrolment.lock_application(uow, application_id)
    facts = exam_facts(uow, person_id, plan)
    wanted = stage_after(
        has_passed=facts.passed,
        attempts_left=facts.attempts_left,
        is_running=any(sitting.is_open for sitting in facts.sittings),
    )
    enrolment.correct_stage(uow, actor, application_id, StageKind.EXAM, wanted, remark)
