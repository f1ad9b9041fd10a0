"""What an uploaded video must be, how much work one may cause, and why one is refused."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from lms.core.errors import N_, Reason

MAX_SECONDS = 4 * 3600  # nobody watches one lesson for longer; a bigger figure is a mistake or an attack
MAX_STORED_BYTES = (1 << 31) - 1
TELL_AFTER = timedelta(minutes=1)
"""Who waited longer than this for a video has probably left the page, and gets a mail."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the process that reads a foreign file may take at most; the kernel enforces it."""

    seconds: int = MAX_SECONDS
    pixels: int = 4096 * 2304
    memory_bytes: int = 3 << 30
    """Address space, of which the libraries alone take about a third."""
    cpu_seconds: int = 8 * 3600
    file_bytes: int = MAX_STORED_BYTES
    stall_seconds: float = 120.0
    """The process says each second how far it is; one that is silent for so long is ended."""
    trusts: bool = False
    """Only for files that this house filmed itself: what needs no new rendition is not decoded to its end."""


_RULE = N_("课程视频为 MP4、MOV 或 MKV 文件，有画面，1 秒至 4 小时")
VIDEO_WAYS = {
    "container": (
        N_("文件内容不是 MP4、MOV 或 MKV，与文件名的后缀无关"), N_("请用转换软件导出为 MP4（H.264 + AAC）"),
    ),
    "no_video": (N_("文件里没有画面"), N_("请上传带画面的视频文件")),
    "codec": (N_("画面的编码无法解读"), N_("请用转换软件导出为 MP4（H.264 + AAC）")),
    "damaged": (N_("文件不完整或已损坏"), N_("请检查原文件能否播放到结尾，再完整上传一次")),
    "too_short": (N_("画面不到 1 秒"), N_("请检查上传的是不是这一课的视频")),
    "too_long": (N_("时长超过 4 小时"), N_("请把课程分成几个较短的视频")),
    "too_large": (N_("画面超过 4096×2304"), N_("请缩小画面后再上传")),
    "too_heavy": (
        N_("处理这个文件需要的内存、时间或空间超过了上限"), N_("请用转换软件导出为较小的 MP4（H.264 + AAC）"),
    ),
}  # fmt: skip
"""Code of the refusal -> (what is the matter, way out)."""
GAVE_UP = "gave_up"
"""Code for a file on which every try ended early."""
MAY_PASS = frozenset({GAVE_UP, "too_heavy"})
"""Troubles that lie with the server or its load as well, so that another try of the same file may succeed."""


def video_reason(code: str) -> Reason:
    """Say why an uploaded file is no video of a lesson."""
    now, way_out = VIDEO_WAYS[code]
    return Reason(f"video.{code}", _RULE, now, way_out, source="H11", field_name="video")


def gave_up_reasons() -> list[Reason]:
    """Say why nobody works on a video any more."""
    return [
        Reason(
            "video.gave_up", N_("视频处理多次没有完成，就会停下"),
            N_("服务器试了多次，都没有处理完这个文件"), N_("请重新处理；仍然停下的，请联系系统管理员"),
        )
    ]  # fmt: skip


def again_reasons(trouble: str) -> list[Reason]:
    """Say why working on the same file once more is no use: what is in a file does not change by reading it again."""
    if trouble in MAY_PASS:
        return []
    return [
        Reason(
            "video.again", N_("只有服务器没有处理完的文件可以重新处理"), N_("这个文件的内容不符合要求"),
            N_("请上传另一个文件"),
        )
    ]  # fmt: skip


def upload_reasons(byte_count: int, most_bytes: int) -> list[Reason]:
    """Say why a file cannot be taken, as far as its size tells."""
    if byte_count == 0:
        return [Reason("video.empty", N_("请选择一个视频文件"), N_("文件是空的"), field_name="video")]
    if byte_count > most_bytes:
        return [
            Reason(
                "video.size", N_("一个视频文件最大 %(most)s MB"), N_("这个文件 %(size)s MB"),
                N_("请压缩，或分成几课"), field_name="video",
                params={"most": most_bytes // 1_000_000, "size": -(-byte_count // 1_000_000)},
            )
        ]  # fmt: skip
    return []


def is_worth_telling(asked_at: datetime, now: datetime) -> bool:
    """Tell whether the work took so long that the person has probably left the page."""
    return now - asked_at > TELL_AFTER
