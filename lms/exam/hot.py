"""The saved answer without a web framework: what `lms.app.hot_lane` answers below Flask when nothing is amiss."""

from typing import Any

from lms.core.unit_of_work import Runtime
from lms.exam import sent
from lms.exam.service import answers


def answer_save(house: Runtime, body: dict[str, Any], arrival: int) -> str:
    """Save one answer and return the reply as JSON text: `{lease, position, revision, choice: [option ids]}`.

    A fill-in question takes `written: "text"` in the place of `choice`.
    Raises what `save_answer` raises, and Invalid for a body of another shape.
    """
    lease = answers.read_lease(house.vault, body.get("lease"))
    position = sent.whole(body, "position")
    chosen, is_written = sent.answer(body)
    revision = answers.save_answer(
        house, lease, position, sent.whole(body, "revision"), chosen, arrival, is_written=is_written
    )
    return f'{{"saved":true,"position":{position},"revision":{revision},"received_ms":{arrival}}}'
