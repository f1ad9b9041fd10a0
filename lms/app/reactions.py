"""The one page that says what follows from what: event -> names of jobs; `handlers.py` says who does them."""

from collections.abc import Callable
from operator import attrgetter

from lms.accounts.events import RecoveryRequested
from lms.certificates.events import (
    CertificateIssued,
    CertificateNumbered,
    CertificateResumed,
    CertificateSuspended,
    LayoutEdited,
    NumberingAsked,
    PrintingAsked,
)
from lms.core.events import Event
from lms.core.unit_of_work import Reaction, Reactions
from lms.courses.events import VideoSettled, VideoUploaded
from lms.enrolment.events import ApplicationCompleted, StageOpened, StageReversed
from lms.exam.events import AttemptGraded, AttemptVoided, ScoreTurned
from lms.exports.events import ExportEnded, ExportRequested
from lms.questions.events import ImportConfirmed, ImportSettled, ImportUploaded
from lms.registry.events import ChangeDecided, ExpiryRemindersKept, RegistryConfirmed, RegistryUploaded
from lms.study.events import AppealDecided, RemindersKept


def _once_per(field: str) -> Callable[[Event], str]:
    """Queue a job once for each value of one field, however often the event is recorded."""
    return attrgetter(field)


REACTIONS: Reactions = {
    RecoveryRequested: (Reaction("notices.send_recovery"),),
    ImportUploaded: (Reaction("questions.check_import", _once_per("run")),),
    ImportConfirmed: (Reaction("questions.accept_import", _once_per("run")),),
    ImportSettled: (Reaction("questions.tell_import"),),
    VideoUploaded: (Reaction("courses.prepare_video", _once_per("run"), long=True),),
    VideoSettled: (Reaction("courses.tell_video"),),
    ExportRequested: (Reaction("exports.write"),),
    ExportEnded: (Reaction("notices.tell_of_export"),),
    AppealDecided: (Reaction("study.tell_appeal", _once_per("appeal_id")),),
    RemindersKept: (Reaction("study.send_reminders", _once_per("round_id")),),
    # A paper is drawn ahead, so that the start of an exam is one short write (K1).
    StageOpened: (Reaction("exam.prepare_paper"),),
    AttemptGraded: (Reaction("exam.prepare_paper"),),
    AttemptVoided: (Reaction("exam.prepare_paper"),),
    ApplicationCompleted: (Reaction("certificates.issue", _once_per("application_id")),),
    ScoreTurned: (Reaction("exam.settle_outcome"),),
    # A correction of scores has turned a pass round: the certificate follows, and then the register (E7).
    StageReversed: (Reaction("certificates.follow_stage"),),
    CertificateSuspended: (Reaction("registry.follow_certificate"),),
    CertificateResumed: (Reaction("registry.follow_certificate"),),
    CertificateNumbered: (Reaction("certificates.render", _once_per("certificate_id")),),
    # Asked for again by hand, as often as somebody likes; the jobs themselves do nothing twice.
    LayoutEdited: (Reaction("certificates.draw_sample"),),
    NumberingAsked: (Reaction("certificates.issue"),),
    PrintingAsked: (Reaction("certificates.render"),),
    ExpiryRemindersKept: (Reaction("registry.send_expiry_reminders", _once_per("round_id")),),
    ChangeDecided: (Reaction("registry.tell_change", _once_per("change_id")),),
    RegistryUploaded: (Reaction("registry.check_import", _once_per("run")),),
    RegistryConfirmed: (Reaction("registry.enter_import", _once_per("run")),),
    CertificateIssued: (Reaction("registry.register", _once_per("certificate_id")),),
}
