"""The drill `fraud`: an attacker for each class A1 to A9 against a running site, and honest people in virtual time.

The attackers come all at once, each as a person of his own, while an honest viewer watches beside them. Beats are due
each second there, so that a minute holds what takes a quarter of an hour otherwise. Then honest people watch an hour
each, with a network that fails; their time is virtual, their requests are not.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

from lms.app.invariants import ALL_INVARIANTS
from tests.bench.rig import House, fresh_house
from tests.drills import attackers, verdicts
from tests.drills.attackers import Attack, Scene, Town
from tests.drills.forger import forged
from tests.drills.ground import Ground
from tests.drills.guesser import guess
from tests.drills.honest import Viewer
from tests.drills.invariants import broken_rules
from tests.drills.ledger_view import credited_beats
from tests.drills.verdicts import Guesses, HonestRun, Trial, lost, summary
from tests.drills.virtual_house import VirtualHouse, virtual_house

SECONDS = 30
"""How long each attacker tries."""
LEAST_SECONDS = 12
"""The shortest that leaves room for the gap of class A7 and for two windows of class A8 that run out."""
SEEDS = 5
MINUTES = 60.0
WINDOWS = 150
SHOWN_PROBLEMS = 5

CLASSES: dict[str, tuple[Attack, str]] = {
    "A0": (attackers.honest_viewer, "quick"),
    "A1": (attackers.lump, "quick"),
    "A2": (attackers.too_fast, "quick"),
    "A3": (attackers.replayed, "quick"),
    "A4": (attackers.side_by_side, "quick"),
    "A5": (attackers.sped_up, "quick"),
    "A6": (attackers.looped, "quick"),
    "A7": (attackers.away, "slow"),
    "A8": (attackers.silent_robot, "asked"),
    "A9": (forged, "quick"),
}
"""Each class with its attacker and the plan he studies in."""


def fraud(
    database: str,
    seeds: int = SEEDS,
    seconds: int = SECONDS,
    minutes: float = MINUTES,
    windows: int = WINDOWS,
    tell: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Run the drill on a fresh site and return what the JSON line says."""
    with fresh_house(database) as house:
        ground = Ground(house.runtime)
        trials = _attack(house, ground, seconds, tell)
        acknowledged = {key: worth for trial in trials for key, worth in trial.acknowledged.items()}
        gone = lost(acknowledged, credited_beats(house.runtime))
        tell(f"  {len(acknowledged):,} beats acknowledged, {gone} of them lost or worth something else now")
        broken = broken_rules(house.runtime, tell)
        virtual = virtual_house(house)
        honest, guesses = _live_honestly(virtual, ground, seeds, minutes, windows, tell)
        virtual.do_jobs()
        broken += broken_rules(virtual.runtime, tell)
        virtual.close()
        tell(
            f"  {len(ALL_INVARIANTS)} invariants after the attack and after the honest hours, {broken} broken"
        )
        result = summary(trials, honest, guesses, gone, broken)
    return result | {"database": database, "seconds": seconds}


def failed(result: Mapping[str, Any]) -> bool:
    """Tell whether a bar was missed, or a class was not tried at all."""
    return verdicts.failed(result, CLASSES)


def _attack(house: House, ground: Ground, seconds: int, tell: Callable[[str], None]) -> list[Trial]:
    """Let all attackers come at once, and tell what became of each."""
    scenes = {
        row: (attack, ground.plans[plan], ground.trainee(plan)) for row, (attack, plan) in CLASSES.items()
    }
    web = house.web()
    web.start()
    try:
        web.wait_until_ready()
        with ExitStack() as visitors, ThreadPoolExecutor(len(scenes)) as pool:
            town = Town(web.url, visitors, house.runtime, ground.secrets(house.environment))
            coming = [
                pool.submit(attack, Scene(town, course, person, seconds))
                for attack, course, person in scenes.values()
            ]
            trials = [one.result() for one in coming]
    finally:
        web.stop()
    for trial in trials:
        tell(trial.line)
        for problem in trial.problems[:SHOWN_PROBLEMS]:
            tell(f"        {problem}")
    return trials


def _live_honestly(
    virtual: VirtualHouse,
    ground: Ground,
    seeds: int,
    minutes: float,
    windows: int,
    tell: Callable[[str], None],
) -> tuple[list[HonestRun], Guesses]:
    """Let honest people watch, one after the other, and somebody guess; their time is virtual."""
    viewers = [ground.trainee("usual") for _ in range(seeds)]
    gambler = ground.trainee("often")
    honest = []
    for seed, person in enumerate(viewers, start=1):
        browser = virtual.browser(person)
        run = Viewer(virtual, browser, person.id, ground.plans["usual"], seed, minutes).watch()
        honest.append(run)
        tell(
            f"  honest {seed}: {run.ratio:.2%} of {run.watched_ms / 60_000:.1f} min watched is credited;"
            f" {run.failed} of {run.requests} requests failed"
        )
    guesses = guess(virtual, virtual.browser(gambler), ground.plans["often"], windows)
    tell(
        f"  guesses: {guesses.counted} of {guesses.windows} windows counted, {guesses.share:.0%};"
        f" chance alone gives {guesses.chance:.0%}"
    )
    return honest, guesses
