"""Plans that can be enrolled in, and people on their way through them."""

from collections.abc import Sequence
from dataclasses import replace

from lms.accounts.policy import OrganisationKind, Role
from lms.core.actors import Actor
from lms.core.unit_of_work import Runtime
from lms.courses.policy import AskedQuestion
from lms.courses.service import StoredLesson, add_course
from lms.enrolment import service as enrolment
from lms.enrolment.policy import ApplicationFacts
from lms.plans import service as plans
from lms.plans.occupations import choices
from lms.plans.policy import PLAN_ZONE, ExaminerLevel, PlanDraft, PlanFacts
from lms.plans.service import NewPlan, draft_of
from lms.questions.service import ensure_blueprint, import_questions
from question_bank.items import Blueprint, BlueprintSection, ItemType
from tests.support.people import KnownPerson, People

OPERATOR = Actor.system("operator")
ELECTRICIAN = f"2022:6-31-01-03:{ExaminerLevel.EXAMINER}"
SENIOR_ELECTRICIAN = f"2022:6-31-01-03:{ExaminerLevel.SENIOR}"
WELDER = f"2022:6-18-02-04:{ExaminerLevel.EXAMINER}"
LESSON_SECONDS = 63 * 60
PROVINCE_ONLY = (OrganisationKind.PROVINCE,)
ALL_TIERS = (OrganisationKind.INSTITUTION, OrganisationKind.CITY, OrganisationKind.PROVINCE)


def a_course(
    runtime: Runtime, *, lessons: int = 3, code: str = "c1", minima: Sequence[int] = (),
    stop_at: int | Sequence[int] = (),
) -> str:  # fmt: skip
    """Register a course of lessons of 63 minutes: three are five per cent more than 180 minutes.

    `minima` are the seconds that the first lessons ask for, `stop_at` where the first lesson asks its questions.
    """
    stops = [stop_at] if isinstance(stop_at, int) else stop_at
    questions = tuple(a_question(at, number) for number, at in enumerate(stops, 1))
    key = runtime.storage.put(b"a film that nobody plays")
    stored = [
        StoredLesson(
            f"第 {n} 课", "", LESSON_SECONDS * 1000, key, 24, min_seconds=dict(enumerate(minima, 1)).get(n, 0),
            questions=questions if n == 1 else (),
        )
        for n in range(1, lessons + 1)
    ]  # fmt: skip
    with runtime.write() as uow:
        return add_course(uow, OPERATOR, code, "考评员培训", stored).id


def a_question(at: int, number: int = 1) -> AskedQuestion:
    """Make an in-lesson question whose second option is right."""
    return AskedQuestion(
        at, f"第 {number} 问：考评小组一般不少于几人？", ("二人", "三人", "四人"), 1, "见考评规程。"
    )


def a_blueprint(runtime: Runtime, *, questions: int = 12, draws: int = 10) -> str:
    """Fill the bank with single-choice questions and keep a blueprint of 100 points that draws some of them."""
    rows = ["题型,题干,选项A,选项B,选项C,选项D,答案,解析,知识领域,难度,依据"]
    rows += [
        f"单选题,第 {n} 问：考评小组一般不少于几人？,{n},二,三,四,C,见通知。,考务管理,易,N3"
        for n in range(1, questions + 1)
    ]
    section = BlueprintSection(ItemType.SINGLE, None, None, draws, 100_00 // draws)
    with runtime.write() as uow:
        import_questions(uow, OPERATOR, "q.csv", "\n".join(rows).encode(), default_area="workflow")
        return ensure_blueprint(uow, OPERATOR, f"b{draws}", f"{draws} 题", Blueprint((section,)))


def a_draft(runtime: Runtime, people: People, template: str = "anhui", **changes: object) -> PlanFacts:
    """Begin a plan for the province today and write everything into it that publishing asks for."""
    course_id, blueprint_id = a_course(runtime), a_blueprint(runtime)
    with runtime.write() as uow:
        today = uow.now.astimezone(PLAN_ZONE).date()
        plan = plans.create_from_template(
            uow, OPERATOR, NewPlan(template, "2026年第四期考评员培训班", today, people.province_id)
        )
        whole: PlanDraft = replace(
            draft_of(plan), course_id=course_id, blueprint_id=blueprint_id,
            occupations=(choices()[ELECTRICIAN], choices()[WELDER], choices()[SENIOR_ELECTRICIAN]),
        )  # fmt: skip
        return plans.edit_draft(uow, OPERATOR, plan.id, replace(whole, **changes))  # type: ignore[arg-type]  # a test names the fields it changes


def a_plan(runtime: Runtime, people: People, template: str = "anhui", **changes: object) -> PlanFacts:
    """Return a published plan that can be enrolled in now."""
    plan = a_draft(runtime, people, template, **changes)
    with runtime.write() as uow:
        return plans.publish(uow, OPERATOR, plan.id)


def an_applicant(
    runtime: Runtime, people: People, plan: PlanFacts, *, choice: str = ELECTRICIAN, person: KnownPerson | None = None,
    employer_id: str | None = None,
) -> tuple[KnownPerson, ApplicationFacts]:  # fmt: skip
    """Let somebody hand in an application."""
    trainee = person or people.trainee(employer_id=employer_id)
    actor = people.actor(trainee)
    with runtime.write() as uow:
        begun = enrolment.start(uow, actor, plan.id, choice)
        return trainee, enrolment.submit_application(uow, actor, begun.id, statements_accepted=True)


def an_approved_trainee(
    runtime: Runtime, people: People, plan: PlanFacts
) -> tuple[KnownPerson, ApplicationFacts]:
    """Let somebody apply and have every tier approve; the first stage is open then."""
    trainee, application = an_applicant(runtime, people, plan)
    for tier in application.route:
        reviewer = people.actor(a_reviewer(people, tier))
        with runtime.write() as uow:
            application = enrolment.approve(uow, reviewer, application.id)
    return trainee, application


def a_reviewer(people: People, tier: OrganisationKind, organisation_id: str | None = None) -> KnownPerson:
    """Return a reviewer of a tier, by default above the usual institution."""
    homes = {
        OrganisationKind.PROVINCE: people.province_id,
        OrganisationKind.CITY: people.city_id,
        OrganisationKind.INSTITUTION: people.institution_id,
    }
    role = Role.INSTITUTION_OFFICER if tier is OrganisationKind.INSTITUTION else Role.REVIEWER
    return people.staff(role, organisation_id=organisation_id or homes[tier])
