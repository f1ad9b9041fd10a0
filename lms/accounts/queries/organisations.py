"""Reading organisations. Every list takes the actor's scope."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, false, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from lms.accounts.models import (
    Organisation,
    Profile,
)
from lms.accounts.policy import (
    OrganisationKind,
)
from lms.core.errors import NotFound
from lms.core.unit_of_work import UnitOfWork


def within(path: InstrumentedAttribute[str], scopes: Sequence[str]) -> ColumnElement[bool]:
    """Build the condition that an organisation path lies within one of the scope paths."""
    return or_(*(path.startswith(scope, autoescape=True) for scope in scopes)) if scopes else false()


def organisation_names(uow: UnitOfWork, organisation_ids: set[str]) -> dict[str, str]:
    """Return the names of organisations by id."""
    if not organisation_ids:
        return {}
    rows = uow.session.execute(
        select(Organisation.id, Organisation.name).where(Organisation.id.in_(organisation_ids))
    )
    return dict(rows.all())


def get_organisation(uow: UnitOfWork, organisation_id: str) -> Organisation:
    """Return an organisation. Raises NotFound."""
    organisation = uow.session.get(Organisation, organisation_id)
    if organisation is None:
        raise NotFound
    return organisation


def organisations(
    uow: UnitOfWork, *, scopes: Sequence[str] = ("/",), kind: OrganisationKind | None = None
) -> Sequence[Organisation]:
    """Return organisations within the scopes, in the order of their paths."""
    wanted = select(Organisation).where(within(Organisation.path, scopes))
    if kind is not None:
        wanted = wanted.where(Organisation.kind == kind)
    return uow.session.scalars(wanted.order_by(Organisation.kind.desc(), Organisation.name)).all()


def employee_count(uow: UnitOfWork, organisation_id: str) -> int:
    """Return how many people name an institution as their employer."""
    return uow.session.execute(
        select(func.count()).select_from(Profile).where(Profile.employer_id == organisation_id)
    ).scalar_one()


def organisation_within(uow: UnitOfWork, organisation_id: str, scopes: Sequence[str]) -> Organisation:
    """Return an organisation within the scopes. Raises NotFound."""
    organisation = get_organisation(uow, organisation_id)
    if not any(organisation.path.startswith(scope) for scope in scopes):
        raise NotFound
    return organisation


def children(uow: UnitOfWork, organisation_id: str) -> Sequence[Organisation]:
    """Return the organisations directly below one."""
    below = select(Organisation).where(Organisation.parent_id == organisation_id)
    return uow.session.scalars(below.order_by(Organisation.kind, Organisation.name)).all()
