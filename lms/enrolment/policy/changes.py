"""What an applicant changed after his application was returned, as far as the record tells."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from lms.core.errors import N_, Word
from lms.enrolment.policy.applications import EVIDENCE_NAMES, EvidenceKind

IDENTITY_NAMES = {"name": N_("姓名"), "id_number": N_("证件号码")}
_PLAIN: dict[str, str] = {
    # The record of a saved data form names every field of it, so it cannot say which of them changed.
    "profile:save": N_("重新保存了个人信息和工作信息；没有记录改了哪几项，请逐项核对"),
    "profile:photo": N_("换了照片"),
    "application:change": N_("改了申报的职业或级别"),
}


class Recorded(Protocol):
    """An act as the audit record tells it."""

    @property
    def tag(self) -> str:
        """What was done: `subject:verb`."""
        ...

    @property
    def at(self) -> datetime:
        """When."""
        ...

    @property
    def fields(self) -> dict[str, Any]:
        """Ids and field names."""
        ...


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that was changed: a message id with the values for its places, and when last."""

    words: str
    at: datetime
    params: dict[str, Any]


def changes_told(acts: Iterable[Recorded], kinds: dict[str, EvidenceKind]) -> list[Change]:
    """Return what was changed, each thing once and at its last time, oldest first.

    `kinds` names the proofs of the application by their id, those that were taken out too.
    """
    found: dict[tuple[str, str], Change] = {}
    for act in acts:
        change = _told(act, kinds)
        if change is not None:
            key = (act.tag, str(act.fields.get("evidence_id", "")))
            found.pop(key, None)
            found[key] = change
    return list(found.values())


def _told(act: Recorded, kinds: dict[str, EvidenceKind]) -> Change | None:
    if act.tag in _PLAIN:
        return Change(_PLAIN[act.tag], act.at, {})
    if act.tag == "profile:identity":
        names = tuple(
            Word(IDENTITY_NAMES[one]) for one in act.fields.get("fields", ()) if one in IDENTITY_NAMES
        )
        return Change(N_("改了%(names)s"), act.at, {"names": names})
    kind = kinds.get(str(act.fields.get("evidence_id", "")))
    name = {"kind": Word(EVIDENCE_NAMES[kind])} if kind else {}
    if act.tag == "application:attach_evidence" and kind:
        return Change(N_("上传了材料：%(kind)s"), act.at, name)
    if act.tag == "application:put_evidence_aside" and kind:
        return Change(N_("移除了材料：%(kind)s"), act.at, name)
    return None
