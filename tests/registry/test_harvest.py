"""Whoever tries to gather names from the public check gathers none, and cannot tell one miss from another."""

import io
import re

import pytest

from lms.accounts.policy import Role
from lms.certificates.file_traces import look_at
from lms.certificates.queries.certificates import CertificateFacts, find_by_number
from lms.core.unit_of_work import Runtime
from lms.registry.policy.entries import LOOKUPS_PER_MINUTE
from lms.registry.policy.files import BatchRow, FileVerdict, RowState
from lms.registry.queries.verification import answer_file, answer_rows
from tests.factories.certificates import a_graduate, deliver_blank
from tests.factories.plans import a_plan
from tests.support.browser import Browser
from tests.support.people import People
from tests.support.site import ClockControl

NUMBERS = 10_000
COMMON = ("王伟", "李娜", "张敏", "刘洋", "陈静")
"""Names a guesser would try first; no holder of these tests has one."""
CHANGES_BY_ITSELF = re.compile(r'csrf[^>]*>|\d{2}:\d{2}:\d{2}|name="request-id"[^>]*>')

pytestmark = pytest.mark.one_database


@pytest.fixture
def certificates(runtime: Runtime, people: People) -> list[CertificateFacts]:
    """Certificates whose numbers stand in a row, as numbers do."""
    plan = a_plan(runtime, people)
    return [deliver_blank(runtime, a_graduate(runtime, people, plan, photo=False)) for _ in range(5)]


def around(certificate: CertificateFacts) -> list[str]:
    """Return every serial number of the institution's year, the issued ones among them."""
    return [f"{certificate.number[:-4]}{serial:04d}" for serial in range(NUMBERS)]


def test_walking_ten_thousand_numbers_with_guessed_names_finds_nobody(
    runtime: Runtime, certificates: list[CertificateFacts]
) -> None:
    found = []
    with runtime.read() as uow:
        for place, number in enumerate(around(certificates[0])):
            found.append(find_by_number(uow, number, COMMON[place % len(COMMON)]))
    assert found == [None] * NUMBERS


def test_a_file_full_of_numbers_reads_the_same_whether_they_exist_or_not(
    runtime: Runtime, certificates: list[CertificateFacts]
) -> None:
    numbers = around(certificates[0])
    with runtime.read() as uow:
        answers = [
            answer_file(uow, look_at(b"%PDF-1.7\n" + " ".join(numbers[start : start + 500]).encode()))
            for start in range(0, NUMBERS, 500)
        ]
        issued = answer_file(uow, look_at(b"%PDF-1.7 " + certificates[0].number.encode()))
    assert {(one.verdict, one.findings, one.view) for one in [*answers, issued]} == {
        (FileVerdict.FOREIGN, issued.findings, None)
    }


def test_a_list_of_numbers_under_wrong_names_finds_nobody(
    runtime: Runtime, certificates: list[CertificateFacts]
) -> None:
    numbers = [number for number in around(certificates[0]) if not number.endswith("0000")]
    with runtime.read() as uow:
        answers = [
            one
            for start in range(0, len(numbers), 500)
            for one in answer_rows(
                uow, [BatchRow(2, number, COMMON[0]) for number in numbers[start : start + 500]]
            )
        ]
    assert {(one.standing, one.occupation, one.level, one.valid_until, one.name) for one in answers} == {
        (RowState.NOT_FOUND, None, None, None, COMMON[0])
    }


def test_a_wrong_name_and_a_number_nobody_has_are_the_same_page(
    browser: Browser, certificates: list[CertificateFacts]
) -> None:
    def page(number: str) -> str:
        browser.get("/verify")
        reply = browser.post("/verify", {"number": number, "name": COMMON[0]})
        assert reply.status_code == 404
        return CHANGES_BY_ITSELF.sub("", reply.text).replace(number, "")

    nobody = f"{certificates[0].number[:-4]}9876"
    assert page(certificates[0].number) == page(nobody)
    bodies = [
        browser.client.post("/api/v1/verify", json={"number": number, "name": COMMON[0]})
        for number in (certificates[0].number, nobody)
    ]
    assert [(one.status_code, sorted(one.json or {})) for one in bodies] == [(404, ["as_of", "found"])] * 2


def test_who_asks_without_end_is_told_to_wait_and_learns_nothing(
    browser: Browser, certificates: list[CertificateFacts], clock: ClockControl
) -> None:
    clock.advance(60 - clock.now().second)
    names = {one.holder_name for one in certificates}
    statuses = []
    for number in around(certificates[0])[: LOOKUPS_PER_MINUTE + 20]:
        reply = browser.client.post("/api/v1/verify", json={"number": number, "name": COMMON[0]})
        statuses.append(reply.status_code)
        assert not any(name in reply.text for name in names)
    assert statuses.count(404) == LOOKUPS_PER_MINUTE
    assert set(statuses) == {404, 422, 429}, "the serial number 0000 is none, and is not looked up"


def test_the_number_of_an_employers_lists_is_bounded_too(
    signed_in,
    people: People,
    clock: ClockControl,  # type: ignore[no-untyped-def]
) -> None:
    clock.advance(60 - clock.now().second)
    officer = signed_in(people.staff(Role.INSTITUTION_OFFICER))
    statuses = []
    for _ in range(8):
        officer.get("/desk/verification")
        table = "证书编号,姓名\n263401000520001,王伟\n".encode()
        reply = officer.post("/desk/verification", {"file": (io.BytesIO(table), "list.csv")})
        statuses.append(reply.status_code)
    assert statuses == [200] * 6 + [429] * 2
