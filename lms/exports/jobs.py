"""Writing exports: the way from a wish to a stored file, the same for every kind."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime

from lms.accounts.queries import actor_of
from lms.core.actors import Actor
from lms.core.jobs import Handler
from lms.core.unit_of_work import Runtime
from lms.exports import queries, service
from lms.exports.policy import ExportKind, Failure
from lms.exports.queries import ExportFacts
from lms.exports.service import SEAL, Written

WRITER = Actor.system("exports.write")
SWEEPER = Actor.system("exports.sweep")

Tell = Callable[[int], None]
"""Tells how many rows were taken up so far."""
Writer = Callable[[Runtime, ExportFacts, Actor, Tell], Written]
"""Makes the bytes of an export for its holder: opens its own reads, and keeps none open while it writes."""

log = logging.getLogger(__name__)


def writing(writers: Mapping[ExportKind, Writer]) -> Handler:
    """Return the job that writes an export by the writer of its kind; it may run twice."""

    def write(runtime: Runtime, *, export_id: str, now: datetime | None = None) -> None:
        with runtime.write(now) as uow:
            holder = actor_of(uow, queries.get_export(uow, export_id).person_id)
            export = service.begin(uow, WRITER, holder, export_id)
        if export is None:
            return

        def tell(done: int) -> None:
            with runtime.write(now) as uow:
                service.get_on(uow, export_id, done)

        _keep(runtime, export_id, writers[export.kind](runtime, export, holder, tell), now)

    return write


def _keep(runtime: Runtime, export_id: str, written: Written, now: datetime | None) -> None:
    """Store the file, then name it: sealed, so that its bytes are like no other file's and can be removed."""
    file_key = runtime.storage.put(runtime.vault.seal_bytes(written.data, SEAL))
    with runtime.write(now) as uow:
        is_taken = service.deliver(uow, WRITER, export_id, file_key, written)
    if not is_taken:
        runtime.storage.remove(file_key)


def sweep_stalled(runtime: Runtime) -> None:
    """Give up what no job gets on with any more, so that its card says so and another can be asked for."""
    with runtime.read() as uow:
        found = queries.stalled(uow)
    for export in found:
        log.warning("export %s has stalled", export.id)
        with runtime.write() as uow:
            service.fail(uow, SWEEPER, export.id, Failure.STALLED)


def sweep_spent(runtime: Runtime) -> None:
    """Let go of files that were kept long enough: the row first, so that no row ever names a missing file."""
    with runtime.read() as uow:
        found = queries.spent(uow)
    for export in found:
        with runtime.write() as uow:
            service.let_go(uow, SWEEPER, export.id)
        if export.file_key:
            runtime.storage.remove(export.file_key)
