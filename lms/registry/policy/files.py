"""The rules by which a file that somebody hands in is judged: genuine, altered, or not ours."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from lms.certificates.file_traces import LARGEST_FILE, FileTraces
from lms.core.errors import N_, NN_, Reason


class FileVerdict(StrEnum):
    """What a file is."""

    GENUINE = "genuine"
    """Byte for byte what was issued."""
    ALTERED = "altered"
    """Made from one of ours, or made to look like one; not what was issued."""
    FOREIGN = "foreign"
    """None of ours."""


class Finding(StrEnum):
    """How a file differs from what was issued."""

    APPENDED = "appended"
    CHANGED = "changed"
    UNKNOWN = "unknown"
    STRANGER = "stranger"
    UNSEALED = "unsealed"
    NUMBER = "number"


FINDING_WORDS: Mapping[Finding, str] = {
    Finding.APPENDED: N_("签发的原件后面又追加了内容"),
    Finding.CHANGED: N_("文件带有本平台的电子签章，但签章后内容被改动"),
    Finding.UNKNOWN: N_("文件带有本平台的电子签章，但登记库里没有签发过这个文件"),
    Finding.STRANGER: N_("文件上的电子签名不是本平台的签章"),
    Finding.UNSEALED: N_("文件上没有电子签章"),
    Finding.NUMBER: N_("文件里有像证书编号的数字，但这不能说明它是本平台签发的"),
}


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdict on a file with what was found."""

    verdict: FileVerdict
    findings: tuple[Finding, ...] = ()


def judge(
    traces: FileTraces, our_seals: frozenset[str], *, is_stored: bool, was_stored: bool, names_ours: bool
) -> Judged:
    """Judge a file.

    `is_stored`: these very bytes were issued; nothing else makes a file genuine. `was_stored`: its beginning was.
    `names_ours`: it holds a verification code of the register. What is said of a number alone is the same whether
    the register has it or not: numbers can be guessed (fault F2).
    """
    if is_stored:
        return Judged(FileVerdict.GENUINE)
    ours = [trace for trace in traces.signatures if trace.seal_id in our_seals]
    findings = []
    if was_stored:
        findings.append(Finding.APPENDED)
    elif any(not trace.is_intact for trace in ours):
        findings.append(Finding.CHANGED)
    elif ours:
        findings.append(Finding.UNKNOWN)
    if len(ours) < len(traces.signatures):
        findings.append(Finding.STRANGER)
    elif not traces.signatures and names_ours:
        findings.append(Finding.UNSEALED)
    if was_stored or ours or names_ours:
        return Judged(FileVerdict.ALTERED, tuple(findings))
    if traces.has_number:
        findings.append(Finding.NUMBER)
    return Judged(FileVerdict.FOREIGN, tuple(findings))


def file_reasons(size: int, *, is_pdf: bool) -> list[Reason]:
    """Say why a file cannot be checked: empty, too large, or no PDF."""
    if size == 0:
        now, way_out = N_("没有选择文件，或文件是空的"), N_("请选择下载的证书文件")
    elif size > LARGEST_FILE:
        now, way_out = N_("文件超过 %(most)s MB"), N_("本平台签发的证书不到 0.2 MB，请选择下载的原文件")
    elif not is_pdf:
        now, way_out = (
            N_("这不是 PDF 文件"),
            N_("照片、扫描件和截图无法核对，请用证书上的编号和姓名或二维码查验"),
        )
    else:
        return []
    most = LARGEST_FILE // 1_000_000
    return [
        Reason(
            "verify.file", N_("可以核对本平台签发的 PDF 证书文件"), now, way_out, "F1", {"most": most}, "file"
        )
    ]


BATCH_ROWS_MOST = 500
BATCH_BYTES_MOST = 1_000_000
BATCHES_PER_MINUTE = 6
"""Each reads up to 500 rows; names and numbers must be known, so this bounds work, not harvesting."""


class RowState(StrEnum):
    """What a batch says of a row beside how its certificate stands."""

    NOT_FOUND = "not_found"
    FAULTY = "faulty"


ROW_WORDS: Mapping[RowState, str] = {RowState.NOT_FOUND: N_("没有查到"), RowState.FAULTY: N_("填写有误")}


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One row of an employer's list, as typed."""

    row: int
    number: str
    name: str


def batch_refused(now: str, way_out: str, **params: object) -> Reason:
    """Say why a list cannot be read as a whole."""
    return Reason(
        "verify.batch", N_("名单是有“证书编号”“姓名”两列的 xlsx 或 csv 文件，最多 %(rows)s 行"), now, way_out, "F2",
        {"rows": BATCH_ROWS_MOST, **params}, "file",
    )  # fmt: skip


def too_many_rows(count: int) -> Reason:
    """Say that a list is too long."""
    return batch_refused(NN_("名单有 %(count)s 行", "count"), N_("请分成几个文件上传"), count=count)
