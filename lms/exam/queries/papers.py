"""Which items stand on which papers."""

import re
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select

from lms.core.unit_of_work import UnitOfWork
from lms.exam.models.attempts import Attempt, Paper, PaperItem
from lms.questions.queries import PictureFacts, chunks, pictures
from question_bank.items import ItemId, PaperQuestion
from question_bank.passage import pictures as pictures_in

_KEY = re.compile(r"[0-9a-f]{64}")


def pictures_on(uow: UnitOfWork, questions: Iterable[PaperQuestion]) -> dict[str, PictureFacts]:
    """Return the pictures that shown questions name, by their keys."""
    texts = (text for one in questions for text in (one.stem, *(option.text for option in one.options)))
    keys = {picture.key for text in texts for picture in pictures_in(text) if picture.key}
    return pictures(uow, keys) if keys else {}


def picture_on(uow: UnitOfWork, attempt_id: str, key: str) -> PictureFacts | None:
    """Return a picture if an attempt's paper shows it, or None."""
    if not _KEY.fullmatch(key):
        return None
    public = uow.session.scalar(
        select(Paper.public).join(Attempt, Attempt.paper_id == Paper.id).where(Attempt.id == attempt_id)
    )
    # The mark stands in the JSON as it stands in the text: it holds no sign that JSON writes in another way.
    return pictures(uow, [key]).get(key) if public and f"](image:{key})" in public else None


def items_seen(uow: UnitOfWork, person_id: str, plan_id: str) -> set[str]:
    """Return the items on the papers that a person has sat in a plan, for the next draw to avoid (H10)."""
    return set(
        uow.session.scalars(
            select(PaperItem.item_id)
            .join(Attempt, Attempt.paper_id == PaperItem.paper_id)
            .where(Attempt.person_id == person_id, Attempt.plan_id == plan_id)
        )
    )


def times_drawn(uow: UnitOfWork, item_ids: Iterable[ItemId], *, since: datetime) -> dict[ItemId, int]:
    """Return how many papers drawn since a moment hold each of some items; items on none are left out."""
    counts: dict[ItemId, int] = {}
    for some in chunks(map(str, item_ids)):
        rows = uow.session.execute(
            select(PaperItem.item_id, func.count())
            .where(PaperItem.item_id.in_(some), PaperItem.drawn_at >= since)
            .group_by(PaperItem.item_id)
        )
        counts.update((item_id, count) for item_id, count in rows)
    return counts
