"""What the pages of the bank share: their address and their names."""

from flask import Blueprint as FlaskBlueprint
from werkzeug.wrappers import Response

from question_bank.items import AREAS, DIFFICULTY_NAMES, TYPE_NAMES

blueprint = FlaskBlueprint("questions", __name__, url_prefix="/questions")


Reply = str | Response | tuple[str, int]
NAMES = {"type_names": TYPE_NAMES, "area_names": AREAS, "difficulty_names": DIFFICULTY_NAMES}
