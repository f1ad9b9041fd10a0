"""The states of a stage on the spine."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lms.core.errors import N_
from lms.core.state_machine import Move, StateMachine
from lms.plans.policy import StageKind


class StageState(StrEnum):
    """A stage on the spine."""

    LOCKED = "locked"
    OPEN = "open"
    PASSED = "passed"
    FAILED = "failed"
    WAIVED = "waived"


STAGE_STATE_NAMES: dict[StageState, str] = {
    StageState.LOCKED: N_("还没有开放"),
    StageState.OPEN: N_("进行中"),
    StageState.PASSED: N_("已通过"),
    StageState.FAILED: N_("没有通过"),
    StageState.WAIVED: N_("免除"),
}
STAGE = StateMachine(
    "application_stage",
    StageState.LOCKED,
    {
        "open": Move((StageState.LOCKED,), StageState.OPEN),
        "pass": Move((StageState.OPEN,), StageState.PASSED),
        "fail": Move((StageState.OPEN,), StageState.FAILED),
        "waive": Move((StageState.LOCKED, StageState.OPEN), StageState.WAIVED),
        "reopen": Move((StageState.FAILED,), StageState.OPEN),
        # A released correction of scores, and its reversal, turn outcomes round.
        "correct_pass": Move((StageState.FAILED,), StageState.PASSED),
        "correct_fail": Move((StageState.PASSED,), StageState.FAILED),
        "take_back": Move((StageState.PASSED,), StageState.OPEN),
        # What stands behind a stage that is not passed any more is closed, and comes back as it was.
        "lock": Move((StageState.OPEN, StageState.PASSED, StageState.FAILED), StageState.LOCKED),
        "restore_pass": Move((StageState.LOCKED,), StageState.PASSED),
        "restore_fail": Move((StageState.LOCKED,), StageState.FAILED),
    },
)
DONE_STATES = (StageState.PASSED, StageState.WAIVED)


@dataclass(frozen=True, slots=True)
class StageFacts:
    """One stage of one application as the stage rooms see it."""

    id: str
    application_id: str
    person_id: str
    plan_id: str
    kind: StageKind
    position: int
    state: StageState
    opened_at: datetime | None
    closed_at: datetime | None
