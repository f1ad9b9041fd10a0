"""Whatever one person's players send, in whatever order it arrives: the ledger stays true (faults A1 to A8, S1 to S10).

A machine of rules opens players in two plans, lets beats arrive late, twice, out of order or never, loses replies,
answers checks rightly, wrongly, late or not at all, signs out, sleeps, and sweeps. Beside it runs a small ledger of its
own that knows nothing of the house's. `LMS_TEST_DEPTH=20` makes twenty times as many runs (with `-o timeout=0`).
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from lms.accounts import service as accounts
from lms.core.errors import Refusal
from lms.core.invariants import check
from lms.study import queries, service
from lms.study.hot import keep_beat
from lms.study.invariants import INVARIANTS
from lms.study.jobs import ledger as jobs
from lms.study.service import Verdict
from tests.study.property_town import (
    ANSWER,
    DAILY,
    GRACE_MS,
    INTERVAL,
    LESSON_SECONDS,
    LESSONS,
    MINIMUM,
    REQUIRED,
    STOP,
    OwnLedger,
    Town,
    touched,
)

DEPTH = int(os.environ.get("LMS_TEST_DEPTH", "1"))
RUNS, STEPS = 40 * DEPTH, 40
SEARCH = (Phase.explicit, Phase.reuse, Phase.generate)
"""Looking for a shorter story takes minutes, longer than a test may take: only a deep run does it."""
SLOTS = 3
IDLE_MINUTES = 30
A_LESSON = st.integers(0, LESSONS - 1)
A_PLACE = st.integers(0, LESSON_SECONDS * 1000 + 5000)
A_WHILE = st.sampled_from([0, 50, 1000, 10_000, 10_000, 40_000])
A_TAB = st.integers(0, 2 * SLOTS - 1)
"""A slot of its own, or one beyond them: the newest tab."""


@dataclass
class Tab:
    """One player: its session and the marks that the server has given it."""

    plan: int
    session_id: str
    nonces: dict[int, str]
    seq: int = 0
    at_ms: int = 0
    lesson: int = 0


class StudyMachine(RuleBasedStateMachine):
    """One person, three tabs, two plans."""

    town: ClassVar[Town]

    def __init__(self) -> None:
        super().__init__()
        self.town.begin()
        self.runtime, self.clock = self.town.runtime, self.town.clock
        self.tabs: dict[int, Tab] = {}
        self.newest: Tab | None = None
        self.own = [OwnLedger(), OwnLedger()]
        self.replies: dict[tuple[str, int], str] = {}
        self.on_the_way: list[tuple[Tab, service.Beat]] = []
        self.first_opened: int | None = None
        self.actor = self.town.sign_in()

    # ---- what the person and his programs do

    @initialize(plan=st.integers(0, 1), beats=st.integers(0, 9))
    def begin(self, plan: int, beats: int) -> None:
        """Open the first player and watch a little, so that every run has something to lose."""
        self._open(0, plan)
        if beats:
            self._watch(0, beats, 0, is_there=False)

    @rule(
        slot=st.integers(0, SLOTS - 1),
        plan=st.integers(0, 1),
        how=st.sampled_from(["here", "here", "on another device", "after signing out"]),
        minutes=st.sampled_from([0, 0, 0, 5, 31, 46, 24 * 60]),
    )
    def open(self, slot: int, plan: int, how: str, minutes: int) -> None:
        """Open a player, at once or after being away for long; whatever tab was counting has none any more."""
        self.clock.advance_ms(minutes * 60_000)
        if how == "after signing out":
            with self.runtime.write() as uow:
                accounts.end_session(uow, self.actor)
        if how != "here" or minutes > IDLE_MINUTES:
            self.actor = self.town.sign_in()
        self._open(slot, plan)

    # Several rules of one kind: Hypothesis leaves some rules out of each run, and a run without beats shows nothing.

    @rule(slot=A_TAB, beats=st.integers(1, 12), lesson=A_LESSON)
    def watch(self, slot: int, beats: int, lesson: int) -> None:
        """Watch as one should, and answer the checks."""
        self._watch(slot, beats, lesson, is_there=True)

    @rule(slot=A_TAB, beats=st.integers(1, 8), lesson=A_LESSON)
    def leave_it_running(self, slot: int, beats: int, lesson: int) -> None:
        """Let it play, and answer nothing."""
        self._watch(slot, beats, lesson, is_there=False)

    @rule(
        slot=A_TAB,
        after=A_WHILE,
        lesson=A_LESSON,
        from_ms=A_PLACE,
        length=st.sampled_from([900, 1000, 10_000]),
    )
    def jump(self, slot: int, after: int, lesson: int, from_ms: int, length: int) -> None:
        """Play a piece from anywhere."""
        self._arrive(*self._sent(slot, after, lesson, from_ms, length))

    @rule(slot=A_TAB, after=A_WHILE, lesson=A_LESSON, length=st.sampled_from([0, 20_000, 200_000]))
    def lump(self, slot: int, after: int, lesson: int, length: int) -> None:
        """Claim much at once, from the beginning."""
        self._arrive(*self._sent(slot, after, lesson, 0, length))

    @rule(slot=A_TAB, after=A_WHILE, lesson=A_LESSON, from_ms=A_PLACE, is_hidden=st.booleans())
    def look_away(self, slot: int, after: int, lesson: int, from_ms: int, is_hidden: bool) -> None:
        """Report from a page that is hidden or paused."""
        self._arrive(*self._sent(slot, after, lesson, from_ms, 10_000, is_hidden, not is_hidden))

    @rule(slot=A_TAB, after=A_WHILE, lesson=A_LESSON, from_ms=A_PLACE, times=st.integers(0, 3))
    def lose_the_reply(self, slot: int, after: int, lesson: int, from_ms: int, times: int) -> None:
        """Send a beat whose reply gets lost so many times; none: the beat itself does, or comes much later."""
        tab, beat = self._sent(slot, after, lesson, from_ms, 10_000)
        for _ in range(times):
            self._arrive(tab, beat, is_heard=False)
            self.clock.advance_ms(500)

    @precondition(lambda self: self.on_the_way)
    @rule(place=st.integers(0, 30), times=st.integers(1, 3), after=st.sampled_from([0, 1000, 10_000]))
    def arrive_late(self, place: int, times: int, after: int) -> None:
        """Let any beat that was ever sent arrive now, perhaps several times."""
        tab, beat = self.on_the_way[place % len(self.on_the_way)]
        self.clock.advance_ms(after)
        for _ in range(times):
            self._arrive(tab, beat)

    @rule(slot=A_TAB, seq=st.integers(-1, 3), nonce=st.sampled_from(["own", "foreign"]))
    def forge(self, slot: int, seq: int, nonce: str) -> None:
        """Send a number that is not due, or with a mark of another session."""
        tab = self._tab(slot)
        mark = tab.nonces[max(tab.nonces)] if nonce == "own" else "AAAAAAAAAAAAAAAA"
        beat = self._beat(tab, 0, 0, 10_000)._replace(seq=max(0, tab.seq + seq), nonce=mark)
        if nonce == "own" and tab.nonces.get(beat.seq) == mark:
            return
        before = self._totals()
        with pytest.raises(Refusal):
            self._take(beat)
        assert self._totals() == before

    @precondition(lambda self: any(own.check_id for own in self.own))
    @rule(
        slot=A_TAB,
        after=st.sampled_from([0, 1000, (ANSWER + 1) * 1000, 60_000, 60_000]),
        is_right=st.sampled_from([True, True, False]),
        again=st.booleans(),
        tells=st.booleans(),
    )
    def answer(self, slot: int, after: int, is_right: bool, again: bool, tells: bool) -> None:
        """Answer the check that is open, in time or too late."""
        self.clock.advance_ms(after)
        self._answer_open(slot, is_right, again, tells)

    @rule(after=st.sampled_from([0, 1000, 10_000, 60_000]))
    def sweep(self, after: int) -> None:
        """Let the scheduler do what it does every few seconds."""
        self.clock.advance_ms(after)
        for own in self.own:
            own.void_overdue(self.clock.now_ms())
        jobs.sweep_unanswered_checks(self.runtime)
        jobs.sweep_completed(self.runtime)
        jobs.sweep_idle_sessions(self.runtime)

    # ---- what the house does with it

    def _open(self, slot: int, plan: int) -> None:
        try:
            with self.runtime.write() as uow:
                opened = service.open_session(uow, self.actor, self.town.plans[plan].id, "电脑")
        except Refusal:
            return
        if self.first_opened is None:
            self.first_opened = self.clock.now_ms()
        self.tabs[slot] = self.newest = Tab(plan, opened.session_id, {1: opened.nonce})

    def _watch(self, slot: int, beats: int, lesson: int, *, is_there: bool) -> None:
        tab = self._tab(slot)
        if lesson != tab.lesson:
            tab.lesson, tab.at_ms = lesson, 0
        for _ in range(beats):
            self.clock.advance_ms(INTERVAL * 1000)
            end = min(tab.at_ms + INTERVAL * 1000, LESSON_SECONDS * 1000)
            told = self._arrive(tab, self._beat(tab, tab.lesson, tab.at_ms, end))
            if told is not None and (told["credit"] or not told["not_counted"]):
                tab.at_ms = end % (LESSON_SECONDS * 1000)
            if is_there and self.own[tab.plan].check_id:
                self._answer_open(slot, is_right=True, again=False, tells=True)

    def _sent(
        self,
        slot: int,
        after: int,
        lesson: int,
        from_ms: int,
        length: int,
        playing: bool = True,
        visible: bool = True,
    ) -> tuple[Tab, service.Beat]:
        """Let some time pass and a beat be sent; whether it arrives is another matter."""
        tab = self._tab(slot)
        self.clock.advance_ms(after)
        beat = self._beat(tab, lesson, from_ms, from_ms + length, playing, visible)
        self.on_the_way.append((tab, beat))
        return tab, beat

    def _tab(self, slot: int) -> Tab:
        """Return a tab by its slot, or the newest: only that one may count."""
        assert self.newest is not None
        return self.tabs.get(slot, self.newest)

    def _beat(
        self, tab: Tab, lesson: int, from_ms: int, to_ms: int, playing: bool = True, visible: bool = True
    ) -> service.Beat:
        seq = tab.seq + 1
        return service.Beat(
            tab.session_id, seq, tab.nonces[seq], self.town.lessons[tab.plan][lesson], from_ms, to_ms, playing, visible,
        )  # fmt: skip

    def _take(self, beat: service.Beat) -> str:
        return keep_beat(self.runtime, beat, self.clock.now_ms())

    def _arrive(self, tab: Tab, beat: service.Beat, *, is_heard: bool = True) -> dict[str, Any] | None:
        """Let a beat arrive, and keep the own ledger beside it."""
        key = (beat.session_id, beat.seq)
        before = self._totals()
        try:
            reply = self._take(beat)
        except Refusal:
            assert self._totals() == before, "what is refused changes nothing"
            return None
        told: dict[str, Any] = json.loads(reply)
        if key in self.replies:
            first = json.loads(self.replies[key])
            # Whether a check is open is told as it is now; all else as it was.
            assert told | {"check": None} == first | {"check": None}, (
                "the same beat again gets the same reply"
            )
            assert self._totals() == before
        else:
            self.replies[key] = reply
            self._keep(tab, beat, told)
        if is_heard and told["seq"] > tab.seq:
            tab.seq, tab.nonces[told["seq"] + 1] = told["seq"], told["next"]
        return told

    def _keep(self, tab: Tab, beat: service.Beat, told: dict[str, Any]) -> None:
        own = self.own[tab.plan]
        lesson = self.town.lessons[tab.plan].index(beat.lesson_id)
        own.void_overdue(self.clock.now_ms())
        if beat.playing and beat.visible:
            own.claimed[lesson] |= touched(beat.from_ms, beat.to_ms)
        else:
            assert told["credit"] == 0, "nothing for a hidden or paused page"
        assert not own.check_id or told["credit"] == 0, "nothing while a check is open"
        assert 0 <= told["credit"] * 2 <= INTERVAL * 3
        own.waiting += told["credit"]
        if told["check"] and not own.check_id:
            own.check_id, own.deadline = told["check"]["id"], told["check"]["deadline"]

    def _answer(self, tab: Tab, answer: service.Answer, *, is_repeated: bool = False) -> Any:
        arrival, own = self.clock.now_ms(), self.own[tab.plan]
        try:
            answered = self.runtime.journal.submit(lambda hot: service.answer_check(hot, answer, arrival))
        except Refusal:
            return None
        if not is_repeated and answered.verdict is not Verdict.TRY_AGAIN:
            is_late = arrival > own.deadline + GRACE_MS
            assert answered.seconds == own.waiting
            assert (answered.verdict is Verdict.COUNTED) == (answer.is_right and not is_late)
            own.decide(is_counted=answered.verdict is Verdict.COUNTED)
        return answered.verdict, answered.seconds

    def _answer_open(self, slot: int, is_right: bool, again: bool, tells: bool) -> None:
        """Answer once or twice; the report of the last answer may get lost with the process."""
        tab = self._tab(slot)
        with self.runtime.read() as uow:
            raised = queries.open_check(uow, tab.session_id)
        if raised is None:
            return
        answer = service.Answer(tab.session_id, raised.id, raised.tries, is_right)
        first = self._answer(tab, answer)
        if again and first is not None:
            assert self._answer(tab, answer, is_repeated=True) == first
        if tells and self.own[tab.plan].counted >= REQUIRED:
            jobs.sweep_completed(self.runtime)

    # ---- what must hold

    def _totals(self) -> list[tuple[int, int]]:
        found = {
            plan: (counted, pending)
            for plan, counted, pending in self.town.rows(
                "SELECT plan_id, counted_seconds, pending_seconds FROM study_progress"
            )
        }
        return [found.get(plan.id, (0, 0)) for plan in self.town.plans]

    @invariant()
    def the_ledger_says_what_the_own_one_says(self) -> None:
        assert self._totals() == [(own.counted, own.waiting) for own in self.own]

    @invariant()
    def no_second_without_its_time(self) -> None:
        """All plans together: more than the server's clock went on since the first player opened is impossible."""
        passed = self.clock.now_ms() - (self.first_opened or self.clock.now_ms())
        assert sum(map(sum, self._totals())) * 1000 <= passed

    @invariant()
    def only_seconds_that_were_played_and_each_of_them_once(self) -> None:
        for plan, (own, (counted, pending)) in enumerate(zip(self.own, self._totals(), strict=True)):
            bits = self._coverage(plan)
            assert sum((one | two).bit_count() for one, two in bits) == counted + pending
            for lesson, (one, two) in enumerate(bits):
                assert not (one | two) & ~own.claimed[lesson], "a second that no visible player has played"
                assert not own.kept[lesson] & ~one, "a counted second has disappeared"
                own.kept[lesson] = one
                if plan and not lesson:
                    assert (one | two) >> STOP == 0, "a second behind an unanswered question"
            if plan and counted >= REQUIRED:
                assert bits[1][0].bit_count() >= MINIMUM

    def _coverage(self, plan: int) -> list[tuple[int, int]]:
        found = {
            lesson: (int.from_bytes(counted, "little"), int.from_bytes(pending, "little"))
            for lesson, counted, pending in self.town.rows(
                "SELECT lesson_id, counted, pending FROM lesson_coverage WHERE plan_id = :plan",
                plan=self.town.plans[plan].id,
            )
        }
        return [found.get(lesson, (0, 0)) for lesson in self.town.lessons[plan]]

    def teardown(self) -> None:
        """Ask every invariant of study, and hold each day against its limit."""
        if not hasattr(self, "runtime"):
            return
        jobs.sweep_completed(self.runtime)
        with self.runtime.read() as uow:
            assert check(uow, INVARIANTS) == {}
        assert all(seconds <= DAILY for seconds in self.town.credited_by_day(1))


def test_the_ledger_stays_true_whatever_arrives_in_whatever_order(
    sqlite_template: Path, tmp_path: Path
) -> None:
    class Machine(StudyMachine):
        town = Town(tmp_path, sqlite_template)

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=STEPS,
            deadline=None,
            phases=SEARCH if DEPTH == 1 else tuple(Phase),
            suppress_health_check=list(HealthCheck),
        ),
    )
