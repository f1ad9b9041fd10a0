"""The drill `kill`: kill -9 of the web process at random moments while twenty people answer and study (fault L1)."""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from statistics import quantiles
from typing import Any

from sqlalchemy import text

from lms.core.unit_of_work import Runtime
from tests.bench.rig import House, fresh_house
from tests.drills.clients import Client, Clients
from tests.drills.invariants import broken_invariants
from tests.drills.seconds import Seconds
from tests.support.crowd import Crowd, ExamSeat, StudySeat
from tests.support.web import WebProcess

CLIENTS = 20
RUNS = 20
LONGEST_WAIT_SECONDS = 1.0
"""The kill comes at a random moment of so long after the first good reply."""
COMEBACK_SECONDS = 60.0
Rows = Mapping[Any, Any]


def kill(database: str, runs: int = RUNS, tell: Callable[[str], None] = lambda _: None) -> dict[str, Any]:
    """Run the drill on a fresh site and return what the JSON line says."""
    with fresh_house(database) as house:
        crowd = Crowd(house.runtime, CLIENTS)
        exams, studies = crowd.start_exams(), crowd.open_study()
        web = house.web()
        web.start()
        clients = Clients(web.port, exams, studies)
        try:
            web.wait_until_ready()
            clients.start()
            comebacks = [_kill_once(web, clients, number, tell) for number in range(1, runs + 1)]
            time.sleep(random.uniform(0, LONGEST_WAIT_SECONDS))
            # The last kill has no restart: what was under way is unanswered for good.
            web.kill()
        finally:
            clients.stop()
            web.stop()
        return _judge(house, database, runs, clients.each, exams, studies, comebacks, tell)


def _kill_once(web: WebProcess, clients: Clients, number: int, tell: Callable[[str], None]) -> float:
    """Kill at a random moment, start again at once, and return the seconds until somebody had a good reply."""
    time.sleep(random.uniform(0, LONGEST_WAIT_SECONDS))
    web.kill()
    killed = time.monotonic()
    web.start()
    took = clients.wait_for_good_reply(killed, COMEBACK_SECONDS) - killed
    tell(
        f"  kill {number:3}: back after {took:.2f} s,"
        f" {sum(client.ledger.acknowledged for client in clients.each):,} acknowledged"
    )
    return took


def _judge(
    house: House,
    database: str,
    runs: int,
    clients: Sequence[Client],
    exams: Sequence[ExamSeat],
    studies: Sequence[StudySeat],
    comebacks: Sequence[float],
    tell: Callable[[str], None],
) -> dict[str, Any]:
    answers, beats = _stored_answers(house.runtime), _stored_beats(house.runtime)
    lost = invented = unanswered = 0
    for client, exam, study in zip(clients, exams, studies, strict=True):
        ledger = client.ledger
        for stored, acked, open_ in (
            (answers.get(exam.attempt_id, {}), ledger.answers, ledger.unanswered_answers),
            (beats.get(study.session_id, {}), ledger.beats, ledger.unanswered_beats),
        ):
            lost += missing(acked, stored)
            invented += missing(stored, {**acked, **open_})
            unanswered += len(open_)
    seconds = Seconds.of(house.runtime, clients, studies)
    complaints = [complaint for client in clients for complaint in client.ledger.complaints]
    violations = broken_invariants(house, tell) + _broken_file(house.runtime)
    acknowledged = sum(client.ledger.acknowledged for client in clients)
    slow = quantiles(comebacks, n=20, method="inclusive")[18] if runs > 1 else comebacks[0]
    answered = sum(len(client.ledger.answers) for client in clients)
    for complaint in complaints[:5]:
        tell(f"  turned away: {complaint}")
    tell(
        f"  {answered:,} answers and {acknowledged - answered:,} beats acknowledged,"
        f" {sum(client.ledger.retried for client in clients):,} sent again, {unanswered} unanswered at the end"
    )
    tell(
        f"  {seconds.acknowledged:,} seconds of study acknowledged, {seconds.stored:,} in the ledger:"
        f" {seconds.lost} lost, {seconds.twice} credited twice"
    )
    tell(
        f"  {lost} lost, {invented} stored that nobody sent, {len(complaints)} turned away, {violations} violations"
    )
    return {
        "drill": "kill",
        "database": database,
        "runs": runs,
        "acknowledged": acknowledged,
        "seconds": seconds.acknowledged,
        "lost": lost + seconds.lost,
        "credited_twice": seconds.twice,
        "invented": invented,
        "turned_away": len(complaints),
        "violations": violations,
        "restart_p95_ms": round(1000 * slow),
        "restart_max_ms": round(1000 * max(comebacks)),
    }


def missing(wanted: Rows, found: Rows) -> int:
    """Count rows that are wanted and not found with the very same content."""
    nothing = object()
    return sum(found.get(key, nothing) != value for key, value in wanted.items())


def failed(result: Mapping[str, Any]) -> bool:
    """Tell whether a drill's promise was broken."""
    return bool(
        result["lost"]
        or result["credited_twice"]
        or result["invented"]
        or result["turned_away"]
        or result["violations"]
    )


def _stored_answers(runtime: Runtime) -> dict[str, dict[tuple[int, int], str]]:
    stored: dict[str, dict[tuple[int, int], str]] = {}
    with runtime.read() as uow:
        for attempt_id, position, revision, choice in uow.session.execute(
            text("SELECT attempt_id, position, revision, choice FROM answer_revision")
        ):
            stored.setdefault(attempt_id, {})[position, revision] = choice
    return stored


def _stored_beats(runtime: Runtime) -> dict[str, dict[int, tuple[int, int]]]:
    stored: dict[str, dict[int, tuple[int, int]]] = {}
    with runtime.read() as uow:
        for session_id, seq, from_ms, to_ms in uow.session.execute(
            text("SELECT session_id, seq, from_ms, to_ms FROM study_beat")
        ):
            stored.setdefault(session_id, {})[seq] = (from_ms, to_ms)
    return stored


def _broken_file(runtime: Runtime) -> int:
    """Let SQLite look through its own file; PostgreSQL was not killed here."""
    if not runtime.database.is_sqlite:
        return 0
    with runtime.read() as uow:
        return int(uow.session.execute(text("PRAGMA integrity_check")).scalar_one() != "ok")
