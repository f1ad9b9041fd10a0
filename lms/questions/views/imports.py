"""Pages of uploaded files."""

from io import BytesIO
from urllib.parse import quote

from flask import flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from lms.accounts.access import current_actor, roles
from lms.accounts.forms import ActForm, show_reasons
from lms.accounts.policy import Role
from lms.core.errors import Refusal
from lms.core.paging import Page
from lms.core.web import arrived_at, runtime
from lms.questions import queries, service
from lms.questions.forms import UploadForm
from lms.questions.policy import UPLOAD_BYTES_MAX, ImportState, Verdict, accept_reasons
from lms.questions.views.blueprint import Reply, blueprint, page_asked
from question_bank.exporting.xlsx import write_template
from question_bank.items import AREAS

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROWS_PER_PAGE = 50


@blueprint.route("/imports", methods=["GET", "POST"])
@roles(Role.QUESTION_ADMIN)
def imports() -> Reply:
    """Take a file and check it without writing into the bank; list what was taken before."""
    form = UploadForm()
    status = 200
    if form.validate_on_submit():
        upload = request.files.get("file")
        name = (upload.filename or "") if upload else ""
        # One byte more than allowed is enough to know that a file is too long.
        data = upload.stream.read(UPLOAD_BYTES_MAX + 1) if upload else b""
        area = form.default_area.data or None
        try:
            report = service.read_file(name, data, area)
            with runtime().write(arrived_at()) as uow:
                batch_id = service.check_file(uow, current_actor(), name, data, report, area)
            return redirect(url_for("questions.batch", batch_id=batch_id), 303)
        except Refusal as refusal:
            show_reasons(form, refusal)
            status = refusal.status
    elif form.is_submitted():
        status = 422
    with runtime().read(arrived_at()) as uow:
        batches = queries.batches(uow)
    return render_template("questions/imports.html", form=form, batches=batches), status


@blueprint.get("/imports/<batch_id>")
@roles(Role.QUESTION_ADMIN)
def batch(batch_id: str) -> str:
    """Show what was found in a file, at the cell, and what accepting would do."""
    kind = request.args.get("kind", "")
    page = page_asked()
    with runtime().read(arrived_at()) as uow:
        facts = queries.get_batch(uow, batch_id)
    rows = [row for row in facts.rows if not kind or row.verdict == kind]
    counts = {verdict: sum(1 for row in facts.rows if row.verdict is verdict) for verdict in Verdict}
    return render_template(
        "questions/batch.html", batch=facts, kind=kind, counts=counts, area_names=AREAS, act=ActForm(),
        is_open=facts.state is ImportState.CHECKED, reasons=accept_reasons(facts.new_count),
        rows=rows[(page - 1) * ROWS_PER_PAGE : page * ROWS_PER_PAGE], page=Page(page, ROWS_PER_PAGE, len(rows)),
    )  # fmt: skip


@blueprint.post("/imports/<batch_id>/accept")
@roles(Role.QUESTION_ADMIN)
def accept(batch_id: str) -> Reply:
    """Add every good row of a checked file, or none."""
    house = runtime()
    with house.read(arrived_at()) as uow:
        facts = queries.get_batch(uow, batch_id)
    if facts.state is ImportState.CHECKED:
        # Read before the write begins: a long file takes a while, and the lane belongs to everybody.
        report = service.read_file(facts.filename, house.storage.get(facts.file_key), facts.default_area)
        with house.write(arrived_at()) as uow:
            added = service.accept_batch(uow, current_actor(), batch_id, report)
        flash(ngettext("已导入 %(num)s 题", "已导入 %(num)s 题", added), "ok")
    return redirect(url_for("questions.batch", batch_id=batch_id), 303)


@blueprint.post("/imports/<batch_id>/discard")
@roles(Role.QUESTION_ADMIN)
def discard(batch_id: str) -> Reply:
    """Put a checked file aside."""
    with runtime().write(arrived_at()) as uow:
        service.discard_batch(uow, current_actor(), batch_id)
    flash(_("没有导入，题库没有变化"), "ok")
    return redirect(url_for("questions.imports"), 303)


@blueprint.get("/template.xlsx")
@roles(Role.QUESTION_ADMIN)
def template() -> Response:
    """Send the blank template with its drop-downs."""
    reply = send_file(BytesIO(write_template()), mimetype=WORKBOOK)
    reply.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(_('试题模板'))}.xlsx"
    return reply
