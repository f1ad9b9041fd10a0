"""Pages of the bank, by what they show."""

from lms.questions.views import (
    bank,
    blueprints,
    bulk,
    columns,
    drafting,
    exports,
    imports,
    pairs,
    pictures,
    profiles,
    reviews,
)
from lms.questions.views.blueprint import blueprint

__all__ = [
    "bank",
    "blueprint",
    "blueprints",
    "bulk",
    "columns",
    "drafting",
    "exports",
    "imports",
    "pairs",
    "pictures",
    "profiles",
    "reviews",
]
