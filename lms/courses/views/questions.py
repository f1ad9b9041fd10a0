"""Pages of the questions inside a lesson of a draft."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from lms.accounts.access import current_actor, roles
from lms.accounts.forms import ActForm, show_reasons
from lms.core.errors import Invalid, NotFound
from lms.core.web import arrived_at, runtime
from lms.courses import queries, service
from lms.courses.forms import QuestionForm
from lms.courses.policy import COURSE_STAFF, MAX_QUESTIONS, OPTION_LETTERS, DraftState
from lms.courses.queries import QuestionFacts
from lms.courses.views.blueprint import Reply, blueprint


@blueprint.route("/lessons/<draft_lesson_id>/questions", methods=["GET", "POST"])
@roles(*COURSE_STAFF)
def new_question(draft_lesson_id: str) -> Reply:
    """Put a question into a lesson."""
    form = QuestionForm()
    if form.validate_on_submit():
        try:
            with runtime().write(arrived_at()) as uow:
                service.add_question(uow, current_actor(), draft_lesson_id, form.read())
        except Invalid as refusal:
            show_reasons(form, refusal)
        else:
            return _back_to(draft_lesson_id)
    return _page(draft_lesson_id, form, None)


@blueprint.route("/questions/<lesson_question_id>", methods=["GET", "POST"])
@roles(*COURSE_STAFF)
def question(lesson_question_id: str) -> Reply:
    """Show a question of a draft as the player asks it; take other words."""
    form = QuestionForm()
    with runtime().read(arrived_at()) as uow:
        stored = queries.get_question(uow, lesson_question_id)
    if stored.draft_lesson_id is None:
        raise NotFound
    if form.validate_on_submit():
        try:
            with runtime().write(arrived_at()) as uow:
                lesson_id = service.edit_question(uow, current_actor(), lesson_question_id, form.read())
        except Invalid as refusal:
            show_reasons(form, refusal)
        else:
            return _back_to(lesson_id)
    if not form.is_submitted():
        form.show(stored.asked)
    return _page(stored.draft_lesson_id, form, stored)


@blueprint.post("/questions/<lesson_question_id>/remove")
@roles(*COURSE_STAFF)
def remove_question(lesson_question_id: str) -> Reply:
    """Take a question out of a lesson."""
    with runtime().write(arrived_at()) as uow:
        lesson_id = service.remove_question(uow, current_actor(), lesson_question_id)
    return _back_to(lesson_id)


def _back_to(lesson_id: str) -> Reply:
    flash(_("已保存"), "ok")
    return redirect(url_for("courses.lesson", draft_lesson_id=lesson_id, _anchor="questions"), 303)


def _page(lesson_id: str, form: QuestionForm, stored: QuestionFacts | None) -> tuple[str, int]:
    with runtime().read(arrived_at()) as uow:
        lesson = queries.get_draft_lesson(uow, current_actor(), lesson_id)
        draft = queries.get_draft(uow, current_actor(), lesson.draft_id)
        count = len(queries.questions_of(uow, draft_lesson_id=lesson_id))
    page = render_template(
        "courses/question.html", lesson=lesson, draft=draft, form=form, stored=stored, letters=OPTION_LETTERS,
        is_open=draft.state is DraftState.DRAFT, is_full=stored is None and count >= MAX_QUESTIONS,
        most=MAX_QUESTIONS, act=ActForm(formdata=None),
    )  # fmt: skip
    return page, 422 if form.is_submitted() else 200
