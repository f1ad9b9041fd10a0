"""Pages of the accounts room, by who uses them."""

from lms.accounts.views import administration, gate, language, own, people
from lms.accounts.views.blueprint import blueprint

__all__ = ["administration", "blueprint", "gate", "language", "own", "people"]
