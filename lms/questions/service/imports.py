"""Taking files in: checked without writing, then accepted whole or put aside."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from lms.audit import service as audit
from lms.core.actors import Actor
from lms.core.errors import Invalid, Refusal, require, stale
from lms.core.identifiers import new_id
from lms.core.unit_of_work import UnitOfWork
from lms.questions import queries
from lms.questions.bodies import item_to_json, report_to_json
from lms.questions.models import ImportBatch, QuestionItem, QuestionVersion
from lms.questions.policy import (
    IMPORT,
    SHOWN_ROWS_MAX,
    ImportState,
    ItemState,
    Judgement,
    accept_reasons,
    judge,
    question_key,
    unreadable_reasons,
)
from question_bank.importing import ImportReport, LocatedItem, read_questions
from question_bank.items import fingerprint

FILENAME_MAX = 120


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did: how many items were added, were there before, or could not be taken (and why, in Chinese)."""

    batch_id: str
    added: int
    known: int
    faults: tuple[str, ...]


def read_file(filename: str, data: bytes, default_area: str | None = None) -> ImportReport:
    """Read an uploaded file. Call it outside any transaction: a long file takes a while.

    Raises Invalid when the file as a whole cannot be read.
    """
    report = read_questions(data, filename, default_area=default_area or None)
    unreadable = [fault for fault in report.faults if fault.row is None]
    if unreadable and not report.items:
        raise Invalid(unreadable_reasons(unreadable))
    return report


def check_file(
    uow: UnitOfWork,
    actor: Actor,
    filename: str,
    data: bytes,
    report: ImportReport,
    default_area: str | None = None,
) -> str:
    """Keep an uploaded file and what was found in it, without touching the bank; return the batch's id."""
    batch_id, _ = _new_batch(uow, actor, filename, data, report, default_area)
    return batch_id


def accept_batch(uow: UnitOfWork, actor: Actor, batch_id: str, report: ImportReport) -> int:
    """Add every good row of a checked file, or none; return how many were added.

    `report` is the stored file, read again by `read_file`. Accepting twice adds nothing and returns the
    first count.
    """
    batch = queries.get_batch(uow, batch_id)
    if batch.state is ImportState.ACCEPTED:
        return batch.added_count or 0
    judgement = _judge(uow, report)
    require(accept_reasons(len(judgement.new)), Refusal)
    return _accept(uow, actor, batch_id, judgement)


def discard_batch(uow: UnitOfWork, actor: Actor, batch_id: str) -> None:
    """Put a checked file aside; the bank stays as it is. Doing it twice is doing it once."""
    batch = queries.get_batch(uow, batch_id)
    if batch.state is ImportState.DISCARDED:
        return
    audit.move(
        uow,
        actor,
        IMPORT,
        "discard",
        ImportBatch.state,
        batch_id,
        batch.state,
        changes={"decided_at": uow.now},
    )


def import_questions(
    uow: UnitOfWork, actor: Actor, filename: str, data: bytes, *, default_area: str | None = None
) -> ImportResult:
    """Read a file and add its good rows in one go, for commands and the demo. The same file twice adds nothing.

    Raises Invalid when the file cannot be read at all.
    """
    report = read_file(filename, data, default_area)
    batch_id, judgement = _new_batch(uow, actor, filename, data, report, default_area)
    added = _accept(uow, actor, batch_id, judgement)
    faults = tuple(row.words.say() for row in judgement.rows if row.verdict in {"faulty", "contradicts"})
    return ImportResult(batch_id, added, judgement.known_count, faults)


def _judge(uow: UnitOfWork, report: ImportReport) -> Judgement:
    known = queries.known_items(uow, (question_key(located.item) for located in report.items))
    return judge(report, known)


def _new_batch(
    uow: UnitOfWork, actor: Actor, filename: str, data: bytes, report: ImportReport, default_area: str | None
) -> tuple[str, Judgement]:
    judgement = _judge(uow, report)
    batch = ImportBatch(
        id=new_id(), filename=_clean_name(filename), file_key=uow.storage.put(data), byte_count=len(data),
        default_area=default_area or None, new_count=len(judgement.new), known_count=judgement.known_count,
        fault_count=judgement.fault_count, report=report_to_json(judgement.rows[:SHOWN_ROWS_MAX], judgement.ignored),
        created_at=uow.now, created_by=actor.person_id,
    )  # fmt: skip
    uow.session.add(batch)
    uow.session.flush()
    audit.born(uow, actor, IMPORT, batch.id, file=batch.file_key)
    return batch.id, judgement


def _accept(uow: UnitOfWork, actor: Actor, batch_id: str, judgement: Judgement) -> int:
    _add_items(uow, actor, batch_id, judgement.new)
    audit.move(
        uow, actor, IMPORT, "accept", ImportBatch.state, batch_id, ImportState.CHECKED,
        changes={"added_count": len(judgement.new), "decided_at": uow.now}, added=len(judgement.new),
    )  # fmt: skip
    return len(judgement.new)


def _add_items(uow: UnitOfWork, actor: Actor, batch_id: str, located: Sequence[LocatedItem]) -> None:
    rows, versions = [], []
    for entry in located:
        item, item_id, mark = entry.item, new_id(), fingerprint(entry.item)
        rows.append(
            {
                "id": item_id, "state": ItemState.APPROVED, "question_key": question_key(item), "fingerprint": mark,
                "version": 1, "type": item.type, "area": item.area, "difficulty": item.difficulty, "stem": item.stem,
                "import_batch_id": batch_id, "created_at": uow.now,
            }
        )  # fmt: skip
        versions.append(
            {
                "id": new_id(), "item_id": item_id, "version": 1, "body": item_to_json(item), "fingerprint": mark,
                "created_at": uow.now, "created_by": actor.person_id,
            }
        )  # fmt: skip
    if not rows:
        return
    try:
        uow.session.execute(insert(QuestionItem), rows)
    except IntegrityError as error:
        # Somebody accepted the same questions a moment ago: all or nothing, so this attempt adds nothing.
        raise stale() from error
    uow.session.execute(insert(QuestionVersion), versions)


def _clean_name(filename: str) -> str:
    name = "".join(sign for sign in PurePath(filename.replace("\\", "/")).name if sign.isprintable())
    return (name or "题库")[-FILENAME_MAX:]
