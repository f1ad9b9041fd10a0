"""Clients that save answers and send beats without a pause, and write down what the site acknowledged.

Each client is one person at one browser: it sends one request at a time and, when the reply is lost, sends the same
request again with the same revision or number until it is answered. So at any moment it has at most one request
whose fate it does not know.
"""

import http.client
import json
import random
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.support.crowd import ExamSeat, StudySeat

ANSWER, BEAT = "/api/v1/exam/answer", "/api/v1/study/beat"
REPLY_SECONDS = 15.0
RETRY_SECONDS = (0.02, 0.2)
"""The wait before a repetition is random, so that a crowd does not knock all at once while the server starts."""
REST_SECONDS = 0.002
"""Twenty threads of one process share one interpreter; a breath between requests lets each have its turn."""
SHOWN_COMPLAINTS = 5


@dataclass
class Ledger:
    """What one client knows. Keys name a row, values are what the row must hold."""

    answers: dict[tuple[int, int], str] = field(default_factory=dict)
    """(position, revision) -> choice of acknowledged answers."""
    beats: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Number -> (from_ms, to_ms) of acknowledged beats."""
    credits: dict[int, int] = field(default_factory=dict)
    """Number -> seconds that the reply to an acknowledged beat granted."""
    unanswered_answers: dict[tuple[int, int], str] = field(default_factory=dict)
    unanswered_beats: dict[int, tuple[int, int]] = field(default_factory=dict)
    retried: int = 0
    complaints: list[str] = field(default_factory=list)
    """Replies that no crash explains: the drill fails on any."""

    @property
    def acknowledged(self) -> int:
        """How many writes were acknowledged."""
        return len(self.answers) + len(self.beats)


class Client(threading.Thread):
    """One person who sits an exam in one tab and studies in another, through one connection."""

    def __init__(self, port: int, exam: ExamSeat, study: StudySeat, done: threading.Event) -> None:
        super().__init__(daemon=True)
        self.ledger = Ledger()
        self.last_good = (0.0, 0.0)
        """When the last request that got its 200 was sent, and when the 200 came, by the monotonic clock."""
        self._port = port
        self._exam = exam
        self._study = study
        self._nonce = study.nonce
        self._done = done
        self._connection: http.client.HTTPConnection | None = None

    def run(self) -> None:
        """Take turns between answers and beats until told to stop."""
        turn = 0
        while not self._done.is_set():
            self._save_answer(turn)
            self._send_beat(turn)
            turn += 1
        self._drop()

    def _save_answer(self, turn: int) -> None:
        position, again = turn % len(self._exam.options) + 1, turn // len(self._exam.options)
        options = self._exam.options[position - 1]
        key, choice = (position, again + 1), options[again % len(options)]
        self.ledger.unanswered_answers[key] = choice
        body = {"lease": self._exam.lease, "position": position, "revision": key[1], "choice": [choice]}
        if self._send(ANSWER, body, {"saved": True, "position": position, "revision": key[1]}) is not None:
            self.ledger.answers[key] = self.ledger.unanswered_answers.pop(key)

    def _send_beat(self, turn: int) -> None:
        seq, stretch = turn + 1, (turn * 250, turn * 250 + 250)
        self.ledger.unanswered_beats[seq] = stretch
        body = {
            "lease": self._study.lease, "seq": seq, "nonce": self._nonce, "lesson_id": self._study.lesson_id,
            "from_ms": stretch[0], "to_ms": stretch[1], "playing": True, "visible": True,
        }  # fmt: skip
        told = self._send(BEAT, body, {"seq": seq})
        if told is not None:
            self._nonce = told["next"]
            self.ledger.beats[seq] = self.ledger.unanswered_beats.pop(seq)
            self.ledger.credits[seq] = told["credit"]

    def _send(
        self, path: str, body: Mapping[str, Any], expected: Mapping[str, Any]
    ) -> Mapping[str, Any] | None:
        """Send until there is a good reply and return it; None when the drill ended before."""
        data = json.dumps(body).encode()
        while not self._done.is_set():
            sent = time.monotonic()
            reply = self._ask(path, data)
            if reply is None:
                self.ledger.retried += 1
                self._wait()
                continue
            status, told = reply
            if status == http.client.OK and expected.items() <= told.items():
                self.last_good = (sent, time.monotonic())
                time.sleep(REST_SECONDS)
                return told
            # 503 says "not kept, repeat"; anything else says that an honest client was turned away.
            if status != http.client.SERVICE_UNAVAILABLE and len(self.ledger.complaints) < SHOWN_COMPLAINTS:
                self.ledger.complaints.append(f"{path} {data.decode()} -> {status} {told}")
            self.ledger.retried += 1
            self._wait()
        return None

    def _ask(self, path: str, data: bytes) -> tuple[int, Mapping[str, Any]] | None:
        """Ask once; None when no whole reply came."""
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=REPLY_SECONDS)
        try:
            self._connection.request("POST", path, data, {"Content-Type": "application/json"})
            reply = self._connection.getresponse()
            told = json.loads(reply.read())
        except (OSError, http.client.HTTPException, ValueError):
            self._drop()
            return None
        return reply.status, told

    def _wait(self) -> None:
        self._done.wait(random.uniform(*RETRY_SECONDS))

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Clients:
    """All clients of a drill."""

    def __init__(self, port: int, exams: Sequence[ExamSeat], studies: Sequence[StudySeat]) -> None:
        self._done = threading.Event()
        self.each = [
            Client(port, exam, study, self._done) for exam, study in zip(exams, studies, strict=True)
        ]

    def start(self) -> None:
        """Let all begin."""
        for client in self.each:
            client.start()

    def stop(self) -> None:
        """Let all end after the request in hand."""
        self._done.set()
        for client in self.each:
            if client.ident is not None:  # a server that never came up lets nobody begin
                client.join(REPLY_SECONDS + 5)

    def wait_for_good_reply(self, after: float, timeout: float) -> float:
        """Return when the first good reply to a request sent after a moment came. Raises TimeoutError.

        A reply that the killed server had left in the client's own buffer is none of the new server's.
        """
        while time.monotonic() - after < timeout:
            good = [came for sent, came in (client.last_good for client in self.each) if sent > after]
            if good:
                return min(good)
            time.sleep(0.005)
        raise TimeoutError(f"no good reply within {timeout:.0f} s")
