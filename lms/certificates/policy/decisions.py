"""The rules of decisions about a certificate: what may be proposed, and that two persons decide."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lms.certificates.policy.certificates import ground_reasons
from lms.core.errors import N_, Reason
from lms.core.state_machine import Move, StateMachine


class Ground(StrEnum):
    """Why there is something to decide."""

    CORRECTION = "correction"
    REGISTRAR = "registrar"


class DecisionState(StrEnum):
    """The life of a decision."""

    OPEN = "open"
    PROPOSED = "proposed"
    KEPT = "kept"
    REVOKED = "revoked"
    RESTORED = "restored"
    REFUSED = "refused"
    LIFTED = "lifted"


class Verdict(StrEnum):
    """What two persons may decide."""

    KEEP = "keep"
    REVOKE = "revoke"
    RESTORE = "restore"


DECISION: StateMachine[DecisionState] = StateMachine(
    "certificate_decision",
    DecisionState.OPEN,
    {
        "propose": Move((DecisionState.OPEN,), DecisionState.PROPOSED),
        # The question stays where the house asked it; what a registrar asked has its answer.
        "hand_back": Move((DecisionState.PROPOSED,), DecisionState.OPEN),
        "refuse": Move((DecisionState.PROPOSED,), DecisionState.REFUSED),
        "keep": Move((DecisionState.PROPOSED,), DecisionState.KEPT),
        "revoke": Move((DecisionState.PROPOSED,), DecisionState.REVOKED),
        "restore": Move((DecisionState.PROPOSED,), DecisionState.RESTORED),
        "lift": Move((DecisionState.OPEN, DecisionState.PROPOSED), DecisionState.LIFTED),
    },
)
STANDING = (DecisionState.OPEN, DecisionState.PROPOSED)
VERDICTS: Mapping[Ground, tuple[Verdict, ...]] = {
    Ground.CORRECTION: (Verdict.KEEP, Verdict.REVOKE),
    Ground.REGISTRAR: (Verdict.REVOKE, Verdict.RESTORE),
}
VERDICT_NAMES: Mapping[Verdict, str] = {
    Verdict.KEEP: N_("恢复证书"),
    Verdict.REVOKE: N_("撤销证书和登记"),
    Verdict.RESTORE: N_("恢复已撤销的证书和登记"),
}


@dataclass(frozen=True, slots=True)
class DecisionFacts:
    """One decision as pages and rules see it."""

    id: str
    certificate_id: str
    ground: Ground
    state: DecisionState
    opened_at: datetime
    verdict: Verdict | None
    words: str
    proposed_by: str | None
    proposed_at: datetime | None
    decided_by: str | None
    decided_at: datetime | None


def proposal_reasons(ground: Ground, verdict: Verdict, words: str) -> list[Reason]:
    """Say why a decision cannot be proposed: only what its ground allows, and only with written words."""
    reasons = []
    if verdict not in VERDICTS[ground]:
        reasons.append(
            Reason(
                "decision.verdict", N_("处理意见要与事项相符"), N_("这个事项没有这种处理意见"),
                N_("请刷新页面重新选择"), source="C5", field_name="verdict",
            )
        )  # fmt: skip
    return [*reasons, *ground_reasons("decision.words", words)]


def second_person_reasons(proposed_by: str | None, person_id: str | None) -> list[Reason]:
    """Say why somebody cannot decide what he proposed himself."""
    if person_id is not None and person_id != proposed_by:
        return []
    return [
        Reason(
            "decision.second_person", N_("由提出人以外的另一人决定"), N_("这个处理意见是您提出的"),
            N_("请另一位登记员登录后决定"), source="C5",
        )
    ]  # fmt: skip


def waits_for_second() -> Reason:
    """Say that something about this certificate waits for its second person already."""
    return Reason(
        "decision.waits", N_("同一张证书一次只办一个两人决定的事项"), N_("已有一个处理意见等待第二人决定"),
        N_("请先由另一名登记员同意或不采用"), source="C5",
    )  # fmt: skip


def still_suspended() -> Reason:
    """Say that an entry cannot be resumed while its certificate is suspended."""
    return Reason(
        "entry.certificate_suspended", N_("证书暂停期间，登记不能由一人恢复或撤销"),
        N_("这张证书因成绩更正暂停，等待两人决定"), N_("请先处理证书的暂停"), source="E7",
    )  # fmt: skip
