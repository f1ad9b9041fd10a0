"""Reading layouts."""

from sqlalchemy import func, select

from lms.certificates.models.layouts import CertificateLayout
from lms.certificates.policy.layouts import FIRST_VERSION, Layout, LayoutState, Wording, first_wording
from lms.core.errors import NotFound
from lms.core.unit_of_work import UnitOfWork


def current_version(uow: UnitOfWork) -> int:
    """Return the version that new certificates are printed with."""
    return uow.session.scalar(select(func.max(CertificateLayout.version))) or FIRST_VERSION


def layout_of(uow: UnitOfWork, version: int) -> tuple[Wording, str, str]:
    """Return the words of a version and the keys of its logo and stamp, "" without one. Raises NotFound."""
    if version == FIRST_VERSION:
        return first_wording(uow.settings.province_name), "", ""
    row = uow.session.scalar(select(CertificateLayout).where(CertificateLayout.version == version))
    if row is None:
        raise NotFound
    return _wording(row), row.logo_key or "", row.stamp_key or ""


def get_layout(uow: UnitOfWork, layout_id: str) -> Layout:
    """Return a layout. Raises NotFound."""
    row = uow.session.get(CertificateLayout, layout_id)
    if row is None:
        raise NotFound
    return _facts(row)


def find_draft(uow: UnitOfWork) -> Layout | None:
    """Return the draft, or None while nobody prepares anything."""
    row = uow.session.scalar(select(CertificateLayout).where(CertificateLayout.state == LayoutState.DRAFT))
    return _facts(row) if row else None


def published_layouts(uow: UnitOfWork) -> list[Layout]:
    """Return what was published, the newest first."""
    rows = uow.session.scalars(
        select(CertificateLayout)
        .where(CertificateLayout.state == LayoutState.PUBLISHED)
        .order_by(CertificateLayout.version.desc())
    )
    return [_facts(row) for row in rows]


def _wording(row: CertificateLayout) -> Wording:
    return Wording(row.over, row.title, row.statement, row.issuer)


def _facts(row: CertificateLayout) -> Layout:
    return Layout(
        row.id, row.version, LayoutState(row.state), _wording(row), row.logo_key, row.stamp_key, row.edition,
        row.sample_key if row.sample_edition == row.edition else None, row.created_by, row.created_at,
        row.published_by, row.published_at,
    )  # fmt: skip
