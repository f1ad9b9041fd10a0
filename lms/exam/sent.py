"""Reading what a page of an exam sends as JSON: whole numbers, choices, marks."""

from collections.abc import Mapping
from typing import Any

from lms.core.errors import N_, Invalid, Reason
from question_bank.grading import WRITTEN_MAX, tidy_written

CHOSEN_MAX = 8
OPTION_ID_MAX = 16
WRITTEN_SENT_MAX = 4 * WRITTEN_MAX
"""More than this is no answer with too many spaces in it; between the two limits the question says what is wrong."""


def body(content: object) -> dict[str, Any]:
    """Return the JSON object that a page sent; None is what could not be read as JSON. Raises Invalid."""
    if not isinstance(content, dict):
        raise Invalid(Reason("body", N_("请求的内容应为 JSON 对象"), way_out=N_("请刷新页面后重试")))
    return content


def whole(body: Mapping[str, Any], name: str) -> int:
    """Return a whole number of a body. Raises Invalid."""
    value = body.get(name)
    if type(value) is not int:
        raise _invalid("number", N_("%(name)s 应为整数"), name, name=name)
    return value


def flag(body: Mapping[str, Any], name: str) -> bool:
    """Return a yes or no of a body. Raises Invalid."""
    value = body.get(name)
    if not isinstance(value, bool):
        raise _invalid("flag", N_("%(name)s 应为 true 或 false"), name, name=name)
    return value


def answer(body: Mapping[str, Any]) -> tuple[frozenset[str], bool]:
    """Return what was chosen, or the one text written, and whether it was written. Raises Invalid."""
    if "written" in body:
        return _written(body), True
    value = body.get("choice")
    if (
        not isinstance(value, list)
        or len(value) > CHOSEN_MAX
        or not all(isinstance(one, str) and 0 < len(one) <= OPTION_ID_MAX for one in value)
    ):
        raise _invalid("choice", N_("choice 应为选项编号的列表"), "choice")
    return frozenset(value), False


def _written(body: Mapping[str, Any]) -> frozenset[str]:
    text = body["written"]
    if not isinstance(text, str) or len(text) > WRITTEN_SENT_MAX or "choice" in body:
        raise _invalid("written", N_("written 应为一段文字，不能与 choice 同时出现"), "written")
    tidy = tidy_written(text)
    return frozenset({tidy}) if tidy else frozenset()


def _invalid(code: str, rule: str, field_name: str, **params: str) -> Invalid:
    return Invalid(
        Reason(code, rule, way_out=N_("请刷新页面后重试"), field_name=field_name, params=dict(params))
    )
