"""The rules of change requests: a holder asks that his entry name another workplace, a registrar decides. Pure.

Mobile number, e-mail and address are not kept in the register: their owner changes them in his profile, at once. The
workplace of an entry is (docs/decisions/0071): it is searched and exported by it, and whose officers see the entry end
follows from it. So it changes by the word of a registrar of the scope alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lms.certificates.policy.certificates import ground_reasons
from lms.core.errors import N_, Reason
from lms.core.state_machine import Move, StateMachine
from lms.registry.policy.entries import EntryState


class ChangeState(StrEnum):
    """What became of a change request."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


CHANGE: StateMachine[ChangeState] = StateMachine(
    "registry_change",
    ChangeState.OPEN,
    {
        "accept": Move((ChangeState.OPEN,), ChangeState.ACCEPTED),
        "refuse": Move((ChangeState.OPEN,), ChangeState.REFUSED),
        "withdraw": Move((ChangeState.OPEN,), ChangeState.WITHDRAWN),
    },
)
CHANGE_PILLS: Mapping[ChangeState, tuple[str, str]] = {
    ChangeState.OPEN: ("wait", N_("等待处理")),
    ChangeState.ACCEPTED: ("ok", N_("已同意")),
    ChangeState.REFUSED: ("refused", N_("未同意")),
    ChangeState.WITHDRAWN: ("none", N_("已撤回")),
}


@dataclass(frozen=True, slots=True)
class ChangeFacts:
    """One request as pages and rules see it; workplaces are ids of organisations."""

    id: str
    entry_id: str
    state: ChangeState
    before_id: str | None
    """What the entry named when it was asked; nothing when it named none."""
    after_id: str
    words: str
    asked_by: str
    asked_at: datetime
    answer: str
    decided_by: str | None
    decided_at: datetime | None


ENDED = (EntryState.REVOKED, EntryState.MERGED)
"""Entries about which nothing is changed any more."""


def standing_reasons(state: EntryState, *, has_open: bool) -> list[Reason]:
    """Say why nothing can be asked about an entry now: it was revoked, or a request waits already."""
    reasons = []
    if state in ENDED:
        reasons.append(
            Reason(
                "change.ended", N_("撤销的、并入另一条的登记不再变更"), N_("这条登记已经结束"),
                N_("有异议的，请联系发证机关"), source="E7",
            )
        )  # fmt: skip
    if has_open:
        reasons.append(
            Reason(
                "change.open", N_("一条登记同时只有一份变更申请"), N_("上一份申请还在等待处理"),
                N_("请等登记员处理，或者撤回以后重新申请"), source="E1",
            )
        )  # fmt: skip
    return reasons


def seen_reasons(present: str | None, seen: str) -> list[Reason]:
    """Say why a form is stale: the entry names another workplace than the form showed. Nothing is shown as ''."""
    if (present or "") == seen:
        return []
    return [
        Reason(
            "change.stale", N_("申请从登记现在的工作单位开始"), N_("打开页面以后，登记的工作单位有了变化"),
            N_("请按现在的登记核对后再提交"), source="E1",
        )
    ]  # fmt: skip


def wanted_reasons(present: str | None, wanted: str, words: str, *, is_institution: bool) -> list[Reason]:
    """Say what is wrong with what is asked for: no institution, the one that is there, or no written ground (A5)."""
    reasons = []
    if not is_institution:
        reasons.append(
            Reason(
                "change.unknown", N_("工作单位须从已登记的机构中选择"), N_("没有这个机构"),
                N_("请重新选择；找不到时请单位联系省中心登记"), source="A5", field_name="workplace",
            )
        )  # fmt: skip
    elif wanted == present:
        reasons.append(
            Reason(
                "change.same", N_("变更后的单位要与登记的不同"), N_("登记的工作单位就是它"),
                N_("没有变化就不用申请"), source="E1", field_name="workplace",
            )
        )  # fmt: skip
    return reasons + words_reasons(words)


def words_reasons(words: str) -> list[Reason]:
    """Say what a written ground or answer lacks."""
    return ground_reasons("change.words", words, source="E1", field_name="words")


def own_entry_reasons(asked_by: str, holder_id: str, person_id: str | None) -> list[Reason]:
    """Say why somebody cannot decide about his own entry, or what he asked for himself."""
    if person_id is not None and person_id not in {asked_by, holder_id}:
        return []
    return [
        Reason(
            "change.own", N_("本人的登记由另一名登记员处理"), N_("这是您本人的登记"), N_("请另一名登记员处理"),
            source="E7",
        )
    ]  # fmt: skip


def accept_reasons(state: EntryState, present: str | None, before: str | None) -> list[Reason]:
    """Say why a request cannot be accepted any more: the entry has changed since it was asked for."""
    reasons = []
    if state in ENDED:
        reasons.append(
            Reason(
                "change.ended", N_("撤销的、并入另一条的登记不再变更"), N_("这条登记已经结束"),
                N_("请写明原因，不同意这份申请"), source="E7",
            )
        )  # fmt: skip
    if present != before:
        reasons.append(
            Reason(
                "change.overtaken", N_("申请从提出时登记的工作单位开始"), N_("提出以后，登记的工作单位已随新证书变化"),
                N_("请写明原因，不同意这份申请；本人可以按现在的登记重新申请"), source="E1",
            )
        )  # fmt: skip
    return reasons
