"""The verbs of study. `beats` and `presence` run in the journal; `sessions` and `completion` in a unit of work."""

from lms.study.service.beats import Beat, nonce_of, take_beat, try_beat
from lms.study.service.completion import report_complete
from lms.study.service.presence import Answer, Answered, Verdict, answer_check, question, void_overdue
from lms.study.service.sessions import LEASE, Opened, close_session, open_session

__all__ = [
    "LEASE", "Answer", "Answered", "Beat", "Opened", "Verdict", "answer_check", "close_session", "nonce_of",
    "open_session", "question", "report_complete", "take_beat", "try_beat", "void_overdue",
]  # fmt: skip
