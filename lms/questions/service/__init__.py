"""What is done to the bank: importing, retiring, keeping blueprints."""

from lms.questions.service.blueprints import ensure_blueprint
from lms.questions.service.bulk import change_items
from lms.questions.service.exports import request_export
from lms.questions.service.imports import (
    ImportResult,
    accept_batch,
    check_file,
    discard_batch,
    import_questions,
    read_file,
)
from lms.questions.service.items import reinstate_item, retire_item
from lms.questions.service.reviews import (
    approve_version,
    decline_version,
    retire_lapsed,
    review_version,
    withdraw_version,
    write_item,
    write_version,
)
from lms.questions.service.texts import index_items, keep_texts

__all__ = [
    "ImportResult",
    "accept_batch",
    "approve_version",
    "change_items",
    "check_file",
    "decline_version",
    "discard_batch",
    "ensure_blueprint",
    "import_questions",
    "index_items",
    "keep_texts",
    "read_file",
    "reinstate_item",
    "request_export",
    "retire_item",
    "retire_lapsed",
    "review_version",
    "withdraw_version",
    "write_item",
    "write_version",
]
