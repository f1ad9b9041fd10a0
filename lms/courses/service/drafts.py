"""Preparing a course: its lessons in order, and the step from a draft to a course that never changes again."""

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, insert, update

from lms.audit import service as audit
from lms.core.actors import Actor
from lms.core.errors import N_, Conflict, Invalid, NotFound, Reason, require
from lms.core.identifiers import new_id
from lms.core.unit_of_work import UnitOfWork
from lms.courses import queries
from lms.courses.models import CourseDraft, DraftLesson, Handout, LessonQuestion
from lms.courses.policy import (
    COURSE_DRAFT,
    LESSON_VIDEO,
    MAX_LESSONS,
    MAX_SUMMARY,
    AskedQuestion,
    Beyond,
    VideoState,
    beyond_reasons,
    chapter_reasons,
    course_reasons,
    may_prepare,
    minimum_reasons,
    publish_reasons,
    title_reasons,
)
from lms.courses.queries import CourseFacts, DraftLessonFacts, QuestionFacts
from lms.courses.service.draft_lessons import change_lesson
from lms.courses.service.extras import chapters_to_json
from lms.courses.service.questions import insert_questions
from lms.courses.service.registering import StoredLesson, add_course

QuestionsByLesson = Mapping[str, Sequence[QuestionFacts]]


def create_draft(
    uow: UnitOfWork, actor: Actor, code: str, title: str, *, copied_from: str | None = None
) -> str:
    """Begin a course and return the draft's id. Raises Invalid with every reason, NotFound without the right."""
    if not may_prepare(actor):
        raise NotFound
    require(_name_reasons(uow, code, title), Invalid)
    draft_id = new_id()
    uow.session.execute(
        insert(CourseDraft).values(
            id=draft_id,
            code=code,
            title=title,
            state=COURSE_DRAFT.initial,
            copied_from=copied_from,
            created_at=uow.now,
        )
    )
    audit.born(uow, actor, COURSE_DRAFT, draft_id, **({"copied_from": copied_from} if copied_from else {}))
    return draft_id


def copy_course(uow: UnitOfWork, actor: Actor, course_id: str, code: str, title: str) -> str:
    """Begin a new edition of a course: a draft with the same lessons, whose videos are there already."""
    taught = queries.lessons(uow, queries.course_facts(uow, course_id).id)
    asked = queries.questions_of_course(uow, course_id)
    draft_id = create_draft(uow, actor, code, title, copied_from=course_id)
    for lesson in taught:
        lesson_id = _insert_lesson(uow, actor, draft_id, lesson.position, lesson.title, lesson.summary)
        audit.move(
            uow, actor, LESSON_VIDEO, "copy", DraftLesson.state, lesson_id, VideoState.EMPTY,
            changes={
                "file_key": lesson.file_key, "size_bytes": lesson.size_bytes, "duration_ms": lesson.duration_ms,
                "low_key": lesson.low_key, "low_bytes": lesson.low_bytes, "poster_key": lesson.poster_key,
                "captions_key": lesson.captions_key, "chapters": chapters_to_json(lesson.chapters),
                "min_seconds": lesson.min_seconds,
            },
            draft_id=draft_id,
        )  # fmt: skip
        insert_questions(uow, [one.asked for one in asked.get(lesson.id, ())], draft_lesson_id=lesson_id)
        for handout in queries.handouts_of(uow, lesson_id=lesson.id):
            uow.session.execute(
                insert(Handout).values(
                    id=new_id(), draft_lesson_id=lesson_id, title=handout.title, file_key=handout.file_key,
                    size_bytes=handout.size_bytes, added_at=uow.now,
                )
            )  # fmt: skip
    return draft_id


def edit_draft(uow: UnitOfWork, actor: Actor, draft_id: str, code: str, title: str) -> None:
    """Rename a draft."""
    draft = queries.hold_draft(uow, actor, draft_id)
    require(_name_reasons(uow, code, title), Invalid)
    changed = [name for name, value in (("code", code), ("title", title)) if getattr(draft, name) != value]
    if not changed:
        return
    _change(uow, draft_id, code=code, title=title)
    audit.record(uow, actor, "course_draft:edit", draft_id, changed=changed)


def add_lesson(uow: UnitOfWork, actor: Actor, draft_id: str, title: str) -> str:
    """Add a lesson at the end of a draft and return its id."""
    queries.hold_draft(uow, actor, draft_id)
    there = queries.draft_lessons(uow, draft_id)
    require(title_reasons(title), Invalid)
    if len(there) >= MAX_LESSONS:
        raise Invalid(
            Reason(
                "course.lessons_full", N_("一门课程有 1 至 %(most)s 课"), params={"most": MAX_LESSONS},
                field_name="title",
            )
        )  # fmt: skip
    return _insert_lesson(uow, actor, draft_id, len(there) + 1, title, "")


def edit_lesson(uow: UnitOfWork, actor: Actor, lesson_id: str, title: str, summary: str) -> None:
    """Rename a lesson, or say in other words what it is about."""
    lesson = queries.hold_lesson(uow, actor, lesson_id)
    require(title_reasons(title), Invalid)
    summary = summary[:MAX_SUMMARY]
    if (lesson.title, lesson.summary) != (title, summary):
        change_lesson(uow, lesson_id, title=title, summary=summary)
        audit.record(uow, actor, "course_draft:edit_lesson", lesson.draft_id, lesson_id=lesson_id)


def move_lesson(uow: UnitOfWork, actor: Actor, lesson_id: str, *, up: bool) -> None:
    """Let a lesson change places with the one before or after it; at the end of the row nothing happens."""
    lesson = queries.hold_lesson(uow, actor, lesson_id)
    wanted = lesson.position + (-1 if up else 1)
    other = next((one for one in queries.draft_lessons(uow, lesson.draft_id) if one.position == wanted), None)
    if other is None:
        return
    change_lesson(uow, lesson.id, position=0)  # no two lessons may stand in one place, not even for a moment
    change_lesson(uow, other.id, position=lesson.position)
    change_lesson(uow, lesson.id, position=wanted)
    audit.record(
        uow, actor, "course_draft:move_lesson", lesson.draft_id, lesson_id=lesson_id, position=wanted
    )


def remove_lesson(uow: UnitOfWork, actor: Actor, lesson_id: str) -> None:
    """Take a lesson out of a draft; a job that works on its video finds nothing to do any more."""
    lesson = queries.hold_lesson(uow, actor, lesson_id)
    uow.session.execute(delete(Handout).where(Handout.draft_lesson_id == lesson_id))
    uow.session.execute(delete(LessonQuestion).where(LessonQuestion.draft_lesson_id == lesson_id))
    uow.session.execute(delete(DraftLesson).where(DraftLesson.id == lesson_id))
    for later in queries.draft_lessons(uow, lesson.draft_id):
        if later.position > lesson.position:
            change_lesson(uow, later.id, position=later.position - 1)
    audit.record(uow, actor, "course_draft:remove_lesson", lesson.draft_id, lesson_id=lesson_id)


def discard_draft(uow: UnitOfWork, actor: Actor, draft_id: str) -> None:
    """Put a draft aside for good."""
    draft = queries.hold_draft(uow, actor, draft_id)
    audit.move(uow, actor, COURSE_DRAFT, "discard", CourseDraft.state, draft_id, draft.state)


def publish_draft(uow: UnitOfWork, actor: Actor, draft_id: str) -> CourseFacts:
    """Register a draft as a course that plans can offer. Raises Conflict with every reason why not."""
    draft = queries.hold_draft(uow, actor, draft_id)
    prepared = queries.draft_lessons(uow, draft_id)
    asked = queries.questions_of_draft(uow, draft_id)
    require(why_unpublished(prepared, asked), Conflict)
    require(_name_reasons(uow, draft.code, draft.title), Conflict)
    course = add_course(uow, actor, draft.code, draft.title, _stored(prepared, asked))
    for taught, lesson in zip(queries.lessons(uow, course.id), prepared, strict=True):
        for handout in queries.handouts_of(uow, draft_lesson_id=lesson.id):
            uow.session.execute(
                insert(Handout).values(
                    id=new_id(), lesson_id=taught.id, title=handout.title, file_key=handout.file_key,
                    size_bytes=handout.size_bytes, added_at=uow.now,
                )
            )  # fmt: skip
    audit.move(
        uow, actor, COURSE_DRAFT, "publish", CourseDraft.state, draft_id, draft.state,
        changes={"course_id": course.id}, course_id=course.id,
    )  # fmt: skip
    return course


def why_unpublished(prepared: Sequence[DraftLessonFacts], asked: QuestionsByLesson) -> list[Reason]:
    """Say why a draft with these lessons, and questions by the lesson's id, cannot be published."""
    beyond = Beyond(
        chapters=tuple(one.position for one in prepared if chapter_reasons(one.chapters, one.seconds)),
        questions=tuple(
            one.position for one in prepared if beyond_reasons(_asked_in(asked, one), one.seconds)
        ),
        minima=tuple(one.position for one in prepared if minimum_reasons(one.min_seconds, one.seconds)),
    )
    return publish_reasons([(one.position, one.state) for one in prepared], beyond)


def _change(uow: UnitOfWork, draft_id: str, **values: object) -> None:
    uow.session.execute(
        update(CourseDraft)
        .where(CourseDraft.id == draft_id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    uow.session.expire_all()


def _insert_lesson(
    uow: UnitOfWork, actor: Actor, draft_id: str, position: int, title: str, summary: str
) -> str:
    lesson_id = new_id()
    uow.session.execute(
        insert(DraftLesson).values(
            id=lesson_id, draft_id=draft_id, position=position, title=title, summary=summary,
            state=LESSON_VIDEO.initial, turn=0, upload_name="", progress=0, trouble="", chapters="[]",
            min_seconds=0,
        )
    )  # fmt: skip
    audit.born(uow, actor, LESSON_VIDEO, lesson_id, draft_id=draft_id)
    return lesson_id


def _name_reasons(uow: UnitOfWork, code: str, title: str) -> list[Reason]:
    reasons = course_reasons(code, title, ("-",))
    if not reasons and queries.find_course(uow, code) is not None:
        reasons.append(
            Reason(
                "course.code_taken", N_("每门课程有自己的代码"), N_("这个代码已有一门课程在用"), N_("请换一个代码"),
                field_name="code",
            )
        )  # fmt: skip
    return reasons


def _asked_in(asked: QuestionsByLesson, lesson: DraftLessonFacts) -> tuple[AskedQuestion, ...]:
    return tuple(one.asked for one in asked.get(lesson.id, ()))


def _stored(prepared: Sequence[DraftLessonFacts], asked: QuestionsByLesson) -> list[StoredLesson]:
    stored = []
    for one in prepared:
        assert one.file_key is not None
        assert one.size_bytes is not None
        assert one.duration_ms is not None
        stored.append(
            StoredLesson(
                one.title, one.summary, one.duration_ms, one.file_key, one.size_bytes, one.low_key, one.low_bytes,
                one.poster_key, one.captions_key, one.chapters, one.min_seconds, _asked_in(asked, one),
            )
        )  # fmt: skip
    return stored
