"""The one blueprint of the room."""

from flask import Blueprint

blueprint = Blueprint("exam", __name__, url_prefix="/exam")
