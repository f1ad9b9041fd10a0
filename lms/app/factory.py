"""Building the Flask application."""

import logging
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, current_app, g, request
from flask_babel import gettext
from flask_login import LoginManager, current_user
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from lms.accounts import access
from lms.accounts import views as accounts
from lms.accounts.languages import LOCALES, html_lang, speak_the_readers_language
from lms.accounts.policy import Language
from lms.accounts.signed_in import SignedIn, load_signed_in
from lms.app.commands import lms_commands
from lms.app.error_pages import SIGN_IN, register_error_pages
from lms.app.health import blueprint as health
from lms.app.hot_lane import ARRIVED, TURNED_AWAY, HotLane
from lms.app.house import build_runtime
from lms.app.late_rules import LateRule
from lms.app.navigation import register_navigation
from lms.app.security import guard_replies
from lms.app.session_cookie import AgelessCookies
from lms.app.static_files import serve_static_files
from lms.app.translations import refuse_stale
from lms.app.uploads import make_room_for_large_uploads
from lms.audit.subjects import SUBJECTS
from lms.certificates import layout_views as layouts
from lms.certificates import views as certificates
from lms.core.formats import FILTERS
from lms.core.jobs import Waker
from lms.core.settings import ROOT, Settings
from lms.core.speech import say, spoken
from lms.core.unit_of_work import Runtime
from lms.core.web import EXTENSION, page_address, runtime
from lms.courses import views as courses
from lms.dashboards import views as dashboards
from lms.dashboards.queries import subjects
from lms.enrolment import views as enrolment
from lms.exam import views as exam
from lms.exam.api import attempts as exam_api
from lms.exam.api import rehearsals as rehearsal_api
from lms.exam.api import watching as exam_watch_api
from lms.exam.views import evidence as invigilation
from lms.exam.views import seats as rooms
from lms.exports import views as exports
from lms.plans import views as plans
from lms.questions import views as questions
from lms.questions.passages import passage, plain_passage
from lms.registry import verify_api
from lms.registry.views import changes, decisions, merges, pending, reissues, saved_filters
from lms.registry.views import entries as registry
from lms.registry.views import imports as registry_imports
from lms.registry.views import verification as verify_views
from lms.study import api as study_api
from lms.study.views import appeals, classes
from lms.study.views import integrity as findings
from lms.study.views import player as study

MAX_BODY_BYTES = 12 * 1024 * 1024
BLUEPRINTS = (
    health, accounts.blueprint, exports.blueprint, courses.blueprint, questions.blueprint, plans.blueprint,
    enrolment.blueprint, study.blueprint, study_api.api, appeals.blueprint, classes.blueprint,
    findings.blueprint, exam.blueprint, exam_api.api, rehearsal_api.api, exam_watch_api.api, invigilation.blueprint,
    rooms.blueprint, certificates.blueprint, registry.blueprint, decisions.blueprint, reissues.blueprint,
    pending.blueprint, layouts.blueprint, verify_views.blueprint, verify_api.api, saved_filters.blueprint,
    registry_imports.blueprint, changes.blueprint, merges.blueprint, dashboards.blueprint,
)  # fmt: skip


def create_app(settings: Settings | None = None, built: tuple[Runtime, Waker] | None = None) -> Flask:
    """Build the application.

    Raises UnsafeSettings when the environment breaks a promise, StaleCatalogue when English pages would be Chinese.
    """
    refuse_stale()
    settings = settings or Settings.load()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    # Six lines for each certificate, of no use to anybody who did not write the library.
    logging.getLogger("weasyprint.progress").setLevel(logging.WARNING)
    # Each plugin and each migration would say its own line; what fails says so by itself.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    house, waker = built or build_runtime(settings)
    app = Flask(__name__, static_folder=None, template_folder=str(ROOT / "templates"))
    app.url_rule_class = LateRule
    https = settings.base_url.startswith("https://")
    app.config.update(
        SECRET_KEY=settings.secret_key.get_secret_value(),
        SESSION_COOKIE_NAME="__Host-lms" if https else "lms",
        SESSION_COOKIE_SECURE=https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        WTF_CSRF_TIME_LIMIT=None,  # bound to the session, which ends by itself
        TRUSTED_HOSTS=_trusted_hosts(settings),
        BABEL_DEFAULT_LOCALE=LOCALES[Language.CHINESE],
        BABEL_DEFAULT_TIMEZONE="Asia/Shanghai",
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.filters["spoken"] = spoken
    app.jinja_env.filters["said"] = say
    app.jinja_env.filters.update(passage=passage, plain_passage=plain_passage)
    app.session_interface = AgelessCookies()
    app.extensions[SUBJECTS] = subjects

    _take_arrival_first(app)
    make_room_for_large_uploads(app)
    serve_static_files(app)
    guard_replies(app, https=https)
    speak_the_readers_language(app)
    csrf = CSRFProtect(app)
    _install_sign_in(app)
    register_error_pages(app)
    register_navigation(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    for view in app.view_functions.values():
        if not access.needs_token(view):
            csrf.exempt(view)
    app.cli.add_command(lms_commands)
    serve_house(app, house, waker)
    return app


def serve_house(app: Flask, house: Runtime, waker: Waker) -> None:
    """Let an application serve a house from now on: its routes and pages know none by themselves."""
    app.extensions[EXTENSION] = house
    app.extensions["lms_waker"] = waker
    hosts, https = app.config["TRUSTED_HOSTS"], app.config["SESSION_COOKIE_SECURE"]
    app.wsgi_app = HotLane(Flask.wsgi_app.__get__(app), house, hosts, https=https)  # type: ignore[method-assign]  # the way Flask documents
    if count := house.settings.proxy_count:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]  # the way Werkzeug documents


def _trusted_hosts(settings: Settings) -> list[str]:
    own = urlsplit(settings.base_url).hostname or "localhost"
    return settings.trusted_hosts or [own, "127.0.0.1", "localhost"]


def _take_arrival_first(app: Flask) -> None:
    @app.before_request
    def _arrive() -> None:
        # First thing in a request: every rule judges by the moment it reached us, not by our own slowness.
        environ = request.environ
        g.arrived_ms = environ.get(ARRIVED) or runtime().clock.now_ms()
        if (busy := environ.get(TURNED_AWAY)) is not None:
            raise busy


def _install_sign_in(app: Flask) -> None:
    manager = LoginManager(app)
    # Our sessions are server-side and revocable; the library's own cookie checks would only re-sign them.
    manager.session_protection = None
    app.extensions[SIGN_IN] = manager

    @manager.user_loader
    def _load(token: str) -> SignedIn | None:
        return load_signed_in(token)

    @app.before_request
    def _check_access() -> None:
        view = current_app.view_functions.get(request.endpoint or "")
        if request.endpoint is None or view is None:
            return  # unknown address or method: Flask answers 404 or 405
        access.check(view)

    @app.context_processor
    def _frame() -> dict[str, Any]:
        house = runtime()
        signed_in = bool(current_user) and current_user.is_authenticated
        return {
            "site": {
                "name": gettext(house.settings.site_name), "organisation_name": house.settings.organisation_name,
                "service_phone": house.settings.service_phone,
            },
            "current_person": current_user if signed_in else None,
            "html_lang": html_lang(),
            "now": house.clock.now(),
            "form_page": page_address() if request.method == "POST" else "",
        }  # fmt: skip
