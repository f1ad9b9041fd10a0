"""When a number may be printed anew, and when a revoked one may come back."""

from dataclasses import replace
from datetime import date

import pytest

from lms.certificates.policy.versions import (
    LAST_VERSION,
    Chain,
    Identity,
    VersionCause,
    may_be_kept,
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


PRINTED = Identity("林书禾", "index of one", "3401**********0021", "女")


def codes(
    chain: Chain, cause: VersionCause, present_name: str = "林书禾", *, index: str = PRINTED.id_number_index,
    rival: str = "",
) -> list[str]:  # fmt: skip
    present = replace(PRINTED, name=present_name, id_number_index=index)
    return [reason.code for reason in reissue_reasons(chain, cause, PRINTED, present, TODAY, rival)]


def test_a_lost_sheet_is_printed_as_it_was_and_a_corrected_name_only_when_it_was_corrected() -> None:
    assert codes(GOOD, VersionCause.LOST) == []
    assert codes(GOOD, VersionCause.LEAKED) == []
    assert codes(GOOD, VersionCause.NAME_CORRECTED) == ["version.same_name"]
    assert codes(GOOD, VersionCause.NAME_CORRECTED, "林疏禾") == []
    assert codes(GOOD, VersionCause.LOST, "林疏禾") == ["version.other_name"]
    assert codes(GOOD, VersionCause.RESTORED) == ["version.cause"]


def test_an_id_number_is_corrected_once_the_profile_is_and_before_anything_else_is_printed() -> None:
    assert codes(GOOD, VersionCause.ID_CORRECTED) == ["version.same_id_number"]
    assert codes(GOOD, VersionCause.ID_CORRECTED, index="another") == []
    assert codes(GOOD, VersionCause.ID_CORRECTED, "林疏禾", index="another") == [], "the name goes with it"
    for cause in (VersionCause.NAME_CORRECTED, VersionCause.LOST, VersionCause.LEAKED):
        assert codes(GOOD, cause, "林疏禾", index="another") == ["version.other_id_number"]
        assert codes(GOOD, cause, index="another") == ["version.other_id_number"]


def test_an_id_number_that_is_registered_already_is_refused_with_the_number_it_has() -> None:
    assert codes(GOOD, VersionCause.ID_CORRECTED, index="another", rival="263401000520002") == [
        "version.id_number_taken"
    ]
    assert codes(GOOD, VersionCause.LOST, rival="263401000520002") == [], "nothing is moved under it"


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
    assert version_note(2, VersionCause.RENEWED, "2029年11月21日") == "第 2 版（2029年11月21日换证）"


def test_a_number_is_kept_under_its_own_rule_and_by_its_own_institution_alone() -> None:
    number = "263401000520037"
    assert may_be_kept(number, 1, "changzhou-15", "34010005")
    assert not may_be_kept(number, 1, "changzhou-15", "34020007")
    assert not may_be_kept(number, 1, "changzhou-14", "34010005")
    assert not may_be_kept("26340100020037", 1, "changzhou-15", "34010005"), (
        "fourteen digits of an older rule"
    )
    assert not may_be_kept(number, LAST_VERSION, "changzhou-15", "34010005")
    assert not may_be_kept("", 1, "changzhou-15", "34010005")


def test_a_renewal_is_nothing_that_a_registrar_asks_for() -> None:
    assert codes(GOOD, VersionCause.RENEWED) == ["version.cause"]
