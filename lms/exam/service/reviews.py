"""Reviews of scores: a candidate asks, one person writes the answer, another sends it."""

from lms.accounts.policy import Role
from lms.audit import service as audit
from lms.core.actors import Actor
from lms.core.errors import Invalid, Reason, Refusal, require
from lms.core.identifiers import new_id
from lms.core.unit_of_work import UnitOfWork
from lms.exam import queries
from lms.exam.models.corrections import ScoreReview
from lms.exam.policy.reviews import (
    ANSWER_WITHIN,
    REVIEW,
    ReviewFacts,
    ReviewVerdict,
    ask_reasons,
    own_score_reasons,
    second_person_reasons,
    verdict_reasons,
    words_reasons,
)


def ask(uow: UnitOfWork, actor: Actor, attempt_id: str, words: str) -> str:
    """Ask for a review of one's own score; return its id. Raises NotFound, Invalid with every reason why not."""
    attempt = queries.own_attempt(uow, actor.person_id, attempt_id)
    present = queries.review_of(uow, attempt_id)
    scored_at = queries.scored_at(uow, attempt)
    reasons = ask_reasons(attempt.state, scored_at, present.state if present else None, uow.now)
    require([*reasons, *words_reasons(words)], Invalid)
    review_id = new_id()
    uow.session.add(
        ScoreReview(
            id=review_id, attempt_id=attempt_id, person_id=attempt.person_id, plan_id=attempt.plan_id,
            state=REVIEW.initial, words=words.strip(), score_then=attempt.score or 0, asked_at=uow.now,
            due_at=uow.now + ANSWER_WITHIN,
        )
    )  # fmt: skip
    uow.session.flush()
    audit.born(uow, actor, REVIEW, review_id, attempt_id=attempt_id)
    return review_id


def withdraw(uow: UnitOfWork, actor: Actor, review_id: str) -> None:
    """Take one's own review back. Raises NotFound, `stale` when it was answered meanwhile."""
    facts = queries.own_review(uow, actor, review_id)
    _move(uow, actor, facts, "withdraw", "")


def draft(uow: UnitOfWork, actor: Actor, review_id: str, verdict: ReviewVerdict, words: str) -> None:
    """Write the answer; the candidate sees it when another person has confirmed it.

    Raises NotFound outside the actor's scope, Refusal for one's own score, Invalid for a verdict that does not fit.
    """
    facts = queries.get_review(uow, actor, review_id, Role.EXAM_ADMIN).review
    require(own_score_reasons(facts.person_id, actor.person_id), Refusal)
    require([*_fit(uow, facts, verdict), *words_reasons(words)], Invalid)
    _move(
        uow, actor, facts, "draft", words,
        changes={
            "verdict": verdict, "answer": words.strip(), "drafted_by": actor.person_id, "drafted_at": uow.now,
        },
        verdict=verdict,
    )  # fmt: skip


def hand_back(uow: UnitOfWork, actor: Actor, review_id: str, words: str) -> None:
    """Send a draft back with a written reason, so that another answer is written.

    Raises NotFound outside the actor's scope, Refusal for one's own score, Invalid with the reasons.
    """
    facts = queries.get_review(uow, actor, review_id, Role.EXAM_ADMIN).review
    require(own_score_reasons(facts.person_id, actor.person_id), Refusal)
    require(words_reasons(words), Invalid)
    _move(
        uow, actor, facts, "hand_back", words,
        changes={"verdict": None, "answer": "", "drafted_by": None, "drafted_at": None},
    )  # fmt: skip


def answer(uow: UnitOfWork, actor: Actor, review_id: str) -> None:
    """Confirm what another person wrote; from now on the candidate sees it.

    Raises NotFound, Refusal for the writer and for one's own score, Invalid when the verdict does not fit any more.
    """
    facts = queries.get_review(uow, actor, review_id, Role.EXAM_ADMIN).review
    require(own_score_reasons(facts.person_id, actor.person_id), Refusal)
    require(second_person_reasons(facts.drafted_by, actor.person_id), Refusal)
    if facts.verdict is not None:
        require(_fit(uow, facts, facts.verdict), Refusal)
    _move(
        uow, actor, facts, "answer", facts.answer, changes={"decided_by": actor.person_id, "decided_at": uow.now}
    )  # fmt: skip


def _fit(uow: UnitOfWork, facts: ReviewFacts, verdict: ReviewVerdict) -> list[Reason]:
    changed = queries.score_changes(uow, attempt_id=facts.attempt_id, since=facts.asked_at)
    paper = queries.graded_paper(uow, facts.attempt_id)
    return verdict_reasons(
        verdict, was_corrected=bool(changed), grades_as_stored=paper.grades_as_stored and paper.is_intact
    )


def _move(
    uow: UnitOfWork, actor: Actor, facts: ReviewFacts, verb: str, remark: str, *,
    changes: dict[str, object] | None = None, **detail: object,
) -> None:  # fmt: skip
    audit.move(
        uow, actor, REVIEW, verb, ScoreReview.state, facts.id, facts.state, remark=remark.strip(), changes=changes,
        attempt_id=facts.attempt_id, **detail,
    )  # fmt: skip
