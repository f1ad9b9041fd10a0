"""A browser's connection to a site that may die under it: it asks the same again until it is answered."""

import http.client
import json
import random
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

REPLY_SECONDS = 15.0
RETRY_SECONDS = (0.02, 0.2)
"""The wait before a repetition is random, so that a crowd does not knock all at once while the server starts."""
LONGEST_BACK_OFF = 8
"""It doubles with each that was in vain, up to so much of the first."""
SHOWN_COMPLAINTS = 5


@dataclass(frozen=True)
class Reply:
    """A reply that settles a request. `told` is what its JSON says, or the text of a page."""

    status: int
    told: Any
    is_first: bool = True
    """Whether the request was sent once only; an earlier try without a reply may have been carried out."""

    @property
    def code(self) -> str:
        """What a refusal calls itself."""
        return str(self.told.get("code", "")) if isinstance(self.told, dict) else ""


class Line:
    """One person's connection. It sends one request at a time, so that at most one is of unknown fate."""

    def __init__(
        self, port: int, done: threading.Event, *, complaints: list[str] | None = None,
        reply_seconds: float = REPLY_SECONDS,
    ) -> None:  # fmt: skip
        self.done = done
        self.retried = 0
        self.complaints = [] if complaints is None else complaints
        """Replies that no crash explains: the drill fails on any."""
        self.last_good = (0.0, 0.0)
        """When the last request that got its 2xx was sent, and when that came, by the monotonic clock."""
        self._port = port
        self._reply_seconds = reply_seconds
        self._connection: http.client.HTTPConnection | None = None

    def send(
        self, path: str, body: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None,
        method: str = "POST",
    ) -> Reply | None:  # fmt: skip
        """Send until there is a reply that is not "busy, repeat"; None when the drill ended before."""
        is_first, back_off = True, 1
        while not self.done.is_set():
            sent = time.monotonic()
            found = self.ask(path, body, headers, method)
            if found is not None and found.status != http.client.SERVICE_UNAVAILABLE:
                if found.status < http.client.MULTIPLE_CHOICES:
                    self.last_good = (sent, time.monotonic())
                return Reply(found.status, found.told, is_first)
            self.retried += 1
            is_first = False
            self.pause(back_off * random.uniform(*RETRY_SECONDS))
            back_off = min(2 * back_off, LONGEST_BACK_OFF)
        return None

    def ask(
        self, path: str, body: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None,
        method: str = "POST",
    ) -> Reply | None:  # fmt: skip
        """Ask once; None when no whole reply came."""
        if self._connection is None:
            self._connection = http.client.HTTPConnection(
                "127.0.0.1", self._port, timeout=self._reply_seconds
            )
        data = None if body is None else json.dumps(body).encode()
        named = {**({} if data is None else {"Content-Type": "application/json"}), **(headers or {})}
        try:
            self._connection.request(method, path, data, named)
            reply = self._connection.getresponse()
            text = reply.read().decode()
            is_json = "json" in (reply.getheader("Content-Type") or "")
            return Reply(reply.status, json.loads(text) if is_json else text)
        except (OSError, http.client.HTTPException, ValueError):
            self.drop()
            return None

    def complain(self, what: str) -> None:
        """Note that an honest client was turned away, or told what cannot be."""
        if len(self.complaints) < SHOWN_COMPLAINTS:
            self.complaints.append(what)

    def pause(self, seconds: float) -> None:
        """Wait, but no longer than the drill lasts."""
        self.done.wait(seconds)

    def drop(self) -> None:
        """Close the connection; the next request opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
