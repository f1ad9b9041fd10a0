"""The tables of the audit room. Database triggers refuse changes to them (fault I5)."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.database import Base

_Serial = BigInteger().with_variant(Integer, "sqlite")


class AuditEvent(Base):
    """One act."""

    __tablename__ = "audit_event"

    id: Mapped[int] = mapped_column(_Serial, primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor_id: Mapped[str | None] = mapped_column(String(16), index=True)
    actor_label: Mapped[str] = mapped_column(String(60))
    tag: Mapped[str] = mapped_column(String(60))
    """`subject:verb`, such as `application:approve`."""
    subject_id: Mapped[str] = mapped_column(String(40), index=True)
    fields: Mapped[str] = mapped_column(Text)
    """JSON of ids, field names and reasons; never a name, a number of a person or a phone."""


class StateLog(Base):
    """One move of one subject in one state machine; each has its audit event."""

    __tablename__ = "state_log"
    __table_args__ = (Index("ix_state_log_subject", "machine", "subject_id", "id"),)

    id: Mapped[int] = mapped_column(_Serial, primary_key=True, autoincrement=True)
    machine: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[str] = mapped_column(String(16))
    verb: Mapped[str] = mapped_column(String(40))
    from_state: Mapped[str | None] = mapped_column(String(20))
    to_state: Mapped[str] = mapped_column(String(20))
    actor_id: Mapped[str | None] = mapped_column(String(16))
    at: Mapped[datetime]
    remark: Mapped[str] = mapped_column(String(500), default="")
    detail: Mapped[str] = mapped_column(Text, default="{}")
    audit_event_id: Mapped[int] = mapped_column(ForeignKey("audit_event.id"), unique=True)


class AuditSeal(Base):
    """One link of the chain: `hash` covers the previous hash and the event's row."""

    __tablename__ = "audit_seal"

    seq: Mapped[int] = mapped_column(_Serial, primary_key=True, autoincrement=False)
    audit_event_id: Mapped[int] = mapped_column(ForeignKey("audit_event.id"), unique=True)
    hash: Mapped[str] = mapped_column(String(64))
