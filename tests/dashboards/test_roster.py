"""An officer sees the people of his institution and how far each of them has come."""

import re
from collections.abc import Callable

import pytest

from lms.accounts import service as accounts
from lms.accounts.policy import Role
from lms.core.unit_of_work import Runtime
from lms.dashboards import queries
from lms.enrolment import service as enrolment
from tests.factories.plans import a_plan, an_applicant, an_approved_trainee
from tests.support.browser import Browser
from tests.support.people import KnownPerson, People

SignedIn = Callable[[KnownPerson], Browser]


@pytest.fixture
def officer(people: People) -> KnownPerson:
    return people.staff(Role.INSTITUTION_OFFICER, organisation_id=people.institution_id)


def row_of(page: str, name: str) -> str:
    """Return the words of somebody's row."""
    found = next(row for row in re.findall(r"<tr>.*?</tr>", page, re.DOTALL) if f"{name}<" in row)
    return " ".join(re.sub(r"<[^>]+>", " ", found).split())


def test_an_officer_sees_the_people_of_his_own_institution_masked(
    people: People, signed_in: SignedIn, runtime: Runtime, officer: KnownPerson
) -> None:
    own, foreign = people.trainee(), people.trainee(employer_id=people.other_institution_id)
    page = signed_in(officer).get("/desk/roster").text
    assert own.name in page
    assert own.login_name not in page
    assert f"{own.login_name[:3]}****{own.login_name[-4:]}" in page
    assert foreign.login_name[-4:] not in page
    with runtime.read() as uow:
        found = queries.roster(uow, people.actor(officer))
    assert [line.person_id for line in found.lines] == [own.id]


def test_each_line_says_where_its_person_stands_and_leads_to_his_case(
    people: People, signed_in: SignedIn, runtime: Runtime, officer: KnownPerson
) -> None:
    plan = a_plan(runtime, people)
    idle = people.trainee()
    applied, waiting = an_applicant(runtime, people, plan)
    studying, approved = an_approved_trainee(runtime, people, plan)
    gone, withdrawn = an_applicant(runtime, people, plan)
    with runtime.write() as uow:
        enrolment.withdraw(uow, people.actor(gone), withdrawn.id)
    again = a_plan(runtime, people)
    _, second = an_applicant(runtime, people, again, person=gone)
    browser = signed_in(officer)
    page = browser.get("/desk/roster").text
    assert "还没有报名" in row_of(page, idle.name)
    assert "待审核" in row_of(page, applied.name)
    assert "学习" in row_of(page, studying.name)
    assert "待审核" in row_of(page, gone.name), "what was withdrawn is not where he stands"
    for application in (waiting, approved, second):
        assert browser.get(f"/desk/reviews/{application.id}").status_code == 200
        assert f'href="/desk/reviews/{application.id}"' in page
    assert withdrawn.id not in page


def test_a_name_is_found_and_one_employer_needs_no_column(
    people: People, signed_in: SignedIn, officer: KnownPerson
) -> None:
    first, second = people.trainee(), people.trainee()
    browser = signed_in(officer)
    assert ">工作单位</th>" not in browser.get("/desk/roster").text
    page = browser.get("/desk/roster", query_string={"q": first.name}).text
    assert first.name in page
    assert second.name not in page
    assert "没有符合条件的人" in browser.get("/desk/roster", query_string={"q": "%"}).text
    for number in ("0", "x", "99999999"):
        assert browser.get(f"/desk/roster?page={number}").status_code == 200
    wide = people.staff(Role.INSTITUTION_OFFICER, organisation_id=people.institution_id)
    with people.runtime.write() as uow:
        accounts.grant_role(
            uow, people.operator, wide.id, Role.INSTITUTION_OFFICER, people.other_institution_id
        )
    people.trainee(employer_id=people.other_institution_id)
    assert ">工作单位</th>" in signed_in(wide).get("/desk/roster").text
