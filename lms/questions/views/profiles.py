"""Pages of saved profiles: what files with certain headings mean."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from lms.accounts.access import current_actor, roles
from lms.accounts.forms import ActForm, show_reasons
from lms.accounts.policy import Role
from lms.accounts.queries import names_of
from lms.core.errors import Invalid
from lms.core.web import arrived_at, runtime
from lms.questions import queries, service
from lms.questions.forms import ProfileForm
from lms.questions.policy import FIELD_NAMES
from lms.questions.views.blueprint import Reply, blueprint


@blueprint.get("/imports/profiles")
@roles(Role.QUESTION_ADMIN)
def profiles() -> str:
    """List the saved profiles."""
    with runtime().read(arrived_at()) as uow:
        saved = queries.saved_profiles(uow)
        names = names_of(uow, {one.saved_by for one in saved if one.saved_by})
    return render_template("questions/profiles.html", saved=saved, names=names)


@blueprint.route("/imports/profiles/<profile_id>", methods=["GET", "POST"])
@roles(Role.QUESTION_ADMIN)
def profile(profile_id: str) -> Reply:
    """Show what a saved profile says; give it another name."""
    form, status = ProfileForm(), 200
    if form.validate_on_submit():
        try:
            with runtime().write(arrived_at()) as uow:
                service.rename_profile(uow, current_actor(), profile_id, form.name.data or "")
            flash(_("名称已改"), "ok")
            return redirect(url_for("questions.profile", profile_id=profile_id), 303)
        except Invalid as refusal:
            show_reasons(form, refusal)
            status = refusal.status
    elif form.is_submitted():
        status = 422
    with runtime().read(arrived_at()) as uow:
        kept = queries.get_profile(uow, profile_id)
    if not form.is_submitted():
        form.name.data = kept.name
    page = render_template(
        "questions/profile.html", kept=kept, form=form, act=ActForm(), field_names=FIELD_NAMES
    )
    return page, status


@blueprint.post("/imports/profiles/<profile_id>/delete")
@roles(Role.QUESTION_ADMIN)
def delete_profile(profile_id: str) -> Reply:
    """Delete a saved profile; files that were read by it stay as they are."""
    with runtime().write(arrived_at()) as uow:
        service.delete_profile(uow, current_actor(), profile_id)
    flash(_("方案已删除，以后的文件不再按它理解"), "ok")
    return redirect(url_for("questions.profiles"), 303)


@blueprint.post("/imports/<batch_id>/profile")
@roles(Role.QUESTION_ADMIN)
def use_profile(batch_id: str) -> Reply:
    """Read a file by another saved profile, or by none, and check it again."""
    with runtime().write(arrived_at()) as uow:
        service.use_profile(uow, current_actor(), batch_id, request.form.get("profile", ""))
    return redirect(url_for("questions.batch", batch_id=batch_id), 303)
