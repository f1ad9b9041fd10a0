"""What the pages of the courses room send."""

import re
from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from wtforms import FileField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from lms.core.errors import N_, Invalid, Reason
from lms.core.forms import HouseForm
from lms.courses.policy import MAX_CODE, MAX_COURSE_TITLE, MAX_SUMMARY, MAX_TITLE, Chapter

_LONGEST = _l("最多 %(max)d 个字")
_REQUIRED = _l("请填写这一项")
_LINE = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):([0-5]\d)\s+(.*\S)")


class CourseForm(HouseForm):
    """What a course is called."""

    title = StringField(
        _l("课程名称"), validators=[DataRequired(_REQUIRED), Length(max=MAX_COURSE_TITLE, message=_LONGEST)]
    )
    code = StringField(
        _l("课程代码"), validators=[DataRequired(_REQUIRED), Length(max=MAX_CODE, message=_LONGEST)],
        description=_l("英文字母、数字或短横线，如 examiner-2026；每门课程不同"),
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )  # fmt: skip


class NewLessonForm(HouseForm):
    """A lesson to be added at the end."""

    lesson_title = StringField(
        _l("课的名称"), validators=[DataRequired(_REQUIRED), Length(max=MAX_TITLE, message=_LONGEST)],
        render_kw={"autocomplete": "off"},
    )  # fmt: skip


class LessonForm(HouseForm):
    """What a lesson is called and what it is about."""

    title = StringField(
        _l("课的名称"), validators=[DataRequired(_REQUIRED), Length(max=MAX_TITLE, message=_LONGEST)],
        render_kw={"autocomplete": "off"},
    )  # fmt: skip
    summary = TextAreaField(
        _l("内容简介"), validators=[Length(max=MAX_SUMMARY, message=_LONGEST)], render_kw={"rows": 3}
    )


class VideoForm(HouseForm):
    """The video of a lesson."""

    video = FileField(
        _l("视频文件"), validators=[InputRequired(_l("请选择文件"))],
        render_kw={"accept": ".mp4,.m4v,.mov,.mkv,video/mp4,video/quicktime,video/x-matroska"},
    )  # fmt: skip


class CaptionsForm(HouseForm):
    """Captions of a lesson."""

    captions = FileField(
        _l("字幕文件"), validators=[InputRequired(_l("请选择文件"))], render_kw={"accept": ".vtt,text/vtt"},
        description=_l("WebVTT（.vtt），UTF-8 编码，不超过 1 MB；只保留时间和文字"),
    )  # fmt: skip


class ChaptersForm(HouseForm):
    """Chapters of a lesson, one a line."""

    chapters = TextAreaField(
        _l("章节"), render_kw={"rows": 6, "spellcheck": "false"},
        description=_l("每行一个：时间在前，名称在后，例如 12:30 现场考评的准备；留空即没有章节"),
    )  # fmt: skip

    def show(self, chapters: Sequence[Chapter]) -> None:
        """Fill in what is stored."""
        self.chapters.data = "\n".join(f"{one.at // 60}:{one.at % 60:02} {one.title}" for one in chapters)

    def read(self) -> list[Chapter]:
        """Return what was typed. Raises Invalid naming the first line that is none."""
        found = []
        for number, line in enumerate((self.chapters.data or "").splitlines(), start=1):
            if not line.strip():
                continue
            match = _LINE.fullmatch(line.strip())
            if match is None:
                raise Invalid(
                    Reason(
                        "chapters.line", N_("每行一个章节：时间在前、名称在后，时间从早到晚"),
                        N_("第 %(line)s 行无法识别"), N_("请改好这一行"), params={"line": number},
                        field_name="chapters",
                    )
                )  # fmt: skip
            hours, minutes, seconds, title = match.groups()
            found.append(Chapter((int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds), title))
        return found


class HandoutForm(HouseForm):
    """A PDF beside a lesson."""

    handout = FileField(
        _l("讲义文件"), validators=[InputRequired(_l("请选择文件"))], render_kw={"accept": ".pdf,application/pdf"},
        description=_l("PDF，每份不超过 10 MB；学员可以下载"),
    )  # fmt: skip
