"""The evidence of one sitting: everything that happened, in order, whoever or whatever it came from.

It is read from the rows that each act wrote anyway, so it stands beside the archived attempt for as long as that does.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, select

from lms.audit.queries import recent_events
from lms.core.unit_of_work import UnitOfWork
from lms.exam.models.attempts import AnswerRevision
from lms.exam.models.conditions import (
    AttemptTime,
    ExamMessage,
    ExtraTime,
    Measure,
    MessageReceipt,
    Remark,
    Sighting,
)
from lms.exam.policy.conditions import MessageKind, TimeKind
from lms.exam.policy.watching import SightingKind
from lms.exam.queries.attempts import AttemptFacts
from lms.exam.queries.rooms import seatings_of

ACTS_MOST = 500


class EvidenceKind(StrEnum):
    """What a line of the evidence is about."""

    CREATE = "create"
    SUBMIT = "submit"
    TIME_OUT = "time_out"
    GRADE = "grade"
    VOID = "void"
    END = "end"
    TAKE_OVER = "take_over"
    HAND_OVER = "hand_over"
    DECIDE_KEEP = "decide_keep"
    DECIDE_VOID = "decide_void"
    EXTRA = "extra"
    TIME = "time"
    PAUSE = "pause"
    RESUME = "resume"
    LATE = "late"
    PAUSED_SAVES = "paused_saves"
    MESSAGE = "message"
    READ = "read"
    LEFT = "left"
    AWAY = "away"
    GAP = "gap"
    REMARK = "remark"
    CLEARED = "cleared"
    SEATED = "seated"
    UNSEATED = "unseated"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One line: when, what, by whom (None: it was noticed by itself), how long or how many, and the words.

    For a seat `count` is its number, and the words name the room and its place.
    """

    at: datetime
    kind: EvidenceKind
    actor_id: str | None = None
    count: int = 0
    words: str = ""


def evidence_of(uow: UnitOfWork, attempt: AttemptFacts) -> list[Evidence]:
    """Return everything that happened in a sitting, oldest first."""
    found = [*_acts(uow, attempt), *_times(uow, attempt), *_messages(uow, attempt), *_sightings(uow, attempt)]
    found += [
        Evidence(
            row.at,
            EvidenceKind.CLEARED if row.is_cleared else EvidenceKind.REMARK,
            row.written_by,
            words=row.words,
        )
        for row in uow.session.scalars(select(Remark).where(Remark.attempt_id == attempt.id))
    ]
    found += _seats(uow, attempt)
    return sorted(found, key=lambda one: one.at)


def _seats(uow: UnitOfWork, attempt: AttemptFacts) -> list[Evidence]:
    """Return which seats he was given up to the end of the sitting; of those he left for another, only the other."""
    end = attempt.closed_at or uow.now
    seatings = [one for one in seatings_of(uow, attempt.person_id, attempt.plan_id) if one.seated_at <= end]
    found = [
        Evidence(
            one.seated_at, EvidenceKind.SEATED, one.seated_by, one.seat, f"{one.room_name} · {one.place}"
        )
        for one in seatings
    ]
    taken_anew = {one.seated_at for one in seatings}
    found += [
        Evidence(one.left_at, EvidenceKind.UNSEATED, one.left_by, one.seat, f"{one.room_name} · {one.place}")
        for one in seatings
        if one.left_at is not None and one.left_at <= end and one.left_at not in taken_anew
    ]
    return found


def _acts(uow: UnitOfWork, attempt: AttemptFacts) -> list[Evidence]:
    acts, _total = recent_events(uow, subject_id=attempt.id, size=ACTS_MOST)
    found = []
    for act in reversed(acts):
        fields = json.loads(act.fields)
        verb = act.tag.partition(":")[2]
        if verb == "decide":
            verb = f"decide_{fields.get('verdict')}"
        if verb in _ACT_KINDS:
            words = fields.get("remark") or fields.get("reason") or ""
            found.append(Evidence(act.at, EvidenceKind(verb), act.actor_id, words=words))
    return found


_ACT_KINDS = frozenset({
    EvidenceKind.CREATE, EvidenceKind.SUBMIT, EvidenceKind.TIME_OUT, EvidenceKind.GRADE, EvidenceKind.VOID,
    EvidenceKind.END, EvidenceKind.TAKE_OVER, EvidenceKind.HAND_OVER, EvidenceKind.DECIDE_KEEP,
    EvidenceKind.DECIDE_VOID,
})  # fmt: skip


def _times(uow: UnitOfWork, attempt: AttemptFacts) -> list[Evidence]:
    rows = uow.session.execute(
        select(AttemptTime, Measure.reason, Measure.taken_by, ExtraTime.reason, ExtraTime.granted_by)
        .outerjoin(Measure, Measure.id == AttemptTime.source_id)
        .outerjoin(ExtraTime, ExtraTime.id == AttemptTime.source_id)
        .where(AttemptTime.attempt_id == attempt.id)
        .order_by(AttemptTime.at)
    ).all()
    found = [
        Evidence(
            row.at, EvidenceKind(row.kind), row.actor_id or granted_by or taken_by,
            abs(row.extension_seconds if row.kind == TimeKind.LATE else row.seconds), why or extra_why or "",
        )
        for row, why, taken_by, extra_why, granted_by in rows
    ]  # fmt: skip
    resumed = {row.source_id: row.at for row, *_ in rows if row.kind == TimeKind.RESUME}
    for row, *_ in rows:
        if row.kind == TimeKind.PAUSE:
            until = resumed.get(row.source_id, row.at + timedelta(seconds=row.seconds))
            count = uow.session.scalar(
                select(func.count())
                .select_from(AnswerRevision)
                .where(
                    AnswerRevision.attempt_id == attempt.id, AnswerRevision.received_at > row.at,
                    AnswerRevision.received_at < until,
                )
            )  # fmt: skip
            if count:
                found.append(Evidence(row.at, EvidenceKind.PAUSED_SAVES, count=count))
    return found


def _messages(uow: UnitOfWork, attempt: AttemptFacts) -> list[Evidence]:
    rows = uow.session.execute(
        select(ExamMessage, MessageReceipt.acknowledged_at)
        .join(MessageReceipt, MessageReceipt.message_id == ExamMessage.id)
        .where(MessageReceipt.attempt_id == attempt.id)
    )
    found = []
    for message, read_at in rows:
        if message.kind == MessageKind.MESSAGE:
            found.append(
                Evidence(message.sent_at, EvidenceKind.MESSAGE, message.sent_by, words=message.words)
            )
        if read_at is not None:
            found.append(Evidence(read_at, EvidenceKind.READ, words=message.words))
    return found


def _sightings(uow: UnitOfWork, attempt: AttemptFacts) -> list[Evidence]:
    rows = uow.session.scalars(select(Sighting).where(Sighting.attempt_id == attempt.id)).all()
    back = {row.serial for row in rows if row.kind == SightingKind.AWAY}
    return [
        Evidence(row.at, EvidenceKind(row.kind), count=row.seconds)
        for row in rows
        # Whoever came back has one line: how long he was away.
        if not (row.kind == SightingKind.LEFT and row.serial in back)
    ]
