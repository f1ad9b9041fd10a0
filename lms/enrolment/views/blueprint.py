"""The blueprint of the enrolment room's pages."""

from flask import Blueprint

blueprint = Blueprint("enrolment", __name__)
