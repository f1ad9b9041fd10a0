"""Writing the registry's list, or the certificates behind it, into a file that a registrar asked for."""

import io
import zipfile

from lms.certificates.policy.certificates import CertificateState
from lms.certificates.queries.certificates import CertificateFacts, certificates_by_id
from lms.core.actors import Actor
from lms.core.errors import NN_
from lms.core.unit_of_work import Runtime
from lms.exports.jobs import Tell
from lms.exports.policy import PACK_MAX
from lms.exports.queries import ExportFacts
from lms.exports.service import Written
from lms.registry import workbook
from lms.registry.policy.entries import EntryStanding
from lms.registry.queries.entries import EntryFacts, entries_by_id
from lms.registry.queries.search import EntryFilter, matching_ids
from question_bank.phrases import phrase

CHUNK = 500
"""How many entries one read takes."""
FILES = 20
"""After how many packed files the page is told how far it is."""


def write_entries(runtime: Runtime, export: ExportFacts, holder: Actor, tell: Tell) -> Written:
    """Gather the filtered entries within the scope that the holder has now, and write them."""
    with runtime.read() as uow:
        ids, now = matching_ids(uow, holder, EntryFilter(**export.filters)), uow.now
    rows: list[tuple[EntryFacts, EntryStanding]] = []
    for start in range(0, len(ids), CHUNK):
        with runtime.read() as uow:
            rows += [(entry, entry.standing(now)) for entry in entries_by_id(uow, ids[start : start + CHUNK])]
        tell(len(rows))
    return Written(workbook.write_entries(rows), len(rows))


def write_certificates(runtime: Runtime, export: ExportFacts, holder: Actor, tell: Tell) -> Written:
    """Pack the stored files of the filtered entries' certificates, byte for byte, each under its number.

    What is not printed yet, or was revoked, is left out and counted. A name has no place in a file's name (fault G1).
    """
    with runtime.read() as uow:
        ids = matching_ids(uow, holder, EntryFilter(**export.filters))[:PACK_MAX]
        entries = entries_by_id(uow, ids)
        found = certificates_by_id(uow, (entry.certificate_id for entry in entries))
    certificates = [found[entry.certificate_id] for entry in entries]
    printed = [one for one in certificates if one.file_key and one.state is not CertificateState.REVOKED]
    buffer = io.BytesIO()
    # Stored as they are: a PDF is packed already. One fixed day, so that the same choice gives the same bytes.
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as pack:
        for count, one in enumerate(printed, start=1):
            pack.writestr(zipfile.ZipInfo(_name_in_pack(one)), runtime.storage.get(one.file_key or ""))
            if count % FILES == 0:
                tell(count)
    left_out = len(certificates) - len(printed)
    losses = (
        (phrase(NN_("%(count)s 张还没有制成或者已经撤销，没有放入"), count=left_out),) if left_out else ()
    )
    return Written(buffer.getvalue(), len(printed), losses)


def _name_in_pack(certificate: CertificateFacts) -> str:
    version = f"-{certificate.version}" if certificate.version > 1 else ""
    return f"{certificate.number}{version}.pdf"
