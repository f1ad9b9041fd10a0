"""Judging the drill `fraud`: pure functions from what was tried and what the ledger holds to a verdict.

The unit is the second of study. What an attacker gained is what the ledger grants beyond what an honest viewer would
have been granted for the same server time; what each class means by that is said by its attacker.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

HONEST_BAR = 0.99
"""What of the time that was really watched an honest viewer is granted at least."""
SIGMAS = 4
"""So far may luck carry somebody who guesses before it is no luck any more."""


@dataclass
class Trial:
    """One class of fraud as it was tried, and what came of it. Seconds are whole."""

    row: str
    """The row of the fault catalogue, such as A1."""
    tried: str
    statuses: Counter[int] = field(default_factory=Counter)
    credited: int = 0
    """Seconds that the ledger grants him for the time of the fraud."""
    honest: int = 0
    """Seconds that an honest viewer would have been granted for it."""
    bar: int = 0
    """Seconds that may be gained."""
    problems: list[str] = field(default_factory=list)
    """What should have been refused and was not, or was found where nothing should be."""
    acknowledged: Mapping[tuple[str, int], int] = field(default_factory=dict)
    """(session, number) -> seconds of every beat whose reply he has."""

    @property
    def requests(self) -> int:
        """How many requests were sent."""
        return self.statuses.total()

    @property
    def gained(self) -> int:
        """How many seconds he has beyond what he should have."""
        return max(0, self.credited - self.honest)

    @property
    def is_held(self) -> bool:
        """Whether the class is held off. A trial that sent nothing has proven nothing."""
        return self.requests > 0 and self.gained <= self.bar and not self.problems

    @property
    def line(self) -> str:
        """What a reader sees of it."""
        statuses = " ".join(f"{status}×{count}" for status, count in sorted(self.statuses.items()))
        return (
            f"  {self.row:3} {'held' if self.is_held else 'BROKEN':6} gained {self.gained} s (bar {self.bar}):"
            f" {self.credited} s credited, {self.honest} s honest; {self.requests} requests ({statuses}); {self.tried}"
        )


@dataclass(frozen=True)
class HonestRun:
    """One honest person's hour. `watched_ms` is what his video really played."""

    seed: int
    watched_ms: int
    credited: int
    requests: int
    failed: int

    @property
    def ratio(self) -> float:
        """What of the watched time was credited."""
        return self.credited * 1000 / self.watched_ms if self.watched_ms else 0.0


@dataclass(frozen=True)
class Guesses:
    """What somebody got who answers presence checks by chance.

    `chance` is that of getting a window counted, as the mean over his windows: it is less after a void one.
    """

    windows: int
    counted: int
    chance: float

    @property
    def share(self) -> float:
        """Which share of the windows was counted."""
        return self.counted / self.windows if self.windows else 0.0

    @property
    def is_luck(self) -> bool:
        """Whether chance explains the share: a server that tells the answer would show here."""
        spread = (self.chance * (1 - self.chance) / max(1, self.windows)) ** 0.5
        return self.windows > 0 and self.share <= self.chance + SIGMAS * spread


def lost(acknowledged: Mapping[tuple[str, int], int], stored: Mapping[tuple[str, int], int]) -> int:
    """Count beats that were acknowledged and are not in the ledger with the very same seconds."""
    return sum(stored.get(key) != seconds for key, seconds in acknowledged.items())


def control_problems(credited: int, elapsed: int, slack: int = 2) -> list[str]:
    """Say what is wrong with the honest viewer beside them: a server that grants nobody anything proves nothing."""
    if credited < elapsed - slack:
        return [f"the honest viewer beside them got {credited} of {elapsed} s"]
    if credited > elapsed:
        return [f"the honest viewer beside them got {credited} s in {elapsed} s"]
    return []


def summary(
    trials: Sequence[Trial],
    honest: Sequence[HonestRun],
    guesses: Guesses,
    lost_beats: int,
    violations: int,
) -> dict[str, Any]:
    """Return what the JSON line says of a drill."""
    by_row = {trial.row: trial for trial in trials}
    return {
        "drill": "fraud",
        "runs": len(honest),
        "requests": sum(trial.requests for trial in trials) + sum(run.requests for run in honest),
        "acknowledged": sum(len(trial.acknowledged) for trial in trials),
        "lost": lost_beats,
        "gained_seconds": max((trial.gained for trial in trials if trial.bar == 0), default=0),
        "window_seconds": max((trial.gained for trial in trials if trial.bar > 0), default=0),
        "gained": {row: trial.gained for row, trial in sorted(by_row.items())},
        "broken": sorted(trial.row for trial in trials if not trial.is_held),
        "honest_ratio": round(min((run.ratio for run in honest), default=0.0), 4),
        "guessed_share": round(guesses.share, 3),
        "guess_is_luck": guesses.is_luck,
        "violations": violations,
    }


def failed(result: Mapping[str, Any], wanted: Iterable[str] = ()) -> bool:
    """Tell whether a bar was missed. `wanted` are the classes that must have been tried."""
    return bool(
        result["broken"]
        or result["lost"]
        or result["violations"]
        or result["honest_ratio"] < HONEST_BAR
        or not result["guess_is_luck"]
        or set(wanted) - set(result["gained"])
    )
