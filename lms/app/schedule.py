"""The one page of periodic work: every sweeper and how often it runs, in seconds."""

from lms.accounts import jobs as accounts
from lms.audit import jobs as audit
from lms.certificates import jobs as certificates
from lms.core.periodic import Periodic
from lms.courses import jobs as courses
from lms.enrolment import jobs as enrolment
from lms.exam.jobs import attempts as exam
from lms.exam.jobs import papers, rehearsals
from lms.exports import jobs as exports
from lms.questions.jobs import imports as questions
from lms.questions.jobs import upkeep as bank
from lms.registry.jobs import entries as registry
from lms.registry.jobs import imports as registers
from lms.registry.jobs import reminders as expiry
from lms.registry.jobs import search
from lms.study.jobs import classes, integrity
from lms.study.jobs import ledger as study

HOURLY = 3600

SCHEDULE: tuple[Periodic, ...] = (
    # H18: closed within 5 s of the deadline. Both may run beside themselves, and mostly find nothing to do.
    Periodic("exam.sweep_overdue", 0.1, exam.sweep_overdue, takes_slot=False, is_urgent=True),
    Periodic("audit.seal", 1, audit.seal, takes_slot=False),
    Periodic("exam.sweep_papers", 20, papers.sweep_papers),
    Periodic("exam.forget_rehearsals", HOURLY, rehearsals.forget_rehearsals),
    Periodic("study.sweep_completed", 5, study.sweep_completed),
    Periodic("study.sweep_unanswered_checks", 10, study.sweep_unanswered_checks),
    Periodic("study.sweep_idle_sessions", 60, study.sweep_idle_sessions),
    Periodic("study.sweep_reminders", HOURLY, classes.sweep_reminders),
    Periodic("study.sweep_integrity", 600, integrity.sweep_integrity),
    Periodic("questions.sweep_imports", 60, questions.sweep_imports),
    Periodic("courses.sweep_videos", 60, courses.sweep_videos),
    Periodic("certificates.sweep_overdue", 300, certificates.sweep_overdue),
    Periodic("enrolment.sweep_lapsed", HOURLY, enrolment.sweep_lapsed),
    Periodic("registry.sweep_expired", HOURLY, registry.sweep_expired),
    Periodic("registry.sweep_expiring", HOURLY, expiry.sweep_expiring),
    Periodic("registry.sweep_imports", 60, registers.sweep_imports),
    Periodic("registry.sweep_search", 30, search.sweep_search),
    Periodic("registry.sweep_changed", HOURLY, search.sweep_changed),
    Periodic("registry.sweep_tally", 120, search.sweep_tally),
    Periodic("registry.sweep_lookups", HOURLY, registry.sweep_lookups),
    Periodic("exports.sweep_stalled", 60, exports.sweep_stalled),
    Periodic("exports.sweep_spent", HOURLY, exports.sweep_spent),
    Periodic("questions.sweep_texts", 30, bank.sweep_texts),
    Periodic("questions.sweep_lapsed", HOURLY, bank.sweep_lapsed),
    Periodic("accounts.forget_spent", HOURLY, accounts.forget_spent),
)
