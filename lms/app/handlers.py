"""Who does each job: job name -> function. Only processes that do jobs read this page, not the web process."""

from collections.abc import Mapping

from lms.certificates import jobs as certificates
from lms.core.jobs import Handler
from lms.courses import jobs as courses
from lms.exam.jobs import attempts as exam
from lms.exports import jobs as exports
from lms.exports.policy import ExportKind
from lms.notices import jobs as notices
from lms.questions.jobs import imports as questions
from lms.questions.jobs.exports import write_questions
from lms.registry.jobs import changes
from lms.registry.jobs import entries as registry
from lms.registry.jobs import imports as registers
from lms.registry.jobs import reminders as expiry
from lms.registry.jobs.exports import write_certificates, write_entries
from lms.study.jobs import classes
from lms.study.jobs import notices as study

WRITERS: Mapping[ExportKind, exports.Writer] = {
    ExportKind.BANK: write_questions,
    ExportKind.REGISTRY: write_entries,
    ExportKind.CERTIFICATES: write_certificates,
    ExportKind.CLASS: classes.write_lines,
}
"""Who makes the bytes of each kind of export."""

HANDLERS: Mapping[str, Handler] = {
    "courses.prepare_video": courses.prepare_video,
    "courses.tell_video": courses.tell_video,
    "exports.write": exports.writing(WRITERS),
    "notices.send_recovery": notices.send_recovery,
    "questions.check_import": questions.check_import,
    "questions.accept_import": questions.accept_import,
    "questions.tell_import": questions.tell_import,
    "notices.tell_of_export": notices.tell_of_export,
    "exam.prepare_paper": exam.prepare_paper,
    "exam.settle_outcome": exam.settle_outcome,
    "certificates.issue": certificates.issue,
    "certificates.follow_stage": certificates.follow_stage,
    "certificates.draw_sample": certificates.draw_sample,
    "certificates.render": certificates.render,
    "registry.check_import": registers.check_import,
    "registry.enter_import": registers.enter_import,
    "registry.register": registry.register,
    "registry.follow_certificate": registry.follow_certificate,
    "registry.tell_change": changes.tell_change,
    "registry.send_expiry_reminders": expiry.send_expiry_reminders,
    "study.send_reminders": classes.send_reminders,
    "study.tell_appeal": study.tell_appeal,
}
