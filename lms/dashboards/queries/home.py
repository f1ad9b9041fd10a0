"""Gathering what the trainee's home page shows, in one read transaction."""

from dataclasses import dataclass

from lms.accounts.policy import profile_reasons
from lms.accounts.queries import profile_facts
from lms.certificates.queries import CertificateFacts, find_by_application
from lms.core.actors import Actor
from lms.core.errors import Reason
from lms.core.unit_of_work import UnitOfWork
from lms.dashboards.policy import Journey, Station, Step, next_step, road
from lms.enrolment.policy import ApplicationFacts, ApplicationState, StageState
from lms.enrolment.queries import DecisionLine, current_application, decisions
from lms.enrolment.service import stage_reasons
from lms.exam.policy import start_reasons
from lms.exam.queries import AttemptFacts, ExamFacts, exam_facts
from lms.plans.policy import PlanFacts, StageKind
from lms.plans.queries import get_plan, open_plans
from lms.registry.queries import EntryFacts, entries_of
from lms.study.queries import LessonProgress, StudyFacts, progress


@dataclass(frozen=True, slots=True)
class HomeFacts:
    """Everything the trainee's home page shows."""

    step: Step
    road: tuple[Station, ...]
    profile_gaps: tuple[Reason, ...]
    open_plans: tuple[PlanFacts, ...]
    """What can be applied for, when nothing is under way."""
    application: ApplicationFacts | None
    plan: PlanFacts | None
    last_decision: DecisionLine | None
    study: StudyFacts | None
    next_lesson: LessonProgress | None
    exam: ExamFacts | None
    exam_reasons: tuple[Reason, ...]
    running_attempt: AttemptFacts | None
    certificate: CertificateFacts | None
    entry: EntryFacts | None


def home(uow: UnitOfWork, actor: Actor) -> HomeFacts:
    """Return where the actor stands and what comes next."""
    person_id = actor.person_id or ""
    gaps = tuple(profile_reasons(profile_facts(uow, person_id)))
    application = current_application(uow, person_id)
    plan = get_plan(uow, application.plan_id) if application else None
    approved = application is not None and application.state is ApplicationState.APPROVED
    study = exam = None
    reasons: tuple[Reason, ...] = ()
    if plan is not None and approved:
        study = progress(uow, person_id, plan.id) if StageKind.STUDY in plan.stages else None
        if StageKind.EXAM in plan.stages:
            exam = exam_facts(uow, person_id, plan)
            stage = stage_reasons(uow, person_id, plan.id, StageKind.EXAM)
            reasons = tuple(start_reasons(exam.rules, exam.sittings, exam.elsewhere, stage))
    running = exam.open_attempt(uow.now) if exam else None
    certificate = find_by_application(uow, application.id) if application else None
    entry = _entry_on(uow, certificate)
    journey = Journey(
        profile_complete=not gaps,
        application=application.state if application else None,
        outcome=application.outcome if application else None,
        stages=_stages(application, plan),
        exam_running=running is not None,
        exam_can_start=exam is not None and not reasons,
        certificate=certificate.standing(uow.now) if certificate else None,
        registered=entry is not None,
    )
    past = decisions(uow, application.id) if application else []
    return HomeFacts(
        step=next_step(journey),
        road=road(journey),
        profile_gaps=gaps,
        open_plans=tuple(open_plans(uow, uow.now)) if application is None or not application.is_live else (),
        application=application,
        plan=plan,
        last_decision=past[-1] if past else None,
        study=study,
        next_lesson=_next_lesson(study) if study else None,
        exam=exam,
        exam_reasons=reasons,
        running_attempt=running,
        certificate=certificate,
        entry=entry,
    )


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
