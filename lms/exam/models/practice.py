"""The table of practice: what a person has tried, for him alone."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.database import Base


class PracticeTry(Base):
    """How often a person has answered a question in practice, and how the last time went."""

    __tablename__ = "practice_try"
    __table_args__ = (CheckConstraint("right_tries BETWEEN 0 AND tries", name="right_tries"),)

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    item_id: Mapped[str] = mapped_column(ForeignKey("question_item.id"), primary_key=True)
    tries: Mapped[int]
    right_tries: Mapped[int]
    is_right: Mapped[bool]
    last_at: Mapped[datetime]
