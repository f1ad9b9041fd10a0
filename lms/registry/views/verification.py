"""The public check of a file, and employers' lists."""

import io

from flask import Blueprint, Response, redirect, render_template, request, send_file, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from lms.accounts.access import current_actor, public, roles
from lms.accounts.forms import show_reasons
from lms.accounts.policy import Role
from lms.core.errors import Invalid, Refusal
from lms.core.web import arrived_at, opens_at, runtime
from lms.plans.policy import LEVEL_NAMES
from lms.registry.forms.entries import VerifyForm
from lms.registry.forms.verification import BatchForm, BatchResultForm, FileForm
from lms.registry.lookups import file_answer, sent_file
from lms.registry.policy.files import BATCH_BYTES_MOST
from lms.registry.service import verification as verify_service
from lms.registry.verify_workbook import STANDING_WORDS, read_batch, write_answers
from lms.registry.views.entries import ROW_PILLS, verify_page

blueprint = Blueprint("verification", __name__)

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.route("/verify/file", methods=["GET", "POST"])
@public
def check_file() -> tuple[str, int] | BaseResponse:
    """Say of a certificate's file whether it is what was issued, and how the certificate stands. Nothing is kept."""
    opens_at(url_for("registry.verify"))
    if request.method == "GET":
        return redirect(url_for("registry.verify"), 303)
    form = FileForm()
    try:
        traces = sent_file()
    except Invalid as refusal:
        show_reasons(form, refusal)
        return verify_page(VerifyForm(formdata=None), None, asked=False, file_form=form), 422
    answer = file_answer(traces)
    return verify_page(
        VerifyForm(formdata=None), answer.view, asked=False, file_form=form, answer=answer
    ), 200


@blueprint.route("/desk/verification", methods=["GET", "POST"])
@roles(Role.INSTITUTION_OFFICER)
def batch() -> str | tuple[str, int]:
    """Check an employer's list and show the answers; only what was typed in it is named."""
    form = BatchForm()
    if not form.is_submitted():
        return _batch_page(form)
    sent = request.files.get("file")
    if not form.validate() or sent is None:
        return _batch_page(form), 422
    actor = current_actor()
    try:
        rows = read_batch(sent.stream.read(BATCH_BYTES_MOST + 1), sent.filename or "")
        with runtime().write(arrived_at()) as uow:
            answers = verify_service.check_list(uow, actor, rows)
    except Refusal as refusal:
        show_reasons(form, refusal)
        return _batch_page(form), refusal.status
    result = BatchResultForm(formdata=None)
    result.carry(rows)
    return _batch_page(BatchForm(formdata=None), answers=answers, result=result)


def _batch_page(form: BatchForm, **values: object) -> str:
    return render_template(
        "registry/batch.html", form=form, as_of=arrived_at(), words=STANDING_WORDS, pills=ROW_PILLS,
        level_names=LEVEL_NAMES, **values,
    )  # fmt: skip


@blueprint.post("/desk/verification/list.xlsx")
@roles(Role.INSTITUTION_OFFICER)
def batch_file() -> Response | BaseResponse:
    """Send a list with its answers of this moment as a workbook."""
    opens_at(url_for("verification.batch"))
    form = BatchResultForm()
    rows = form.wanted() if form.validate_on_submit() else []
    if not rows:
        return redirect(url_for("verification.batch"), 303)
    with runtime().write(arrived_at()) as uow:
        answers = verify_service.check_list(uow, current_actor(), rows)
    return send_file(
        io.BytesIO(write_answers(answers)), mimetype=WORKBOOK, as_attachment=True,
        download_name=gettext("证书查验结果.xlsx"), max_age=0, etag=False,
    )  # fmt: skip
