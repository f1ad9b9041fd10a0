"""The desk of score reviews: one person writes the answer, another confirms it."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lms.accounts.access import current_actor, roles
from lms.accounts.forms import page_asked, show_reasons
from lms.accounts.policy import Role
from lms.accounts.queries import holders, names_of
from lms.audit.queries import history
from lms.core.errors import N_, Refusal
from lms.core.web import arrived_at, runtime
from lms.exam import queries
from lms.exam.forms.corrections import AnswerForm, WordsForm
from lms.exam.policy.reviews import (
    REVIEW,
    STATE_PILLS,
    VERB_NAMES,
    VERDICT_NAMES,
    ReviewVerdict,
    desk_reasons,
)
from lms.exam.service import reviews as service
from lms.exam.views.blueprint import blueprint
from lms.plans.queries import PLAN_STAFF

Reply = str | Response | tuple[str, int]
DONE_WORDS = {
    "draft": N_("答复已写好，由另一人确认后考生可见"),
    "answer": N_("已答复考生"),
    "hand_back": N_("已退回重写"),
}


@blueprint.get("/desk/reviews")
@roles(*PLAN_STAFF)
def reviews() -> str:
    """List the reviews of plans in scope, what is due first before all."""
    with runtime().read(arrived_at()) as uow:
        lines, page = queries.reviews_in_scope(uow, current_actor(), page_asked())
        now = uow.now
    return render_template("exam/reviews.html", lines=lines, page=page, now=now, pills=STATE_PILLS)


@blueprint.get("/desk/reviews/<review_id>")
@roles(*PLAN_STAFF)
def show_review(review_id: str) -> str:
    """Show one review with what the house finds by itself."""
    return _page(review_id, AnswerForm(), WordsForm())


@blueprint.post("/desk/reviews/<review_id>/draft")
@roles(Role.EXAM_ADMIN)
def draft_review(review_id: str) -> Reply:
    """Write the answer."""
    form = AnswerForm()
    with runtime().read(arrived_at()) as uow:
        queries.get_review(uow, current_actor(), review_id, Role.EXAM_ADMIN)
    if not form.validate_on_submit():
        return _page(review_id, form, WordsForm(formdata=None)), 422
    try:
        with runtime().write(arrived_at()) as uow:
            verdict = ReviewVerdict(form.verdict.data)
            service.draft(uow, current_actor(), review_id, verdict, form.words.data or "")
    except Refusal as refusal:
        show_reasons(form, refusal)
        return _page(review_id, form, WordsForm(formdata=None)), refusal.status
    return _done(review_id, "draft")


@blueprint.post("/desk/reviews/<review_id>/confirm")
@roles(Role.EXAM_ADMIN)
def confirm_review(review_id: str) -> Reply:
    """Send the answer that another person wrote."""
    form = WordsForm(formdata=None)
    try:
        with runtime().write(arrived_at()) as uow:
            service.answer(uow, current_actor(), review_id)
    except Refusal as refusal:
        show_reasons(form, refusal)
        return _page(review_id, AnswerForm(formdata=None), form), refusal.status
    return _done(review_id, "answer")


@blueprint.post("/desk/reviews/<review_id>/hand-back")
@roles(Role.EXAM_ADMIN)
def hand_back_review(review_id: str) -> Reply:
    """Send a draft back to be written anew."""
    form = WordsForm()
    with runtime().read(arrived_at()) as uow:
        queries.get_review(uow, current_actor(), review_id, Role.EXAM_ADMIN)
    if not form.validate_on_submit():
        return _page(review_id, AnswerForm(formdata=None), form), 422
    try:
        with runtime().write(arrived_at()) as uow:
            service.hand_back(uow, current_actor(), review_id, form.words.data or "")
    except Refusal as refusal:
        show_reasons(form, refusal)
        return _page(review_id, AnswerForm(formdata=None), form), refusal.status
    return _done(review_id, "hand_back")


def _done(review_id: str, verb: str) -> Response:
    flash(_(DONE_WORDS[verb]), "ok")
    return redirect(url_for("exam.show_review", review_id=review_id), 303)


def _page(review_id: str, form: AnswerForm, words_form: WordsForm) -> str:
    actor = current_actor()
    with runtime().read(arrived_at()) as uow:
        line = queries.get_review(uow, actor, review_id)
        review = line.review
        attempt = queries.attempt_in_scope(uow, actor, review.attempt_id).attempt
        paper = queries.graded_paper(uow, review.attempt_id)
        changes = queries.score_changes(uow, attempt_id=review.attempt_id)
        moves = history(uow, REVIEW.name, review_id)
        names = names_of(uow, {move.actor_id for move in moves if move.actor_id})
        staff = holders(uow, Role.EXAM_ADMIN, line.plan_path)
        now = uow.now
    has_office = actor.covers(line.plan_path, [Role.EXAM_ADMIN])
    return render_template(
        "exam/review.html", line=line, review=review, attempt=attempt, paper=paper, changes=changes, form=form,
        words_form=words_form, moves=list(reversed(moves)), names=names, verb_names=VERB_NAMES, now=now,
        verdict_names=VERDICT_NAMES, reasons=desk_reasons(review, actor.person_id, staff, has_office=has_office),
        may_hand_back=has_office and review.person_id != actor.person_id,
    )  # fmt: skip
