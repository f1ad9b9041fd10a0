"""Writing the registry's list into a file that a registrar asked for."""

from lms.core.actors import Actor
from lms.core.unit_of_work import Runtime
from lms.exports.jobs import Tell
from lms.exports.queries import ExportFacts
from lms.exports.service import Written
from lms.registry import workbook
from lms.registry.policy import EntryStanding
from lms.registry.queries import EntryFacts, entries_by_id
from lms.registry.search_queries import EntryFilter, matching_ids

CHUNK = 500
"""How many entries one read takes."""


def write_entries(runtime: Runtime, export: ExportFacts, holder: Actor, tell: Tell) -> Written:
    """Gather the filtered entries within the scope that the holder has now, and write them."""
    with runtime.read() as uow:
        ids, now = matching_ids(uow, holder, EntryFilter(**export.filters)), uow.now
    rows: list[tuple[EntryFacts, EntryStanding]] = []
    for start in range(0, len(ids), CHUNK):
        with runtime.read() as uow:
            rows += [(entry, entry.standing(now)) for entry in entries_by_id(uow, ids[start : start + CHUNK])]
        tell(len(rows))
    return Written(workbook.write_entries(rows), len(rows))
