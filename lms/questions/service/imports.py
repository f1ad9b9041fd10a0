"""Taking files in: stored at once, checked by a job without writing, then accepted whole or put aside."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from sqlalchemy import update

from lms.audit import service as audit
from lms.core.actors import Actor
from lms.core.errors import Conflict, Invalid, Reason, Refusal, require, stale
from lms.core.identifiers import new_id
from lms.core.unit_of_work import UnitOfWork
from lms.questions import queries
from lms.questions.bodies import reasons_to_json
from lms.questions.events import ImportConfirmed, ImportSettled, ImportUploaded
from lms.questions.models import ImportBatch
from lms.questions.pictures import store_pictures, tie_pictures
from lms.questions.policy import (
    IMPORT,
    Arrival,
    ImportState,
    Judgement,
    LikenessSearch,
    accept_reasons,
    arrival_reasons,
    arrivals,
    recheck_reasons,
    unreadable_reasons,
    upload_reasons,
)
from lms.questions.service.pairs import keep_pairs
from lms.questions.service.reading import ReadingChoices, choices_of, findings, judge_report, read_file
from lms.questions.service.staging import add_items
from question_bank.importing import ImportReport, whole_file_fault

FILENAME_MAX = 120


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did: how many items were added, were there before, or could not be taken (and why, in Chinese)."""

    batch_id: str
    added: int
    known: int
    faults: tuple[str, ...]


def refuse_upload(data: bytes) -> None:
    """Raise Invalid for what is seen without reading a file: empty, too large, or a format that is not read."""
    require(upload_reasons(len(data)), Invalid)
    fault = whole_file_fault(data)
    if fault is not None:
        raise Invalid(unreadable_reasons([fault]))


def upload(
    uow: UnitOfWork, actor: Actor, filename: str, file_key: str, byte_count: int, choices: ReadingChoices
) -> str:
    """Take a file that is stored already, and ask for its check; return the batch's id."""
    batch_id = _new_batch(uow, actor, filename, file_key, byte_count, choices)
    uow.record(ImportUploaded(batch_id, 1))
    return batch_id


def check_again(
    uow: UnitOfWork,
    actor: Actor,
    batch_id: str,
    choices: ReadingChoices | None = None,
    profile_name: str | None = None,
) -> None:
    """Ask for another check of a file that is not decided, with other settings or because the first one stopped.

    `profile_name` is the name of the saved profile that the settings come from, if they do.
    """
    batch = queries.get_batch(uow, batch_id)
    require(recheck_reasons(batch.state), Conflict)
    chosen = choices or choices_of(batch)
    turn = batch.turn + 1
    audit.move(
        uow, actor, IMPORT, "check_again", ImportBatch.state, batch_id, batch.state,
        changes={**_asked(uow, actor, turn), "default_area": chosen.default_area,
                 "default_difficulty": chosen.default_difficulty,
                 "profile": json.dumps(chosen.profile.to_json(), ensure_ascii=False) if chosen.profile else None,
                 "profile_name": profile_name if choices else batch.profile_name},
    )  # fmt: skip
    uow.record(ImportUploaded(batch_id, turn))


def begin_work(uow: UnitOfWork, batch_id: str, turn: int) -> None:
    """Write down that a worker has taken the work up, for the page that waits."""
    uow.session.execute(
        update(ImportBatch)
        .where(ImportBatch.id == batch_id, ImportBatch.turn == turn, ImportBatch.started_at.is_(None))
        .values(started_at=uow.now)
    )


def note_progress(uow: UnitOfWork, batch_id: str, turn: int, done: int, total: int) -> None:
    """Write down how many rows of a file are read, for the page that waits."""
    uow.session.execute(
        update(ImportBatch)
        .where(ImportBatch.id == batch_id, ImportBatch.turn == turn, ImportBatch.state == ImportState.WAITING)
        .values(done=min(done, total), total=total)
    )


def finish_check(
    uow: UnitOfWork, actor: Actor, batch_id: str, judgement: Judgement, annotated_key: str | None = None
) -> None:
    """Keep what was found in a file, and the stored workbook that says so, without touching the bank."""
    batch = queries.get_batch(uow, batch_id)
    audit.move(
        uow, actor, IMPORT, "check", ImportBatch.state, batch_id, batch.state,
        changes={**findings(judgement), "annotated_key": annotated_key},
        new=len(judgement.new), faulty=judgement.fault_count, alike=judgement.alike_count,
    )  # fmt: skip
    keep_pairs(uow, batch_id, judgement)
    uow.record(ImportSettled(batch_id, batch.turn))


def fail_check(uow: UnitOfWork, actor: Actor, batch_id: str, reasons: Sequence[Reason]) -> None:
    """Keep why a file could not be checked; the person may check it again or put it aside."""
    batch = queries.get_batch(uow, batch_id)
    audit.move(
        uow, actor, IMPORT, "fail", ImportBatch.state, batch_id, batch.state,
        changes={"troubles": reasons_to_json(reasons)}, codes=[reason.code for reason in reasons],
    )  # fmt: skip
    uow.record(ImportSettled(batch_id, batch.turn))


def confirm(
    uow: UnitOfWork,
    actor: Actor,
    batch_id: str,
    arrival: Arrival | None = None,
    *,
    review_required: bool = False,
) -> None:
    """Decide that the good rows of a checked file come in; a job brings them. Doing it twice is doing it once.

    `arrival` is the state the new questions come in with, the site's usual one when nobody says.
    """
    batch = queries.get_batch(uow, batch_id)
    if batch.state in {ImportState.ACCEPTING, ImportState.ACCEPTED}:
        return
    if not IMPORT.allows("confirm", batch.state):
        raise stale()
    versions = len(queries.version_rows(uow, batch_id))
    require(accept_reasons(batch.new_count, versions), Refusal)
    arrival = arrival or arrivals(review_required=review_required)[0]
    require(arrival_reasons(arrival, batch.new_count, review_required=review_required), Invalid)
    turn = batch.turn + 1
    audit.move(
        uow, actor, IMPORT, "confirm", ImportBatch.state, batch_id, batch.state,
        changes={**_asked(uow, actor, turn), "arrival": arrival}, new=batch.new_count, versions=versions,
        arrival=arrival,
    )  # fmt: skip
    uow.record(ImportConfirmed(batch_id, turn))


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
    choices = ReadingChoices(default_area or None)
    report = read_file(filename, data, choices)
    batch_id, judgement = check_at_once(uow, actor, filename, data, report, choices)
    add_items(uow, actor, batch_id, judgement)
    tie_pictures(uow, batch_id, store_pictures(uow.storage, report, judgement.new))
    audit.move(
        uow, actor, IMPORT, "accept", ImportBatch.state, batch_id, ImportState.CHECKED,
        changes={"added_count": len(judgement.new), "decided_at": uow.now}, added=len(judgement.new),
    )  # fmt: skip
    faults = tuple(row.words.say() for row in judgement.rows if row.verdict in {"faulty", "contradicts"})
    return ImportResult(batch_id, len(judgement.new), judgement.known_count, faults)


def check_at_once(
    uow: UnitOfWork,
    actor: Actor,
    filename: str,
    data: bytes,
    report: ImportReport,
    choices: ReadingChoices | None = None,
    *,
    with_pairs: bool = False,
) -> tuple[str, Judgement]:
    """Keep a file that was read already and what was found in it; return the batch's id and the findings.

    With pairs, rows that look like another question wait for a person; else they come in with the others.
    """
    batch_id = _new_batch(uow, actor, filename, uow.storage.put(data), len(data), choices or ReadingChoices())
    search = LikenessSearch(report.items if with_pairs else ())
    search.compare(queries.stems(uow) if with_pairs else ())
    judgement = judge_report(uow, report, search.pairs(queries.items_by_id(uow, search.wanted)))
    audit.move(
        uow, actor, IMPORT, "check", ImportBatch.state, batch_id, ImportState.WAITING, changes=findings(judgement),
        new=len(judgement.new), faulty=judgement.fault_count, alike=judgement.alike_count,
    )  # fmt: skip
    if with_pairs:
        keep_pairs(uow, batch_id, judgement)
    return batch_id, judgement


def _new_batch(
    uow: UnitOfWork, actor: Actor, filename: str, file_key: str, byte_count: int, choices: ReadingChoices
) -> str:
    batch = ImportBatch(
        id=new_id(), filename=_clean_name(filename), file_key=file_key, byte_count=byte_count,
        default_area=choices.default_area or None, default_difficulty=choices.default_difficulty,
        created_at=uow.now, created_by=actor.person_id, asked_at=uow.now, asked_by=actor.person_id,
    )  # fmt: skip
    uow.session.add(batch)
    uow.session.flush()
    audit.born(uow, actor, IMPORT, batch.id, file=batch.file_key)
    return batch.id


def _asked(uow: UnitOfWork, actor: Actor, turn: int) -> dict[str, object]:
    """Return what changes when work on a file is asked for."""
    return {
        "turn": turn, "asked_at": uow.now, "asked_by": actor.person_id, "started_at": None, "done": 0, "total": None,
        "troubles": reasons_to_json(()),
    }  # fmt: skip


def _clean_name(filename: str) -> str:
    name = "".join(sign for sign in PurePath(filename.replace("\\", "/")).name if sign.isprintable())
    return (name or "题库")[-FILENAME_MAX:]
