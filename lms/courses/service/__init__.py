"""The verbs of the courses room."""

from lms.courses.service.drafts import (
    add_lesson,
    copy_course,
    create_draft,
    discard_draft,
    edit_draft,
    edit_lesson,
    move_lesson,
    publish_draft,
    remove_lesson,
    why_unpublished,
)
from lms.courses.service.extras import add_handout, remove_handout, set_captions, set_chapters
from lms.courses.service.questions import add_question, edit_question, remove_question, set_minimum
from lms.courses.service.registering import StoredLesson, add_course
from lms.courses.service.videos import (
    PreparedVideo,
    begin_work,
    finish_video,
    get_on,
    refuse_video,
    take_video,
    work_again,
)

__all__ = [
    "PreparedVideo", "StoredLesson", "add_course", "add_handout", "add_lesson", "add_question", "begin_work",
    "copy_course", "create_draft", "discard_draft", "edit_draft", "edit_lesson", "edit_question", "finish_video",
    "get_on", "move_lesson", "publish_draft", "refuse_video", "remove_handout", "remove_lesson",
    "remove_question", "set_captions", "set_chapters", "set_minimum", "take_video", "why_unpublished",
    "work_again",
]  # fmt: skip
