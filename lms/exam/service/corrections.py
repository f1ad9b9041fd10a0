"""Correcting scores: one person proposes, another releases what the dry run has shown, and both ways lead back.

A release changes the scores and records each change in one short transaction; what it changes was computed before, in
a read, and holds only while nothing has moved since. The spine follows in jobs, person by person.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, insert, update

from lms.accounts.policy import Role
from lms.audit import service as audit
from lms.core.actors import Actor
from lms.core.errors import Invalid, Refusal, require, stale
from lms.core.identifiers import new_id
from lms.core.unit_of_work import UnitOfWork
from lms.exam import queries
from lms.exam.events import ScoreTurned
from lms.exam.models.attempts import Attempt
from lms.exam.models.corrections import Correction, ScoreChange
from lms.exam.policy.corrections import (
    CORRECTION,
    Change,
    CorrectionFacts,
    DryRun,
    own_score_reasons,
    proposal_reasons,
    second_person_reasons,
    share_reasons,
    words_reasons,
)
from lms.exam.service import grading_gate
from lms.plans.queries import get_plan_in_scope
from question_bank.correcting import KEYED, CorrectionKind


@dataclass(frozen=True, slots=True)
class Proposal:
    """What somebody wants to say of a wording on the papers of a plan."""

    plan_id: str
    fingerprint: str
    kind: CorrectionKind
    accepted: tuple[str, ...]
    words: str


def propose(uow: UnitOfWork, actor: Actor, wanted: Proposal) -> str:
    """Keep a proposal; nothing changes by it. Raises NotFound outside the actor's scope, Invalid with reasons."""
    plan = get_plan_in_scope(uow, actor, wanted.plan_id, Role.EXAM_ADMIN)
    item_id, item = queries.wording_on_papers(uow, wanted.plan_id, wanted.fingerprint)
    accepted = tuple(sorted(set(wanted.accepted))) if wanted.kind in KEYED else ()
    knows_key = queries.is_key_open(uow, plan, item_id)
    require(proposal_reasons(wanted.kind, accepted, item, wanted.words, knows_key=knows_key), Invalid)
    correction_id = new_id()
    uow.session.add(
        Correction(
            id=correction_id, plan_id=wanted.plan_id, item_id=item_id, fingerprint=wanted.fingerprint,
            kind=wanted.kind, accepted=list(accepted), words=wanted.words.strip(), state=CORRECTION.initial,
            proposed_by=str(actor.person_id), proposed_at=uow.now,
        )
    )  # fmt: skip
    uow.session.flush()
    audit.born(
        uow, actor, CORRECTION, correction_id, remark=wanted.words.strip(), plan_id=wanted.plan_id,
        item_id=item_id, kind=wanted.kind, accepted=list(accepted),
    )  # fmt: skip
    return correction_id


def withdraw(uow: UnitOfWork, actor: Actor, correction_id: str, words: str) -> None:
    """Put a proposal away, one's own or another's, with a written reason."""
    facts = _held(uow, actor, correction_id)
    require(words_reasons(words), Invalid)
    _move(uow, actor, facts, "withdraw", words)


def release(uow: UnitOfWork, actor: Actor, correction_id: str, found: DryRun, digest: str) -> None:
    """Put a correction in force: change the scores that the dry run lists; the spine follows.

    `found` was computed in a read before, `digest` names the list that the actor has seen. Raises Refusal for the
    one who proposed it, for one whose own score it changes, and for too large a void part; `stale` when the list is
    not that one any more.
    """
    facts = _held(uow, actor, correction_id)
    require(second_person_reasons(facts.proposed_by, actor.person_id), Refusal)
    require(own_score_reasons(found.changes, actor.person_id), Refusal)
    require(share_reasons(found.void_share), Refusal)
    _hold(uow, facts, found, digest)
    _move(
        uow, actor, facts, "release", facts.words, changes={"released_by": actor.person_id, "released_at": uow.now},
        digest=digest, changed=len(found.changes),
    )  # fmt: skip
    _apply(uow, facts, found.changes, is_reversal=False)


def ask_back(uow: UnitOfWork, actor: Actor, correction_id: str, words: str) -> None:
    """Ask that a correction be taken back; it stays in force till another person agrees."""
    facts = _held(uow, actor, correction_id)
    require(words_reasons(words), Invalid)
    _move(
        uow, actor, facts, "ask_back", words,
        changes={"reversal_by": actor.person_id, "reversal_words": words.strip()},
    )  # fmt: skip


def keep(uow: UnitOfWork, actor: Actor, correction_id: str, words: str) -> None:
    """Let a correction stand whose reversal was asked for, with a written reason."""
    facts = _held(uow, actor, correction_id)
    require(words_reasons(words), Invalid)
    _move(uow, actor, facts, "keep", words, changes={"reversal_by": None, "reversal_words": ""})


def reverse(uow: UnitOfWork, actor: Actor, correction_id: str, found: DryRun, digest: str) -> None:
    """Take a correction back for good: scores and spine are what they are without it. Raises as `release`."""
    facts = _held(uow, actor, correction_id)
    require(second_person_reasons(facts.reversal_by, actor.person_id), Refusal)
    require(own_score_reasons(found.changes, actor.person_id), Refusal)
    _hold(uow, facts, found, digest)
    _move(
        uow, actor, facts, "reverse", facts.reversal_words,
        changes={"reversed_by": actor.person_id, "reversed_at": uow.now}, digest=digest, changed=len(found.changes),
    )  # fmt: skip
    _apply(uow, facts, found.changes, is_reversal=True)


def _held(uow: UnitOfWork, actor: Actor, correction_id: str) -> CorrectionFacts:
    return queries.get_correction(uow, actor, correction_id, Role.EXAM_ADMIN).correction


def _hold(uow: UnitOfWork, facts: CorrectionFacts, found: DryRun, digest: str) -> None:
    """Keep all grading of the plan out, then make sure that the list is still the one that was seen."""
    grading_gate.correcting(uow, facts.plan_id)
    if found.digest != digest or queries.mark(uow, facts.plan_id) != found.mark:
        raise stale()


def _move(
    uow: UnitOfWork, actor: Actor, facts: CorrectionFacts, verb: str, remark: str, *,
    changes: dict[str, object] | None = None, **detail: object,
) -> None:  # fmt: skip
    audit.move(
        uow, actor, CORRECTION, verb, Correction.state, facts.id, facts.state, remark=remark.strip(),
        changes=changes, plan_id=facts.plan_id, **detail,
    )  # fmt: skip


def _apply(uow: UnitOfWork, facts: CorrectionFacts, changes: Sequence[Change], *, is_reversal: bool) -> None:
    if not changes:
        return
    uow.session.connection().execute(
        update(Attempt)
        .where(Attempt.id == bindparam("attempt"))
        .values(
            score=bindparam("new_score"), full_score=bindparam("new_full"), passed=bindparam("new_passed"),
            breakdown=bindparam("new_breakdown"),
        ),
        [
            {
                "attempt": one.attempt_id, "new_score": one.after.score, "new_full": one.after.full_score,
                "new_passed": one.after.passed, "new_breakdown": dict(one.breakdown),
            }
            for one in changes
        ],
    )  # fmt: skip
    uow.session.execute(
        insert(ScoreChange),
        [
            {
                "attempt_id": one.attempt_id, "correction_id": facts.id, "is_reversal": is_reversal,
                "score_before": one.before.score, "full_before": one.before.full_score,
                "passed_before": one.before.passed, "score_after": one.after.score,
                "full_after": one.after.full_score, "passed_after": one.after.passed, "at": uow.now,
            }
            for one in changes
        ],
    )  # fmt: skip
    uow.session.expire_all()
    # The spine follows person by person in jobs: hundreds of moves here would keep all other writing waiting.
    for one in changes:
        if one.turns:
            uow.record(ScoreTurned(one.application_id, one.person_id, one.plan_id, facts.id))
