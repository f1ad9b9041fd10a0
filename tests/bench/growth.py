"""What a beat costs as the house fills: from 100 to 100,000 trainees, then from 10\u00b3 to 10\u2077 stored beats.

The whole route is asked through HTTP, as in `heartbeat`; a beat's cost is told as processor time of the web
process. Each size is asked twice: with beats that play nothing new,
whose work is the same for any crowd, and with beats of two seconds, of which nearly all earn credit once a thousand
people take turns (a hundred come round faster than the clock gives seconds).
"""

import random
from collections.abc import Sequence
from statistics import median
from typing import Any

from sqlalchemy import text

from lms.core.unit_of_work import Runtime
from lms.study.service import LEASE, nonce_of
from tests.bench.cores import Cores
from tests.bench.population import POSTGRESQL, SQLITE, copy_rows, settle
from tests.bench.rig import House, fresh_house
from tests.bench.wrk import Seat, drive
from tests.support.crowd import Crowd
from tests.support.web import WebProcess

TRAINEES = (100, 1_000, 10_000, 100_000)
BEATS = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
BEATS_IN_A_SESSION = 1_000
STUDYING = 1_000
"""So many study while the stored beats grow."""
TURNS = 3
ROUTE = "/api/v1/study/beat"
ASKED_A_SECOND = 2_000
"""At least so many beats pass in a second while everybody sends the first one."""
STEPS_MS = {"bare": 0, "credited": 2_000}
"""What each beat says was played."""
SEED = 20261121
_LAST = (
    "SELECT s.id, COALESCE((SELECT MAX(b.seq) FROM study_beat b WHERE b.session_id = s.id), 0)"
    " FROM study_session s WHERE s.id LIKE 's0%' ORDER BY s.id LIMIT :people"
)
_SHARE = (
    "SELECT AVG(CASE WHEN b.credit_seconds > 0 THEN 1.0 ELSE 0.0 END)"
    " FROM study_beat b JOIN study_session s ON s.id = b.session_id WHERE s.id LIKE 's0%' AND b.arrival >= :since"
)


def measure(database: str, seconds: float, most_beats: int = BEATS[-1]) -> dict[str, Any]:
    """Run the bench on a fresh site, print its table, and return what the JSON line says."""
    cores = Cores.take()
    with fresh_house(database) as house:
        grown = _Grown(house)
        web = house.web("wsgi:app", cores.serving)
        web.start()
        try:
            web.wait_until_ready()
            print(f"growth on {database}: /api/v1/study/beat; {cores.words}")
            print("          rows            beats     cpu us  p99 ms  share credited")
            by_people = [grown.with_people(web, size, seconds) for size in TRAINEES]
            by_beats = [grown.with_beats(web, size, seconds) for size in BEATS if size <= most_beats]
        finally:
            web.stop()
    return {
        "bench": "growth", "database": database, "trainees": TRAINEES, "cpu_us_by_trainees": by_people,
        "beats": [size for size in BEATS if size <= most_beats], "cpu_us_by_beats": by_beats, "errors": grown.errors,
    }  # fmt: skip


class _Grown:
    """A house with one real trainee, who is multiplied, and the sessions of people who studied before."""

    def __init__(self, house: House) -> None:
        self.errors = 0
        self._house = house
        self._runtime: Runtime = house.runtime
        crowd = Crowd(self._runtime, 1, sits=False)
        self._seat = crowd.open_study()[0]
        self._person = crowd.members[0].person.id
        self._padded = (SQLITE if self._runtime.database.is_sqlite else POSTGRESQL).padded
        self._people = self._beats = 0
        self._order = random.Random(SEED)

    def with_people(self, web: WebProcess, size: int, seconds: float) -> dict[str, float]:
        """Let so many people study, and return the processor time of each kind of beat in microseconds."""
        self._grow_people(size)
        # Everybody has sent a beat before, as whoever studies has: the process knows how they stand.
        drive(
            f"{web.url}{ROUTE}",
            "heartbeat",
            self._seats(size, 0),
            size / ASKED_A_SECOND + 1,
            self._house.folder,
        )
        return {kind: self._turns(web, "trainees", size, size, seconds, kind) for kind in STEPS_MS}

    def with_beats(self, web: WebProcess, size: int, seconds: float) -> dict[str, float]:
        """Store so many beats of earlier sessions, and return the same."""
        self._grow_beats(size)
        return {kind: self._turns(web, "beats", size, STUDYING, seconds, kind) for kind in STEPS_MS}

    def _grow_people(self, size: int) -> None:
        padded = self._padded
        person = {"person_id": f"'p' || {padded}"}
        copy_rows(
            self._runtime,
            {
                "person": ("id", {"id": f"'p' || {padded}", "login_name": f"'l' || {padded}"}),
                "login_session": ("person_id", {**person, "id": f"'g' || {padded}", "token_hash": f"'t' || {padded}"}),
                "study_progress": ("person_id", person),
                "study_session": (
                    "person_id", {**person, "id": f"'s' || {padded}", "login_session_id": f"'g' || {padded}"},
                ),
            },
            self._person,
            self._people + 1,
            size,
        )  # fmt: skip
        self._people = size

    def _grow_beats(self, size: int) -> None:
        """Give people of the largest crowd a session that is over, full of beats that earned nothing."""
        first, last = self._beats // BEATS_IN_A_SESSION + 1, size // BEATS_IN_A_SESSION
        old = {
            "id": f"'o' || {self._padded}", "person_id": f"'p' || {self._padded}",
            "login_session_id": f"'g' || {self._padded}", "state": "'closed'", "close_reason": "'idle'",
            "closed_at": "s.opened_at",
        }  # fmt: skip
        # A copy's key is its person; the seed's only session is found by that.
        copy_rows(self._runtime, {"study_session": ("person_id", old)}, self._person, first, last)
        with self._runtime.write() as uow:
            uow.session.execute(
                text(
                    "WITH RECURSIVE n(i) AS (SELECT CAST(:first AS INTEGER) UNION ALL SELECT i + 1 FROM n"
                    " WHERE i < :last),"
                    " m(j) AS (SELECT 1 UNION ALL SELECT j + 1 FROM m WHERE j < :each)"
                    " INSERT INTO study_beat (session_id, seq, lesson_id, window_no, interval_seconds, arrival,"
                    " from_ms, to_ms, credit_seconds, span_from, span_to, covered, counted, pending, refusal)"
                    f" SELECT 'o' || {self._padded}, m.j, :lesson, 1, 15, m.j * 15000, m.j * 15000,"
                    " m.j * 15000 + 15000, 0, m.j * 15000, m.j * 15000, '[]', 0, 0, 'fast' FROM n, m"
                ),
                {"first": first, "last": last, "each": BEATS_IN_A_SESSION, "lesson": self._seat.lesson_id},
            )
        self._beats = size
        settle(self._runtime)

    def _turns(self, web: WebProcess, what: str, size: int, people: int, seconds: float, kind: str) -> float:
        costs, taken = [], []
        since = self._runtime.clock.now_ms()
        for _ in range(TURNS):
            seats = self._seats(people, STEPS_MS[kind])
            before = web.cpu_seconds()
            load = drive(f"{web.url}{ROUTE}", "heartbeat", seats, seconds, self._house.folder)
            costs.append((web.cpu_seconds() - before) / max(1, load.good) * 1e6)
            taken.append(load)
            self.errors += load.bad + load.broken
        with self._runtime.read() as uow:
            share = uow.session.scalar(text(_SHARE), {"since": since})
        cost = round(median(costs), 1)
        print(
            f"  {size:>12,} {what:9} {kind:9} {cost:7.0f}"
            f" {median(one.p99_ms for one in taken):7.1f} {share or 0:15.2f}",
            flush=True,
        )
        return cost

    def _seats(self, people: int, step_ms: int) -> Sequence[Seat]:
        """Return so many of the crowd where their sessions stand, in an order that is not that of their rows."""
        with self._runtime.read() as uow:
            rows = uow.session.execute(text(_LAST), {"people": people}).all()
        self._order.shuffle(rows)
        vault = self._runtime.vault
        return [
            {
                "lease": vault.lease(LEASE, {"s": session_id}), "nonce": nonce_of(vault, session_id, seq + 1),
                "lesson": self._seat.lesson_id, "seq": seq, "step": step_ms,
            }
            for session_id, seq in rows
        ]  # fmt: skip
