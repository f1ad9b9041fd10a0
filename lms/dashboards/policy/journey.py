"""Which step comes next for a trainee, and which of his plans needs him most. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from lms.certificates.policy.certificates import Standing
from lms.core.errors import N_
from lms.enrolment.policy import STATE_PILLS, ApplicationState, Outcome, Passage, StageState
from lms.plans.policy import StageKind, Window


class Step(StrEnum):
    """What the home page asks a trainee to do, or to wait for. There is always exactly one."""

    PROFILE = "profile"
    APPLY = "apply"
    FINISH_APPLICATION = "finish_application"
    CORRECT_APPLICATION = "correct_application"
    WAIT_FOR_REVIEW = "wait_for_review"
    APPLY_AGAIN = "apply_again"
    WAIT_FOR_STUDY = "wait_for_study"
    STUDY = "study"
    RESUME_EXAM = "resume_exam"
    EXAM = "exam"
    WAIT_FOR_EXAM = "wait_for_exam"
    WAIT_FOR_STAGE = "wait_for_stage"
    MISSED = "missed"
    """The time for what comes next is over, and nothing was lost but this plan."""
    FAILED = "failed"
    WAIT_FOR_CERTIFICATE = "wait_for_certificate"
    CERTIFICATE = "certificate"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


_PILLS: dict[Step, tuple[str, str]] = {
    Step.PROFILE: ("wait", N_("先补全个人信息")),
    Step.APPLY: ("wait", N_("还没有报名")),
    Step.WAIT_FOR_STUDY: ("wait", N_("等待学习开始")),
    Step.STUDY: ("now", N_("学习中")),
    Step.RESUME_EXAM: ("now", N_("作答中")),
    Step.EXAM: ("now", N_("可以考试")),
    Step.WAIT_FOR_EXAM: ("wait", N_("等待考试")),
    Step.WAIT_FOR_STAGE: ("wait", N_("等待安排")),
    Step.MISSED: ("expired", N_("已过期限")),
    Step.FAILED: ("refused", N_("没有通过")),
    Step.WAIT_FOR_CERTIFICATE: ("now", N_("正在制证")),
    Step.CERTIFICATE: ("ok", N_("已领证")),
    Step.EXPIRING: ("expiring", N_("即将到期")),
    Step.EXPIRED: ("expired", N_("已到期")),
    Step.SUSPENDED: ("suspended", N_("证书暂停")),
    Step.REVOKED: ("revoked", N_("已撤销")),
}
_BY_URGENCY = (
    Step.RESUME_EXAM, Step.CORRECT_APPLICATION, Step.EXAM, Step.STUDY, Step.FINISH_APPLICATION,
    Step.WAIT_FOR_CERTIFICATE, Step.WAIT_FOR_EXAM, Step.WAIT_FOR_STUDY, Step.WAIT_FOR_STAGE, Step.WAIT_FOR_REVIEW,
    Step.SUSPENDED,
    Step.MISSED, Step.EXPIRING, Step.EXPIRED, Step.CERTIFICATE, Step.REVOKED, Step.FAILED, Step.APPLY_AGAIN,
    Step.APPLY, Step.PROFILE,
)  # fmt: skip


def step_pill(step: Step, application: ApplicationState | None) -> tuple[str, str]:
    """Return how a page draws and names a step; before the approval in the words of the application itself."""
    if step in _PILLS or application is None:
        return _PILLS[step]
    return STATE_PILLS[application]


def urgency(step: Step) -> int:
    """Return the place of a step among all, the one that cannot wait first."""
    return _BY_URGENCY.index(step)


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
    window: Window = Window.OPEN
    """Where the moment lies to the window of what comes next: of enrolment, correction, study or exam."""

    @property
    def passage(self) -> Passage:
        """How far the application has come, for the road."""
        return Passage(
            self.application,
            self.stages,
            certified=self.certificate not in (None, Standing.PENDING, Standing.SUSPENDED),
            registered=self.registered,
            revoked=self.certificate is Standing.REVOKED,
        )

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
    Standing.SUSPENDED: Step.SUSPENDED,
    Standing.REVOKED: Step.REVOKED,
}


def next_step(journey: Journey) -> Step:
    """Return the one thing that comes next for a person."""
    if journey.application is None:
        return Step.APPLY if journey.profile_complete else Step.PROFILE
    if journey.application is not ApplicationState.APPROVED:
        step = _BEFORE_APPROVAL[journey.application]
        waits_for_the_person = step in (Step.FINISH_APPLICATION, Step.CORRECT_APPLICATION)
        return Step.MISSED if waits_for_the_person and journey.window is Window.OVER else step
    may_win_it_back = journey.certificate is Standing.SUSPENDED and (
        journey.exam_running or journey.exam_can_start
    )
    if journey.certificate is not None and not may_win_it_back:
        return _WITH_CERTIFICATE.get(journey.certificate, Step.CERTIFICATE)
    if journey.outcome is Outcome.COMPLETED:
        return Step.WAIT_FOR_CERTIFICATE
    if journey.outcome is not None:
        return Step.FAILED
    return _stage_step(journey)


def _stage_step(journey: Journey) -> Step:
    if journey.exam_running:
        return Step.RESUME_EXAM
    if journey.open_stage not in (StageKind.STUDY, StageKind.EXAM):
        return Step.WAIT_FOR_STAGE
    if journey.window is Window.OVER:
        return Step.MISSED
    if journey.open_stage is StageKind.STUDY:
        return Step.STUDY if journey.window is Window.OPEN else Step.WAIT_FOR_STUDY
    return Step.EXAM if journey.exam_can_start else Step.WAIT_FOR_EXAM
