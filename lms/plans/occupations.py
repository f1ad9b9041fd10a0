"""The occupations plans may offer, read from `occupations.csv` beside this module.

Columns: `edition` of the national dictionary, `code`, `name`, `grades` (the skill grades the occupation
has, 5 the lowest to 1 the highest; H16: allowed levels are per occupation). An operator extends or
corrects the list by editing the file; plans and certificates keep the names they were made with.
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lms.plans.policy import ExaminerLevel, OccupationChoice, grade_reasons

LIST = Path(__file__).with_name("occupations.csv")


@dataclass(frozen=True, slots=True)
class Occupation:
    """One occupation of one edition of the dictionary."""

    edition: str
    code: str
    name: str
    grades: frozenset[int]

    def at(self, level: ExaminerLevel) -> OccupationChoice:
        """Return this occupation at an examiner level, as a plan offers it."""
        return OccupationChoice(self.edition, self.code, self.name, level)


@cache
def occupations() -> tuple[Occupation, ...]:
    """Return every listed occupation, in the order of edition and code."""
    with LIST.open(encoding="utf-8", newline="") as stream:
        return tuple(
            Occupation(row["edition"], row["code"], row["name"], frozenset(map(int, row["grades"])))
            for row in csv.DictReader(stream)
        )


@cache
def choices() -> dict[str, OccupationChoice]:
    """Return every occupation at every level it has examiners for, by `OccupationChoice.key`."""
    return {
        occupation.at(level).key: occupation.at(level)
        for level in ExaminerLevel
        for occupation in occupations()
        if not grade_reasons(occupation.name, occupation.grades, level)
    }
