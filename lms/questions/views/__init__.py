"""Pages of the bank, by what they show."""

from lms.questions.views import bank, blueprints, columns, exports, imports, pictures
from lms.questions.views.blueprint import blueprint

__all__ = ["bank", "blueprint", "blueprints", "columns", "exports", "imports", "pictures"]
