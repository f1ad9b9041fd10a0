"""The holder's pages: the certificate, its file, and its QR code."""

import io
from collections.abc import Mapping

from flask import Blueprint, Response, render_template, send_file
from werkzeug.wrappers import Response as BaseResponse

from lms.accounts.access import current_actor, signed_in
from lms.certificates.pictures import as_address, ground_svg, portrait, qr_svg, wrap
from lms.certificates.policy.certificates import (
    CertificateState,
    Origin,
    Sheet,
    Standing,
    date_text,
    local_day,
)
from lms.certificates.policy.versions import CAUSE_NAMES
from lms.certificates.queries.certificates import (
    CertificateFacts,
    certificates_of,
    get_own_certificate,
    sheet_of,
)
from lms.core.catalogue import gettext
from lms.core.errors import N_, NotFound, Reason
from lms.core.web import arrived_at, runtime
from lms.plans.policy import LEVEL_NAMES

blueprint = Blueprint("certificates", __name__)

# Measures of the preview in tenths of a millimetre, as in certificate.css: 15 and 22 points.
STATEMENT_LINE = 32
STATEMENT_WIDTH = 53
NAME_WIDTH = 87

STANDING_PILLS: dict[Standing, tuple[str, str]] = {
    Standing.PENDING: ("saving", N_("正在制作")),
    Standing.VALID: ("valid", N_("有效")),
    Standing.EXPIRING: ("expiring", N_("即将到期")),
    Standing.EXPIRED: ("expired", N_("已到期")),
    Standing.SUSPENDED: ("suspended", N_("暂停")),
    Standing.REVOKED: ("revoked", N_("已撤销")),
    Standing.SUPERSEDED: ("replaced", N_("已被替代")),
    Standing.DROPPED: ("replaced", N_("没有制作")),
}
"""How each standing looks and reads; the pages of the registry share it."""


@blueprint.get("/certificates")
@signed_in
def index() -> str:
    """Show the person's newest certificate, with the older ones beside it."""
    now = arrived_at()
    with runtime().read(now) as uow:
        own = certificates_of(uow, current_actor().person_id or "")
    first = next((one for one in own if one.is_first or one.issued_at is not None), None)
    return _page(first, [one for one in own if one is not first])


@blueprint.get("/certificates/<certificate_id>")
@signed_in
def show(certificate_id: str) -> str:
    """Show one certificate of the person."""
    with runtime().read(arrived_at()) as uow:
        certificate = get_own_certificate(uow, current_actor(), certificate_id)
        own = certificates_of(uow, certificate.person_id)
    return _page(certificate, [other for other in own if other.id != certificate.id])


def _page(certificate: CertificateFacts | None, others: list[CertificateFacts]) -> str:
    address = ""
    if certificate is not None:
        address = runtime().settings.base_url.rstrip("/") + certificate.verification_path
    return render_template(
        "certificates/show.html", certificate=certificate, others=others, now=arrived_at(),
        pills=STANDING_PILLS, level_names=LEVEL_NAMES, verification_address=address, cause_names=CAUSE_NAMES,
        versions=[one for one in others if certificate and one.number == certificate.number],
    )  # fmt: skip


@blueprint.get("/certificates/<certificate_id>/making")
@signed_in
def making(certificate_id: str) -> str:
    """Tell the waiting page how far the certificate is."""
    with runtime().read(arrived_at()) as uow:
        certificate = get_own_certificate(uow, current_actor(), certificate_id)
    return render_template("certificates/_making.html", certificate=certificate)


@blueprint.get("/certificates/<certificate_id>/file")
@signed_in
def download(certificate_id: str) -> BaseResponse:
    """Send the stored file byte for byte, under a name that says whose it is."""
    with runtime().read(arrived_at()) as uow:
        certificate = get_own_certificate(uow, current_actor(), certificate_id)
    return send_certificate(certificate)


def send_certificate(certificate: CertificateFacts) -> BaseResponse:
    """Answer with a certificate's stored file. Raises NotFound while it is not printed."""
    if certificate.file_key is None and certificate.origin is Origin.IMPORTED:
        raise NotFound(
            Reason(
                "certificate.earlier", N_("只有本系统签发的证书才有文件"), now=N_("这张证书在本系统启用以前签发"),
                way_out=N_("请持证人使用原来的证书；编号和有效期可以在查验页核对"),
            )
        )  # fmt: skip
    if certificate.file_key is None:
        raise NotFound(
            Reason(
                "certificate.pending", N_("证书文件制作好之后才能下载"), now=N_("这张证书正在制作"),
                way_out=N_("一般两分钟内完成，请刷新证书页"),
            )
        )  # fmt: skip
    return send_file(
        io.BytesIO(runtime().storage.get(certificate.file_key)), mimetype="application/pdf", as_attachment=True,
        download_name=_file_name(certificate), max_age=0, etag=False,
    )  # fmt: skip


def _file_name(certificate: CertificateFacts) -> str:
    if certificate.state is CertificateState.REVOKED:
        return gettext(
            "已撤销-%(level)s证书-%(name)s-%(number)s.pdf", level=gettext(LEVEL_NAMES[certificate.level]),
            name=certificate.holder_name, number=certificate.number,
        )  # fmt: skip
    return gettext(
        "%(level)s证书-%(name)s-%(number)s.pdf", level=gettext(LEVEL_NAMES[certificate.level]),
        name=certificate.holder_name, number=certificate.number,
    )  # fmt: skip


@blueprint.get("/certificates/<certificate_id>/qr.svg")
@signed_in
def qr(certificate_id: str) -> Response:
    """Draw the QR code that leads to the public page of this certificate."""
    with runtime().read(arrived_at()) as uow:
        certificate = get_own_certificate(uow, current_actor(), certificate_id)
    if certificate.state is CertificateState.PENDING:
        raise NotFound
    address = runtime().settings.base_url.rstrip("/") + certificate.verification_path
    return Response(qr_svg(address, light="#ffffff"), mimetype="image/svg+xml")


@blueprint.get("/certificates/<certificate_id>/preview.svg")
@signed_in
def preview(certificate_id: str) -> Response:
    """Draw the certificate for the page: the same words as the file, in the fonts of the reader's device."""
    with runtime().read(arrived_at()) as uow:
        certificate = get_own_certificate(uow, current_actor(), certificate_id)
        sheet, photo_key = sheet_of(uow, certificate.id)
    marks = {
        name: runtime().storage.get(key)
        for name, key in (("logo", sheet.logo_key), ("stamp", sheet.stamp_key))
        if key
    }
    revoked_on = date_text(local_day(certificate.revoked_at)) if certificate.revoked_at else ""
    return draw_preview(sheet, runtime().storage.get(photo_key) if photo_key else None, revoked_on, marks)


def draw_preview(
    sheet: Sheet, photo: bytes | None, revoked_on: str = "", marks: Mapping[str, bytes] | None = None
) -> Response:
    """Answer with the preview of a sheet; what was revoked says so across the whole of it."""
    name_lines = len(sheet.name) * NAME_WIDTH // STATEMENT_WIDTH + 1
    drawn = render_template(
        "certificates/preview.svg", sheet=sheet, ground=as_address("image/svg+xml", ground_svg()),
        qr=as_address("image/svg+xml", qr_svg(sheet.verification_url)),
        photo=as_address("image/jpeg", portrait(photo)) if photo else "",
        lines=wrap(sheet.statement, max(STATEMENT_LINE - 3 - name_lines, 8), STATEMENT_LINE),
        name_width=name_lines * STATEMENT_WIDTH, revoked_on=revoked_on,
        **{name: as_address("image/png", picture) for name, picture in (marks or {}).items()},
    )  # fmt: skip
    return Response(drawn, mimetype="image/svg+xml")
