"""Every invariant of the house, gathered from its rooms."""

from lms.audit.invariants import INVARIANTS as AUDIT
from lms.certificates.invariants import INVARIANTS as CERTIFICATES
from lms.core.invariants import Invariant
from lms.courses.invariants import INVARIANTS as COURSES
from lms.enrolment.invariants import INVARIANTS as ENROLMENT
from lms.exam.invariants import INVARIANTS as EXAM
from lms.exports.invariants import INVARIANTS as EXPORTS
from lms.plans.invariants import INVARIANTS as PLANS
from lms.questions.invariants import INVARIANTS as QUESTIONS
from lms.registry.invariants import INVARIANTS as REGISTRY
from lms.study.invariants import INVARIANTS as STUDY

ALL_INVARIANTS: tuple[Invariant, ...] = (
    *AUDIT, *EXPORTS, *COURSES, *PLANS, *QUESTIONS, *ENROLMENT, *STUDY, *EXAM, *CERTIFICATES, *REGISTRY,
)  # fmt: skip
