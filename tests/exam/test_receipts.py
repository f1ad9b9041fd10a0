"""A receipt: made from what the server received, the same for candidate and staff, and not to be invented."""

import re
from collections.abc import Callable

from lms.accounts.policy import Role
from lms.exam.queries.receipts import Receipt, receipt_of
from tests.exam.conftest import Candidate, ExamHouse
from tests.support.browser import Browser
from tests.support.owner import by_force
from tests.support.people import KnownPerson

SignIn = Callable[[KnownPerson], Browser]
CODE = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}")


def receipt(house: ExamHouse, attempt_id: str) -> Receipt:
    with house.runtime.read() as uow:
        found = receipt_of(uow, house.attempt(attempt_id))
    assert found is not None
    return found


def test_candidate_and_staff_read_the_same_code(
    house: ExamHouse, candidate: Candidate, signed_in: SignIn
) -> None:
    attempt_id = house.start(candidate)
    house.save(candidate, attempt_id, 1, 1, {house.options(attempt_id, 1)[0]})
    house.save(candidate, attempt_id, 2, 1, set())
    with house.runtime.read() as uow:
        assert receipt_of(uow, house.attempt(attempt_id)) is None, "nothing is received for good yet"
    house.hand_in(candidate, attempt_id)
    made = receipt(house, attempt_id)
    assert CODE.fullmatch(made.code)
    assert made.answered == 1
    assert made == receipt(house, attempt_id)
    assert made.code in signed_in(candidate.person).get(f"/exam/attempts/{attempt_id}/result").text
    staff = signed_in(house.people.staff(Role.EXAM_ADMIN))
    assert made.code in staff.get(f"/exam/desk/attempts/{attempt_id}").text


def test_another_answer_would_be_another_code(house: ExamHouse, candidate: Candidate) -> None:
    attempt_id = house.start(candidate)
    first, second, *_ = house.options(attempt_id, 1)
    house.save(candidate, attempt_id, 1, 1, {first})
    house.hand_in(candidate, attempt_id)
    before = receipt(house, attempt_id)
    by_force(
        house.runtime, f"UPDATE answer_revision SET choice = '{second}' WHERE attempt_id = '{attempt_id}'"
    )
    assert receipt(house, attempt_id).code != before.code
