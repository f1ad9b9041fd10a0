"""The registrar's pages of earlier registers: upload, what would be entered and what not, and the decision."""

from collections.abc import Callable
from typing import TypeVar

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from lms.accounts.access import current_actor, roles
from lms.accounts.forms import ActForm, show_reasons
from lms.accounts.policy import Role
from lms.core.actors import Actor
from lms.core.errors import Invalid, NotFound, Refusal, require
from lms.core.unit_of_work import UnitOfWork
from lms.core.web import arrived_at, runtime
from lms.registry.forms.entries import RegisterForm
from lms.registry.policy.imports import (
    FAULTS,
    FIELD_NAMES,
    MOST_BYTES,
    TROUBLES,
    UNDER_WAY,
    VERDICT_NAMES,
    RowVerdict,
    confirm_reasons,
    upload_reasons,
)
from lms.registry.queries.imports import own_import, own_imports
from lms.registry.service import imports as service

blueprint = Blueprint("registry_imports", __name__, url_prefix="/desk/registry/imports")
Done = TypeVar("Done")


@blueprint.route("", methods=["GET", "POST"])
@roles(Role.REGISTRAR)
def index() -> tuple[str, int] | Response:
    """Take a register and let it be checked without entering anything; list what was taken before."""
    form = RegisterForm()
    status = 200
    if form.validate_on_submit():
        try:
            return redirect(url_for("registry_imports.show", import_id=_take()), 303)
        except Refusal as refusal:
            show_reasons(form, refusal)
            status = refusal.status
    elif form.is_submitted():
        status = 422
    with runtime().read(arrived_at()) as uow:
        found = own_imports(uow, current_actor())
    page = render_template("registry/imports.html", form=form, imports=found, field_names=FIELD_NAMES)
    return page, status


def _take() -> str:
    upload = request.files.get("file")
    name = (upload.filename or "") if upload else ""
    # One byte more than allowed is enough to know that a file is too long.
    data = upload.stream.read(MOST_BYTES + 1) if upload else b""
    require(upload_reasons(len(data)), Invalid)
    house = runtime()
    # Sealed, as ID numbers are in it; on disk before the write begins: the lane belongs to everybody.
    file_key = house.storage.put(house.vault.seal_bytes(data, service.FILE_SEAL))
    with house.write(arrived_at()) as uow:
        return service.upload(uow, current_actor(), name, file_key)


@blueprint.get("/<import_id>")
@roles(Role.REGISTRAR)
def show(import_id: str) -> str:
    """Show how far a file is; then what would be entered, what is in conflict and what is wrong, at its cell."""
    with runtime().read(arrived_at()) as uow:
        facts = own_import(uow, current_actor(), import_id)
    kind = request.args.get("kind", "")
    counts = {
        RowVerdict.NEW: facts.new_count, RowVerdict.CONFLICT: facts.conflict_count,
        RowVerdict.FAULTY: facts.fault_count, RowVerdict.KNOWN: facts.known_count,
    }  # fmt: skip
    return render_template(
        "registry/import.html", file=facts, counts=counts, kind=kind, act=ActForm(), verdict_names=VERDICT_NAMES,
        rows=[row for row in facts.report if not kind or row["verdict"] == kind], fault_words=FAULTS,
        trouble_words=TROUBLES, field_names=FIELD_NAMES, is_under_way=facts.state in UNDER_WAY,
        reasons=confirm_reasons(facts.state, facts.new_count),
    )  # fmt: skip


@blueprint.get("/<import_id>/card")
@roles(Role.REGISTRAR)
def card(import_id: str) -> str:
    """Tell the waiting page how far the work on a file is."""
    with runtime().read(arrived_at()) as uow:
        facts = own_import(uow, current_actor(), import_id)
    return render_template("registry/_import_card.html", file=facts)


@blueprint.post("/<import_id>/confirm")
@roles(Role.REGISTRAR)
def confirm(import_id: str) -> Response:
    """Decide that every new row of a checked file is entered."""
    _do(service.confirm, import_id)
    return redirect(url_for("registry_imports.show", import_id=import_id), 303)


@blueprint.post("/<import_id>/check-again")
@roles(Role.REGISTRAR)
def check_again(import_id: str) -> Response:
    """Ask for another check of a file that is not decided."""
    _do(service.check_again, import_id)
    return redirect(url_for("registry_imports.show", import_id=import_id), 303)


@blueprint.post("/<import_id>/discard")
@roles(Role.REGISTRAR)
def discard(import_id: str) -> Response:
    """Put a file aside."""
    if file_key := _do(service.discard, import_id):
        runtime().storage.remove(file_key)
    flash(gettext("没有登记，文件已删除"), "ok")
    return redirect(url_for("registry_imports.index"), 303)


def _do(act: Callable[[UnitOfWork, Actor, str], Done], import_id: str) -> Done:
    """Do what the reader pressed a button for, in one write; return what came of it. Raises Refusal."""
    if not ActForm().validate_on_submit():
        raise NotFound
    with runtime().write(arrived_at()) as uow:
        return act(uow, current_actor(), import_id)
