"""The rules of how the questions of a file arrive in the bank."""

from collections.abc import Mapping
from enum import StrEnum

from lms.core.errors import N_, NN_, Reason

APPROVED_AT_ONCE = 50
"""How many drafts of one file are approved with one click: one transaction, and saved answers wait for it."""
DRAFTS_MAX = 2_000
"""How many drafts one file may bring: a second person has to look at each."""


class Arrival(StrEnum):
    """The state that new questions come in with."""

    APPROVED = "approved"
    DRAFT = "draft"


ARRIVAL_NAMES: Mapping[Arrival, str] = {
    Arrival.APPROVED: N_("导入后马上可以抽到"),
    Arrival.DRAFT: N_("先由另一位题库管理员复核、批准"),
}


def arrivals(*, review_required: bool) -> tuple[Arrival, ...]:
    """Return how questions may arrive, the usual way first."""
    return (Arrival.DRAFT,) if review_required else (Arrival.APPROVED, Arrival.DRAFT)


def arrival_reasons(arrival: Arrival, count: int, *, review_required: bool) -> list[Reason]:
    """Say why so many questions cannot arrive like this; a site may require that a second person looks at each."""
    if arrival not in arrivals(review_required=review_required):
        return [
            Reason(
                "import.review_required", N_("本站规定：导入的题由另一位题库管理员复核、批准以后才能抽到"),
                now=N_("您选择了导入后马上可以抽到"), way_out=N_("请选择先复核"), field_name="arrival",
            )
        ]  # fmt: skip
    if arrival is Arrival.DRAFT and count > DRAFTS_MAX:
        return [
            Reason(
                "import.too_many_drafts", N_("要复核的题，一次最多导入 %(limit)s 题"),
                now=NN_("这个文件有 %(count)s 题可以导入"), way_out=N_("请把表格分成几个文件，分别上传"),
                field_name="arrival", params={"limit": DRAFTS_MAX, "count": count},
            )
        ]  # fmt: skip
    return []


def bulk_approval_reasons(waiting: int, asked_by: str | None, actor_id: str | None) -> list[Reason]:
    """Say why somebody cannot approve the drafts of a file together."""
    if waiting == 0:
        return [
            Reason(
                "import.none_waiting", N_("只批准在等复核的题"), now=N_("这个文件的题都已有了结果"),
                way_out=N_("不需要再办理"),
            )
        ]  # fmt: skip
    if asked_by is not None and asked_by == actor_id:
        return [
            Reason(
                "review.own", N_("自己写的版本由别人复核和批准"), now=N_("这些题是您导入的"),
                way_out=N_("请另一位题库管理员办理"),
            )
        ]  # fmt: skip
    return []
