"""Refusals: small exceptions with a stable code, and the reasons they carry.

A refusal names the rule, the value and the way out. The texts are message ids in Simplified
Chinese; the edge translates them when it renders, so that rules stay free of any web framework.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


def N_(text: str) -> str:  # noqa: N802 - the customary name by which message extractors find a text
    """Mark a text for translation without translating it yet."""
    return text


class Counted(str):
    """A text that some languages say differently for one and for many; `by` names the place that counts."""

    __slots__ = ("by",)

    by: str


def NN_(text: str, by: str = "count") -> Counted:  # noqa: N802 - as N_
    """Mark a text with a count for translation; `by` names its counting place, such as ``%(count)s``."""
    counted = Counted(text)
    counted.by = by
    return counted


@dataclass(frozen=True, slots=True)
class Word:
    """A text of the catalogue that fills a place of another one, such as the name of a level."""

    text: str

    def say(self, translate: Callable[[str], str]) -> str:
        """Return the word in the reader's language."""
        return translate(self.text)


@dataclass(frozen=True, slots=True)
class Opening:
    """The moment something opens: its midnight is 0:00 of the day that begins, a plain moment's 24:00 of the last."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Duration:
    """So many whole seconds, said in minutes and seconds."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something cannot be done: the rule, the present value, the way out.

    `source` is the id of the requirement the rule comes from (`B1`). `params` fills the
    ``%(name)s`` places of the three texts. A value may be a moment, an `Opening`, a `Duration`, a `Word`, or a
    tuple that is listed: `lms.core.speech` says them in the language of the reader.
    """

    code: str
    rule: str
    now: str = ""
    way_out: str = ""
    source: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    field_name: str = ""
    """The form field at fault, when there is one."""


class Refusal(Exception):
    """A request that a rule turns down. Subclasses set `code`, `status` and `title`."""

    code = "refused"
    status = 409
    title = N_("现在不能这样做")

    def __init__(self, reasons: Iterable[Reason] | Reason = ()) -> None:
        self.reasons: tuple[Reason, ...] = (reasons,) if isinstance(reasons, Reason) else tuple(reasons)
        super().__init__(self.code, *(reason.code for reason in self.reasons))


class NotFound(Refusal):
    """The thing does not exist, or the actor's scope does not reach it: the answer is the same (fault I2)."""

    code = "not_found"
    status = 404
    title = N_("没有找到")


class Forbidden(Refusal):
    """The actor's roles do not allow this."""

    code = "forbidden"
    status = 403
    title = N_("您没有这项权限")


class Invalid(Refusal):
    """What was sent breaks a rule; each reason names its field."""

    code = "invalid"
    status = 422
    title = N_("填写的内容需要修改")


class Conflict(Refusal):
    """Somebody else, or an earlier request, has already moved this on."""

    code = "conflict"
    status = 409
    title = N_("内容已经变化")


class Busy(Refusal):
    """The store cannot take this now; nothing was kept, and repeating is safe."""

    code = "busy"
    status = 503
    title = N_("服务繁忙")


class Unreadable(Refusal):
    """What was sent is no text or number at all."""

    code = "unreadable"
    status = 400
    title = N_("这个请求看不懂")


class DiskFull(Refusal):
    """There is no room left on the disk; nothing was kept."""

    code = "disk_full"
    status = 507
    title = N_("服务器的存储空间已满")


def disk_full() -> DiskFull:
    """Build the refusal of a file for which there is no room."""
    return DiskFull(
        Reason(
            code="disk_full",
            rule=N_("文件要完整存下才算上传成功"),
            now=N_("服务器的磁盘没有空间了，这个文件没有保存，其他内容不受影响"),
            way_out=N_("请联系系统管理员腾出空间，然后重新上传"),
        )
    )


def unreadable() -> Unreadable:
    """Build the refusal of values that no field of this house can hold."""
    return Unreadable(
        Reason(
            code="unreadable",
            rule=N_("提交的内容须是普通的文字和数字"),
            now=N_("送来的内容里有无法识别的字符或数值，什么都没有保存"),
            way_out=N_("请回到上一页，重新填写提交"),
        )
    )


def busy() -> Busy:
    """Build the refusal for a write that found no turn in time."""
    return Busy(
        Reason(
            code="busy",
            rule=N_("服务器正在处理大量请求"),
            now=N_("这次请求没有保存"),
            way_out=N_("请过几秒再试一次，重复提交不会重复计算"),
        )
    )


def stale() -> Conflict:
    """Build the refusal for an act on something that has moved on meanwhile."""
    return Conflict(
        Reason(
            code="stale",
            rule=N_("同一件事只能办理一次"),
            now=N_("您打开页面之后，内容已经有了变化，这次操作没有生效"),
            way_out=N_("请刷新页面，按最新的状态再办理"),
        )
    )


def require(reasons: Iterable[Reason], refusal: type[Refusal] = Refusal) -> None:
    """Raise `refusal` with all reasons if there is any; return quietly otherwise."""
    collected = tuple(reasons)
    if collected:
        raise refusal(collected)
