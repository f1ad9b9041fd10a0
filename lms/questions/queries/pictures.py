"""Reading the pictures of questions."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from lms.core.unit_of_work import UnitOfWork
from lms.questions.models import QuestionPicture
from lms.questions.queries.stock import chunks


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """A picture as a page needs it: the stored file behind the key that texts name, and its size in pixels."""

    key: str
    file_key: str
    media_type: str
    width: int
    height: int


def pictures(uow: UnitOfWork, keys: Iterable[str]) -> dict[str, PictureFacts]:
    """Return pictures by the keys that texts name; the same bytes written anew are the same picture."""
    found: dict[str, PictureFacts] = {}
    for some in chunks(keys):
        rows = uow.session.execute(
            select(
                QuestionPicture.picture_key,
                QuestionPicture.file_key,
                QuestionPicture.media_type,
                QuestionPicture.width,
                QuestionPicture.height,
            ).where(QuestionPicture.picture_key.in_(some))
        )
        found.update({row.picture_key: PictureFacts(*row) for row in rows})
    return found
