"""The desk says what waits, since when, and what goes on today: only what the rooms really hold."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from lms.accounts.policy import OrganisationKind, Role
from lms.core import outbox
from lms.core.unit_of_work import Runtime
from lms.dashboards import queries
from lms.dashboards.policy import WAITING_NAMES, Waiting
from lms.dashboards.views import WHERE
from lms.plans.policy import PLAN_ZONE
from lms.questions import service as questions
from lms.registry.policy.entries import EntryState
from question_bank.exporting.xlsx import write_items
from tests.factories.certificates import a_graduate, number
from tests.factories.plans import OPERATOR, PROVINCE_ONLY, a_draft, a_plan, an_applicant
from tests.factories.population import Population
from tests.factories.questions import single
from tests.support.browser import Browser
from tests.support.people import KnownPerson, People
from tests.support.site import TEST_NOW, ClockControl

SignedIn = Callable[[KnownPerson], Browser]
HOUR = timedelta(hours=1)
TODAY = date(2026, 11, 21)


def desk(runtime: Runtime, people: People, *roles: Role, home: str | None = None) -> queries.DeskFacts:
    actor = people.actor(people.staff(*roles, organisation_id=home))
    with runtime.read() as uow:
        return queries.desk(uow, actor)


def waits(facts: queries.DeskFacts) -> dict[Waiting, tuple[int, timedelta]]:
    """Return how much of each kind waits, and since when, counted from the beginning of the test."""
    return {item.kind: (item.count, item.oldest - TEST_NOW) for item in facts.waiting}


def about(hours: int, found: timedelta) -> bool:
    return timedelta(0) <= found - hours * HOUR < timedelta(minutes=2)


def test_every_kind_of_work_has_words_and_a_place() -> None:
    assert set(WAITING_NAMES) == set(WHERE) == set(Waiting)


def test_reviews_wait_since_the_first_came(runtime: Runtime, people: People, clock: ClockControl) -> None:
    plan = a_plan(runtime, people, review_route=PROVINCE_ONLY)
    for _ in range(2):
        an_applicant(runtime, people, plan)
        clock.advance(3 * 3600)
    facts = desk(runtime, people, Role.REVIEWER)
    count, since = waits(facts)[Waiting.REVIEWS]
    assert count == facts.inbox_total == 2
    assert about(0, since)
    assert waits(desk(runtime, people, Role.REVIEWER, home=people.city_id)) == {}, "the city is not asked"


def test_an_exam_administrator_is_told_of_drafts_and_of_plans_that_are_over(
    runtime: Runtime, people: People, clock: ClockControl
) -> None:
    plan = a_plan(runtime, people)
    a_draft(runtime, people)
    assert set(waits(desk(runtime, people, Role.EXAM_ADMIN))) == {Waiting.DRAFTS}
    clock.set(plan.exam_until + HOUR)
    facts = desk(runtime, people, Role.EXAM_ADMIN)
    assert [item.kind for item in facts.waiting] == [Waiting.DRAFTS, Waiting.OVER], (
        "the longest waiting first"
    )
    assert facts.waiting[1].oldest == plan.exam_until
    assert waits(desk(runtime, people, Role.EXAM_ADMIN, home=people.city_id)) == {}


def test_a_checked_file_waits_for_the_question_administrator_and_a_taken_one_does_not(
    runtime: Runtime, people: People
) -> None:
    data = write_items([single("考评小组由谁派遣（ ）？")])
    with runtime.write() as uow:
        questions.import_questions(uow, OPERATOR, "一.xlsx", data)
    other = write_items([single("考评前应做什么（ ）？")])
    report = questions.read_file("二.xlsx", other)
    with runtime.write() as uow:
        questions.check_at_once(uow, OPERATOR, "二.xlsx", other, report)
    facts = desk(runtime, people, Role.QUESTION_ADMIN)
    assert waits(facts)[Waiting.IMPORTS][0] == 1
    assert facts.imports is not None
    assert {(line.filename, str(line.state), line.added_count) for line in facts.imports} == {
        ("一.xlsx", "accepted", 1), ("二.xlsx", "checked", None),
    }  # fmt: skip
    assert desk(runtime, people, Role.EXAM_ADMIN).imports is None


def test_suspended_entries_and_unprinted_certificates_wait_for_the_registrar_who_issued_them(
    runtime: Runtime, people: People
) -> None:
    population = Population(runtime, people, a_plan(runtime, people))
    population.entry(date(2028, 1, 1), state=EntryState.SUSPENDED)
    population.entry(date(2028, 1, 1))
    number(runtime, a_graduate(runtime, people, population.plan))
    waiting = waits(desk(runtime, people, Role.REGISTRAR))
    assert (waiting[Waiting.SUSPENDED][0], waiting[Waiting.PRINTING][0]) == (1, 1)
    assert waits(desk(runtime, people, Role.REGISTRAR, home=people.other_city_id)) == {}


def test_a_job_given_up_waits_for_the_administrator(runtime: Runtime, people: People) -> None:
    with runtime.write() as uow:
        row = uow.session.get(
            outbox.OutboxJob, outbox.put(uow.session, "certificates.render", "k", {}, uow.now)
        )
        assert row is not None
        row.failed_at, row.last_error = uow.now, "refused: unprintable"
    assert waits(desk(runtime, people, Role.ADMINISTRATOR))[Waiting.JOBS][0] == 1
    assert waits(desk(runtime, people, Role.AUDITOR)) == {}


def test_the_exams_of_today_are_those_whose_window_touches_the_day(runtime: Runtime, people: People) -> None:
    morning = TEST_NOW.astimezone(PLAN_ZONE).replace(hour=0, minute=0)
    day = timedelta(days=1)
    shared = {"study_from": morning, "study_until": morning + 11 * HOUR, "enrol_until": morning + 10 * HOUR}
    now = a_plan(
        runtime, people, title="今天", exam_from=morning + 10 * HOUR, exam_until=morning + 12 * HOUR, **shared
    )
    a_plan(runtime, people, title="明天", exam_from=morning + day, exam_until=morning + 2 * day, **shared)
    population = Population(runtime, people, now)
    ready, sits, done = (population.trainee(10800) for _ in range(3))
    population.attempt(sits, None)
    population.attempt(done, 95_00)
    population.trainee(500, employer_id=people.other_institution_id)
    assert ready
    found = desk(runtime, people, Role.EXAM_ADMIN).exams
    assert found is not None
    assert [(one.title, one.may_sit, one.sitting, one.passed) for one in found] == [("今天", 2, 1, 1)]
    elsewhere = desk(runtime, people, Role.INSTITUTION_OFFICER, home=people.other_institution_id).exams
    assert elsewhere is not None
    assert [(one.may_sit, one.sitting, one.passed) for one in elsewhere] == [(0, 0, 0)]
    assert desk(runtime, people, Role.EXAM_ADMIN, home=people.city_id).exams == ()
    assert desk(runtime, people, Role.REGISTRAR).exams is None


def test_the_plans_show_how_large_their_classes_are(runtime: Runtime, people: People) -> None:
    plan = a_plan(runtime, people)
    population = Population(runtime, people, plan)
    for counted in (None, 5000, 10800, 10800):
        population.trainee(counted)
    empty = a_plan(runtime, people, title="没有人")
    classes = desk(runtime, people, Role.EXAM_ADMIN).classes
    assert classes[plan.id] == queries.ClassSize(trainees=4, studied=2)
    assert empty.id not in classes


def test_entries_that_end_soon_are_named_to_their_registrar_and_to_their_employer(
    runtime: Runtime, people: People
) -> None:
    population = Population(runtime, people, a_plan(runtime, people))
    for employer_id, days in ((people.institution_id, 5), (people.other_institution_id, 8)):
        population.entry(TODAY + timedelta(days=days), employer_id=employer_id, issuer_id=employer_id)
    population.entry(TODAY + timedelta(days=90))
    population.entry(TODAY - timedelta(days=1))
    for role, home, days in (
        (Role.REGISTRAR, people.province_id, [5, 8]),
        (Role.REGISTRAR, people.other_city_id, [8]),
        (Role.INSTITUTION_OFFICER, people.institution_id, [5]),
    ):
        endings = desk(runtime, people, role, home=home).endings
        assert endings is not None
        assert [(line.valid_until - TODAY).days for line in endings] == days, role
    assert desk(runtime, people, Role.REVIEWER).endings is None


def test_the_page_says_all_of_it(
    signed_in: SignedIn, runtime: Runtime, people: People, clock: ClockControl
) -> None:
    plan = a_plan(runtime, people, review_route=PROVINCE_ONLY)
    population = Population(runtime, people, plan)
    population.attempt(population.trainee(10800), None)
    population.entry(TODAY + timedelta(days=5))
    an_applicant(runtime, people, plan)
    clock.advance(26 * 3600)
    page = signed_in(people.staff(Role.REVIEWER)).get("/desk").text
    assert "报名等您审核" in page
    assert "1 天 2 小时" in page
    assert "今天的考试" in page
    page = signed_in(people.staff(Role.REGISTRAR)).get("/desk").text
    assert "快到期的登记" in page
    assert "/desk/registry/" in page
    officer = people.staff(Role.INSTITUTION_OFFICER, organisation_id=people.institution_id)
    page = signed_in(officer).get("/desk").text
    assert "本单位人员" in page
    assert "快到期的登记" in page
    assert "/desk/registry" not in page, "the registry itself is not the officer's"
    page = signed_in(people.staff(Role.AUDITOR)).get("/desk").text
    assert "今天的审计记录" in page


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.INSTITUTION_OFFICER, Role.REGISTRAR, Role.AUDITOR])
def test_the_menu_leads_to_the_figures(signed_in: SignedIn, people: People, role: Role) -> None:
    browser = signed_in(people.staff(role))
    assert 'href="/desk/figures"' in browser.get("/desk").text
    assert browser.get("/desk/figures").status_code == 200


def test_the_figures_answer_what_is_asked_in_the_address(
    signed_in: SignedIn, runtime: Runtime, people: People
) -> None:
    plan = a_plan(runtime, people)
    population = Population(runtime, people, plan)
    for counted in (0, 10800):
        population.trainee(counted)
    browser = signed_in(people.staff(Role.EXAM_ADMIN))
    page = browser.get(f"/desk/figures?plan={plan.id}&organisation={people.city_id}").text
    assert "工作单位属于云浦市职业技能鉴定中心" in page
    assert "这个计划还没有学员" in browser.get(f"/desk/figures?organisation={people.other_city_id}").text
    for address in ("plan=nonsense", "organisation=nonsense", "plan=" + "x" * 500):
        assert browser.get(f"/desk/figures?{address}").status_code == 404
        assert browser.get(f"/desk/figures/behind?{address}").status_code == 404
    assert browser.get(f"/desk/figures/behind?plan={plan.id}&page=oops").status_code == 200
    assert f"/desk/figures?plan={plan.id}" in browser.get(f"/desk/plans/{plan.id}").text


def test_an_empty_house_says_so(signed_in: SignedIn, people: People) -> None:
    assert "还没有可以统计的计划" in signed_in(people.staff(Role.EXAM_ADMIN)).get("/desk/figures").text
    assert "今后十二个月没有到期的登记" in signed_in(people.staff(Role.REGISTRAR)).get("/desk/figures").text
    assert "没有低于按期节奏的人" in signed_in(people.staff(Role.REVIEWER)).get("/desk/figures/behind").text


def test_a_month_of_the_chart_opens_the_same_entries_in_the_registry(
    signed_in: SignedIn, runtime: Runtime, people: People
) -> None:
    population = Population(runtime, people, a_plan(runtime, people))
    population.entry(date(2027, 3, 31))
    population.entry(date(2027, 4, 1))
    browser = signed_in(people.staff(Role.REGISTRAR))
    assert 'href="/desk/registry?ends=2027-03"' in browser.get("/desk/figures").text
    page = browser.get("/desk/registry?ends=2027-03").text
    assert "2027年3月31日" in page
    assert "2027年4月1日" not in page
    assert "2027年3月到期" in page
    for nonsense in ("2027-13", "x", "99999"):
        assert "2027年4月1日" in browser.get(f"/desk/registry?ends={nonsense}").text, "no month, no narrowing"


def test_every_tier_is_a_kind_of_place(people: People, runtime: Runtime) -> None:
    with runtime.read() as uow:
        found = queries.places(uow, people.actor(people.staff(Role.AUDITOR)))
    assert found[0].kind is OrganisationKind.PROVINCE
    paths = [place.path for place in found]
    assert all(
        any(path.startswith(above) and path != above for above in paths) for path in paths if path != "/"
    ), "each stands below the one it belongs to"
