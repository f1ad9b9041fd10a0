"""Graded papers as the craft's statistics take them: what each examinee made of each question."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select

from lms.accounts.models import Organisation
from lms.accounts.policy import Role
from lms.accounts.queries import within
from lms.core.actors import Actor
from lms.core.unit_of_work import UnitOfWork
from lms.exam.models.attempts import AnswerRevision, Attempt, Paper, PaperItem
from lms.exam.policy.attempts import AttemptState, read_choice
from lms.plans.models import Plan
from lms.questions.queries import VersionFacts, versions
from question_bank.grading import grade
from question_bank.items import Item, PaperQuestion
from question_bank.paper_json import key_from_json, questions_from_json
from question_bank.statistics import Response, Sheet

SHEETS_MAX = 500
"""How many papers, the latest first, the figures rest on: enough to be sure of, few enough to read while one waits."""
_IDS_PER_QUERY = 500


@dataclass(frozen=True, slots=True)
class GradedSheets:
    """The latest graded papers, voided ones left out, and the wordings on them by fingerprint."""

    sheets: tuple[Sheet, ...]
    passed: int
    total: int
    """How many graded papers there are; the sheets are the latest of them."""
    since: datetime | None
    wordings: Mapping[str, VersionFacts]

    @property
    def items(self) -> dict[str, Item]:
        """The wordings alone, by fingerprint."""
        return {version: facts.item for version, facts in self.wordings.items()}


def graded_sheets(
    uow: UnitOfWork, actor: Actor, *, blueprint_id: str = "", item_ids: Sequence[str] = ()
) -> GradedSheets:
    """Return the graded papers of a blueprint, or those that hold one of some items, in the actor's scope."""
    wanted = _graded(actor)
    if blueprint_id:
        wanted = wanted.where(Paper.blueprint_id == blueprint_id)
    if item_ids:
        holding = select(PaperItem.paper_id).where(PaperItem.item_id.in_(item_ids))
        wanted = wanted.where(Paper.id.in_(holding))
    total = uow.session.execute(select(func.count()).select_from(wanted.subquery())).scalar_one()
    rows = uow.session.execute(
        wanted.with_only_columns(Attempt.id, Attempt.passed, Attempt.closed_at, Paper.public, Paper.key)
        .order_by(Attempt.closed_at.desc(), Attempt.id)
        .limit(SHEETS_MAX)
    ).all()
    answers = _answers(uow, [row.id for row in rows])
    keys = [key_from_json(json.loads(row.key)) for row in rows]
    wordings = versions(uow, {entry.item_fingerprint for key in keys for entry in key.entries})
    sheets = []
    for row, key in zip(rows, keys, strict=True):
        given = answers[row.id]
        scores = grade(key, given).per_question
        questions = questions_from_json(json.loads(row.public))
        sheets.append(
            Sheet(
                tuple(
                    Response(
                        item_id=entry.item_id,
                        version=entry.item_fingerprint,
                        points=score.points,
                        full_points=score.full_points,
                        chosen=_letters(
                            question, given.get(entry.position), wordings.get(entry.item_fingerprint)
                        ),
                        answered=score.answered,
                        written="".join(given.get(entry.position, ())) if entry.blank else "",
                    )
                    for question, entry, score in zip(questions, key.entries, scores, strict=True)
                )
            )
        )
    return GradedSheets(
        sheets=tuple(sheets),
        passed=sum(bool(row.passed) for row in rows),
        total=total,
        since=rows[-1].closed_at if rows else None,
        wordings=wordings,
    )


def graded_counts(uow: UnitOfWork, actor: Actor) -> dict[str, int]:
    """Return how many graded papers there are of each blueprint in the actor's scope, by its id."""
    rows = uow.session.execute(
        _graded(actor).with_only_columns(Paper.blueprint_id, func.count()).group_by(Paper.blueprint_id)
    )
    return dict(rows.all())


def _graded(actor: Actor) -> Select[Attempt]:
    return (
        select(Attempt)
        .join(Paper, Paper.id == Attempt.paper_id)
        .join(Plan, Plan.id == Attempt.plan_id)
        .join(Organisation, Organisation.id == Plan.issuer_organisation_id)
        .where(
            Attempt.state == AttemptState.GRADED,
            within(Organisation.path, actor.scope_paths(Role.QUESTION_ADMIN)),
        )
    )


def _answers(uow: UnitOfWork, attempt_ids: list[str]) -> defaultdict[str, dict[int, frozenset[str]]]:
    found: defaultdict[str, dict[int, frozenset[str]]] = defaultdict(dict)
    for some in _chunks(attempt_ids):
        rows = uow.session.execute(
            select(AnswerRevision.attempt_id, AnswerRevision.position, AnswerRevision.choice)
            .where(AnswerRevision.attempt_id.in_(some))
            .order_by(AnswerRevision.attempt_id, AnswerRevision.position, AnswerRevision.revision)
        )
        for attempt_id, position, choice in rows:
            found[attempt_id][position] = read_choice(choice)
    return found


def _letters(
    question: PaperQuestion, chosen: frozenset[str] | None, wording: VersionFacts | None
) -> frozenset[str]:
    """Lead the option ids of one paper back to the author's letters, by the texts of the options."""
    if not chosen or wording is None:
        return frozenset()
    letters = {option.text: option.key for option in wording.item.options}
    return frozenset(letters[option.text] for option in question.options if option.id in chosen)


def _chunks(ids: list[str]) -> Iterator[list[str]]:
    return (ids[start : start + _IDS_PER_QUERY] for start in range(0, len(ids), _IDS_PER_QUERY))
