"""Reading uploaded files, what was found in them, and how far work on them is."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select

from lms.core import outbox
from lms.core.errors import NotFound, Reason
from lms.core.unit_of_work import UnitOfWork
from lms.questions.bodies import reasons_from_json, report_from_json, sample_from_json
from lms.questions.models import ImportBatch, QuestionItem, StagedItem, VersionReview
from lms.questions.policy import (
    OPEN_REVIEWS,
    UNDER_WAY,
    Arrival,
    Decision,
    ImportState,
    ItemState,
    RowVerdict,
)
from question_bank.importing import LocatedItem, Profile, SheetColumns, columns_from_json, profile_from_json
from question_bank.items import Difficulty
from question_bank.phrases import Phrase


@dataclass(frozen=True, slots=True)
class BatchLine:
    """One line of the list of uploaded files."""

    id: str
    state: ImportState
    filename: str
    new_count: int
    known_count: int
    fault_count: int
    added_count: int | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class BatchFacts:
    """One uploaded file, what was found in it, and how far the work on it is."""

    id: str
    state: ImportState
    turn: int
    filename: str
    file_key: str
    byte_count: int
    default_area: str | None
    default_difficulty: Difficulty | None
    columns: SheetColumns | None
    profile: Profile | None
    profile_name: str | None
    new_count: int
    known_count: int
    fault_count: int
    alike_count: int
    rest_decision: Decision
    arrival: Arrival
    added_count: int | None
    rows: tuple[RowVerdict, ...]
    ignored: tuple[Phrase, ...]
    sample: tuple[LocatedItem, ...]
    troubles: tuple[Reason, ...]
    annotated_key: str | None
    done: int
    total: int | None
    asked_by: str | None
    asked_at: datetime | None
    started_at: datetime | None
    created_at: datetime
    decided_at: datetime | None


def get_batch(uow: UnitOfWork, batch_id: str) -> BatchFacts:
    """Return one uploaded file. Raises NotFound."""
    batch = uow.session.get(ImportBatch, batch_id)
    if batch is None:
        raise NotFound
    rows, ignored = report_from_json(batch.report)
    return BatchFacts(
        batch.id, ImportState(batch.state), batch.turn, batch.filename, batch.file_key, batch.byte_count,
        batch.default_area, Difficulty(batch.default_difficulty) if batch.default_difficulty else None,
        columns_from_json(json.loads(batch.columns)) if batch.columns else None,
        profile_from_json(json.loads(batch.profile)) if batch.profile else None, batch.profile_name,
        batch.new_count, batch.known_count, batch.fault_count, batch.alike_count,
        Decision(batch.rest_decision), Arrival(batch.arrival), batch.added_count, rows, ignored,
        sample_from_json(batch.sample), reasons_from_json(batch.troubles), batch.annotated_key, batch.done,
        batch.total, batch.asked_by, batch.asked_at, batch.started_at, batch.created_at, batch.decided_at,
    )  # fmt: skip


def batches(uow: UnitOfWork, limit: int = 20) -> list[BatchLine]:
    """Return the latest uploaded files, newest first."""
    rows = uow.session.execute(
        select(
            ImportBatch.id, ImportBatch.state, ImportBatch.filename, ImportBatch.new_count, ImportBatch.known_count,
            ImportBatch.fault_count, ImportBatch.added_count, ImportBatch.created_at,
        )
        .order_by(ImportBatch.created_at.desc(), ImportBatch.id)
        .limit(limit)
    )  # fmt: skip
    return [BatchLine(row.id, ImportState(row.state), *row[2:]) for row in rows]


def staged_marks(uow: UnitOfWork, batch_id: str) -> dict[str, str]:
    """Return fingerprint -> id of the rows of a file that are written aside."""
    rows = uow.session.execute(
        select(StagedItem.fingerprint, StagedItem.id).where(StagedItem.batch_id == batch_id)
    )
    return {fingerprint: item_id for fingerprint, item_id in rows}  # noqa: C416 - a Row is no pair for dict()


def drafted_meanwhile(uow: UnitOfWork, batch_id: str) -> bool:
    """Tell whether a row that is written aside has come in as a draft since; the index of live ones knows no drafts."""
    found = uow.session.execute(
        select(QuestionItem.id)
        .join(StagedItem, StagedItem.question_key == QuestionItem.question_key)
        .where(
            StagedItem.batch_id == batch_id,
            QuestionItem.state == ItemState.DRAFT,
            exists().where(VersionReview.item_id == QuestionItem.id, VersionReview.state.in_(OPEN_REVIEWS)),
        )
        .limit(1)
    )
    return found.first() is not None


def leftovers(uow: UnitOfWork) -> list[str]:
    """Return the files that are not being accepted and still have rows written aside."""
    return list(
        uow.session.scalars(
            select(ImportBatch.id).where(
                ImportBatch.state != ImportState.ACCEPTING,
                exists().where(StagedItem.batch_id == ImportBatch.id),
            )
        )
    )


def given_up(uow: UnitOfWork) -> list[BatchFacts]:
    """Return the files whose work has become a dead letter: nobody will finish it by himself."""
    rows = uow.session.execute(
        select(ImportBatch.id, ImportBatch.state, ImportBatch.turn).where(ImportBatch.state.in_(UNDER_WAY))
    )
    return [
        get_batch(uow, row.id)
        for row in rows
        if outbox.is_dead(uow.session, f"{JOB_OF[ImportState(row.state)]}:{row.id}-{row.turn}")
    ]


JOB_OF = {ImportState.WAITING: "questions.check_import", ImportState.ACCEPTING: "questions.accept_import"}
"""The job that works on a file in a state; `lms.app.reactions` says the same names."""
