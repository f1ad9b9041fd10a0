"""A city with one of everything that an address can name, and the same roles in the city next to it."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update

from lms.accounts.models import Organisation, RoleGrant
from lms.accounts.policy import Role
from lms.certificates.models.decisions import CertificateDecision
from lms.certificates.policy.decisions import DecisionState
from lms.core.actors import Actor
from lms.core.identifiers import new_id
from lms.core.unit_of_work import Runtime, UnitOfWork
from lms.courses.models import CourseDraft, DraftLesson, Handout, Lesson
from lms.courses.policy import DraftState
from lms.courses.service.questions import insert_questions
from lms.enrolment.models import Application, EvidenceFile
from lms.enrolment.policy import ApplicationState, EvidenceKind
from lms.exam.models.attempts import Attempt, PaperItem
from lms.exam.models.corrections import Correction, ScoreReview
from lms.exam.policy.conditions import EVERYONE
from lms.exam.service import conditions, rehearsals, rooms, seats
from lms.exports.models import Export
from lms.exports.policy import ExportKind, ExportState
from lms.exports.service import SEAL
from lms.plans.models import Plan
from lms.plans.queries import get_plan
from lms.questions import service as questions
from lms.questions.models import QuestionItem, QuestionPicture
from lms.registry.models.entries import RegistryEntry
from lms.registry.models.merges import RegistryMerge
from lms.registry.policy.merges import MergeKind, MergeState
from lms.registry.queries.saved_filters import saved_filters
from lms.registry.queries.search import EntryFilter, entries
from lms.registry.service import changes
from lms.registry.service import imports as registers
from lms.registry.service import saved_filters as saved
from lms.study.desk_models import FindingPerson, StudyAppeal, StudyFinding
from lms.study.policy.integrity import Rule
from question_bank.correcting import CorrectionKind
from question_bank.exporting import ExportFormat
from tests.exam.conftest import Candidate, ExamHouse
from tests.exam.illustrated import ONE_PICTURE
from tests.factories.certificates import a_graduate, issue_in_full
from tests.factories.illustrated import drawing, illustrated
from tests.factories.plans import a_question
from tests.registry.test_import import entered, row, sheet, uploaded
from tests.support.people import KnownPerson, People
from tests.support.site import TEST_NOW


@dataclass(frozen=True)
class World:
    """A city with one of everything, and the same roles in the city next to it."""

    owner: KnownPerson
    registrar: KnownPerson
    """Who has taken over a register and saved a filter."""
    ids: dict[str, str]
    application_in_review: str
    city_id: str
    next_city_id: str


def belongings(runtime: Runtime, registrar: Actor) -> dict[str, str]:
    """Give a registrar the two things that are his alone: a register that was read, and a saved filter."""
    key = runtime.storage.put(runtime.vault.seal_bytes(b"no workbook", registers.FILE_SEAL))
    with runtime.write() as uow:
        import_id = registers.upload(uow, registrar, "登记表.xlsx", key)
        saved.keep(uow, registrar, "电工", {"occupation": "6-31-01-03"})
        uow.session.flush()
        (kept,) = saved_filters(uow, registrar)
    return {"registry_import_id": import_id, "saved_id": kept.id}


def build_world(runtime: Runtime, people: People) -> World:
    """Make everything that an address can name, in one city."""
    exams = ExamHouse(runtime, people)
    member = people.staff(Role.REVIEWER, organisation_id=people.institution_id)
    candidate, earlier_plan_id = exams.candidate(), exams.plan()
    sitting = sit_with_pictures(exams, candidate)
    with runtime.write() as uow:
        path = uow.session.scalars(
            select(Organisation.path).where(Organisation.id == people.institution_id)
        ).one()
        uow.session.execute(update(Plan).values(issuer_organisation_id=people.city_id))
        key = uow.storage.put(b"%PDF-1.7 proof")
        lesson_id = new_id()
        uow.session.add(
            Lesson(
                id=lesson_id, course_id=exams.course_id, position=1, title="第一课", summary="", duration_ms=60_000,
                file_key=key, size_bytes=14,
            )
        )  # fmt: skip
        uow.session.flush()
        handout_id, draft_id, draft_lesson_id = new_id(), new_id(), new_id()
        uow.session.add(
            Handout(
                id=handout_id,
                lesson_id=lesson_id,
                title="讲义一",
                file_key=key,
                size_bytes=14,
                added_at=uow.now,
            )
        )
        uow.session.add(
            CourseDraft(
                id=draft_id, code="next-course", title="第二门课", state=DraftState.DRAFT, created_at=uow.now
            )
        )
        uow.session.flush()
        uow.session.add(DraftLesson(id=draft_lesson_id, draft_id=draft_id, position=1, title="新的一课"))
        uow.session.flush()
        lesson_question_id = insert_questions(uow, [a_question(30)], draft_lesson_id=draft_lesson_id)[0]
        grant_id = uow.session.scalars(select(RoleGrant.id).where(RoleGrant.person_id == member.id)).one()
    attempt_id = exams.start(candidate)
    with runtime.write() as uow:
        rehearsal_id = rehearsals.begin(uow, candidate.actor)
    with runtime.read() as uow:
        plan = get_plan(uow, earlier_plan_id)
    graduate = a_graduate(runtime, people, plan, person=candidate.person)
    certificate = issue_in_full(runtime, graduate)
    waiting = exams.candidate(state=ApplicationState.IN_REVIEW)
    with runtime.write() as uow:
        uow.session.execute(
            update(Application).values(employer_path=path, submitted_at=TEST_NOW - timedelta(hours=1))
        )
        evidence_id = new_id()
        uow.session.add(
            EvidenceFile(
                id=evidence_id, application_id=candidate.application_id, kind=next(iter(EvidenceKind)),
                media_type="application/pdf", file_key=key, size_bytes=14, uploaded_at=uow.now,
            )
        )  # fmt: skip
        export_id = new_id()
        uow.session.add(
            Export(
                id=export_id, kind=ExportKind.REGISTRY, format=ExportFormat.XLSX, filters="{}", described="[]",
                purpose="who to invite in spring", state=ExportState.DONE, total=2, done=2, written=2, byte_count=4,
                file_key=uow.storage.put(uow.vault.seal_bytes(b"list", SEAL)), person_id=candidate.person.id,
                created_at=uow.now, touched_at=uow.now, finished_at=uow.now,
            )
        )  # fmt: skip
        appeal_id, finding_id = new_id(), new_id()
        uow.session.add(
            StudyFinding(
                id=finding_id, rule=Rule.DEVICE, person_id=candidate.person.id, plan_id=exams.plan_id, day=20_000,
                figures='{"limit": 3, "window": 43200, "near": 300, "turns": 3, "overlap": 300, "people": 3,'
                ' "length": 9000, "changes": 2, "together": 0}',
                from_at=uow.now, until_at=uow.now, found_at=uow.now,
            )
        )  # fmt: skip
        uow.session.flush()
        uow.session.add(
            FindingPerson(
                finding_id=finding_id, person_id=candidate.person.id, plan_id=exams.plan_id, from_at=uow.now,
                until_at=uow.now, seconds=600,
            )
        )  # fmt: skip
        after = add_what_follows(uow, sitting, candidate, attempt_id, certificate.id)
        uow.session.add(
            StudyAppeal(
                id=appeal_id, person_id=candidate.person.id, plan_id=exams.plan_id,
                application_id=candidate.application_id, words="the phone rang", asked_seconds=60, created_at=uow.now,
            )
        )  # fmt: skip
    steward = people.actor(people.staff(Role.EXAM_ADMIN))
    with runtime.write() as uow:
        extra_id = conditions.grant_extra(
            uow, steward, exams.plan_id, candidate.person.id, 25, 0, "a sprained wrist"
        )
        measure_id, _reached = conditions.pause(
            uow, steward, exams.plan_id, EVERYONE, 60, "the lights went out"
        )
    room = add_room(runtime, people, steward, exams.plan_id, candidate.person.id)
    registrar = people.actor(people.staff(Role.REGISTRAR))
    with runtime.read() as uow:
        entry_id = entries(uow, registrar, EntryFilter()).entries[0].id
        assert uow.session.get(Attempt, attempt_id) is not None
    registrar = people.staff(Role.REGISTRAR)
    return World(
        candidate.person,
        registrar,
        {
            "person_id": member.id, "trainee_id": candidate.person.id, "grant_id": grant_id,
            "application_id": candidate.application_id,
            "evidence_id": evidence_id, "plan_id": exams.plan_id, "attempt_id": attempt_id,
            "rehearsal_id": rehearsal_id, "lesson_id": lesson_id, **sitting, **after, "verb": "withdraw",
            "appeal_id": appeal_id, "finding_id": finding_id, "extra_id": extra_id, "measure_id": measure_id,
            "certificate_id": certificate.id, "entry_id": entry_id, "organisation_id": people.institution_id,
            "export_id": export_id, "course_id": exams.course_id, "draft_id": draft_id,
            "draft_lesson_id": draft_lesson_id, "handout_id": handout_id,
            "lesson_question_id": lesson_question_id, "what": "video", **room,
            **belongings(runtime, people.actor(registrar)),
            "change_id": add_change(runtime, people, candidate.person, entry_id),
            "merge_id": add_merge(runtime, people, entry_id),
        },
        waiting.application_id, people.city_id, people.other_city_id,
    )  # fmt: skip


def add_change(runtime: Runtime, people: People, holder: KnownPerson, entry_id: str) -> str:
    """Let the holder of an entry ask for another workplace."""
    wanted, seen = people.other_institution_id, people.institution_id
    with runtime.write() as uow:
        return changes.ask(uow, people.actor(holder), entry_id, wanted, "moved there in May", seen)


def add_merge(runtime: Runtime, people: People, entry_id: str) -> str:
    """Add somebody who was once thought to be the same person as the holder of an entry."""
    proposer = people.staff(Role.REGISTRAR)
    earlier = sheet(row("Lin Shuhe", 12, 1, validity="2020-05-01至2023-04-30", number="203401000520001"))
    import_id = uploaded(runtime, people, proposer, earlier)
    entered(runtime, people, proposer, import_id)
    with runtime.write() as uow:
        other_id = uow.session.scalars(select(RegistryEntry.id).where(RegistryEntry.id != entry_id)).one()
        merge = RegistryMerge(
            kind=MergeKind.MERGE, state=MergeState.REFUSED, entry_id=entry_id, words="the same name",
            into_id=other_id, proposed_by=proposer.id, proposed_at=uow.now,
        )  # fmt: skip
        uow.session.add(merge)
        uow.session.flush()
        return merge.id


def add_room(
    runtime: Runtime, people: People, steward: Actor, plan_id: str, person_id: str
) -> dict[str, str]:
    """Add a room with somebody on a seat and an invigilator who is bound to it."""
    watcher = people.staff(Role.INVIGILATOR)
    with runtime.write() as uow:
        room_id = rooms.make_room(uow, steward, plan_id, "Room 1", "Building 3", 20)
        seats.place(uow, steward, plan_id, room_id, [person_id])
        rooms.bind(uow, steward, plan_id, room_id, watcher.id)
    return {"room_id": room_id, "bound_id": watcher.id}


def sit_with_pictures(exams: ExamHouse, candidate: Candidate) -> dict[str, str]:
    """Let somebody sit a paper with a picture in another plan; a second question with the picture is for practice."""
    first, second = "Which wiring is shown?", "What kind of wiring does it show?"
    with exams.runtime.write() as uow:
        file = illustrated((first, drawing()), (second, drawing()), alt="wiring")
        questions.import_questions(uow, exams.operator, "figures.xml", file)
        found = uow.session.execute(
            select(QuestionItem.id).where(QuestionItem.stem.startswith(second))
        ).scalar_one()
        questions.mark_for_practice(uow, exams.operator, found)
        usual, exams.blueprint_id = (
            exams.blueprint_id,
            questions.ensure_blueprint(uow, exams.operator, "picture", "看图", ONE_PICTURE),
        )
    plan_id = exams.plan()
    exams.blueprint_id = usual
    sat = exams.candidate(plan_id, person=candidate.person)
    attempt_id = exams.start(sat, plan_id)
    exams.hand_in(sat, attempt_id)
    with exams.runtime.read() as uow:
        key = uow.session.scalars(select(QuestionPicture.picture_key)).first()
    return {
        "graded_attempt_id": attempt_id,
        "sat_plan_id": plan_id,
        "item_id": found,
        "picture_key": str(key),
    }


def add_what_follows(
    uow: UnitOfWork, sitting: dict[str, str], candidate: Candidate, attempt_id: str, certificate_id: str
) -> dict[str, str]:
    """Add what may follow an exam: a review, a correction, and a suspension that is over."""
    review_id, correction_id, decision_id = new_id(), new_id(), new_id()
    uow.session.add(
        ScoreReview(
            id=review_id, attempt_id=sitting["graded_attempt_id"], person_id=candidate.person.id,
            plan_id=sitting["sat_plan_id"], words="the paper had a mistake", score_then=0, asked_at=uow.now,
            due_at=uow.now,
        )
    )  # fmt: skip
    drawn = uow.session.execute(
        select(QuestionItem.id, QuestionItem.fingerprint, Attempt.plan_id)
        .join(PaperItem, PaperItem.item_id == QuestionItem.id)
        .join(Attempt, Attempt.paper_id == PaperItem.paper_id)
        .where(Attempt.id == attempt_id)
        .limit(1)
    ).one()
    uow.session.add(
        Correction(
            id=correction_id, plan_id=drawn.plan_id, item_id=drawn.id, fingerprint=drawn.fingerprint,
            kind=CorrectionKind.CREDIT, accepted=[], words="no option is right", proposed_by=candidate.person.id,
            proposed_at=uow.now,
        )
    )  # fmt: skip
    uow.session.add(
        CertificateDecision(
            id=decision_id, certificate_id=certificate_id, state=DecisionState.LIFTED, opened_at=uow.now
        )
    )
    return {
        "review_id": review_id,
        "correction_id": correction_id,
        "decision_id": decision_id,
        "wording": drawn.fingerprint,
    }
