"""What the pages of the courses room send."""

import re
from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from wtforms import FileField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length

from lms.core.forms import FILL_IN, DurationField, HouseForm
from lms.courses.policy import (
    MAX_CODE,
    MAX_COURSE_TITLE,
    MAX_EXPLANATION,
    MAX_OPTION,
    MAX_OPTIONS,
    MAX_STEM,
    MAX_SUMMARY,
    MAX_TITLE,
    OPTION_LETTERS,
    AskedQuestion,
    Chapter,
    ChapterLine,
)

_LONGEST = _l("最多 %(max)d 个字")
_LINE = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):([0-5]\d)\s+(.*\S)")


def _option(letter: str, *, is_needed: bool = False) -> StringField:
    needed = [DataRequired(FILL_IN)] if is_needed else []
    return StringField(
        _l("选项 %(letter)s", letter=letter), validators=[*needed, Length(max=MAX_OPTION, message=_LONGEST)],
        render_kw={"autocomplete": "off"},
    )  # fmt: skip


class CourseForm(HouseForm):
    """What a course is called."""

    title = StringField(
        _l("课程名称"), validators=[DataRequired(FILL_IN), Length(max=MAX_COURSE_TITLE, message=_LONGEST)]
    )
    code = StringField(
        _l("课程代码"), validators=[DataRequired(FILL_IN), Length(max=MAX_CODE, message=_LONGEST)],
        description=_l("英文字母、数字或短横线，如 examiner-2026；每门课程不同"),
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )  # fmt: skip


class NewLessonForm(HouseForm):
    """A lesson to be added at the end."""

    lesson_title = StringField(
        _l("课的名称"), validators=[DataRequired(FILL_IN), Length(max=MAX_TITLE, message=_LONGEST)],
        render_kw={"autocomplete": "off"},
    )  # fmt: skip


class LessonForm(HouseForm):
    """What a lesson is called and what it is about."""

    title = StringField(
        _l("课的名称"), validators=[DataRequired(FILL_IN), Length(max=MAX_TITLE, message=_LONGEST)],
        render_kw={"autocomplete": "off"},
    )  # fmt: skip
    summary = TextAreaField(
        _l("内容简介"), validators=[Length(max=MAX_SUMMARY, message=_LONGEST)], render_kw={"rows": 3}
    )
    min_seconds = DurationField(
        _l("最短学习时间（分钟）"), description=_l("每人在这一课至少要计入的时间，不超过视频的长度；0 表示不限"),
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )  # fmt: skip


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

    def read(self) -> list[ChapterLine]:
        """Return each line that is not empty with its number, as the person counts them."""
        typed = enumerate((self.chapters.data or "").splitlines(), start=1)
        return [ChapterLine(number, _chapter_of(line)) for number, line in typed if line.strip()]


def _chapter_of(line: str) -> Chapter | None:
    match = _LINE.fullmatch(line.strip())
    if match is None:
        return None
    hours, minutes, seconds, title = match.groups()
    return Chapter((int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds), title)


class QuestionForm(HouseForm):
    """A question at a second of a lesson's video."""

    at = DurationField(
        _l("出现的时间（分:秒）"), description=_l("视频播放到这里会暂停并提问，例如 12:30"),
        validators=[InputRequired(FILL_IN)], render_kw={"autocomplete": "off"},
    )  # fmt: skip
    stem = TextAreaField(
        _l("问题"), validators=[DataRequired(FILL_IN), Length(max=MAX_STEM, message=_LONGEST)], render_kw={"rows": 3}
    )  # fmt: skip
    option_1 = _option("A", is_needed=True)
    option_2 = _option("B", is_needed=True)
    option_3 = _option("C")
    option_4 = _option("D")
    option_5 = _option("E")
    right = SelectField(
        _l("正确的选项"), coerce=int, choices=[SelectChoice(n, letter) for n, letter in enumerate(OPTION_LETTERS)],
        description=_l("给学员看时，选项的顺序每次都不同"),
    )  # fmt: skip
    explanation = TextAreaField(
        _l("讲解"), validators=[Length(max=MAX_EXPLANATION, message=_LONGEST)], render_kw={"rows": 3},
        description=_l("答对以后显示；可以不填"),
    )  # fmt: skip

    @property
    def option_fields(self) -> list[StringField]:
        """The fields of the options in order."""
        return [self[f"option_{number}"] for number in range(1, MAX_OPTIONS + 1)]

    def show(self, asked: AskedQuestion) -> None:
        """Fill in what is stored."""
        self.at.data, self.stem.data, self.explanation.data = asked.at, asked.stem, asked.explanation
        self.right.data = asked.right
        for field, option in zip(self.option_fields, asked.options, strict=False):
            field.data = option

    def read(self) -> AskedQuestion:
        """Return what was typed; options that were left empty are none."""
        options = [(field.data or "").strip() for field in self.option_fields]
        filled = [place for place, option in enumerate(options) if option]
        return AskedQuestion(
            self.at.data, (self.stem.data or "").strip(), tuple(options[place] for place in filled),
            filled.index(self.right.data) if self.right.data in filled else -1,
            (self.explanation.data or "").strip(),
        )  # fmt: skip


class HandoutForm(HouseForm):
    """A PDF beside a lesson."""

    handout = FileField(
        _l("讲义文件"), validators=[InputRequired(_l("请选择文件"))], render_kw={"accept": ".pdf,application/pdf"},
        description=_l("PDF，每份不超过 10 MB；学员可以下载"),
    )  # fmt: skip
