"""Plan templates: the routes of the provinces as data (H4).

Days count from the first day of enrolment, in Asia/Shanghai; an end is the midnight after its last day,
or a time of day where the notice names one.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from lms.accounts.policy import OrganisationKind
from lms.core.errors import N_
from lms.plans.policy import (
    EXAM_SECONDS,
    MAX_ATTEMPTS_BOUND,
    PASS_MARK_HUNDREDTHS,
    PLAN_ZONE,
    REQUIRED_STUDY_SECONDS,
    REVIEW_ORDER,
    VALIDITY_YEARS,
    ExaminerLevel,
    PlanDraft,
    StageKind,
)

BEAT_INTERVAL_SECONDS = 15
PRESENCE_MIN_SECONDS = 8 * 60  # reliability A8: a silent bot keeps at most one window
PRESENCE_MAX_SECONDS = 15 * 60
PRESENCE_ANSWER_SECONDS = 90
NORMAL_SPEED_PERCENT = 100
NO_DAILY_LIMIT = 0
DEFAULT_NUMBER_RULE = "changzhou-15"  # H1
MIDNIGHT = time(0, 0)


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment of a template: so many days after the first day, at a time of day."""

    day: int
    at: time = MIDNIGHT

    def on(self, first_day: date) -> datetime:
        """Return the moment for a first day."""
        return datetime.combine(first_day + timedelta(days=self.day), self.at, PLAN_ZONE)


@dataclass(frozen=True, slots=True)
class PlanTemplate:
    """A province's route: windows, review tiers, stages, attempts, and the level it is meant for."""

    code: str
    name: str
    about: str
    level: ExaminerLevel
    review_route: tuple[OrganisationKind, ...]
    enrol: tuple[Mark, Mark]
    study: tuple[Mark, Mark]
    exam: tuple[Mark, Mark]
    max_attempts: int
    stages: tuple[StageKind, ...] = (StageKind.STUDY, StageKind.EXAM)
    keeps_number: bool = False  # H7: a new number, linked to the old one

    def draft(self, title: str, first_day: date) -> PlanDraft:
        """Return a draft with this template's rules, dated from the first day of enrolment."""
        return PlanDraft(
            title=title,
            occupations=(),
            stages=self.stages,
            enrol_from=self.enrol[0].on(first_day),
            enrol_until=self.enrol[1].on(first_day),
            study_from=self.study[0].on(first_day),
            study_until=self.study[1].on(first_day),
            exam_from=self.exam[0].on(first_day),
            exam_until=self.exam[1].on(first_day),
            required_study_seconds=REQUIRED_STUDY_SECONDS,
            beat_interval_seconds=BEAT_INTERVAL_SECONDS,
            presence_min_seconds=PRESENCE_MIN_SECONDS,
            presence_max_seconds=PRESENCE_MAX_SECONDS,
            presence_answer_seconds=PRESENCE_ANSWER_SECONDS,
            may_skip_ahead=True,
            top_speed_percent=NORMAL_SPEED_PERCENT,
            daily_limit_seconds=NO_DAILY_LIMIT,
            pass_mark=PASS_MARK_HUNDREDTHS,
            exam_duration_seconds=EXAM_SECONDS,
            max_attempts=self.max_attempts,
            course_id=None,
            blueprint_id=None,
            review_route=self.review_route,
            number_rule=DEFAULT_NUMBER_RULE,
            keeps_number=self.keeps_number,
            validity_years=VALIDITY_YEARS,
        )


ANHUI = PlanTemplate(
    code="anhui",
    name=N_("一级审核、随学随考"),
    about=N_("报名 18 天，学习 29 天，两段同时开始；省中心一级审核；学满即考，两次机会"),
    level=ExaminerLevel.EXAMINER,
    review_route=(OrganisationKind.PROVINCE,),  # A12
    enrol=(Mark(0), Mark(18)),  # A11: 07-30 to 08-16, both days counted
    study=(Mark(0), Mark(29)),  # A11: 07-30 to 08-27; study opens on approval
    exam=(Mark(0), Mark(29)),  # B2: the exam opens when the study is done, within the same span
    max_attempts=MAX_ATTEMPTS_BOUND,  # B3
)

SICHUAN = PlanTemplate(
    code="sichuan",
    name=N_("三级审核、统一场次"),
    about=N_("报名 5 天，学习 2 天，考试 14:30—16:30 一场；单位、市、省三级审核；一次机会"),
    level=ExaminerLevel.SENIOR,
    review_route=REVIEW_ORDER,  # A18
    enrol=(Mark(0), Mark(5)),  # A19: 12-09 to 12-13
    study=(Mark(6), Mark(7, time(14, 30))),  # A19: 12-15 to 12-16, until the exam begins
    exam=(Mark(7, time(14, 30)), Mark(7, time(16, 30))),  # A19, B5: 120 minutes
    max_attempts=1,  # H20: one fixed slot
)

TEMPLATES: dict[str, PlanTemplate] = {template.code: template for template in (ANHUI, SICHUAN)}
