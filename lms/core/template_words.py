"""The words of templates: Jinja's lookups, in one step.

For each text Flask-Babel asks four times for its context, and Jinja formats it even where nothing is to be put in.
"""

from typing import Any

from flask import Flask
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from lms.core.catalogue import translations


def speak_in_one_step(app: Flask) -> None:
    """Give the templates of an application quick lookups in place of those that Babel(app) installed."""

    @pass_eval_context
    def gettext(context: EvalContext, text: str, /, **values: Any) -> str:
        said = translations().ugettext(text)
        if context.autoescape:
            said = Markup(said)  # noqa: S704 - texts of the sources and of the catalogue; values are escaped by `%`
        # A text is a format also where nothing is put in: its author wrote %% for a per cent sign.
        return said % values if values or "%" in said else said

    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # of Jinja's own extension
        gettext=lambda text: translations().ugettext(text),
        ngettext=lambda one, many, num: translations().ungettext(one, many, num),
        pgettext=lambda context, text: translations().upgettext(context, text),
        npgettext=lambda context, one, many, num: translations().unpgettext(context, one, many, num),
        newstyle=True,
    )
    app.jinja_env.globals.update(gettext=gettext, _=gettext)
