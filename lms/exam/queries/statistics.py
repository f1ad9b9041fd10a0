"""What closed exams say about the bank: the figures of each question, and of each blueprint."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from lms.core.actors import Actor
from lms.core.unit_of_work import UnitOfWork
from lms.exam.policy.attempts import EXPOSURE_WINDOW
from lms.exam.queries.papers import times_drawn
from lms.exam.queries.responses import GradedSheets, graded_sheets
from lms.questions.queries import VersionFacts, get_item, same_questions
from question_bank.statistics import (
    Drift,
    ItemFigures,
    Reliability,
    Response,
    Suspicion,
    drift,
    item_figures,
    reliability,
    suspicions,
)


@dataclass(frozen=True, slots=True)
class QuestionLine:
    """One wording of a question with its figures. `change` compares it with the edition before it."""

    wording: VersionFacts
    figures: ItemFigures
    suspicions: tuple[Suspicion, ...]
    change: Drift | None
    exposure: float
    """The share of the papers that it stood on."""

    @property
    def option_texts(self) -> dict[str, str]:
        """What the candidate reads behind each letter."""
        return {option.key: option.text for option in self.wording.item.options}


@dataclass(frozen=True, slots=True)
class BankStatistics:
    """The figures of one blueprint's papers."""

    lines: tuple[QuestionLine, ...]
    """Every wording that was on a paper: those to look at first, then by the number of examinees."""
    reliability: Reliability | None
    papers: int
    total: int
    passed: int
    since: datetime | None

    @property
    def suspects(self) -> list[QuestionLine]:
        """The questions that somebody should look at."""
        return [line for line in self.lines if line.suspicions]


@dataclass(frozen=True, slots=True)
class QuestionStatistics:
    """One question in all its wordings, the newest first, on the papers of every blueprint."""

    lines: tuple[QuestionLine, ...]
    papers: int
    total: int
    drawn: int
    """On how many papers it was put lately, whether they were sat or not."""


def bank_statistics(uow: UnitOfWork, actor: Actor, blueprint_id: str) -> BankStatistics:
    """Return the figures of a blueprint's latest graded papers in the actor's scope."""
    graded = graded_sheets(uow, actor, blueprint_id=blueprint_id)
    lines = sorted(_lines(graded), key=_gravity)
    return BankStatistics(
        lines=tuple(lines),
        reliability=reliability(graded.sheets),
        papers=len(graded.sheets),
        total=graded.total,
        passed=graded.passed,
        since=graded.since,
    )


def question_statistics(uow: UnitOfWork, actor: Actor, item_id: str) -> QuestionStatistics:
    """Return the figures of one question over all blueprints. Raises NotFound when there is no such item."""
    get_item(uow, item_id)
    editions = same_questions(uow, [item_id])
    graded = graded_sheets(uow, actor, item_ids=sorted(editions))
    lines = [line for line in _lines(graded) if line.wording.item_id in editions]
    shown = times_drawn(uow, editions, since=uow.now - EXPOSURE_WINDOW)
    return QuestionStatistics(
        lines=tuple(sorted(lines, key=lambda line: line.wording.created_at, reverse=True)),
        papers=len(graded.sheets),
        total=graded.total,
        drawn=sum(shown.values()),
    )


def _lines(graded: GradedSheets) -> list[QuestionLine]:
    figures = item_figures(graded.sheets, graded.items)
    editions: defaultdict[str, list[str]] = defaultdict(list)
    for version, facts in sorted(graded.wordings.items(), key=lambda found: found[1].created_at):
        editions[facts.question_key].append(version)
    again = {version for found in editions.values() if len(found) > 1 for version in found}
    answers: defaultdict[str, list[Response]] = defaultdict(list)
    for sheet in graded.sheets:
        for response in sheet.responses:
            if response.version in again:
                answers[response.version].append(response)
    lines = []
    for found in editions.values():
        earlier: str | None = None
        for version in found:
            facts = graded.wordings[version]
            change = drift(answers[earlier], answers[version]) if earlier else None
            reasons = suspicions(figures[version], facts.item.type, change)
            exposure = figures[version].shown / len(graded.sheets)
            lines.append(QuestionLine(facts, figures[version], tuple(reasons), change, exposure))
            earlier = version
    return lines


def _gravity(line: QuestionLine) -> tuple[int, int, str]:
    order = list(Suspicion)
    gravest = order.index(line.suspicions[0]) if line.suspicions else len(order)
    return (gravest, -line.figures.shown, line.wording.item_id)
