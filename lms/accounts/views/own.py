"""A person's own data: profile, photo, consents, password."""

from typing import Any

from flask import Response as Reply200
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from lms.accounts import service
from lms.accounts.access import current_actor, signed_in
from lms.accounts.credentials import hash_new_password, password_fits
from lms.accounts.errors import wrong_current_password
from lms.accounts.forms import ChangePasswordForm, ConsentForm, PhotoForm, ProfileForm, show_reasons, ticked
from lms.accounts.photo import clean_photo, no_photo
from lms.accounts.policy import (
    PHOTO_MAX_BYTES,
    PHOTO_MIN_SIDE,
    ConsentPurpose,
    IdentityLock,
    OrganisationKind,
    identity_reasons,
    profile_reasons,
)
from lms.accounts.queries import (
    consents_of,
    find_profile,
    get_person,
    name_notices,
    organisations,
    profile_facts,
)
from lms.accounts.views.blueprint import blueprint
from lms.core.errors import Invalid, NotFound, Refusal
from lms.core.web import arrived_at, runtime

Reply = str | Response | tuple[str, int]


@blueprint.route("/account/profile", methods=["GET", "POST"])
@signed_in
def profile() -> Reply:
    """The data form of A4 and A5; a portrait that was chosen with it is saved with it (A7)."""
    actor = current_actor()
    form, photo_form = _data_form(is_sent=request.method == "POST"), PhotoForm()
    if request.method == "GET":
        return _profile_page(form, PhotoForm(formdata=None), 200)
    portrait, is_good = _chosen_portrait(photo_form), form.validate()
    if is_good and not photo_form.errors:
        try:
            key = runtime().storage.put(portrait) if portrait else None
            with runtime().write(arrived_at()) as uow:
                service.save_profile(uow, actor, _sent(form), key)
            flash(_("个人信息和照片已保存") if key else _("个人信息已保存"), "ok")
            return redirect(url_for("accounts.profile"))
        except Refusal as refusal:
            show_reasons(form, refusal)
    else:
        # Whoever left one field empty is told at once what else is wrong, not after the next try.
        with runtime().read(arrived_at()) as uow:
            faults = service.profile_faults(uow, actor, _sent(form))
        show_reasons(form, Invalid(one for one in faults if one.field_name not in form.errors))
    if portrait:  # a browser never fills in a file again
        photo_form.photo.errors = [*photo_form.photo.errors, _("照片没有保存，改好其他项目后请重新选择")]
    return _profile_page(form, photo_form, 422)


@blueprint.post("/account/photo")
@signed_in
def save_photo() -> Reply:
    """Take a portrait: decode, strip, scale, encode, store, then name it (A7, H3).

    The data form comes along, so that what was typed and not yet saved is still there afterwards.
    """
    actor, photo_form = current_actor(), PhotoForm()
    form = _data_form(is_sent="name" in request.form)
    try:
        fresh = _portrait()
        if fresh is None:
            raise no_photo()
        key = runtime().storage.put(fresh)
        with runtime().write(arrived_at()) as uow:
            service.save_photo(uow, actor, key)
    except Refusal as refusal:
        show_reasons(photo_form, refusal)
        return _profile_page(form, photo_form, refusal.status)
    with runtime().read(arrived_at()) as uow:
        has_more = "name" in request.form and service.profile_differs(uow, actor, _sent(form))
    if not has_more:
        flash(_("照片已保存"), "ok")
        return redirect(url_for("accounts.profile"))
    flash(_("照片已保存；其他改动还没有保存"), "wait")
    return _profile_page(form, PhotoForm(formdata=None), 200)


def _portrait() -> bytes | None:
    """Return the portrait that was sent, drawn anew, or None when no file was chosen."""
    upload = request.files.get("photo")
    if upload is None or not upload.filename:
        return None
    return clean_photo(upload.stream.read(PHOTO_MAX_BYTES * 4), upload.filename)


def _chosen_portrait(form: PhotoForm) -> bytes | None:
    try:
        return _portrait()
    except Refusal as refusal:
        show_reasons(form, refusal)
        return None


@blueprint.get("/account/photo")
@signed_in
def photo() -> Reply200:
    """Show a person his own portrait."""
    with runtime().read(arrived_at()) as uow:
        stored = find_profile(uow, current_actor().person_id or "")
    if stored is None or stored.photo_key is None:
        raise NotFound
    return Reply200(runtime().storage.get(stored.photo_key), mimetype="image/jpeg")


@blueprint.route("/account/consents", methods=["GET", "POST"])
@signed_in
def consents() -> Reply:
    """See and change the recorded agreements (H22)."""
    actor = current_actor()
    with runtime().read(arrived_at()) as uow:
        given = consents_of(uow, actor.person_id or "")
    form = ConsentForm(data=dict.fromkeys(given, True))
    if form.validate_on_submit():
        with runtime().write(arrived_at()) as uow:
            fresh, withdrawn = service.give_consents(uow, actor, ticked(form))
        _say_what_changed(fresh, withdrawn)
        return redirect(url_for("accounts.consents"))
    return render_template("accounts/consents.html", form=form, given=given)


def _say_what_changed(fresh: frozenset[ConsentPurpose], withdrawn: frozenset[ConsentPurpose]) -> None:
    """Tell what was recorded, and what follows from a withdrawal."""
    if fresh:
        flash(_("已同意 %(count)s 项", count=len(fresh)), "ok")
    if withdrawn:
        flash(
            _(
                "已撤回 %(count)s 项同意；从现在起不能再提交报名申请，已经提交的不受影响",
                count=len(withdrawn),
            ),
            "wait",
        )
    if ConsentPurpose.VERIFICATION in withdrawn:
        flash(_("证书查验页不再显示您的姓名和证件号码"), "wait")
    if not fresh and not withdrawn:
        flash(_("您的选择没有变化"), "now")


@blueprint.route("/account/security", methods=["GET", "POST"])
@signed_in
def security() -> Reply:
    """Change the password; the other sessions end."""
    form = ChangePasswordForm()
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        try:
            _change_password(form)
            flash(_("密码已修改，其他设备上的登录已结束"), "ok")
            return redirect(url_for("accounts.security"))
        except Refusal as refusal:
            show_reasons(form, refusal)
            status = refusal.status
    return render_template("accounts/security.html", form=form), status


def _change_password(form: ChangePasswordForm) -> None:
    actor = current_actor()
    runtime().hashing.require_room()
    with runtime().write(arrived_at()) as uow:
        try_id = service.take_change_try(uow, actor.person_id or "")
        stored = get_person(uow, actor.person_id or "").password_hash
    if not password_fits(runtime().hashing, stored, form.current_password.data):
        raise wrong_current_password()
    with runtime().write(arrived_at()) as uow:
        service.forgive_try(uow, try_id)
    hashed = hash_new_password(runtime().hashing, form.password.data, known=(current_user.login_name,))
    with runtime().write(arrived_at()) as uow:
        service.change_password(uow, actor, hashed)


def _data_form(*, is_sent: bool) -> ProfileForm:
    """Build the data form over what is stored, and over what was sent if anything was."""
    with runtime().read(arrived_at()) as uow:
        stored = find_profile(uow, current_actor().person_id or "")
        person = get_person(uow, current_actor().person_id or "")
        employers = organisations(uow, kind=OrganisationKind.INSTITUTION)
    known: dict[str, Any] = {"obj": stored}
    if stored is None:
        known = {"data": _first_values(person.display_name, person.login_name, person.email)}
    form = ProfileForm(**known) if is_sent else ProfileForm(formdata=None, **known)
    form.employer_id.choices = [SelectChoice("", _("请选择"))] + [
        SelectChoice(one.id, one.name) for one in employers
    ]
    if stored is None:
        form.id_number.flags.required = True
    form.id_number.description = (
        _("已登记 %(masked)s；不修改就留空", masked=stored.id_number_masked)
        if stored
        else _("18 位，出生日期和性别由它读出")
    )
    return form


def _profile_page(form: ProfileForm, photo_form: PhotoForm, status: int) -> tuple[str, int]:
    actor = current_actor()
    with runtime().read(arrived_at()) as uow:
        stored = find_profile(uow, actor.person_id or "")
        gaps = profile_reasons(profile_facts(uow, actor.person_id or ""))
        notices = name_notices(uow, stored.name) if stored else []
    lock = IdentityLock(stored.identity_lock) if stored else IdentityLock.OPEN
    page = render_template(
        "accounts/profile.html", form=form, photo_form=photo_form, profile=stored, gaps=gaps,
        photo_side=PHOTO_MIN_SIDE, lock=lock, locks=IdentityLock, held=identity_reasons(lock, ["name"]),
        notices=notices,
    )  # fmt: skip
    return page, status


def _first_values(name: str, login_name: str, email: str | None) -> dict[str, str]:
    return {"name": name, "mobile": login_name if login_name.isdigit() else "", "email": email or ""}


def _sent(form: ProfileForm) -> service.ProfileInput:
    return service.ProfileInput(
        name=form.name.data or "", id_number=form.id_number.data or "", education=form.education.data,
        mobile=form.mobile.data or "", email=form.email.data or "", postcode=form.postcode.data or "",
        exam_region=form.exam_region.data, candidate_category=form.candidate_category.data,
        address=form.address.data or "", identity_flag=form.identity_flag.data or "",
        employer_id=form.employer_id.data or "", employed_since=form.employed_since.data,
    )  # fmt: skip
