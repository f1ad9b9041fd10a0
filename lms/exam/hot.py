"""The saved answer without a web framework: what `lms.app.hot_lane` answers below Flask when nothing is amiss."""

from typing import Any

from lms.core.errors import N_, Invalid, Reason
from lms.core.unit_of_work import Runtime
from lms.exam.service import answers

CHOSEN_MAX = 8
OPTION_ID_MAX = 16


def answer_save(house: Runtime, body: dict[str, Any], arrival: int) -> str:
    """Save one choice and return the reply as JSON text: `{lease, position, revision, choice: [option ids]}`.

    Raises what `save_answer` raises, and Invalid for a body of another shape.
    """
    lease = answers.read_lease(house.vault, body.get("lease"))
    position = _whole(body, "position")
    revision = answers.save_answer(house, lease, position, _whole(body, "revision"), _choice(body), arrival)
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
