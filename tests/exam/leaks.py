"""Calling every route of the site as one person, and looking through all that came back for what must not leave."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask
from werkzeug.routing import BuildError, Rule

from lms.app.static_files import FOLDER
from question_bank.items import KeyEntry
from tests.support.browser import Browser

LEADS_AWAY = {"accounts.sign_out"}
NUMBER = 1
"""What stands in an address that wants a number."""
QUESTION_KEYS = {"position", "type", "stem", "options", "points", "partial_credit", "wants_number"}
OPTION_KEYS = {"id", "label", "text"}
PAPER_KEYS = {
    "attempt_id", "attempt_no", "lease", "first_revision", "remaining_ms", "answers", "marks", "pictures", "questions",
}  # fmt: skip
"""All that the start of an exam may send."""


def rules(app: Flask) -> Iterator[tuple[Rule, str]]:
    """Every route with each method it answers."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"OPTIONS"}):
            if rule.endpoint not in LEADS_AWAY:
                yield rule, method


def everything_said(
    app: Flask,
    browser: Browser,
    ids: Mapping[str, str],
    body: Mapping[str, Any],
    but: set[str],
    about: str = "",
) -> dict[str, str]:
    """Call every route with the ids there are, and every static file; return all that came back, headers too.

    `about` names a part of an address: only routes that have it are called.
    """
    said: dict[str, str] = {}
    with app.test_request_context():
        adapter = app.create_url_adapter(None) or app.url_map.bind("localhost")
    for rule, method in rules(app):
        if rule.endpoint in but or (about and about not in rule.arguments):
            continue
        for names in _names(rule, ids):
            url = _address(adapter, rule, names, method)
            is_json = rule.endpoint.partition(".")[0].endswith("_api")
            sent = {} if method in {"GET", "HEAD"} else {"json" if is_json else "data": dict(body)}
            headers = {} if method in {"GET", "HEAD"} else {"X-CSRFToken": browser._token}
            with browser.client.open(url, method=method, headers=headers, **sent) as reply:
                said[f"{method} {url}"] = f"{reply.headers}\n{reply.get_data().decode(errors='replace')}"
    return said


def _names(rule: Rule, ids: Mapping[str, str]) -> Iterator[dict[str, str]]:
    if rule.endpoint == "static":
        for path in sorted(FOLDER.rglob("*")):
            if path.is_file():
                yield {"release": "any", "filename": path.relative_to(FOLDER).as_posix()}
        return
    yield {name: ids.get(name, "0123456789abcdef") for name in rule.arguments}


def _address(adapter: Any, rule: Rule, names: Mapping[str, str], method: str) -> str:
    try:
        found: str = adapter.build(rule.endpoint, names, method=method)
    except (BuildError, ValueError):
        found = adapter.build(rule.endpoint, dict.fromkeys(names, NUMBER), method=method)
    return found


@dataclass(frozen=True)
class Leak:
    """What was found, and where."""

    where: str
    what: str


def leaks(said: Mapping[str, str], words: Iterable[str], entries: Iterable[KeyEntry] = ()) -> list[Leak]:
    """Return every word that must not be said, and every reply that tells some options of a question from others.

    A reply may name the options of a question, but each of them as often as the others: a right one that is named
    once more, in a header, a comment or beside its text, is a hint.
    """
    found = [Leak(where, word) for where, text in said.items() for word in words if word in text]
    for where, text in said.items():
        for entry in entries:
            counts = {option: text.count(option) for option in entry.shown}
            if len(set(counts.values())) > 1:
                found.append(Leak(where, f"question {entry.position}: {sorted(counts.values())}"))
    return found


def surplus(paper: Mapping[str, Any]) -> set[str]:
    """Return what the start of an exam sends beyond what a candidate may see."""
    found = set(paper) - PAPER_KEYS
    for question in paper["questions"]:
        found |= set(question) - QUESTION_KEYS
        found |= {name for option in question["options"] for name in set(option) - OPTION_KEYS}
    return found


Plant = Callable[[Any, str], None]


def in_a_header(reply: Any, secret: str) -> None:
    """Put a secret into a header."""
    reply.headers["X-Paper"] = secret


def in_a_comment(reply: Any, secret: str) -> None:
    """Put a secret into a comment of a page."""
    if reply.mimetype == "text/html":
        reply.set_data(reply.get_data(as_text=True).replace("</html>", f"<!-- {secret} --></html>"))


def in_json(reply: Any, secret: str) -> None:
    """Put a secret into a JSON body."""
    if reply.is_json:
        told = reply.get_json()
        reply.set_data(json.dumps({**told, "hint": secret} if isinstance(told, dict) else [*told, secret]))


PLANTS: tuple[Plant, ...] = (in_a_header, in_a_comment, in_json)
