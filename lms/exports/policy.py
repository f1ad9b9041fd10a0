"""The rules of exports: who may hold which, how long a file is kept, and when one is given up."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from lms.accounts.policy import Role
from lms.core.actors import Actor
from lms.core.errors import N_, NN_, Reason
from lms.core.state_machine import Move, StateMachine
from question_bank.exporting import ExportFormat

KEPT_FOR = timedelta(days=7)
"""A file with keys or names lies in the store no longer than anybody needs to fetch it."""
STALLED_AFTER = timedelta(minutes=15)
"""Longer than all tries of a job together: nobody works on such an export any more."""
PURPOSE_MIN = 4
PURPOSE_MAX = 200
ROWS_MAX = 50_000
"""A longer file is hard to open in an office, and its writing would keep the worker from everybody else's jobs."""


PACK_MAX = 500
"""So many certificates are some sixty megabytes, which the writer and the reader each hold at once."""


class ExportKind(StrEnum):
    """What a file is taken from."""

    BANK = "question_bank"
    REGISTRY = "registry"
    CLASS = "study_class"
    CERTIFICATES = "certificates"


class PackFormat(StrEnum):
    """How files that are there already are handed over together."""

    ZIP = "zip"

    @property
    def label(self) -> str:
        """What people call it: a text to translate."""
        return N_("证书 PDF 打包（ZIP），一次最多 500 张")

    @property
    def suffix(self) -> str:
        """The end of the file's name."""
        return ".zip"

    @property
    def media_type(self) -> str:
        """What a web server calls the file."""
        return "application/zip"


FileFormat = ExportFormat | PackFormat


def format_of(name: str) -> FileFormat:
    """Read a format as it is stored. Raises ValueError for any other text."""
    return PackFormat(name) if name in list(PackFormat) else ExportFormat(name)


class ExportState(StrEnum):
    """How far an export is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    GONE = "gone"


class Failure(StrEnum):
    """Why an export ended without a file."""

    STALLED = "stalled"
    ROLE_LOST = "role_lost"


KIND_NAMES: Mapping[ExportKind, str] = {
    ExportKind.BANK: N_("题库试题"),
    ExportKind.REGISTRY: N_("考评员登记"),
    ExportKind.CLASS: N_("班级学习情况"),
    ExportKind.CERTIFICATES: N_("证书文件"),
}
HOLDERS: Mapping[ExportKind, Role] = {
    ExportKind.BANK: Role.QUESTION_ADMIN,
    ExportKind.REGISTRY: Role.REGISTRAR,
    ExportKind.CLASS: Role.EXAM_ADMIN,
    ExportKind.CERTIFICATES: Role.REGISTRAR,
}
"""Who may ask for a kind of file, and fetch it: keys of questions and lists of people are nobody else's."""
MOST: Mapping[ExportKind, int] = {ExportKind.CERTIFICATES: PACK_MAX}
"""How many records a kind takes, where that is fewer than `ROWS_MAX`."""

FAILURE_WORDS: Mapping[Failure, str] = {
    Failure.STALLED: N_("写文件的任务没有完成，什么都没有留下。请重新导出；再次停下时，请联系系统管理员。"),
    Failure.ROLE_LOST: N_("开始写文件时，您已没有这类导出所需的角色，所以没有导出。"),
}

_OPEN = (ExportState.WAITING, ExportState.RUNNING)
EXPORT: StateMachine[ExportState] = StateMachine(
    "export",
    ExportState.WAITING,
    {
        "begin": Move((ExportState.WAITING,), ExportState.RUNNING),
        "deliver": Move((ExportState.RUNNING,), ExportState.DONE),
        "fail": Move(_OPEN, ExportState.FAILED),
        "again": Move((ExportState.FAILED,), ExportState.WAITING),
        "let_go": Move((ExportState.DONE,), ExportState.GONE),
    },
)


def request_reasons(
    kind: ExportKind, actor: Actor, total: int, purpose: str, *, has_open: bool
) -> list[Reason]:
    """Say why somebody cannot have a file of `total` rows written now."""
    return standing_reasons(kind, actor, total, has_open=has_open) + purpose_reasons(purpose)


def standing_reasons(kind: ExportKind, actor: Actor, total: int, *, has_open: bool) -> list[Reason]:
    """Say why not, before anything was filled in."""
    reasons = holder_reasons(kind, actor)
    if has_open:
        reasons.append(
            Reason(
                "export.one_at_a_time", N_("同一类导出，一次只写一份文件"), now=N_("您的上一份还没有写完"),
                way_out=N_("请到“导出的文件”查看进度，写完后再导出"),
            )
        )  # fmt: skip
    if total == 0:
        reasons.append(
            Reason(
                "export.nothing", N_("至少要有一条符合条件的记录才能导出"), now=N_("现在没有符合条件的记录"),
                way_out=N_("请回到列表，换一个条件"),
            )
        )  # fmt: skip
    limit = MOST.get(kind, ROWS_MAX)
    if total > limit:
        reasons.append(
            Reason(
                "export.too_many", N_("一份文件最多 %(limit)s 条"), now=NN_("符合条件的有 %(count)s 条"),
                way_out=N_("请回到列表，用筛选条件分成几份导出"), params={"limit": limit, "count": total},
            )
        )  # fmt: skip
    return reasons


def purpose_reasons(purpose: str) -> list[Reason]:
    """Say why a written purpose is none."""
    length = len(purpose.strip())
    if PURPOSE_MIN <= length <= PURPOSE_MAX:
        return []
    return [
        Reason(
            "export.purpose", N_("请写明用途，%(low)s 至 %(high)s 个字"), now=NN_("您写了 %(length)s 个字", "length"),
            way_out=N_("请写出文件交给谁、做什么用"), field_name="purpose",
            params={"low": PURPOSE_MIN, "high": PURPOSE_MAX, "length": length},
        )
    ]  # fmt: skip


def holder_reasons(kind: ExportKind, actor: Actor) -> list[Reason]:
    """Say why somebody may not hold a kind of file: asked when it is asked for, written and fetched."""
    if actor.has_role(HOLDERS[kind]):
        return []
    return [
        Reason(
            "export.role", N_("这类文件只交给有相应角色的人"), now=N_("您的账号现在没有这个角色"),
            way_out=N_("如确需办理，请联系系统管理员授权"),
        )
    ]  # fmt: skip


def fetch_reasons(kind: ExportKind, state: ExportState, actor: Actor) -> list[Reason]:
    """Say why a file cannot be fetched."""
    reasons = holder_reasons(kind, actor)
    if state is ExportState.GONE:
        reasons.append(
            Reason(
                "export.gone", N_("导出的文件只保留 %(days)s 天"), now=N_("这份文件已经清除"),
                way_out=N_("如仍需要，请重新导出"), params={"days": KEPT_FOR.days},
            )
        )  # fmt: skip
    elif state is not ExportState.DONE:
        reasons.append(
            Reason(
                "export.not_ready", N_("文件写完之后才能下载"), now=N_("这份文件还没有写好"),
                way_out=N_("请在本页查看进度"),
            )
        )  # fmt: skip
    return reasons


def kept_until(finished_at: datetime) -> datetime:
    """Return when a finished file is let go."""
    return finished_at + KEPT_FOR
