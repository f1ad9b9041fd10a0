"""The tab in which somebody studies: one beat after the other, each repeated until it is acknowledged."""

import http.client

from tests.drills.line import Line
from tests.support.crowd import StudySeat

BEAT = "/api/v1/study/beat"
STRETCH_MS = 250


class StudyTab:
    """A player, and what it was told."""

    def __init__(self, line: Line, seat: StudySeat) -> None:
        self.seat = seat
        self.beats: dict[int, tuple[int, int]] = {}
        """Number -> (from_ms, to_ms) of acknowledged beats."""
        self.credits: dict[int, int] = {}
        """Number -> seconds that the reply to an acknowledged beat granted."""
        self.unanswered: dict[int, tuple[int, int]] = {}
        self.is_over = False
        self._line = line
        self._nonce = seat.nonce

    def turn(self) -> None:
        """Send the next beat."""
        seq = len(self.beats) + 1
        stretch = ((seq - 1) * STRETCH_MS, seq * STRETCH_MS)
        self.unanswered[seq] = stretch
        reply = self._line.send(
            BEAT,
            {
                "lease": self.seat.lease, "seq": seq, "nonce": self._nonce, "lesson_id": self.seat.lesson_id,
                "from_ms": stretch[0], "to_ms": stretch[1], "playing": True, "visible": True,
            },
        )  # fmt: skip
        if reply is None:
            return
        if reply.status != http.client.OK or reply.told.get("seq") != seq:
            self._line.complain(f"beat {seq} -> {reply.status} {reply.told}")
            self.is_over = True
            return
        self._nonce = reply.told["next"]
        self.beats[seq] = self.unanswered.pop(seq)
        self.credits[seq] = reply.told["credit"]
