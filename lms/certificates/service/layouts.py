"""Preparing and publishing what certificates look like. Nothing that was printed changes by it."""

from dataclasses import asdict

from sqlalchemy import CursorResult, update

from lms.audit.service import born, move
from lms.certificates.events import LayoutEdited
from lms.certificates.models.layouts import CertificateLayout
from lms.certificates.policy.layouts import (
    LAYOUT,
    Layout,
    LayoutState,
    Wording,
    publish_reasons,
    wording_reasons,
)
from lms.certificates.queries.layouts import current_version, find_draft, get_layout, layout_of
from lms.core.actors import Actor
from lms.core.errors import Invalid, Refusal, require, stale
from lms.core.identifiers import new_id
from lms.core.unit_of_work import UnitOfWork

KEEP = "keep"
"""In the place of a picture's key: leave it as it is."""


def save_draft(
    uow: UnitOfWork, actor: Actor, wording: Wording, *, logo_key: str | None = KEEP, stamp_key: str | None = KEEP
) -> str:  # fmt: skip
    """Write the draft's words and pictures and ask for a sample of it; return its id.

    Without a draft one begins with the pictures of the version in force. `None` takes a picture away. The files are
    in the store already. The caller has checked the right. Raises Invalid with the fields that do not fit.
    """
    require(wording_reasons(wording), Invalid)
    draft = find_draft(uow)
    layout_id = draft.id if draft else _begin(uow, actor, wording)
    draft = draft or get_layout(uow, layout_id)
    changes: dict[str, object] = {**asdict(wording), "edition": draft.edition + 1}
    if logo_key != KEEP:
        changes["logo_key"] = logo_key
    if stamp_key != KEEP:
        changes["stamp_key"] = stamp_key
    move(uow, actor, LAYOUT, "edit", CertificateLayout.state, layout_id, draft.state, changes=changes)
    uow.record(LayoutEdited(layout_id, draft.edition + 1))
    return layout_id


def _begin(uow: UnitOfWork, actor: Actor, wording: Wording) -> str:
    layout_id = new_id()
    _words, logo_key, stamp_key = layout_of(uow, current_version(uow))
    uow.session.add(
        CertificateLayout(
            id=layout_id, state=LAYOUT.initial, logo_key=logo_key or None, stamp_key=stamp_key or None,
            created_by=actor.person_id, created_at=uow.now, **asdict(wording),
        )
    )  # fmt: skip
    uow.session.flush()
    born(uow, actor, LAYOUT, layout_id)
    return layout_id


def keep_sample(uow: UnitOfWork, layout_id: str, edition: int, sample_key: str) -> bool:
    """Name the drawn sample of an edition; False when the draft has been changed since."""
    result = uow.session.execute(
        update(CertificateLayout)
        .where(
            CertificateLayout.id == layout_id, CertificateLayout.edition == edition,
            CertificateLayout.state == LayoutState.DRAFT,
        )
        .values(sample_key=sample_key, sample_edition=edition)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


def publish(uow: UnitOfWork, actor: Actor, layout_id: str, edition: int, missing: str) -> int:
    """Give a draft its version, which every certificate numbered from now on is printed with; return it.

    `edition` is what the administrator has looked at, `missing` the signs no font has. Raises Refusal with reasons,
    and stale when somebody has changed the draft meanwhile.
    """
    layout = get_layout(uow, layout_id)
    if layout.state is not LayoutState.DRAFT or layout.edition != edition:
        raise stale()
    require(publish_reasons(layout, missing), Refusal)
    version = current_version(uow) + 1
    move(
        uow, actor, LAYOUT, "publish", CertificateLayout.state, layout_id, layout.state, version=version,
        changes={"version": version, "published_by": actor.person_id, "published_at": uow.now},
    )  # fmt: skip
    return version


def discard(uow: UnitOfWork, actor: Actor, layout_id: str) -> None:
    """Put a draft away."""
    layout: Layout = get_layout(uow, layout_id)
    move(uow, actor, LAYOUT, "discard", CertificateLayout.state, layout_id, layout.state)
