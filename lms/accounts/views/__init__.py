"""Pages of the accounts room, by who uses them."""

from lms.accounts.views import administration, audit, gate, language, own, people
from lms.accounts.views.blueprint import blueprint

__all__ = ["administration", "audit", "blueprint", "gate", "language", "own", "people"]
