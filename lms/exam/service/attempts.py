"""Starting, handing over, closing, grading and voiding attempts."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import CursorResult, bindparam, insert, select, update

from lms.accounts.policy import Role
from lms.audit import service as audit
from lms.core.actors import Actor
from lms.core.errors import Conflict, Forbidden, Invalid, NotFound, Reason, Refusal, require, stale
from lms.core.identifiers import new_id
from lms.core.ready_statement import ReadyStatement, ready_new_row
from lms.core.unit_of_work import UnitOfWork
from lms.enrolment import service as enrolment
from lms.enrolment.policy import ApplicationFacts, StageState, stage_reasons
from lms.enrolment.queries import live_application
from lms.exam import queries
from lms.exam.errors import ExamNotOpen, attempt_closed, lease_dead, taken_over
from lms.exam.events import AttemptGraded, AttemptVoided
from lms.exam.models.attempts import AnswerRevision, Attempt, Paper
from lms.exam.policy.attempts import (
    ATTEMPT,
    GRACE,
    SWEEP_MARGIN,
    AttemptState,
    deadline,
    first_revision,
    grade_answers,
    is_overdue,
    next_attempt_no,
    start_reasons,
    void_reasons,
    write_choice,
)
from lms.exam.policy.conditions import awaits_verdict, own_attempt, paused_start, second_person
from lms.exam.queries import AttemptFacts, ExamFacts
from lms.exam.queries.conditions import Terms, conditions_of, find_ending
from lms.exam.queries.windows import pause_over, window_for
from lms.exam.service import conditions, grading_gate, papers
from lms.exam.service.answers import Lease, check_choice
from lms.plans.policy import PlanFacts, StageKind
from lms.plans.queries import get_plan
from lms.plans.service import prolong_exam
from question_bank.paper_json import key_from_json, questions_from_json, types_from_json

GRADER = Actor.system("exam:grade")
_NEW_ATTEMPT = ready_new_row(Attempt, Attempt.id)


@dataclass(frozen=True, slots=True)
class SheetAnswer:
    """One question of a form sent as a whole: the answer, and the revision the page knew when it was loaded."""

    position: int
    known_revision: int
    chosen: frozenset[str]
    is_written: bool = False


def why_not_start(uow: UnitOfWork, person_id: str, plan: PlanFacts, facts: ExamFacts) -> list[Reason]:
    """Say why a person cannot start an attempt now: the same reasons the page shows and `start` enforces."""
    application = live_application(uow, person_id, plan.id)
    reasons = _standing_reasons(uow, plan, facts, application)
    return reasons or _pause_reasons(pause_over(uow, plan.id, application.id if application else None))


def start(uow: UnitOfWork, actor: Actor, plan_id: str) -> str:
    """Start an attempt, or find the one that is open already; return its id.

    However many requests come at once, one attempt is made and all get the same answer (C1): the constraint
    decides, and who comes second reads what the first one made. The commit is the delivery of H10.
    The paper was frozen before: the start only binds it (K1). Raises ExamNotOpen with reasons, PaperMissing when
    none waits.
    """
    if actor.person_id is None or actor.login_session_id is None:
        raise Forbidden
    person_id = actor.person_id
    plan = get_plan(uow, plan_id)
    facts = queries.exam_facts(uow, person_id, plan)
    if facts.has_overdue(uow.now):
        _close_overdue_of(uow, person_id)
        facts = queries.exam_facts(uow, person_id, plan)
    if facts.running is not None:
        return facts.running.id
    application = live_application(uow, person_id, plan_id)
    require(_standing_reasons(uow, plan, facts, application), ExamNotOpen)
    assert application is not None, "without one there is a reason"
    given = conditions_of(uow, person_id, plan, application.id)
    require(_pause_reasons(given.paused_until), ExamNotOpen)
    attempt_id = _insert_attempt(uow, actor, plan, facts, application.id, given.terms)
    if attempt_id is not None:
        audit.born(uow, actor, ATTEMPT, attempt_id, plan=plan_id)
        return attempt_id
    running = queries.open_attempt(uow, person_id, plan_id)
    if running is None:
        raise stale()
    return running.id


def _standing_reasons(
    uow: UnitOfWork, plan: PlanFacts, facts: ExamFacts, application: ApplicationFacts | None
) -> list[Reason]:
    plan = window_for(uow, plan, application.id if application else None)
    stage = stage_reasons(application, plan, StageKind.EXAM, uow.now)
    return start_reasons(facts.rules, facts.sittings, facts.elsewhere, stage)


def _pause_reasons(paused_until: datetime | None) -> list[Reason]:
    """Say whether a pause for all, or for a person's place, keeps him from starting now: his time is not to run."""
    return [paused_start(paused_until)] if paused_until else []


def take_over(uow: UnitOfWork, actor: Actor, attempt_id: str) -> None:
    """Let the actor's login session continue an open attempt; the session that held it can save no more (B9)."""
    attempt = queries.own_attempt(uow, actor.person_id, attempt_id)
    if not attempt.is_open(uow.now):
        raise attempt_closed()
    if attempt.login_session_id == actor.login_session_id:
        return
    if actor.login_session_id is None:
        raise Forbidden
    result = uow.session.execute(
        update(Attempt)
        .where(
            Attempt.id == attempt_id, Attempt.state == AttemptState.IN_PROGRESS,
            Attempt.login_session_id == attempt.login_session_id,
        )
        .values(login_session_id=actor.login_session_id, hold_no=Attempt.hold_no + 1)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    assert isinstance(result, CursorResult)
    if result.rowcount != 1:
        raise stale()
    uow.session.expire_all()
    audit.record(
        uow, actor, "attempt:take_over", attempt_id, from_session=attempt.login_session_id,
        to_session=actor.login_session_id,
    )  # fmt: skip


def holder_of(uow: UnitOfWork, lease: Lease) -> AttemptFacts:
    """Return the attempt of a lease, if the lease's login session still lives. Raises LeaseDead."""
    attempt, is_live = queries.leased_attempt(uow, lease.attempt_id, lease.login_session_id)
    if attempt is None or not is_live:
        raise lease_dead()
    return attempt


def save_sheet(uow: UnitOfWork, lease: Lease, answers: Mapping[int, SheetAnswer]) -> int:
    """Save every choice of a form that was sent as a whole; return how many stayed as a newer page had saved them.

    The row lock keeps a close away until these answers are stored. Raises AttemptClosed, TakenOver, LeaseDead,
    Invalid.
    """
    uow.session.execute(select(Attempt.id).where(Attempt.id == lease.attempt_id).with_for_update())
    attempt = holder_of(uow, lease)
    if not attempt.is_open(uow.now):
        raise attempt_closed()
    if attempt.login_session_id != lease.login_session_id:
        raise taken_over()
    sheet = {question.position: question for question in queries.questions_of(uow, attempt.id)}
    saved = queries.saved_answers(uow, attempt.id)
    rows, outdated = [], 0
    for answer in answers.values():
        present = saved.get(answer.position)
        revision = present.revision if present else 0
        check_choice(sheet, answer.position, revision + 1, answer.chosen, is_written=answer.is_written)
        if answer.chosen == (present.chosen if present else frozenset()):
            continue
        if answer.known_revision < revision:
            outdated += 1
            continue
        rows.append(
            {
                "attempt_id": attempt.id, "position": answer.position,
                "revision": max(revision + 1, first_revision(attempt.hold_no)),
                "choice": write_choice(answer.chosen, is_written=answer.is_written), "received_at": uow.now,
            }
        )  # fmt: skip
    if rows:
        uow.session.execute(insert(AnswerRevision), rows)
    return outdated


def hand_in(uow: UnitOfWork, lease: Lease) -> bool:
    """Close an attempt and grade it; return whether it was handed in in time, by this request or an earlier one.

    Handing in twice, or beside the sweeper, is handing in once: nothing is graded again, and who repeats a hand-in
    whose reply he has lost gets that reply, however late he asks (C2, C8). A request after the deadline and its grace
    closes an open attempt as timed out, and the edge says so (B3).
    Raises LeaseDead, TakenOver, AttemptClosed for a voided attempt.
    """
    attempt = holder_of(uow, lease)
    in_time = not is_overdue(attempt.deadline_at, uow.now)
    if not in_time:
        _lock(uow, attempt.id)
        attempt = holder_of(uow, lease)
        in_time = not is_overdue(attempt.deadline_at, uow.now)
    if attempt.state is AttemptState.VOIDED:
        raise attempt_closed()
    if attempt.state is not AttemptState.IN_PROGRESS:
        return in_time or not attempt.is_timed_out
    if attempt.login_session_id != lease.login_session_id:
        raise taken_over()
    if in_time:
        candidate = Actor(attempt.person_id, f"person:{attempt.person_id}", (), lease.login_session_id)
        _close_if_open(uow, candidate, attempt, "submit")
    else:
        _close_if_open(uow, GRADER, attempt, "time_out")
    return in_time


def remaining_ms_at_end(uow: UnitOfWork, lease: Lease) -> int:
    """Return what is left to a sitting whose page believes that its time is over; 0 when there is nothing left.

    Staff may have given time, or paused, while the page had no network. Nobody can until the end of the transaction,
    so that who is told 0 may close it. Raises LeaseDead.
    """
    _lock(uow, lease.attempt_id)
    attempt = holder_of(uow, lease)
    is_running = (
        attempt.state is AttemptState.IN_PROGRESS and attempt.login_session_id == lease.login_session_id
    )
    return attempt.remaining_ms(uow.now) if is_running else 0


def close_overdue(uow: UnitOfWork, actor: Actor, attempt_id: str) -> bool:
    """Close and grade an attempt that no client closed; return whether there was something to close (H18)."""
    _lock(uow, attempt_id)
    attempt = queries.find_attempt(uow, attempt_id)
    if attempt is None or attempt.state is not AttemptState.IN_PROGRESS:
        return False
    if uow.now <= attempt.deadline_at + GRACE + SWEEP_MARGIN:
        return False
    return _close_if_open(uow, actor, attempt, "time_out")


def void(uow: UnitOfWork, actor: Actor, attempt_id: str, remark: str) -> None:
    """Give an attempt back: it stays visible, counts no more, and the person may sit again (H10).

    Raises NotFound outside the actor's scope, Refusal or Invalid with the reasons.
    """
    attempt = queries.attempt_in_scope(uow, actor, attempt_id, Role.EXAM_ADMIN).attempt
    if attempt.person_id == actor.person_id:
        raise Refusal(own_attempt())
    reasons = void_reasons(
        attempt.state, attempt.passed, remark, has_person_passed=queries.has_passed(uow, attempt)
    )
    require(reasons, Invalid if reasons and reasons[0].field_name else Refusal)
    ending = find_ending(uow, attempt_id)
    if ending is not None and ending.ended_by == actor.person_id:
        raise Refusal(second_person())
    if ending is not None and ending.awaits_verdict:
        raise Refusal(awaits_verdict())
    give_back(uow, actor, attempt, remark)


def give_back(uow: UnitOfWork, actor: Actor, attempt: AttemptFacts, remark: str) -> None:
    """Void an attempt after every rule was asked: by an administrator, or by the verdict of a second person."""
    changes = {} if attempt.closed_at else {"closed_at": uow.now}
    audit.move(
        uow,
        actor,
        ATTEMPT,
        "void",
        Attempt.state,
        attempt.id,
        attempt.state,
        remark=remark.strip(),
        changes=changes,
    )
    enrolment.reopen_stage(uow, actor, attempt.application_id, StageKind.EXAM, remark.strip())
    uow.record(AttemptVoided(attempt.id, attempt.application_id, attempt.person_id, attempt.plan_id))


def _insert_attempt(
    uow: UnitOfWork, actor: Actor, plan: PlanFacts, facts: ExamFacts, application_id: str, terms: Terms
) -> str | None:
    paper = papers.ready_paper(uow, str(actor.person_id), plan.id)
    if paper is None:
        if queries.open_attempt(uow, str(actor.person_id), plan.id) is not None:
            return None
        raise papers.paper_missing()
    window_end = plan.exam_until + timedelta(seconds=terms.extension_seconds)
    deadline_at = deadline(uow.now, plan.exam_duration_seconds, terms.granted_seconds, window_end)
    attempt_id = new_id()
    made = _NEW_ATTEMPT.scalar(
        uow.session,
        {
            "id": attempt_id, "person_id": actor.person_id, "plan_id": plan.id, "application_id": application_id,
            "attempt_no": next_attempt_no(facts.sittings), "max_attempts": plan.max_attempts, "paper_id": paper.id,
            "question_count": paper.question_count, "state": AttemptState.IN_PROGRESS,
            "login_session_id": actor.login_session_id, "started_at": uow.now,
            "duration_seconds": plan.exam_duration_seconds, "granted_seconds": terms.granted_seconds,
            "window_end": plan.exam_until, "extension_seconds": terms.extension_seconds, "deadline_at": deadline_at,
            "pass_mark": plan.pass_mark,
        },
    )  # fmt: skip
    if made is None:
        return None
    if deadline_at > plan.exam_over_at:
        prolong_exam(uow, plan.id, deadline_at)
    conditions.note_terms(uow, attempt_id, terms, plan.id, deadline_at)
    return attempt_id


def _lock(uow: UnitOfWork, attempt_id: str) -> None:
    """Wait for whoever gives this attempt more time at this moment, and let nobody give it any until the end.

    Lateness is judged by the deadline that is read afterwards.
    """
    uow.session.execute(select(Attempt.id).where(Attempt.id == attempt_id).with_for_update())
    uow.session.expire_all()


def _close_overdue_of(uow: UnitOfWork, person_id: str) -> None:
    running = uow.session.scalars(
        select(Attempt.id).where(Attempt.person_id == person_id, Attempt.state == AttemptState.IN_PROGRESS)
    ).all()
    for attempt_id in running:
        _lock(uow, attempt_id)
        attempt = queries.find_attempt(uow, attempt_id)
        if attempt is not None and is_overdue(attempt.deadline_at, uow.now):
            _close_if_open(uow, Actor.system("exam:start"), attempt, "time_out")


def _close_if_open(uow: UnitOfWork, actor: Actor, attempt: AttemptFacts, verb: str) -> bool:
    """Close first, then grade, in the caller's transaction. False when somebody else has closed it."""
    try:
        closed = audit.move(
            uow, actor, ATTEMPT, verb, Attempt.state, attempt.id, attempt.state,
            changes={"closed_at": uow.now, "is_timed_out": verb == "time_out"},
        )  # fmt: skip
    except Conflict:
        uow.session.expire_all()
        return False
    grade_closed(uow, attempt, closed)
    return True


_PAPER = ReadyStatement(
    select(Paper.key, Paper.public, Paper.areas)
    .join(Attempt, Attempt.paper_id == Paper.id)
    .where(Attempt.id == bindparam("attempt"))
)


def grade_closed(uow: UnitOfWork, attempt: AttemptFacts, closed: AttemptState) -> None:
    """Grade a closed attempt and report it: the house's own act, whoever closed the attempt."""
    paper = _PAPER.first(uow.session, {"attempt": attempt.id})
    if paper is None:
        raise NotFound
    # A correction of the plan is either in force by now, or waits until this score stands.
    grading_gate.grading(uow, attempt.plan_id)
    key, public = key_from_json(json.loads(paper.key)), json.loads(paper.public)
    corrections = queries.in_force(uow, attempt.plan_id)
    # Mostly there are none, and a hand-in waits: what the questions say is read for them alone.
    rulings = queries.rulings_for(uow, corrections, key, questions_from_json(public)) if corrections else {}
    # Read after the close: its row lock has let every acknowledged answer in and keeps all others out.
    saved = queries.saved_answers(uow, attempt.id)
    # Requests that arrived together may take their turns in another order (E5); a verdict comes long after the close.
    closed_at = max([attempt.closed_at or uow.now, *(answer.received_at for answer in saved.values())])
    result = grade_answers(
        key, types_from_json(public), paper.areas, {answer.position: answer.chosen for answer in saved.values()},
        attempt.pass_mark, rulings,
    )  # fmt: skip
    audit.move(
        uow, GRADER, ATTEMPT, "grade", Attempt.state, attempt.id, closed,
        changes={
            "score": result.score, "full_score": result.full_score, "passed": result.passed,
            "breakdown": result.breakdown, "closed_at": closed_at,
        },
    )  # fmt: skip
    _report(uow, attempt, has_passed=result.passed)


def _report(uow: UnitOfWork, attempt: AttemptFacts, *, has_passed: bool) -> None:
    if has_passed:
        enrolment.report_stage(uow, GRADER, attempt.application_id, StageKind.EXAM, StageState.PASSED)
    elif _was_the_last(uow, attempt):
        enrolment.report_stage(uow, GRADER, attempt.application_id, StageKind.EXAM, StageState.FAILED)
    uow.record(
        AttemptGraded(attempt.id, attempt.application_id, attempt.person_id, attempt.plan_id, int(has_passed))
    )


def _was_the_last(uow: UnitOfWork, attempt: AttemptFacts) -> bool:
    used, has_passed = queries.used_attempts(uow, attempt.person_id, attempt.plan_id)
    # A pass may stand beside this fail: a correction gave it while the second attempt ran.
    return used >= attempt.max_attempts and not has_passed
