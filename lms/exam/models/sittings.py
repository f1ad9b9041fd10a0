"""What a candidate leaves beside his answers."""

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, PrimaryKeyConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.database import Base


class ReviewMark(Base):
    """Whether a candidate wants to look at a question again; the highest revision of a question counts."""

    __tablename__ = "review_mark"
    __table_args__ = (
        PrimaryKeyConstraint("attempt_id", "position"),
        CheckConstraint("position >= 1 AND revision >= 1", name="counts_from_one"),
    )

    attempt_id: Mapped[str] = mapped_column(String(16), ForeignKey("attempt.id"))
    position: Mapped[int]
    revision: Mapped[int]
    is_marked: Mapped[bool] = mapped_column(Boolean)
