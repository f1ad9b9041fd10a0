"""The attackers of the drill `fraud`, one for each class A1 to A9 of the fault catalogue, and an honest viewer.

Each is one person who tries for so many seconds to get more than the time he spends. He has what a person has: his
own password, the pages he is served, and a program that sends any request it likes.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field

from lms.core.unit_of_work import Runtime
from tests.drills.ground import Course
from tests.drills.ledger_view import earned
from tests.drills.tabs import Tab
from tests.drills.verdicts import Trial, control_problems
from tests.support.people import KnownPerson
from tests.support.person import Person

REFUSED = frozenset({401, 403, 404, 409, 422})
GAP_SECONDS = 7
JARS = 5
SPEED = 16
REPLAYS = 50


@dataclass(frozen=True)
class Town:
    """The site under attack, as far as an attacker can see it, and the view into its ledger for the judge."""

    url: str
    visitors: ExitStack
    runtime: Runtime
    secrets: tuple[str, ...]
    """What must never leave the site."""


@dataclass
class Scene:
    """One attacker's stage: who he is, what he attacks, and how long."""

    town: Town
    course: Course
    person: KnownPerson
    seconds: int
    tabs: list[Tab] = field(default_factory=list)

    def tab(self, browser: Person | None = None) -> Tab:
        """Sign in through the form in a browser of its own, unless one is given, and open a player page in it."""
        browser = browser or Person(self.town, self.person.login_name, self.person.password)  # type: ignore[arg-type]  # it asks a site for its address only
        browser.open("/sign-in")
        if browser.here.path == "/sign-in":
            browser.sign_in(browser.here)
        browser.open(f"/study/{self.course.plan_id}")
        tab = Tab(browser, self.course.plan_id, self.course.lessons)
        self.tabs.append(tab)
        return tab

    def each_second(self, seconds: float | None = None, step: float = 1.0) -> Iterator[int]:
        """Count on at every step of real time, by the clock and not by the sum of the waits."""
        begun = time.monotonic()
        number = 0
        while (number + 1) * step <= (self.seconds if seconds is None else seconds):
            time.sleep(max(0.0, begun + (number + 1) * step - time.monotonic()))
            yield number
            number += 1

    def credited(self) -> int:
        """Return what the ledger grants this person now."""
        return earned(self.town.runtime, self.person.id).credited

    def judged(self, trial: Trial) -> Trial:
        """Put into a trial what was sent and what the ledger holds; the elapsed time is what an honest viewer has."""
        found = earned(self.town.runtime, self.person.id)
        trial.credited, trial.honest = found.credited, found.elapsed
        acknowledged: dict[tuple[str, int], int] = {}
        for tab in self.tabs:
            trial.statuses += tab.statuses
            acknowledged |= tab.acknowledged
        trial.acknowledged = acknowledged
        return trial


Attack = Callable[[Scene], Trial]


def honest_viewer(scene: Scene) -> Trial:
    """Watch as one should. Were he granted nothing, the zeros of all others would prove nothing."""
    trial = Trial("A0", "an honest viewer beside them: a beat each second, nothing else")
    tab = scene.tab()
    tab.open()
    for second in scene.each_second():
        tab.beat(second * 1000, (second + 1) * 1000)
    scene.judged(trial)
    trial.problems += control_problems(trial.credited, trial.honest)
    return trial


def lump(scene: Scene) -> Trial:
    """A1: claim three hours at once, in every field that some system ever believed."""
    trial = Trial(
        "A1", "time_spent, progress, percent, credit and a whole lesson in every beat; made-up addresses"
    )
    tab = scene.tab()
    tab.open()
    claims = {
        "time_spent": 10_800, "time_spent_delta": 10_800, "progress": 1, "percent": 100, "duration": 10_800,
        "credit": 10_800, "counted": 10_800, "complete": True, "interval": 3600, "arrival": 0, "ts": 4_102_444_800_000,
    }  # fmt: skip
    for second in scene.each_second():
        tab.beat(0, scene.course.lesson_ms, lesson=second % len(scene.course.lessons), **claims)
        if second < 4:
            address = ("progress", "complete", "credit", "presence")[second]
            reply = tab.post(f"/api/v1/study/{address}", {"lease": tab.lease, **claims})
            if reply.status_code not in {*REFUSED, 405}:
                trial.problems.append(f"/api/v1/study/{address} answered {reply.status_code}")
    return scene.judged(trial)


def too_fast(scene: Scene) -> Trial:
    """A2: beats as fast as the site takes them, each a second further."""
    trial = Trial("A2", "beats without a pause, each claims the next second of the lesson")
    tab = scene.tab()
    tab.open()
    for number in scene.each_second(step=0.02):
        start = number * 1000 % (scene.course.lesson_ms - 1000)
        tab.beat(start, start + 1000)
    return scene.judged(trial)


def replayed(scene: Scene) -> Trial:
    """A3: watch for a while, then send what was recorded again: in the session, signed out, and signed in afresh."""
    trial = Trial(
        "A3", f"{REPLAYS}+ recorded beats again: in the session, after sign-out, after a fresh sign-in"
    )
    tab = scene.tab()
    tab.open()
    recorded = []
    for second in scene.each_second(max(3, scene.seconds / 3)):
        tab.beat(second * 1000, (second + 1) * 1000)
        recorded.append(tab.sent)
    before = scene.credited()
    _replay(tab, trial, recorded, "in the session", last_is_kept=True)
    tab.browser.post("/sign-out")
    _replay(tab, trial, recorded, "after signing out")
    fresh = scene.tab()
    fresh.open()
    time.sleep(scene.course.interval)
    _replay(fresh, trial, recorded, "with the old lease")
    _replay(fresh, trial, [body | {"lease": fresh.lease} for body in recorded], "with the new lease")
    scene.judged(trial)
    trial.honest = before
    return trial


def _replay(tab: Tab, trial: Trial, recorded: list[dict], when: str, *, last_is_kept: bool = False) -> None:
    for number in range(max(REPLAYS // 4, len(recorded))):
        body = recorded[number % len(recorded)]
        status = tab.send(body).status_code
        is_last = last_is_kept and body is recorded[-1]
        if status not in REFUSED and not (is_last and status == 200):
            trial.problems.append(f"beat {body['seq']} {when} answered {status}")


def side_by_side(scene: Scene) -> Trial:
    """A4: five browsers with their own cookies play different lessons at once, and then fight for the session."""
    trial = Trial(
        "A4", f"{JARS} cookie jars play {len(scene.course.lessons)} lessons side by side, then take turns"
    )
    tabs = [scene.tab() for _ in range(JARS)]
    for tab in tabs:
        tab.open()

    def play(place: int) -> None:
        for second in scene.each_second():
            lesson = (second + place) % len(scene.course.lessons)
            stretch = (second * 1000, (second + 1) * 1000)
            status = tabs[place].beat(*stretch, lesson=lesson)
            if status == 409 and second >= scene.seconds // 2:
                tabs[place].open()
                tabs[place].beat(*stretch, lesson=lesson)

    with ThreadPoolExecutor(JARS) as pool:
        list(pool.map(play, range(JARS)))
    scene.judged(trial)
    still_open = earned(scene.town.runtime, scene.person.id).open_sessions
    if still_open != 1:
        trial.problems.append(f"{still_open} sessions are open")
    return trial


def sped_up(scene: Scene) -> Trial:
    """A5: sixteen seconds of the lesson in each second; it must leave a mark for the auditor."""
    trial = Trial("A5", f"the lesson at {SPEED} times its speed")
    tab = scene.tab()
    tab.open()
    for second in scene.each_second():
        tab.beat(second * SPEED * 1000, (second + 1) * SPEED * 1000, speed=SPEED)
    scene.judged(trial)
    if not earned(scene.town.runtime, scene.person.id).refusals:
        trial.problems.append("no beat bears a mark of it")
    return trial


def looped(scene: Scene) -> Trial:
    """A6: jump to the end, claim everything, then play the same few seconds over and over."""
    segment = max(2, scene.seconds // 6)
    trial = Trial("A6", f"everything in one beat, the last second twice, then {segment} s in a loop")
    tab = scene.tab()
    tab.open()
    end = scene.course.lesson_ms
    for second in scene.each_second():
        if second == 0:
            tab.beat(0, end)
        elif second < 3:
            tab.beat(end - 1000, end)
        else:
            start = 100_000 + second % segment * 1000
            tab.beat(start, start + 1000)
    scene.judged(trial)
    trial.honest = (
        1 + 1 + segment
    )  # the second that passed before the first beat, the last one, and the segment
    return trial


def away(scene: Scene) -> Trial:
    """A7: a hidden page, a paused page, and a long sleep after which all of it is claimed, twice."""
    interval = scene.course.interval
    trial = Trial(
        "A7", f"hidden, then paused, then {GAP_SECONDS} s without a beat and all of it claimed twice"
    )
    tab = scene.tab()
    tab.open()
    at_ms = 0
    for flag in ("visible", "playing"):
        for _ in scene.each_second(max(1.0, (scene.seconds - GAP_SECONDS) / 2)):
            tab.beat(at_ms, at_ms + 1000, **{flag: False})
            at_ms += 1000
    if scene.credited():
        trial.problems.append(f"{scene.credited()} s for a hidden or paused page")
    time.sleep(GAP_SECONDS)
    tab.beat(0, at_ms + GAP_SECONDS * 1000)
    first = tab.told["credit"]
    if first * 2 > interval * 3:
        trial.problems.append(f"one beat after the gap got {first} s at an interval of {interval} s")
    tab.beat(0, at_ms + GAP_SECONDS * 1000)
    scene.judged(trial)
    # One and a half intervals for the beat, and the half interval with its second that is kept for the one after it
    # (decision 10): both are time that passed; the rest of the gap is gone.
    trial.honest = 2 * interval + 1
    return trial


def silent_robot(scene: Scene) -> Trial:
    """A8: a program with perfect beats that answers no presence check."""
    trial = Trial(
        "A8", "perfect beats, no presence check is answered; what counts is judged", bar=scene.course.window
    )
    tab = scene.tab()
    tab.open()
    checks = set()
    for second in scene.each_second():
        tab.beat(second * 1000, (second + 1) * 1000)
        if tab.told.get("check"):
            checks.add(tab.told["check"]["id"])
    scene.judged(trial)
    trial.credited, trial.honest = earned(scene.town.runtime, scene.person.id).counted, 0
    if not checks:
        trial.problems.append("nobody asked him whether he was there")
    return trial
