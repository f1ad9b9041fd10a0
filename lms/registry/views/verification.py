"""The public check of a certificate by its number, its code or its file, and employers' lists."""

import io
from collections.abc import Callable

from flask import Blueprint, Response, redirect, render_template, request, send_file, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response as BaseResponse

from lms.accounts.access import current_actor, public, roles
from lms.accounts.forms import show_reasons
from lms.accounts.policy import Role
from lms.certificates.numbers import CertificateNumber, normalise_number
from lms.certificates.policy.certificates import bare_code, code_parts, normalise_code
from lms.certificates.policy.versions import CAUSE_NAMES
from lms.certificates.queries.certificates import CertificateFacts, find_by_code, find_by_number
from lms.certificates.views import STANDING_PILLS
from lms.core.errors import Invalid, Refusal
from lms.core.identifiers import ID_LENGTH
from lms.core.unit_of_work import UnitOfWork
from lms.core.web import arrived_at, opens_at, runtime
from lms.plans.policy import LEVEL_NAMES
from lms.registry.forms.verification import BatchForm, BatchResultForm, FileForm, VerifyForm
from lms.registry.lookups import file_answer, look_up, sent_file
from lms.registry.policy.entries import LOOKUPS_PER_MINUTE
from lms.registry.policy.files import BATCH_BYTES_MOST, FINDING_WORDS, RowState
from lms.registry.queries.entries import PublicView
from lms.registry.queries.verification import FileAnswer
from lms.registry.service import verification as verify_service
from lms.registry.verify_workbook import STANDING_WORDS, read_batch, write_answers
from lms.registry.views.entries import ENTRY_PILLS, MAX_QUERY_LENGTH

blueprint = Blueprint("verification", __name__)

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROW_PILLS: dict[str, str] = {
    **{str(key): look for key, (look, _word) in (STANDING_PILLS | ENTRY_PILLS).items()},
    RowState.NOT_FOUND: "refused", RowState.FAULTY: "refused",
}  # fmt: skip
"""How the answers to an employer's list look."""


@blueprint.get("/verify", strict_slashes=False)
@public
def verify() -> str:
    """Show the question."""
    return verify_page(VerifyForm(), None, asked=False)


@blueprint.post("/verify")
@public
def verify_question() -> tuple[str, int] | BaseResponse:
    """Answer a number with its holder's name; a code is led to its own address.

    The two forms of the page come here; the one of the code sends nothing but that field.
    """
    form = VerifyForm()
    number, name, code = (
        (field.data or "").strip()[:MAX_QUERY_LENGTH] for field in (form.number, form.name, form.code)
    )
    if "code" in request.form and not (number or name):
        if normalise_code(code):
            return redirect(url_for("verification.verify_code", code=normalise_code(code)), 303)
        form.validate()
        form.code.errors = [_code_fault(code)]
        form.code.data = code
        return verify_page(form, None, asked=False), 422
    if not form.validate() or _question_faults(form, number, name):
        return verify_page(form, None, asked=False), 422
    return _answer(form, lambda uow: find_by_number(uow, normalise_number(number), name))


@blueprint.get("/verify/<code>")
@public
def verify_code(code: str) -> tuple[str, int]:
    """Answer the QR code of a certificate."""
    wanted = normalise_code(code)
    form = VerifyForm(formdata=None, data={"code": code_parts(wanted) if wanted else code})
    return _answer(form, lambda uow: find_by_code(uow, wanted) if wanted else None)


def _code_fault(code: str) -> str:
    if not code:
        return str(gettext("请填写查验码"))
    count = len(bare_code(code))
    if count == ID_LENGTH:
        return str(gettext("查验码为 16 位，只有字母和数字，横线和空格可以不输"))
    return str(
        ngettext(
            "查验码为 16 位字母和数字，横线和空格可以不输。您输入了 %(num)s 位",
            "查验码为 16 位字母和数字，横线和空格可以不输。您输入了 %(num)s 位",
            count,
        )
    )


def _question_faults(form: VerifyForm, number: str, name: str) -> bool:
    if not number:
        form.number.errors = [gettext("请填写证书编号")]
    elif CertificateNumber.parse(number) is None:
        form.number.errors = [
            ngettext(
                "证书编号为 15 位数字（旧证 14 位），空格可以不输。您输入了 %(num)s 位",
                "证书编号为 15 位数字（旧证 14 位），空格可以不输。您输入了 %(num)s 位",
                len(normalise_number(number)),
            )
        ]
    if not name:
        form.name.errors = [gettext("请填写持证人姓名，与证书上的字完全一致")]
    return bool(form.errors)


def _answer(form: VerifyForm, find: Callable[[UnitOfWork], CertificateFacts | None]) -> tuple[str, int]:
    view = look_up(find)
    return verify_page(form, view, asked=True), 200 if view else 404


def verify_page(
    form: VerifyForm, view: PublicView | None, *, asked: bool, file_form: FileForm | None = None,
    answer: FileAnswer | None = None,
) -> str:  # fmt: skip
    """Draw the page of the public check: its three questions, and the answer to one of them."""
    return render_template(
        "registry/verify.html", form=form, view=view, asked=asked, as_of=arrived_at(), answer=answer,
        file_form=file_form or FileForm(formdata=None), findings=FINDING_WORDS,
        pills=STANDING_PILLS | ENTRY_PILLS, level_names=LEVEL_NAMES, limit=LOOKUPS_PER_MINUTE,
        cause_names=CAUSE_NAMES,
    )  # fmt: skip


@blueprint.route("/verify/file", methods=["GET", "POST"])
@public
def check_file() -> tuple[str, int] | BaseResponse:
    """Say of a certificate's file whether it is what was issued, and how the certificate stands. Nothing is kept."""
    opens_at(url_for("verification.verify"))
    if request.method == "GET":
        return redirect(url_for("verification.verify"), 303)
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
