"""Pages of courses and their drafts: what can be taught, and what is being prepared."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lms.accounts.access import current_actor, roles
from lms.accounts.forms import ActForm, show_reasons
from lms.core.errors import Invalid, Refusal
from lms.core.forms import HouseForm
from lms.core.web import arrived_at, runtime
from lms.courses import queries, service
from lms.courses.forms import CourseForm, NewLessonForm
from lms.courses.policy import COURSE_STAFF, OPTION_LETTERS, DraftState, may_prepare
from lms.courses.views.blueprint import Reply, blueprint, require_right, send_media


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
        handouts = queries.handouts_of_course(uow, course_id)
        questions = queries.questions_of_course(uow, course_id)
        lessons = [(lesson, handouts.get(lesson.id, [])) for lesson in queries.lessons(uow, course_id)]
    return render_template(
        "courses/show.html",
        course=course,
        lessons=lessons,
        questions=questions,
        letters=OPTION_LETTERS,
        may_prepare=may_prepare(current_actor()),
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


@blueprint.get("/media/<lesson_id>/<what>")
@roles(*COURSE_STAFF)
def media(lesson_id: str, what: str) -> Response:
    """Send what belongs to a lesson that is taught, to staff."""
    with runtime().read(arrived_at()) as uow:
        return send_media(queries.get_lesson(uow, lesson_id), what)


def _named(form: CourseForm) -> tuple[str, str]:
    return (form.code.data or "").strip(), (form.title.data or "").strip()


def _draft_page(draft_id: str, status: int, **forms: HouseForm) -> tuple[str, int]:
    with runtime().read(arrived_at()) as uow:
        facts = queries.get_draft(uow, current_actor(), draft_id)
        lessons = queries.draft_lessons(uow, draft_id)
        questions = queries.questions_of_draft(uow, draft_id)
    form = forms.get("form") or CourseForm(formdata=None)
    if not form.errors:
        form.title.data, form.code.data = facts.title, facts.code
    page = render_template(
        "courses/draft.html", draft=facts, lessons=lessons, form=form, act=ActForm(formdata=None),
        adding=forms.get("adding") or NewLessonForm(formdata=None),
        questions=questions, reasons=service.why_unpublished(lessons, questions),
        seconds=sum(one.seconds or 0 for one in lessons), is_open=facts.state is DraftState.DRAFT,
    )  # fmt: skip
    return page, status
