"""Reading the questions that are changed together."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from lms.core.unit_of_work import UnitOfWork
from lms.questions.models import QuestionItem, QuestionVersion, VersionReview
from lms.questions.policy import OPEN_REVIEWS, ItemFilter, ItemState
from lms.questions.queries.items import matching_count, matching_ids
from lms.questions.queries.stock import chunks


@dataclass(frozen=True, slots=True)
class Target:
    """The questions that are meant: those ticked, or all that a filter means."""

    ids: tuple[str, ...]
    wanted: ItemFilter | None = None


@dataclass(frozen=True, slots=True)
class Aim:
    """How many questions a target is, and how many of them stand in the way."""

    count: int
    in_review: int
    not_live: int


def aimed(uow: UnitOfWork, target: Target, most: int) -> tuple[list[str], Aim]:
    """Return the ids of a target (none when there are more than `most`) and what is to be known of them."""
    if target.wanted is not None:
        count = matching_count(uow, target.wanted)
        ids = matching_ids(uow, target.wanted) if count <= most else []
    else:
        ids = _known(uow, target.ids)
        count = len(ids)
    if count > most:
        return [], Aim(count, 0, 0)
    in_review = not_live = 0
    for some in chunks(ids):
        in_review += uow.session.execute(
            select(func.count()).where(VersionReview.item_id.in_(some), VersionReview.state.in_(OPEN_REVIEWS))
        ).scalar_one()
        not_live += uow.session.execute(
            select(func.count()).where(QuestionItem.id.in_(some), QuestionItem.state != ItemState.APPROVED)
        ).scalar_one()
    return ids, Aim(count, in_review, not_live)


def last_versions(uow: UnitOfWork, item_ids: Sequence[str]) -> dict[str, int]:
    """Return the number of the newest version of some items."""
    found: dict[str, int] = {}
    for some in chunks(item_ids):
        rows = uow.session.execute(
            select(QuestionVersion.item_id, func.max(QuestionVersion.version))
            .where(QuestionVersion.item_id.in_(some))
            .group_by(QuestionVersion.item_id)
        )
        found.update((item_id, number) for item_id, number in rows)
    return found


def present_rows(uow: UnitOfWork, item_ids: Sequence[str]) -> dict[str, tuple[str, str | None, object]]:
    """Return (body, rule version, end) of the present version of some items."""
    found: dict[str, tuple[str, str | None, object]] = {}
    for some in chunks(item_ids):
        rows = uow.session.execute(
            select(
                QuestionItem.id, QuestionVersion.body, QuestionVersion.rule_version, QuestionVersion.retire_on
            )
            .join(
                QuestionVersion,
                (QuestionVersion.item_id == QuestionItem.id)
                & (QuestionVersion.version == QuestionItem.version),
            )
            .where(QuestionItem.id.in_(some))
        )
        found.update({item_id: (body, rules, ends) for item_id, body, rules, ends in rows})
    return found


def _known(uow: UnitOfWork, item_ids: Sequence[str]) -> list[str]:
    found: set[str] = set()
    for some in chunks(item_ids):
        found.update(uow.session.scalars(select(QuestionItem.id).where(QuestionItem.id.in_(some))))
    return sorted(found)
