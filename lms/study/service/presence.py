"""Answering a presence check, and voiding one that nobody answered (fault A8)."""

from dataclasses import dataclass
from enum import StrEnum

from lms.core.hot_statements import HotConnection
from lms.core.unit_of_work import UnitOfWork
from lms.courses.queries import lessons
from lms.study.errors import check_gone
from lms.study.policy import credit as policy
from lms.study.policy.credit import Challenge, WindowState
from lms.study.queries import OpenCheck
from lms.study.service import ledger, windows


class Verdict(StrEnum):
    """What an answer did."""

    COUNTED = "counted"
    TRY_AGAIN = "try_again"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as judged outside the journal. `tries`: which question it answers, by wrong answers before it.

    `after_void`: the window before this one was voided, which is known for good when a check is raised.
    """

    session_id: str
    check_id: str
    tries: int
    is_right: bool
    after_void: bool = False


@dataclass(frozen=True, slots=True)
class Answered:
    """The outcome of an answer. `seconds` were counted or voided; the totals are those after it."""

    verdict: Verdict
    seconds: int
    counted: int
    pending: int
    required: int
    plan_id: str
    application_id: str
    is_complete: bool


def question(uow: UnitOfWork, check: OpenCheck) -> Challenge:
    """Build the question of a raised check; each try has its own, and nothing of it is stored."""
    taught = {lesson.id: lesson.title for lesson in lessons(uow, check.course_id)}
    secret = uow.vault.sign("presence", check.id, check.tries)
    return policy.challenge(secret, taught.get(check.lesson_id, ""), list(taught.values()))


def answer_check(
    hot: HotConnection, answer: Answer, arrival: int, random_bits: int | None = None
) -> Answered:
    """Take an answer inside the journal.

    Right: the pending window is counted. Wrong: one more try where the policy has one, else the window is void.
    Too late: void.
    The same answer repeated gets the same outcome. `random_bits` draw the moment of the next check within
    the plan's range; none given, fresh ones are drawn. Raises CheckGone when this check is not raised, and
    what `ledger.hold` raises.
    """
    ledger.lock(hot, answer.session_id)
    held = ledger.hold(hot, answer.session_id, arrival)
    totals = held.totals
    if totals.check_id != answer.check_id:
        decided = windows.decided_by(hot, totals, answer.check_id)
        if decided is None:
            raise check_gone()
        state, seconds = decided
        return _answered(held, Verdict.COUNTED if state is WindowState.COUNTED else Verdict.VOID, seconds)
    if answer.tries < totals.check_tries:
        return _answered(held, Verdict.TRY_AGAIN, 0)  # a wrong answer repeated: it was charged once already
    if answer.tries > totals.check_tries:
        raise check_gone()
    seconds = totals.pending
    is_late = policy.check_is_overdue(totals.check_deadline, arrival)
    has_another = totals.check_tries + 1 < policy.tries_allowed(after_void=answer.after_void)
    if not is_late and not answer.is_right and has_another:
        windows.note_try(hot, totals)
        return _answered(held, Verdict.TRY_AGAIN, 0)
    is_counted = answer.is_right and not is_late
    windows.decide(
        hot, totals, WindowState.COUNTED if is_counted else WindowState.VOID, arrival,
        (held.terms.presence_min, held.terms.presence_max), random_bits,
    )  # fmt: skip
    return _answered(held, Verdict.COUNTED if is_counted else Verdict.VOID, seconds)


def _answered(held: ledger.Held, verdict: Verdict, seconds: int) -> Answered:
    totals = held.totals
    return Answered(
        verdict, seconds, totals.counted, totals.pending, totals.required, totals.plan_id, held.terms.application_id,
        totals.is_complete,
    )  # fmt: skip


def void_overdue(
    hot: HotConnection, person_id: str, plan_id: str, presence: tuple[int, int], now: int
) -> bool:
    """Void the window of a check that nobody answered in time; False when there is none any more."""
    totals = windows.hold_totals(hot, person_id, plan_id)
    if totals is None or totals.check_id is None or not policy.check_is_overdue(totals.check_deadline, now):
        return False
    windows.decide(hot, totals, WindowState.VOID, now, presence)
    return True
