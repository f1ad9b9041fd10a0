"""Jobs of the certificates room."""

from lms.certificates import service
from lms.certificates.pdf import renderer
from lms.certificates.policy import CertificateState
from lms.certificates.queries import get_certificate, sheet_of
from lms.core.actors import Actor
from lms.core.unit_of_work import Runtime

ISSUER = Actor.system("certificates.issue")
PRINTER = Actor.system("certificates.render")


def issue(runtime: Runtime, *, application_id: str) -> None:
    """Number the certificate of a passed application; running twice gives the same one."""
    with runtime.write() as uow:
        service.issue(uow, ISSUER, application_id)


def render(runtime: Runtime, *, certificate_id: str) -> None:
    """Print a certificate, keep the file, then make it valid: file first, row second (fault E4).

    No transaction is open while the page is drawn. Raises Unprintable, which leaves a visible dead
    letter and the number reserved.
    """
    with runtime.read() as uow:
        if get_certificate(uow, certificate_id).state is not CertificateState.PENDING:
            return
        sheet, photo_key = sheet_of(uow, certificate_id)
    photo = runtime.storage.get(photo_key) if photo_key else None
    printed = renderer(runtime.settings.font_dir).render(sheet, photo)
    file_key = runtime.storage.put(printed)
    with runtime.write() as uow:
        service.deliver(uow, PRINTER, certificate_id, file_key, len(printed))
