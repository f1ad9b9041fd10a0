"""Reading the bank."""

from lms.questions.queries.blueprints import BlueprintFacts, blueprint_facts, blueprints, get_blueprint
from lms.questions.queries.imports import (
    BatchFacts,
    BatchLine,
    batches,
    get_batch,
    given_up,
    leftovers,
    profile_of_name,
    saved_profile,
    staged_count,
    staged_marks,
)
from lms.questions.queries.items import (
    PAGE_SIZE,
    ItemFacts,
    ItemLine,
    VersionFacts,
    get_item,
    items,
    known_items,
    same_questions,
    versions,
)
from lms.questions.queries.stock import cell_counts, drawing_pool, drawing_stock, item_count, items_by_id

__all__ = [
    "PAGE_SIZE",
    "BatchFacts",
    "BatchLine",
    "BlueprintFacts",
    "ItemFacts",
    "ItemLine",
    "VersionFacts",
    "batches",
    "blueprint_facts",
    "blueprints",
    "cell_counts",
    "drawing_pool",
    "drawing_stock",
    "get_batch",
    "get_blueprint",
    "get_item",
    "given_up",
    "item_count",
    "items",
    "items_by_id",
    "known_items",
    "leftovers",
    "profile_of_name",
    "same_questions",
    "saved_profile",
    "staged_count",
    "staged_marks",
    "versions",
]
