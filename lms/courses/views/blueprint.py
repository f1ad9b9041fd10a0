"""The blueprint of the courses room, and how its pages send what is stored."""

from flask import Blueprint
from werkzeug.wrappers import Response

from lms.accounts.access import current_actor
from lms.core.errors import NotFound
from lms.core.web import runtime
from lms.courses.delivery import send_stored, send_whole
from lms.courses.policy import may_prepare
from lms.courses.queries import DraftLessonFacts, LessonFacts

Reply = str | Response | tuple[str, int]
blueprint = Blueprint("courses", __name__, url_prefix="/desk/courses")


def require_right() -> None:
    """Raise NotFound when the person's role does not reach the whole province."""
    if not may_prepare(current_actor()):
        raise NotFound


def send_media(lesson: DraftLessonFacts | LessonFacts, what: str) -> Response:
    """Send a lesson's video, light version, poster or captions to staff. Raises NotFound for what is not there."""
    house = runtime()
    keys = {"poster": lesson.poster_key, "captions": lesson.captions_key}
    if what == "video" and lesson.file_key and lesson.size_bytes:
        return send_stored(house.storage, house.settings, lesson.file_key, lesson.size_bytes, "video/mp4")
    if what == "low" and lesson.low_key and lesson.low_bytes:
        return send_stored(house.storage, house.settings, lesson.low_key, lesson.low_bytes, "video/mp4")
    key = keys.get(what)
    if key is None:
        raise NotFound
    return send_whole(house.storage, house.settings, key, "image/jpeg" if what == "poster" else "text/vtt")
