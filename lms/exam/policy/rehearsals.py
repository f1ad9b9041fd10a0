"""The rehearsal: a small paper on how the exam page works, for whoever wants to try it, at any time.

Its paper is a function of the rehearsal's id, so nothing of it has to be stored.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

from lms.exam.policy.attempts import GRACE
from question_bank.items import (
    POINT,
    Blueprint,
    BlueprintSection,
    Difficulty,
    Item,
    ItemId,
    ItemType,
    Option,
    Paper,
    PaperKey,
    PaperQuestion,
    blank_from_json,
)
from question_bank.sampling import draw_paper

REHEARSAL_TIME = timedelta(minutes=10)
PAPERS_REMEMBERED = 512
_QUESTIONS = Path(__file__).with_name("rehearsal.json")
BLUEPRINT = Blueprint(
    title="rehearsal",
    sections=(
        BlueprintSection(ItemType.SINGLE, None, None, 2, 15 * POINT),
        BlueprintSection(ItemType.MULTIPLE, None, None, 2, 20 * POINT),
        BlueprintSection(ItemType.TRUE_FALSE, None, None, 1, 15 * POINT),
        BlueprintSection(ItemType.FILL_IN, None, None, 1, 15 * POINT),
    ),
)
QUESTION_COUNT = sum(section.count for section in BLUEPRINT.sections)


@dataclass(frozen=True, slots=True)
class RehearsalPaper:
    """The paper of one rehearsal, with the items behind its questions in the paper's order."""

    questions: tuple[PaperQuestion, ...]
    key: PaperKey
    items: tuple[Item, ...]


def is_running(deadline_at: datetime, closed_at: datetime | None, now: datetime) -> bool:
    """Tell whether a rehearsal still takes answers; nobody closes one that is over."""
    return closed_at is None and now <= deadline_at + GRACE


@lru_cache(maxsize=PAPERS_REMEMBERED)
def paper_of(rehearsal_id: str) -> RehearsalPaper:
    """Return the paper of a rehearsal: always the same for the same id."""
    items = dict(_bank())
    paper: Paper = draw_paper(BLUEPRINT, _bank(), rehearsal_id)
    return RehearsalPaper(paper.questions, paper.key, tuple(items[item_id] for item_id in paper.item_ids))


@lru_cache(maxsize=1)
def _bank() -> tuple[tuple[ItemId, Item], ...]:
    rows = json.loads(_QUESTIONS.read_text(encoding="utf-8"))
    return tuple((f"rehearsal-{number}", _item(row)) for number, row in enumerate(rows))


def _item(row: dict[str, object]) -> Item:
    return Item(
        type=ItemType(str(row["type"])),
        stem=str(row["stem"]),
        options=tuple(Option(key, text) for key, text in _pairs(row["options"])),
        answer=frozenset(_texts(row["answer"])),
        explanation=str(row["explanation"]),
        area=str(row["area"]),
        difficulty=Difficulty(str(row["difficulty"])),
        source=str(row["source"]),
        blank=blank_from_json(row["blank"]) if "blank" in row else None,
    )


def _pairs(value: object) -> list[tuple[str, str]]:
    return [(str(key), str(text)) for key, text in value] if isinstance(value, list) else []


def _texts(value: object) -> list[str]:
    return [str(text) for text in value] if isinstance(value, list) else []
