"""One candidate's sitting for staff: everything that happened in it, and what a person can decide about it."""

from collections.abc import Callable

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lms.accounts.access import current_actor, roles
from lms.accounts.forms import show_reasons
from lms.accounts.policy import Role
from lms.accounts.queries import names_of
from lms.core.errors import Refusal
from lms.core.forms import HouseForm
from lms.core.unit_of_work import UnitOfWork
from lms.core.web import arrived_at, opens_at, runtime
from lms.exam import queries
from lms.exam.forms.board import ASK_TO_VOID, EndForm, ReasonForm, RemarkForm, VerdictForm
from lms.exam.policy.conditions import CAUSE_NAMES, EndingCause, Target, TargetKind, Verdict
from lms.exam.policy.watching import STATE_WORDS
from lms.exam.queries import reach as reaches
from lms.exam.queries.board import board
from lms.exam.queries.conditions import find_ending
from lms.exam.queries.evidence import evidence_of
from lms.exam.queries.reach import STEWARDS, WATCHERS
from lms.exam.queries.rooms import has_rooms, paused_attempt, seat_during
from lms.exam.service import conditions, invigilation
from lms.exam.views.board import blueprint, may_act
from lms.exam.watch_words import EVIDENCE_LOOKS, evidence_title

__all__ = ["blueprint"]

Reply = str | Response | tuple[str, int]


@blueprint.get("/attempts/<attempt_id>")
@roles(*WATCHERS)
def evidence(attempt_id: str) -> str:
    """Show everything that happened in one sitting, and what can be done."""
    return _evidence_page(attempt_id)


@blueprint.post("/attempts/<attempt_id>/hand-over")
@roles(*STEWARDS)
def hand_over(attempt_id: str) -> Reply:
    """Cut the device that holds the exam, so that it goes on elsewhere."""
    form = ReasonForm(prefix="hand-over")
    return _decide(
        attempt_id, form, _("原来的设备已退出登录。请考生在新设备上登录，选择继续作答"),
        lambda uow: invigilation.hand_over(uow, current_actor(), attempt_id, form.reason.data or ""),
        hand_over_form=form,
    )  # fmt: skip


@blueprint.post("/attempts/<attempt_id>/end")
@roles(*STEWARDS)
def end(attempt_id: str) -> Reply:
    """End a running exam for cause."""
    form = EndForm(prefix="end")
    return _decide(
        attempt_id, form, _("考试已结束，经过已记下"),
        lambda uow: invigilation.end(
            uow, current_actor(), attempt_id, EndingCause(form.cause.data), form.reason.data or "",
            wants_void=form.outcome.data == ASK_TO_VOID,
        ),
        end_form=form,
    )  # fmt: skip


@blueprint.post("/attempts/<attempt_id>/go-on")
@roles(*STEWARDS)
def go_on(attempt_id: str) -> Response:
    """Let the time of one who pauses together with others go on before theirs."""
    opens_at(url_for("invigilation.evidence", attempt_id=attempt_id))
    with runtime().write(arrived_at()) as uow:
        conditions.go_on(uow, current_actor(), attempt_id)
    flash(_("他的时间从现在接着走，其他人仍在暂停"), "ok")
    return redirect(url_for("invigilation.evidence", attempt_id=attempt_id), 303)


@blueprint.post("/attempts/<attempt_id>/decide")
@roles(Role.EXAM_ADMIN)
def decide(attempt_id: str) -> Reply:
    """Decide as the second person what becomes of an exam that was ended for cause."""
    form = VerdictForm(prefix="verdict")
    return _decide(
        attempt_id, form, _("决定已记下"),
        lambda uow: invigilation.decide(
            uow, current_actor(), attempt_id, Verdict(form.verdict.data), form.reason.data or ""
        ),
        verdict_form=form,
    )  # fmt: skip


@blueprint.post("/attempts/<attempt_id>/remark")
@roles(*STEWARDS)
def remark(attempt_id: str) -> Reply:
    """Note something, or say that what was noticed needs nothing more."""
    form = RemarkForm(prefix="remark")
    return _decide(
        attempt_id, form, _("记录已保存"),
        lambda uow: invigilation.remark(
            uow, current_actor(), attempt_id, form.words.data or "", is_cleared=bool(form.is_cleared.data)
        ),
        remark_form=form,
    )  # fmt: skip


def _decide(
    attempt_id: str, form: HouseForm, done: str, act: Callable[[UnitOfWork], None], **forms: HouseForm
) -> Reply:
    with runtime().read(arrived_at()) as uow:
        reaches.attempt_reach(uow, current_actor(), attempt_id, *STEWARDS)
    if not form.validate_on_submit():
        return _evidence_page(attempt_id, **forms), 422
    try:
        with runtime().write(arrived_at()) as uow:
            act(uow)
    except Refusal as refusal:
        show_reasons(form, refusal)
        return _evidence_page(attempt_id, **forms), refusal.status
    flash(done, "ok")
    return redirect(url_for("invigilation.evidence", attempt_id=attempt_id), 303)


def _evidence_page(attempt_id: str, **given: HouseForm) -> str:
    actor = current_actor()
    with runtime().read(arrived_at()) as uow:
        reach = reaches.attempt_reach(uow, actor, attempt_id)
        attempt = queries.find_attempt(uow, attempt_id)
        assert attempt is not None
        lines = list(reversed(evidence_of(uow, attempt)))
        ending = find_ending(uow, attempt_id)
        people = {line.actor_id for line in lines if line.actor_id} | {attempt.person_id}
        names = names_of(uow, people | ({ending.ended_by} if ending else set()))
        seat = next(
            (one for one in board(uow, reach).seats if one.attempt and one.attempt.id == attempt_id), None
        )
        sat = seat_during(uow, attempt)
        is_held_in_rooms = has_rooms(uow, attempt.plan_id)
        is_paused_with_others = paused_attempt(uow, attempt.person_id, attempt.plan_id) == attempt_id
        now = uow.now
    entries = [
        {
            "title": evidence_title(line), "when": line.at, "who": names.get(line.actor_id or "", ""),
            "remark": line.words, "kind": EVIDENCE_LOOKS.get(line.kind, "ok"),
        }
        for line in lines
    ]  # fmt: skip
    forms: dict[str, HouseForm] = {
        "hand_over_form": ReasonForm(formdata=None, prefix="hand-over"),
        "end_form": EndForm(formdata=None, prefix="end"),
        "verdict_form": VerdictForm(formdata=None, prefix="verdict"),
        "remark_form": RemarkForm(formdata=None, prefix="remark"),
        **given,
    }
    return render_template(
        "exam/evidence.html", plan=reach.plan, attempt=attempt, name=names.get(attempt.person_id, ""), seat=seat,
        entries=entries, ending=ending, ended_by=names.get(ending.ended_by, "") if ending else "",
        cause=_(CAUSE_NAMES[EndingCause(ending.cause)]) if ending else "", now=now, state_words=STATE_WORDS,
        sat=sat, may_act=may_act(reach), is_paused_with_others=is_paused_with_others,
        may_reseat=is_held_in_rooms and actor.covers(reach.plan.issuer_path, (Role.EXAM_ADMIN,)),
        target=Target(TargetKind.ATTEMPT, attempt_id).write(),
        may_decide=bool(ending and ending.awaits_verdict and ending.ended_by != actor.person_id)
        and actor.covers(reach.plan.issuer_path, (Role.EXAM_ADMIN,)), **forms,
    )  # fmt: skip
