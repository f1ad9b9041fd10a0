"""The one page that says what follows from what: event -> jobs, and job name -> function."""

from collections.abc import Callable, Mapping
from operator import attrgetter

from lms.accounts.events import RecoveryRequested
from lms.certificates import jobs as certificates
from lms.certificates.events import CertificateIssued, CertificateNumbered
from lms.core.events import Event
from lms.core.jobs import Handler
from lms.core.unit_of_work import Reaction, Reactions
from lms.enrolment.events import ApplicationCompleted, StageOpened
from lms.exam import jobs as exam
from lms.exam.events import AttemptGraded, AttemptVoided
from lms.exports import jobs as exports
from lms.exports.events import ExportEnded, ExportRequested
from lms.exports.policy import ExportKind
from lms.notices import jobs as notices
from lms.questions import jobs as questions
from lms.questions.events import ImportConfirmed, ImportSettled, ImportUploaded
from lms.questions.export_jobs import write_questions
from lms.registry import jobs as registry
from lms.registry.export_jobs import write_entries


def _once_per(field: str) -> Callable[[Event], str]:
    """Queue a job once for each value of one field, however often the event is recorded."""
    return attrgetter(field)


REACTIONS: Reactions = {
    RecoveryRequested: (Reaction("notices.send_recovery"),),
    ImportUploaded: (Reaction("questions.check_import", _once_per("run")),),
    ImportConfirmed: (Reaction("questions.accept_import", _once_per("run")),),
    ImportSettled: (Reaction("questions.tell_import"),),
    ExportRequested: (Reaction("exports.write"),),
    ExportEnded: (Reaction("notices.tell_of_export"),),
    # A paper is drawn ahead, so that the start of an exam is one short write (K1).
    StageOpened: (Reaction("exam.prepare_paper"),),
    AttemptGraded: (Reaction("exam.prepare_paper"),),
    AttemptVoided: (Reaction("exam.prepare_paper"),),
    ApplicationCompleted: (Reaction("certificates.issue", _once_per("application_id")),),
    CertificateNumbered: (Reaction("certificates.render", _once_per("certificate_id")),),
    CertificateIssued: (Reaction("registry.register", _once_per("certificate_id")),),
}

WRITERS: Mapping[ExportKind, exports.Writer] = {
    ExportKind.BANK: write_questions,
    ExportKind.REGISTRY: write_entries,
}
"""Who makes the bytes of each kind of export."""

HANDLERS: Mapping[str, Handler] = {
    "exports.write": exports.writing(WRITERS),
    "notices.send_recovery": notices.send_recovery,
    "questions.check_import": questions.check_import,
    "questions.accept_import": questions.accept_import,
    "questions.tell_import": questions.tell_import,
    "notices.tell_of_export": notices.tell_of_export,
    "exam.prepare_paper": exam.prepare_paper,
    "certificates.issue": certificates.issue,
    "certificates.render": certificates.render,
    "registry.register": registry.register,
}
