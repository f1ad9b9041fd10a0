"""Reading saved filters: everybody sees his own."""

from dataclasses import dataclass

from sqlalchemy import select

from lms.core.actors import Actor
from lms.core.unit_of_work import UnitOfWork
from lms.registry.models.saved_filters import SavedFilter


@dataclass(frozen=True, slots=True)
class SavedFacts:
    """A saved filter as the page shows it."""

    id: str
    name: str
    query: dict[str, str]


def saved_filters(uow: UnitOfWork, actor: Actor) -> list[SavedFacts]:
    """Return the actor's saved filters, the oldest first."""
    rows = uow.session.execute(
        select(SavedFilter.id, SavedFilter.name, SavedFilter.query)
        .where(SavedFilter.person_id == actor.person_id)
        .order_by(SavedFilter.created_at, SavedFilter.id)
    )
    return [SavedFacts(*row) for row in rows]
