"""The registrars' page of what two of them decide about a certificate: one proposes, another decides."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from lms.accounts.access import current_actor, roles
from lms.accounts.forms import show_reasons
from lms.accounts.policy import Role
from lms.accounts.queries import names_of
from lms.audit.queries import history
from lms.certificates.policy.decisions import (
    DECISION,
    STANDING,
    VERDICT_NAMES,
    Verdict,
    second_person_reasons,
)
from lms.certificates.queries.certificates import get_certificate, versions_of
from lms.certificates.queries.decisions import decisions_of
from lms.core.errors import N_, Refusal
from lms.core.web import arrived_at, runtime
from lms.registry.forms.entries import ReasonForm, VerdictForm
from lms.registry.queries.entries import READERS, get_entry
from lms.registry.service import decisions as service

blueprint = Blueprint("decisions", __name__)

Reply = str | Response | tuple[str, int]
VERB_NAMES = {
    "create": N_("开始办理"), "propose": N_("提出处理意见"), "hand_back": N_("没有采用处理意见"),
    "refuse": N_("没有同意，事项结束"), "keep": N_("决定恢复证书"), "revoke": N_("决定撤销证书"),
    "restore": N_("决定恢复已撤销的证书"), "lift": N_("情况变化，事项结束"),
}  # fmt: skip


DONE_WORDS = {
    Verdict.KEEP: N_("证书和登记已恢复"),
    Verdict.REVOKE: N_("证书和登记已撤销，查验页立即生效"),
    Verdict.RESTORE: N_("已决定恢复，新版本正在制作，一般两分钟内生效"),
}


@blueprint.get("/desk/registry/<entry_id>/decision")
@roles(*READERS)
def show(entry_id: str) -> str:
    """Show what is to be decided about the certificate of an entry, and what was proposed and decided."""
    return _page(entry_id, VerdictForm(), ReasonForm())


@blueprint.post("/desk/registry/<entry_id>/decision/<decision_id>/propose")
@roles(Role.REGISTRAR)
def propose(entry_id: str, decision_id: str) -> Reply:
    """Propose what is to become of the certificate."""
    form = VerdictForm()
    with runtime().read(arrived_at()) as uow:
        get_entry(uow, current_actor(), entry_id, Role.REGISTRAR)
    if not form.validate_on_submit():
        return _page(entry_id, form, ReasonForm(formdata=None)), 422
    try:
        with runtime().write(arrived_at()) as uow:
            service.propose(
                uow,
                current_actor(),
                entry_id,
                decision_id,
                Verdict(form.verdict.data),
                form.reason.data or "",
            )
    except Refusal as refusal:
        show_reasons(form, refusal)
        return _page(entry_id, form, ReasonForm(formdata=None)), refusal.status
    flash(gettext("处理意见已提出，由另一名登记员决定"), "ok")
    return redirect(url_for("decisions.show", entry_id=entry_id), 303)


@blueprint.post("/desk/registry/<entry_id>/decision/<decision_id>/decide")
@roles(Role.REGISTRAR)
def decide(entry_id: str, decision_id: str) -> Reply:
    """Carry out what another registrar proposed."""
    form = VerdictForm(formdata=None)
    try:
        with runtime().write(arrived_at()) as uow:
            verdict = service.decide(uow, current_actor(), entry_id, decision_id)
    except Refusal as refusal:
        show_reasons(form, refusal)
        return _page(entry_id, form, ReasonForm(formdata=None)), refusal.status
    flash(gettext(DONE_WORDS[verdict]), "ok")
    return redirect(url_for("registry.show", entry_id=entry_id), 303)


@blueprint.post("/desk/registry/<entry_id>/decision/<decision_id>/hand-back")
@roles(Role.REGISTRAR)
def hand_back(entry_id: str, decision_id: str) -> Reply:
    """Refuse what was proposed."""
    form = ReasonForm()
    with runtime().read(arrived_at()) as uow:
        get_entry(uow, current_actor(), entry_id, Role.REGISTRAR)
    if not form.validate_on_submit():
        return _page(entry_id, VerdictForm(formdata=None), form), 422
    try:
        with runtime().write(arrived_at()) as uow:
            service.hand_back(uow, current_actor(), entry_id, decision_id, form.reason.data or "")
    except Refusal as refusal:
        show_reasons(form, refusal)
        return _page(entry_id, VerdictForm(formdata=None), form), refusal.status
    flash(gettext("处理意见没有采用"), "ok")
    return redirect(url_for("decisions.show", entry_id=entry_id), 303)


def _page(entry_id: str, form: VerdictForm, reason_form: ReasonForm) -> str:
    actor = current_actor()
    with runtime().read(arrived_at()) as uow:
        entry = get_entry(uow, actor, entry_id)
        certificate = get_certificate(uow, entry.certificate_id)
        found = decisions_of(uow, [one.id for one in versions_of(uow, certificate.number)])
        moves = [move for one in found for move in reversed(history(uow, DECISION.name, one.id))]
        names = names_of(uow, {move.actor_id for move in moves if move.actor_id})
        now = uow.now
    standing = next((one for one in found if one.state in STANDING), None)
    return render_template(
        "registry/decision.html", entry=entry, certificate=certificate, standing=standing, moves=moves, names=names,
        form=form, reason_form=reason_form, verb_names=VERB_NAMES, verdict_names=VERDICT_NAMES, now=now,
        reasons=second_person_reasons(standing.proposed_by, actor.person_id) if standing else [],
        may_act=actor.covers(entry.issuer_path, [Role.REGISTRAR]),
    )  # fmt: skip
