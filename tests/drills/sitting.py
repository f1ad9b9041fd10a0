"""The tab in which people sit exams, one after the other: they start, save answers, hand in or run into the deadline.

Each request is repeated until it is answered, as a page does it. What was acknowledged, refused, or never answered is
kept for each attempt.
"""

import http.client
import random
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.drills.line import Line, Reply

ANSWER, SUBMIT = "/api/v1/exam/answer", "/api/v1/exam/submit"
OVER = frozenset({"time_up", "attempt_closed"})
RIGHT_TEXT = "三"
"""The right option of every question in the drills' bank."""
EARLY_SECONDS = 0.25
"""The client knows its deadline to so much: the reply that told it took its time."""
LOOK_AGAIN_SECONDS = 0.3
HAND_IN_SHARE = 0.5
HAND_IN_BETWEEN = (0.2, 0.9)
"""Of the time of the exam."""
RECEIPT = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){2}\b")

Answers = dict[tuple[int, int], str]
"""(position, revision) -> choice."""


@dataclass(frozen=True)
class Sitter:
    """Somebody who may sit. `headers` are his cookie and the token of his page."""

    person_id: str
    plan_id: str
    headers: Mapping[str, str]
    knows_all: bool
    """Whether he answers everything right."""


@dataclass
class Sitting:
    """What a client knows of one attempt."""

    attempt_id: str
    attempt_no: int
    lease: str
    options: tuple[tuple[tuple[str, str], ...], ...]
    """(id, text) of the options of each question in order."""
    ends: float
    """When the deadline is, by the client's monotonic clock; told late, so never too early."""
    hand_in_at: float | None
    answers: Answers = field(default_factory=dict)
    """Acknowledged."""
    unanswered: Answers = field(default_factory=dict)
    """Sent, and never answered for certain: each may be stored or not."""
    refused: Answers = field(default_factory=dict)
    """Refused at once: none may be stored."""
    turns: int = 0
    is_handed_in: bool = False
    receipt: str | None = None


class ExamTab:
    """One seat of the exam hall. When somebody has finished, the next one sits down."""

    def __init__(self, line: Line, sitters: Iterator[Sitter], chance: random.Random) -> None:
        self.sittings: list[Sitting] = []
        self.is_over = False
        """Whether nobody waits for this seat any more."""
        self._line = line
        self._sitters = sitters
        self._chance = chance
        self._sitter: Sitter | None = None
        self._sitting: Sitting | None = None
        self._act: Callable[[], None] = self._sit_down

    def turn(self) -> None:
        """Make one request."""
        self._act()

    def _sit_down(self) -> None:
        self._sitter = next(self._sitters, None)
        self._sitting = None
        self.is_over = self._sitter is None
        self._act = self._start

    def _start(self) -> None:
        sitter = self._sitter
        assert sitter is not None
        reply = self._line.send(f"/api/v1/exam/plans/{sitter.plan_id}/attempts", headers=sitter.headers)
        if reply is None:
            return
        if reply.status == http.client.CREATED:
            self._begin(reply.told)
        elif reply.code == "exam_not_open" and self._sitting is not None:
            self._sit_down()  # he has passed, or used his attempts
        else:
            self._turned_away("start", reply)

    def _begin(self, told: Mapping[str, Any]) -> None:
        seconds = told["remaining_ms"] / 1000
        now = time.monotonic()
        wants = self._chance.random() < HAND_IN_SHARE
        self._sitting = Sitting(
            told["attempt_id"], told["attempt_no"], told["lease"],
            tuple(tuple((one["id"], one["text"]) for one in question["options"]) for question in told["questions"]),
            now + seconds, now + seconds * self._chance.uniform(*HAND_IN_BETWEEN) if wants else None,
        )  # fmt: skip
        self.sittings.append(self._sitting)
        self._act = self._save

    def _save(self) -> None:
        sitting = self._present()
        if sitting.hand_in_at is not None and time.monotonic() >= sitting.hand_in_at:
            self._act = self._hand_in
            return
        position, again = sitting.turns % len(sitting.options) + 1, sitting.turns // len(sitting.options)
        options = sitting.options[position - 1]
        right = next(one_id for one_id, text in options if text == RIGHT_TEXT)
        assert self._sitter is not None
        others = [one_id for one_id, _ in options if one_id != right]
        choice = right if self._sitter.knows_all else others[again % len(others)]
        key = (position, again + 1)
        sitting.turns += 1
        sitting.unanswered[key] = choice
        body = {"lease": sitting.lease, "position": position, "revision": key[1], "choice": [choice]}
        reply = self._line.send(ANSWER, body)
        if reply is None:
            return
        if reply.status == http.client.OK and reply.told.get("revision") == key[1]:
            sitting.answers[key] = sitting.unanswered.pop(key)
        elif reply.code in OVER and self._is_time():
            if reply.is_first:
                sitting.refused[key] = sitting.unanswered.pop(key)
            self._act = self._look_at_result
        else:
            self._turned_away(f"answer {key}", reply)

    def _hand_in(self) -> None:
        sitting = self._present()
        reply = self._line.send(SUBMIT, {"lease": sitting.lease})
        if reply is None:
            return
        if reply.status == http.client.OK and reply.told.get("submitted") is True:
            sitting.is_handed_in = True
            again = self._line.send(SUBMIT, {"lease": sitting.lease})
            if again is not None and (again.status, again.told) != (reply.status, reply.told):
                self._turned_away("second hand-in", again)
                return
        elif not (reply.code == "time_up" and self._is_time()):
            self._turned_away("hand-in", reply)
            return
        self._act = self._look_at_result

    def _look_at_result(self) -> None:
        sitting = self._present()
        assert self._sitter is not None
        path = f"/exam/attempts/{sitting.attempt_id}/result"
        reply = self._line.send(path, headers=self._sitter.headers, method="GET")
        if reply is None:
            return
        found = RECEIPT.findall(reply.told) if reply.status == http.client.OK else []
        if len(set(found)) == 1:
            sitting.receipt = found[0]
            self._act = self._start if sitting.attempt_no == 1 else self._sit_down
        elif sitting.is_handed_in or reply.status not in {http.client.OK, http.client.FOUND}:
            self._turned_away("result page without a receipt", Reply(reply.status, str(reply.told)[:300]))
        else:
            self._line.pause(LOOK_AGAIN_SECONDS)  # the house will close it in a moment

    def _present(self) -> Sitting:
        assert self._sitting is not None
        return self._sitting

    def _is_time(self) -> bool:
        return time.monotonic() >= self._present().ends - EARLY_SECONDS

    def _turned_away(self, what: str, reply: Reply) -> None:
        attempt = self._sitting.attempt_id if self._sitting else "-"
        self._line.complain(f"{what} of attempt {attempt} -> {reply.status} {reply.told}")
        self._sit_down()
