"""Tying the pictures that the bank has to a new version that shows them."""

from collections.abc import Mapping

from sqlalchemy import insert

from lms.core.unit_of_work import UnitOfWork
from lms.questions import queries
from lms.questions.models import QuestionPicture
from lms.questions.policy import picture_keys
from question_bank.items import Item


def tie_pictures(uow: UnitOfWork, items: Mapping[str, Item]) -> None:
    """Write down which pictures some new versions (by id) show; all of them came in with earlier versions."""
    wanted = {version_id: picture_keys(item) for version_id, item in items.items()}
    known = queries.pictures(uow, frozenset[str]().union(*wanted.values()))
    rows = [
        {
            "version_id": version_id, "picture_key": key, "file_key": known[key].file_key,
            "media_type": known[key].media_type, "width": known[key].width, "height": known[key].height,
        }
        for version_id, keys in wanted.items()
        for key in sorted(keys)
    ]  # fmt: skip
    if rows:
        uow.session.execute(insert(QuestionPicture), rows)
