"""Coming in: front, registration, sign-in and the way back in."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from lms.accounts import service
from lms.accounts.access import current_actor, public, signed_in
from lms.accounts.credentials import hash_new_password, password_fits
from lms.accounts.devices import mark_of_browser
from lms.accounts.errors import wrong_credentials
from lms.accounts.forms import NewPasswordForm, RecoverForm, RegisterForm, SignInForm, show_reasons, ticked
from lms.accounts.policy import STAFF_ROLES, PersonState
from lms.accounts.queries import actor_of, find_person_by_login, grants_of
from lms.accounts.signed_in import forget, remember, signed_out_because
from lms.accounts.views.blueprint import blueprint
from lms.core.errors import Busy, Invalid, Refusal, require
from lms.core.web import arrived_at, own_address, runtime

Reply = str | Response | tuple[str, int]


@blueprint.get("/")
@public
def front() -> Reply:
    """Lead a signed-in person to where he works, anybody else to the gate."""
    if current_user.is_authenticated:
        return redirect(_own_start())
    return redirect(url_for("accounts.sign_in"))


@blueprint.get("/privacy")
@public
def privacy() -> Reply:
    """Say what is kept about a person, why and how long."""
    return render_template("accounts/privacy.html")


@blueprint.route("/register", methods=["GET", "POST"])
@public
def register() -> Reply:
    """Register as a trainee and come straight in."""
    form = RegisterForm()
    if not form.is_submitted():
        return render_template("accounts/register.html", form=form)
    is_filled = form.validate()
    name, mobile, password = form.name.data or "", form.mobile.data or "", form.password.data or ""
    try:
        with runtime().read(arrived_at()) as uow:
            faults = service.registration_faults(uow, mobile, name, password)
        # Whoever left one field empty is told at once what else is wrong, not after the next try.
        require((one for one in faults if one.field_name not in form.errors), Invalid)
        if not is_filled:
            return render_template("accounts/register.html", form=form), 422
        hashed = hash_new_password(runtime().hashing, password, known=(mobile, name))
        with runtime().write(arrived_at()) as uow:
            person_id = service.register_person(uow, mobile, name, form.email.data, hashed)
            service.give_consents(uow, actor_of(uow, person_id), ticked(form))
            token = service.open_session(uow, person_id, mark_of_browser())
    except Refusal as refusal:
        show_reasons(form, refusal)
        return render_template("accounts/register.html", form=form), refusal.status
    remember(token)
    flash(_("注册成功，请先维护个人信息，再报名考试"), "ok")
    return redirect(url_for("accounts.profile"))


@blueprint.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> Reply:
    """Sign in with name and password; the answer to any wrong pair is the same."""
    form = SignInForm()
    if not form.validate_on_submit():
        page = render_template("accounts/sign_in.html", form=form, because=signed_out_because())
        return page, 422 if form.is_submitted() else 200
    name, address = form.login_name.data, request.remote_addr or ""
    try:
        runtime().hashing.require_room()
        with runtime().write(arrived_at()) as uow:
            try_id = service.take_try(uow, name, address)
            person = find_person_by_login(uow, name)
            active = person is not None and person.state == PersonState.ACTIVE
        if not (_fits(try_id, person.password_hash if person else None, form.password.data) and active):
            with runtime().write(arrived_at()) as uow:
                service.note_failure(uow, address)
            raise wrong_credentials()
    except Refusal as refusal:
        show_reasons(form, refusal)
        return render_template("accounts/sign_in.html", form=form), refusal.status
    assert person is not None
    with runtime().write(arrived_at()) as uow:
        service.forgive_try(uow, try_id)
        token = service.open_session(uow, person.id, mark_of_browser())
        is_staff = any(grant.role in STAFF_ROLES for grant in grants_of(uow, person.id))
    remember(token)
    if person.must_change_password:
        flash(_("请先把初始密码换成自己的密码"), "wait")
        return redirect(url_for("accounts.security"))
    return redirect(own_address(request.args.get("next", "")) or _start(is_staff=is_staff))


def _fits(try_id: str, password_hash: str | None, password: str) -> bool:
    try:
        return password_fits(runtime().hashing, password_hash, password)
    except Busy:
        # Nobody looked at his password, so it was no try.
        with runtime().write(arrived_at()) as uow:
            service.forgive_try(uow, try_id)
        raise


@blueprint.post("/sign-out")
@signed_in
def sign_out() -> Reply:
    """End this login session on the server and empty the cookie."""
    with runtime().write(arrived_at()) as uow:
        service.end_session(uow, current_actor())
    forget()
    flash(_("已退出登录"), "ok")
    response = redirect(url_for("accounts.sign_in"))
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@blueprint.route("/recover", methods=["GET", "POST"])
@public
def recover() -> Reply:
    """Ask for a link by mail. The answer never says whether the account exists (fault H5)."""
    form = RecoverForm()
    if not form.validate_on_submit():
        return render_template("accounts/recover.html", form=form), 422 if form.is_submitted() else 200
    try:
        with runtime().write(arrived_at()) as uow:
            service.take_recovery_try(uow, form.login_name.data, request.remote_addr or "")
            service.request_recovery(uow, form.login_name.data)
    except Refusal as refusal:
        show_reasons(form, refusal)
        return render_template("accounts/recover.html", form=form), refusal.status
    return render_template("accounts/recover_sent.html")


@blueprint.route("/recover/<token>", methods=["GET", "POST"])
@public
def set_password(token: str) -> Reply:
    """Set a new password by a one-time link."""
    form = NewPasswordForm()
    with runtime().read(arrived_at()) as uow:
        reasons = service.recovery_reasons(uow, token)
        login_name = service.recovering_login_name(uow, token)
    if reasons:
        return render_template("accounts/recovery_spent.html", reasons=reasons), 410
    if not form.validate_on_submit():
        return render_template("accounts/set_password.html", form=form), 422 if form.is_submitted() else 200
    try:
        hashed = hash_new_password(runtime().hashing, form.password.data, known=(login_name,))
        with runtime().write(arrived_at()) as uow:
            service.redeem_recovery(uow, token, hashed)
    except Refusal as refusal:
        show_reasons(form, refusal)
        return render_template("accounts/set_password.html", form=form), refusal.status
    flash(_("新密码已生效，请用它登录"), "ok")
    return redirect(url_for("accounts.sign_in"))


def _own_start() -> str:
    return _start(is_staff=current_actor().has_role(*STAFF_ROLES))


def _start(*, is_staff: bool) -> str:
    return url_for("dashboards.desk" if is_staff else "dashboards.home")
