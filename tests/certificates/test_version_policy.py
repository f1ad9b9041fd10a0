"""When a number may be printed anew, and when a revoked one may come back."""

from dataclasses import replace
from datetime import date

import pytest

from lms.certificates.version_policy import (
    LAST_VERSION,
    Chain,
    VersionCause,
    reissue_reasons,
    restore_reasons,
    version_note,
)

TODAY = date(2027, 3, 1)
GOOD = Chain(
    is_in_force=True, is_revoked=False, valid_until=date(2029, 11, 20), newest=1, has_unprinted=False,
    has_decision=False,
)  # fmt: skip
REVOKED = replace(GOOD, is_in_force=False, is_revoked=True)


def codes(chain: Chain, cause: VersionCause, present_name: str = "林书禾") -> list[str]:
    return [reason.code for reason in reissue_reasons(chain, cause, "林书禾", present_name, TODAY)]


def test_a_lost_sheet_is_printed_as_it_was_and_a_corrected_name_only_when_it_was_corrected() -> None:
    assert codes(GOOD, VersionCause.LOST) == []
    assert codes(GOOD, VersionCause.LEAKED) == []
    assert codes(GOOD, VersionCause.NAME_CORRECTED) == ["version.same_name"]
    assert codes(GOOD, VersionCause.NAME_CORRECTED, "林疏禾") == []
    assert codes(GOOD, VersionCause.LOST, "林疏禾") == ["version.other_name"]
    assert codes(GOOD, VersionCause.RESTORED) == ["version.cause"]


@pytest.mark.parametrize(
    ("chain", "code"),
    [
        (replace(GOOD, is_in_force=False), "version.not_in_force"),
        (replace(GOOD, valid_until=date(2027, 2, 28)), "version.expired"),
        (replace(GOOD, has_unprinted=True), "version.unprinted"),
        (replace(GOOD, has_decision=True), "version.decision"),
        (replace(GOOD, newest=LAST_VERSION), "version.many"),
    ],
)
def test_each_obstacle_is_named(chain: Chain, code: str) -> None:
    assert codes(chain, VersionCause.LOST) == [code]


def test_the_last_valid_day_still_counts() -> None:
    assert codes(replace(GOOD, valid_until=TODAY), VersionCause.LOST) == []


def test_only_a_revoked_certificate_with_its_pass_and_without_a_rival_comes_back() -> None:
    def found(chain: Chain, *, is_passed: bool = True, rival: str = "") -> list[str]:
        return [one.code for one in restore_reasons(chain, TODAY, is_passed=is_passed, rival_number=rival)]

    assert found(REVOKED) == []
    assert found(GOOD) == ["version.not_revoked"]
    assert found(REVOKED, is_passed=False) == ["version.not_passed"]
    assert found(REVOKED, rival="263401000520002") == ["version.rival"]
    assert found(replace(REVOKED, valid_until=date(2027, 2, 28))) == ["version.expired"]


def test_the_first_version_says_nothing_of_itself_and_later_ones_why_they_are() -> None:
    assert version_note(1, None, "2027年3月1日") == ""
    assert version_note(2, "lost", "2027年3月1日") == "第 2 版（2027年3月1日补发：原证书遗失）"
