"""Pages of the courses room: what can be taught, and how a course is prepared."""

from pathlib import PurePath
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lms.accounts.access import current_actor, large_upload, roles
from lms.accounts.forms import ActForm, show_reasons
from lms.core.errors import Invalid, NotFound, Refusal, require
from lms.core.forms import HouseForm
from lms.core.web import arrived_at, runtime
from lms.courses import queries, service
from lms.courses.delivery import send_stored, send_whole
from lms.courses.forms import (
    CaptionsForm,
    ChaptersForm,
    CourseForm,
    HandoutForm,
    LessonForm,
    NewLessonForm,
    VideoForm,
)
from lms.courses.policy import (
    COURSE_STAFF,
    MAX_CAPTIONS_BYTES,
    MAX_HANDOUT_BYTES,
    DraftState,
    VideoState,
    gave_up_reasons,
    handout_reasons,
    may_prepare,
    publish_reasons,
    upload_reasons,
    video_reason,
)
from lms.courses.queries import DraftLessonFacts, LessonFacts
from lms.courses.webvtt import read_captions, write_captions

Reply = str | Response | tuple[str, int]
blueprint = Blueprint("courses", __name__, url_prefix="/desk/courses")


@blueprint.get("/")
@roles(*COURSE_STAFF)
def index() -> str:
    """List the courses that plans can offer, and those that are being prepared."""
    actor = current_actor()
    with runtime().read(arrived_at()) as uow:
        taught, prepared = queries.courses(uow), queries.drafts(uow, actor)
    return render_template(
        "courses/index.html", courses=taught, drafts=prepared, may_prepare=may_prepare(actor)
    )


@blueprint.get("/<course_id>")
@roles(*COURSE_STAFF)
def show(course_id: str) -> str:
    """Show a course as it is taught."""
    with runtime().read(arrived_at()) as uow:
        course = queries.course_facts(uow, course_id)
        lessons = [
            (lesson, queries.handouts_of(uow, lesson_id=lesson.id)) for lesson in queries.lessons(uow, course_id)
        ]
    return render_template(
        "courses/show.html", course=course, lessons=lessons, may_prepare=may_prepare(current_actor())
    )


@blueprint.route("/new", methods=["GET", "POST"])
@roles(*COURSE_STAFF)
def new() -> Reply:
    """Begin a course."""
    require_right()
    form = CourseForm()
    if form.validate_on_submit():
        try:
            with runtime().write(arrived_at()) as uow:
                draft_id = service.create_draft(uow, current_actor(), *_named(form))
        except Refusal as refusal:
            show_reasons(form, refusal)
        else:
            flash(_("草稿已建立，请添加课并上传视频"), "ok")
            return redirect(url_for("courses.draft", draft_id=draft_id), 303)
    return render_template("courses/new.html", form=form, source=None), 422 if form.is_submitted() else 200


@blueprint.route("/<course_id>/copy", methods=["GET", "POST"])
@roles(*COURSE_STAFF)
def copy(course_id: str) -> Reply:
    """Begin a new edition of a course that is taught."""
    require_right()
    form = CourseForm()
    with runtime().read(arrived_at()) as uow:
        source = queries.course_facts(uow, course_id)
    if form.validate_on_submit():
        try:
            with runtime().write(arrived_at()) as uow:
                draft_id = service.copy_course(uow, current_actor(), course_id, *_named(form))
        except Refusal as refusal:
            show_reasons(form, refusal)
        else:
            flash(_("新版草稿已建立，视频和讲义都已带过来"), "ok")
            return redirect(url_for("courses.draft", draft_id=draft_id), 303)
    if not form.is_submitted():
        form.title.data = source.title
    return render_template("courses/new.html", form=form, source=source), 422 if form.is_submitted() else 200


@blueprint.route("/drafts/<draft_id>", methods=["GET", "POST"])
@roles(*COURSE_STAFF)
def draft(draft_id: str) -> Reply:
    """Show a course that is being prepared, with its lessons in order; take another name or code."""
    form = CourseForm()
    if form.validate_on_submit():
        try:
            with runtime().write(arrived_at()) as uow:
                service.edit_draft(uow, current_actor(), draft_id, *_named(form))
        except Refusal as refusal:
            show_reasons(form, refusal)
        else:
            flash(_("已保存"), "ok")
            return redirect(url_for("courses.draft", draft_id=draft_id), 303)
    return _draft_page(draft_id, 422 if form.is_submitted() else 200, form=form)


@blueprint.post("/drafts/<draft_id>/lessons")
@roles(*COURSE_STAFF)
def add_lesson(draft_id: str) -> Reply:
    """Add a lesson at the end of a draft."""
    adding = NewLessonForm()
    if adding.validate_on_submit():
        try:
            with runtime().write(arrived_at()) as uow:
                lesson_id = service.add_lesson(
                    uow, current_actor(), draft_id, (adding.lesson_title.data or "").strip()
                )
        except Invalid as refusal:
            show_reasons(adding, refusal)
        else:
            return redirect(url_for("courses.lesson", draft_lesson_id=lesson_id), 303)
    return _draft_page(draft_id, 422, adding=adding)


@blueprint.post("/drafts/<draft_id>/publish")
@roles(*COURSE_STAFF)
def publish(draft_id: str) -> Reply:
    """Make a draft a course that plans can offer."""
    with runtime().write(arrived_at()) as uow:
        course = service.publish_draft(uow, current_actor(), draft_id)
    flash(_("课程已发布，培训计划里可以选用了"), "ok")
    return redirect(url_for("courses.show", course_id=course.id), 303)


@blueprint.post("/drafts/<draft_id>/discard")
@roles(*COURSE_STAFF)
def discard(draft_id: str) -> Reply:
    """Put a draft aside."""
    with runtime().write(arrived_at()) as uow:
        service.discard_draft(uow, current_actor(), draft_id)
    flash(_("草稿已放弃"), "ok")
    return redirect(url_for("courses.index"), 303)


@blueprint.route("/lessons/<draft_lesson_id>", methods=["GET", "POST"])
@roles(*COURSE_STAFF)
def lesson(draft_lesson_id: str) -> Reply:
    """Show a lesson of a draft with everything that belongs to it; take another name."""
    form = LessonForm()
    if form.validate_on_submit():
        with runtime().write(arrived_at()) as uow:
            service.edit_lesson(
                uow, current_actor(), draft_lesson_id, (form.title.data or "").strip(),
                (form.summary.data or "").strip(),
            )  # fmt: skip
        flash(_("已保存"), "ok")
        return redirect(url_for("courses.lesson", draft_lesson_id=draft_lesson_id), 303)
    return _lesson_page(draft_lesson_id, 422 if form.is_submitted() else 200, form=form)


@blueprint.get("/lessons/<draft_lesson_id>/card")
@roles(*COURSE_STAFF)
def card(draft_lesson_id: str) -> str:
    """Tell the waiting page how far the work on a video is."""
    with runtime().read(arrived_at()) as uow:
        facts = queries.get_draft_lesson(uow, current_actor(), draft_lesson_id)
    return render_template("courses/_card.html", lesson=facts)


@blueprint.post("/lessons/<draft_lesson_id>/video")
@large_upload
@roles(*COURSE_STAFF)
def upload(draft_lesson_id: str) -> Reply:
    """Take a video file, as large as the settings allow; a job prepares it."""
    form, house = VideoForm(), runtime()
    with house.read(arrived_at()) as uow:
        queries.get_draft_lesson(uow, current_actor(), draft_lesson_id)
    file = request.files.get("video")
    if not form.validate_on_submit() or file is None:
        return _lesson_page(draft_lesson_id, 422, video=form)
    try:
        size = file.stream.seek(0, 2)
        require(upload_reasons(size, house.settings.video_max_mb * 1_000_000), Invalid)
        # On disk before the write begins: the lane belongs to everybody.
        key = house.storage.put_stream(file.stream)
        with house.write(arrived_at()) as uow:
            service.take_video(uow, current_actor(), draft_lesson_id, file.filename or "", key)
    except Invalid as refusal:
        show_reasons(form, refusal)
        return _lesson_page(draft_lesson_id, 422, video=form)
    return redirect(url_for("courses.lesson", draft_lesson_id=draft_lesson_id), 303)


@blueprint.post("/lessons/<draft_lesson_id>/again")
@roles(*COURSE_STAFF)
def again(draft_lesson_id: str) -> Reply:
    """Have the same file prepared once more."""
    with runtime().write(arrived_at()) as uow:
        service.work_again(uow, current_actor(), draft_lesson_id)
    return redirect(url_for("courses.lesson", draft_lesson_id=draft_lesson_id), 303)


@blueprint.post("/lessons/<draft_lesson_id>/move")
@roles(*COURSE_STAFF)
def move(draft_lesson_id: str) -> Reply:
    """Let a lesson change places with the one before it, or after it."""
    with runtime().write(arrived_at()) as uow:
        facts = queries.get_draft_lesson(uow, current_actor(), draft_lesson_id)
        service.move_lesson(uow, current_actor(), draft_lesson_id, up=request.form.get("to") == "up")
    return redirect(url_for("courses.draft", draft_id=facts.draft_id, _anchor="lessons"), 303)


@blueprint.post("/lessons/<draft_lesson_id>/remove")
@roles(*COURSE_STAFF)
def remove(draft_lesson_id: str) -> Reply:
    """Take a lesson out of a draft."""
    with runtime().write(arrived_at()) as uow:
        facts = queries.get_draft_lesson(uow, current_actor(), draft_lesson_id)
        service.remove_lesson(uow, current_actor(), draft_lesson_id)
    flash(_("已移除“%(title)s”", title=facts.title), "ok")
    return redirect(url_for("courses.draft", draft_id=facts.draft_id), 303)


@blueprint.post("/lessons/<draft_lesson_id>/captions")
@roles(*COURSE_STAFF)
def captions(draft_lesson_id: str) -> Reply:
    """Take captions, or with `remove` take them away."""
    form, house = CaptionsForm(), runtime()
    if request.form.get("remove"):
        with house.write(arrived_at()) as uow:
            service.set_captions(uow, current_actor(), draft_lesson_id, None)
        return _back_to(draft_lesson_id)
    file = request.files.get("captions")
    if form.validate_on_submit() and file is not None:
        try:
            cues = read_captions(file.stream.read(MAX_CAPTIONS_BYTES + 1))
            with house.read(arrived_at()) as uow:
                queries.get_draft_lesson(uow, current_actor(), draft_lesson_id)
            key = house.storage.put(write_captions(cues))
            with house.write(arrived_at()) as uow:
                service.set_captions(uow, current_actor(), draft_lesson_id, key)
        except Invalid as refusal:
            show_reasons(form, refusal)
        else:
            return _back_to(draft_lesson_id)
    return _lesson_page(draft_lesson_id, 422, captions=form)


@blueprint.post("/lessons/<draft_lesson_id>/chapters")
@roles(*COURSE_STAFF)
def chapters(draft_lesson_id: str) -> Reply:
    """Take the chapters of a lesson."""
    form = ChaptersForm()
    if form.validate_on_submit():
        try:
            with runtime().write(arrived_at()) as uow:
                service.set_chapters(uow, current_actor(), draft_lesson_id, form.read())
        except Invalid as refusal:
            show_reasons(form, refusal)
        else:
            return _back_to(draft_lesson_id)
    return _lesson_page(draft_lesson_id, 422, chapters=form)


@blueprint.post("/lessons/<draft_lesson_id>/handouts")
@roles(*COURSE_STAFF)
def add_handout(draft_lesson_id: str) -> Reply:
    """Put a PDF beside a lesson."""
    form, house = HandoutForm(), runtime()
    file = request.files.get("handout")
    if form.validate_on_submit() and file is not None:
        data = file.stream.read(MAX_HANDOUT_BYTES + 1)
        try:
            with house.read(arrived_at()) as uow:
                queries.get_draft_lesson(uow, current_actor(), draft_lesson_id)
            require(handout_reasons(data, 0), Invalid)
            key = house.storage.put(data)
            title = PurePath(file.filename or "").stem or _("讲义")
            with house.write(arrived_at()) as uow:
                service.add_handout(uow, current_actor(), draft_lesson_id, title, data, key)
        except Invalid as refusal:
            show_reasons(form, refusal)
        else:
            return _back_to(draft_lesson_id)
    return _lesson_page(draft_lesson_id, 422, handout=form)


@blueprint.post("/handouts/<handout_id>/remove")
@roles(*COURSE_STAFF)
def remove_handout(handout_id: str) -> Reply:
    """Take a PDF away from a lesson."""
    with runtime().write(arrived_at()) as uow:
        lesson_id = service.remove_handout(uow, current_actor(), handout_id)
    return _back_to(lesson_id)


@blueprint.get("/lessons/<draft_lesson_id>/media/<what>")
@roles(*COURSE_STAFF)
def draft_media(draft_lesson_id: str, what: str) -> Response:
    """Send what belongs to a lesson of a draft, to those who prepare it."""
    with runtime().read(arrived_at()) as uow:
        return _media(queries.get_draft_lesson(uow, current_actor(), draft_lesson_id), what)


@blueprint.get("/media/<lesson_id>/<what>")
@roles(*COURSE_STAFF)
def media(lesson_id: str, what: str) -> Response:
    """Send what belongs to a lesson that is taught, to staff."""
    with runtime().read(arrived_at()) as uow:
        return _media(queries.get_lesson(uow, lesson_id), what)


def require_right() -> None:
    """Raise NotFound when the person's role does not reach the whole province."""
    if not may_prepare(current_actor()):
        raise NotFound


def _media(lesson: DraftLessonFacts | LessonFacts, what: str) -> Response:
    house = runtime()
    keys = {"poster": lesson.poster_key, "captions": lesson.captions_key}
    if what == "video" and lesson.file_key and lesson.size_bytes:
        return send_stored(house.storage, house.settings, lesson.file_key, lesson.size_bytes, "video/mp4")
    if what == "low" and lesson.low_key and lesson.low_bytes:
        return send_stored(house.storage, house.settings, lesson.low_key, lesson.low_bytes, "video/mp4")
    key = keys.get(what)
    if key is None:
        raise NotFound
    return send_whole(house.storage, key, "image/jpeg" if what == "poster" else "text/vtt")


def _named(form: CourseForm) -> tuple[str, str]:
    return (form.code.data or "").strip(), (form.title.data or "").strip()


def _back_to(lesson_id: str) -> Response:
    flash(_("已保存"), "ok")
    return redirect(url_for("courses.lesson", draft_lesson_id=lesson_id), 303)


def _draft_page(draft_id: str, status: int, **forms: HouseForm) -> tuple[str, int]:
    with runtime().read(arrived_at()) as uow:
        facts = queries.get_draft(uow, current_actor(), draft_id)
        lessons = queries.draft_lessons(uow, draft_id)
    form = forms.get("form") or CourseForm(formdata=None)
    if not form.errors:
        form.title.data, form.code.data = facts.title, facts.code
    page = render_template(
        "courses/draft.html", draft=facts, lessons=lessons, form=form, act=ActForm(formdata=None),
        adding=forms.get("adding") or NewLessonForm(formdata=None),
        reasons=publish_reasons([(one.position, one.state) for one in lessons]),
        seconds=sum(one.seconds or 0 for one in lessons), is_open=facts.state is DraftState.DRAFT,
    )  # fmt: skip
    return page, status


def _lesson_page(lesson_id: str, status: int, **forms: HouseForm) -> tuple[str, int]:
    house, actor = runtime(), current_actor()
    with house.read(arrived_at()) as uow:
        facts = queries.get_draft_lesson(uow, actor, lesson_id)
        owner = queries.get_draft(uow, actor, facts.draft_id)
        handouts = queries.handouts_of(uow, draft_lesson_id=lesson_id)
    form: Any = forms.get("form") or LessonForm(formdata=None)
    if not form.errors:
        form.title.data, form.summary.data = facts.title, facts.summary
    marks: Any = forms.get("chapters")
    if marks is None:
        marks = ChaptersForm(formdata=None)
        marks.show(facts.chapters)
    page = render_template(
        "courses/lesson.html", lesson=facts, draft=owner, handouts=handouts, form=form, chapters=marks,
        video=forms.get("video") or VideoForm(formdata=None),
        captions=forms.get("captions") or CaptionsForm(formdata=None),
        handout=forms.get("handout") or HandoutForm(formdata=None), act=ActForm(formdata=None),
        is_open=owner.state is DraftState.DRAFT, is_ready=facts.state is VideoState.READY,
        most_mb=house.settings.video_max_mb, trouble=_trouble(facts),
    )  # fmt: skip
    return page, status


def _trouble(lesson: DraftLessonFacts) -> Any:
    if not lesson.trouble:
        return None
    return gave_up_reasons()[0] if lesson.trouble == "gave_up" else video_reason(lesson.trouble)
