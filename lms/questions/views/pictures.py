"""The pictures of questions, sent to who may see them."""

from flask import Response

from lms.accounts.access import roles
from lms.accounts.policy import Role
from lms.core.errors import NotFound
from lms.core.web import arrived_at, runtime
from lms.questions import queries
from lms.questions.queries import PictureFacts
from lms.questions.views.blueprint import blueprint


@blueprint.get("/pictures/<key>")
@roles(Role.QUESTION_ADMIN)
def picture(key: str) -> Response:
    """Show a picture of the bank to who keeps it."""
    with runtime().read(arrived_at()) as uow:
        found = queries.pictures(uow, [key]).get(key)
    return send_picture(found)


def send_picture(picture: PictureFacts | None) -> Response:
    """Answer with a picture's stored file. Raises NotFound when there is none."""
    if picture is None:
        raise NotFound
    return Response(runtime().storage.get(picture.file_key), mimetype=picture.media_type)
