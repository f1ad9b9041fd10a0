"""The verbs of study; `beats`, `presence` and `questions` run in the journal, the others in a unit of work."""

from lms.study.service.beats import Beat, next_beat, nonce_of, reply, take_beat
from lms.study.service.completion import report_complete
from lms.study.service.ledger import Held, hold, steps
from lms.study.service.presence import Answer, Answered, Verdict, answer_check, question, void_overdue
from lms.study.service.questions import QuestionAnswer, answer_question, options_shown
from lms.study.service.sessions import LEASE, Opened, close_session, open_session

__all__ = [
    "LEASE", "Answer", "Answered", "Beat", "Held", "Opened", "QuestionAnswer", "Verdict", "answer_check",
    "answer_question", "close_session", "hold", "next_beat", "nonce_of", "open_session", "options_shown", "question",
    "reply", "report_complete", "steps", "take_beat", "void_overdue",
]  # fmt: skip
