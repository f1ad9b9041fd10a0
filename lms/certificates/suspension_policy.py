"""The rules of a suspended certificate: why it is suspended, what may become of it, and that two persons decide."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lms.certificates.policy import MAX_REASON_LENGTH, MIN_REASON_LENGTH
from lms.core.errors import N_, NN_, Reason
from lms.core.state_machine import Move, StateMachine


class SuspensionState(StrEnum):
    """The life of a suspension."""

    OPEN = "open"
    PROPOSED = "proposed"
    KEPT = "kept"
    REVOKED = "revoked"
    LIFTED = "lifted"


class Verdict(StrEnum):
    """What two persons may decide."""

    KEEP = "keep"
    REVOKE = "revoke"


SUSPENSION: StateMachine[SuspensionState] = StateMachine(
    "certificate_suspension",
    SuspensionState.OPEN,
    {
        "propose": Move((SuspensionState.OPEN,), SuspensionState.PROPOSED),
        "hand_back": Move((SuspensionState.PROPOSED,), SuspensionState.OPEN),
        "keep": Move((SuspensionState.PROPOSED,), SuspensionState.KEPT),
        "revoke": Move((SuspensionState.PROPOSED,), SuspensionState.REVOKED),
        "lift": Move((SuspensionState.OPEN, SuspensionState.PROPOSED), SuspensionState.LIFTED),
    },
)
STANDING = (SuspensionState.OPEN, SuspensionState.PROPOSED)
VERDICT_NAMES: Mapping[Verdict, str] = {
    Verdict.KEEP: N_("恢复证书"),
    Verdict.REVOKE: N_("撤销证书和登记"),
}


@dataclass(frozen=True, slots=True)
class SuspensionFacts:
    """One suspension as pages and rules see it."""

    id: str
    certificate_id: str
    state: SuspensionState
    opened_at: datetime
    verdict: Verdict | None
    words: str
    proposed_by: str | None
    proposed_at: datetime | None
    decided_by: str | None
    decided_at: datetime | None


def proposal_reasons(words: str) -> list[Reason]:
    """Say why a decision cannot be proposed: only with written words."""
    length = len(words.strip())
    if MIN_REASON_LENGTH <= length <= MAX_REASON_LENGTH:
        return []
    return [
        Reason(
            "suspension.words", N_("须写明依据，%(low)s 至 %(high)s 个字"), NN_("您填写了 %(length)s 个字", "length"),
            N_("请写明事实和依据，不要写个人信息"), source="C5", field_name="reason",
            params={"low": MIN_REASON_LENGTH, "high": MAX_REASON_LENGTH, "length": length},
        )
    ]  # fmt: skip


def second_person_reasons(proposed_by: str | None, person_id: str | None) -> list[Reason]:
    """Say why somebody cannot decide what he proposed himself."""
    if person_id is not None and person_id != proposed_by:
        return []
    return [
        Reason(
            "suspension.second_person", N_("由提出人以外的另一人决定"), N_("这个处理意见是您提出的"),
            N_("请另一位登记员登录后决定"), source="C5",
        )
    ]  # fmt: skip


def still_suspended() -> Reason:
    """Say that an entry cannot be resumed while its certificate is suspended."""
    return Reason(
        "entry.certificate_suspended", N_("证书暂停期间，登记不能由一人恢复或撤销"),
        N_("这张证书因成绩更正暂停，等待两人决定"), N_("请先处理证书的暂停"), source="E7",
    )  # fmt: skip
