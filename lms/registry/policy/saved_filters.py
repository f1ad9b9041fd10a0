"""The rules of saved filters."""

from collections.abc import Collection, Mapping

from lms.core.errors import N_, NN_, Reason

NAME_LENGTH = 20
MOST_SAVED = 20
"""As many as stand above a list without hiding it."""


def keep_reasons(name: str, query: Mapping[str, str], taken: Collection[str]) -> list[Reason]:
    """Say why a filter cannot be saved under a name."""
    reasons = []
    length = len(name.strip())
    if not 1 <= length <= NAME_LENGTH:
        reasons.append(
            Reason(
                "saved.name", N_("名称为 1 至 %(most)s 个字"), now=NN_("您填写了 %(length)s 个字", "length"),
                way_out=N_("请换一个名称"), params={"most": NAME_LENGTH, "length": length}, field_name="name",
            )
        )  # fmt: skip
    if name.strip() in taken:
        reasons.append(
            Reason(
                "saved.taken", N_("您的每个常用筛选要有不同的名称"), now=N_("“%(name)s”已经有了"),
                way_out=N_("请换一个名称，或先删除原来的"), params={"name": name.strip()}, field_name="name",
            )
        )  # fmt: skip
    if len(taken) >= MOST_SAVED:
        reasons.append(
            Reason(
                "saved.many", N_("每人最多保存 %(most)s 个常用筛选"), now=NN_("您已经保存了 %(count)s 个", "count"),
                way_out=N_("请先删除不用的"), params={"most": MOST_SAVED, "count": len(taken)}, field_name="name",
            )
        )  # fmt: skip
    if not query:
        reasons.append(
            Reason(
                "saved.nothing", N_("要先选定条件才能保存"), now=N_("现在没有任何条件"),
                way_out=N_("请先选定条件并查找"), field_name="name",
            )
        )  # fmt: skip
    return reasons
