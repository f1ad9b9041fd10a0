"""Whether the house can work: for the supervisor, a load balancer and the operator."""

from flask import Blueprint, Response, current_app, jsonify
from sqlalchemy import text

from lms.accounts.access import public
from lms.core import outbox
from lms.core.web import runtime

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@public
def healthz() -> Response:
    """Answer when this process is alive and its database answers."""
    with runtime().read() as uow:
        uow.session.execute(text("SELECT 1"))
    return jsonify(status="ok")


@blueprint.get("/readyz")
@public
def readyz() -> tuple[Response, int]:
    """Say what works: database, Redis (may be away), waiting jobs."""
    with runtime().read() as uow:
        waiting = outbox.waiting_count(uow.session)
    redis = current_app.extensions["lms_waker"].is_reachable()
    return jsonify(database=True, redis=redis, waiting_jobs=waiting), 200
