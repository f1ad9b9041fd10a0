"""Months as the registry counts them."""

import itertools
from datetime import date

import pytest

from lms.registry.policy.entries import Month, month_of, months_from


def test_a_month_reaches_to_the_first_day_of_the_next() -> None:
    assert month_of("2027-02") == Month(date(2027, 2, 1), date(2027, 3, 1))
    assert month_of("2026-12") == Month(date(2026, 12, 1), date(2027, 1, 1))


@pytest.mark.parametrize(
    "key", ["", "2027", "2027-00", "2027-13", "2027-1", "1999-01", "２０２７-01", "2027-01 "]
)
def test_what_is_no_month_is_none(key: str) -> None:
    assert month_of(key) is None


def test_months_follow_each_other_over_the_turn_of_the_year_and_name_themselves() -> None:
    months = months_from(date(2026, 11, 30), 14)
    assert [month.key for month in months][:4] == ["2026-11", "2026-12", "2027-01", "2027-02"]
    assert all(one.after == other.first for one, other in itertools.pairwise(months))
    assert all(month_of(month.key) == month for month in months)
