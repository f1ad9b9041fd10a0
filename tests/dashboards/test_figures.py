"""Figures of small populations, counted by hand: on both databases, within every scope, in a fixed number of reads."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from lms.accounts.policy import OrganisationKind, Role
from lms.core.actors import Actor
from lms.core.errors import NotFound
from lms.core.unit_of_work import Runtime
from lms.dashboards import queries
from lms.dashboards.policy import Figure, figures_of
from lms.enrolment.policy import StageState
from lms.plans.policy import PlanFacts
from lms.registry.policy.entries import EntryState
from lms.registry.queries.search import EntryFilter, entries
from lms.study.policy.pace import pace_seconds
from tests.factories.plans import a_draft, a_plan
from tests.factories.population import Population
from tests.support.people import People
from tests.support.site import TEST_NOW
from tests.support.statements import statements

TODAY = date(2026, 11, 21)


@pytest.fixture
def plan(runtime: Runtime, people: People) -> PlanFacts:
    return a_plan(runtime, people)


@pytest.fixture
def population(runtime: Runtime, people: People, plan: PlanFacts) -> Population:
    return Population(runtime, people, plan)


@pytest.fixture
def exam_admin(people: People) -> Actor:
    return people.actor(people.staff(Role.EXAM_ADMIN))


def figures(
    runtime: Runtime, actor: Actor, plan_id: str = "", organisation_id: str = "", now: datetime | None = None
) -> queries.FiguresFacts:
    with runtime.read(now) as uow:
        return queries.figures(uow, actor, plan_id, organisation_id)


def half_way(plan: PlanFacts) -> datetime:
    return plan.study_from + (plan.study_until - plan.study_from) / 2


# -- the pace --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "expected"), [(-0.1, 0), (0, 0), (0.25, 2700), (0.5, 5400), (1, 10800), (1.5, 10800)]
)
def test_the_pace_goes_evenly_through_the_window(part: float, expected: int) -> None:
    opens, length = TEST_NOW, timedelta(days=8)
    assert pace_seconds(10800, opens, opens + length, opens + part * length) == expected


def test_the_pace_never_rounds_up() -> None:
    assert pace_seconds(10, TEST_NOW, TEST_NOW + timedelta(seconds=3), TEST_NOW + timedelta(seconds=2)) == 6


# -- study progress --------------------------------------------------------------------------------------


def test_everybody_stands_in_one_tenth_and_180_minutes_are_a_part_of_their_own(
    runtime: Runtime, plan: PlanFacts, population: Population, exam_admin: Actor
) -> None:
    for counted in (None, 0, 1079, 1080, 5399, 5400, 10799, 10800, 11000):
        population.trainee(counted)
    study = figures(runtime, exam_admin, now=half_way(plan)).study
    assert study is not None
    assert study.parts == (3, 1, 0, 0, 1, 1, 0, 0, 0, 1, 2)
    assert (study.trainees, study.complete) == (9, 2)
    assert study.counted == 0 + 0 + 1079 + 1080 + 5399 + 5400 + 10799 + 10800 + 11000
    assert study.average == study.counted // 9
    assert (study.pace, study.behind) == (5400, 5)


def test_who_is_behind_is_listed_by_name_the_least_studied_first(
    runtime: Runtime, plan: PlanFacts, population: Population, exam_admin: Actor
) -> None:
    for counted in (7000, 100, None, 3000, 10800):
        population.trainee(counted)
    population.trainee(0, stage=StageState.WAIVED)
    with runtime.read(half_way(plan)) as uow:
        choice = queries.choose(uow, exam_admin, plan.id)
        assert choice.plan is not None
        lines, page, pace = queries.behind_lines(uow, exam_admin, choice.plan)
    assert [line.counted for line in lines] == [0, 100, 3000]
    assert page.total == 3
    assert all(line.counted < pace and line.may_open for line in lines)
    assert {line.employer_name for line in lines} == {"云浦电力技能评价中心"}


def test_nobody_is_behind_on_the_first_day_and_everybody_unfinished_on_the_last(
    runtime: Runtime, plan: PlanFacts, population: Population, exam_admin: Actor
) -> None:
    for counted in (0, 10799, 10800):
        population.trainee(counted)
    with runtime.read(plan.study_from) as uow:
        assert queries.figures(uow, exam_admin).study.behind == 0
    with runtime.read(plan.study_until) as uow:
        assert queries.figures(uow, exam_admin).study.behind == 2


# -- scores and pass rates -------------------------------------------------------------------------------


def test_scores_lie_in_bins_of_five_points_and_attempts_are_told_apart(
    runtime: Runtime, population: Population, exam_admin: Actor
) -> None:
    first = (0, 4_99, 5_00, 89_50, 90_00, 94_99, 95_00, 100_00)
    applications = [population.trainee(10800) for _ in first]
    for application_id, score in zip(applications, first, strict=True):
        population.attempt(application_id, score)
    population.attempt(applications[2], 100_00, number=2)
    population.attempt(applications[3], 80_00, number=2)
    sits = population.trainee(10800)
    population.attempt(sits, None)
    population.attempt(population.trainee(10800), 50_00, voided=True)
    scores = figures(runtime, exam_admin).scores
    assert scores is not None
    assert {place: count for place, count in enumerate(scores.bins[0]) if count} == {
        0: 2,
        1: 1,
        17: 1,
        18: 2,
        19: 2,
    }
    assert {place: count for place, count in enumerate(scores.bins[1]) if count} == {16: 1, 19: 1}
    assert scores.attempts == (8, 2)
    assert scores.averages == (sum(first) // 8, 90_00)
    assert scores.pass_mark == 90_00


def test_a_pass_rate_counts_people_once_and_names_the_second_chance(
    runtime: Runtime, people: People, plan: PlanFacts, population: Population, exam_admin: Actor
) -> None:
    for scores in ((95_00,), (80_00, 92_00), (70_00, 60_00), (89_50,)):
        application_id = population.trainee(10800)
        for number, score in enumerate(scores, start=1):
            population.attempt(application_id, score, number=number)
    later = Population(runtime, people, a_plan(runtime, people, title="第五期"))
    later.attempt(later.trainee(10800), 90_00)
    passes = figures(runtime, exam_admin).passes
    assert passes is not None
    assert [(line.title, line.candidates, line.passed_first, line.passed) for line in passes] == [
        ("第五期", 1, 1, 1),
        (plan.title, 4, 1, 2),
    ]


# -- expiry ----------------------------------------------------------------------------------------------


def test_entries_end_in_the_month_of_their_last_day_for_twelve_months(
    runtime: Runtime, people: People, population: Population
) -> None:
    for until in (
        date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 30), date(2026, 12, 1), date(2027, 2, 28),
        date(2027, 10, 31), date(2027, 11, 1),
    ):  # fmt: skip
        population.entry(until)
    population.entry(date(2026, 12, 5), state=EntryState.SUSPENDED)
    population.entry(date(2026, 12, 5), state=EntryState.REVOKED)
    registrar = people.actor(people.staff(Role.REGISTRAR))
    facts = figures(runtime, registrar)
    assert facts.expiry is not None
    found = {line.month.key: line.count for line in facts.expiry}
    assert list(found) == ["2026-11", "2026-12", *(f"2027-{month:02d}" for month in range(1, 11))]
    assert {key: count for key, count in found.items() if count} == {
        "2026-11": 2, "2026-12": 2, "2027-02": 1, "2027-10": 1,
    }  # fmt: skip
    assert (facts.study, facts.scores, facts.passes) == (None, None, None)
    with runtime.read() as uow:
        for key, count in found.items():
            assert entries(uow, registrar, EntryFilter(ends=key)).page.total == count, (
                "the link leads to the same"
            )
        assert [line.valid_until for line in queries.next_endings(uow, registrar)] == [
            date(2026, 11, 21), date(2026, 11, 30), date(2026, 12, 1), date(2026, 12, 5),
        ]  # fmt: skip


# -- who sees what ---------------------------------------------------------------------------------------


def test_each_role_sees_its_figures_and_no_other(people: People) -> None:
    seen = {role: set(figures_of(people.actor(people.staff(role)))) for role in Role}
    people_figures = {Figure.STUDY, Figure.PASSES}
    assert seen == {
        Role.TRAINEE: set(),
        Role.QUESTION_ADMIN: set(),
        Role.INSTITUTION_OFFICER: people_figures | {Figure.EXPIRY},
        Role.REVIEWER: people_figures,
        Role.EXAM_ADMIN: people_figures | {Figure.SCORES},
        Role.INVIGILATOR: set(),
        Role.ADMINISTRATOR: people_figures | {Figure.SCORES},
        Role.REGISTRAR: {Figure.EXPIRY},
        Role.AUDITOR: set(Figure),
    }


def counted(runtime: Runtime, actor: Actor, organisation_id: str = "") -> tuple[int | None, ...]:
    """Return how many people each figure counts for somebody."""
    facts = figures(runtime, actor, organisation_id=organisation_id)
    return (
        facts.study.trainees if facts.study else None,
        sum(facts.scores.attempts) if facts.scores else None,
        sum(line.candidates for line in facts.passes) if facts.passes is not None else None,
        sum(line.count for line in facts.expiry) if facts.expiry is not None else None,
    )


def test_a_scope_is_never_left_whatever_the_role(
    runtime: Runtime, people: People, population: Population
) -> None:
    """Three work at one institution, two at another; the plan is the province's, the entries their institutions'."""
    for employer_id, size in ((people.institution_id, 3), (people.other_institution_id, 2)):
        for _ in range(size):
            application_id = population.trainee(10800, employer_id=employer_id)
            population.attempt(application_id, 95_00)
            population.entry(date(2027, 3, 1), application_id=application_id, issuer_id=employer_id)

    def seen(role: Role, home: str, organisation_id: str = "") -> tuple[int | None, ...]:
        return counted(runtime, people.actor(people.staff(role, organisation_id=home)), organisation_id)

    assert seen(Role.EXAM_ADMIN, people.province_id) == (5, 5, 5, None)
    assert seen(Role.EXAM_ADMIN, people.province_id, people.city_id) == (3, 3, 3, None)
    assert seen(Role.EXAM_ADMIN, people.province_id, people.other_institution_id) == (2, 2, 2, None)
    assert seen(Role.EXAM_ADMIN, people.city_id) == (None, None, 0, None), (
        "the province's plan is not the city's"
    )
    assert seen(Role.REVIEWER, people.city_id) == (3, None, 3, None)
    assert seen(Role.INSTITUTION_OFFICER, people.other_institution_id) == (2, None, 2, 2)
    assert seen(Role.REGISTRAR, people.province_id) == (None, None, None, 5)
    assert seen(Role.REGISTRAR, people.city_id) == (None, None, None, 3)
    assert seen(Role.REGISTRAR, people.institution_id) == (None, None, None, 3)
    assert seen(Role.AUDITOR, people.province_id) == (5, 5, 5, 5)
    assert seen(Role.AUDITOR, people.province_id, people.city_id) == (3, 3, 3, 3)


def test_two_roles_in_two_places_add_up_and_lend_each_other_nothing(
    runtime: Runtime, people: People, population: Population
) -> None:
    for employer_id in (people.institution_id, people.other_institution_id):
        population.entry(date(2027, 3, 1), employer_id=employer_id, issuer_id=employer_id)
    officer = people.actor(people.staff(Role.INSTITUTION_OFFICER, organisation_id=people.institution_id))
    reviewer = people.actor(people.staff(Role.REVIEWER, organisation_id=people.other_city_id))
    both = Actor(officer.person_id, officer.label, (*officer.grants, *reviewer.grants))
    assert counted(runtime, both) == (2, None, 0, 1)


def test_what_lies_outside_a_scope_is_not_there_to_be_chosen(
    runtime: Runtime, people: People, plan: PlanFacts, population: Population
) -> None:
    population.trainee()
    stranger = people.actor(
        people.staff(Role.INSTITUTION_OFFICER, organisation_id=people.other_institution_id)
    )
    draft = a_draft(runtime, people)
    for plan_id, organisation_id in (
        (plan.id, ""),
        (draft.id, ""),
        ("0" * 16, ""),
        ("", people.institution_id),
    ):
        with pytest.raises(NotFound):
            figures(runtime, stranger, plan_id, organisation_id)
    facts = figures(runtime, stranger)
    assert facts.choice.plans == ()
    assert [place.id for place in facts.choice.places] == [people.other_institution_id]


def test_the_plan_that_is_running_is_shown_first(
    runtime: Runtime, people: People, plan: PlanFacts, exam_admin: Actor
) -> None:
    later = timedelta(days=60)
    coming = a_plan(
        runtime, people, title="明年第一期", enrol_from=plan.enrol_from + later, enrol_until=plan.enrol_until + later,
        study_from=plan.study_from + later, study_until=plan.study_until + later, exam_from=plan.exam_from + later,
        exam_until=plan.exam_until + later,
    )  # fmt: skip
    choice = figures(runtime, exam_admin).choice
    assert [one.id for one in choice.plans] == [coming.id, plan.id]
    assert choice.plan is not None
    assert choice.plan.id == plan.id
    assert figures(runtime, exam_admin, coming.id).choice.plan.id == coming.id


# -- cost ------------------------------------------------------------------------------------------------


def test_the_number_of_reads_does_not_grow_with_the_people(
    runtime: Runtime, people: People, plan: PlanFacts, population: Population
) -> None:
    auditor = people.actor(people.staff(Role.AUDITOR, Role.EXAM_ADMIN, Role.REVIEWER))

    def cost(ask: Callable[[], object]) -> int:
        with statements(runtime) as asked:
            ask()
        return len(asked)

    def everything() -> tuple[int, int]:
        return cost(lambda: figures(runtime, auditor, plan.id)), cost(lambda: desk(runtime, auditor))

    population.attempt(population.trainee(10800), 95_00)
    population.entry(TODAY + timedelta(days=3))
    before = everything()
    for number in range(12):
        population.attempt(population.trainee(10800), number * 8_00)
        population.entry(TODAY + timedelta(days=number * 20))
        Population(runtime, people, a_plan(runtime, people, title=f"第 {number} 期")).trainee(number * 900)
    assert everything() == before
    assert before[0] == 6, "organisations, plans, and one for each of four figures"


def desk(runtime: Runtime, actor: Actor) -> queries.DeskFacts:
    with runtime.read() as uow:
        return queries.desk(uow, actor)


def test_nothing_at_all_is_counted_as_nothing(runtime: Runtime, people: People) -> None:
    auditor = people.actor(people.staff(Role.AUDITOR))
    facts = figures(runtime, auditor)
    assert facts.choice.plan is None
    assert (facts.study, facts.scores, facts.passes) == (None, None, ())
    assert facts.expiry is not None
    assert sum(line.count for line in facts.expiry) == 0
    assert {place.kind for place in facts.choice.places} == set(OrganisationKind)
