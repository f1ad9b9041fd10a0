"""Styles and scripts are kept by browsers for as long as they are the same, and never mixed with those of an update."""

import re
from pathlib import Path

from flask import Flask
from werkzeug.test import Client

from lms.app.static_files import release_of


def test_a_page_names_files_that_browsers_may_keep(app: Flask) -> None:
    browser = Client(app)
    addresses = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', browser.get("/sign-in").text))
    assert addresses
    for address in addresses:
        reply = browser.get(address)
        assert (reply.status_code, reply.cache_control.max_age) == (200, 365 * 24 * 3600), address
        assert reply.headers["X-Content-Type-Options"] == "nosniff"


def test_a_file_of_another_release_is_the_present_one_and_not_kept(app: Flask) -> None:
    browser = Client(app)
    address = next(
        found
        for found in re.findall(r'href="(/static/[^"]+)"', browser.get("/sign-in").text)
        if "theme" in found
    )
    release = address.split("/")[2]
    other = browser.get(address.replace(release, "0123456789ab"))
    assert (other.status_code, other.cache_control.max_age) == (200, 0)
    assert other.data == browser.get(address).data
    assert browser.get(f"/static/{release}/no-such.css").status_code == 404
    assert browser.get(f"/static/{release}/..%2ffactory.py").status_code == 404


def test_a_release_has_another_name_when_a_file_is_another(tmp_path: Path) -> None:
    (tmp_path / "js").mkdir()
    (tmp_path / "js" / "a.js").write_text("1")
    first = release_of(tmp_path)
    (tmp_path / "js" / "a.js").write_text("2")
    second = release_of(tmp_path)
    (tmp_path / "js" / "a.js").rename(tmp_path / "js" / "b.js")
    assert len({first, second, release_of(tmp_path)}) == 3
