"""What can be done with saved filters."""

from collections.abc import Mapping

from sqlalchemy import CursorResult, delete

from lms.core.actors import Actor
from lms.core.errors import Invalid, NotFound, require
from lms.core.unit_of_work import UnitOfWork
from lms.registry.models.saved_filters import SavedFilter
from lms.registry.policy.saved_filters import keep_reasons
from lms.registry.queries.saved_filters import saved_filters


def keep(uow: UnitOfWork, actor: Actor, name: str, query: Mapping[str, str]) -> None:
    """Save a filter under a name. Raises Invalid for a name that is taken or none, or one too many."""
    taken = {one.name for one in saved_filters(uow, actor)}
    require(keep_reasons(name, query, taken), Invalid)
    assert actor.person_id is not None, "only people have a list"
    uow.session.add(
        SavedFilter(person_id=actor.person_id, name=name.strip(), query=dict(query), created_at=uow.now)
    )
    uow.session.flush()


def drop(uow: UnitOfWork, actor: Actor, saved_id: str) -> None:
    """Delete a saved filter of the actor. Somebody else's is not found."""
    result = uow.session.execute(
        delete(SavedFilter).where(SavedFilter.id == saved_id, SavedFilter.person_id == actor.person_id)
    )
    assert isinstance(result, CursorResult)
    if not result.rowcount:
        raise NotFound
