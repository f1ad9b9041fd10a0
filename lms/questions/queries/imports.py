"""Reading uploaded files and what was found in them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from lms.core.errors import NotFound
from lms.core.unit_of_work import UnitOfWork
from lms.questions.bodies import report_from_json
from lms.questions.models import ImportBatch
from lms.questions.policy import ImportState, RowVerdict
from question_bank.phrases import Phrase


@dataclass(frozen=True, slots=True)
class BatchFacts:
    """One uploaded file and what was found in it."""

    id: str
    state: ImportState
    filename: str
    file_key: str
    byte_count: int
    default_area: str | None
    new_count: int
    known_count: int
    fault_count: int
    added_count: int | None
    rows: tuple[RowVerdict, ...]
    ignored: tuple[Phrase, ...]
    created_at: datetime
    decided_at: datetime | None


def get_batch(uow: UnitOfWork, batch_id: str) -> BatchFacts:
    """Return one uploaded file. Raises NotFound."""
    batch = uow.session.get(ImportBatch, batch_id)
    if batch is None:
        raise NotFound
    return _batch_facts(batch)


def batches(uow: UnitOfWork, limit: int = 20) -> list[BatchFacts]:
    """Return the latest uploaded files, newest first."""
    rows = uow.session.scalars(
        select(ImportBatch).order_by(ImportBatch.created_at.desc(), ImportBatch.id).limit(limit)
    )
    return [_batch_facts(batch) for batch in rows]


def _batch_facts(batch: ImportBatch) -> BatchFacts:
    rows, ignored = report_from_json(batch.report)
    return BatchFacts(
        batch.id, ImportState(batch.state), batch.filename, batch.file_key, batch.byte_count, batch.default_area,
        batch.new_count, batch.known_count, batch.fault_count, batch.added_count, rows, ignored, batch.created_at,
        batch.decided_at,
    )  # fmt: skip
