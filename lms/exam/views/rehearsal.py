"""The rehearsal's pages: begin at any time, sit, and see what was right."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lms.accounts.access import current_actor, leased, signed_in
from lms.accounts.forms import ActForm
from lms.core.errors import NotFound
from lms.core.web import arrived_at, runtime
from lms.exam.errors import AttemptClosed
from lms.exam.forms.sheet import read_sheet, wants_to_hand_in
from lms.exam.policy.rehearsals import QUESTION_COUNT, REHEARSAL_TIME, paper_of
from lms.exam.queries.rehearsals import own_rehearsal, rehearsal_of, rehearsed
from lms.exam.service import rehearsals
from lms.exam.views.blueprint import blueprint
from lms.exam.views.sheet import Addresses, Sheet, show
from question_bank.items import TYPE_NAMES, right_texts

Reply = str | Response | tuple[str, int]


@blueprint.get("/rehearsal")
@signed_in
def rehearsal() -> str:
    """Say what a rehearsal is, and lead to it."""
    with runtime().read(arrived_at()) as uow:
        last = rehearsal_of(uow, str(current_actor().person_id))
        now = uow.now
    return render_template(
        "exam/rehearsal.html", last=last, running=last if last and last.is_open(now) else None, now=now,
        minutes=REHEARSAL_TIME.seconds // 60, question_count=QUESTION_COUNT, act=ActForm(),
    )  # fmt: skip


@blueprint.post("/rehearsal")
@signed_in
def begin_rehearsal() -> Response:
    """Begin, in the place of the rehearsal before."""
    with runtime().write() as uow:
        rehearsal_id = rehearsals.begin(uow, current_actor())
    return redirect(url_for("exam.rehearse", rehearsal_id=rehearsal_id), 303)


@blueprint.get("/rehearsal/<rehearsal_id>")
@signed_in
def rehearse(rehearsal_id: str) -> Reply:
    """The page of an exam, with the rehearsal's paper on it."""
    actor = current_actor()
    with runtime().read(arrived_at()) as uow:
        found = own_rehearsal(uow, actor.person_id, rehearsal_id)
        if not found.is_open(uow.now):
            return redirect(url_for("exam.rehearsal_result", rehearsal_id=rehearsal_id))
        if found.login_session_id != actor.login_session_id:
            return render_template(
                "exam/rehearsal_elsewhere.html", rehearsal=found, act=ActForm(), now=uow.now
            )
        saved, marks = rehearsed(uow, rehearsal_id)
        lease = rehearsals.give_lease(uow.vault, rehearsal_id, str(actor.login_session_id))
    remaining = found.remaining_ms(runtime().clock.now())
    return show(
        Sheet(
            id=rehearsal_id, title=_("模拟考试"), line=_("不计次数，不记成绩"), lease=lease,
            addresses=Addresses(
                here=url_for("exam.rehearse", rehearsal_id=rehearsal_id),
                save=url_for("rehearsal_api.answer"), mark=url_for("rehearsal_api.mark"),
                submit=url_for("rehearsal_api.submit"),
                clock=url_for("rehearsal_api.clock", rehearsal_id=rehearsal_id),
                hand_in=url_for("exam.hand_in_rehearsal", rehearsal_id=rehearsal_id),
                result=url_for("exam.rehearsal_result", rehearsal_id=rehearsal_id),
            ),
            deadline_at=found.deadline_at, remaining_ms=remaining, questions=paper_of(rehearsal_id).questions,
            saved=saved, first_revision=1, marks=marks, pictures={}, is_rehearsal=True,
        )
    )  # fmt: skip


@blueprint.post("/rehearsal/<rehearsal_id>/take-over")
@signed_in
def take_over_rehearsal(rehearsal_id: str) -> Response:
    """Go on here with what was begun on another device."""
    with runtime().write(arrived_at()) as uow:
        rehearsals.take_over(uow, current_actor(), rehearsal_id)
    return redirect(url_for("exam.rehearse", rehearsal_id=rehearsal_id), 303)


@blueprint.post("/rehearsal/<rehearsal_id>/hand-in")
@leased
def hand_in_rehearsal(rehearsal_id: str) -> Reply:
    """Take the whole sheet of a page without scripts: save it, and hand it in when asked to."""
    lease = rehearsals.read_lease(runtime().vault, request.form.get("lease"))
    if lease.attempt_id != rehearsal_id:
        raise NotFound
    arrived_ms = runtime().clock.now_ms()
    try:
        with runtime().read(arrived_at()) as uow:
            saved, _marks = rehearsed(uow, rehearsal_id)
        for answer in read_sheet(request.form, QUESTION_COUNT).values():
            before = saved.get(answer.position)
            if answer.chosen != (before.chosen if before else frozenset()):
                revision = (before.revision if before else 0) + 1
                rehearsals.save_answer(
                    runtime(), lease, answer.position, revision, answer.chosen, arrived_ms,
                    is_written=answer.is_written,
                )  # fmt: skip
    except AttemptClosed:
        return redirect(url_for("exam.rehearsal_result", rehearsal_id=rehearsal_id), 303)
    if not wants_to_hand_in(request.form):
        flash(_("答案已保存"), "ok")
        return redirect(url_for("exam.rehearse", rehearsal_id=rehearsal_id), 303)
    with runtime().write(arrived_at()) as uow:
        rehearsals.hand_in(uow, lease)
    return redirect(url_for("exam.rehearsal_result", rehearsal_id=rehearsal_id), 303)


@blueprint.get("/rehearsal/<rehearsal_id>/result")
@signed_in
def rehearsal_result(rehearsal_id: str) -> Reply:
    """Show what was right and why: these questions are for trying, so that nothing is hidden."""
    with runtime().read(arrived_at()) as uow:
        found = own_rehearsal(uow, current_actor().person_id, rehearsal_id)
        if found.is_open(uow.now):
            return redirect(url_for("exam.rehearse", rehearsal_id=rehearsal_id))
        saved, _marks = rehearsed(uow, rehearsal_id)
    paper = paper_of(rehearsal_id)
    result = rehearsals.graded(rehearsal_id, saved)
    lines = []
    for question, item, entry in zip(paper.questions, paper.items, paper.key.entries, strict=True):
        answer = saved.get(question.position)
        lines.append(
            {
                "question": question, "item": item, "correct": entry.correct,
                "chosen": answer.chosen if answer else frozenset(), "right": sorted(right_texts(item)),
                "is_right": rehearsals.is_right(entry, answer),
            }
        )  # fmt: skip
    return render_template(
        "exam/rehearsal_result.html", result=result, lines=lines, type_names=TYPE_NAMES, act=ActForm(),
        rehearsal=found,
    )  # fmt: skip
