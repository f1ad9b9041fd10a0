"""Bringing the rows of a file into the bank: at once, or aside in small steps and then all together."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, CursorResult, delete, insert, literal, select, update

from lms.audit import service as audit
from lms.core.actors import Actor
from lms.core.bulk import insert_rows
from lms.core.errors import Reason, Refusal, stale
from lms.core.identifiers import new_ids
from lms.core.unit_of_work import UnitOfWork
from lms.questions import queries
from lms.questions.bodies import item_to_json, reasons_to_json
from lms.questions.events import ImportSettled
from lms.questions.models import ImportBatch, QuestionItem, QuestionVersion, StagedItem, VersionReview
from lms.questions.policy import (
    IMPORT,
    REMARK_MAX,
    REVIEW,
    STAGED_AT_ONCE,
    Arrival,
    ImportState,
    ItemState,
    Judgement,
    as_version,
    version_lost_reasons,
)
from lms.questions.queries import BatchFacts
from lms.questions.service.reading import findings
from lms.questions.service.reviews import write_version
from lms.questions.service.stock import renew_stock_mark
from question_bank.items import fingerprint_of_text

_STATE_OF: Mapping[Arrival, ItemState] = {
    Arrival.APPROVED: ItemState.APPROVED,
    Arrival.DRAFT: ItemState.DRAFT,
}


class StagedRow(NamedTuple):
    """A row as it is written aside, in the order of its table, its wording in the form in which the bank keeps it."""

    id: str
    batch_id: str
    version_id: str
    question_key: str
    fingerprint: str
    type: str
    area: str
    difficulty: str
    stem: str
    body: str


def staged_rows(batch_id: str, judgement: Judgement) -> list[StagedRow]:
    """Write the new rows of a file as the bank will keep them. Call it outside any transaction.

    Their ids rise in the order of the file, and so does a list of questions that came in together.
    """
    ids, version_ids = new_ids(len(judgement.new)), new_ids(len(judgement.new))
    rows = []
    for entry, key, item_id, version_id in zip(
        judgement.new, judgement.new_keys, ids, version_ids, strict=True
    ):
        item, body = entry.item, item_to_json(entry.item)
        rows.append(
            StagedRow(
                item_id, batch_id, version_id, key, fingerprint_of_text(body), item.type.value, item.area,
                item.difficulty.value, item.stem, body,
            )
        )  # fmt: skip
    return rows


def add_items(uow: UnitOfWork, actor: Actor, batch_id: str, judgement: Judgement) -> None:
    """Add the new rows of a file to the bank in the caller's transaction."""
    _write_aside(uow, staged_rows(batch_id, judgement))
    _publish(uow, batch_id, actor.person_id, Arrival.APPROVED)
    uow.session.execute(delete(StagedItem).where(StagedItem.batch_id == batch_id))


def steps_left(
    uow: UnitOfWork, batch_id: str, rows: Sequence[StagedRow]
) -> tuple[list[str], list[StagedRow]]:
    """Compare what is written aside with what should be: ids that no longer belong, and rows that lack.

    A job that was killed goes on from there.
    """
    staged = queries.staged_marks(uow, batch_id)
    wanted = {row.fingerprint for row in rows}
    return (
        [item_id for mark, item_id in staged.items() if mark not in wanted],
        [row for row in rows if row.fingerprint not in staged],
    )


def drop_staged(uow: UnitOfWork, item_ids: Sequence[str]) -> None:
    """Take rows away that were written aside."""
    for some in _in_steps(item_ids):
        uow.session.execute(delete(StagedItem).where(StagedItem.id.in_(some)))


def stage(uow: UnitOfWork, batch_id: str, rows: Sequence[StagedRow], done: int) -> None:
    """Write some rows aside, and how many there are now.

    Raises the refusal `stale` when the file is not being accepted any more.
    """
    result = uow.session.execute(
        update(ImportBatch)
        .where(ImportBatch.id == batch_id, ImportBatch.state == ImportState.ACCEPTING)
        .values(done=done)
    )
    assert isinstance(result, CursorResult)
    if result.rowcount != 1:
        raise stale()
    _write_aside(uow, rows)


def publish(uow: UnitOfWork, actor: Actor, batch_id: str, judgement: Judgement) -> int:
    """Copy all rows that are written aside into the bank, in one short transaction; return how many.

    They are taken away in small steps afterwards. Raises the refusal `stale`, and copies nothing, when they are not
    the rows that were judged, or somebody brought one of these questions in meanwhile; raises `VersionLost` when
    a row that was chosen to become a new version can no longer be one.
    """
    batch = queries.get_batch(uow, batch_id)
    count = len(judgement.new)
    audit.move(
        uow, actor, IMPORT, "accept", ImportBatch.state, batch_id, batch.state,
        changes={**findings(judgement), "added_count": count, "decided_at": uow.now, "done": count}, added=count,
        versions=len(judgement.versions),
    )  # fmt: skip
    if queries.drafted_meanwhile(uow, batch_id):
        raise stale()
    if _publish(uow, batch_id, batch.asked_by, batch.arrival) != count:
        raise stale()
    _write_versions(uow, replace(actor, person_id=batch.asked_by), batch, judgement)
    uow.record(ImportSettled(batch_id, batch.turn))
    return count


def stop(
    uow: UnitOfWork,
    actor: Actor,
    batch_id: str,
    reasons: Sequence[Reason],
    judgement: Judgement | None = None,
) -> None:
    """Give the accepting of a file up: nothing of it stays, and the file is open to a decision again.

    `judgement` is what the file turned out to hold by now, when it was judged at all.
    """
    batch = queries.get_batch(uow, batch_id)
    audit.move(
        uow, actor, IMPORT, "stop", ImportBatch.state, batch_id, batch.state,
        changes={**(findings(judgement) if judgement else {}), "troubles": reasons_to_json(reasons), "done": 0},
        codes=[reason.code for reason in reasons],
    )  # fmt: skip
    uow.session.execute(delete(StagedItem).where(StagedItem.batch_id == batch_id))
    uow.record(ImportSettled(batch_id, batch.turn))


def _write_aside(uow: UnitOfWork, rows: Sequence[StagedRow]) -> None:
    insert_rows(uow.session, StagedItem, rows)


class VersionLost(Refusal):
    """A row that was chosen to become a new version of a question can no longer be one."""

    code = "version_lost"


def _write_versions(uow: UnitOfWork, writer: Actor, batch: BatchFacts, judgement: Judgement) -> None:
    wanted = len(queries.version_rows(uow, batch.id))
    if wanted != len(judgement.versions):
        raise VersionLost(version_lost_reasons(0))
    for located, item_id in judgement.versions:
        before, _mark = queries.get_wording(uow, item_id, queries.get_item(uow, item_id).version)
        wording = replace(before, item=as_version(located.item, before.item))
        note = f"{batch.filename} · {located.sheet} {located.row}"[:REMARK_MAX]
        if queries.open_review(uow, item_id) is not None:
            raise VersionLost(version_lost_reasons(located.row))
        try:
            write_version(uow, writer, item_id, queries.last_version(uow, item_id), wording, note)
        except Refusal as refusal:
            raise VersionLost(version_lost_reasons(located.row)) from refusal


def _publish(uow: UnitOfWork, batch_id: str, author_id: str | None, arrival: Arrival) -> int:
    # Two or three statements and no row passes through Python: everybody's writes wait for this on SQLite.
    staged = StagedItem
    waiting = staged.batch_id == batch_id
    uow.session.execute(
        insert(QuestionItem).from_select(
            ["id", "state", "question_key", "fingerprint", "version", "type", "area", "difficulty", "stem",
             "import_batch_id", "created_at"],
            select(
                staged.id, literal(_STATE_OF[arrival].value), staged.question_key, staged.fingerprint, literal(1),
                staged.type, staged.area, staged.difficulty, staged.stem, staged.batch_id,
                literal(uow.now, QuestionItem.created_at.type),
            ).where(waiting),
        )
    )  # fmt: skip
    result = uow.session.execute(
        insert(QuestionVersion).from_select(
            ["id", "item_id", "version", "body", "fingerprint", "created_at", "created_by"],
            select(
                staged.version_id, staged.id, literal(1), staged.body, staged.fingerprint,
                literal(uow.now, QuestionVersion.created_at.type), literal(author_id, QuestionVersion.created_by.type),
            ).where(waiting),
        ),
        execution_options={"preserve_rowcount": True},
    )  # fmt: skip
    assert isinstance(result, CursorResult)
    if arrival is Arrival.DRAFT:
        _ask_for_review(uow, waiting, author_id)
    else:
        renew_stock_mark(uow)
    return result.rowcount


def _ask_for_review(uow: UnitOfWork, waiting: ColumnElement[bool], author_id: str | None) -> None:
    staged = StagedItem
    uow.session.execute(
        insert(VersionReview).from_select(
            ["id", "item_id", "version", "state", "written_by", "written_at", "note"],
            select(
                # An id of its own is not needed: nothing else in this table can have the version's.
                staged.version_id, staged.id, literal(1), literal(REVIEW.initial.value), literal(author_id or ""),
                literal(uow.now, VersionReview.written_at.type), literal(""),
            ).where(waiting),
        )
    )  # fmt: skip


def _in_steps(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(rows), STAGED_AT_ONCE):
        yield rows[start : start + STAGED_AT_ONCE]
