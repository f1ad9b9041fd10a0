"""What a plan shows of its scores, and looking into a candidate's paper."""

from sqlalchemy import update

from lms.accounts.policy import Role
from lms.audit import service as audit
from lms.core.actors import Actor
from lms.core.database import insert_new
from lms.core.unit_of_work import UnitOfWork
from lms.exam import queries
from lms.exam.models.corrections import ReportRule
from lms.exam.policy.reports import ReportDetail
from lms.exam.queries import AttemptLine, GradedPaper
from lms.plans.queries import get_plan, get_plan_in_scope


def set_report(uow: UnitOfWork, actor: Actor, plan_id: str, detail: ReportDetail) -> None:
    """Say how much of their scores the candidates of a plan see. Raises NotFound outside the actor's scope."""
    get_plan_in_scope(uow, actor, plan_id, Role.EXAM_ADMIN)
    if queries.report_detail(uow, plan_id) is detail:
        return
    uow.session.execute(
        insert_new(uow.session, ReportRule, ReportRule.plan_id).values(
            plan_id=plan_id, detail=detail, changed_at=uow.now
        )
    )
    uow.session.execute(
        update(ReportRule)
        .where(ReportRule.plan_id == plan_id)
        .values(detail=detail, changed_at=uow.now)
        .execution_options(synchronize_session=False)
    )
    audit.record(uow, actor, "plan:score_report", plan_id, detail=detail)


def open_archive(uow: UnitOfWork, actor: Actor, attempt_id: str) -> tuple[AttemptLine, GradedPaper, bool]:
    """Return a graded attempt with its paper, and whether its keys are shown; each look is recorded.

    Keys stay closed to everybody until nobody sits in the plan any more. Raises NotFound outside the actor's scope.
    """
    line = queries.attempt_in_scope(uow, actor, attempt_id)
    plan = get_plan(uow, line.attempt.plan_id)
    is_over = uow.now > queries.over_at(uow, plan)
    paper = queries.graded_paper(uow, attempt_id, with_keys=is_over)
    audit.record(uow, actor, "attempt:open_paper", attempt_id, with_keys=is_over)
    return line, paper, is_over
