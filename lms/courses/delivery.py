"""Sending stored videos and what belongs to them: by parts, or handed over to nginx.

The site answers at most `RANGE_BYTES` at a time and at once, so that no stalled viewer holds a thread. With
`LMS_ACCEL_PREFIX` set it only says who may have the file; nginx sends it, ranges and all.
"""

import re

from flask import Response, request

from lms.core.settings import Settings
from lms.core.storage import Storage
from lms.courses.policy import RANGE_BYTES

_RANGE = re.compile(r"bytes=(\d{1,15})?-(\d{1,15})?")
KEPT_SECONDS = 86_400
PARTIAL, UNSATISFIABLE = 206, 416


def send_stored(storage: Storage, settings: Settings, key: str, size: int, mimetype: str) -> Response:
    """Answer with a stored file, or the part of it that was asked for."""
    headers = {
        "Accept-Ranges": "bytes", "ETag": f'"{key[:32]}"', "Cache-Control": f"private, max-age={KEPT_SECONDS}",
        "Content-Disposition": "inline", "Vary": "Cookie",
    }  # fmt: skip
    if settings.accel_prefix:
        return Response(headers=headers | _handed_over(settings, key), mimetype=mimetype)
    asked = asked_range(request.headers.get("Range", ""), size)
    if asked is None:
        return Response(status=UNSATISFIABLE, headers=headers | {"Content-Range": f"bytes */{size}"})
    start, end = asked
    data = storage.read_range(key, start, end - start)
    headers["Content-Range"] = f"bytes {start}-{start + len(data) - 1}/{size}"
    return Response(data, status=PARTIAL, headers=headers, mimetype=mimetype)


def send_whole(storage: Storage, settings: Settings, key: str, mimetype: str, name: str = "") -> Response:
    """Answer with a small stored file as a whole; with a `name` as a download."""
    headers = {"ETag": f'"{key[:32]}"', "Cache-Control": f"private, max-age={KEPT_SECONDS}", "Vary": "Cookie"}
    headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}" if name else "inline"
    if settings.accel_prefix:
        return Response(headers=headers | _handed_over(settings, key), mimetype=mimetype)
    return Response(storage.get(key), headers=headers, mimetype=mimetype)


def _handed_over(settings: Settings, key: str) -> dict[str, str]:
    return {"X-Accel-Redirect": f"{settings.accel_prefix.rstrip('/')}/{key[:2]}/{key[2:4]}/{key}"}


def asked_range(header: str, size: int) -> tuple[int, int] | None:
    """Return (start, end) of one asked range, at most RANGE_BYTES long, or None when it cannot be served.

    A request without a range is served its first part: browsers always ask by range, and a whole video
    in one reply would have to be streamed.
    """
    match = _RANGE.fullmatch(header or "bytes=0-")
    if match is None:
        return None
    first, last = match.groups()
    if first is None and last is None:
        return None
    if first is None:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(size, int(last) + 1) if last is not None else size
    if start >= end:
        return None
    return start, min(end, start + RANGE_BYTES)
