"""The drill `kill`: kill -9 of web, worker, scheduler and Redis while exams are delivered (faults L1, M1, O1)."""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from statistics import quantiles
from typing import Any

from sqlalchemy import text

from lms.core.unit_of_work import Runtime
from tests.bench.rig import House, fresh_house
from tests.drills.clients import Clients
from tests.drills.delivered import Delivered, judge, missing, wait_until_idle
from tests.drills.invariants import broken_invariants
from tests.drills.parts import VICTIMS, Parts, running_parts
from tests.drills.seconds import Seconds
from tests.drills.sitting import Sitter
from tests.support.cookies import SignedCookies
from tests.support.crowd import Crowd, exam_takes

CLIENTS = 20
RUNS = 20
LONGEST_WAIT_SECONDS = 2.0
"""The kill comes at a random moment of so long after there was something to lose again."""
ANSWERS_EACH = 2
"""Between two kills so many answers of each candidate are acknowledged: a slow machine gets the time it needs."""
PATIENCE_SECONDS = 30.0
COMEBACK_SECONDS = 60.0
SHORTEST_EXAM_SECONDS, LONGEST_EXAM_SECONDS = 8, 60
KNOWS_ALL = 8
"""One candidate in so many answers everything right."""
STUDY_TABS = 20
"""So many of the clients have a player in another tab."""
SECONDS_A_KILL = 2.0
BARS = (
    "lost", "credited_twice", "invented", "turned_away", "unclosed", "misgraded", "late", "receipts_lost",
    "without_certificate", "dead_letters", "violations",
)  # fmt: skip
"""What must be 0."""


def kill(
    database: str, runs: int = RUNS, clients: int = CLIENTS, victims: Sequence[str] = VICTIMS,
    tell: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:  # fmt: skip
    """Run the drill on a fresh site and return what the JSON line says."""
    exam_seconds = min(LONGEST_EXAM_SECONDS, max(SHORTEST_EXAM_SECONDS, round(runs * SECONDS_A_KILL / 4)))
    # Each sits twice, and mostly hands in before the end; should all have been, seats stay empty.
    people = round(clients * max(2.0, runs * SECONDS_A_KILL / (1.7 * exam_seconds)))
    with fresh_house(database) as house:
        tabs = min(clients, STUDY_TABS)
        crowd = Crowd(house.runtime, people, studies=tabs)
        studies = crowd.open_study(tabs)
        sitters = _sitters(house, crowd, exam_seconds)
        tell(f"  {people} candidates wait for {clients} seats; an exam takes {exam_seconds} s")
        with running_parts(house) as parts:
            seats = Clients(parts.web.port, clients, sitters, studies)
            try:
                seats.start()
                comebacks = _kill_all(parts, seats, runs, victims, tell)
                # Nobody repeats what the last kill interrupts: it is unanswered for good.
                time.sleep(random.uniform(0, LONGEST_WAIT_SECONDS))
                parts.kill("web")
            finally:
                seats.stop()
            parts.wait_until_all_work()
            settled = wait_until_idle(house.runtime)
            return _judge(house, database, parts, seats, comebacks, settled, tell)


def failed(result: Mapping[str, Any]) -> bool:
    """Tell whether a drill's promise was broken."""
    return any(result[name] for name in BARS)


def _sitters(house: House, crowd: Crowd, exam_seconds: int) -> list[Sitter]:
    assert crowd.exam_plan is not None
    exam_takes(house.runtime, crowd.exam_plan.id, exam_seconds)
    cookies = SignedCookies(house.settings)
    return [
        Sitter(member.person.id, crowd.exam_plan.id, cookies.headers(member.token), number % KNOWS_ALL == 0)
        for number, member in enumerate(crowd.members, 1)
    ]


def _kill_all(
    parts: Parts, seats: Clients, runs: int, victims: Sequence[str], tell: Callable[[str], None]
) -> list[float]:
    """Kill the victims in turn, in a random order and at random moments; return how long each web was away."""
    comebacks: list[float] = []
    turn: list[str] = []
    for number in range(1, runs + 1):
        if not turn:
            turn = random.sample(list(victims), len(victims))
        victim = turn.pop()
        seats.wait_for_answers(seats.answers + ANSWERS_EACH * len(seats.each), PATIENCE_SECONDS)
        time.sleep(random.uniform(0, LONGEST_WAIT_SECONDS))
        killed = parts.kill(victim)
        said = f"  kill {number:3} {victim:9}:"
        if victim == "web":
            comebacks.append(seats.wait_for_good_reply(killed, COMEBACK_SECONDS) - killed)
            said += f" back after {comebacks[-1]:.2f} s,"
        tell(f"{said} {seats.acknowledged:,} acknowledged")
    return comebacks


def _judge(
    house: House, database: str, parts: Parts, seats: Clients, comebacks: Sequence[float], settled: float,
    tell: Callable[[str], None],
) -> dict[str, Any]:  # fmt: skip
    exams = judge(
        house.runtime, [one for client in seats.each for one in client.exam.sittings], parts.outages
    )
    tabs = [client.study for client in seats.each if client.study]
    beats = _stored_beats(house.runtime)
    lost_beats = sum(missing(tab.beats, beats.get(tab.seat.session_id, {})) for tab in tabs)
    invented_beats = sum(
        missing(beats.get(tab.seat.session_id, {}), {**tab.beats, **tab.unanswered}) for tab in tabs
    )
    seconds = Seconds.of(house.runtime, tabs)
    violations = broken_invariants(house, tell) + _broken_file(house.runtime)
    for complaint in seats.complaints[:5]:
        tell(f"  turned away: {complaint}")
    for name in parts.died:
        tell(f"  {name} ended without being killed")
    result = {
        "drill": "kill", "database": database, "runs": sum(parts.kills.values()), "clients": len(seats.each),
        "kills": {name: count for name, count in parts.kills.items() if count},
        "acknowledged": seats.acknowledged, "answers": exams.answers, "attempts": exams.attempts,
        "hand_ins": exams.hand_ins, "timed_out": exams.timed_out, "passed": exams.passed,
        "seconds": seconds.acknowledged, "lost": exams.lost + lost_beats + seconds.lost,
        "credited_twice": seconds.twice, "invented": exams.invented + invented_beats,
        "turned_away": len(seats.complaints), "unclosed": exams.unclosed, "misgraded": exams.misgraded,
        "late": exams.late, "late_by_ms": exams.late_by_ms, "receipts_lost": exams.receipts_lost,
        "without_certificate": exams.without_certificate, "dead_letters": exams.dead_letters,
        "violations": violations, "died": len(parts.died), "relieved": parts.relieved,
        "swept_p95_ms": exams.swept_p95_ms, "settled_s": round(settled, 1), **_restarts(comebacks),
    }  # fmt: skip
    _tell(result, exams, sum(client.line.retried for client in seats.each), seconds, tell)
    return result


def _restarts(comebacks: Sequence[float]) -> dict[str, int]:
    if not comebacks:
        return {}
    slow = quantiles(comebacks, n=20, method="inclusive")[18] if len(comebacks) > 1 else comebacks[0]
    return {"restart_p95_ms": round(1000 * slow), "restart_max_ms": round(1000 * max(comebacks))}


def _tell(
    result: Mapping[str, Any], exams: Delivered, retried: int, seconds: Seconds, tell: Callable[[str], None]
) -> None:
    tell(
        f"  {exams.answers:,} answers and {result['acknowledged'] - exams.answers:,} beats acknowledged,"
        f" {retried:,} requests sent again, {exams.unanswered} answers unanswered, {exams.refused} refused as late"
    )
    tell(
        f"  {exams.attempts} attempts: {exams.hand_ins} handed in, {exams.timed_out} closed by the house,"
        f" {exams.passed} passed; {exams.unclosed} not graded, {exams.misgraded} graded wrong, {exams.late} closed late"
    )
    tell(
        f"  {seconds.acknowledged:,} seconds of study acknowledged, {seconds.stored:,} in the ledger:"
        f" {seconds.lost} lost, {seconds.twice} credited twice"
    )
    tell(
        f"  {result['lost']} lost, {result['invented']} stored that nobody sent, {result['turned_away']} turned away,"
        f" {result['receipts_lost']} receipts lost, {result['violations']} violations"
    )


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
