"""What a page asks of the database does not grow with what lies there: a list is one statement, not one per line."""

from collections.abc import Callable

import pytest

from lms.accounts.policy import Role
from lms.core.unit_of_work import Runtime
from tests.factories.certificates import a_graduate, deliver_blank
from tests.factories.plans import a_plan
from tests.support.browser import Browser
from tests.support.people import KnownPerson, People
from tests.support.statements import statements

SignIn = Callable[[KnownPerson], Browser]


def count(runtime: Runtime, browser: Browser, path: str) -> int:
    browser.get(path)
    with statements(runtime) as seen:
        assert browser.get(path).status_code == 200
    return len(seen)


@pytest.mark.parametrize(
    ("path", "role", "most"),
    [
        ("/desk/registry", Role.REGISTRAR, 9),
        ("/desk/plans", Role.EXAM_ADMIN, 8),
        ("/desk", Role.REGISTRAR, 6),
        ("/desk/reviews", Role.REVIEWER, 8),
    ],
)
def test_a_list_of_many_costs_as_many_statements_as_a_list_of_one(
    runtime: Runtime, people: People, signed_in: SignIn, path: str, role: Role, most: int
) -> None:
    browser = signed_in(people.staff(role))
    plan = a_plan(runtime, people)
    deliver_blank(runtime, a_graduate(runtime, people, plan))
    one = count(runtime, browser, path)
    for _ in range(3):
        a_plan(runtime, people)
        deliver_blank(runtime, a_graduate(runtime, people, plan))
    assert count(runtime, browser, path) == one
    assert one <= most


def test_the_home_of_a_graduate_costs_the_same_whatever_lies_around_him(
    runtime: Runtime, people: People, signed_in: SignIn
) -> None:
    plan = a_plan(runtime, people)
    graduate = a_graduate(runtime, people, plan)
    deliver_blank(runtime, graduate)
    browser = signed_in(graduate.person)
    alone = count(runtime, browser, "/home")
    for _ in range(3):
        deliver_blank(runtime, a_graduate(runtime, people, plan))
    assert count(runtime, browser, "/home") == alone
    assert alone <= 32
