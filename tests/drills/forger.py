"""The attacker of class A9: he reads every script and page he is served, and alters what is signed by letters."""

import base64
import json
import re
from collections.abc import Iterator
from typing import Any

from lms.core.identifiers import new_id
from tests.drills.attackers import REFUSED, Scene
from tests.drills.tabs import PRESENCE, Tab
from tests.drills.verdicts import Trial

SIGNING = re.compile(
    r"crypto\s*\.\s*subtle|importKey|createHmac|\bhmac\b|sha-?(?:1|256|512)\b|\bmd5\b|secret|privateKey|\bsign\s*\(",
    re.IGNORECASE,
)
"""Words by which a script would make a mark of its own."""
SCRIPT = re.compile(r"""(?:src|href)="(/static/[^"]+\.js[^"]*)\"""")
IMPORT = re.compile(r"""(?:from|import)\s*\(?\s*["'](\.[^"']+)["']""")


def forged(scene: Scene) -> Trial:
    """A9: look for keys and for signing in what is served; then alter lease, mark and number one letter at a time."""
    trial = Trial("A9", "")
    tab = scene.tab()
    scripts = _search(scene, tab, trial)
    tab.open()
    altered = 0
    for second in scene.each_second():
        honest = tab.body(second * 1000, (second + 1) * 1000)
        for what, change in _signed_fields(honest, second):
            status = tab.send(honest | change).status_code
            altered += 1
            if status not in REFUSED:
                trial.problems.append(f"{what} answered {status}")
        tab.send(honest | _unsigned_fields(scene, second))
    reply = tab.post(PRESENCE, {"lease": tab.lease, "check_id": new_id(), "try": 0, "choice": "A"})
    if reply.status_code not in REFUSED:
        trial.problems.append(f"a made-up presence check answered {reply.status_code}")
    trial.tried = (
        f"{scripts} scripts searched for keys and signing; {altered} forged leases, marks and numbers"
    )
    return scene.judged(trial)


def _search(scene: Scene, tab: Tab, trial: Trial) -> int:
    """Look through the pages around study and all scripts they name, and whatever those import."""
    pages = [
        f"/study/{scene.course.plan_id}",
        f"/study/{scene.course.plan_id}/ledger",
        "/study/?all=1",
        "/home",
    ]
    texts = {address: tab.browser.download(address).text for address in pages}
    waiting = [found for text in texts.values() for found in SCRIPT.findall(text)]
    scripts: dict[str, str] = {}
    while waiting:
        address = waiting.pop()
        if address in scripts:
            continue
        reply = tab.browser.download(address)
        trial.statuses[reply.status_code] += 1
        scripts[address] = reply.text
        folder = address.rpartition("/")[0]
        waiting += [f"{folder}/{name.removeprefix('./')}" for name in IMPORT.findall(reply.text)]
    if not any("player" in address for address in scripts):
        trial.problems.append("the player's script was not found")
    for address, text in {**texts, **scripts}.items():
        trial.problems += [
            f"{address} holds a key of the site" for secret in scene.town.secrets if secret in text
        ]
    for address, text in scripts.items():
        if "/vendor/" not in address and (found := SIGNING.search(text)):
            trial.problems.append(f"{address} speaks of {found[0]!r}")
    return len(scripts)


def _signed_fields(honest: dict[str, Any], second: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what to alter: each letter of lease and mark in its turn, and every other number of the beat."""
    for field in ("lease", "nonce"):
        text = honest[field]
        for place in range(second % 4, len(text), 4):
            letter = "A" if text[place] != "A" else "B"
            if text[place] != ".":
                yield (
                    f"{field} with letter {place} changed",
                    {field: text[:place] + letter + text[place + 1 :]},
                )
        yield f"{field} cut short", {field: text[:-1]}
        yield f"{field} empty", {field: ""}
        yield f"{field} made longer", {field: text + "A"}
    body, _, mark = honest["lease"].partition(".")
    for claims in ({"s": new_id()}, {"s": "x", "admin": True}, {}, []):
        written = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
        yield f"a lease of {claims} under the old mark", {"lease": f"{written}.{mark}"}
        yield f"a lease of {claims} under the mark of a beat", {"lease": f"{written}.{honest['nonce']}"}
    yield "the beat's mark as the lease's", {"lease": f"{body}.{honest['nonce']}"}
    yield "the lease's mark as the beat's", {"nonce": mark}
    for seq in (honest["seq"] - 1, honest["seq"] + 1, honest["seq"] + 1000, 0):
        yield f"number {seq} in place of {honest['seq']}", {"seq": seq}


def _unsigned_fields(scene: Scene, second: int) -> dict[str, Any]:
    """Return what he writes into the fields that nobody signed: none is worth more than the time that passed."""
    changes: tuple[dict[str, Any], ...] = (
        {},
        {"from_ms": 0, "to_ms": scene.course.lesson_ms},
        {"lesson_id": scene.course.lessons[-1]},
        {"to_ms": 24 * 3600 * 1000},
        {"playing": True, "visible": True, "rate": 16},
    )
    return changes[second % len(changes)]
