"""What the pages of the bank share: their address, their names and the page asked for."""

from flask import Blueprint as FlaskBlueprint
from flask import request
from werkzeug.wrappers import Response

from question_bank.items import AREAS, DIFFICULTY_NAMES, TYPE_NAMES

blueprint = FlaskBlueprint("questions", __name__, url_prefix="/questions")


Reply = str | Response | tuple[str, int]
NAMES = {"type_names": TYPE_NAMES, "area_names": AREAS, "difficulty_names": DIFFICULTY_NAMES}


def page_asked() -> int:
    """Return the number of the page in the address, from 1."""
    return min(max(1, request.args.get("page", 1, type=int)), 1_000_000)
