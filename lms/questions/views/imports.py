"""Pages of uploaded files."""

from io import BytesIO
from pathlib import PurePath
from urllib.parse import quote

from flask import flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from lms.accounts.access import current_actor, roles
from lms.accounts.forms import ActForm, page_asked, show_reasons
from lms.accounts.policy import Role
from lms.core.errors import NotFound, Refusal, require
from lms.core.paging import Page
from lms.core.speech import say
from lms.core.web import arrived_at, runtime
from lms.questions import queries, service
from lms.questions.annotation import annotated_workbook
from lms.questions.forms import AcceptForm, UploadForm
from lms.questions.policy import (
    APPROVED_AT_ONCE,
    UNDER_WAY,
    UPLOAD_BYTES_MAX,
    Arrival,
    ImportState,
    Verdict,
    accept_reasons,
    annotate_reasons,
    arrivals,
    bulk_approval_reasons,
)
from lms.questions.views.blueprint import NAMES, Reply, blueprint
from question_bank.exporting.xlsx import write_template
from question_bank.importing import read_sheets
from question_bank.items import Difficulty

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROWS_PER_PAGE = 50
SAMPLE_PER_PAGE = 10
NEW = "new"
"""What the address says for the good rows, beside the verdicts of the others."""


@blueprint.route("/imports", methods=["GET", "POST"])
@roles(Role.QUESTION_ADMIN)
def imports() -> Reply:
    """Take a file and let it be checked without writing into the bank; list what was taken before."""
    form = UploadForm()
    status = 200
    if form.validate_on_submit():
        try:
            return redirect(url_for("questions.batch", batch_id=_take(form)), 303)
        except Refusal as refusal:
            show_reasons(form, refusal)
            status = refusal.status
    elif form.is_submitted():
        status = 422
    with runtime().read(arrived_at()) as uow:
        batches = queries.batches(uow)
    return render_template("questions/imports.html", form=form, batches=batches), status


def _take(form: UploadForm) -> str:
    upload = request.files.get("file")
    name = (upload.filename or "") if upload else ""
    # One byte more than allowed is enough to know that a file is too long.
    data = upload.stream.read(UPLOAD_BYTES_MAX + 1) if upload else b""
    level = form.default_difficulty.data
    choices = service.ReadingChoices(form.default_area.data or None, Difficulty(level) if level else None)
    house = runtime()
    service.refuse_upload(data)
    # On disk before the write begins: the lane belongs to everybody.
    file_key = house.storage.put(data)
    with house.write(arrived_at()) as uow:
        return service.upload(uow, current_actor(), name, file_key, len(data), choices)


@blueprint.get("/imports/<batch_id>")
@roles(Role.QUESTION_ADMIN)
def batch(batch_id: str) -> str:
    """Show how far a file is; then what was found in it, at the cell, and what accepting would do."""
    with runtime().read(arrived_at()) as uow:
        facts = queries.get_batch(uow, batch_id)
        paired = queries.pair_counts(uow, batch_id)
        drafts = queries.draft_count(uow, batch_id)
    form = AcceptForm()
    allowed = arrivals(review_required=runtime().settings.import_review)
    form.arrival.choices = [choice for choice in form.arrival.choices if choice.value in allowed]
    form.arrival.data = allowed[0]
    kind = request.args.get("kind", "" if facts.rows else NEW)
    number = page_asked()
    is_sample = kind == NEW
    size = SAMPLE_PER_PAGE if is_sample else ROWS_PER_PAGE
    chosen = facts.sample if is_sample else [row for row in facts.rows if not kind or row.verdict == kind]
    # A row with two faults is one row here, as in the counts of the whole file; the table tells both faults.
    places = {(row.verdict, row.sheet, row.row) for row in facts.rows}
    counts = {verdict: sum(1 for found, *_place in places if found is verdict) for verdict in Verdict}
    return render_template(
        "questions/batch.html", batch=facts, kind=kind, counts=counts, act=ActForm(), is_sample=is_sample,
        looked_at=len({tuple(place) for _found, *place in places}),
        is_open=facts.state is ImportState.CHECKED, is_under_way=facts.state in UNDER_WAY,
        reasons=accept_reasons(facts.new_count, paired.versions), paired=paired, drafts=drafts, form=form,
        draft_reasons=bulk_approval_reasons(drafts, facts.asked_by, current_actor().person_id),
        approved_at_once=min(drafts, APPROVED_AT_ONCE),
        has_sheets=len({*(row.sheet for row in facts.rows), *(one.sheet for one in facts.sample)} - {""}) > 1,
        has_annotated=not annotate_reasons(
            facts.state, facts.byte_count, has_workbook=facts.annotated_key is not None
        ), rows=chosen[(number - 1) * size : number * size],
        page=Page(number, size, len(chosen)), **NAMES,
    )  # fmt: skip


@blueprint.get("/imports/<batch_id>/card")
@roles(Role.QUESTION_ADMIN)
def card(batch_id: str) -> str:
    """Tell the waiting page how far the work on a file is."""
    with runtime().read(arrived_at()) as uow:
        facts = queries.get_batch(uow, batch_id)
    return render_template("questions/_card.html", batch=facts)


@blueprint.post("/imports/<batch_id>/accept")
@roles(Role.QUESTION_ADMIN)
def accept(batch_id: str) -> Reply:
    """Decide that every good row of a checked file comes in."""
    asked = request.form.get("arrival", "")
    arrival = Arrival(asked) if asked in set(Arrival) else None
    with runtime().write(arrived_at()) as uow:
        service.confirm(
            uow, current_actor(), batch_id, arrival, review_required=runtime().settings.import_review
        )
    return redirect(url_for("questions.batch", batch_id=batch_id), 303)


@blueprint.post("/imports/<batch_id>/approve")
@roles(Role.QUESTION_ADMIN)
def approve_batch(batch_id: str) -> Reply:
    """Review and approve the new questions of a file as its second person, some at once."""
    with runtime().write(arrived_at()) as uow:
        done, left = service.approve_drafts(uow, current_actor(), batch_id)
    if done:
        flash(
            ngettext("已批准 %(num)s 题，从现在起可以抽到", "已批准 %(num)s 题，从现在起可以抽到", done), "ok"
        )
    if left and not done:
        flash(_("其余各题与题库里在用的题相同，请逐题退回"), "wait")
    return redirect(url_for("questions.batch", batch_id=batch_id), 303)


@blueprint.post("/imports/<batch_id>/check-again")
@roles(Role.QUESTION_ADMIN)
def check_again(batch_id: str) -> Reply:
    """Ask for another check of a file that is not decided."""
    with runtime().write(arrived_at()) as uow:
        service.check_again(uow, current_actor(), batch_id)
    return redirect(url_for("questions.batch", batch_id=batch_id), 303)


@blueprint.post("/imports/<batch_id>/discard")
@roles(Role.QUESTION_ADMIN)
def discard(batch_id: str) -> Reply:
    """Put a checked file aside."""
    with runtime().write(arrived_at()) as uow:
        service.discard_batch(uow, current_actor(), batch_id)
    flash(_("没有导入，题库没有变化"), "ok")
    return redirect(url_for("questions.imports"), 303)


@blueprint.get("/imports/<batch_id>/annotated.xlsx")
@roles(Role.QUESTION_ADMIN)
def annotated(batch_id: str) -> Response:
    """Send the file back with its verdicts: as the check wrote it, or made now of a short file that no job checked."""
    house = runtime()
    with house.read(arrived_at()) as uow:
        facts = queries.get_batch(uow, batch_id)
    require(
        annotate_reasons(facts.state, facts.byte_count, has_workbook=facts.annotated_key is not None),
        NotFound,
    )
    if facts.annotated_key is not None:
        made = house.storage.get(facts.annotated_key)
    else:
        data = house.storage.get(facts.file_key)
        report = service.read_file(facts.filename, data, service.choices_of(facts))
        with house.read(arrived_at()) as uow:
            judgement = service.judge_report(uow, report)
        made = annotated_workbook(read_sheets(data, facts.filename), report, judgement, say, facts.profile)
    name = quote(f"{PurePath(facts.filename).stem}-{_('检查结果')}")
    reply = send_file(BytesIO(made), mimetype=WORKBOOK)
    reply.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}.xlsx"
    return reply


@blueprint.get("/template.xlsx")
@roles(Role.QUESTION_ADMIN)
def template() -> Response:
    """Send the blank template with its drop-downs."""
    reply = send_file(BytesIO(write_template()), mimetype=WORKBOOK)
    reply.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(_('试题模板'))}.xlsx"
    return reply
