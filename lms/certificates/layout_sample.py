"""The sheet of a sample: an invented holder, on the words and pictures of a draft."""

from datetime import date

from lms.certificates.policy.certificates import (
    Sheet,
    code_parts,
    date_text,
    grades_text,
    occupation_text,
    validity_text,
)
from lms.certificates.policy.layouts import Layout
from lms.plans.policy import LEVEL_NAMES, ExaminerLevel

_LEVEL = ExaminerLevel.SENIOR
_CODE = "0" * 16


def sample_sheet(layout: Layout, base_url: str) -> Sheet:
    """Return what a sample prints: the longer level and an issuer of usual length, so that crowding shows."""
    words = layout.wording.filled(LEVEL_NAMES[_LEVEL], "示例市职业技能评价指导中心")
    return Sheet(
        over=words.over, title=words.title, number="000000000000000", number_parts="00 00000000 0 0000", name="示例人",
        sex="女", id_number_masked="0000**********0000", occupation=occupation_text("电工", "6-31-01-03", "2022"),
        level=LEVEL_NAMES[_LEVEL], grades=grades_text(_LEVEL),
        validity=validity_text(date(2026, 1, 1), date(2028, 12, 31)), issuer=words.issuer,
        issued_on=date_text(date(2026, 1, 1)), verification_url=f"{base_url.rstrip('/')}/verify/{_CODE}",
        verification_code_parts=code_parts(_CODE), statement_words=words.statement,
        logo_key=layout.logo_key or "", stamp_key=layout.stamp_key or "", mark="样张",
    )  # fmt: skip
