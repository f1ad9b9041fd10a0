"""What became of papers that nobody sat."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.database import Base


class WithdrawnPaper(Base):
    """A frozen paper that was replaced before its start; nobody ever saw it. Append-only."""

    __tablename__ = "withdrawn_paper"

    paper_id: Mapped[str] = mapped_column(ForeignKey("paper.id"), primary_key=True)
    reason: Mapped[str] = mapped_column(String(20))
    withdrawn_at: Mapped[datetime]
