"""The rules of changing many questions at once.

Area and difficulty say where a question belongs, not what it asks: a new label needs no second person, and the
key stays as it was approved. It is a new version all the same, so that every paper shows what it was drawn from.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from lms.core.errors import N_, NN_, Reason
from lms.questions.policy.items import remark_reasons
from question_bank.items import AREAS, Difficulty

BULK_MAX = 500
"""All happens in one transaction, and saved answers wait for it."""


class BulkAct(StrEnum):
    """What is done to all of them."""

    AREA = "area"
    DIFFICULTY = "difficulty"
    RETIRE = "retire"


BULK_NAMES: Mapping[BulkAct, str] = {
    BulkAct.AREA: N_("改知识领域"),
    BulkAct.DIFFICULTY: N_("改难度"),
    BulkAct.RETIRE: N_("停用"),
}


@dataclass(frozen=True, slots=True)
class BulkChange:
    """One change for many questions; `value` is the code of an area or a difficulty."""

    act: BulkAct
    value: str
    remark: str


def bulk_reasons(
    change: BulkChange, count: int, confirmed: int, in_review: int, not_live: int
) -> list[Reason]:
    """Say why a change cannot be made to `count` questions, of which some wait for review or are not in use."""
    reasons = target_reasons(count, in_review, not_live)
    if count and count != confirmed:
        reasons.append(
            Reason(
                "bulk.count", N_("改的题数要和您确认的一样"),
                now=N_("现在有 %(count)s 题，您确认的是 %(confirmed)s 题"), way_out=N_("请核对后重新提交"),
                params={"count": count, "confirmed": confirmed},
            )
        )  # fmt: skip
    known = {BulkAct.AREA: set(AREAS), BulkAct.DIFFICULTY: {one.value for one in Difficulty}}.get(change.act)
    if known is not None and change.value not in known:
        reasons.append(Reason("bulk.value", N_("请从列表中选择一项"), field_name=change.act.value))
    return reasons + remark_reasons(change.remark)


def target_reasons(count: int, in_review: int, not_live: int) -> list[Reason]:
    """Say why these questions cannot be changed together, whatever the change."""
    reasons = []
    if count == 0:
        reasons.append(
            Reason(
                "bulk.none", N_("至少选一题"), now=N_("您一题也没有选"), way_out=N_("请回到列表，勾选试题")
            )
        )
    if count > BULK_MAX:
        reasons.append(
            Reason(
                "bulk.too_many", N_("一次最多改 %(limit)s 题"), now=NN_("您选了 %(count)s 题"),
                way_out=N_("请用筛选条件分几次改"), params={"limit": BULK_MAX, "count": count},
            )
        )  # fmt: skip
    if in_review:
        reasons.append(
            Reason(
                "bulk.in_review", N_("有新版本待复核的题不能批量修改"), now=NN_("其中 %(count)s 题在等复核"),
                way_out=N_("请先复核，或不选这些题"), params={"count": in_review},
            )
        )  # fmt: skip
    if not_live:
        reasons.append(
            Reason(
                "bulk.not_live", N_("批量修改只用于在用的题"), now=NN_("其中 %(count)s 题不在用"),
                way_out=N_("请把状态筛选为“在用”"), params={"count": not_live},
            )
        )  # fmt: skip
    return reasons
