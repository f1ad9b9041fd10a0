"""Reading versions and their way into papers."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, select

from lms.core.errors import NotFound
from lms.core.unit_of_work import UnitOfWork
from lms.questions.bodies import item_from_json
from lms.questions.models import QuestionItem, QuestionVersion, VersionReview
from lms.questions.policy import OPEN_REVIEWS, ItemState, ReviewState, Wording
from lms.questions.queries.stock import CURRENT_VERSION

WAITING_MAX = 200


@dataclass(frozen=True, slots=True)
class Version:
    """One wording of an item with its review, if it had one; imported wordings had none."""

    number: int
    wording: Wording
    written_at: datetime
    written_by: str | None
    state: ReviewState | None
    note: str
    reviewed_by: str | None
    approved_by: str | None
    decided_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether it waits for somebody."""
        return self.state in OPEN_REVIEWS


@dataclass(frozen=True, slots=True)
class WaitingVersion:
    """A version that waits for a second person, as a list shows it."""

    item_id: str
    version: int
    state: ReviewState
    stem: str
    note: str
    written_by: str
    written_at: datetime
    is_new: bool


def versions_of(uow: UnitOfWork, item_id: str) -> list[Version]:
    """Return every wording of an item, the newest first."""
    rows = uow.session.execute(
        select(QuestionVersion, VersionReview)
        .outerjoin(
            VersionReview,
            (VersionReview.item_id == QuestionVersion.item_id)
            & (VersionReview.version == QuestionVersion.version),
        )
        .where(QuestionVersion.item_id == item_id)
        .order_by(QuestionVersion.version.desc())
    )
    return [_version(version, review) for version, review in rows]


def open_review(uow: UnitOfWork, item_id: str) -> VersionReview | None:
    """Return the review of the version that waits, or None."""
    return uow.session.scalar(
        select(VersionReview).where(VersionReview.item_id == item_id, VersionReview.state.in_(OPEN_REVIEWS))
    )


def get_review(uow: UnitOfWork, item_id: str, version: int) -> VersionReview:
    """Return the review of a version. Raises NotFound."""
    found = uow.session.scalar(
        select(VersionReview).where(VersionReview.item_id == item_id, VersionReview.version == version)
    )
    if found is None:
        raise NotFound
    return found


def get_wording(uow: UnitOfWork, item_id: str, version: int) -> tuple[Wording, str]:
    """Return a version's wording and fingerprint. Raises NotFound."""
    row = uow.session.scalar(
        select(QuestionVersion).where(QuestionVersion.item_id == item_id, QuestionVersion.version == version)
    )
    if row is None:
        raise NotFound
    return _wording(row), row.fingerprint


def last_version(uow: UnitOfWork, item_id: str) -> int:
    """Return the number of the newest version, approved or not."""
    return uow.session.execute(
        select(func.max(QuestionVersion.version)).where(QuestionVersion.item_id == item_id)
    ).scalar_one()


def waiting_versions(uow: UnitOfWork) -> list[WaitingVersion]:
    """Return the versions that wait for a second person, the oldest first."""
    rows = uow.session.execute(
        select(VersionReview, QuestionVersion.body, QuestionItem.state)
        .join(
            QuestionVersion,
            (QuestionVersion.item_id == VersionReview.item_id)
            & (QuestionVersion.version == VersionReview.version),
        )
        .join(QuestionItem, QuestionItem.id == VersionReview.item_id)
        .where(VersionReview.state.in_(OPEN_REVIEWS))
        .order_by(VersionReview.written_at, VersionReview.id)
        .limit(WAITING_MAX)
    )
    return [
        WaitingVersion(
            review.item_id, review.version, ReviewState(review.state), item_from_json(body).stem, review.note,
            review.written_by, review.written_at, state == ItemState.DRAFT,
        )
        for review, body, state in rows
    ]  # fmt: skip


def waiting_count(uow: UnitOfWork) -> int:
    """Return how many versions wait for a second person."""
    return uow.session.execute(
        select(func.count()).select_from(VersionReview).where(VersionReview.state.in_(OPEN_REVIEWS))
    ).scalar_one()


def waiting_drafts(uow: UnitOfWork, batch_id: str, limit: int) -> list[tuple[str, int]]:
    """Return (item id, version) of questions of a file that wait for a second person, the oldest first."""
    rows = uow.session.execute(
        select(VersionReview.item_id, VersionReview.version)
        .join(QuestionItem, QuestionItem.id == VersionReview.item_id)
        .where(*_of_batch(batch_id))
        .order_by(VersionReview.written_at, VersionReview.id)
        .limit(limit)
    )
    return [(item_id, version) for item_id, version in rows]


def draft_count(uow: UnitOfWork, batch_id: str) -> int:
    """Return how many questions of a file wait for a second person."""
    return uow.session.execute(
        select(func.count())
        .select_from(VersionReview)
        .join(QuestionItem, QuestionItem.id == VersionReview.item_id)
        .where(*_of_batch(batch_id))
    ).scalar_one()


def lapsed_items(uow: UnitOfWork, today: date, limit: int = 200) -> list[str]:
    """Return the live items whose present version says that they end on or before a day."""
    rows = uow.session.scalars(
        select(QuestionItem.id)
        .join(QuestionVersion, CURRENT_VERSION)
        .where(QuestionVersion.retire_on <= today, QuestionItem.state == ItemState.APPROVED)
        .limit(limit)
    )
    return list(rows)


def _of_batch(batch_id: str) -> list[ColumnElement[bool]]:
    return [
        QuestionItem.import_batch_id == batch_id,
        QuestionItem.state == ItemState.DRAFT,
        VersionReview.state.in_(OPEN_REVIEWS),
    ]


def _version(row: QuestionVersion, review: VersionReview | None) -> Version:
    if review is None:
        return Version(row.version, _wording(row), row.created_at, row.created_by, None, "", None, None, None)
    return Version(
        row.version, _wording(row), row.created_at, review.written_by, ReviewState(review.state), review.note,
        review.reviewed_by, review.approved_by, review.decided_at,
    )  # fmt: skip


def _wording(row: QuestionVersion) -> Wording:
    return Wording(item_from_json(row.body), row.rule_version or "", row.retire_on)
