"""The rules of accounts: ID numbers (GB 11643), passwords, sessions, roles and the profile gate."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.accounts import policy
from lms.accounts.policy import (
    ABSOLUTE_LIMIT,
    IDLE_LIMIT,
    REQUIRED_CONSENTS,
    OrganisationKind,
    ProfileFacts,
    ResidentId,
    Role,
    identity,
    limits,
    read_resident_id,
)
from lms.core.errors import Reason

TODAY = date(2026, 11, 21)
WEIGHTS = [2 ** (17 - place) % 11 for place in range(17)]
"""GB 11643 gives the weights as powers of two modulo 11; the house lists them."""


def with_check(body: str) -> str:
    """Complete seventeen digits by the standard's own formula: the sum over all eighteen is 1 modulo 11."""
    total = sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True))
    return body + "10X98765432"[total % 11]


bodies = st.builds(
    lambda province, district, birth, serial: f"{province}{district:04d}{birth:%Y%m%d}{serial:03d}",
    st.sampled_from(sorted(identity._ID_PROVINCES)), st.integers(0, 9999),
    st.dates(date(1900, 1, 1), TODAY), st.integers(0, 999),
)  # fmt: skip


@given(bodies)
def test_every_number_that_follows_the_standard_is_read(body: str) -> None:
    read = read_resident_id(with_check(body), TODAY)
    assert isinstance(read, ResidentId)
    assert f"{read.birth_date:%Y%m%d}" == body[6:14]
    assert read.sex == ("男" if int(body[16]) % 2 else "女")


@given(bodies, st.integers(0, 17), st.integers(1, 9))
def test_any_single_digit_changed_is_refused(body: str, place: int, shift: int) -> None:
    number = with_check(body)
    changed = str(shift) if number[place] == "X" else str((int(number[place]) + shift) % 10)
    assert isinstance(read_resident_id(number[:place] + changed + number[place + 1 :], TODAY), Reason)


@given(bodies, st.integers(0, 16))
def test_two_neighbours_exchanged_are_refused(body: str, place: int) -> None:
    number = with_check(body)
    if number[place] == number[place + 1]:
        return
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert isinstance(read_resident_id(swapped, TODAY), Reason)


@given(st.text(max_size=30))
def test_any_text_is_answered(text: str) -> None:
    assert isinstance(read_resident_id(text, TODAY), ResidentId | Reason)


GOOD = with_check("34010419000101001")


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "length"),
        (GOOD[:17], "length"),
        (GOOD + "1", "length"),
        ("340104900101001", "length"),  # fifteen digits, as until 1999
        ("A" + GOOD[1:], "characters"),
        ("林" + GOOD[1:], "characters"),
        (GOOD[:16] + "X" + GOOD[17], "characters"),
        (GOOD[:17] + "Y", "characters"),
        ("٣" + GOOD[1:], "characters"),
        ("99" + GOOD[2:], "region"),
        ("00" + GOOD[2:], "region"),
        (with_check("34010419001301001"), "birth"),
        (with_check("34010419000230001"), "birth"),
        (with_check("34010419010229001"), "birth"),
        (with_check("34010400000101001"), "birth"),
        (with_check("34010420261122001"), "birth"),
        (GOOD[:17] + ("0" if GOOD[17] != "0" else "1"), "checksum"),
    ],
)
def test_each_fault_is_named(text: str, part: str) -> None:
    read = read_resident_id(text, TODAY)
    assert isinstance(read, Reason)
    assert read.code == f"id_number.{part}"
    assert read.field_name == "id_number"
    assert read.rule
    assert read.way_out


@pytest.mark.parametrize(
    "text",
    [
        GOOD, f"  {GOOD} ", f"{GOOD[:6]} {GOOD[6:14]} {GOOD[14:]}", f"{GOOD[:6]}　{GOOD[6:]}",
        "".join(chr(ord(c) + 0xFEE0) for c in GOOD),
    ],
)  # fmt: skip
def test_spaces_and_full_width_digits_are_the_same_number(text: str) -> None:
    read = read_resident_id(text, TODAY)
    assert isinstance(read, ResidentId)
    assert read.number == GOOD


def test_a_small_x_is_a_capital_one() -> None:
    number = next(n for n in (with_check(f"34010419000101{s:03d}") for s in range(99)) if n.endswith("X"))
    read = read_resident_id(number.lower(), TODAY)
    assert isinstance(read, ResidentId)
    assert read.number == number


@pytest.mark.parametrize("prefix", ["810000", "820000", "830000"])
def test_residence_permits_of_hong_kong_macao_and_taiwan_are_read(prefix: str) -> None:
    assert isinstance(read_resident_id(with_check(f"{prefix}19000101001"), TODAY), ResidentId)


@pytest.mark.parametrize("district", ["110103", "310103", "340222", "512501"])
def test_districts_that_exist_no_more_stay_valid(district: str) -> None:
    assert isinstance(read_resident_id(with_check(f"{district}19000101001"), TODAY), ResidentId)


def test_a_leap_day_and_a_birth_of_today_are_dates() -> None:
    assert isinstance(read_resident_id(with_check("34010420000229001"), TODAY), ResidentId)
    assert isinstance(read_resident_id(with_check("34010420261121001"), TODAY), ResidentId)


@pytest.mark.parametrize("mobile", ["13900000001", "19912345678"])
def test_mobile_numbers(mobile: str) -> None:
    assert policy.mobile_reasons(mobile) == []


@pytest.mark.parametrize(
    "mobile", ["", "1390000000", "139000000011", "12900000001", "23900000001", "1390000000a", "+8613900000001",
               "1390000000\n", "13900000001\n", "1٣٩٠٠٠٠٠٠٠١", "１３９００００００１"],
)  # fmt: skip
def test_what_is_no_mobile_number(mobile: str) -> None:
    assert [reason.field_name for reason in policy.mobile_reasons(mobile)] == ["mobile"]


@pytest.mark.parametrize("name", ["abc", "lin.shuhe", "a-1_b", "x" * 40])
def test_login_names(name: str) -> None:
    assert policy.login_name_reasons(name) == []


@pytest.mark.parametrize("name", ["", "ab", "x" * 41, "Lin", "林书禾", ".ab", "a b", "abc\n", "a@b.c"])
def test_what_is_no_login_name(name: str) -> None:
    assert policy.login_name_reasons(name) != []


@pytest.mark.parametrize(
    "password", ["correct horse", "一句容易记住的话啊", "x7" * 4 + "k", "a" * 60 + "bc", "   spaces   "]
)
def test_any_long_enough_password_will_do(password: str) -> None:
    assert policy.password_reasons(password) == []


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("", "length"), ("1234567", "length"), ("x" * 129, "length"), ("12345678", "common"), ("PASSWORD", "common"),
        ("aaaaaaaa", "common"), ("abababab", "common"), ("13900000001", "common"), ("LIN.SHUHE", "common"),
    ],
)  # fmt: skip
def test_weak_passwords_are_told_why(password: str, code: str) -> None:
    reasons = policy.password_reasons(password, ("13900000001", "lin.shuhe", ""))
    assert [reason.code for reason in reasons] == [f"password.{code}"]


def test_the_length_of_a_password_is_counted_in_characters() -> None:
    assert policy.password_reasons("八个汉字就够了吗")[:1] == []
    assert policy.password_reasons("七个汉字不够的")[0].params["length"] == 7


NOW = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
INSTANT = timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("created", "seen", "revoked", "live"),
    [
        (timedelta(), timedelta(), None, True),
        (IDLE_LIMIT, IDLE_LIMIT - INSTANT, None, True),
        (IDLE_LIMIT, IDLE_LIMIT, None, False),
        (ABSOLUTE_LIMIT - INSTANT, timedelta(), None, True),
        (ABSOLUTE_LIMIT, timedelta(), None, False),
        (timedelta(hours=1), timedelta(), timedelta(), False),
    ],
)
def test_when_a_session_counts(
    created: timedelta, seen: timedelta, revoked: timedelta | None, *, live: bool
) -> None:
    ended = None if revoked is None else NOW - revoked
    assert policy.session_is_live(NOW - created, NOW - seen, ended, NOW) is live


def failed(count: int, *, last: datetime = NOW, every: timedelta = timedelta(seconds=1)) -> list[datetime]:
    """Return the moments of some failures, the newest first."""
    return [last - every * number for number in range(count)]


def test_the_tenth_failure_of_an_account_closes_its_door() -> None:
    assert limits.too_many(limits.SIGN_IN_OF_ACCOUNT, failed(9)) == []
    assert [reason.code for reason in limits.too_many(limits.SIGN_IN_OF_ACCOUNT, failed(10))] == [
        "sign_in.too_many"
    ]


def test_an_address_closes_far_later_than_an_account() -> None:
    """Sixty people behind one address mistype; somebody who tries ten thousand names is stopped all the same."""
    assert limits.SIGN_IN_OF_ADDRESS.tries >= 10 * limits.SIGN_IN_OF_ACCOUNT.tries
    assert limits.too_many(limits.SIGN_IN_OF_ADDRESS, failed(99)) == []
    assert len(limits.too_many(limits.SIGN_IN_OF_ADDRESS, failed(100))) == 1


@pytest.mark.parametrize(
    ("last", "clock"),
    [
        (datetime(2026, 11, 21, 1, 37, tzinfo=UTC), "09:42"),
        (datetime(2026, 11, 21, 1, 37, 1, tzinfo=UTC), "09:43"),
        (datetime(2026, 11, 21, 15, 56, tzinfo=UTC), "00:01"),
    ],
)
def test_a_closed_door_says_by_the_clock_when_it_opens(last: datetime, clock: str) -> None:
    """Rounded up: who comes at the minute that was said is let in."""
    limit = replace(limits.SIGN_IN_OF_ACCOUNT, tries=1)
    (reason,) = limits.too_many(limit, [last])
    assert reason.way_out % dict(reason.params) == f"请在 {clock} 以后再试；忘记密码可以现在找回"


def test_the_door_opens_when_the_tenth_last_failure_is_forgotten() -> None:
    failures = failed(12, every=timedelta(seconds=20))
    (reason,) = limits.too_many(limits.SIGN_IN_OF_ACCOUNT, failures)
    opens = failures[9] + limits.SIGN_IN_OF_ACCOUNT.window
    assert reason.params["opens"] == (opens + timedelta(hours=8)).strftime("%H:%M")


@pytest.mark.parametrize(
    "written",
    [
        "13800007788",
        "138 0000 7788",
        "138-0000-7788",
        " 138－0000－7788 ",
        "１３８０００07788",
        "+86 138 0000 7788",
    ],
)
def test_a_mobile_number_is_one_number_however_it_is_written(written: str) -> None:
    assert policy.plain_mobile(written) == "13800007788"
    assert policy.plain_login_name(written) == "13800007788"


@pytest.mark.parametrize(
    ("written", "plain"),
    [(" Shen.Qinghe ", "shen.qinghe"), ("staff-1", "staff-1"), ("2026-1", "2026-1"), ("", "")],
)
def test_a_login_name_keeps_its_hyphens(written: str, plain: str) -> None:
    assert policy.plain_login_name(written) == plain


@pytest.mark.parametrize(
    ("mobile", "now"),
    [
        ("1234", "您填写了 4 位"), ("138000077889", "您填写了 12 位"), ("1380000778a", "里面有数字以外的字符"),
        ("12800007788", "您填写的号码以 12 开头"),
    ],
)  # fmt: skip
def test_a_faulty_mobile_number_is_told_its_fault(mobile: str, now: str) -> None:
    (reason,) = policy.mobile_reasons(mobile)
    assert reason.now % dict(reason.params) == now


WHOLE = ProfileFacts(True, True, True, True, frozenset(REQUIRED_CONSENTS))


@pytest.mark.parametrize(
    ("facts", "codes"),
    [
        (WHOLE, []),
        (replace(WHOLE, has_profile=False), ["profile.missing"]),
        (replace(WHOLE, has_photo=False), ["profile.photo_missing"]),
        (replace(WHOLE, has_employer=False), ["profile.employer_missing"]),
        (replace(WHOLE, employer_is_filed=False), ["profile.employer_not_filed"]),
        (replace(WHOLE, consents=frozenset()), ["consent.missing"]),
        (ProfileFacts(False, False, False, False, frozenset()),
         ["profile.missing", "profile.photo_missing", "profile.employer_missing", "consent.missing"]),
    ],
)  # fmt: skip
def test_each_gap_of_a_profile_is_named_at_once(facts: ProfileFacts, codes: list[str]) -> None:
    assert [reason.code for reason in policy.profile_reasons(facts)] == codes


def test_the_paths_of_the_three_tiers() -> None:
    assert policy.organisation_path(OrganisationKind.PROVINCE, "p", "") == "/"
    assert policy.organisation_path(OrganisationKind.CITY, "c", "/") == "/c/"
    assert policy.organisation_path(OrganisationKind.INSTITUTION, "i", "/c/") == "/c/i/"
    assert policy.organisation_path(OrganisationKind.INSTITUTION, "i", "/") == "/-/i/", (
        "no city reviews it (A18)"
    )


def test_province_wide_roles_have_no_smaller_scope() -> None:
    for role in set(Role) - {Role.INSTITUTION_OFFICER}:
        assert policy.grant_reasons(role, OrganisationKind.PROVINCE) == []
    for kind in (OrganisationKind.CITY, OrganisationKind.INSTITUTION):
        assert policy.grant_reasons(Role.REVIEWER, kind) == []
        assert policy.grant_reasons(Role.QUESTION_ADMIN, kind) != []
        assert policy.grant_reasons(Role.AUDITOR, kind) != []


def test_an_institutions_officer_belongs_to_an_institution() -> None:
    for kind in (OrganisationKind.PROVINCE, OrganisationKind.CITY):
        (reason,) = policy.grant_reasons(Role.INSTITUTION_OFFICER, kind)
        assert reason.field_name == "organisation_id"
    assert policy.grant_reasons(Role.INSTITUTION_OFFICER, OrganisationKind.INSTITUTION) == []


@pytest.mark.parametrize(
    "name",
    [
        "林书禾",
        "欧阳清和",
        "阿卜杜热合曼·买买提",
        "阿卜杜热合曼•买买提",
        "㛃㛃",
        "𠮷野",
        "林\U00031350",
        "Anna O'Neil",
        "Jean-Luc",
        "林 书禾",
        "〇一",
    ],
)
def test_names_that_people_have_are_taken(name: str) -> None:
    assert policy.name_reasons(name) == []


@pytest.mark.parametrize(
    "name", ["A", "林", "林1", "12", "林书禾！", "林书禾@", "··", "林·", "林<b>", "　林　", "🙂🙂"]
)
def test_what_is_no_name_is_refused(name: str) -> None:
    (reason,) = policy.name_reasons(name)
    assert reason.field_name == "name"


BORN = date(1990, 5, 20)


@pytest.mark.parametrize(
    ("since", "born", "code"),
    [
        (None, BORN, None), (date(2010, 7, 1), BORN, None), (TODAY, BORN, None), (date(2004, 5, 20), BORN, None),
        (date(2004, 5, 19), BORN, "employed_since.too_young"), (date(1985, 7, 1), BORN, "employed_since.too_young"),
        (date(2026, 11, 22), BORN, "employed_since.future"), (date(2035, 7, 1), None, "employed_since.future"),
        (date(1985, 7, 1), None, None), (date(2022, 3, 1), date(2008, 2, 29), None),
        (date(2022, 2, 28), date(2008, 2, 29), "employed_since.too_young"),
    ],
)  # fmt: skip
def test_working_life_begins_in_youth_and_not_in_the_future(
    since: date | None, born: date | None, code: str | None
) -> None:
    assert [reason.code for reason in policy.employed_since_reasons(since, born, TODAY)] == (
        [code] if code else []
    )
