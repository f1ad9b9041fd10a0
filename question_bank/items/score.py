"""What a candidate chose, and what it earned."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """What a candidate chose at one position: a set of option ids, empty when unanswered."""

    position: int
    chosen: frozenset[str]


@dataclass(frozen=True, slots=True)
class QuestionScore:
    """What one question earned, in hundredths of a point."""

    position: int
    points: int
    full_points: int
    answered: bool


@dataclass(frozen=True, slots=True)
class Score:
    """The result of a paper, in hundredths of a point, with each question in order."""

    points: int
    full_points: int
    per_question: tuple[QuestionScore, ...]
