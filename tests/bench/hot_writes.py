"""The two hot writes: a beat of the player and a saved answer, each on disk before its reply.

Under this load a session sends dozens of beats in a second of the server's time, so most of them earn no credit;
`credited_share` says how many did. The write happens all the same: every beat is a row, and every reply was
committed. What a credited beat costs more is two small updates; a player in real life sends one beat in fifteen
seconds, and nearly all of them are credited.
"""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from tests.bench.rig import House
from tests.bench.rounds import Ask
from tests.bench.wrk import Load, Seat
from tests.support.crowd import Crowd, ExamSeat, StudySeat

PEOPLE = 64
REVISIONS_PER_RUN = 5_000
"""More than a run can use up; the next run begins above."""


class Heartbeat:
    """`POST /api/v1/study/beat` of 64 people who study."""

    script = "heartbeat"
    path = "/api/v1/study/beat"

    def __init__(self, house: House) -> None:
        self._runtime = house.runtime
        self._crowd = Crowd(house.runtime, PEOPLE, sits=False)
        self._seats: list[StudySeat] = []

    def seats(self) -> Sequence[Seat]:
        """Open a fresh session for everybody."""
        self._seats = self._crowd.open_study()
        return [{"lease": one.lease, "nonce": one.nonce, "lesson": one.lesson_id} for one in self._seats]

    def lost(self, load: Load) -> int:
        """Count beats that were answered 200 and are no row, and rows beyond the one that was under way at the end."""
        with self._runtime.read() as uow:
            rows = uow.session.execute(text("SELECT session_id, seq FROM study_beat")).all()
        stored: dict[str, set[int]] = {}
        for session_id, seq in rows:
            stored.setdefault(session_id, set()).add(seq)
        return sum(
            _difference(set(range(1, acked + 1)), stored.get(seat.session_id, set()))
            for seat, acked in zip(self._seats, load.acked, strict=True)
        )

    def notes(self, ask: Ask) -> dict[str, Any]:
        """Say how many of the beats earned credit."""
        with self._runtime.read() as uow:
            beats, credited = uow.session.execute(
                text("SELECT COUNT(*), SUM(CASE WHEN credit_seconds > 0 THEN 1 ELSE 0 END) FROM study_beat")
            ).one()
        return {"credited_share": round(credited / beats, 3)}


class Autosave:
    """`POST /api/v1/exam/answer` of 64 people who sit an exam."""

    script = "autosave"
    path = "/api/v1/exam/answer"

    def __init__(self, house: House) -> None:
        self._runtime = house.runtime
        self._seats: list[ExamSeat] = Crowd(house.runtime, PEOPLE, studies=False).start_exams()
        self._base = -REVISIONS_PER_RUN

    def seats(self) -> Sequence[Seat]:
        """Let everybody go on in the same attempt, with revisions above those of the last run."""
        self._base += REVISIONS_PER_RUN
        return [
            {
                "lease": seat.lease, "base": self._base,
                "choices": [[json.dumps([options[0]]), json.dumps([options[1]])] for options in seat.options],
            }
            for seat in self._seats
        ]  # fmt: skip

    def lost(self, load: Load) -> int:
        """Count answers that were acknowledged and are not stored as sent, and rows that nobody sent."""
        with self._runtime.read() as uow:
            rows = uow.session.execute(
                text(
                    "SELECT attempt_id, position, revision, choice FROM answer_revision WHERE revision > :base"
                ),
                {"base": self._base},
            ).all()
        stored: dict[str, set[tuple[int, int, str]]] = {}
        for attempt_id, position, revision, choice in rows:
            stored.setdefault(attempt_id, set()).add((position, revision, choice))
        return sum(
            _difference({self._sent(seat, n) for n in range(acked)}, stored.get(seat.attempt_id, set()))
            for seat, acked in zip(self._seats, load.acked, strict=True)
        )

    def _sent(self, seat: ExamSeat, n: int) -> tuple[int, int, str]:
        """Return what the script sends as its n-th answer: see autosave.lua."""
        position, turn = n % len(seat.options) + 1, n // len(seat.options)
        return position, self._base + turn + 1, seat.options[position - 1][turn % 2]

    def notes(self, ask: Ask) -> dict[str, Any]:
        """Nothing more."""
        return {}


def _difference(acknowledged: set[Any], stored: set[Any]) -> int:
    """Count acknowledged rows that are missing, and stored ones beyond the one whose reply was not awaited."""
    return len(acknowledged - stored) + max(0, len(stored - acknowledged) - 1)
