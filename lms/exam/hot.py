"""The saved answer without a web framework: what `lms.app.hot_lane` answers below Flask when nothing is amiss."""

from typing import Any

from lms.core.errors import N_, Invalid, Reason
from lms.core.unit_of_work import Runtime
from lms.exam.service import answers
from question_bank.grading import WRITTEN_MAX, tidy_written

CHOSEN_MAX = 8
OPTION_ID_MAX = 16
WRITTEN_SENT_MAX = 4 * WRITTEN_MAX
"""More than this is no answer with too many spaces in it; between the two limits the question says what is wrong."""


def answer_save(house: Runtime, body: dict[str, Any], arrival: int) -> str:
    """Save one answer and return the reply as JSON text: `{lease, position, revision, choice: [option ids]}`.

    A fill-in question takes `written: "text"` in the place of `choice`.
    Raises what `save_answer` raises, and Invalid for a body of another shape.
    """
    lease = answers.read_lease(house.vault, body.get("lease"))
    position = _whole(body, "position")
    is_written = "written" in body
    chosen = _written(body) if is_written else _choice(body)
    revision = answers.save_answer(
        house, lease, position, _whole(body, "revision"), chosen, arrival, is_written=is_written
    )
    return f'{{"saved":true,"position":{position},"revision":{revision},"received_ms":{arrival}}}'


def _whole(body: dict[str, Any], name: str) -> int:
    value = body.get(name)
    if type(value) is not int:
        raise Invalid(
            Reason(
                "number", N_("%(name)s 应为整数"), way_out=N_("请刷新页面后重试"), field_name=name,
                params={"name": name},
            )
        )  # fmt: skip
    return value


def _written(body: dict[str, Any]) -> frozenset[str]:
    text = body["written"]
    if not isinstance(text, str) or len(text) > WRITTEN_SENT_MAX or "choice" in body:
        raise Invalid(
            Reason(
                "written", N_("written 应为一段文字，不能与 choice 同时出现"), way_out=N_("请刷新页面后重试"),
                field_name="written",
            )
        )  # fmt: skip
    tidy = tidy_written(text)
    return frozenset({tidy}) if tidy else frozenset()


def _choice(body: dict[str, Any]) -> frozenset[str]:
    value = body.get("choice")
    if (
        not isinstance(value, list)
        or len(value) > CHOSEN_MAX
        or not all(isinstance(one, str) and 0 < len(one) <= OPTION_ID_MAX for one in value)
    ):
        raise Invalid(
            Reason(
                "choice", N_("choice 应为选项编号的列表"), way_out=N_("请刷新页面后重试"), field_name="choice"
            )
        )
    return frozenset(value)
