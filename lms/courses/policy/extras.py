"""What stands beside a lesson's video: chapters, captions, handouts."""

from collections.abc import Sequence
from dataclasses import dataclass

from lms.core.errors import N_, Reason
from lms.courses.policy.pdf import PdfTrouble, pdf_trouble

MAX_CHAPTERS = 40
MAX_CHAPTER_TITLE = 60
MAX_CAPTIONS_BYTES = 1 << 20
MAX_HANDOUTS = 10
MAX_HANDOUT_BYTES = 10 << 20
MAX_HANDOUT_TITLE = 80


_PDF_WORDS = {
    PdfTrouble.NO_PDF: (N_("文件内容不是完整的 PDF，与文件名的后缀无关"), N_("请另选文件")),
    PdfTrouble.LOCKED: (N_("文件加了密码，服务器无法检查"), N_("请另存为不加密码的普通 PDF")),
    PdfTrouble.ACTIVE: (N_("文件里有脚本、表单程序、声像或附件"), N_("请用“打印为 PDF”重新导出")),
}


@dataclass(frozen=True, slots=True)
class Chapter:
    """A named place of a lesson, in whole seconds from its begin."""

    at: int
    title: str


@dataclass(frozen=True, slots=True)
class ChapterLine:
    """A typed line with its number; `chapter` is None when nobody can read one out of it."""

    number: int
    chapter: Chapter | None


def chapter_reasons(chapters: Sequence[Chapter], lesson_seconds: int | None) -> list[Reason]:
    """Say why chapters cannot stand so: their times rise and lie inside the video, each has a name."""
    lines = [ChapterLine(number, chapter) for number, chapter in enumerate(chapters, start=1)]
    return chapter_line_reasons(lines, lesson_seconds)


def chapter_line_reasons(lines: Sequence[ChapterLine], lesson_seconds: int | None) -> list[Reason]:
    """Say of every line that cannot stand what is the matter with it; the first one also tells the rule."""
    reasons = []
    if len(lines) > MAX_CHAPTERS:
        reasons.append(
            Reason(
                "chapters.many",
                N_("一课最多 %(most)s 个章节"),
                params={"most": MAX_CHAPTERS},
                field_name="chapters",
            )
        )
    faults, before = [], -1
    for line in lines:
        fault = _line_fault(line.chapter, before, lesson_seconds)
        if fault:
            faults.append((line.number, fault))
        if line.chapter is not None:
            before = line.chapter.at
    if not faults:
        return reasons
    rule, way_out = N_("每行一个章节：时间在前、名称在后，时间从早到晚"), N_("请改好所列的行")
    (first, fault), *others = faults
    reasons.append(
        Reason("chapters.line", rule, fault, way_out, params={"line": first}, field_name="chapters")
    )
    reasons += [
        Reason("chapters.line", fault, params={"line": number}, field_name="chapters")
        for number, fault in others
    ]
    return reasons


def _line_fault(chapter: Chapter | None, before: int, lesson_seconds: int | None) -> str:
    if chapter is None:
        return N_("第 %(line)s 行无法识别")
    if not 1 <= len(chapter.title) <= MAX_CHAPTER_TITLE:
        return N_("第 %(line)s 行的名称不符合：1 至 60 个字")
    if chapter.at <= before:
        return N_("第 %(line)s 行的时间不在上一行之后")
    if lesson_seconds is not None and chapter.at >= lesson_seconds:
        return N_("第 %(line)s 行的时间超过了视频的长度")
    return ""


def handout_reasons(data: bytes) -> list[Reason]:
    """Say why a file cannot be a handout. Looks through all of it, so call it before a transaction is opened."""
    if len(data) > MAX_HANDOUT_BYTES:
        return [_handout_reason(N_("这个文件太大"), N_("请另选文件"))]
    trouble = pdf_trouble(data)
    return [_handout_reason(*_PDF_WORDS[trouble])] if trouble else []


def more_handouts_reasons(count: int) -> list[Reason]:
    """Say why a lesson that has `count` handouts already takes no further one."""
    if count < MAX_HANDOUTS:
        return []
    return [_handout_reason(N_("这一课的讲义已满"), N_("请先移除一份"))]


def _handout_reason(now: str, way_out: str) -> Reason:
    rule = N_("讲义为 PDF 文件，每课最多 %(most)s 份，每份不超过 %(size)s MB")
    params = {"most": MAX_HANDOUTS, "size": MAX_HANDOUT_BYTES >> 20}
    return Reason("handout", rule, now, way_out, params=params, field_name="handout")
