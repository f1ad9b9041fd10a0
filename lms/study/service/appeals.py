"""Appeals: asking that refused seconds be counted, and deciding that; a grant is a row of the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, update

from lms.accounts.policy import Role
from lms.audit import service as audit
from lms.core.actors import Actor
from lms.core.errors import Invalid, NotFound, require
from lms.core.identifiers import new_id
from lms.core.unit_of_work import UnitOfWork
from lms.courses.queries import get_lesson
from lms.enrolment.queries import approved_application
from lms.plans.policy import PlanFacts
from lms.plans.queries import get_plan
from lms.study.desk_models import AppealedBeat, StudyAppeal, StudyGrant
from lms.study.events import AppealDecided
from lms.study.models import LessonCoverage, StudyProgress
from lms.study.policy import credit as policy
from lms.study.policy.appeals import (
    APPEAL,
    AppealState,
    Grant,
    Stretch,
    appeal_reasons,
    decision_reasons,
    grants,
    stretches,
)
from lms.study.policy.desk import own_study_reasons
from lms.study.queries import appeals as appeal_queries
from lms.study.queries import refusals as refusal_queries


@dataclass(frozen=True, slots=True)
class Decided:
    """What a decision did: how many seconds were counted, and whether that was all that was missing."""

    seconds: int
    application_id: str
    is_complete: bool


def chosen_stretches(uow: UnitOfWork, person_id: str, plan: PlanFacts, names: Sequence[str]) -> list[Stretch]:
    """Return the stretches that a form names, as they are now; names of none are left out."""
    wanted = set(names)
    found = stretches(refusal_queries.played_beats(uow, person_id, plan))
    return [one for one in found if one.name in wanted]


def ask(uow: UnitOfWork, actor: Actor, plan_id: str, names: Sequence[str], words: str) -> str:
    """Keep an appeal for some stretches; return its id.

    Raises NotFound for a plan in which the actor does not study, Invalid with every reason why not.
    """
    person_id = actor.person_id or ""
    application = approved_application(uow, person_id, plan_id)
    if application is None:
        raise NotFound
    plan = get_plan(uow, plan_id)
    chosen = chosen_stretches(uow, person_id, plan, names)
    totals = uow.session.get(StudyProgress, (person_id, plan_id))
    own = appeal_queries.own_appeals(uow, person_id, plan_id)
    reasons = appeal_reasons(
        chosen if len(chosen) == len(set(names)) else [], words=words,
        waiting=appeal_queries.waiting_beats(uow, person_id, plan_id),
        granted=appeal_queries.granted_beats(uow, person_id, plan_id),
        open_appeals=sum(one.state is AppealState.OPEN for one in own),
        is_complete=totals is not None and totals.counted_seconds >= totals.required_seconds,
        is_over=appeal_queries.is_over(application),
    )  # fmt: skip
    require(reasons, Invalid)
    appeal_id = new_id()
    uow.session.add(
        StudyAppeal(
            id=appeal_id, person_id=person_id, plan_id=plan_id, application_id=application.id,
            state=APPEAL.initial, words=words.strip(), asked_seconds=sum(one.seconds for one in chosen),
            created_at=uow.now,
        )
    )  # fmt: skip
    uow.session.flush()
    keys = sorted({beat.key for one in chosen for beat in one.beats})
    uow.session.add_all(
        AppealedBeat(appeal_id=appeal_id, session_id=session_id, seq=seq) for session_id, seq in keys
    )
    uow.session.flush()
    audit.born(uow, actor, APPEAL, appeal_id, plan_id=plan_id, beats=len(keys))
    return appeal_id


def withdraw(uow: UnitOfWork, actor: Actor, appeal_id: str) -> None:
    """Take one's own open appeal back. Raises NotFound, `stale` when it was decided meanwhile."""
    facts = appeal_queries.get_own_appeal(uow, actor, appeal_id)
    audit.move(
        uow, actor, APPEAL, "withdraw", StudyAppeal.state, appeal_id, facts.state,
        changes={"decided_at": uow.now}, plan_id=facts.plan_id,
    )  # fmt: skip
    _close_beats(uow, appeal_id)


def note_read(uow: UnitOfWork, actor: Actor, appeal_id: str) -> None:
    """Note that a person has read how his appeal was decided. Raises NotFound for another person's."""
    appeal_queries.get_own_appeal(uow, actor, appeal_id)
    uow.session.execute(
        update(StudyAppeal)
        .where(
            StudyAppeal.id == appeal_id, StudyAppeal.decided_at.is_not(None), StudyAppeal.read_at.is_(None)
        )
        .values(read_at=uow.now)
        .execution_options(synchronize_session=False)
    )


def refuse(uow: UnitOfWork, actor: Actor, appeal_id: str, words: str) -> None:
    """Refuse an appeal with a written reason.

    Raises NotFound outside the actor's scope, Invalid with reasons, also for one's own appeal.
    """
    line = appeal_queries.get_appeal_in_scope(uow, actor, appeal_id, Role.EXAM_ADMIN)
    require(own_study_reasons(line.appeal.person_id, actor.person_id), Invalid)
    require(decision_reasons(line.appeal.state, words, grants_nothing=False, is_over=False), Invalid)
    _decide(uow, actor, appeal_id, "refuse", words, 0, line.appeal.plan_id)


def grant(uow: UnitOfWork, actor: Actor, appeal_id: str, words: str) -> Decided:
    """Count what can be counted of an appeal's seconds, with a written reason.

    The row of totals is held, so that beats, answers and other grants of the person queue up. Whoever calls reports
    a reached requirement after the commit, as after a right answer. Raises as `refuse`, and when nothing is left to
    grant.
    """
    line = appeal_queries.get_appeal_in_scope(uow, actor, appeal_id, Role.EXAM_ADMIN)
    appeal = line.appeal
    require(own_study_reasons(appeal.person_id, actor.person_id), Invalid)
    totals = _hold(uow, appeal.person_id, appeal.plan_id)
    application = appeal_queries.studying_application(uow, appeal_id)
    found = possible_grants(uow, appeal.person_id, appeal.plan_id, appeal_queries.beats_of(uow, appeal_id))
    require(
        decision_reasons(
            appeal.state, words, grants_nothing=not found, is_over=appeal_queries.is_over(application)
        ),
        Invalid,
    )
    seconds = sum(one.seconds for one in found)
    _keep(uow, appeal_id, totals, found)
    counted, required = totals.counted_seconds + seconds, totals.required_seconds
    uow.session.execute(
        update(StudyProgress)
        .where(StudyProgress.person_id == appeal.person_id, StudyProgress.plan_id == appeal.plan_id)
        .values(
            counted_seconds=counted,
            completed_at=uow.now if counted >= required else None,
            reserved_seconds=_reserved(uow, appeal.person_id, appeal.plan_id),
        )
        .execution_options(synchronize_session=False)
    )
    _decide(uow, actor, appeal_id, "grant", words, seconds, appeal.plan_id)
    return Decided(seconds, application.id, counted >= required)


def possible_grants(
    uow: UnitOfWork, person_id: str, plan_id: str, keys: frozenset[tuple[str, int]]
) -> list[Grant]:
    """Return what some beats of a person can be given now."""
    plan = get_plan(uow, plan_id)
    totals = uow.session.get(StudyProgress, (person_id, plan_id))
    if totals is None:
        return []
    taken = {
        lesson_id: counted | pending
        for lesson_id, (counted, pending) in refusal_queries.coverage_bits(uow, person_id, plan_id).items()
    }
    done = appeal_queries.granted_beats(uow, person_id, plan_id)
    beats = refusal_queries.played_beats(uow, person_id, plan, keys - done)
    room = totals.required_seconds - totals.counted_seconds - totals.pending_seconds
    minima = {lesson.id: lesson.min_seconds for lesson in refusal_queries.taught(uow, plan)}
    return grants(beats, taken, room, minima)


def _hold(uow: UnitOfWork, person_id: str, plan_id: str) -> StudyProgress:
    totals = uow.session.scalar(
        select(StudyProgress)
        .where(StudyProgress.person_id == person_id, StudyProgress.plan_id == plan_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if totals is None:
        raise NotFound
    return totals


def _reserved(uow: UnitOfWork, person_id: str, plan_id: str) -> int:
    """Return what the lessons with a minimum lack (S10)."""
    covered = refusal_queries.coverage_bits(uow, person_id, plan_id)
    return sum(
        policy.lacking(
            lesson.min_seconds,
            sum(bits.bit_count() for bits in covered.get(lesson.id, (0, 0))),
        )
        for lesson in refusal_queries.taught(uow, get_plan(uow, plan_id))
    )


def _keep(uow: UnitOfWork, appeal_id: str, totals: StudyProgress, found: Sequence[Grant]) -> None:
    """Write the rows of the ledger and the coverage."""
    person_id, plan_id = totals.person_id, totals.plan_id
    after = appeal_queries.credited_beats(uow, person_id, plan_id)
    covered: dict[str, int] = {}
    for one in found:
        beat = one.beat
        covered[beat.lesson_id] = covered.get(beat.lesson_id, 0) | one.covered
        uow.session.add(
            StudyGrant(
                session_id=beat.session_id, seq=beat.seq, appeal_id=appeal_id, person_id=person_id, plan_id=plan_id,
                lesson_id=beat.lesson_id, seconds=one.seconds, covered=policy.to_bytes(one.covered),
                span_from=one.span_from, span_to=one.span_to, after_beats=after, granted_at=uow.now,
            )
        )  # fmt: skip
    for lesson_id, bits in covered.items():
        row = uow.session.get(LessonCoverage, (person_id, plan_id, lesson_id), populate_existing=True)
        if row is None:
            row = LessonCoverage(
                person_id=person_id,
                plan_id=plan_id,
                lesson_id=lesson_id,
                counted=b"",
                pending=b"",
                reached=0,
                stop_at=get_lesson(uow, lesson_id).stop_at,
            )
            uow.session.add(row)
        row.counted = policy.to_bytes(policy.to_bits(row.counted) | bits)
        row.reached = max(row.reached, bits.bit_length())
    uow.session.flush()


def _decide(
    uow: UnitOfWork, actor: Actor, appeal_id: str, verb: str, words: str, seconds: int, plan_id: str
) -> None:
    audit.move(
        uow, actor, APPEAL, verb, StudyAppeal.state, appeal_id, AppealState.OPEN, remark=words.strip(),
        changes={
            "decision": words.strip(), "decided_by": actor.person_id, "decided_at": uow.now,
            "granted_seconds": seconds,
        },
        plan_id=plan_id, seconds=seconds,
    )  # fmt: skip
    _close_beats(uow, appeal_id)
    uow.record(AppealDecided(appeal_id))


def _close_beats(uow: UnitOfWork, appeal_id: str) -> None:
    uow.session.execute(
        update(AppealedBeat)
        .where(AppealedBeat.appeal_id == appeal_id)
        .values(is_open=False)
        .execution_options(synchronize_session=False)
    )
