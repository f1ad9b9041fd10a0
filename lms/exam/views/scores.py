"""The candidate's pages after an exam: his scores, the paper where it is shown, and the review of a score."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lms.accounts.access import current_actor, signed_in
from lms.accounts.forms import ActForm, show_reasons
from lms.core.errors import N_, Invalid, NotFound, Reason, Refusal
from lms.core.unit_of_work import UnitOfWork
from lms.core.web import arrived_at, runtime
from lms.exam import queries
from lms.exam.forms.corrections import ReviewForm
from lms.exam.policy.attempts import AttemptState
from lms.exam.policy.corrections import KIND_NAMES
from lms.exam.policy.reports import publishes_paper, shows_areas, shows_keys, shows_questions
from lms.exam.policy.reviews import STATE_PILLS, VERDICT_NAMES, ask_reasons, ask_until
from lms.exam.queries import AttemptFacts
from lms.exam.service import reviews
from lms.exam.views.blueprint import blueprint
from lms.plans.policy import PlanFacts
from lms.plans.queries import get_plan
from lms.questions.passages import shown_pictures
from lms.questions.views.pictures import send_picture
from question_bank.items import TYPE_NAMES

Reply = str | Response | tuple[str, int]


class NotShown(Refusal):
    """The plan does not show this, or not yet."""

    code = "not_shown"
    title = N_("这些内容不公布")


@blueprint.get("/scores")
@signed_in
def scores() -> str:
    """List all exams of the person with their scores (B11)."""
    with runtime().read(arrived_at()) as uow:
        lines = queries.scores_of(uow, str(current_actor().person_id))
        asked = {line.attempt.id: queries.review_of(uow, line.attempt.id) for line in lines}
        changed = {line.attempt.id: queries.score_changes(uow, attempt_id=line.attempt.id) for line in lines}
        now = uow.now
    return render_template(
        "exam/scores.html", lines=lines, reviews=asked, changed=changed, review_pills=STATE_PILLS, now=now
    )


def after_exam(uow: UnitOfWork, attempt: AttemptFacts, plan: PlanFacts) -> dict[str, Any]:
    """Return what the page of a result says beside the score: changes, the review, and what the plan shows."""
    detail = queries.report_detail(uow, plan.id)
    over = queries.over_at(uow, plan)
    review = queries.review_of(uow, attempt.id)
    scored_at = queries.scored_at(uow, attempt)
    return {
        "shows_areas": shows_areas(detail),
        "shows_questions": shows_questions(detail, over, uow.now),
        "will_show_keys": publishes_paper(detail),
        "shows_keys": shows_keys(detail, over, uow.now),
        "whole_score": queries.whole_score(uow, attempt.id),
        "changes": queries.score_changes(uow, attempt_id=attempt.id),
        "kind_names": KIND_NAMES,
        "verdict_names": VERDICT_NAMES,
        "review": review,
        "ask_until": ask_until(scored_at) if scored_at else None,
        "ask_reasons": ask_reasons(attempt.state, scored_at, review.state if review else None, uow.now),
        "act": ActForm(),
    }


@blueprint.get("/attempts/<attempt_id>/sheet")
@signed_in
def sheet(attempt_id: str) -> str:
    """Show what each question earned, and the paper with its keys where the plan shows it, after the window."""
    with runtime().read(arrived_at()) as uow:
        attempt = queries.own_attempt(uow, current_actor().person_id, attempt_id)
        plan = get_plan(uow, attempt.plan_id)
        with_keys = _open_sheet(uow, attempt, plan)
        paper = queries.graded_paper(uow, attempt_id, with_keys=with_keys)
        pictures = queries.pictures_on(uow, [line.question for line in paper.lines]) if with_keys else {}
    return render_template(
        "exam/sheet.html", attempt=attempt, plan=plan, paper=paper, with_keys=with_keys, type_names=TYPE_NAMES,
        kind_names=KIND_NAMES,
        pictures=shown_pictures(
            pictures, lambda key: url_for("exam.sheet_picture", attempt_id=attempt_id, key=key)
        ),
    )  # fmt: skip


@blueprint.get("/attempts/<attempt_id>/sheet/pictures/<key>")
@signed_in
def sheet_picture(attempt_id: str, key: str) -> Response:
    """Send a picture of one's own paper where the paper is shown."""
    with runtime().read(arrived_at()) as uow:
        attempt = queries.own_attempt(uow, current_actor().person_id, attempt_id)
        if not _open_sheet(uow, attempt, get_plan(uow, attempt.plan_id)):
            raise NotFound
        found = queries.picture_on(uow, attempt_id, key)
    return send_picture(found)


def _open_sheet(uow: UnitOfWork, attempt: AttemptFacts, plan: PlanFacts) -> bool:
    """Return whether the sheet shows its keys. Raises NotShown when the plan shows no sheet now."""
    detail, over = queries.report_detail(uow, plan.id), queries.over_at(uow, plan)
    if attempt.state is not AttemptState.GRADED or not shows_questions(detail, over, uow.now):
        raise NotShown(
            Reason(
                "report.not_shown", N_("逐题得分由计划决定是否公布，并且在考试时间结束以后"),
                N_("这次考试现在不公布逐题得分"), N_("请查看成绩单上的总分"), source="B11",
            )
        )  # fmt: skip
    return shows_keys(detail, over, uow.now)


@blueprint.get("/attempts/<attempt_id>/review")
@signed_in
def review(attempt_id: str) -> str:
    """Let the person ask that his score be reviewed."""
    return _review_page(attempt_id, ReviewForm())


@blueprint.post("/attempts/<attempt_id>/review")
@signed_in
def ask_review(attempt_id: str) -> Reply:
    """Keep the wish for a review."""
    form, actor = ReviewForm(), current_actor()
    with runtime().read(arrived_at()) as uow:
        queries.own_attempt(uow, actor.person_id, attempt_id)
    if not form.validate_on_submit():
        return _review_page(attempt_id, form), 422
    try:
        with runtime().write(arrived_at()) as uow:
            reviews.ask(uow, actor, attempt_id, form.words.data or "")
    except Invalid as refusal:
        show_reasons(form, refusal)
        return _review_page(attempt_id, form), refusal.status
    flash(_("复核申请已提交，答复会显示在成绩单上"), "ok")
    return redirect(url_for("exam.result", attempt_id=attempt_id), 303)


@blueprint.post("/reviews/<review_id>/withdraw")
@signed_in
def withdraw_review(review_id: str) -> Response:
    """Take one's own wish back."""
    with runtime().write(arrived_at()) as uow:
        facts = queries.own_review(uow, current_actor(), review_id)
        reviews.withdraw(uow, current_actor(), review_id)
    flash(_("复核申请已撤回"), "ok")
    return redirect(url_for("exam.result", attempt_id=facts.attempt_id), 303)


def _review_page(attempt_id: str, form: ReviewForm) -> str:
    with runtime().read(arrived_at()) as uow:
        attempt = queries.own_attempt(uow, current_actor().person_id, attempt_id)
        plan = get_plan(uow, attempt.plan_id)
        present = queries.review_of(uow, attempt_id)
        scored_at = queries.scored_at(uow, attempt)
        reasons = ask_reasons(attempt.state, scored_at, present.state if present else None, uow.now)
    return render_template(
        "exam/review_ask.html", attempt=attempt, plan=plan, form=form, reasons=reasons,
        until=ask_until(scored_at) if scored_at else None,
    )  # fmt: skip
