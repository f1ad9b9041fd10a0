"""The table of questions that are for practice."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.database import Base


class PracticeItem(Base):
    """A question whose key trainees may see while they practise; papers do not draw it."""

    __tablename__ = "practice_item"

    item_id: Mapped[str] = mapped_column(ForeignKey("question_item.id"), primary_key=True)
    marked_at: Mapped[datetime]
    marked_by: Mapped[str | None] = mapped_column(String(16))
