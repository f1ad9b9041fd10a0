"""Answering an in-lesson question: judged outside the journal, written inside it, so that no beat gets between.

A wrong answer costs nothing but is kept. The right one moves the stop of the lesson on to its next question; beats
count up to there from that moment.
"""

from dataclasses import dataclass

from lms.core.errors import NotFound
from lms.core.hot_statements import HotConnection, HotStatement
from lms.core.vault import Vault
from lms.study.errors import question_moved
from lms.study.policy import credit as policy
from lms.study.queries import OpenQuestion
from lms.study.service import ledger

_TRIES = HotStatement(
    "SELECT COUNT(*) FROM question_try WHERE person_id = :person AND plan_id = :plan AND question_id = :question"
)
_TRY = HotStatement(
    "INSERT INTO question_try (person_id, plan_id, question_id, try_no, chosen, is_right, session_id, arrival)"
    " VALUES (:person, :plan, :question, :tries, :chosen, :is_right, :session, :arrival)"
)
_NEXT = HotStatement(
    "SELECT MIN(stop_at) FROM lesson_question WHERE lesson_id = :lesson AND stop_at > :stop_at"
)
_MOVE_ON = HotStatement(
    "INSERT INTO lesson_coverage (person_id, plan_id, lesson_id, counted, pending, reached, stop_at)"
    " VALUES (:person, :plan, :lesson, :nothing, :nothing, 0, :stop_at)"
    " ON CONFLICT (person_id, plan_id, lesson_id) DO UPDATE SET stop_at = excluded.stop_at"
)


@dataclass(frozen=True, slots=True)
class QuestionAnswer:
    """An answer as judged outside the journal. `tries`: which showing it answers, by the answers before it."""

    session_id: str
    question_id: str
    lesson_id: str
    stop_at: int
    tries: int
    chosen: int
    is_right: bool


def options_shown(vault: Vault, asked: OpenQuestion, tries: int) -> list[tuple[str, int]]:
    """Return (letter, place of the option as it was written) of one showing; each showing has its own order."""
    secret = vault.sign("lesson-question", asked.question.id, asked.person_id, asked.plan_id, tries)
    order = policy.shuffled(secret, len(asked.question.asked.options))
    return list(zip(policy.QUESTION_LETTERS, order, strict=False))


def answer_question(hot: HotConnection, answer: QuestionAnswer, arrival: int) -> bool:
    """Take an answer inside the journal; return whether the question is answered now.

    The same answer repeated gets the same outcome, and a question that was answered stays answered. Raises
    QuestionMoved for a question whose turn has not come or for a showing that never was, NotFound for a lesson of
    another course, and what `ledger.hold` raises.
    """
    ledger.lock(hot, answer.session_id)
    held = ledger.hold(hot, answer.session_id, arrival, answer.lesson_id)
    if held.taught is None:
        raise NotFound
    key, stop_at = held.totals.key | {"lesson": answer.lesson_id}, held.taught.stop_at
    if stop_at is None or stop_at > answer.stop_at:
        return True
    if stop_at < answer.stop_at:
        raise question_moved("study.question_ahead")
    tries = hot.rows(_TRIES, held.totals.key | {"question": answer.question_id})[0][0]
    if answer.tries < tries:
        return False  # a wrong answer repeated: it is written down already
    if answer.tries > tries:
        raise question_moved("study.question_try")
    hot.run(
        _TRY,
        held.totals.key
        | {
            "question": answer.question_id, "tries": tries, "chosen": answer.chosen, "is_right": answer.is_right,
            "session": answer.session_id, "arrival": arrival,
        },
    )  # fmt: skip
    if answer.is_right:
        following = hot.rows(_NEXT, {"lesson": answer.lesson_id, "stop_at": answer.stop_at})[0][0]
        hot.run(_MOVE_ON, key | {"nothing": b"", "stop_at": following})
    return answer.is_right
