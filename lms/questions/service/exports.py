"""Taking questions out of the bank as a file."""

from lms.core.actors import Actor
from lms.core.unit_of_work import UnitOfWork
from lms.exports import service as exports
from lms.exports.policy import ExportKind
from lms.exports.service import Wish
from lms.questions import queries
from lms.questions.policy import ItemFilter
from question_bank.exporting import ExportFormat


def request_export(
    uow: UnitOfWork, actor: Actor, wanted: ItemFilter, format_: ExportFormat, purpose: str
) -> str:
    """Ask for the filtered items as a file; return the export's id. Raises Refusal."""
    wish = Wish(
        ExportKind.BANK, format_, wanted.as_values(), wanted.described(), queries.matching_count(uow, wanted), purpose
    )  # fmt: skip
    return exports.request_export(uow, actor, wish)
