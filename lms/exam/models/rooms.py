"""The tables of exam rooms and seats. Who sat where is never forgotten: a seat is left, not deleted."""

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.database import Base
from lms.core.identifiers import new_id

_STANDING = "removed_at IS NULL"
_SITTING = "left_at IS NULL"


class ExamRoom(Base):
    """A room of a plan's exam. A removed one stays, because acts and sittings name it."""

    __tablename__ = "exam_room"
    __table_args__ = (
        Index(
            "uq_exam_room_name", "plan_id", "name", unique=True,
            sqlite_where=text(_STANDING), postgresql_where=text(_STANDING),
        ),
        # What seats point to, so that the database itself knows the plan and the size of their room.
        UniqueConstraint("id", "plan_id", "seat_count"),
        CheckConstraint("seat_count BETWEEN 1 AND 500", name="seats_bound"),
        CheckConstraint("(removed_at IS NULL) = (removed_by IS NULL)", name="removed_has_person"),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    plan_id: Mapped[str] = mapped_column(ForeignKey("plan.id"))
    name: Mapped[str] = mapped_column(String(40))
    place: Mapped[str] = mapped_column(String(80))
    seat_count: Mapped[int]
    made_by: Mapped[str] = mapped_column(String(16))
    made_at: Mapped[datetime]
    removed_by: Mapped[str | None] = mapped_column(String(16))
    removed_at: Mapped[datetime | None]


class Seating(Base):
    """Somebody's seat from a moment on, until he leaves it: one at a time in a plan."""

    __tablename__ = "exam_seating"
    __table_args__ = (
        ForeignKeyConstraint(
            ["room_id", "plan_id", "seat_count"], ["exam_room.id", "exam_room.plan_id", "exam_room.seat_count"],
            onupdate="CASCADE",
        ),
        Index(
            "uq_exam_seating_person", "plan_id", "person_id", unique=True,
            sqlite_where=text(_SITTING), postgresql_where=text(_SITTING),
        ),
        Index(
            "uq_exam_seating_seat", "room_id", "seat", unique=True,
            sqlite_where=text(_SITTING), postgresql_where=text(_SITTING),
        ),
        Index("ix_exam_seating_person", "person_id", "plan_id"),
        CheckConstraint("seat >= 1 AND (left_at IS NOT NULL OR seat <= seat_count)", name="seat_in_room"),
        CheckConstraint("(left_at IS NULL) = (left_by IS NULL)", name="left_has_person"),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    plan_id: Mapped[str] = mapped_column(ForeignKey("plan.id"))
    room_id: Mapped[str] = mapped_column(String(16))
    seat_count: Mapped[int]
    """The room's; it follows when the room is given another."""
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    seat: Mapped[int]
    seated_by: Mapped[str] = mapped_column(String(16))
    seated_at: Mapped[datetime]
    left_by: Mapped[str | None] = mapped_column(String(16))
    left_at: Mapped[datetime | None]


class RoomInvigilator(Base):
    """An invigilator who is bound to a room: in this plan he reaches such rooms and nothing else."""

    __tablename__ = "exam_room_invigilator"
    __table_args__ = (
        PrimaryKeyConstraint("room_id", "person_id"),
        Index("ix_exam_room_invigilator_person", "person_id"),
    )

    room_id: Mapped[str] = mapped_column(ForeignKey("exam_room.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    bound_by: Mapped[str] = mapped_column(String(16))
    bound_at: Mapped[datetime]


class CandidateNumber(Base):
    """A candidate's number within a plan (考生号), given once: it names him on lists in the place of an ID number."""

    __tablename__ = "exam_candidate_number"
    __table_args__ = (
        PrimaryKeyConstraint("plan_id", "person_id"),
        UniqueConstraint("plan_id", "number"),
        CheckConstraint("number >= 1", name="counts_from_one"),
    )

    plan_id: Mapped[str] = mapped_column(ForeignKey("plan.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    number: Mapped[int]
    given_at: Mapped[datetime]
