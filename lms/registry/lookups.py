"""One try at the public check, by page or by program: counted first, in a transaction of its own, then answered."""

from collections.abc import Callable

from flask import request, url_for

from lms.certificates.file_traces import LARGEST_FILE, FileTraces, is_pdf, look_at
from lms.certificates.queries.certificates import CertificateFacts
from lms.core.errors import Invalid, require
from lms.core.unit_of_work import UnitOfWork
from lms.core.web import arrived_at, opens_at, runtime
from lms.registry.policy.files import file_reasons
from lms.registry.queries.entries import PublicView, public_view
from lms.registry.queries.verification import FileAnswer, answer_file
from lms.registry.service.entries import count_lookup


def look_up(find: Callable[[UnitOfWork], CertificateFacts | None]) -> PublicView | None:
    """Count the look-up of this address, then look. Raises TooManyLookups."""
    _count()
    with runtime().read(arrived_at()) as uow:
        certificate = find(uow)
        if certificate is None:
            return None
        _opens_at(certificate)
        return public_view(uow, certificate)


def sent_file() -> FileTraces:
    """Count the look-up, read the file that was sent, and look for our marks in it.

    Raises TooManyLookups, or Invalid for what cannot be checked.
    """
    _count()
    sent = request.files.get("file")
    # One byte more than allowed is enough to know that a file is too long.
    data = sent.stream.read(LARGEST_FILE + 1) if sent else b""
    require(file_reasons(len(data), is_pdf=is_pdf(data)), Invalid)
    return look_at(data)


def file_answer(traces: FileTraces) -> FileAnswer:
    """Judge what was found by the register of this moment."""
    with runtime().read(arrived_at()) as uow:
        answer = answer_file(uow, traces)
    if answer.certificate is not None:
        _opens_at(answer.certificate)
    return answer


def _count() -> None:
    with runtime().write(arrived_at()) as uow:
        count_lookup(uow, request.remote_addr or "")


def _opens_at(certificate: CertificateFacts) -> None:
    opens_at(url_for("verification.verify_code", code=certificate.verification_code))
