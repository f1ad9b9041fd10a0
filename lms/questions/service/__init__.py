"""What is done to the bank: importing, retiring, keeping blueprints."""

from lms.questions.service.blueprints import (
    create_blueprint,
    discard_blueprint,
    edit_blueprint,
    ensure_blueprint,
    publish_blueprint,
    retire_blueprint,
)
from lms.questions.service.bulk import change_items
from lms.questions.service.exports import request_export
from lms.questions.service.imports import (
    ImportResult,
    begin_work,
    check_again,
    check_at_once,
    confirm,
    discard_batch,
    fail_check,
    finish_check,
    import_questions,
    note_progress,
    refuse_upload,
    upload,
)
from lms.questions.service.items import reinstate_item, retire_item
from lms.questions.service.mappings import (
    delete_profile,
    map_columns,
    note_columns,
    rename_profile,
    use_profile,
)
from lms.questions.service.pairs import alike_as_kept, decide_pair, decide_rest
from lms.questions.service.reading import ReadingChoices, choices_of, judge_report, read_file
from lms.questions.service.reviews import (
    approve_drafts,
    approve_version,
    decline_version,
    retire_lapsed,
    review_version,
    withdraw_version,
    write_item,
    write_version,
)
from lms.questions.service.staging import VersionLost, drop_staged, publish, stage, steps_left, stop
from lms.questions.service.texts import index_items, keep_texts

__all__ = [
    "ImportResult",
    "ReadingChoices",
    "VersionLost",
    "alike_as_kept",
    "approve_drafts",
    "approve_version",
    "begin_work",
    "change_items",
    "check_again",
    "check_at_once",
    "choices_of",
    "confirm",
    "create_blueprint",
    "decide_pair",
    "decide_rest",
    "decline_version",
    "delete_profile",
    "discard_batch",
    "discard_blueprint",
    "drop_staged",
    "edit_blueprint",
    "ensure_blueprint",
    "fail_check",
    "finish_check",
    "import_questions",
    "index_items",
    "judge_report",
    "keep_texts",
    "map_columns",
    "note_columns",
    "note_progress",
    "publish",
    "publish_blueprint",
    "read_file",
    "refuse_upload",
    "reinstate_item",
    "rename_profile",
    "request_export",
    "retire_blueprint",
    "retire_item",
    "retire_lapsed",
    "review_version",
    "stage",
    "steps_left",
    "stop",
    "upload",
    "use_profile",
    "withdraw_version",
    "write_item",
    "write_version",
]
