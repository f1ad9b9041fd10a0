"""Reading corrections, and computing what one would change: all graded papers with its question are graded anew."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import Row, Select, bindparam, case, func, or_, select

from lms.accounts.models import Organisation, Person
from lms.accounts.policy import Role
from lms.accounts.queries import page_of, within
from lms.core.actors import Actor
from lms.core.errors import NotFound
from lms.core.paging import Page
from lms.core.ready_statement import ReadyStatement
from lms.core.unit_of_work import UnitOfWork
from lms.enrolment.models import Application
from lms.enrolment.policy import Outcome
from lms.exam.models.attempts import AnswerRevision, Attempt, Paper, PaperItem
from lms.exam.models.corrections import Correction, ScoreChange
from lms.exam.policy.attempts import AttemptState, Result, grade_answers, read_choice
from lms.exam.policy.corrections import (
    IN_FORCE,
    Change,
    CorrectionFacts,
    CorrectionState,
    DryRun,
    Standing,
    largest,
)
from lms.exam.queries.attempt_list import EXAM_STAFF
from lms.plans.models import Plan
from lms.questions.queries import versions
from question_bank.correcting import Amendment, CorrectionKind, Ruling, rulings_on
from question_bank.items import Item, PaperKey, PaperQuestion
from question_bank.paper_json import key_from_json, questions_from_json

PAGE_SIZE = 30
_PAPERS_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class CorrectionLine:
    """One line of the list of corrections."""

    correction: CorrectionFacts
    plan_title: str
    plan_number: str
    plan_path: str
    stem: str


@dataclass(frozen=True, slots=True)
class ScoreChangeLine:
    """What a correction did to one attempt, for the list on its page and for the candidate."""

    attempt_id: str
    correction_id: str
    person_name: str
    kind: CorrectionKind
    is_reversal: bool
    before: Standing
    after: Standing
    at: datetime


@dataclass(frozen=True, slots=True)
class Regraded:
    """One graded attempt with what grading it anew gives."""

    attempt_id: str
    person_id: str
    application_id: str
    plan_id: str
    before: Standing
    result: Result
    rulings: Mapping[int, tuple[Ruling, ...]]
    whole_points: int

    @property
    def change(self) -> Change | None:
        """What is new about it, or None."""
        after = Standing(self.result.score, self.result.full_score, self.result.passed)
        if after == self.before:
            return None
        return Change(
            self.attempt_id,
            self.person_id,
            self.application_id,
            self.plan_id,
            self.before,
            after,
            self.result.breakdown,
        )


# Every paper that is graded asks it.
_IN_FORCE = ReadyStatement(
    select(*Correction.__table__.columns).where(
        Correction.plan_id == bindparam("plan"), or_(*(Correction.state == state for state in IN_FORCE))
    )
)


def in_force(uow: UnitOfWork, plan_id: str) -> list[CorrectionFacts]:
    """Return the corrections by which papers of a plan are graded now."""
    return [_facts(row) for row in _IN_FORCE.rows(uow.session, {"plan": plan_id})]


def rulings_for(
    uow: UnitOfWork, corrections: Iterable[CorrectionFacts], key: PaperKey, questions: Sequence[PaperQuestion]
) -> dict[int, tuple[Ruling, ...]]:
    """Return what corrections mean on one paper."""
    amended = _amended(corrections)
    return rulings_on(key, questions, amended, _wordings(uow, amended)) if amended else {}


def dry_run(uow: UnitOfWork, correction: CorrectionFacts, *, reverse: bool = False) -> DryRun:
    """Compute all that putting a correction in force, or taking it back, would change now."""
    present = in_force(uow, correction.plan_id)
    corrections = [one for one in present if one.id != correction.id]
    if not reverse:
        corrections.append(correction)
    examined, changes, shares = 0, [], []
    for one in regrade(uow, correction.plan_id, corrections, item_ids=[correction.item_id]):
        examined += 1
        void = one.whole_points - one.result.full_score
        shares.append(Fraction(void, one.whole_points) if one.whole_points else Fraction(0))
        if (change := one.change) is not None:
            changes.append(change)
    return DryRun(tuple(changes), examined, largest(shares), mark(uow, correction.plan_id, present))


def mark(uow: UnitOfWork, plan_id: str, present: Iterable[CorrectionFacts] | None = None) -> str:
    """Name what a dry run rests on: the graded attempts of a plan, their scores, and the corrections in force."""
    count, points, last = uow.session.execute(
        select(func.count(), func.coalesce(func.sum(Attempt.score), 0), func.max(Attempt.closed_at)).where(
            Attempt.plan_id == plan_id, Attempt.state == AttemptState.GRADED
        )
    ).one()
    found = in_force(uow, plan_id) if present is None else present
    text = f"{count}:{points}:{last}:{sorted(one.id for one in found)}"
    return hashlib.sha256(text.encode()).hexdigest()


def regrade(
    uow: UnitOfWork, plan_id: str, corrections: Sequence[CorrectionFacts], *, item_ids: Sequence[str] = ()
) -> Iterator[Regraded]:
    """Grade the graded attempts of a plan anew, all of them or those whose papers hold some items.

    Each paper is graded as a whole, by the same function that closes an attempt: nothing is added up on the way.
    """
    amended = _amended(corrections)
    wordings = _wordings(uow, amended)
    wanted = select(Attempt.id).where(Attempt.plan_id == plan_id, Attempt.state == AttemptState.GRADED)
    if item_ids:
        wanted = wanted.where(
            Attempt.paper_id.in_(select(PaperItem.paper_id).where(PaperItem.item_id.in_(item_ids)))
        )
    ids = uow.session.scalars(wanted.order_by(Attempt.id)).all()
    for start in range(0, len(ids), _PAPERS_AT_ONCE):
        yield from _regrade(uow, ids[start : start + _PAPERS_AT_ONCE], amended, wordings)


def _regrade(
    uow: UnitOfWork, ids: Sequence[str], amended: Mapping[str, list[Amendment]], wordings: Mapping[str, Item]
) -> Iterator[Regraded]:
    answers: defaultdict[str, dict[int, frozenset[str]]] = defaultdict(dict)
    saved = uow.session.execute(
        select(AnswerRevision.attempt_id, AnswerRevision.position, AnswerRevision.choice)
        .where(AnswerRevision.attempt_id.in_(ids))
        .order_by(AnswerRevision.attempt_id, AnswerRevision.position, AnswerRevision.revision)
    )
    for attempt_id, position, choice in saved:
        answers[attempt_id][position] = read_choice(choice)
    rows = uow.session.execute(
        select(
            Attempt.id, Attempt.person_id, Attempt.application_id, Attempt.plan_id, Attempt.score, Attempt.full_score,
            Attempt.passed, Attempt.pass_mark, Paper.public, Paper.key, Paper.areas,
        )
        .join(Paper, Paper.id == Attempt.paper_id)
        .where(Attempt.id.in_(ids))
    )  # fmt: skip
    for row in rows:
        key, questions = key_from_json(json.loads(row.key)), questions_from_json(json.loads(row.public))
        rulings = rulings_on(key, questions, amended, wordings)
        yield Regraded(
            row.id, row.person_id, row.application_id, row.plan_id,
            Standing(row.score, row.full_score, bool(row.passed)),
            grade_answers(key, [one.type for one in questions], row.areas, answers[row.id], row.pass_mark, rulings),
            rulings, key.total_points,
        )  # fmt: skip


def misgraded(uow: UnitOfWork) -> Iterator[Regraded]:
    """Yield the graded attempts whose score is not what paper, answers and the corrections in force give."""
    plans = uow.session.scalars(
        select(Attempt.plan_id).where(Attempt.state == AttemptState.GRADED).distinct()
    ).all()
    for plan_id in plans:
        yield from (one for one in regrade(uow, plan_id, in_force(uow, plan_id)) if one.change is not None)


def get_correction(uow: UnitOfWork, actor: Actor, correction_id: str, *roles: Role) -> CorrectionLine:
    """Return a correction of a plan that one of the actor's roles reaches. Raises NotFound otherwise (fault I2)."""
    row = uow.session.execute(
        _lines(actor, *(roles or EXAM_STAFF)).where(Correction.id == correction_id)
    ).first()
    if row is None:
        raise NotFound
    return _read(uow, [row])[0]


def corrections_in_scope(
    uow: UnitOfWork, actor: Actor, *, plan_id: str = "", number: int = 1
) -> tuple[list[CorrectionLine], Page]:
    """Return one page of the corrections of plans in scope: those that wait first, then the newest."""
    wanted = _lines(actor, *EXAM_STAFF)
    if plan_id:
        wanted = wanted.where(Correction.plan_id == plan_id)
    shown, page = page_of(uow, wanted, number, PAGE_SIZE)
    waits = Correction.state.in_((CorrectionState.PROPOSED, CorrectionState.REVERSING))
    rows = uow.session.execute(
        shown.order_by(case((waits, 0), else_=1), Correction.proposed_at.desc(), Correction.id)
    ).all()
    return _read(uow, rows), page


def completed_among(uow: UnitOfWork, changes: Sequence[Change]) -> set[str]:
    """Return the applications among turned ones that are completed: their certificates are touched."""
    turned = [one.application_id for one in changes if one.turns]
    found: set[str] = set()
    for start in range(0, len(turned), _PAPERS_AT_ONCE):
        some = turned[start : start + _PAPERS_AT_ONCE]
        found.update(
            uow.session.scalars(
                select(Application.id).where(
                    Application.id.in_(some), Application.outcome == Outcome.COMPLETED
                )
            )
        )
    return found


def score_changes(
    uow: UnitOfWork, *, correction_id: str = "", attempt_id: str = "", since: datetime | None = None
) -> list[ScoreChangeLine]:
    """Return what was changed by a correction, or of an attempt, in the order in which it happened."""
    wanted = (
        select(ScoreChange, Person.display_name, Correction.kind)
        .join(Correction, Correction.id == ScoreChange.correction_id)
        .join(Attempt, Attempt.id == ScoreChange.attempt_id)
        .join(Person, Person.id == Attempt.person_id)
        .order_by(ScoreChange.at, ScoreChange.is_reversal, ScoreChange.attempt_id)
    )
    if correction_id:
        wanted = wanted.where(ScoreChange.correction_id == correction_id)
    if attempt_id:
        wanted = wanted.where(ScoreChange.attempt_id == attempt_id)
    if since is not None:
        wanted = wanted.where(ScoreChange.at >= since)
    return [
        ScoreChangeLine(
            row.attempt_id, row.correction_id, name, CorrectionKind(kind), row.is_reversal,
            Standing(row.score_before, row.full_before, row.passed_before),
            Standing(row.score_after, row.full_after, row.passed_after), row.at,
        )
        for row, name, kind in uow.session.execute(wanted)
    ]  # fmt: skip


def corrections_of_item(uow: UnitOfWork, plan_id: str, fingerprint: str) -> list[CorrectionFacts]:
    """Return the corrections of one wording in a plan, the newest first."""
    rows = uow.session.scalars(
        select(Correction)
        .where(Correction.plan_id == plan_id, Correction.fingerprint == fingerprint)
        .order_by(Correction.proposed_at.desc())
    )
    return [_facts(row) for row in rows]


def wording_on_papers(uow: UnitOfWork, plan_id: str, fingerprint: str) -> tuple[str, Item]:
    """Return the item and the wording that a fingerprint names, if a paper of the plan holds it. Raises NotFound."""
    found = versions(uow, [fingerprint]).get(fingerprint)
    holds = found is not None and uow.session.scalar(
        select(PaperItem.paper_id)
        .join(Paper, Paper.id == PaperItem.paper_id)
        .where(Paper.plan_id == plan_id, PaperItem.item_id == found.item_id)
        .limit(1)
    )
    if found is None or not holds:
        raise NotFound
    return found.item_id, found.item


def _amended(corrections: Iterable[CorrectionFacts]) -> dict[str, list[Amendment]]:
    amended: defaultdict[str, list[Amendment]] = defaultdict(list)
    for one in corrections:
        amended[one.fingerprint].append(one.amendment)
    return dict(amended)


def _wordings(uow: UnitOfWork, fingerprints: Iterable[str]) -> dict[str, Item]:
    return {name: facts.item for name, facts in versions(uow, fingerprints).items()}


def _lines(actor: Actor, *roles: Role) -> Select[Correction, str, str, str]:
    return (
        select(Correction, Plan.title, Plan.number, Organisation.path)
        .join(Plan, Plan.id == Correction.plan_id)
        .join(Organisation, Organisation.id == Plan.issuer_organisation_id)
        .where(within(Organisation.path, actor.scope_paths(*roles)))
    )


def _read(uow: UnitOfWork, rows: Sequence[Row[Correction, str, str, str]]) -> list[CorrectionLine]:
    wordings = _wordings(uow, {row.fingerprint for row, *_ in rows})
    return [
        CorrectionLine(_facts(row), title, number, path, wordings[row.fingerprint].stem)
        for row, title, number, path in rows
    ]


def _facts(row: Correction | Row[Any]) -> CorrectionFacts:
    return CorrectionFacts(
        id=row.id, plan_id=row.plan_id, item_id=row.item_id, fingerprint=row.fingerprint,
        kind=CorrectionKind(row.kind), accepted=tuple(row.accepted), words=row.words,
        state=CorrectionState(row.state), proposed_by=row.proposed_by, proposed_at=row.proposed_at,
        released_by=row.released_by, released_at=row.released_at, reversal_words=row.reversal_words,
        reversal_by=row.reversal_by, reversed_by=row.reversed_by, reversed_at=row.reversed_at,
    )  # fmt: skip
