"""Bringing the rows of a file into the bank: at once, or aside in small steps and then all together."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import CursorResult, delete, insert, literal, select, update

from lms.audit import service as audit
from lms.core.actors import Actor
from lms.core.bulk import insert_rows
from lms.core.errors import Reason, stale
from lms.core.identifiers import new_ids
from lms.core.unit_of_work import UnitOfWork
from lms.questions import queries
from lms.questions.bodies import item_to_json, reasons_to_json
from lms.questions.events import ImportSettled
from lms.questions.models import ImportBatch, QuestionItem, QuestionVersion, StagedItem
from lms.questions.policy import IMPORT, STAGED_AT_ONCE, ImportState, ItemState, Judgement
from lms.questions.service.reading import findings
from lms.questions.service.stock import renew_stock_mark
from question_bank.items import fingerprint_of_text


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
    _publish(uow, batch_id, actor.person_id)
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
    the rows that were judged, or somebody brought one of these questions in meanwhile.
    """
    batch = queries.get_batch(uow, batch_id)
    count = len(judgement.new)
    audit.move(
        uow, actor, IMPORT, "accept", ImportBatch.state, batch_id, batch.state,
        changes={**findings(judgement), "added_count": count, "decided_at": uow.now, "done": count}, added=count,
    )  # fmt: skip
    if _publish(uow, batch_id, batch.asked_by) != count:
        raise stale()
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


def _publish(uow: UnitOfWork, batch_id: str, author_id: str | None) -> int:
    # Two statements and no row passes through Python: everybody's writes wait for this on SQLite.
    staged = StagedItem
    waiting = staged.batch_id == batch_id
    uow.session.execute(
        insert(QuestionItem).from_select(
            ["id", "state", "question_key", "fingerprint", "version", "type", "area", "difficulty", "stem",
             "import_batch_id", "created_at"],
            select(
                staged.id, literal(ItemState.APPROVED.value), staged.question_key, staged.fingerprint, literal(1),
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
    renew_stock_mark(uow)
    return result.rowcount


def _in_steps(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(rows), STAGED_AT_ONCE):
        yield rows[start : start + STAGED_AT_ONCE]
