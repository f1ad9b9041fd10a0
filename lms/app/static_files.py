"""Styles, scripts and pictures: their addresses carry what they are, so a browser keeps them and a new release is seen.

A script loads its parts by relative addresses, so that all parts of a page come from the same release. An address of
another release is answered with what there is now, and not kept: a page that was sent just before an update works on.
"""

import hashlib
from pathlib import Path
from typing import Any

from flask import Flask, Response, send_from_directory

from lms.accounts import access

FOLDER = Path(__file__).parent / "static"
ENDPOINT = "static"
KEPT_SECONDS = 365 * 24 * 3600


def release_of(folder: Path) -> str:
    """Return a short name of all files in a folder: another one when any of them is another."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]


def serve_static_files(app: Flask) -> None:
    """Give an application, which has no static folder of Flask's, the route that `url_for("static", …)` names."""
    current = release_of(FOLDER)

    @access.public
    def static(release: str, filename: str) -> Response:
        return send_from_directory(
            FOLDER, filename, max_age=KEPT_SECONDS if release == current else 0, conditional=True
        )

    app.add_url_rule("/static/<release>/<path:filename>", ENDPOINT, static)

    @app.url_defaults
    def _name_the_release(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == ENDPOINT:
            values.setdefault("release", current)
