"""The administrator's page of what certificates look like: a draft, its sample, and what was published."""

from io import BytesIO

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from lms.accounts.access import current_actor, roles
from lms.accounts.forms import ActForm, show_reasons
from lms.accounts.policy import Role
from lms.accounts.queries import names_of
from lms.certificates.forms import EditionForm, LayoutForm
from lms.certificates.layout_pictures import clean_picture
from lms.certificates.policy.layouts import PICTURE_MAX_BYTES, Wording
from lms.certificates.queries.layouts import (
    current_version,
    find_draft,
    get_layout,
    layout_of,
    published_layouts,
)
from lms.certificates.service import layouts as service
from lms.core.actors import EVERYWHERE
from lms.core.errors import Invalid, NotFound, Refusal
from lms.core.glyphs import MissingFont, uncovered
from lms.core.web import arrived_at, runtime

blueprint = Blueprint("layouts", __name__, url_prefix="/desk/certificates/layout")

Reply = str | Response | tuple[str, int]


def _require_right() -> None:
    """Raise NotFound when the administrator's role does not reach the whole province: the layout is one for all."""
    if not current_actor().covers(EVERYWHERE, [Role.ADMINISTRATOR]):
        raise NotFound


@blueprint.route("/", methods=["GET", "POST"])
@roles(Role.ADMINISTRATOR)
def index() -> Reply:
    """Show the version in force and the draft, and save the draft."""
    _require_right()
    form = LayoutForm()
    if not form.is_submitted():
        return _page(form)
    if not form.validate():
        return _page(form), 422
    wording = Wording(*(_tidy(field.data) for field in (form.over, form.title, form.statement, form.issuer)))
    try:
        logo = _picture(form, "logo")
        stamp = _picture(form, "stamp")
        with runtime().write(arrived_at()) as uow:
            service.save_draft(uow, current_actor(), wording, logo_key=logo, stamp_key=stamp)
    except Refusal as refusal:
        show_reasons(form, refusal)
        return _page(form), refusal.status
    flash(gettext("草稿已保存，样张正在制作，几秒后刷新本页"), "ok")
    return redirect(url_for("layouts.index"), 303)


def _tidy(text: str | None) -> str:
    return " ".join((text or "").split())


def _picture(form: LayoutForm, name: str) -> str | None:
    """Return the key of a new picture in the store, `KEEP`, or None to take it away. Raises Invalid at its field."""
    if form[f"no_{name}"].data:
        return None
    file = request.files.get(name)
    if file is None or not file.filename:
        return service.KEEP
    try:
        picture = clean_picture(file.stream.read(PICTURE_MAX_BYTES + 1))
    except Invalid as refusal:
        form[name].errors = []
        show_reasons(form, refusal)
        raise Invalid from refusal
    return runtime().storage.put(picture)


def _page(form: LayoutForm) -> str:
    with runtime().read(arrived_at()) as uow:
        version, draft, published = current_version(uow), find_draft(uow), published_layouts(uow)
        wording, logo_key, stamp_key = layout_of(uow, version)
        names = names_of(uow, {one.published_by for one in published if one.published_by})
    if not form.is_submitted():
        shown = draft.wording if draft else wording
        form.over.data, form.title.data = shown.over, shown.title
        form.statement.data, form.issuer.data = shown.statement, shown.issuer
    return render_template(
        "certificates/layout.html", form=form, draft=draft, version=version, wording=wording, published=published,
        names=names, has_logo=bool(draft.logo_key if draft else logo_key), act=ActForm(),
        has_stamp=bool(draft.stamp_key if draft else stamp_key),
    )  # fmt: skip


@blueprint.get("/<layout_id>/sample.pdf")
@roles(Role.ADMINISTRATOR)
def sample(layout_id: str) -> Response:
    """Send the sample of a layout, which says across the sheet that it is one."""
    _require_right()
    with runtime().read(arrived_at()) as uow:
        layout = get_layout(uow, layout_id)
    if layout.sample_key is None:
        raise NotFound
    return send_file(
        BytesIO(runtime().storage.get(layout.sample_key)), mimetype="application/pdf", max_age=0, etag=False
    )


@blueprint.post("/<layout_id>/publish")
@roles(Role.ADMINISTRATOR)
def publish(layout_id: str) -> Response:
    """Let certificates that are numbered from now on look like the draft."""
    _require_right()
    form = EditionForm()
    edition = form.edition.data if form.validate_on_submit() else 0
    with runtime().read(arrived_at()) as uow:
        wording = get_layout(uow, layout_id).wording
    try:
        signs = wording.over + wording.title + wording.statement + wording.issuer
        missing = uncovered(signs, runtime().settings.font_dir)
    except MissingFont:
        missing = ""  # then there is no sample either, which is told
    with runtime().write(arrived_at()) as uow:
        version = service.publish(uow, current_actor(), layout_id, edition or 0, missing)
    flash(gettext("第 %(n)s 版已发布，以后编号的证书照此打印，已签发的不变", n=version), "ok")
    return redirect(url_for("layouts.index"), 303)


@blueprint.post("/<layout_id>/discard")
@roles(Role.ADMINISTRATOR)
def discard(layout_id: str) -> Response:
    """Put the draft away."""
    _require_right()
    with runtime().write(arrived_at()) as uow:
        service.discard(uow, current_actor(), layout_id)
    flash(gettext("草稿已放弃"), "ok")
    return redirect(url_for("layouts.index"), 303)
