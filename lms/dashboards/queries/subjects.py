"""Whose application, exam or certificate an act was about, and which plan."""

from collections.abc import Mapping

from sqlalchemy import select

from lms.audit.subjects import Subject
from lms.certificates.models.certificates import Certificate
from lms.certificates.models.decisions import CertificateDecision
from lms.core.unit_of_work import UnitOfWork
from lms.courses.models import Course, CourseDraft, DraftLesson
from lms.enrolment.models import Application, ApplicationStage
from lms.exam.models.attempts import Attempt
from lms.exam.models.corrections import Correction, ScoreReview
from lms.plans.models import Plan
from lms.questions.models import Blueprint, ImportBatch
from lms.registry.models.changes import RegistryChange
from lms.registry.models.entries import RegistryEntry
from lms.registry.models.merges import RegistryMerge
from lms.study.desk_models import StudyAppeal, StudyFinding
from lms.study.models import StudySession

_OWNED = {
    "application": select(Application.id, Application.person_id),
    "application_stage": select(ApplicationStage.id, Application.person_id).join(
        Application, Application.id == ApplicationStage.application_id
    ),
    "attempt": select(Attempt.id, Attempt.person_id),
    "certificate": select(Certificate.id, Certificate.person_id),
    "certificate_decision": select(CertificateDecision.id, Certificate.person_id).join(
        Certificate, Certificate.id == CertificateDecision.certificate_id
    ),
    "registry_merge": select(RegistryMerge.id, RegistryEntry.person_id).join(
        RegistryEntry, RegistryEntry.id == RegistryMerge.into_id
    ),
    "score_review": select(ScoreReview.id, ScoreReview.person_id),
    "registry_change": select(RegistryChange.id, RegistryEntry.person_id).join(
        RegistryEntry, RegistryEntry.id == RegistryChange.entry_id
    ),
    "registry_entry": select(RegistryEntry.id, RegistryEntry.person_id),
    "study_appeal": select(StudyAppeal.id, StudyAppeal.person_id),
    "study_finding": select(StudyFinding.id, StudyFinding.person_id),
    "study_session": select(StudySession.id, StudySession.person_id),
}
_TITLED = {
    "exam_correction": select(Correction.id, Plan.title).join(Plan, Plan.id == Correction.plan_id),
    "blueprint": select(Blueprint.id, Blueprint.title),
    "import_batch": select(ImportBatch.id, ImportBatch.filename),
    "course": select(Course.id, Course.title), "course_draft": select(CourseDraft.id, CourseDraft.title),
    "lesson_video": select(DraftLesson.id, DraftLesson.title), "plan": select(Plan.id, Plan.title),
}  # fmt: skip


def subjects(uow: UnitOfWork, asked: Mapping[str, set[str]]) -> dict[str, Subject]:
    """Return whose some things are, or their titles; `asked` holds ids by the kinds of the record of acts.

    One statement for each kind. What is not known, or is gone, is left out.
    """
    found: dict[str, Subject] = {}
    for kind, ids in asked.items():
        if kind in _OWNED:
            owned = _OWNED[kind]
            rows = uow.session.execute(owned.where(owned.selected_columns[0].in_(ids)))
            found |= {subject_id: Subject(person_id=person_id) for subject_id, person_id in rows}
        elif kind in _TITLED:
            titled = _TITLED[kind]
            rows = uow.session.execute(titled.where(titled.selected_columns[0].in_(ids)))
            found |= {subject_id: Subject(title=title) for subject_id, title in rows}
    return found
