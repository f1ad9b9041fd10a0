"""Numbers follow their rule to the digit, and nothing is ever padded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.certificates.errors import NumbersExhausted, Unnumberable
from lms.certificates.numbers import LAST_SERIAL, RULES, CertificateNumber, compose
from lms.plans.policy import ExaminerLevel

LEVELS = st.sampled_from(list(ExaminerLevel))


def test_a_number_is_year_institution_level_and_serial() -> None:
    number = compose("changzhou-15", 2026, "34010005", ExaminerLevel.EXAMINER, 37)
    assert str(number) == "263401000520037"
    assert number.spaced == "26 34010005 2 0037"


def test_the_published_example_of_fourteen_digits_is_read_as_the_legacy_form() -> None:
    read = CertificateNumber.parse("21 3204005 2 0001")
    assert read is not None
    assert (read.rule.code, read.institution, read.level, read.serial) == (
        "changzhou-14", "3204005", ExaminerLevel.EXAMINER, 1,
    )  # fmt: skip
    assert read.spaced == "21 3204005 2 0001"


@pytest.mark.parametrize("code", ["3204005", "032040050", "3401000A", "", "３４０１０００５"])
def test_a_code_of_another_length_is_refused_and_not_padded(code: str) -> None:
    with pytest.raises(Unnumberable) as refused:
        compose("changzhou-15", 2026, code, ExaminerLevel.EXAMINER, 1)
    assert refused.value.reasons[0].code == "number.institution"


def test_the_serial_after_9999_is_refused_with_a_clear_reason() -> None:
    assert str(compose("changzhou-15", 2026, "34010005", ExaminerLevel.SENIOR, 9999)).endswith("19999")
    with pytest.raises(NumbersExhausted) as refused:
        compose("changzhou-15", 2026, "34010005", ExaminerLevel.SENIOR, 10_000)
    assert refused.value.reasons[0].source == "H1"


def test_an_unknown_rule_is_named_in_the_refusal() -> None:
    with pytest.raises(Unnumberable) as refused:
        compose("changzhou-16", 2026, "34010005", ExaminerLevel.SENIOR, 1)
    assert refused.value.reasons[0].params == {"rule": "changzhou-16"}


@pytest.mark.parametrize(
    "text", ["", "26", "26 34010005 3 0037", "26 34010005 2 0000", "26340100052003700", "26 3401000５ 2 003x"]
)
def test_what_no_rule_made_is_no_number(text: str) -> None:
    assert CertificateNumber.parse(text) is None


@given(
    rule=st.sampled_from(list(RULES.values())), year=st.integers(2000, 2099), level=LEVELS,
    serial=st.integers(1, LAST_SERIAL), code=st.integers(0, 99_999_999),
)  # fmt: skip
def test_every_number_reads_back_into_its_parts(rule, year, level, serial, code) -> None:  # type: ignore[no-untyped-def]  # hypothesis fills them in
    institution = f"{code:08d}"[: rule.institution_digits]
    made = compose(rule.code, year, institution, level, serial)
    assert len(str(made)) == rule.length
    assert CertificateNumber.parse(made.spaced) == made
    wide = str(made).translate({ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)})
    assert CertificateNumber.parse(wide) == made
