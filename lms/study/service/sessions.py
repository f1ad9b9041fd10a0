"""Opening and closing study sessions: a person has one, and a newer one takes over (fault A4)."""

import secrets
from dataclasses import dataclass

from lms.audit import service as audit
from lms.core.actors import Actor
from lms.core.database import insert_new
from lms.core.errors import NotFound
from lms.core.identifiers import new_id
from lms.core.unit_of_work import UnitOfWork
from lms.courses.queries import course_facts
from lms.enrolment import service as spine
from lms.plans.policy import PlanFacts, StageKind
from lms.plans.queries import get_plan
from lms.study import queries
from lms.study.errors import study_complete
from lms.study.models import StudyProgress, StudySession
from lms.study.policy import credit as policy
from lms.study.policy.credit import STUDY_SESSION, CloseReason, SessionState
from lms.study.queries import OpenCheck
from lms.study.service.beats import nonce_of

LEASE = "study"
"""The purpose under which leases of study sessions are signed."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A fresh session: its lease, the mark of its first beat, and the totals. Seconds are whole."""

    session_id: str
    lease: str
    nonce: str
    interval_seconds: int
    counted: int
    pending: int
    required: int
    check: OpenCheck | None
    took_over: bool


def open_session(uow: UnitOfWork, actor: Actor, plan_id: str, device: str) -> Opened:
    """Open a session for the actor; whatever session the person had is closed in the same transaction.

    Pending seconds and a raised presence check belong to the person and stay. Raises StageNotOpen with
    the spine's reasons, StudyComplete when nothing is left to count, NotFound for an unknown plan.
    """
    if actor.person_id is None or actor.login_session_id is None:
        raise NotFound
    queries.hold_person(uow, actor.person_id)
    stage = spine.open_stage(uow, actor.person_id, plan_id, StageKind.STUDY)
    plan = get_plan(uow, plan_id)
    if plan.course_id is None:
        raise NotFound
    before = queries.open_sessions(uow, actor.person_id)
    for row in before:
        close_session(uow, actor, row.id, CloseReason.SUPERSEDED)
    totals = _totals(uow, actor.person_id, plan)
    if totals.counted_seconds >= totals.required_seconds:
        raise study_complete()
    session_id = new_id()
    uow.session.add(
        StudySession(
            id=session_id, person_id=actor.person_id, plan_id=plan.id, course_id=plan.course_id,
            application_id=stage.application_id, login_session_id=actor.login_session_id, device=device[:40],
            state=SessionState.OPEN, opened_at=uow.now, interval_seconds=plan.beat_interval_seconds,
            presence_min_seconds=plan.presence_min_seconds, presence_max_seconds=plan.presence_max_seconds,
            presence_answer_seconds=plan.presence_answer_seconds,
            may_skip_ahead=plan.may_skip_ahead, daily_limit_seconds=plan.daily_limit_seconds,
            study_until=plan.study_until,
            credited_from=max(uow.now, queries.last_beat_at(uow, actor.person_id) or uow.now),
        )
    )  # fmt: skip
    uow.session.flush()
    audit.born(uow, actor, STUDY_SESSION, session_id, plan_id=plan.id)
    return Opened(
        session_id=session_id,
        lease=uow.vault.lease(LEASE, {"s": session_id}),
        nonce=nonce_of(uow.vault, session_id, 1),
        interval_seconds=plan.beat_interval_seconds,
        counted=totals.counted_seconds,
        pending=totals.pending_seconds,
        required=totals.required_seconds,
        check=queries.open_check(uow, session_id),
        took_over=bool(before),
    )


def close_session(uow: UnitOfWork, actor: Actor, session_id: str, reason: CloseReason) -> None:
    """Close an open session. Raises `stale` when it is closed already."""
    audit.move(
        uow, actor, STUDY_SESSION, reason.value, StudySession.state, session_id, SessionState.OPEN,
        changes={"close_reason": reason.value, "closed_at": uow.now},
    )  # fmt: skip


def _totals(uow: UnitOfWork, person_id: str, plan: PlanFacts) -> StudyProgress:
    reserved = course_facts(uow, plan.course_id).min_seconds if plan.course_id else 0
    uow.session.execute(
        insert_new(uow.session, StudyProgress, StudyProgress.person_id, StudyProgress.plan_id).values(
            person_id=person_id, plan_id=plan.id, counted_seconds=0, pending_seconds=0,
            required_seconds=plan.required_study_seconds, reserved_seconds=reserved, day=0, day_seconds=0,
            window_no=1, check_tries=0,
            check_after_seconds=policy.draw_check(
                plan.presence_min_seconds, plan.presence_max_seconds, secrets.randbits(32)
            ),
        )
    )  # fmt: skip
    totals = queries.totals(uow, person_id, plan.id)
    if totals is None:
        raise NotFound
    return totals
