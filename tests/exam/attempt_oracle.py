"""What must become of an exam, reckoned in plain Python: no database, and none of the house's own rules.

Each verb takes the moment of the request in milliseconds and answers as the site must: the status, the stable code of
a refusal, and what the reply tells. The numbers stand here once more, with the requirement that each comes from, so
that a number changed in the house alone is noticed.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

SECOND, MINUTE, HOUR = 1000, 60_000, 3_600_000
OPENS = int(datetime(2026, 11, 21, 1, 30, tzinfo=UTC).timestamp()) * SECOND
"""Half an hour after the day of the tests begins."""
ENDS = OPENS + 2 * HOUR
DURATION = 20 * 60  # seconds
ATTEMPTS = 2  # B3
PASS_MARK = 90_00  # B4, H12: hundredths of a point
GRACE = 3 * SECOND  # H18
SWEPT_AFTER = GRACE + SECOND  # H18: a hand-in within the grace finds its turn first
IDLE, ABSOLUTE = 30 * MINUTE, 12 * HOUR  # H3
SEEN_EVERY = MINUTE
STEWARD_MOST, INVIGILATOR_MOST, PAUSE_MOST = 240, 30, 120  # minutes
REVISION_MAX = 100_000
WRITTEN_MOST = 150

Answer = frozenset[str]
"""Option ids, or the one text that was written."""


@dataclass(frozen=True)
class Said:
    """What a reply must say. `told` are the values of a JSON body that must be there exactly so."""

    status: int
    code: str = ""
    told: Mapping[str, Any] = field(default_factory=dict)


OK = Said(200)
DONE = Said(303)
LEASE_DEAD = Said(401, "lease_dead")
CLOSED = Said(409, "attempt_closed")
TAKEN_OVER = Said(409, "taken_over")
TIME_UP = Said(409, "time_up")
INVALID = Said(422, "invalid")
NO = Said(409)
UNFIT = Said(422)
HIDDEN = Said(404)
FORBIDDEN = Said(403)


@dataclass
class Login:
    """A login session of a browser."""

    opened: int
    seen: int = 0
    is_revoked: bool = False

    def __post_init__(self) -> None:
        self.seen = self.opened

    def lives(self, now: int) -> bool:
        """Tell whether it still counts (H3)."""
        return not (self.is_revoked or now - self.seen >= IDLE or now - self.opened >= ABSOLUTE)

    def knock(self, now: int) -> bool:
        """Come with a request that loads the person: it keeps a living session alive."""
        if not self.lives(now):
            return False
        if now - self.seen > SEEN_EVERY:
            self.seen = now
        return True


@dataclass(frozen=True)
class Question:
    """A question as the candidate sees it, with what the writer of the bank knows."""

    type: str
    points: int
    options: tuple[str, ...] = ()
    right: Answer = frozenset()
    """The ids of the right options; the accepted texts of a fill-in question."""

    def earns(self, answer: Answer) -> int:
        """Return hundredths of a point (H13): parts are given for a part of the right options and no wrong one."""
        if not answer:
            return 0
        if self.type == "fill_in":
            return self.points if answer <= self.right else 0
        if answer == self.right:
            return self.points
        if self.type == "multiple" and answer < self.right:
            return self.points * len(answer) // len(self.right)
        return 0

    def takes(self, answer: Answer, *, is_written: bool) -> bool:
        """Tell whether this can be an answer."""
        if self.type == "fill_in":
            return (is_written or not answer) and all(len(text) <= WRITTEN_MOST for text in answer)
        fits = answer <= set(self.options) and (self.type == "multiple" or len(answer) <= 1)
        return fits and not (is_written and answer)


@dataclass
class Measure:
    """Time given, or a pause."""

    is_pause: bool
    target: "str | Sitting"
    """`everyone`, the name of a place, or one sitting."""
    seconds: int
    extends: bool
    taken: int
    until: int = 0
    reached: "list[Sitting]" = field(default_factory=list)

    def covers(self, person: "Examinee") -> bool:
        """Tell whether it is for everybody, or for the person's place."""
        return self.target in {"everyone", person.place}

    def longer_window(self) -> int:
        """Return by how many seconds given time made the window longer for those who come later."""
        return self.seconds if self.extends and not self.is_pause else 0


@dataclass(eq=False)
class Sitting:
    """One attempt."""

    person: "Examinee"
    number: int
    started: int
    holder: Login
    granted: int
    extension: int
    sheet: tuple[Question, ...] = ()
    state: str = "open"
    """open, waiting (ended, a second person is asked), graded, voided."""
    closed: int = 0
    is_late: bool = False
    score: int | None = None
    ended_by: int | None = None
    answers: dict[int, dict[int, Answer]] = field(default_factory=dict)
    """Position -> revision -> answer."""
    last_received: int = 0
    marks: dict[int, tuple[int, bool]] = field(default_factory=dict)
    pause: Measure | None = None
    """The pause that holds it."""
    paused_until: int = 0
    unread: int = 0

    @property
    def deadline(self) -> int:
        """The plan's time and what was given, but never beyond the window (E4)."""
        return min(self.started + (DURATION + self.granted) * SECOND, ENDS + self.extension * SECOND)

    def is_open(self, now: int) -> bool:
        """Tell whether the candidate may still answer."""
        return self.state == "open" and now <= self.deadline + GRACE

    def is_paused(self, now: int) -> bool:
        """Tell whether the time stands still."""
        return self.is_open(now) and self.pause is not None and now < self.paused_until

    def remaining(self, now: int) -> int:
        """Return the milliseconds that are left."""
        stands = self.pause is not None and now < self.paused_until and self.state == "open"
        return max(0, self.deadline - (self.paused_until if stands and self.is_open(now) else now))

    def newest(self, position: int) -> tuple[int, Answer]:
        """Return the highest revision of a question, and its answer."""
        kept = self.answers.get(position)
        return (max(kept), kept[max(kept)]) if kept else (0, frozenset())

    @property
    def passed(self) -> bool:
        """Whether it reached the mark, which is included (B4)."""
        return self.score is not None and self.state == "graded" and self.score >= PASS_MARK

    @property
    def used_seconds(self) -> int:
        """Whole seconds from the start to the close, at most to the deadline."""
        return (min(self.closed, self.deadline) - self.started) // SECOND

    def move(self, seconds: int, extension: int) -> None:
        """Give time, or take it back."""
        self.granted += seconds
        self.extension += extension

    def keep(self, position: int, revision: int, answer: Answer, now: int) -> None:
        """Store an answer."""
        self.answers.setdefault(position, {})[revision] = answer
        self.last_received = max(self.last_received, now)

    def close(self, now: int, *, is_late: bool = False, is_graded: bool = True) -> None:
        """Close first, then grade."""
        self.closed, self.is_late, self.state = now, is_late, "waiting"
        if is_graded:
            self.grade()

    def grade(self) -> None:
        """Count what the last answers earn."""
        self.state = "graded"
        self.score = sum(
            question.earns(self.newest(place)[1]) for place, question in enumerate(self.sheet, 1)
        )


Lease = tuple[Sitting, Login]


@dataclass(eq=False)
class Examinee:
    """A candidate."""

    place: str
    sittings: list[Sitting] = field(default_factory=list)
    extra: tuple[int, bool] | None = None
    """Seconds beyond the plan's time, and whether the window moves with them."""

    @property
    def counting(self) -> list[Sitting]:
        """The attempts that count: voided ones do not (H10, H20)."""
        return [one for one in self.sittings if one.state != "voided"]

    @property
    def has_passed(self) -> bool:
        """Whether one attempt reached the mark."""
        return any(one.passed for one in self.sittings)

    @property
    def attempts_left(self) -> int:
        """How many may still be started."""
        return 0 if self.has_passed else ATTEMPTS - len(self.counting)

    @property
    def is_over(self) -> bool:
        """Whether the application has ended: passed, or both attempts used up and graded."""
        counting = self.counting
        return self.has_passed or (
            len(counting) == ATTEMPTS and all(one.state == "graded" for one in counting)
        )

    def running(self) -> Sitting | None:
        """Return the attempt that nobody has closed."""
        return next((one for one in self.sittings if one.state == "open"), None)


class Oracle:
    """One plan's exam."""

    def __init__(self, places: Collection[str]) -> None:
        self.people = [Examinee(place) for place in places]
        self.measures: list[Measure] = []

    # -- the candidate

    def why_not_start(self, person: Examinee, now: int) -> list[str]:
        """Return the codes of all that keeps somebody from starting."""
        if person.has_passed:
            return ["exam.already_passed"]
        if any(one.state == "waiting" for one in person.sittings):
            return ["exam.awaits_verdict"]
        if len(person.counting) >= ATTEMPTS:
            return ["exam.no_attempts_left"]
        if now < OPENS:
            return ["exam.window_not_open"]
        if now >= self.door_closes(person):
            return ["exam.window_over"]
        paused = any(one.is_pause and one.covers(person) and now < one.until for one in self.measures)
        return ["exam.paused"] if paused else []

    def terms(self, person: Examinee) -> tuple[int, int]:
        """Return the seconds beyond the plan's time, and by how many the window ends later, for a start now."""
        own, extends = person.extra or (0, False)
        late = (self.door_closes(person) - ENDS) // SECOND
        return own, (own if extends else 0) + late

    def door_closes(self, person: Examinee) -> int:
        """Return from when somebody who has not begun is too late: what many were given while it was open moves it."""
        closes, given, pauses = ENDS, 0, list[Measure]()
        for one in sorted((one for one in self.measures if one.covers(person)), key=lambda one: one.taken):
            if one.taken >= closes:
                break
            given += one.longer_window() * SECOND
            pauses += [one] if one.is_pause else []
            edges = sorted({edge for pause in pauses for edge in (pause.taken, pause.until)})
            stood_still = sum(
                ends - begins
                for begins, ends in pairwise(edges)
                if any(pause.taken <= begins and ends <= pause.until for pause in pauses)
            )
            closes = ENDS + given + stood_still
        return closes

    def start(self, person: Examinee, login: Login, now: int) -> "Sitting | list[str]":
        """Start, or find what runs already; a list says why not."""
        running = person.running()
        if running is not None and running.is_open(now):
            return running
        if running is not None:
            running.close(now, is_late=True)
        if reasons := self.why_not_start(person, now):
            if running is not None:  # who is refused has changed nothing
                running.state, running.score, running.closed, running.is_late = "open", None, 0, False
            return reasons
        number = min({1, 2} - {one.number for one in person.counting})
        sitting = Sitting(person, number, now, login, *self.terms(person))
        person.sittings.append(sitting)
        return sitting

    @staticmethod
    def _hot(lease: Lease, now: int) -> Said | None:
        """Say what keeps a lease from opening the hot routes."""
        sitting, login = lease
        if login.is_revoked:
            return LEASE_DEAD
        if sitting.state != "open":
            return CLOSED
        if sitting.holder is not login:
            return TAKEN_OVER
        return TIME_UP if now > sitting.deadline + GRACE else None

    def save(
        self, lease: Lease | None, position: int, revision: int, answer: Answer, now: int, *, is_written: bool
    ) -> Said:
        """Save an answer: the highest revision counts, and the same one again is the same save."""
        if lease is None:
            return LEASE_DEAD
        sitting = lease[0]
        question = sitting.sheet[position - 1] if 1 <= position <= len(sitting.sheet) else Question("none", 0)
        if (
            question.type == "none"
            or not 1 <= revision <= REVISION_MAX
            or not question.takes(answer, is_written=is_written)
        ):
            return INVALID
        if refused := self._hot(lease, now):
            return refused
        newest, _answer = sitting.newest(position)
        stored = sitting.answers.get(position, {}).get(revision)
        if stored is None and revision > newest:
            sitting.keep(position, revision, answer, now)
        elif stored != answer:
            return Said(409, "older_revision", {"revision": newest})
        return Said(200, told={"saved": True, "position": position, "revision": revision, "received_ms": now})

    def mark(self, lease: Lease | None, position: int, revision: int, now: int, *, marked: bool) -> Said:
        """Mark a question, or take the mark away."""
        if lease is None:
            return LEASE_DEAD
        if not (1 <= revision <= REVISION_MAX and 1 <= position <= REVISION_MAX):
            return INVALID
        if refused := self._hot(lease, now):
            return refused
        sitting = lease[0]
        if position > len(sitting.sheet):
            return INVALID
        newest = sitting.marks.get(position, (0, False))
        if revision > newest[0]:
            sitting.marks[position] = (revision, marked)
        elif newest != (revision, marked):
            return Said(409, "older_revision", {"revision": newest[0]})
        return Said(200, told={"saved": True, "position": position, "revision": revision, "received_ms": now})

    def visit(self, lease: Lease | None, read: int, now: int) -> Said:
        """Tell a page how things stand; so many messages were read."""
        if lease is None or lease[1].is_revoked:
            return LEASE_DEAD
        sitting, login = lease
        is_held = sitting.holder is login
        if is_held:
            sitting.unread -= read
        return Said(
            200,
            told={
                "open": sitting.is_open(now), "held": is_held, "remaining_ms": sitting.remaining(now),
                "pause_ms": sitting.paused_until - now if sitting.is_paused(now) else 0,
            },
        )  # fmt: skip

    def submit(self, lease: Lease | None, now: int) -> Said:
        """Hand in. Once more is the same as once, however late the repetition comes (C2)."""
        if lease is None or lease[1].is_revoked:
            return LEASE_DEAD
        sitting, login = lease
        if sitting.state == "voided":
            return CLOSED
        if sitting.state == "open":
            if sitting.holder is not login:
                return TAKEN_OVER
            sitting.close(max(now, sitting.last_received), is_late=not sitting.is_open(now))
        return TIME_UP if sitting.is_late else Said(200, told={"submitted": True})

    def send_sheet(
        self, lease: Lease | None, answers: Mapping[int, tuple[int, Answer]], now: int, *, finish: bool
    ) -> tuple[Said, str]:
        """Take a whole sheet from a page without scripts; also say whether the result or the runner follows."""
        if lease is None or lease[1].is_revoked:
            return LEASE_DEAD, ""
        sitting, login = lease
        if not sitting.is_open(now):
            if sitting.state == "open" and sitting.holder is not login:
                return TAKEN_OVER, ""
            said = self.submit(lease, now)
            return (DONE, "/result") if said.code != "attempt_closed" else (said, "")
        if sitting.holder is not login:
            return TAKEN_OVER, ""
        kept = {}
        for position, (known, answer) in sorted(answers.items()):
            question = sitting.sheet[position - 1]
            if not question.takes(answer, is_written=question.type == "fill_in"):
                return INVALID, ""
            revision, present = sitting.newest(position)
            if answer != present and known >= revision:
                kept[position] = (revision + 1, answer)
        for position, (revision, answer) in kept.items():
            sitting.keep(position, revision, answer, now)
        if finish:
            sitting.close(now)
        return DONE, "/result" if finish else ""

    def take_over(self, sitting: Sitting, login: Login, now: int) -> Said:
        """Go on in another login session (B9)."""
        if not sitting.is_open(now):
            return CLOSED
        sitting.holder = login
        return DONE

    def sweep(self, now: int) -> None:
        """Close what no client closed (H18)."""
        for person in self.people:
            running = person.running()
            if running is not None and now > running.deadline + SWEPT_AFTER:
                running.close(now, is_late=True)

    # -- staff

    def _running(self, target: "str | Sitting", now: int) -> list[Sitting]:
        running = [one for person in self.people for one in person.sittings if one.is_open(now)]
        return [one for one in running if target in {"everyone", one.person.place} or one is target]

    def tell(self, target: "str | Sitting", now: int) -> None:
        """Send words."""
        for one in self._running(target, now):
            one.unread += 1

    def give_time(self, target: "str | Sitting", seconds: int, now: int, *, extends: bool) -> None:
        """Give time to those who sit."""
        self.measures.append(Measure(False, target, seconds, extends, now))
        for one in self._running(target, now):
            one.move(seconds, seconds if extends else 0)
            one.unread += 1

    def pause(self, target: "str | Sitting", seconds: int, now: int) -> Measure:
        """Let the time stand still; who pauses already pauses on until the later end."""
        measure = Measure(True, target, seconds, extends=True, taken=now, until=now + seconds * SECOND)
        self.measures.append(measure)
        for one in self._running(target, now):
            one.unread += 1
            measure.reached.append(one)
            more = seconds if not one.is_paused(now) else (measure.until - one.paused_until) // SECOND
            if more > 0:
                one.paused_until = (one.paused_until if one.is_paused(now) else now) + more * SECOND
                one.pause = measure
                one.move(more, more)
        return measure

    def resume(self, measure: Measure, now: int) -> Said:
        """Go on before a pause has ended by itself: each pause ends only its own, and gives back what was unused."""
        if now >= measure.until:
            return NO
        measure.until = now
        for one in measure.reached:
            if not one.is_open(now) or one.pause is not measure:
                continue
            others = [
                other
                for other in self.measures
                if other.is_pause and other is not measure and one in other.reached and now < other.until
            ]
            last = max(others, key=lambda other: other.until, default=None)
            until = min(last.until, one.paused_until) if last else now
            unused = max(0, one.paused_until - until) // SECOND
            one.move(-unused, -unused)
            one.paused_until = min(one.paused_until, until)
            if last:
                one.pause = last
            else:
                one.unread += 1
        return DONE

    def grant(self, person: Examinee, seconds: int, now: int, *, extends: bool) -> Said:
        """Grant more time ahead; an exam that runs gets it at once."""
        if person.is_over or not seconds:
            return UNFIT
        if person.extra is not None:
            return NO
        person.extra = (seconds, extends)
        running = person.running()
        if running is not None and running.is_open(now):
            running.move(seconds, seconds if extends else 0)
            running.unread += 1
        return DONE

    def hand_over(self, sitting: Sitting, now: int) -> Said:
        """Cut the device that holds an exam."""
        if not sitting.is_open(now):
            return NO
        sitting.holder.is_revoked = True
        return DONE

    def end(self, sitting: Sitting, by: int, now: int, *, wants_void: bool) -> Said:
        """End an exam for cause."""
        if not sitting.is_open(now):
            return NO
        sitting.ended_by = by
        sitting.close(max(now, sitting.last_received), is_graded=not wants_void)
        return DONE

    def decide(self, sitting: Sitting, by: int, *, is_void: bool) -> Said:
        """Decide as the second person."""
        if sitting.state != "waiting" or sitting.ended_by == by:
            return NO
        if is_void:
            sitting.state = "voided"
        else:
            sitting.grade()
        return DONE

    def void(self, sitting: Sitting, by: int, now: int) -> Said:
        """Give an attempt back (H10): not one that passed, nor for somebody who has passed, nor by who ended it."""
        if sitting.state in {"voided", "waiting"} or sitting.ended_by == by or sitting.person.has_passed:
            return NO
        sitting.closed = sitting.closed or now
        sitting.state = "voided"
        return DONE
