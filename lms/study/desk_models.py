"""The tables of the administrator's side of study: appeals and grants, reminders, findings.

A grant is a row of the ledger, as a beat is: never changed, so that totals can be rebuilt from beats, windows and
grants alone.
"""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.database import Base
from lms.core.identifiers import new_id
from lms.study.policy.appeals import AppealState
from lms.study.policy.integrity import Rule

_OPEN = text("is_open")


class StudyAppeal(Base):
    """A person asks that some of his seconds be counted all the same."""

    __tablename__ = "study_appeal"
    __table_args__ = (
        Index("ix_study_appeal_plan", "plan_id", "state", "created_at"),
        Index("ix_study_appeal_person", "person_id", "plan_id"),
        CheckConstraint("state IN ('open', 'granted', 'refused', 'withdrawn')", name="state"),
        CheckConstraint("(state = 'open') = (decided_at IS NULL)", name="decided_has_time"),
        CheckConstraint("(state = 'granted') = (granted_seconds > 0)", name="granted_has_seconds"),
    )

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    plan_id: Mapped[str] = mapped_column(ForeignKey("plan.id"))
    application_id: Mapped[str] = mapped_column(String(16))
    state: Mapped[AppealState] = mapped_column(String(10), default=AppealState.OPEN)
    words: Mapped[str] = mapped_column(String(500))
    """What the person writes about it."""
    asked_seconds: Mapped[int]
    granted_seconds: Mapped[int] = mapped_column(default=0)
    decision: Mapped[str] = mapped_column(String(500), default="")
    """The written reason of who decided."""
    decided_by: Mapped[str | None] = mapped_column(String(16))
    created_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    """When the person has read the decision; till then his home page names it."""


class AppealedBeat(Base):
    """One beat that an appeal is about."""

    __tablename__ = "study_appeal_beat"
    __table_args__ = (
        ForeignKeyConstraint(["session_id", "seq"], ["study_beat.session_id", "study_beat.seq"]),
        # One open appeal for a stretch: the database refuses the second.
        Index(
            "uq_study_appeal_beat_open", "session_id", "seq", unique=True, sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
    )  # fmt: skip

    appeal_id: Mapped[str] = mapped_column(ForeignKey("study_appeal.id"), primary_key=True)
    session_id: Mapped[str] = mapped_column(String(16), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    is_open: Mapped[bool] = mapped_column(default=True)


class StudyGrant(Base):
    """Seconds of a beat that were counted after an appeal. Never changed; a beat is granted once."""

    __tablename__ = "study_grant"
    __table_args__ = (
        ForeignKeyConstraint(["session_id", "seq"], ["study_beat.session_id", "study_beat.seq"]),
        Index("ix_study_grant_person", "person_id", "plan_id"),
        CheckConstraint("seconds > 0", name="some_seconds"),
        CheckConstraint("span_to - span_from = seconds * 1000", name="span_is_seconds"),
    )

    session_id: Mapped[str] = mapped_column(String(16), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    appeal_id: Mapped[str] = mapped_column(ForeignKey("study_appeal.id"), index=True)
    person_id: Mapped[str] = mapped_column(String(16))
    plan_id: Mapped[str] = mapped_column(String(16))
    lesson_id: Mapped[str] = mapped_column(String(16))
    seconds: Mapped[int]
    covered: Mapped[bytes] = mapped_column(LargeBinary)
    """Which seconds of the lesson, as in `lesson_coverage`."""
    span_from: Mapped[int] = mapped_column(BigInteger)
    span_to: Mapped[int] = mapped_column(BigInteger)
    """The stretch of server time they stand for; no credit stands for any moment of it."""
    after_beats: Mapped[int]
    """How many credited beats of the person in the plan came before it: its place when totals are rebuilt."""
    granted_at: Mapped[datetime]


class StudyReminder(Base):
    """Somebody was reminded that he is behind: at most once a day in a plan."""

    __tablename__ = "study_reminder"
    __table_args__ = (
        Index("ix_study_reminder_round", "round_id"),
        Index("ix_study_reminder_plan", "plan_id", "day"),
    )

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    plan_id: Mapped[str] = mapped_column(ForeignKey("plan.id"), primary_key=True)
    day: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """The day in Asia/Shanghai, numbered from 1970."""
    round_id: Mapped[str] = mapped_column(String(16))
    sent_by: Mapped[str | None] = mapped_column(String(16))
    """None when the house reminded by itself."""
    counted_seconds: Mapped[int]
    daily_seconds: Mapped[int]
    """What was needed on each day that was left."""
    created_at: Mapped[datetime]
    mailed_at: Mapped[datetime | None]


class ReminderRule(Base):
    """How often the house reminds those who are behind in a plan, by itself."""

    __tablename__ = "study_reminder_rule"
    __table_args__ = (CheckConstraint("every_days BETWEEN 0 AND 30", name="every_days"),)

    plan_id: Mapped[str] = mapped_column(ForeignKey("plan.id"), primary_key=True)
    every_days: Mapped[int] = mapped_column(default=0)
    """0: never."""
    last_day: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime]


class StudyFinding(Base):
    """Something unusual in somebody's beats that a human should look at. It has no effect by itself."""

    __tablename__ = "study_finding"
    __table_args__ = (
        # What goes on all day is one finding, however often the beats are examined.
        UniqueConstraint("rule", "person_id", "plan_id", "day"),
        Index("ix_study_finding_plan", "plan_id", "found_at"),
        CheckConstraint("(looked_at IS NULL) = (looked_by IS NULL)", name="looked_has_person"),
    )

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    rule: Mapped[Rule] = mapped_column(String(12))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    plan_id: Mapped[str] = mapped_column(ForeignKey("plan.id"))
    day: Mapped[int]
    figures: Mapped[str] = mapped_column(Text)
    """JSON of the figures by which the rule was met."""
    from_at: Mapped[datetime]
    until_at: Mapped[datetime]
    """The beats behind it arrived in this time."""
    found_at: Mapped[datetime]
    looked_by: Mapped[str | None] = mapped_column(String(16))
    looked_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(String(500), default="")


class FindingPerson(Base):
    """One of the people a finding about a shared device is about, with what he studied there for a plan."""

    __tablename__ = "study_finding_person"
    __table_args__ = (CheckConstraint("seconds > 0", name="some_seconds"),)

    finding_id: Mapped[str] = mapped_column(ForeignKey("study_finding.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    plan_id: Mapped[str] = mapped_column(ForeignKey("plan.id"), primary_key=True)
    from_at: Mapped[datetime]
    until_at: Mapped[datetime]
    seconds: Mapped[int]


class ExaminedSession(Base):
    """Up to which beat a study session was examined."""

    __tablename__ = "study_examined"

    session_id: Mapped[str] = mapped_column(ForeignKey("study_session.id"), primary_key=True)
    until: Mapped[datetime]
