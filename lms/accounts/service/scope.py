"""How far an administrator reaches."""

from lms.accounts.models import Person
from lms.accounts.policy import Role
from lms.accounts.queries import get_person, grants_of, staff_person
from lms.core.actors import Actor
from lms.core.errors import N_, Forbidden, NotFound, Reason, require
from lms.core.unit_of_work import UnitOfWork


def require_scope(actor: Actor, path: str) -> None:
    """Answer NotFound when the path lies outside the actor's scope as administrator; the house itself reaches all."""
    if actor.person_id is not None and not actor.covers(path, (Role.ADMINISTRATOR,)):
        raise NotFound


def staff_in_reach(uow: UnitOfWork, actor: Actor, person_id: str) -> Person:
    """Return a member of staff whose account the actor may bar or restore.

    Somebody outside the scope is NotFound; somebody who also holds a role beyond it is Forbidden.
    """
    if actor.person_id is None:
        return get_person(uow, person_id)
    person = staff_person(uow, person_id, actor.scope_paths(Role.ADMINISTRATOR))
    require(roles_beyond(uow, actor, person_id), Forbidden)
    return person


def roles_beyond(uow: UnitOfWork, actor: Actor, person_id: str) -> list[Reason]:
    """Say that a person holds a role beyond the actor's scope: a link would open it to a smaller administrator."""
    if all(actor.covers(grant.scope_path, (Role.ADMINISTRATOR,)) for grant in grants_of(uow, person_id)):
        return []
    return [
        Reason(
            "person.beyond_scope", N_("只能管理角色都在自己范围内的账号"), N_("此人还有您范围以外的角色"),
            N_("请由上级机构的系统管理员办理"), source="I1",
        )
    ]  # fmt: skip
