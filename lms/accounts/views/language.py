"""Choosing the language: a form in every page's bar, for visitors and for people who have signed in."""

from flask import redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from lms.accounts import service
from lms.accounts.access import current_actor, public
from lms.accounts.errors import unknown_language
from lms.accounts.languages import take_up
from lms.accounts.policy import Language
from lms.accounts.views.blueprint import blueprint
from lms.core.web import arrived_at, own_address, runtime


@blueprint.post("/language")
@public
def language() -> Response:
    """Take the choice, keep it with the account and in the browser, and go back to where it was made."""
    wanted = request.form.get("language", "")
    if wanted not in set(Language):
        raise unknown_language()
    chosen = Language(wanted)
    if current_user.is_authenticated:
        with runtime().write(arrived_at()) as uow:
            service.choose_language(uow, current_actor(), chosen)
    take_up(chosen)
    return redirect(own_address(request.form.get("next", "")) or url_for("accounts.front"), 303)
