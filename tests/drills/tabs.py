"""A player page as somebody sees it who does not play by its rules: one browser tab, its session and its beats."""

import base64
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.support.person import Person

BEAT, PRESENCE = "/api/v1/study/beat", "/api/v1/study/presence"


def session_of(lease: str) -> str:
    """Return the session that a lease names: anybody can read a lease, nobody can write one."""
    body = lease.partition(".")[0]
    return str(json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))["s"])


@dataclass
class Tab:
    """One tab. It keeps count of every status and of every acknowledged beat."""

    browser: Person
    plan_id: str
    lessons: Sequence[str]
    statuses: Counter[int] = field(default_factory=Counter)
    acknowledged: dict[tuple[str, int], int] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)
    """The last good reply to a beat or to the opening."""
    lease: str = ""
    sent: dict[str, Any] = field(default_factory=dict)
    """The last beat as it was sent."""

    def open(self) -> int:
        """Open a session; whatever tab of the person had one has none any more."""
        reply = self.post(f"/study/{self.plan_id}/sessions", {})
        if reply.status_code == httpx.codes.CREATED:
            self.told = reply.json()
            self.lease = self.told["lease"]
        return reply.status_code

    def body(self, from_ms: int, to_ms: int, lesson: int = 0) -> dict[str, Any]:
        """Return the next beat."""
        return {
            "lease": self.lease, "seq": self.told["seq"] + 1, "nonce": self.told["next"],
            "lesson_id": self.lessons[lesson], "from_ms": from_ms, "to_ms": to_ms, "playing": True, "visible": True,
        }  # fmt: skip

    def beat(self, from_ms: int, to_ms: int, lesson: int = 0, **changes: Any) -> int:
        """Send the next beat and return the status."""
        self.sent = self.body(from_ms, to_ms, lesson) | changes
        return self.send(self.sent).status_code

    def send(self, body: dict[str, Any]) -> httpx.Response:
        """Send any beat; a good reply is written down and its mark is used for the next one."""
        reply = self.post(BEAT, body)
        if reply.status_code == httpx.codes.OK:
            told = reply.json()
            self.acknowledged[session_of(str(body["lease"])), told["seq"]] = told["credit"]
            if body["lease"] == self.lease and told["seq"] > self.told["seq"]:
                self.told = told
        return reply

    def post(self, address: str, body: Any) -> httpx.Response:
        """Send anything as the page's script would."""
        reply = self.browser.call(address, body)
        self.statuses[reply.status_code] += 1
        return reply
