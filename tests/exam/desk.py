"""Two exam administrators who correct scores, and what a candidate's paper holds."""

import json
from collections.abc import Iterable

from sqlalchemy import select

from lms.accounts.policy import Role
from lms.app.handlers import HANDLERS
from lms.core import jobs
from lms.core.actors import Actor
from lms.core.outbox import OutboxJob
from lms.core.unit_of_work import Runtime
from lms.exam import queries
from lms.exam.models.attempts import Attempt, Paper
from lms.exam.policy.corrections import DryRun
from lms.exam.service import corrections
from lms.exam.service.corrections import Proposal
from lms.questions.queries import versions
from question_bank.correcting import CorrectionKind
from question_bank.items import Item, KeyEntry, PaperKey, PaperQuestion
from question_bank.paper_json import key_from_json, questions_from_json
from tests.exam.conftest import Candidate, ExamHouse

WORDS = "参考答案有误，见通知第三条。"


def paper_of(runtime: Runtime, attempt_id: str) -> tuple[PaperKey, tuple[PaperQuestion, ...]]:
    """Look into a paper with its key, as no candidate can."""
    with runtime.read() as uow:
        wanted = select(Paper).join(Attempt, Attempt.paper_id == Paper.id).where(Attempt.id == attempt_id)
        paper = uow.session.scalars(wanted).one()
        return key_from_json(json.loads(paper.key)), questions_from_json(json.loads(paper.public))


def entry_at(runtime: Runtime, attempt_id: str, position: int) -> KeyEntry:
    """Return what the grader knows of one question."""
    return paper_of(runtime, attempt_id)[0].entries[position - 1]


def letters_of(
    runtime: Runtime, attempt_id: str, position: int, option_ids: Iterable[str]
) -> tuple[str, ...]:
    """Lead shown options back to the author's letters."""
    key, questions = paper_of(runtime, attempt_id)
    item = wording(runtime, key.entries[position - 1].item_fingerprint)
    texts = {option.text for option in questions[position - 1].options if option.id in set(option_ids)}
    return tuple(sorted(option.key for option in item.options if option.text in texts))


def wording(runtime: Runtime, fingerprint: str) -> Item:
    """Return what a fingerprint names."""
    with runtime.read() as uow:
        return versions(uow, [fingerprint])[fingerprint].item


def sit(
    house: ExamHouse,
    candidate: Candidate,
    wrong: Iterable[int] = (),
    open_: Iterable[int] = (),
    plan_id: str | None = None,
) -> str:
    """Sit a whole exam: everything right but some wrong and some left open; return the attempt."""
    attempt_id = house.start(candidate, plan_id)
    key, questions = paper_of(house.runtime, attempt_id)
    for entry, question in zip(key.entries, questions, strict=True):
        if entry.position in set(open_):
            continue
        chosen = set(entry.correct)
        if entry.position in set(wrong):
            chosen = {next(option.id for option in question.options if option.id not in entry.correct)}
        house.save(candidate, attempt_id, entry.position, 1, chosen)
    house.hand_in(candidate, attempt_id)
    return attempt_id


class Desk:
    """Proposes as one person and releases as another."""

    def __init__(self, house: ExamHouse) -> None:
        self.house = house
        self.first = self.admin()
        self.second = self.admin()

    def admin(self) -> Actor:
        """Make an exam administrator of the province."""
        return self.house.people.actor(self.house.people.staff(Role.EXAM_ADMIN))

    def propose(
        self,
        fingerprint: str,
        kind: CorrectionKind,
        accepted: tuple[str, ...] = (),
        plan_id: str | None = None,
    ) -> str:
        """Propose a correction."""
        with self.house.runtime.write() as uow:
            wanted = Proposal(plan_id or self.house.plan_id, fingerprint, kind, accepted, WORDS)
            return corrections.propose(uow, self.first, wanted)

    def dry_run(self, correction_id: str, *, reverse: bool = False) -> DryRun:
        """Return what would change."""
        with self.house.runtime.read() as uow:
            facts = queries.get_correction(uow, self.first, correction_id).correction
            return queries.dry_run(uow, facts, reverse=reverse)

    def release(self, correction_id: str, actor: Actor | None = None) -> DryRun:
        """Release what the dry run shows."""
        found = self.dry_run(correction_id)
        with self.house.runtime.write() as uow:
            corrections.release(uow, actor or self.second, correction_id, found, found.digest)
        self.settle()
        return found

    def correct(self, fingerprint: str, kind: CorrectionKind, accepted: tuple[str, ...] = ()) -> str:
        """Propose and release."""
        correction_id = self.propose(fingerprint, kind, accepted)
        self.release(correction_id)
        return correction_id

    def take_back(self, correction_id: str) -> DryRun:
        """Ask for a reversal and carry it out."""
        with self.house.runtime.write() as uow:
            corrections.ask_back(uow, self.first, correction_id, WORDS)
        found = self.dry_run(correction_id, reverse=True)
        with self.house.runtime.write() as uow:
            corrections.reverse(uow, self.second, correction_id, found, found.digest)
        self.settle()
        return found

    def settle(self) -> None:
        """Let the spine follow, as the worker does; certificates are left waiting."""
        runtime = self.house.runtime
        with runtime.read() as uow:
            waiting = uow.session.scalars(
                select(OutboxJob.id)
                .where(OutboxJob.name == "exam.settle_outcome", OutboxJob.done_at.is_(None))
                .order_by(OutboxJob.id)
            ).all()
        for job_id in waiting:
            assert jobs.perform(runtime, HANDLERS, job_id)
