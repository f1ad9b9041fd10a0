"""Validity ends the day before, local days count, and a sheet is checked before it is printed."""

from datetime import UTC, date, datetime

import pytest

from lms.certificates.policy.certificates import (
    CERTIFICATE,
    CertificateState,
    Standing,
    code_parts,
    grades_text,
    ground_reasons,
    local_day,
    normalise_code,
    standing,
    valid_until,
)
from lms.plans.policy import ExaminerLevel


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2026, 12, 8), date(2029, 12, 7)),
        (date(2026, 1, 1), date(2028, 12, 31)),
        (date(2024, 2, 29), date(2027, 2, 28)),  # no such day in 2027: the first of March stands for it
        (date(2025, 2, 28), date(2028, 2, 27)),
        (date(2025, 3, 1), date(2028, 2, 29)),
        (date(2027, 2, 28), date(2030, 2, 27)),
    ],
)
def test_three_years_end_on_the_day_before(first: date, last: date) -> None:
    assert valid_until(first, 3) == last


def test_a_leap_day_plus_four_years_is_a_leap_day_again() -> None:
    assert valid_until(date(2024, 2, 29), 4) == date(2028, 2, 28)


def test_the_day_of_issue_is_the_day_in_shanghai() -> None:
    assert local_day(datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC)) == date(2026, 12, 31)
    assert local_day(datetime(2026, 12, 31, 16, 0, tzinfo=UTC)) == date(2027, 1, 1)


def test_the_last_valid_day_counts_to_its_end_in_shanghai() -> None:
    until = date(2029, 12, 7)
    last_moment = datetime(2029, 12, 7, 15, 59, 59, tzinfo=UTC)
    assert standing(CertificateState.ISSUED, until, last_moment) is Standing.EXPIRING
    assert (
        standing(CertificateState.ISSUED, until, datetime(2029, 12, 7, 16, 0, tzinfo=UTC)) is Standing.EXPIRED
    )
    assert standing(CertificateState.ISSUED, until, datetime(2029, 9, 8, 0, 0, tzinfo=UTC)) is Standing.VALID
    assert (
        standing(CertificateState.ISSUED, until, datetime(2029, 9, 9, 0, 0, tzinfo=UTC)) is Standing.EXPIRING
    )


def test_a_revoked_certificate_stays_revoked_whatever_the_date() -> None:
    for moment in (datetime(2026, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)):
        assert standing(CertificateState.REVOKED, date(2029, 12, 7), moment) is Standing.REVOKED
    assert not any(CertificateState.REVOKED in move.sources for move in CERTIFICATE.moves.values())


def test_a_ground_is_four_to_two_hundred_signs() -> None:
    grounds = ("遗失", " 遗失 声明 ", "遗" * 200, "遗" * 201)
    assert [len(ground_reasons("version.words", words)) for words in grounds] == [1, 0, 0, 1]


def test_an_examiner_assesses_three_grades_and_a_senior_five() -> None:
    assert grades_text(ExaminerLevel.EXAMINER) == "五级/初级工、四级/中级工、三级/高级工"
    assert grades_text(ExaminerLevel.SENIOR).endswith("二级/技师、一级/高级技师")


def test_a_typed_code_is_folded_and_anything_else_is_no_code() -> None:
    code = "abcdefghjkmnpqrs"
    assert code_parts(code) == "abcd-efgh-jkmn-pqrs"
    assert normalise_code(" ABCD-efgh jkmn-PQRS ") == code
    for wrong in ("", "abc", code + "x", "abcdefghjkmnpq'-", "ａｂｃｄefghjkmnpqrs"):
        assert normalise_code(wrong) == ""
