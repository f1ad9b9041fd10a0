"""An honest person's hour in virtual time: the player page with its queue, its retries and a network that fails.

Every request goes through HTTP and the real routes; only the clock is told to go on. What the page does is what
`lms/app/static/js/player/beats.js` does: it looks each quarter of a second whether a beat is due, puts no more than one
interval into it, sends one beat at a time and when the server's time pays for it, repeats it under the same number
until it is answered, and holds the video when an answer stays away for too long.
"""

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from lms.study.policy.credit import seconds_between
from tests.drills.ground import Course
from tests.drills.ledger_view import earned
from tests.drills.tabs import BEAT, PRESENCE
from tests.drills.verdicts import HonestRun
from tests.drills.virtual_house import VirtualHouse
from tests.support.browser import Browser

FAILS = 0.2
"""So many requests fail: half before they reach the site, half on the way back."""
TICK_MS = 250
REQUEST_LIMIT_MS = 8000
FIRST_WAIT_MS, LONGEST_WAIT_MS = 500, 15_000
SWITCH_MS = 10_000
SLEEP_MS = 60_000
SILENCE_MS, KEPT_MS = 3000, 1000
PATIENCE_MS = 3_600_000
"""So much virtual time after the end must be enough to get the last beats through."""


@dataclass
class Page:
    """One open player page."""

    lesson: int
    at_ms: float = 0
    playing: bool = False
    stretch_from: float | None = None
    cut_at: int = 0
    asked_since: int | None = None
    credited_until: int = 0
    held_by_net: bool = False
    waiting: list[tuple[int, int]] = field(default_factory=list)
    session: dict[str, Any] | None = None
    check: dict[str, Any] | None = None
    round: int = 0
    busy: bool = False


class Viewer:
    """One person, one page at a time, until so many minutes are over. Everything happens at its moment, in order."""

    def __init__(
        self, house: VirtualHouse, browser: Browser, person_id: str, course: Course, seed: int, minutes: float
    ) -> None:
        self.chance = random.Random(seed)
        self.seed = seed
        self.house, self.clock = house, house.clock
        self.browser, self.person_id, self.course = browser, person_id, course
        self.begun = self.clock.now_ms()
        self.ends = self.begun + round(minutes * 60_000)
        third = (self.ends - self.begun) // 3
        self.switch = self.begun + third + self.chance.randrange(third // 2)
        self.sleep = self.begun + 2 * third + self.chance.randrange(third // 2)
        self.page = Page(0)
        self.watched_ms = 0.0
        self.requests = self.failed = 0
        self.shown = 0
        """Counted and pending seconds, as the page shows them."""
        self._events: list[tuple[int, int, Callable[[], None]]] = []
        self._order = count()
        self._moved = self.begun

    def watch(self) -> HonestRun:
        """Watch to the end, let the last beats through, and say what came of it."""
        self._play()
        self._at(TICK_MS, self._tick)
        self._at(self.sleep - self.begun, self._fall_asleep)
        while self._events:
            moment, _, happen = heapq.heappop(self._events)
            self._move_on(moment)
            happen()
            if self._is_over and not self.page.busy and not self.page.waiting:
                break
            assert moment < self.ends + PATIENCE_MS, "the last beats never got through"
        stored = earned(self.house.runtime, self.person_id).credited
        assert stored == self.shown, f"the page says {self.shown} s, the ledger {stored} s"
        return HonestRun(self.seed, round(self.watched_ms), stored, self.requests, self.failed)

    @property
    def _is_over(self) -> bool:
        return self.clock.now_ms() >= self.ends

    def _at(self, later_ms: float, happen: Callable[[], None]) -> None:
        moment = self.clock.now_ms() + max(0, round(later_ms))
        heapq.heappush(self._events, (moment, next(self._order), happen))

    def _move_on(self, moment: int) -> None:
        """Let time pass up to a moment; a video that plays goes on with it, up to its end."""
        self.clock.advance_to(moment)
        passed = self.clock.now_ms() - self._moved
        self._moved = self.clock.now_ms()
        if self.page.playing:
            played = min(passed, self.course.lesson_ms - self.page.at_ms)
            self.page.at_ms += played
            self.watched_ms += played

    # ---- the video

    def _play(self) -> None:
        page = self.page
        if page.check is not None or self._is_over:
            return
        page.playing, page.stretch_from, page.cut_at = True, page.at_ms, self.clock.now_ms()
        if page.session is None:
            self._pump()

    def _pause(self) -> None:
        self.page.playing = False
        self._cut(goes_on=False)

    def _cut(self, *, goes_on: bool = True) -> None:
        page = self.page
        if page.stretch_from is None:
            return
        start, played = round(page.stretch_from), round(page.at_ms)
        end = min(played, start + self.course.interval * 1000) if goes_on else played
        page.stretch_from = end if goes_on else None
        page.cut_at = self.clock.now_ms() - (played - end)
        if end > start:
            page.waiting.append((start, end))
            self._pump()

    def _tick(self) -> None:
        """Do what the page does each quarter of a second, and what the person does at the end of a lesson."""
        page, now = self.page, self.clock.now_ms()
        if self._is_over:
            self._pause()
        elif page.at_ms >= self.course.lesson_ms:
            self._pause()
            if not page.waiting and not page.busy and page.check is None:
                self.page = Page(page.lesson + 1)
                self._at(self.chance.uniform(500, 3000), self._play)
        elif page.stretch_from is not None and page.session is not None:
            if now - page.cut_at >= self.course.interval * 1000:
                self._cut()
            patience = max(SILENCE_MS, self.course.interval * 500)
            if page.asked_since is not None and page.check is None and now - page.asked_since > patience:
                page.held_by_net = True
                self._pause()
        if not self._is_over:
            self._at(TICK_MS, self._tick)

    def _fall_asleep(self) -> None:
        """Close the lid for a minute: the video stands still, and whatever was due comes after it."""
        later = [(moment + SLEEP_MS, order, happen) for moment, order, happen in self._events]
        heapq.heapify(later)
        self._events = later
        playing, self.page.playing = self.page.playing, False
        self._move_on(self.clock.now_ms() + SLEEP_MS)
        self.page.playing = playing

    # ---- the network

    def _ask(self, address: str, body: dict[str, Any], then: Callable[[int, dict[str, Any]], None]) -> None:
        """Send until there is an answer that is not about the network, as `postSurely` does."""
        self.requests += 1
        way = self.chance.uniform(10, 150)
        now = self.clock.now_ms()
        is_switching = self.switch <= now < self.switch + SWITCH_MS
        fate = self.chance.random()
        if is_switching or fate < FAILS / 2:
            self._again(address, body, then)
        elif fate < FAILS:
            self._at(way, lambda: (self._post(address, body), self._again(address, body, then))[1])
        else:
            self._at(way, lambda: self._arrive(address, body, then))

    def _arrive(
        self, address: str, body: dict[str, Any], then: Callable[[int, dict[str, Any]], None]
    ) -> None:
        status, told = self._post(address, body)

        def back() -> None:
            self.page.round = 0
            then(status, told)

        self._at(self.chance.uniform(10, 150), back)

    def _again(self, address: str, body: dict[str, Any], then: Callable[[int, dict[str, Any]], None]) -> None:
        """Notice after a while that no answer comes, wait as the page waits, and send the same again."""
        self.failed += 1
        noticed = REQUEST_LIMIT_MS if self.chance.random() < 0.05 else self.chance.uniform(50, 1000)
        wait = min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2**self.page.round) * (0.5 + self.chance.random())
        self.page.round += 1
        self._at(noticed + wait, lambda: self._ask(address, body, then))

    def _post(self, address: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        reply = self.browser.post_json(address, body)
        return reply.status_code, reply.get_json() or {}

    # ---- beats and checks

    def _pump(self) -> None:
        page = self.page
        if page.busy or page.check is not None:
            return
        if page.session is None:
            page.busy = True
            self._ask(f"/study/{self.course.plan_id}/sessions", {}, self._opened)
        elif page.waiting:
            page.busy = True
            start, end = page.waiting[0]
            most = self.course.interval * 1000
            if end - start > most:
                page.waiting[0:1] = [(start, start + most), (start + most, end)]
                end = start + most
            due = seconds_between(start, end, self.course.lesson_ms // 1000).bit_count() * 1000
            unpaid = due - (self.clock.now_ms() - page.credited_until)
            if unpaid > 0:
                self._at(unpaid, self._pump_again)
                return
            page.asked_since = self.clock.now_ms()
            body = {
                "lease": page.session["lease"], "seq": page.session["seq"] + 1, "nonce": page.session["next"],
                "lesson_id": self.course.lessons[page.lesson], "from_ms": start, "to_ms": end, "playing": True,
                "visible": True,
            }  # fmt: skip
            self._ask(BEAT, body, self._taken)

    def _pump_again(self) -> None:
        self.page.busy = False
        self._pump()

    def _opened(self, status: int, told: dict[str, Any]) -> None:
        self.page.busy = False
        assert status == 201, told
        self.page.session = {key: told[key] for key in ("lease", "next", "seq")}
        self.page.credited_until = self.clock.now_ms()
        self._keep_totals(told)
        if told["check"] is not None:
            self._asked_whether_there(told["check"])
        self._pump()

    def _taken(self, status: int, told: dict[str, Any]) -> None:
        page = self.page
        page.busy = False
        assert status == 200, told
        assert page.session is not None
        page.session["seq"], page.session["next"] = told["seq"], told["next"]
        page.waiting.pop(0)
        page.asked_since = None
        page.credited_until = max(
            page.credited_until + told["credit"] * 1000,
            self.clock.now_ms() - self.course.interval * 500 - KEPT_MS,
        )
        self._keep_totals(told)
        if told["check"] is not None:
            self._asked_whether_there(told["check"])
        if page.held_by_net:
            page.held_by_net = False
            self._play()
        self._pump()

    def _keep_totals(self, told: dict[str, Any]) -> None:
        self.shown = told["counted"] + told["pending"]

    def _asked_whether_there(self, check: dict[str, Any]) -> None:
        """Stop the video, read the question, and answer it."""
        self.page.check = check
        self._pause()
        self._at(self.chance.uniform(4000, 20_000), self._answer)

    def _answer(self) -> None:
        page = self.page
        assert page.session is not None
        assert page.check is not None
        lease, check = page.session["lease"], page.check
        page.busy = True
        body = {
            "lease": lease, "check_id": check["id"], "try": check["try"], "choice": self.house.right_letter(lease),
        }  # fmt: skip
        self._ask(PRESENCE, body, self._answered)

    def _answered(self, status: int, told: dict[str, Any]) -> None:
        page = self.page
        page.busy, page.check = False, None
        assert status == 200, told
        assert told["verdict"] == "counted", told
        self._keep_totals(told)
        self._play()
        self._pump()
