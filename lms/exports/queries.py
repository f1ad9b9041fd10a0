"""Reading exports. Everybody sees his own, and nobody another's."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from lms.core.actors import Actor
from lms.core.errors import NotFound
from lms.core.unit_of_work import UnitOfWork
from lms.exports.models import Export
from lms.exports.policy import (
    KEPT_FOR,
    KIND_NAMES,
    STALLED_AFTER,
    ExportKind,
    ExportState,
    Failure,
    FileFormat,
    format_of,
    kept_until,
)
from question_bank.phrases import Phrase, phrase_from_json

LIST_MAX = 50
_OPEN = (ExportState.WAITING, ExportState.RUNNING)


@dataclass(frozen=True, slots=True)
class ExportFacts:
    """One export as pages and jobs see it."""

    id: str
    kind: ExportKind
    format: FileFormat
    filters: dict[str, Any]
    described: tuple[Phrase, ...]
    purpose: str
    state: ExportState
    total: int
    done: int
    written: int | None
    file_key: str | None
    byte_count: int | None
    losses: tuple[Phrase, ...]
    failure: Failure | None
    person_id: str
    created_at: datetime
    finished_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether it is still being worked on."""
        return self.state in _OPEN

    @property
    def name(self) -> str:
        """What the file is called: a text to translate."""
        return KIND_NAMES[self.kind]

    @property
    def kept_until(self) -> datetime | None:
        """When the file is let go."""
        return kept_until(self.finished_at) if self.finished_at else None


def get_export(uow: UnitOfWork, export_id: str) -> ExportFacts:
    """Return an export for the job that writes it. Raises NotFound."""
    row = uow.session.get(Export, export_id)
    if row is None:
        raise NotFound
    return _facts(row)


def get_own_export(uow: UnitOfWork, actor: Actor, export_id: str) -> ExportFacts:
    """Return one of the actor's own exports. Raises NotFound, also for somebody else's (fault I2)."""
    facts = get_export(uow, export_id)
    if facts.person_id != actor.person_id:
        raise NotFound
    return facts


def own_exports(uow: UnitOfWork, actor: Actor) -> list[ExportFacts]:
    """Return what the actor asked for, the newest first."""
    rows = uow.session.scalars(
        select(Export)
        .where(Export.person_id == actor.person_id)
        .order_by(Export.created_at.desc(), Export.id)
        .limit(LIST_MAX)
    )
    return [_facts(row) for row in rows]


def has_open(uow: UnitOfWork, actor: Actor, kind: ExportKind) -> bool:
    """Tell whether the actor waits for a file of this kind already."""
    found = uow.session.scalar(
        select(Export.id).where(
            Export.person_id == actor.person_id, Export.kind == kind, Export.state.in_(_OPEN)
        )
    )
    return found is not None


def stalled(uow: UnitOfWork, limit: int = 100) -> list[ExportFacts]:
    """Return exports that nobody has got on with for longer than all tries of a job take."""
    rows = uow.session.scalars(
        select(Export)
        .where(Export.state.in_(_OPEN), Export.touched_at < uow.now - STALLED_AFTER)
        .limit(limit)
    )
    return [_facts(row) for row in rows]


def spent(uow: UnitOfWork, limit: int = 100) -> list[ExportFacts]:
    """Return finished exports whose file has been kept long enough."""
    rows = uow.session.scalars(
        select(Export)
        .where(Export.state == ExportState.DONE, Export.finished_at < uow.now - KEPT_FOR)
        .limit(limit)
    )
    return [_facts(row) for row in rows]


def _facts(row: Export) -> ExportFacts:
    return ExportFacts(
        row.id, ExportKind(row.kind), format_of(row.format), json.loads(row.filters), _phrases(row.described),
        row.purpose, ExportState(row.state), row.total, row.done, row.written, row.file_key, row.byte_count,
        _phrases(row.losses), Failure(row.failure) if row.failure else None, row.person_id, row.created_at,
        row.finished_at,
    )  # fmt: skip


def _phrases(body: str) -> tuple[Phrase, ...]:
    return tuple(phrase_from_json(one) for one in json.loads(body))
