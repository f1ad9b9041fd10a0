"""How far an administrator reaches."""

from lms.accounts.policy import Role
from lms.core.actors import Actor
from lms.core.errors import NotFound


def require_scope(actor: Actor, path: str) -> None:
    """Answer NotFound when the path lies outside the actor's scope as administrator; the house itself reaches all."""
    if actor.person_id is not None and not actor.covers(path, (Role.ADMINISTRATOR,)):
        raise NotFound
