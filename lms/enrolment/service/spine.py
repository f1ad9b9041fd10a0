"""The spine: which stage is open, and what its room reports back."""

from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, select, update

from lms.audit import service as audit
from lms.audit.queries import history
from lms.core.actors import Actor
from lms.core.errors import N_, Invalid, NotFound, Reason, require, stale
from lms.core.identifiers import new_id
from lms.core.ready_statement import ReadyStatement
from lms.core.unit_of_work import UnitOfWork
from lms.enrolment import policy, queries
from lms.enrolment.errors import StageNotOpen, WrongState, applied_already
from lms.enrolment.events import ApplicationCompleted, ApplicationFailed, StageOpened, StageReversed
from lms.enrolment.models import Application, ApplicationStage
from lms.enrolment.policy import STAGE, ApplicationFacts, Outcome, StageFacts, StageState
from lms.enrolment.service.identity import settle_identity
from lms.plans.policy import PlanFacts, StageKind
from lms.plans.queries import get_plan


def stage_reasons(uow: UnitOfWork, person_id: str, plan_id: str, kind: StageKind) -> list[Reason]:
    """Say why a person cannot take a stage of a plan now; an empty list means that it is open."""
    plan = get_plan(uow, plan_id)
    return policy.stage_reasons(queries.live_application(uow, person_id, plan_id), plan, kind, uow.now)


def open_stage(uow: UnitOfWork, person_id: str, plan_id: str, kind: StageKind) -> StageFacts:
    """Return the open stage of a person in a plan. Raises StageNotOpen with the reasons."""
    application = queries.approved_application(uow, person_id, plan_id)
    require(policy.stage_reasons(application, get_plan(uow, plan_id), kind, uow.now), StageNotOpen)
    stage = application.stage(kind) if application else None
    if stage is None:
        raise StageNotOpen
    return stage


_HOLD = ReadyStatement(
    select(Application.id).where(Application.id == bindparam("application")).with_for_update()
)
"""Everybody who hands in comes by here."""


def lock_application(uow: UnitOfWork, application_id: str) -> ApplicationFacts:
    """Hold an application's row until the end of the transaction and return it as it is now.

    Whoever decides or moves a stage comes through here, so that two of them queue up on PostgreSQL;
    on SQLite the writing transaction itself is the queue (fault C6). Raises NotFound.
    """
    held = _HOLD.scalar(uow.session, {"application": application_id})
    if held is None:
        raise NotFound
    uow.session.expire_all()
    return queries.application_facts(uow, application_id)


def lay_out_stages(uow: UnitOfWork, actor: Actor, application: ApplicationFacts, plan: PlanFacts) -> None:
    """Write the stages of an approved application and open the first (A12)."""
    for position, kind in enumerate(plan.stages):
        row = ApplicationStage(
            id=new_id(), application_id=application.id, position=position, kind=kind, state=StageState.LOCKED
        )
        uow.session.add(row)
        uow.session.flush()
        audit.born(uow, actor, STAGE, row.id, application_id=application.id, kind=kind)
    _open_next(uow, actor, queries.application_facts(uow, application.id))


def complete_stage(
    uow: UnitOfWork, actor: Actor, application_id: str, kind: StageKind, outcome: StageState
) -> ApplicationFacts:
    """Take a stage room's report as `report_stage` does, and return the application as it is then."""
    report_stage(uow, actor, application_id, kind, outcome)
    return queries.application_facts(uow, application_id)


def report_stage(
    uow: UnitOfWork, actor: Actor, application_id: str, kind: StageKind, outcome: StageState
) -> None:
    """Take a stage room's report: passed opens the next stage or completes the application; failed ends it.

    A hand-in waits for this, so nothing is read that is not needed.
    Reporting the same outcome again changes nothing. No window is checked: what a stage room accepted
    in time counts, however late its report comes. Raises StageNotOpen when the stage was never open,
    and `stale` when the opposite was reported before.
    """
    if outcome not in (StageState.PASSED, StageState.FAILED):
        raise ValueError("a stage is reported passed or failed")
    application = lock_application(uow, application_id)
    stage = _stage(application, kind)
    if stage.state is outcome:
        return
    if stage.state is StageState.LOCKED:
        raise StageNotOpen(
            policy.stage_reasons(application, get_plan(uow, application.plan_id), kind, uow.now)
        )
    if stage.state is not StageState.OPEN:
        raise stale()
    verb = "pass" if outcome is StageState.PASSED else "fail"
    _move(uow, actor, stage, verb, closed_at=uow.now)
    if outcome is StageState.PASSED:
        # The row is held since it was read, so this is how it stands now.
        moved = tuple(replace(one, state=outcome) if one.kind is kind else one for one in application.stages)
        _open_next(uow, actor, replace(application, stages=moved))
    else:
        _end(uow, actor, application, Outcome.FAILED)
        uow.record(ApplicationFailed(application_id))


def waive_stage(
    uow: UnitOfWork, actor: Actor, application_id: str, kind: StageKind, remark: str
) -> ApplicationFacts:
    """Excuse a person from a stage, with a written reason; the next one opens.

    Raises Invalid without a reason, and `stale` when the stage is over.
    """
    _require_remark(remark)
    application = lock_application(uow, application_id)
    stage = _stage(application, kind)
    was_open = stage.state is StageState.OPEN
    _move(uow, actor, stage, "waive", remark=remark, closed_at=uow.now)
    if was_open:
        _open_next(uow, actor, queries.application_facts(uow, application_id))
    return queries.application_facts(uow, application_id)


def reopen_stage(
    uow: UnitOfWork, actor: Actor, application_id: str, kind: StageKind, remark: str
) -> ApplicationFacts:
    """Open a failed stage again, because an attempt was given back (H10). Already open: nothing changes.

    Raises Invalid without a reason, `stale` when the stage was not failed, and Conflict when the person
    has a newer live application for the same occupation and level.
    """
    _require_remark(remark)
    application = lock_application(uow, application_id)
    stage = _stage(application, kind)
    if stage.state is StageState.OPEN:
        return application
    if _has_rival(uow, application):
        raise applied_already()
    _move(uow, actor, stage, "reopen", remark=remark, closed_at=None)
    uow.session.execute(
        update(Application).where(Application.id == application_id).values(outcome=None, ended_at=None)
    )
    uow.session.expire_all()
    settle_identity(uow, application.person_id)
    uow.record(StageOpened(application_id, kind, application.person_id, application.plan_id))
    return queries.application_facts(uow, application_id)


_TURNS = {
    (StageState.FAILED, StageState.PASSED): "correct_pass",
    (StageState.PASSED, StageState.FAILED): "correct_fail",
    (StageState.PASSED, StageState.OPEN): "take_back",
    (StageState.FAILED, StageState.OPEN): "reopen",
    (StageState.OPEN, StageState.PASSED): "pass",
    (StageState.OPEN, StageState.FAILED): "fail",
}
_RESTORES = {StageState.PASSED: "restore_pass", StageState.FAILED: "restore_fail"}


def correct_stage(
    uow: UnitOfWork, actor: Actor, application_id: str, kind: StageKind, wanted: StageState, remark: str
) -> ApplicationFacts:
    """Let a stage follow the scores after a released correction or its reversal; may run twice.

    `wanted` is passed, failed, or open where attempts are left. Later stages are closed while this one is not
    passed, and come back as they were. An application that is out of force stays so. A stage that is locked or
    waived is left alone. Raises NotFound, and Invalid without a reason.
    """
    _require_remark(remark)
    application = lock_application(uow, application_id)
    stage = _stage(application, kind)
    if stage.state in (wanted, StageState.LOCKED, StageState.WAIVED):
        return application
    if wanted is StageState.OPEN and _has_rival(uow, application):
        # The person has applied anew for the same: this application cannot be live beside it (A6).
        wanted = StageState.FAILED
        if stage.state is wanted:
            return application
    _move(
        uow, actor, stage, _TURNS[stage.state, wanted], remark=remark,
        closed_at=None if wanted is StageState.OPEN else uow.now,
    )  # fmt: skip
    later = [one for one in application.stages if one.position > stage.position]
    if wanted is StageState.PASSED:
        _restore(uow, actor, later, remark)
    else:
        _lock(uow, actor, later, remark)
    if application.outcome is not Outcome.ANNULLED:
        _resume(uow, actor, application_id)
    uow.record(
        StageReversed(
            application_id, kind, application.person_id, application.plan_id, int(wanted is StageState.PASSED)
        )
    )
    return queries.application_facts(uow, application_id)


def _resume(uow: UnitOfWork, actor: Actor, application_id: str) -> None:
    """Let an application's outcome follow its stages: completed, failed, or live again with its next stage open."""
    application = queries.application_facts(uow, application_id)
    waiting = next((stage for stage in application.stages if stage.state not in policy.DONE_STATES), None)
    if waiting is not None and waiting.state is StageState.FAILED:
        if application.outcome is not Outcome.FAILED:
            _end(uow, actor, application, Outcome.FAILED)
            uow.record(ApplicationFailed(application_id))
        return
    if waiting is not None:
        if _has_rival(uow, application):
            return
        uow.session.execute(
            update(Application)
            .where(Application.id == application_id)
            .values(outcome=None, ended_at=None, version=Application.version + 1)
        )
        uow.session.expire_all()
        settle_identity(uow, application.person_id)
        if waiting.state is StageState.OPEN:
            uow.record(StageOpened(application_id, waiting.kind, application.person_id, application.plan_id))
            return
    _open_next(uow, actor, queries.application_facts(uow, application_id))


def _lock(uow: UnitOfWork, actor: Actor, later: list[StageFacts], remark: str) -> None:
    for one in later:
        if STAGE.allows("lock", one.state):
            _move(uow, actor, one, "lock", remark=remark)


def _restore(uow: UnitOfWork, actor: Actor, later: list[StageFacts], remark: str) -> None:
    """Bring stages back that were over when they were locked; one that was open is opened as any next one."""
    for one in later:
        last = history(uow, STAGE.name, one.id)[-1]
        if one.state is StageState.LOCKED and last.verb == "lock" and last.from_state in _RESTORES:
            _move(uow, actor, one, _RESTORES[StageState(last.from_state)], remark=remark)


def _has_rival(uow: UnitOfWork, application: ApplicationFacts) -> bool:
    rival = queries.live_rival(
        uow, application.id_number_index, application.occupation_edition, application.occupation_code,
        application.level,
    )  # fmt: skip
    return rival is not None and rival.id != application.id


def annul(uow: UnitOfWork, actor: Actor, application_id: str, remark: str) -> None:
    """Take a completed application out of force, because its certificate was revoked; may run twice.

    The person may then apply again for the same occupation and level. Raises Invalid without a reason
    and WrongState when the application was never completed.
    """
    _require_remark(remark)
    application = lock_application(uow, application_id)
    if application.outcome is Outcome.ANNULLED:
        return
    if application.outcome is not Outcome.COMPLETED:
        raise WrongState(
            Reason("application.not_completed", N_("只有已经完成的申请可以作废"), N_("这份申请还没有完成"))
        )
    _end(uow, actor, application, Outcome.ANNULLED, remark=remark)


def reinstate(uow: UnitOfWork, actor: Actor, application_id: str, remark: str) -> None:
    """Put a completed application back in force, because the revocation of its certificate was wrong; may run twice.

    One whose stages are not all done any more, or beside which the person has applied anew, stays as it is (A6).
    Raises Invalid without a reason.
    """
    _require_remark(remark)
    application = lock_application(uow, application_id)
    is_done = all(stage.state in policy.DONE_STATES for stage in application.stages)
    if application.outcome is Outcome.ANNULLED and is_done and not _has_rival(uow, application):
        _end(uow, actor, application, Outcome.COMPLETED, remark=remark)


def end_application(uow: UnitOfWork, actor: Actor, application_id: str, outcome: Outcome) -> None:
    """Write down how an application ended."""
    _end(uow, actor, queries.application_facts(uow, application_id), outcome)


_END = ReadyStatement(
    update(Application)
    .where(Application.id == bindparam("application"))
    .values(waiting_tier=None, version=Application.version + 1)
)


def _end(
    uow: UnitOfWork, actor: Actor, application: ApplicationFacts, outcome: Outcome, **fields: Any
) -> None:
    _END.run(uow.session, {"application": application.id, "outcome": outcome, "ended_at": uow.now})
    uow.session.expire_all()
    settle_identity(uow, application.person_id)
    audit.record(uow, actor, f"application:{outcome}", application.id, **fields)


def _open_next(uow: UnitOfWork, actor: Actor, application: ApplicationFacts) -> None:
    """Open the first stage that is not done; without one the application is complete."""
    waiting = next((stage for stage in application.stages if stage.state not in policy.DONE_STATES), None)
    if waiting is None:
        _end(uow, actor, application, Outcome.COMPLETED)
        uow.record(ApplicationCompleted(application.id))
    elif waiting.state is StageState.LOCKED:
        _move(uow, actor, waiting, "open", opened_at=uow.now)
        uow.record(StageOpened(application.id, waiting.kind, application.person_id, application.plan_id))


def _stage(application: ApplicationFacts, kind: StageKind) -> StageFacts:
    stage = application.stage(kind)
    if stage is None:
        raise NotFound
    return stage


def _move(
    uow: UnitOfWork, actor: Actor, stage: StageFacts, verb: str, *, remark: str = "", **changes: Any
) -> None:
    audit.move(
        uow, actor, STAGE, verb, ApplicationStage.state, stage.id, stage.state,
        remark=remark, changes=changes, application_id=stage.application_id, kind=stage.kind,
    )  # fmt: skip


def _require_remark(remark: str) -> None:
    if not remark.strip():
        raise Invalid(
            Reason(
                "remark.missing", N_("这样办要写明理由"), N_("没有填写理由"), N_("请写明原因"), source="H10",
                field_name="remark",
            )
        )  # fmt: skip
