"""Replies that a running exam and a rehearsal share."""

from flask import Response, jsonify
from flask_babel import gettext as _

from lms.exam.errors import OlderRevision


def older(refusal: OlderRevision) -> tuple[Response, int]:
    """Tell a page which revision is stored, so that what is done there now can be the next one."""
    return jsonify(status=409, code=refusal.code, title=_(refusal.title), revision=refusal.revision), 409
