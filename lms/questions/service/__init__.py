"""What is done to the bank: importing, retiring, keeping blueprints."""

from lms.questions.service.blueprints import ensure_blueprint
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

__all__ = [
    "ImportResult",
    "accept_batch",
    "check_file",
    "discard_batch",
    "ensure_blueprint",
    "import_questions",
    "read_file",
    "reinstate_item",
    "request_export",
    "retire_item",
]
