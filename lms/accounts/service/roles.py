"""Giving roles and taking them back, barring people and letting them in again."""

from sqlalchemy import insert, select

from lms.accounts.models import RoleGrant
from lms.accounts.policy import OrganisationKind, PersonState, Role, grant_reasons
from lms.accounts.queries import get_organisation, get_person
from lms.accounts.service.scope import require_scope, staff_in_reach
from lms.accounts.service.sessions import end_other_sessions
from lms.audit.service import record
from lms.core.actors import Actor
from lms.core.errors import N_, Forbidden, Invalid, NotFound, Reason, require
from lms.core.identifiers import new_id
from lms.core.unit_of_work import UnitOfWork


def grant_role(uow: UnitOfWork, actor: Actor, person_id: str, role: Role, organisation_id: str) -> str:
    """Give a role within an organisation's scope, inside the actor's own scope; the same grant twice is one."""
    organisation = get_organisation(uow, organisation_id)
    require_scope(actor, organisation.path)
    get_person(uow, person_id)
    if actor.person_id == person_id:
        raise Forbidden(
            Reason(
                "grant.self", N_("不能给自己授权"), way_out=N_("请由另一位系统管理员办理"), source="MLPS .2"
            )
        )
    require(grant_reasons(role, OrganisationKind(organisation.kind)), Invalid)
    existing = uow.session.scalar(
        select(RoleGrant.id).where(
            RoleGrant.person_id == person_id, RoleGrant.role == role, RoleGrant.organisation_id == organisation_id,
            RoleGrant.revoked_at.is_(None),
        )
    )  # fmt: skip
    if existing:
        return existing
    grant_id = new_id()
    uow.session.execute(
        insert(RoleGrant).values(
            id=grant_id, person_id=person_id, role=role, organisation_id=organisation_id, granted_at=uow.now,
            granted_by=actor.person_id,
        )
    )  # fmt: skip
    record(uow, actor, "role:grant", person_id, role=role, organisation_id=organisation_id)
    return grant_id


def revoke_role(uow: UnitOfWork, actor: Actor, grant_id: str) -> str:
    """Take a role back and return whose it was; it no longer counts at his next request (fault H2)."""
    grant = uow.session.get(RoleGrant, grant_id)
    if grant is None or grant.revoked_at is not None:
        raise NotFound
    require_scope(actor, get_organisation(uow, grant.organisation_id).path)
    if actor.person_id == grant.person_id:
        raise Forbidden(
            Reason("grant.self", N_("不能收回自己的角色"), way_out=N_("请由另一位系统管理员办理"))
        )
    grant.revoked_at = uow.now
    record(uow, actor, "role:revoke", grant.person_id, role=grant.role, organisation_id=grant.organisation_id)
    return grant.person_id


def disable_person(uow: UnitOfWork, actor: Actor, person_id: str) -> None:
    """Bar a person from signing in and end his sessions at once."""
    person = staff_in_reach(uow, actor, person_id)
    if actor.person_id == person_id:
        raise Forbidden(
            Reason("person.self", N_("不能停用自己的账号"), way_out=N_("请由另一位系统管理员办理"))
        )
    person.state = PersonState.DISABLED
    end_other_sessions(uow, person_id, "disabled")
    record(uow, actor, "person:disable", person_id)


def enable_person(uow: UnitOfWork, actor: Actor, person_id: str) -> None:
    """Let a disabled person sign in again."""
    staff_in_reach(uow, actor, person_id).state = PersonState.ACTIVE
    record(uow, actor, "person:enable", person_id)
