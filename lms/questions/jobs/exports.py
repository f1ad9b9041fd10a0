"""Writing questions into a file that somebody asked for."""

from lms.core.actors import Actor
from lms.core.unit_of_work import Runtime
from lms.exports.jobs import Tell
from lms.exports.queries import ExportFacts
from lms.exports.service import Written
from lms.questions import queries
from lms.questions.policy import ItemFilter
from question_bank.exporting import ExportFormat, export_items, summary
from question_bank.items import Item

CHUNK = 500
"""How many items one read takes: no transaction stays open while a long bank is gathered."""


def write_questions(runtime: Runtime, export: ExportFacts, _holder: Actor, tell: Tell) -> Written:
    """Gather the filtered items in their present wording, in the order of the list, and write them."""
    with runtime.read() as uow:
        ids = queries.matching_ids(uow, ItemFilter.of(export.filters))
    items: list[Item] = []
    for start in range(0, len(ids), CHUNK):
        some = ids[start : start + CHUNK]
        with runtime.read() as uow:
            found = queries.items_by_id(uow, some)
        items += [found[item_id] for item_id in some]
        tell(len(items))
    assert isinstance(export.format, ExportFormat), "questions are asked for in a format of questions"
    written = export_items(items, export.format)
    return Written(written.data, written.count, summary(written.losses))
