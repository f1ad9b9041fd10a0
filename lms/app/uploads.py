"""Uploads on their way in: small ones in memory, larger ones on the disk of the site, the largest for few."""

from tempfile import SpooledTemporaryFile
from typing import IO, cast

from flask import Flask, Request, current_app, request

from lms.accounts import access
from lms.core.web import runtime

IN_MEMORY_BYTES = 512 * 1024
FORM_BYTES = 1 << 20
"""Room for the other fields of a form with a large file."""


class SpoolingRequest(Request):
    """A request whose files lie in a folder of the site: `/tmp` may be a piece of memory."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        del total_content_length, content_type, filename, content_length
        # A file comes as slowly as its sender's line: meanwhile other pages are worked at.
        runtime().pages.leave()
        folder = runtime().root / "uploads"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return cast(
            "IO[bytes]", SpooledTemporaryFile(max_size=IN_MEMORY_BYTES, dir=str(folder))
        )  # closed with the request


def make_room_for_large_uploads(app: Flask) -> None:
    """Let some views take large files, once it is known that the person may call them at all."""
    app.request_class = SpoolingRequest

    @app.before_request
    def _make_room() -> None:
        view = current_app.view_functions.get(request.endpoint or "")
        if access.takes_large_upload(view):
            access.check(view)
            request.max_content_length = runtime().settings.video_max_mb * 1_000_000 + FORM_BYTES
