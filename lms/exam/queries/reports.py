"""Reading what is shown of a score, and a paper as its candidate saw it, with what each question earned."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from lms.core.errors import NotFound
from lms.core.unit_of_work import UnitOfWork
from lms.exam.models.attempts import Attempt, Paper
from lms.exam.models.corrections import ReportRule
from lms.exam.policy.attempts import grade_answers
from lms.exam.policy.reports import USUAL, ReportDetail
from lms.exam.queries.attempts import AttemptFacts, find_attempt, saved_answers
from lms.exam.queries.corrections import in_force, rulings_for
from lms.exam.queries.practice import items_still_asked
from lms.exam.queries.windows import over_at
from lms.plans.models import Plan
from lms.plans.policy import PlanFacts
from lms.questions.queries import versions
from question_bank.correcting import CorrectionKind, grade_amended
from question_bank.items import Item, KeyEntry, PaperQuestion, paper_content_hash
from question_bank.paper_json import key_from_json, questions_from_json


@dataclass(frozen=True, slots=True)
class KeyShown:
    """The key of one question in the terms of its paper, with the corrections in force."""

    correct: frozenset[str]
    """Ids of the options that stand in a key that counts."""
    text: str
    """What fills the gap of a fill-in question."""
    explanation: str


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One question of a graded paper: as it was shown, what was saved, and what it earned."""

    question: PaperQuestion
    chosen: frozenset[str]
    received_at: datetime | None
    points: int
    full_points: int
    corrections: tuple[CorrectionKind, ...]
    fingerprint: str
    key: KeyShown | None
    """None unless keys were asked for, and as long as another exam asks this question.

    Whoever asks for keys has checked that those of the plan may be shown.
    """

    @property
    def written(self) -> str:
        """The text written into a fill-in question."""
        return "".join(self.chosen)

    @property
    def is_void(self) -> bool:
        """Whether the question does not count any more."""
        return CorrectionKind.VOID in self.corrections


@dataclass(frozen=True, slots=True)
class GradedPaper:
    """A graded attempt's paper, from the database alone."""

    lines: tuple[SheetLine, ...]
    content_hash: str
    is_intact: bool
    """Whether both halves of the paper still have the hash under which they were frozen."""
    grades_as_stored: bool
    """Whether grading it anew gives the score that stands."""


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """One exam of a person, in the list of his scores."""

    attempt: AttemptFacts
    plan_title: str
    plan_number: str


def report_detail(uow: UnitOfWork, plan_id: str) -> ReportDetail:
    """Return how much of a score a plan shows."""
    row = uow.session.get(ReportRule, plan_id)
    return ReportDetail(row.detail) if row else USUAL


def is_key_open(uow: UnitOfWork, plan: PlanFacts, item_id: str) -> bool:
    """Tell whether the key of a question may be shown: nobody sits in this plan, and no other exam asks it."""
    return uow.now > over_at(uow, plan) and not items_still_asked(uow, [item_id])


def graded_paper(uow: UnitOfWork, attempt_id: str, *, with_keys: bool = False) -> GradedPaper:
    """Return a closed attempt's paper exactly as it was shown. Raises NotFound for one that is not graded."""
    attempt = find_attempt(uow, attempt_id)
    paper = uow.session.scalar(
        select(Paper).join(Attempt, Attempt.paper_id == Paper.id).where(Attempt.id == attempt_id)
    )
    if attempt is None or paper is None or attempt.score is None:
        raise NotFound
    public, secret = json.loads(paper.public), json.loads(paper.key)
    key, questions = key_from_json(secret), questions_from_json(public)
    corrections = in_force(uow, attempt.plan_id)
    rulings = rulings_for(uow, corrections, key, questions)
    saved = saved_answers(uow, attempt_id)
    answers = {one.position: one.chosen for one in saved.values()}
    explained = _shown_wordings(uow, [entry.item_fingerprint for entry in key.entries]) if with_keys else {}
    lines = []
    for question, entry, score in zip(
        questions, key.entries, grade_amended(key, answers, rulings).per_question, strict=True
    ):
        said = rulings.get(entry.position, ())
        others = [one.correct for one in said if one.correct]
        own = () if any(one.kind is CorrectionKind.INSTEAD for one in said) else (entry.correct,)
        blanks = [one.blank.text for one in said if one.blank is not None]
        answer = saved.get(entry.position)
        lines.append(
            SheetLine(
                question, answer.chosen if answer else frozenset(), answer.received_at if answer else None,
                score.points, score.full_points, tuple(one.kind for one in said), entry.item_fingerprint,
                KeyShown(
                    frozenset().union(*own, *others), _gap_text(entry, blanks, keeps_own=bool(own)),
                    explained[entry.item_fingerprint].explanation,
                )
                if entry.item_fingerprint in explained
                else None,
            )
        )  # fmt: skip
    again = grade_answers(
        key, [one.type for one in questions], paper.areas, answers, attempt.pass_mark, rulings
    )
    return GradedPaper(
        tuple(lines), paper.content_hash, paper_content_hash(public, secret) == paper.content_hash,
        (again.score, again.full_score, again.passed) == (attempt.score, attempt.full_score, attempt.passed),
    )  # fmt: skip


def whole_score(uow: UnitOfWork, attempt_id: str) -> int:
    """Return what a paper was worth when it was frozen, in hundredths of a point; void questions included."""
    public = uow.session.execute(
        select(Paper.public).join(Attempt, Attempt.paper_id == Paper.id).where(Attempt.id == attempt_id)
    ).scalar_one()
    return sum(question.points for question in questions_from_json(json.loads(public)))


def scores_of(uow: UnitOfWork, person_id: str) -> list[ScoreLine]:
    """Return all exams of a person in all plans, the newest first; voided ones stay visible (H10)."""
    rows = uow.session.execute(
        select(Attempt.id, Plan.title, Plan.number)
        .join(Plan, Plan.id == Attempt.plan_id)
        .where(Attempt.person_id == person_id)
        .order_by(Attempt.started_at.desc(), Attempt.id)
    ).all()
    found = []
    for attempt_id, title, number in rows:
        attempt = find_attempt(uow, attempt_id)
        assert attempt is not None, "it was listed in this transaction"
        found.append(ScoreLine(attempt, title, number))
    return found


def _shown_wordings(uow: UnitOfWork, fingerprints: Sequence[str]) -> dict[str, Item]:
    """Return those of some wordings whose keys may be shown: no exam asks them any more."""
    found = versions(uow, fingerprints)
    asked = items_still_asked(uow, (one.item_id for one in found.values()))
    return {fingerprint: one.item for fingerprint, one in found.items() if one.item_id not in asked}


def _gap_text(entry: KeyEntry, others: list[str], *, keeps_own: bool) -> str:
    own = [entry.blank.text] if entry.blank is not None and keeps_own else []
    return "|".join([*own, *others])
