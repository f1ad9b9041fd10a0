"""Which step comes next for a trainee, and how the road looks from where he stands. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from lms.certificates.policy import Standing
from lms.core.errors import N_
from lms.enrolment.policy import ApplicationState, Outcome, StageState
from lms.plans.policy import STAGE_NAMES, StageKind


class Step(StrEnum):
    """What the home page asks a trainee to do, or to wait for. There is always exactly one."""

    PROFILE = "profile"
    APPLY = "apply"
    FINISH_APPLICATION = "finish_application"
    CORRECT_APPLICATION = "correct_application"
    WAIT_FOR_REVIEW = "wait_for_review"
    APPLY_AGAIN = "apply_again"
    STUDY = "study"
    RESUME_EXAM = "resume_exam"
    EXAM = "exam"
    WAIT_FOR_EXAM = "wait_for_exam"
    WAIT_FOR_STAGE = "wait_for_stage"
    FAILED = "failed"
    WAIT_FOR_CERTIFICATE = "wait_for_certificate"
    CERTIFICATE = "certificate"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    REVOKED = "revoked"


STEP_PILLS: dict[Step, tuple[str, str]] = {
    Step.PROFILE: ("wait", N_("先补全个人信息")),
    Step.APPLY: ("wait", N_("还没有报名")),
    Step.FINISH_APPLICATION: ("wait", N_("报名没有提交")),
    Step.CORRECT_APPLICATION: ("refused", N_("退回补正")),
    Step.WAIT_FOR_REVIEW: ("now", N_("审核中")),
    Step.APPLY_AGAIN: ("wait", N_("没有进行中的报名")),
    Step.STUDY: ("now", N_("学习中")),
    Step.RESUME_EXAM: ("now", N_("作答中")),
    Step.EXAM: ("now", N_("可以考试")),
    Step.WAIT_FOR_EXAM: ("wait", N_("等待考试")),
    Step.WAIT_FOR_STAGE: ("wait", N_("等待安排")),
    Step.FAILED: ("refused", N_("没有通过")),
    Step.WAIT_FOR_CERTIFICATE: ("now", N_("正在制证")),
    Step.CERTIFICATE: ("ok", N_("已领证")),
    Step.EXPIRING: ("expiring", N_("即将到期")),
    Step.EXPIRED: ("expired", N_("已到期")),
    Step.REVOKED: ("revoked", N_("已撤销")),
}


@dataclass(frozen=True, slots=True)
class Journey:
    """Where one person stands, as plain values gathered from the rooms."""

    profile_complete: bool
    application: ApplicationState | None = None
    outcome: Outcome | None = None
    stages: tuple[tuple[StageKind, StageState], ...] = ()
    """The stages of the application, or of its plan (all locked) before the approval."""
    exam_running: bool = False
    exam_can_start: bool = False
    certificate: Standing | None = None
    registered: bool = False

    @property
    def open_stage(self) -> StageKind | None:
        """The stage that is open, or None."""
        return next((kind for kind, state in self.stages if state is StageState.OPEN), None)


_BEFORE_APPROVAL: dict[ApplicationState, Step] = {
    ApplicationState.DRAFT: Step.FINISH_APPLICATION,
    ApplicationState.SUBMITTED: Step.WAIT_FOR_REVIEW,
    ApplicationState.IN_REVIEW: Step.WAIT_FOR_REVIEW,
    ApplicationState.RETURNED: Step.CORRECT_APPLICATION,
    ApplicationState.REJECTED: Step.APPLY_AGAIN,
    ApplicationState.WITHDRAWN: Step.APPLY_AGAIN,
}


_WITH_CERTIFICATE: dict[Standing, Step] = {
    Standing.PENDING: Step.WAIT_FOR_CERTIFICATE,
    Standing.EXPIRING: Step.EXPIRING,
    Standing.EXPIRED: Step.EXPIRED,
    Standing.REVOKED: Step.REVOKED,
}


def next_step(journey: Journey) -> Step:
    """Return the one thing that comes next for a person."""
    if journey.application is None:
        return Step.APPLY if journey.profile_complete else Step.PROFILE
    if journey.application is not ApplicationState.APPROVED:
        return _BEFORE_APPROVAL[journey.application]
    if journey.certificate is not None:
        return _WITH_CERTIFICATE.get(journey.certificate, Step.CERTIFICATE)
    if journey.outcome is Outcome.COMPLETED:
        return Step.WAIT_FOR_CERTIFICATE
    if journey.outcome is not None:
        return Step.FAILED
    return _stage_step(journey)


def _stage_step(journey: Journey) -> Step:
    if journey.exam_running:
        return Step.RESUME_EXAM
    if journey.open_stage is StageKind.STUDY:
        return Step.STUDY
    if journey.open_stage is StageKind.EXAM:
        return Step.EXAM if journey.exam_can_start else Step.WAIT_FOR_EXAM
    return Step.WAIT_FOR_STAGE


class StationState(StrEnum):
    """How a station of the road is drawn."""

    PAST = "past"
    HERE = "here"
    NEXT = "next"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Station:
    """One stop: `key` is application, review, a stage kind, certificate or registry; `name` a message id."""

    key: str
    name: str
    state: StationState


def road(journey: Journey) -> tuple[Station, ...]:
    """Return the road from application to registry; the first station not done is where the person stands."""
    application = journey.application
    done = [
        (
            "application",
            N_("报名"),
            application not in (None, ApplicationState.DRAFT, ApplicationState.WITHDRAWN),
        ),
        ("review", N_("审核"), application is ApplicationState.APPROVED),
        *(
            (str(kind), STAGE_NAMES[kind], state in (StageState.PASSED, StageState.WAIVED))
            for kind, state in journey.stages
        ),
        ("certificate", N_("证书"), journey.certificate not in (None, Standing.PENDING)),
        ("registry", N_("登记"), journey.registered),
    ]
    refused = _refused_stations(journey)
    stations, reached = [], False
    for key, name, is_done in done:
        if key in refused:
            state, reached = StationState.REFUSED, True
        elif is_done and not reached:
            state = StationState.PAST
        else:
            state = StationState.NEXT if reached else StationState.HERE
            reached = True
        stations.append(Station(key, name, state))
    return tuple(stations)


def _refused_stations(journey: Journey) -> frozenset[str]:
    if journey.application is ApplicationState.REJECTED:
        return frozenset({"review"})
    failed = {str(kind) for kind, state in journey.stages if state is StageState.FAILED}
    if journey.certificate is Standing.REVOKED:
        failed.add("certificate")
    return frozenset(failed)
