"""The drill `races`: many requests at one moment over two web processes on one database (faults C1 to C5)."""

import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import Any

from sqlalchemy import select, text

from lms.core.unit_of_work import Runtime
from lms.exam.models.attempts import Attempt
from lms.exam.policy.attempts import GRACE, AttemptState
from lms.exam.queries import misgraded
from tests.bench.rig import fresh_house
from tests.drills.correcting import Corrector
from tests.drills.delivered import wait_until_idle
from tests.drills.gate import Gate, Request
from tests.drills.invariants import broken_invariants
from tests.drills.line import Line, Reply
from tests.drills.parts import running_parts
from tests.drills.sitting import ANSWER, OVER, RECEIPT, SUBMIT
from tests.support.cookies import SignedCookies
from tests.support.crowd import Crowd, exam_takes

ROUNDS, PERSONS, STARTS, SUBMITS = 10, 20, 50, 20
INTERLEAVINGS, WAVE = 1000, 100
REVISIONS = 10
THREADS = 96
ATTEMPTS_EACH = 2
EXAM_SECONDS = 3
SAVES, HAND_INS = 5, 2
TOGETHER_SECONDS = 0.02
"""Within so long everything of one interleaving leaves."""
HELD_FROM, HELD_SECONDS = 2.6, 2.2
"""The store is held up from so long after the deadlines: saves and hand-ins of the last moment, and the sweeper that
comes a second after the grace, wait behind it and go on together."""
SHARE_HELD, SHARE_LATE = 0.4, 0.3
BARS = (
    "twice_started", "other_attempt", "errors", "hand_in_differs", "not_once_graded", "receipts_differ",
    "older_won", "lost", "stored_though_refused", "misgraded", "unclosed", "uncorrected", "turned_away", "violations",
)  # fmt: skip
"""What must be 0."""


@dataclass
class Seen:
    """What is counted on the way."""

    starts: int = 0
    conflicts: int = 0
    hand_ins: int = 0
    saves: int = 0
    busy: int = 0
    """503 where time was short: nothing was kept, or it is safe to repeat."""
    wrong: dict[str, int] = field(default_factory=lambda: dict.fromkeys(BARS, 0))

    def reply(self, reply: Reply | None) -> bool:
        """Count a reply that is an error of ours; tell whether it is none."""
        if reply is not None and reply.status == 503:
            self.busy += 1
        elif reply is None or reply.status >= 500:
            self.wrong["errors"] += 1
        else:
            return True
        return False


@dataclass(frozen=True)
class Racer:
    """Somebody who may sit, with his page's headers."""

    person_id: str
    headers: Mapping[str, str]


class Races:
    """The races on a running house, one kind after the other."""

    def __init__(
        self, runtime: Runtime, crowd: Crowd, gate: Gate, headers: Sequence[Mapping[str, str]]
    ) -> None:
        assert crowd.exam_plan is not None
        self.seen = Seen()
        self._runtime = runtime
        self._gate = gate
        self._plan_id = crowd.exam_plan.id
        self._racers = [
            Racer(member.person.id, one) for member, one in zip(crowd.members, headers, strict=True)
        ]
        self._corrector = Corrector(runtime, crowd.people, self._plan_id)

    def corrections(self) -> int:
        """Return how many corrections were released or taken back beside hand-ins."""
        return self._corrector.moves

    # ---- one attempt, one grading -----------------------------------------------------------

    def round(self, number: int, persons: int, starts: int, submits: int) -> None:
        """Let a group start, save and hand in, each move many times at once; scores are corrected meanwhile."""
        first = number // ATTEMPTS_EACH * persons
        begun = [self._start(one, starts) for one in self._racers[first : first + persons]]
        sheets = [told for told in begun if told is not None]
        last = [self._save_out_of_order(told) for told in sheets]
        go = threading.Event()
        correcting = threading.Thread(target=self._corrector.move, args=(sheets[0]["attempt_id"], go))
        correcting.start()
        for place, told in enumerate(sheets):
            if place == len(sheets) // 2:
                go.set()
            self._hand_in(told, submits)
        go.set()
        correcting.join()
        for told, choice, racer in zip(sheets, last, self._racers[first : first + persons], strict=True):
            self._look_at(told["attempt_id"], choice, racer)

    def _start(self, racer: Racer, times: int) -> Mapping[str, Any] | None:
        path = f"/api/v1/exam/plans/{self._plan_id}/attempts"
        replies = self._gate.at_once([lambda line: line.ask(path, headers=racer.headers)] * times)
        self.seen.starts += times
        good = [one for one in replies if self.seen.reply(one) and one is not None]
        made = [one.told for one in good if one.status == 201]
        self.seen.conflicts += sum(one.status == 409 for one in good)
        self.seen.wrong["errors"] += sum(one.status not in {201, 409} for one in good)
        self.seen.wrong["other_attempt"] += len({told["attempt_id"] for told in made}) > 1
        return made[0] if made else None

    def _save_out_of_order(self, told: Mapping[str, Any]) -> str:
        """Save one question many times at once; return the choice of the highest revision."""
        options = [one["id"] for one in told["questions"][0]["options"]]
        choices = {revision: options[revision % len(options)] for revision in range(1, REVISIONS + 1)}
        order = random.sample(list(choices), len(choices))
        replies = self._gate.at_once([_saving(told["lease"], 1, one, choices[one]) for one in order])
        self.seen.saves += len(order)
        for reply in replies:
            if self.seen.reply(reply) and reply is not None:
                self.seen.wrong["errors"] += reply.status != 200 and reply.code != "older_revision"
        highest = replies[order.index(REVISIONS)]
        self.seen.wrong["older_won"] += highest is None or highest.status != 200
        return choices[REVISIONS]

    def _hand_in(self, told: Mapping[str, Any], times: int) -> None:
        replies = self._gate.at_once([_handing_in(told["lease"])] * times)
        self.seen.hand_ins += times
        good = [one for one in replies if self.seen.reply(one) and one is not None]
        said = {(one.status, str(one.told)) for one in good}
        self.seen.wrong["hand_in_differs"] += len(said) != 1 or good[0].status != 200

    def _look_at(self, attempt_id: str, choice: str, racer: Racer) -> None:
        wrong = self.seen.wrong
        with self._runtime.read() as uow:
            graded = uow.session.execute(
                text(
                    "SELECT COUNT(*) FROM state_log WHERE machine = 'attempt' AND subject_id = :id"
                    " AND to_state = 'graded'"
                ),
                {"id": attempt_id},
            ).scalar_one()
            stored = uow.session.execute(
                text(
                    "SELECT choice FROM answer_revision WHERE attempt_id = :id AND position = 1"
                    " ORDER BY revision DESC LIMIT 1"
                ),
                {"id": attempt_id},
            ).scalar()
        wrong["not_once_graded"] += graded != 1
        wrong["older_won"] += stored != choice
        pages = [
            line.send(f"/exam/attempts/{attempt_id}/result", headers=racer.headers, method="GET")
            for line in self._gate.lines[:2]
        ]
        codes = {code for page in pages if page is not None for code in RECEIPT.findall(str(page.told))}
        wrong["receipts_differ"] += len(codes) != 1

    # ---- save beside hand-in beside the sweeper ----------------------------------------------

    def wave(self, racers: Sequence[int]) -> None:
        """Let each of these people save, hand in and be swept up at moments that lie close together."""
        path = f"/api/v1/exam/plans/{self._plan_id}/attempts"
        people = [self._racers[number] for number in racers]
        began = time.monotonic()
        sheets: list[tuple[Mapping[str, Any], float]] = []

        def start(line: Line, racer: Racer) -> Reply | None:
            reply = line.send(path, headers=racer.headers)
            if reply is not None and reply.status == 201:
                sheets.append((reply.told, time.monotonic() + reply.told["remaining_ms"] / 1000))
            else:
                self.seen.wrong["errors"] += 1
            return reply

        self._gate.in_time([(began, partial(start, racer=one)) for one in people])
        actions: list[tuple[float, Request]] = []
        meaning: list[tuple[int, tuple[int, str] | None]] = []
        for number, (told, ends) in enumerate(sheets):
            at = _moment(ends)
            for position in range(1, SAVES + 1):
                choice = told["questions"][position - 1]["options"][0]["id"]
                actions.append((at + _jitter(), _saving(told["lease"], position, 1, choice)))
                meaning.append((number, (position, choice)))
            for _ in range(HAND_INS):
                actions.append((at + _jitter(), _handing_in(told["lease"])))
                meaning.append((number, None))
        first = min(ends for _, ends in sheets)
        holding = threading.Thread(
            target=self._hold, args=(first + HELD_FROM, [told["attempt_id"] for told, _ in sheets])
        )
        holding.start()
        replies = self._gate.in_time(actions)
        holding.join()
        self._judge([told for told, _ in sheets], meaning, replies)

    def _hold(self, at: float, attempt_ids: Sequence[str]) -> None:
        """Keep everybody from writing to these attempts for a moment, as a slow disk or a long transaction does."""
        time.sleep(max(0.0, at - time.monotonic()))
        with self._runtime.write() as uow:
            uow.session.execute(select(Attempt.id).where(Attempt.id.in_(attempt_ids)).with_for_update())
            time.sleep(HELD_SECONDS)

    def _judge(
        self, sheets: Sequence[Mapping[str, Any]], meaning: Sequence[tuple[int, tuple[int, str] | None]],
        replies: Sequence[Reply | None],
    ) -> None:  # fmt: skip
        seen = self.seen
        acknowledged: list[dict[int, str]] = [{} for _ in sheets]
        unknown: list[set[int]] = [set() for _ in sheets]
        for (number, save), reply in zip(meaning, replies, strict=True):
            seen.saves += save is not None
            seen.hand_ins += save is None
            if not seen.reply(reply) or reply is None:
                if save is not None:
                    unknown[number].add(save[0])
                continue
            if reply.status == 200 and save is not None:
                acknowledged[number][save[0]] = save[1]
            elif reply.status != 200 and reply.code not in OVER:
                seen.wrong["turned_away"] += 1
                self._gate.lines[0].complain(f"{save or 'hand-in'} -> {reply.status} {reply.told}")
        self._wait_until_closed([told["attempt_id"] for told in sheets])
        with self._runtime.read() as uow:
            for told, acked, maybe in zip(sheets, acknowledged, unknown, strict=True):
                rows = uow.session.execute(
                    text("SELECT position, choice FROM answer_revision WHERE attempt_id = :id"),
                    {"id": told["attempt_id"]},
                )
                stored: dict[int, str] = {row.position: row.choice for row in rows}
                attempt = uow.session.get(Attempt, told["attempt_id"])
                seen.wrong["lost"] += sum(stored.get(place) != choice for place, choice in acked.items())
                seen.wrong["stored_though_refused"] += len(stored.keys() - acked.keys() - maybe)
                is_graded = attempt is not None and attempt.state == AttemptState.GRADED
                seen.wrong["unclosed"] += not is_graded
                graded = (attempt.breakdown or {}).get("answered") if attempt else None
                seen.wrong["misgraded"] += is_graded and graded != len(stored)

    def _wait_until_closed(self, attempt_ids: Sequence[str]) -> None:
        until = time.monotonic() + EXAM_SECONDS + 20
        while time.monotonic() < until:
            with self._runtime.read() as uow:
                open_ = uow.session.scalars(
                    select(Attempt.id).where(
                        Attempt.id.in_(attempt_ids), Attempt.state != AttemptState.GRADED
                    )
                ).all()
            if not open_:
                return
            time.sleep(0.1)


def races(
    database: str, rounds: int = ROUNDS, persons: int = PERSONS, starts: int = STARTS, submits: int = SUBMITS,
    interleavings: int = INTERLEAVINGS, tell: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:  # fmt: skip
    """Run the drill on a fresh site and return what the JSON line says."""
    in_rounds = persons * -(-rounds // ATTEMPTS_EACH)
    in_waves = -(-interleavings // ATTEMPTS_EACH)
    began = time.monotonic()
    with fresh_house(database) as house:
        crowd = Crowd(house.runtime, in_rounds + in_waves, studies=False)
        assert crowd.exam_plan is not None
        cookies = SignedCookies(house.settings)
        headers = [cookies.headers(member.token) for member in crowd.members]
        tell(f"  {len(headers)} candidates after {time.monotonic() - began:.0f} s")
        with running_parts(house) as parts:
            second = parts.house.web(log="second-web.log")
            second.start()
            gate = Gate([parts.web.port, second.port], max(THREADS, starts, submits))
            try:
                second.wait_until_ready()
                run = Races(house.runtime, crowd, gate, headers)
                for number in range(rounds):
                    run.round(number, persons, starts, submits)
                    tell(
                        f"  round {number + 1}: {run.seen.starts:,} starts, {run.seen.hand_ins:,} hand-ins,"
                        f" {run.corrections()} corrections"
                    )
                exam_takes(house.runtime, crowd.exam_plan.id, EXAM_SECONDS)
                for begin, end in pairwise([*range(0, interleavings, min(WAVE, in_waves)), interleavings]):
                    run.wave([in_rounds + number % in_waves for number in range(begin, end)])
                    tell(f"  {end:,} interleavings: {run.seen.saves:,} saves")
            finally:
                gate.close()
                second.stop()
            wait_until_idle(house.runtime)
        seen, wrong = run.seen, run.seen.wrong
        with house.runtime.read() as uow:
            wrong["misgraded"] += sum(1 for _ in misgraded(uow))
            wrong["twice_started"] = len(
                uow.session.execute(
                    text(
                        "SELECT person_id FROM attempt GROUP BY person_id, attempt_no HAVING COUNT(*) > 1"
                        " UNION ALL SELECT person_id FROM attempt WHERE state = 'in_progress' GROUP BY person_id"
                        " HAVING COUNT(*) > 1"
                    )
                ).all()
            )
            attempts = uow.session.execute(text("SELECT COUNT(*) FROM attempt")).scalar_one()
        wrong["twice_started"] += abs(attempts - rounds * persons - interleavings)
        wrong["uncorrected"] = rounds - run.corrections()
        wrong["turned_away"] = max(wrong["turned_away"], len(gate.complaints))
        wrong["violations"] = broken_invariants(house, tell)
    for complaint in gate.complaints:
        tell(f"  turned away: {complaint}")
    return {
        "drill": "races", "database": database, "runs": rounds, "persons": persons, "starts": seen.starts,
        "conflicts": seen.conflicts, "attempts": attempts, "hand_ins": seen.hand_ins, "saves": seen.saves,
        "interleavings": interleavings, "corrections": run.corrections(), "busy": seen.busy, **wrong,
    }  # fmt: skip


def failed(result: Mapping[str, Any]) -> bool:
    """Tell whether a drill's promise was broken."""
    return any(result[name] for name in BARS)


def _moment(ends: float) -> float:
    """Choose when the moves of one interleaving come: before the deadline, in the last held moment, or after it."""
    grace = GRACE.total_seconds()
    chance = random.random()
    if chance < SHARE_HELD:
        return ends + random.uniform(HELD_FROM, grace - TOGETHER_SECONDS)
    if chance < SHARE_HELD + SHARE_LATE:
        return ends + random.uniform(grace - 0.3, grace + 1.5)
    return ends + random.uniform(-1.5, grace)


def _jitter() -> float:
    return random.uniform(0, TOGETHER_SECONDS)


def _saving(lease: str, position: int, revision: int, choice: str) -> Request:
    def save(line: Line) -> Reply | None:
        return line.ask(
            ANSWER, {"lease": lease, "position": position, "revision": revision, "choice": [choice]}
        )

    return save


def _handing_in(lease: str) -> Request:
    return lambda line: line.ask(SUBMIT, {"lease": lease})
