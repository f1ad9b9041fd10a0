"""The registrar's pages of entries: the list, one entry, and what is done to it."""

import io
from collections.abc import Callable
from dataclasses import asdict
from urllib.parse import urlencode

from flask import Blueprint, Response, flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response as BaseResponse

from lms.accounts.access import current_actor, roles
from lms.accounts.forms import ActForm, page_asked, show_reasons
from lms.accounts.policy import OrganisationKind, Role
from lms.accounts.queries import names_of, organisations
from lms.audit.queries import history
from lms.audit.service import record
from lms.certificates.pictures import portrait
from lms.certificates.policy.certificates import CertificateState
from lms.certificates.policy.decisions import VERDICT_NAMES
from lms.certificates.policy.versions import CAUSE_NAMES
from lms.certificates.queries.certificates import (
    get_certificate,
    sheet_of,
)
from lms.certificates.queries.decisions import standing_decision
from lms.certificates.views import STANDING_PILLS, send_certificate
from lms.core.actors import Actor
from lms.core.errors import N_, NotFound, Refusal
from lms.core.unit_of_work import UnitOfWork
from lms.core.web import arrived_at, runtime
from lms.exports.forms import export_form
from lms.exports.policy import ExportKind, PackFormat, format_of, standing_reasons
from lms.exports.queries import has_open
from lms.plans.policy import LEVEL_NAMES, ExaminerLevel
from lms.registry.forms.entries import ReasonForm, SaveForm
from lms.registry.policy.entries import (
    ENTRY,
    LISTED,
    STANDING_NAMES,
    EntryStanding,
    month_of,
)
from lms.registry.policy.search import day_of
from lms.registry.queries.chains import chain_of_entry
from lms.registry.queries.changes import changes_of
from lms.registry.queries.counts import counts, occupations
from lms.registry.queries.entries import READERS, EntryFacts, get_entry
from lms.registry.queries.merges import merge_lines
from lms.registry.queries.saved_filters import saved_filters
from lms.registry.queries.search import EntryFilter, entries, matching_ids
from lms.registry.service import decisions as decision_service
from lms.registry.service import entries as service
from lms.registry.told_history import told_history
from question_bank.exporting import ExportFormat

blueprint = Blueprint("registry", __name__)

MAX_QUERY_LENGTH = 60
PARAMETERS: dict[str, tuple[str, int]] = {
    "words": ("q", MAX_QUERY_LENGTH), "occupation": ("occupation", 12), "level": ("level", 10),
    "standing": ("standing", 12), "ends": ("ends", 7), "employer": ("employer", MAX_QUERY_LENGTH),
    "region": ("region", 16), "ends_from": ("ends_from", 10), "ends_to": ("ends_to", 10),
}  # fmt: skip
"""Field of the filter -> its parameter in addresses, and how much of it is read."""

ENTRY_PILLS: dict[EntryStanding, tuple[str, str]] = {
    EntryStanding.VALID: ("valid", STANDING_NAMES[EntryStanding.VALID]),
    EntryStanding.EXPIRING: ("expiring", STANDING_NAMES[EntryStanding.EXPIRING]),
    EntryStanding.EXPIRED: ("expired", STANDING_NAMES[EntryStanding.EXPIRED]),
    EntryStanding.SUSPENDED: ("suspended", STANDING_NAMES[EntryStanding.SUSPENDED]),
    EntryStanding.REVOKED: ("revoked", STANDING_NAMES[EntryStanding.REVOKED]),
    EntryStanding.MERGED: ("replaced", STANDING_NAMES[EntryStanding.MERGED]),
}
DONE_WORDS = {
    "revoke": N_("已提出撤销，由另一名登记员决定；决定以前登记和证书仍然有效"),
    "restore": N_("已提出恢复，由另一名登记员决定"),
    "suspend": N_("已暂停，查验页立即生效"),
    "resume": N_("已恢复，查验页立即生效"),
}


@blueprint.get("/desk/registry")
@roles(*READERS)
def index() -> tuple[str, int]:
    """List the entries of the registrar's scope."""
    return list_page(SaveForm(formdata=None))


def list_page(save_form: SaveForm) -> tuple[str, int]:
    """Draw the list that the address asks for; the form saves its filter."""
    wanted, faults = wanted_entries()
    actor = current_actor()
    with runtime().read(arrived_at()) as uow:
        figures = counts(uow, actor)
        found = entries(uow, actor, wanted, page_asked())
        trades = occupations(uow, actor)
        places = organisations(uow, scopes=actor.scope_paths(*READERS))
        kept = saved_filters(uow, actor)
    page = render_template(
        "registry/index.html", entries=found.entries, page=found.page, wanted=wanted, figures=figures, faults=faults,
        trades=trades, employers=[one.name for one in places if one.kind == OrganisationKind.INSTITUTION],
        places=[one for one in places if one.kind != OrganisationKind.PROVINCE], now=arrived_at(),
        ending=month_of(wanted.ends), pills=ENTRY_PILLS, level_names=LEVEL_NAMES, levels=list(ExaminerLevel),
        standings=LISTED, query=query_of(wanted), kept=kept, save_form=save_form,
        act=ActForm(formdata=None),
    )  # fmt: skip
    return page, 422 if faults else 200


def wanted_entries() -> tuple[EntryFilter, dict[str, str]]:
    """Return what the address narrows the list to, and what is wrong with it, by parameter."""
    asked = {name: request.args.get(parameter, "").strip() for name, (parameter, _) in PARAMETERS.items()}
    faults = {
        PARAMETERS[name][0]: str(gettext("请按 2009-07-01 的形式填写日期"))
        for name in ("ends_from", "ends_to")
        if asked[name] and day_of(asked[name]) is None
    }
    if not faults and asked["ends_from"] and asked["ends_to"] and asked["ends_from"] > asked["ends_to"]:
        faults["ends_to"] = str(gettext("止日不能早于起日"))
    return EntryFilter(**{name: asked[name][:most] for name, (_, most) in PARAMETERS.items()}), faults


def query_of(wanted: EntryFilter) -> dict[str, str]:
    """Return the parameters of an address that narrows the list so."""
    return {PARAMETERS[name][0]: value for name, value in asdict(wanted).items() if value}


@blueprint.route("/desk/registry/export", methods=["GET", "POST"])
@roles(Role.REGISTRAR)
def export() -> str | BaseResponse | tuple[str, int]:
    """Ask for what the list is filtered to as a workbook, without ID numbers."""
    wanted, actor, status = wanted_entries()[0], current_actor(), 200
    form = export_form([ExportFormat.XLSX, PackFormat.ZIP])
    if form.validate_on_submit():
        try:
            with runtime().write(arrived_at()) as uow:
                export_id = service.request_export(
                    uow, actor, wanted, form.purpose.data or "", format_of(form.format.data)
                )
            return redirect(url_for("exports.show", export_id=export_id), 303)
        except Refusal as refusal:
            show_reasons(form, refusal)
            status = 422
    elif form.is_submitted():
        status = 422
    with runtime().read(arrived_at()) as uow:
        total = len(matching_ids(uow, actor, wanted))
        waiting = has_open(uow, actor, ExportKind.REGISTRY)
    page = render_template(
        "exports/ask.html", title=gettext("导出登记列表"), form=form, described=wanted.described(), total=total,
        reasons=standing_reasons(ExportKind.REGISTRY, actor, total, has_open=waiting), nav_current="registry.index",
        back=f"{url_for('registry.index')}?{urlencode(query_of(wanted))}",
        list_name=gettext("考评员登记"),
        warning=gettext("列表里有姓名，没有证件号码；证书文件与发给持证人的逐字节相同。请只用于所写的用途，用完删除。"),
    )  # fmt: skip
    return page, status


@blueprint.get("/desk/registry/<entry_id>")
@roles(*READERS)
def show(entry_id: str) -> str:
    """Show one entry with its certificates and its history."""
    return _entry_page(entry_id, ReasonForm())


def _entry_page(entry_id: str, form: ReasonForm, failed_verb: str = "") -> str:
    actor = current_actor()
    with runtime().read(arrived_at()) as uow:
        entry = get_entry(uow, actor, entry_id)
        chain = chain_of_entry(uow, entry)
        moves = history(uow, ENTRY.name, entry_id)
        names = names_of(uow, {move.actor_id for move in moves if move.actor_id})
        decision = standing_decision(uow, entry.certificate_id)
        merges = merge_lines(uow, entry)
        changes = changes_of(uow, entry_id)
    may_act = actor.covers(entry.issuer_path, [Role.REGISTRAR])
    states = {one.certificate.id: one.certificate.state for one in chain}
    state = states.get(entry.certificate_id)
    suspended = state is CertificateState.SUSPENDED
    unprinted = CertificateState.PENDING in states.values()
    return render_template(
        "registry/show.html", entry=entry, chain=chain, now=arrived_at(), form=form, failed_verb=failed_verb,
        events=told_history(moves, names, merges), merges=merges, changes=changes, pills=ENTRY_PILLS,
        certificate_pills=STANDING_PILLS, level_names=LEVEL_NAMES, days_words=_days_words(entry),
        suspended=suspended, decision=decision,
        verbs=_verbs(entry, is_held=suspended, is_asked=decision is not None) if may_act else [],
        may_reissue=may_act and state is CertificateState.ISSUED and not decision and not unprinted,
        cause_names=CAUSE_NAMES, verdict_names=VERDICT_NAMES, may_act=may_act,
        has_file=any(one.certificate.id == entry.certificate_id and one.certificate.file_key for one in chain),
    )  # fmt: skip


def _verbs(entry: EntryFacts, *, is_held: bool, is_asked: bool) -> list[str]:
    """Return what a registrar may do to an entry, or propose; while its certificate is suspended two decide instead."""
    offered: tuple[str, ...] = () if is_held else ("suspend", "resume")
    if not is_held and not is_asked:
        offered += ("revoke", "restore")
    return [verb for verb in offered if ENTRY.allows(verb, entry.state)]


def _days_words(entry: EntryFacts) -> str:
    days = entry.days_left(arrived_at())
    return str(ngettext("%(num)s 天后到期", "%(num)s 天后到期", days) if days > 0 else gettext("今天到期"))


@blueprint.post("/desk/registry/<entry_id>/revoke")
@roles(Role.REGISTRAR)
def revoke(entry_id: str) -> tuple[str, int] | BaseResponse:
    """Propose that the entry and its certificate be revoked; another registrar decides."""
    return _act(entry_id, "revoke", decision_service.propose_revocation)


@blueprint.post("/desk/registry/<entry_id>/restore")
@roles(Role.REGISTRAR)
def restore(entry_id: str) -> tuple[str, int] | BaseResponse:
    """Propose that a wrongly revoked entry and certificate come back; another registrar decides."""
    return _act(entry_id, "restore", decision_service.propose_restoration)


@blueprint.post("/desk/registry/<entry_id>/suspend")
@roles(Role.REGISTRAR)
def suspend(entry_id: str) -> tuple[str, int] | BaseResponse:
    """Suspend the entry."""
    return _act(entry_id, "suspend", service.suspend)


@blueprint.post("/desk/registry/<entry_id>/resume")
@roles(Role.REGISTRAR)
def resume(entry_id: str) -> tuple[str, int] | BaseResponse:
    """End the suspension."""
    return _act(entry_id, "resume", service.resume)


def _act(
    entry_id: str, verb: str, act: Callable[[UnitOfWork, Actor, str, str], object]
) -> tuple[str, int] | BaseResponse:
    form = ReasonForm()
    if not form.validate_on_submit():
        return _entry_page(entry_id, form, verb), 422
    try:
        with runtime().write(arrived_at()) as uow:
            act(uow, current_actor(), entry_id, form.reason.data or "")
    except Refusal as refusal:
        show_reasons(form, refusal)
        return _entry_page(entry_id, form, verb), refusal.status
    flash(gettext(DONE_WORDS[verb]), "ok")
    return redirect(url_for("registry.show", entry_id=entry_id), 303)


@blueprint.get("/desk/registry/<entry_id>/certificate")
@roles(*READERS)
def certificate_file(entry_id: str) -> BaseResponse:
    """Send the stored file of the entry's certificate; each look is recorded."""
    actor = current_actor()
    with runtime().write(arrived_at()) as uow:
        entry = get_entry(uow, actor, entry_id)
        certificate = get_certificate(uow, entry.certificate_id)
        record(uow, actor, "certificate:download", certificate.id, entry_id=entry_id)
    return send_certificate(certificate)


@blueprint.get("/desk/registry/<entry_id>/photo")
@roles(*READERS)
def photo(entry_id: str) -> Response | BaseResponse:
    """Send the portrait as it was when the certificate was issued."""
    with runtime().read(arrived_at()) as uow:
        entry = get_entry(uow, current_actor(), entry_id)
        _sheet, key = sheet_of(uow, entry.certificate_id)
    if key is None:
        raise NotFound
    return send_file(
        io.BytesIO(portrait(runtime().storage.get(key))), mimetype="image/jpeg", max_age=0, etag=False
    )
