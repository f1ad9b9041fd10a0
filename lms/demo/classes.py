"""The training classes of the demo: one of three years ago, one of five months ago, and two that run now."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from lms.core.actors import Actor
from lms.courses.queries import find_course
from lms.demo import bank
from lms.demo.house import DemoHouse
from lms.demo.opening import COURSE_CODE
from lms.demo.timeline import Story
from lms.enrolment import service as enrolment
from lms.plans import occupations
from lms.plans import service as plans
from lms.plans.policy import LEVEL_NAMES, OccupationChoice, PlanDraft, PlanFacts
from lms.plans.queries import plans_in_scope
from lms.plans.templates import ANHUI, BEAT_INTERVAL_SECONDS, SICHUAN, Mark, PlanTemplate

OFFERED = ("6-31-01-03", "6-18-02-04", "4-07-05-01", "4-03-02-07")
ANNOUNCED = timedelta(days=6)
"""How long before its first day a class is published."""
_SWEPT = timedelta(hours=1, minutes=1)


@dataclass(frozen=True, slots=True)
class LessonClass:
    """One class: its rules, who issues, and how many days ago enrolment opened."""

    key: str
    rules: PlanTemplate
    issuer: str
    days_ago: int
    is_over: bool = False
    beat_seconds: int = BEAT_INTERVAL_SECONDS

    def first_day(self, today: date) -> date:
        """The first day of enrolment."""
        return today - timedelta(days=self.days_ago)

    def draft(self, today: date) -> PlanDraft:
        """Return the class as the template gives it, named after its month."""
        day = self.first_day(today)
        title = f"{day.year}年{day.month}月{LEVEL_NAMES[self.rules.level]}培训班"
        return replace(self.rules.draft(title, day), beat_interval_seconds=self.beat_seconds)


CLASSES = (
    # A long class, so that its certificates end in different months. Players of old reported once a minute, and
    # the demo is loaded in half the time.
    LessonClass("past", replace(ANHUI, enrol=(Mark(0), Mark(150)), study=(Mark(0), Mark(240)),
                                exam=(Mark(0), Mark(240))), "institution", 1171, is_over=True, beat_seconds=60),
    LessonClass("earlier", ANHUI, "other institution", 150, is_over=True, beat_seconds=60),
    # Open long enough for somebody who keeps the demo for a month.
    LessonClass("current", replace(ANHUI, enrol=(Mark(0), Mark(46)), study=(Mark(0), Mark(76)),
                                   exam=(Mark(0), Mark(76))), "institution", 16),
    LessonClass("senior", replace(SICHUAN, enrol=(Mark(0), Mark(18)), study=(Mark(19), Mark(33, time(14, 30))),
                                  exam=(Mark(33, time(14, 30)), Mark(33, time(16, 30)))), "institution", 3),
)  # fmt: skip
BY_KEY = {one.key: one for one in CLASSES}


def held(house: DemoHouse, lesson_class: LessonClass) -> Story:
    """Plan a class, publish it, and put it away when it is over."""
    draft = lesson_class.draft(house.today)
    at = house.moment(lesson_class.first_day(house.today) - ANNOUNCED, time(10))
    yield at
    plan = _published(house, lesson_class, draft, at)
    house.plans[lesson_class.key] = plan
    if not lesson_class.is_over:
        return
    at = plan.exam_until + _SWEPT
    yield at
    with house.write(at) as uow:
        enrolment.lapse_overdue(uow, Actor.system("enrolment.sweep_lapsed"))
    at = plan.exam_until + timedelta(hours=9)
    yield at
    with house.write(at) as uow:
        plans.close(uow, house.member(uow, "exam"), plan.id)


def _published(house: DemoHouse, lesson_class: LessonClass, draft: PlanDraft, at: datetime) -> PlanFacts:
    blueprint_id = bank.blueprint_id(house)
    with house.write(at) as uow:
        exam = house.member(uow, "exam")
        existing = [plan for plan in plans_in_scope(uow, exam) if plan.title == draft.title]
        if existing:
            return existing[0]
        course = find_course(uow, COURSE_CODE)
        plan = plans.create_from_template(
            uow, exam,
            plans.NewPlan(
                lesson_class.rules.code, draft.title, lesson_class.first_day(house.today),
                house.organisations[lesson_class.issuer],
            ),
        )  # fmt: skip
        filled = replace(
            draft, occupations=_offered(lesson_class), course_id=course.id if course else None,
            blueprint_id=blueprint_id,
        )  # fmt: skip
        plans.edit_draft(uow, exam, plan.id, filled)
        return plans.publish(uow, exam, plan.id)


def _offered(lesson_class: LessonClass) -> tuple[OccupationChoice, ...]:
    level = lesson_class.rules.level
    return tuple(
        choice
        for choice in occupations.choices().values()
        if choice.level is level and choice.edition == "2022" and choice.code in OFFERED
    )
