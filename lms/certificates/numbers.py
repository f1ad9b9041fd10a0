"""Certificate numbers: named rules of parts with lengths (C6, H1). Pure.

The rule `changzhou-15` is strict: year 2, institution 8, level 1, serial 4. `changzhou-14` is the legacy
form with an institution code of 7 digits. Nothing is ever padded or cut: a code of the wrong length is
refused.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Self

from lms.certificates.errors import NumbersExhausted, Unnumberable
from lms.core.errors import N_, NN_, Reason
from lms.plans.policy import ExaminerLevel

YEAR_DIGITS = 2
LEVEL_DIGITS = {ExaminerLevel.SENIOR: "1", ExaminerLevel.EXAMINER: "2"}  # C6
SERIAL_DIGITS = 4
LAST_SERIAL = 10**SERIAL_DIGITS - 1  # H1: past 9999 the issue is refused


@dataclass(frozen=True, slots=True)
class NumberRule:
    """A named template: only the length of the institution code differs between the known rules."""

    code: str
    institution_digits: int

    @property
    def length(self) -> int:
        """How many digits a number of this rule has."""
        return YEAR_DIGITS + self.institution_digits + 1 + SERIAL_DIGITS


RULES: dict[str, NumberRule] = {
    rule.code: rule for rule in (NumberRule("changzhou-15", 8), NumberRule("changzhou-14", 7))
}


@dataclass(frozen=True, slots=True)
class CertificateNumber:
    """A number in its parts. `year` is the local calendar year, with its century only when it was issued here."""

    rule: NumberRule
    year: str
    institution: str
    level: ExaminerLevel
    serial: int

    def __str__(self) -> str:
        return f"{self.year}{self.institution}{LEVEL_DIGITS[self.level]}{self.serial:0{SERIAL_DIGITS}d}"

    @property
    def spaced(self) -> str:
        """The number as it is printed: 26 34010005 2 0037."""
        return f"{self.year} {self.institution} {LEVEL_DIGITS[self.level]} {self.serial:0{SERIAL_DIGITS}d}"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read a number as people write it, or return None. The length tells which rule made it."""
        digits = normalise_number(text)
        for rule in RULES.values():
            if len(digits) != rule.length or not digits.isdigit():
                continue
            level = {digit: level for level, digit in LEVEL_DIGITS.items()}.get(digits[-5])
            serial = int(digits[-4:])
            if level is not None and serial:
                return cls(rule, digits[:YEAR_DIGITS], digits[YEAR_DIGITS:-5], level, serial)
        return None


def normalise_number(text: str) -> str:
    """Fold full-width digits, spaces and hyphens away."""
    return re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text))


def rule_reasons(rule_code: str, institution_code: str) -> list[Reason]:
    """Say why an institution's certificates cannot be numbered by a rule."""
    rule = RULES.get(rule_code)
    if rule is None:
        return [
            Reason(
                "number.rule", N_("编号规则须是已定义的规则"), now=N_("计划里写的是“%(rule)s”"),
                way_out=N_("请考务管理员修改计划的编号规则"), source="H1", params={"rule": rule_code},
            )
        ]  # fmt: skip
    is_digits = institution_code.isascii() and institution_code.isdigit()
    if is_digits and len(institution_code) == rule.institution_digits:
        return []
    return [
        Reason(
            "number.institution", N_("规则 %(rule)s 的机构代码为 %(digits)s 位数字，不补零"),
            now=NN_("发证机构的代码是“%(code)s”，共 %(length)s 位", "length"),
            way_out=N_("请系统管理员按备案文件更正机构代码，更正后自动重试"), source="H1",
            params={
                "rule": rule.code, "digits": rule.institution_digits, "code": institution_code,
                "length": len(institution_code),
            },
        )
    ]  # fmt: skip


def compose(
    rule_code: str, year: int, institution_code: str, level: ExaminerLevel, serial: int
) -> CertificateNumber:
    """Make a number. Raises Unnumberable for a code that does not fit, NumbersExhausted past 9999."""
    if reasons := rule_reasons(rule_code, institution_code):
        raise Unnumberable(reasons)
    if not 1 <= serial <= LAST_SERIAL:
        raise exhausted(year, institution_code)
    return CertificateNumber(RULES[rule_code], f"{year % 100:02d}", institution_code, level, serial)


def exhausted(year: int, institution_code: str) -> NumbersExhausted:
    """Build the refusal for a sequence that has given its last serial number."""
    return NumbersExhausted(
        Reason(
            "number.exhausted", N_("每年、每个机构、每个级别的流水号到 %(last)s 为止"),
            now=N_("%(year)s 年机构 %(code)s 的流水号已经用完"),
            way_out=N_("请省中心另定编号规则；考核结果已保存，不会丢失"), source="H1",
            params={"last": LAST_SERIAL, "year": year, "code": institution_code},
        )
    )  # fmt: skip
