"""Pages of exports: what one has asked for, how far it is, and the file."""

from io import BytesIO
from urllib.parse import quote

from flask import Blueprint, flash, redirect, render_template, send_file, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lms.accounts.access import current_actor, roles, signed_in
from lms.accounts.forms import ActForm
from lms.core.formats import date_iso
from lms.core.web import arrived_at, runtime
from lms.exports import queries, service
from lms.exports.policy import FAILURE_WORDS, HOLDERS, KEPT_FOR, fetch_reasons
from lms.exports.queries import ExportFacts
from lms.exports.service import SEAL

blueprint = Blueprint("exports", __name__, url_prefix="/exports")


@blueprint.get("/")
@roles(*HOLDERS.values())
def index() -> str:
    """List what one has asked for."""
    with runtime().read(arrived_at()) as uow:
        found = queries.own_exports(uow, current_actor())
    return render_template("exports/index.html", exports=found, days=KEPT_FOR.days)


@blueprint.get("/<export_id>")
@signed_in
def show(export_id: str) -> str:
    """Show one export: its card while it is written, then the file and what it could not carry."""
    export = _own(export_id)
    reasons = fetch_reasons(export.kind, export.state, current_actor())
    return render_template(
        "exports/show.html", export=export, act=ActForm(), failure_words=FAILURE_WORDS,
        reasons=[] if export.is_open or export.failure else reasons,
    )  # fmt: skip


@blueprint.get("/<export_id>/card")
@signed_in
def card(export_id: str) -> str:
    """Tell the waiting page how far it is."""
    return render_template("exports/_card.html", export=_own(export_id), failure_words=FAILURE_WORDS)


@blueprint.get("/<export_id>/file")
@signed_in
def file(export_id: str) -> Response:
    """Send the file to the one who asked for it, while he holds the role; each fetch is recorded."""
    house = runtime()
    with house.write(arrived_at()) as uow:
        export = service.fetch(uow, current_actor(), export_id)
    data = house.vault.open_bytes(house.storage.get(export.file_key or ""), SEAL)
    reply = send_file(BytesIO(data), mimetype=export.format.media_type, max_age=0, etag=False)
    name = f"{_(export.name)}-{date_iso(export.created_at)}{export.format.suffix}"
    reply.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return reply


@blueprint.post("/<export_id>/again")
@signed_in
def again(export_id: str) -> Response:
    """Have a file written that was given up."""
    with runtime().write(arrived_at()) as uow:
        service.ask_again(uow, current_actor(), export_id)
    flash(_("已重新开始导出"), "ok")
    return redirect(url_for("exports.show", export_id=export_id), 303)


def _own(export_id: str) -> ExportFacts:
    with runtime().read(arrived_at()) as uow:
        return queries.get_own_export(uow, current_actor(), export_id)
