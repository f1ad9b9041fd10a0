"""What is done with exports: asking, getting on, delivering, giving up, letting go."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import update

from lms.audit import service as audit
from lms.core.actors import Actor
from lms.core.errors import Refusal, require
from lms.core.identifiers import new_id
from lms.core.unit_of_work import UnitOfWork
from lms.exports import queries
from lms.exports.events import ExportEnded, ExportRequested
from lms.exports.models import Export
from lms.exports.policy import (
    EXPORT,
    ExportKind,
    ExportState,
    Failure,
    FileFormat,
    fetch_reasons,
    holder_reasons,
    request_reasons,
)
from lms.exports.queries import ExportFacts
from question_bank.phrases import Phrase

SEAL = "export:file"
"""Context of the seal that stored files carry."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants written: rows of a kind, narrowed by filters, in a format, for a purpose."""

    kind: ExportKind
    format: FileFormat
    filters: Mapping[str, str]
    described: Sequence[Phrase]
    total: int
    purpose: str


@dataclass(frozen=True, slots=True)
class Written:
    """What a writer made: the bytes, how many rows are in them, and what the format could not carry."""

    data: bytes
    count: int
    losses: Sequence[Phrase] = ()


def request_export(uow: UnitOfWork, actor: Actor, wish: Wish) -> str:
    """Keep a wish and the job that fulfils it, in one transaction; return the export's id.

    Raises Refusal with every reason why not.
    """
    has_open = queries.has_open(uow, actor, wish.kind)
    require(request_reasons(wish.kind, actor, wish.total, wish.purpose, has_open=has_open), Refusal)
    export_id = new_id()
    uow.session.add(
        Export(
            id=export_id, kind=wish.kind, format=wish.format, state=EXPORT.initial, total=wish.total,
            filters=json.dumps(dict(wish.filters), ensure_ascii=False), described=_to_json(wish.described),
            purpose=wish.purpose.strip(), person_id=actor.person_id or "", created_at=uow.now, touched_at=uow.now,
        )
    )  # fmt: skip
    uow.session.flush()
    # The filters' values may be somebody's name, so the record names the filters alone (fault G1).
    narrowed = sorted(name for name, value in wish.filters.items() if value)
    audit.born(
        uow, actor, EXPORT, export_id, remark=wish.purpose.strip(), kind=wish.kind, format=wish.format,
        total=wish.total, narrowed=narrowed,
    )  # fmt: skip
    uow.record(ExportRequested(export_id))
    return export_id


def begin(uow: UnitOfWork, job: Actor, holder: Actor, export_id: str) -> ExportFacts | None:
    """Take an export in hand and return it, also one that a killed try began; None when nothing is left to do.

    When its holder has lost the role meanwhile, it ends there.
    """
    facts = queries.get_export(uow, export_id)
    if not facts.is_open:
        return None
    if holder_reasons(facts.kind, holder):
        fail(uow, job, export_id, Failure.ROLE_LOST)
        return None
    if facts.state is ExportState.WAITING:
        _move(uow, job, "begin", facts, {"done": 0})
    return facts


def get_on(uow: UnitOfWork, export_id: str, done: int) -> None:
    """Note how many rows were taken up so far."""
    uow.session.execute(
        update(Export)
        .where(Export.id == export_id, Export.state == ExportState.RUNNING, Export.total >= done)
        .values(done=done, touched_at=uow.now)
    )


def deliver(uow: UnitOfWork, job: Actor, export_id: str, file_key: str, written: Written) -> bool:
    """Name the stored file; False when somebody else's try was faster, whose file stands."""
    facts = queries.get_export(uow, export_id)
    if facts.state is not ExportState.RUNNING:
        return False
    changes = {
        "file_key": file_key, "byte_count": len(written.data), "written": written.count, "done": facts.total,
        "losses": _to_json(written.losses), "finished_at": uow.now,
    }  # fmt: skip
    _move(uow, job, "deliver", facts, changes, written=written.count)
    uow.record(ExportEnded(export_id, facts.person_id, "done"))
    return True


def fail(uow: UnitOfWork, job: Actor, export_id: str, failure: Failure) -> None:
    """Give an export up and say why; one that has ended stays as it is."""
    facts = queries.get_export(uow, export_id)
    if facts.is_open:
        _move(uow, job, "fail", facts, {"failure": failure, "finished_at": uow.now}, failure=failure)
        uow.record(ExportEnded(export_id, facts.person_id, "failed"))


def ask_again(uow: UnitOfWork, actor: Actor, export_id: str) -> None:
    """Have a file written that was given up. Raises Refusal when the role is lost or another one is being written."""
    facts = queries.get_own_export(uow, actor, export_id)
    has_open = queries.has_open(uow, actor, facts.kind)
    require(request_reasons(facts.kind, actor, facts.total, facts.purpose, has_open=has_open), Refusal)
    _move(uow, actor, "again", facts, {"failure": None, "finished_at": None, "done": 0})
    uow.record(ExportRequested(export_id))


def fetch(uow: UnitOfWork, actor: Actor, export_id: str) -> ExportFacts:
    """Write down that somebody takes his file, and return where it lies. Raises Refusal."""
    facts = queries.get_own_export(uow, actor, export_id)
    require(fetch_reasons(facts.kind, facts.state, actor), Refusal)
    audit.record(uow, actor, "export:fetch", export_id, kind=facts.kind)
    return facts


def let_go(uow: UnitOfWork, job: Actor, export_id: str) -> None:
    """Drop the name of a file that was kept long enough; whoever calls removes the file after the commit."""
    facts = queries.get_export(uow, export_id)
    if facts.state is ExportState.DONE:
        _move(uow, job, "let_go", facts, {"file_key": None})


def _move(
    uow: UnitOfWork, actor: Actor, verb: str, facts: ExportFacts, changes: Mapping[str, Any], **detail: Any
) -> None:  # fmt: skip
    audit.move(
        uow, actor, EXPORT, verb, Export.state, facts.id, facts.state,
        changes={**changes, "touched_at": uow.now}, **detail,
    )  # fmt: skip


def _to_json(phrases: Sequence[Phrase]) -> str:
    return json.dumps([one.to_json() for one in phrases], ensure_ascii=False)
