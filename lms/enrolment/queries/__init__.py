"""Reading applications, the inbox of reviewers and the spine."""

from lms.enrolment.policy import ApplicationFacts, StageFacts
from lms.enrolment.queries.applications import (
    CASE_STAFF,
    ApplicantLine,
    CompletedApplication,
    application_facts,
    applications_in,
    applications_of,
    approved_application,
    completed_application_facts,
    current_application,
    get_application,
    live_application,
    live_rival,
    overdue_applications,
)
from lms.enrolment.queries.reviews import (
    DecisionLine,
    EvidenceLine,
    InboxLine,
    decisions,
    evidence,
    get_evidence,
    inbox,
    inbox_count,
)

__all__ = [
    "CASE_STAFF",
    "ApplicantLine",
    "ApplicationFacts",
    "CompletedApplication",
    "DecisionLine",
    "EvidenceLine",
    "InboxLine",
    "StageFacts",
    "application_facts",
    "applications_in",
    "applications_of",
    "approved_application",
    "completed_application_facts",
    "current_application",
    "decisions",
    "evidence",
    "get_application",
    "get_evidence",
    "inbox",
    "inbox_count",
    "live_application",
    "live_rival",
    "overdue_applications",
]
