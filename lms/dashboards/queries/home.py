"""Gathering what the trainee's home page shows, in one read transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from lms.accounts.policy import profile_reasons
from lms.accounts.queries import profile_facts
from lms.certificates.queries.certificates import CertificateFacts, find_by_application
from lms.core.actors import Actor
from lms.core.errors import Reason
from lms.core.unit_of_work import UnitOfWork
from lms.dashboards.policy import Journey, Step, next_step, step_pill, urgency
from lms.enrolment.policy import (
    ApplicationFacts,
    ApplicationState,
    Outcome,
    StageState,
    Station,
    road,
    stage_reasons,
)
from lms.enrolment.queries import DecisionLine, applications_of, decisions
from lms.exam.policy.attempts import in_figures, start_reasons
from lms.exam.queries import AttemptFacts, ExamFacts, exam_facts
from lms.exam.queries.windows import window_for
from lms.plans.policy import PlanFacts, StageKind, Window, window_at, window_of
from lms.plans.queries import open_plans, plans_by_id
from lms.registry.queries.changes import ChangeLine, fresh_decisions
from lms.registry.queries.entries import EntryFacts, entries_of
from lms.registry.queries.reminders import ExpiryNotice, standing_notice
from lms.study.policy.appeals import AppealFacts
from lms.study.policy.credit import missing_reasons
from lms.study.queries import LessonProgress, StudyFacts, progress
from lms.study.queries.appeals import unread_decisions
from lms.study.queries.reminders import StandingReminder, standing_reminder

CHANGES_TOLD_FOR = timedelta(days=14)
MOST_OTHERS = 6


@dataclass(frozen=True, slots=True)
class OtherApplication:
    """Another application of the same person, to be looked at with one click."""

    application: ApplicationFacts
    plan: PlanFacts
    pill: tuple[str, str]


@dataclass(frozen=True, slots=True)
class HomeFacts:
    """Everything the trainee's home page shows."""

    step: Step
    pill: tuple[str, str]
    road: tuple[Station, ...]
    profile_gaps: tuple[Reason, ...]
    open_plans: tuple[PlanFacts, ...]
    """What can be applied for now, the next deadline first, when nothing is under way."""
    coming_plans: tuple[PlanFacts, ...]
    """What can be applied for later."""
    application: ApplicationFacts | None
    plan: PlanFacts | None
    others: tuple[OtherApplication, ...]
    last_decision: DecisionLine | None
    study: StudyFacts | None
    reminder: StandingReminder | None
    expiry: ExpiryNotice | None
    """That his certificate ends soon, as he was told."""
    decided_appeals: tuple[tuple[AppealFacts, str], ...]
    """Decided appeals that are not read yet, each with the title of its plan."""
    decided_changes: tuple[ChangeLine, ...]
    """What registrars decided lately about his requests to change his entry."""
    next_lesson: LessonProgress | None
    exam: ExamFacts | None
    exam_reasons: tuple[Reason, ...]
    running_attempt: AttemptFacts | None
    certificate: CertificateFacts | None
    entry: EntryFacts | None


@dataclass(frozen=True, slots=True)
class _Way:
    """One application with all that decides its next step."""

    application: ApplicationFacts
    plan: PlanFacts
    journey: Journey
    exam: ExamFacts | None
    exam_reasons: tuple[Reason, ...]
    running_attempt: AttemptFacts | None
    certificate: CertificateFacts | None
    entry: EntryFacts | None

    @property
    def step(self) -> Step:
        """What comes next in this plan."""
        return next_step(self.journey)


def home(uow: UnitOfWork, actor: Actor, wanted: str = "") -> HomeFacts:
    """Return where the actor stands and what comes next, in the plan that needs him most.

    `wanted` names one of his applications that is to be shown instead; anything else is passed over.
    """
    person_id = actor.person_id or ""
    gaps = tuple(profile_reasons(profile_facts(uow, person_id)))
    mine = applications_of(uow, person_id)
    plans = plans_by_id(uow, (one.plan_id for one in mine))
    shown = [one for one in mine if one.is_live or one.id == wanted] or mine[:1]
    ways = [_way(uow, one, plans[one.plan_id]) for one in shown]
    if not ways:
        journey = Journey(profile_complete=not gaps, stages=_stages(None, None))
        return _facts(uow, None, journey, gaps, ())
    asked = [way for way in ways if way.application.id == wanted]
    way = asked[0] if asked else min(ways, key=lambda one: (urgency(one.step), one.plan.exam_until))
    others = [
        OtherApplication(other.application, other.plan, step_pill(other.step, other.application.state))
        for other in ways
        if other is not way
    ]
    others += [
        OtherApplication(one, plans[one.plan_id], one.pill)
        for one in mine
        if one.outcome in (Outcome.COMPLETED, Outcome.ANNULLED)
        and one.id not in {way.application.id for way in ways}
    ]
    return _facts(uow, way, way.journey, gaps, others[:MOST_OTHERS])


def _facts(
    uow: UnitOfWork, way: _Way | None, journey: Journey, gaps: tuple[Reason, ...], others: Sequence[OtherApplication]
) -> HomeFacts:  # fmt: skip
    application = way.application if way else None
    step = next_step(journey)
    is_free = application is None or not application.is_live or step is Step.MISSED
    offered = open_plans(uow, uow.now) if is_free else []
    study = _study(uow, way) if way else None
    reasons = way.exam_reasons if way else ()
    if way is not None and study is not None:
        stage = stage_reasons(way.application, way.plan, StageKind.STUDY, uow.now)
        missing = missing_reasons(study.counted, study.pending, study.required, stage)
        reasons = tuple(in_figures(reasons, missing))
    past = decisions(uow, application.id) if application else []
    return HomeFacts(
        step=step,
        pill=step_pill(step, journey.application),
        road=road(journey.passage),
        profile_gaps=gaps,
        open_plans=tuple(plan for plan in offered if plan.enrol_from <= uow.now),
        coming_plans=tuple(plan for plan in offered if plan.enrol_from > uow.now),
        application=application,
        plan=way.plan if way else None,
        others=tuple(others),
        last_decision=past[-1] if past else None,
        study=study,
        decided_appeals=tuple(unread_decisions(uow, way.application.person_id)) if way else (),
        decided_changes=tuple(fresh_decisions(uow, way.application.person_id, uow.now - CHANGES_TOLD_FOR))
        if way and way.entry
        else (),
        expiry=standing_notice(uow, way.application.person_id) if way and way.entry else None,
        reminder=standing_reminder(uow, way.application, way.plan, study) if way and study else None,
        next_lesson=_next_lesson(study) if study else None,
        exam=way.exam if way else None,
        exam_reasons=reasons,
        running_attempt=way.running_attempt if way else None,
        certificate=way.certificate if way else None,
        entry=way.entry if way else None,
    )


def _way(uow: UnitOfWork, application: ApplicationFacts, plan: PlanFacts) -> _Way:
    exam = None
    reasons: tuple[Reason, ...] = ()
    if application.state is ApplicationState.APPROVED and StageKind.EXAM in plan.stages:
        exam = exam_facts(uow, application.person_id, plan)
        plan = window_for(uow, plan, application.id)
        stage = stage_reasons(application, plan, StageKind.EXAM, uow.now)
        reasons = tuple(start_reasons(exam.rules, exam.sittings, exam.elsewhere, stage))
    running = exam.open_attempt(uow.now) if exam else None
    # One that was completed and is not any more has sat an exam: its certificate may be suspended.
    may_have_one = application.outcome is not None or bool(exam and exam.sittings)
    certificate = find_by_application(uow, application.id) if may_have_one else None
    entry = _entry_on(uow, certificate)
    journey = Journey(
        profile_complete=True,
        application=application.state,
        outcome=application.outcome,
        stages=_stages(application, plan),
        exam_running=running is not None,
        exam_can_start=exam is not None and not reasons,
        certificate=certificate.standing(uow.now) if certificate else None,
        registered=entry is not None,
        window=_window(uow, application, plan),
    )
    return _Way(application, plan, journey, exam, reasons, running, certificate, entry)


def _window(uow: UnitOfWork, application: ApplicationFacts, plan: PlanFacts) -> Window:
    """Tell where the moment lies to the window of what the person does next in a plan."""
    if application.state is ApplicationState.DRAFT:
        return window_at(plan.enrol_from, plan.enrol_until, uow.now)
    if application.state is ApplicationState.RETURNED:
        return window_at(plan.enrol_from, plan.study_until, uow.now)
    stage = application.current_stage
    window = window_of(plan, stage.kind) if stage else None
    return window_at(*window, uow.now) if window else Window.OPEN


def _study(uow: UnitOfWork, way: _Way) -> StudyFacts | None:
    approved = way.application.state is ApplicationState.APPROVED
    studies = approved and StageKind.STUDY in way.plan.stages
    return progress(uow, way.application.person_id, way.plan) if studies else None


def _stages(
    application: ApplicationFacts | None, plan: PlanFacts | None
) -> tuple[tuple[StageKind, StageState], ...]:
    if application is not None and application.stages:
        return tuple((stage.kind, stage.state) for stage in application.stages)
    kinds = plan.stages if plan is not None else (StageKind.STUDY, StageKind.EXAM)
    return tuple((kind, StageState.LOCKED) for kind in kinds)


def _next_lesson(study: StudyFacts) -> LessonProgress | None:
    """Return the lesson to go on with: the last one played while something of it is missing, else the first such."""
    unfinished = [line for line in study.lessons if line.first_missing is not None]
    resumed = [line for line in unfinished if line.lesson.id == study.resume_lesson_id]
    return next(iter(resumed or unfinished), None)


def _entry_on(uow: UnitOfWork, certificate: CertificateFacts | None) -> EntryFacts | None:
    if certificate is None:
        return None
    found = [
        entry for entry in entries_of(uow, certificate.person_id) if entry.certificate_id == certificate.id
    ]
    return found[0] if found else None
