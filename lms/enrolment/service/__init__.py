"""The verbs of enrolment: applications, their review, evidence, and the spine of stages."""

from lms.enrolment.service.applications import (
    change,
    eligibility,
    lapse_overdue,
    profile_gaps,
    resubmit,
    start,
    submit_application,
    withdraw,
)
from lms.enrolment.service.evidence import CleanFile, attach_evidence, clean_evidence, put_evidence_aside
from lms.enrolment.service.reviews import approve, decide, reject, return_for_correction, reveal_id_number
from lms.enrolment.service.spine import (
    annul,
    complete_stage,
    correct_stage,
    lock_application,
    open_stage,
    reinstate,
    reopen_stage,
    report_stage,
    stage_reasons,
    waive_stage,
)

__all__ = [
    "CleanFile", "annul", "approve", "attach_evidence", "change", "clean_evidence", "complete_stage",
    "correct_stage", "decide", "eligibility", "lapse_overdue", "lock_application", "open_stage", "profile_gaps",
    "put_evidence_aside", "reinstate", "reject", "reopen_stage", "report_stage", "resubmit", "return_for_correction",
    "reveal_id_number", "stage_reasons", "start", "submit_application", "waive_stage", "withdraw",
]  # fmt: skip
