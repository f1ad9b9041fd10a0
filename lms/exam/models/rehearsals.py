"""The tables of the rehearsal. They hold no score and no limit, and are emptied after a day."""

from datetime import datetime

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, PrimaryKeyConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.database import Base
from lms.core.identifiers import new_id


class Rehearsal(Base):
    """The one rehearsal of a person; beginning anew takes the place of the one before."""

    __tablename__ = "rehearsal"

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), unique=True)
    login_session_id: Mapped[str] = mapped_column(ForeignKey("login_session.id"))
    started_at: Mapped[datetime]
    deadline_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class RehearsalAnswer(Base):
    """The last answer to a question of a rehearsal, and whether it is marked for another look."""

    __tablename__ = "rehearsal_answer"
    __table_args__ = (
        PrimaryKeyConstraint("rehearsal_id", "position"),
        CheckConstraint("position >= 1 AND revision >= 0 AND mark_revision >= 0", name="counts_from_one"),
    )

    rehearsal_id: Mapped[str] = mapped_column(ForeignKey("rehearsal.id", ondelete="CASCADE"))
    position: Mapped[int]
    revision: Mapped[int]
    choice: Mapped[str] = mapped_column(String(160))
    mark_revision: Mapped[int]
    is_marked: Mapped[bool] = mapped_column(Boolean)
    received_at: Mapped[datetime]
