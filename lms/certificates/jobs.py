"""Jobs of the certificates room."""

import logging
from datetime import datetime

from lms.certificates.layout_sample import sample_sheet
from lms.certificates.pdf import renderer
from lms.certificates.policy.certificates import OVERDUE_AFTER, CertificateState, Sheet
from lms.certificates.policy.layouts import LayoutState
from lms.certificates.queries.certificates import (
    completed_without_certificate,
    get_certificate,
    sheet_of,
    unprinted,
)
from lms.certificates.queries.layouts import get_layout
from lms.certificates.seal import seal
from lms.certificates.service import certificates as service
from lms.certificates.service.decisions import follow_application
from lms.certificates.service.layouts import keep_sample
from lms.core.actors import Actor
from lms.core.errors import Refusal
from lms.core.storage import Storage
from lms.core.unit_of_work import Runtime

ISSUER = Actor.system("certificates.issue")
PRINTER = Actor.system("certificates.render")
SUSPENDER = Actor.system("certificates.suspend")

log = logging.getLogger(__name__)


def issue(runtime: Runtime, *, application_id: str, now: datetime | None = None) -> None:
    """Number the certificate of a passed application; running twice gives the same one."""
    with runtime.write(now) as uow:
        service.issue(uow, ISSUER, application_id)


def follow_stage(
    runtime: Runtime, *, application_id: str, now: datetime | None = None, **_ids: str | int
) -> None:
    """Suspend or resume a certificate after a correction turned its stage round; may run twice."""
    with runtime.write(now) as uow:
        follow_application(uow, SUSPENDER, application_id)


def render(runtime: Runtime, *, certificate_id: str, now: datetime | None = None) -> None:
    """Print a certificate, seal it, keep the file, then make it valid: file first, row second (fault E4).

    No transaction is open while the page is drawn and sealed. Raises Unprintable or Unsealable, which leaves a
    visible dead letter and the number reserved.
    """
    with runtime.read(now) as uow:
        certificate = get_certificate(uow, certificate_id)
        if certificate.state is not CertificateState.PENDING:
            return
        sheet, photo_key = sheet_of(uow, certificate_id)
        moment = uow.now
    photo = runtime.storage.get(photo_key) if photo_key else None
    printed = renderer(runtime.settings.font_dir).render(sheet, photo, **pictures_of(runtime.storage, sheet))
    sealed = seal(
        runtime.settings, printed, numbered_at=certificate.created_at, now=moment, place=sheet.issuer,
        leads_to=sheet.verification_url,
    )  # fmt: skip
    file_key = runtime.storage.put(sealed.data)
    with runtime.write(now) as uow:
        service.deliver(uow, PRINTER, certificate_id, file_key, len(sealed.data), sealed.by)


def pictures_of(storage: Storage, sheet: Sheet) -> dict[str, bytes | None]:
    """Return the pictures of a sheet's layout by the names the renderer gives them."""
    return {
        "logo": storage.get(sheet.logo_key) if sheet.logo_key else None,
        "stamp": storage.get(sheet.stamp_key) if sheet.stamp_key else None,
    }


def draw_sample(runtime: Runtime, *, layout_id: str, edition: int, now: datetime | None = None) -> None:
    """Print a sample of a layout's draft, marked as one; a draft that was changed since waits for its own."""
    with runtime.read(now) as uow:
        layout = get_layout(uow, layout_id)
    if layout.edition != edition or layout.state is not LayoutState.DRAFT:
        return
    sheet = sample_sheet(layout, runtime.settings.base_url)
    printed = renderer(runtime.settings.font_dir).render(sheet, None, **pictures_of(runtime.storage, sheet))
    sample_key = runtime.storage.put(printed)
    with runtime.write(now) as uow:
        keep_sample(uow, layout_id, edition, sample_key)


def sweep_overdue(runtime: Runtime) -> None:
    """Issue and print what its job has given up on: the cause of a refusal may have been mended meanwhile."""
    with runtime.read() as uow:
        before = uow.now - OVERDUE_AFTER
        applications = completed_without_certificate(uow, before)
        certificates = unprinted(uow, before)
    for application_id in applications:
        try:
            issue(runtime, application_id=application_id)
        except Refusal as refusal:
            log.warning("application %s has no certificate still: %s", application_id, refusal.code)
    for certificate_id in certificates:
        try:
            render(runtime, certificate_id=certificate_id)
        except Refusal as refusal:
            log.warning("certificate %s is not printed still: %s", certificate_id, refusal.code)
