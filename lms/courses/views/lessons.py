"""Pages of the lessons of a draft: the video and what stands beside it."""

from pathlib import PurePath
from typing import Any, BinaryIO, cast

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lms.accounts.access import current_actor, large_upload, roles
from lms.accounts.forms import ActForm, show_reasons
from lms.core.errors import Invalid, Reason, require
from lms.core.forms import HouseForm
from lms.core.web import arrived_at, runtime
from lms.courses import queries, service
from lms.courses.forms import (
    CaptionsForm,
    ChaptersForm,
    HandoutForm,
    LessonForm,
    VideoForm,
)
from lms.courses.policy import (
    COURSE_STAFF,
    GAVE_UP,
    MAX_CAPTIONS_BYTES,
    MAX_HANDOUT_BYTES,
    OPTION_LETTERS,
    DraftState,
    VideoState,
    again_reasons,
    beyond_reasons,
    gave_up_reasons,
    handout_reasons,
    minimum_reasons,
    upload_reasons,
    video_reason,
)
from lms.courses.queries import DraftLessonFacts, QuestionFacts
from lms.courses.views.blueprint import Reply, blueprint, send_media
from lms.courses.webvtt import read_captions, write_captions


@blueprint.route("/lessons/<draft_lesson_id>", methods=["GET", "POST"])
@roles(*COURSE_STAFF)
def lesson(draft_lesson_id: str) -> Reply:
    """Show a lesson of a draft with everything that belongs to it; take another name."""
    form = LessonForm()
    if form.validate_on_submit():
        try:
            with runtime().write(arrived_at()) as uow:
                service.edit_lesson(
                    uow, current_actor(), draft_lesson_id, (form.title.data or "").strip(),
                    (form.summary.data or "").strip(),
                )  # fmt: skip
                service.set_minimum(uow, current_actor(), draft_lesson_id, form.min_seconds.data)
        except Invalid as refusal:
            show_reasons(form, refusal)
        else:
            return _back_to(draft_lesson_id)
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
        key = house.storage.put_stream(cast("BinaryIO", file.stream))
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
            require(handout_reasons(data), Invalid)
            key = house.storage.put(data)
            title = PurePath(file.filename or "").stem or _("讲义")
            with house.write(arrived_at()) as uow:
                service.add_handout(uow, current_actor(), draft_lesson_id, title, len(data), key)
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
        return send_media(queries.get_draft_lesson(uow, current_actor(), draft_lesson_id), what)


def _back_to(lesson_id: str) -> Response:
    flash(_("已保存"), "ok")
    return redirect(url_for("courses.lesson", draft_lesson_id=lesson_id), 303)


def _lesson_page(lesson_id: str, status: int, **forms: HouseForm) -> tuple[str, int]:
    house, actor = runtime(), current_actor()
    with house.read(arrived_at()) as uow:
        facts = queries.get_draft_lesson(uow, actor, lesson_id)
        owner = queries.get_draft(uow, actor, facts.draft_id)
        handouts = queries.handouts_of(uow, draft_lesson_id=lesson_id)
        questions = queries.questions_of(uow, draft_lesson_id=lesson_id)
    form: Any = forms.get("form") or LessonForm(formdata=None)
    if not form.errors:
        form.title.data, form.summary.data = facts.title, facts.summary
        form.min_seconds.data = facts.min_seconds
    marks: Any = forms.get("chapters")
    if marks is None:
        marks = ChaptersForm(formdata=None)
        marks.show(facts.chapters)
    page = render_template(
        "courses/lesson.html", lesson=facts, draft=owner, handouts=handouts, form=form, chapters=marks,
        questions=questions, beyond=_beyond(facts, questions), letters=OPTION_LETTERS,
        video=forms.get("video") or VideoForm(formdata=None),
        captions=forms.get("captions") or CaptionsForm(formdata=None),
        handout=forms.get("handout") or HandoutForm(formdata=None), act=ActForm(formdata=None),
        is_open=owner.state is DraftState.DRAFT, is_ready=facts.state is VideoState.READY,
        most_mb=house.settings.video_max_mb, trouble=_trouble(facts),
        may_try_again=not again_reasons(facts.trouble),
    )  # fmt: skip
    return page, status


def _beyond(lesson: DraftLessonFacts, questions: list[QuestionFacts]) -> list[Reason]:
    """Say what a video that came later has left without a place."""
    asked = [one.asked for one in questions]
    return [*minimum_reasons(lesson.min_seconds, lesson.seconds), *beyond_reasons(asked, lesson.seconds)[:1]]


def _trouble(lesson: DraftLessonFacts) -> Any:
    if not lesson.trouble:
        return None
    return gave_up_reasons()[0] if lesson.trouble == GAVE_UP else video_reason(lesson.trouble)
