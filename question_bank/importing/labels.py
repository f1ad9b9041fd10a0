"""What the free labels of a file say: areas in category paths, and tags such as 难度:易."""

import re

from question_bank.importing.drafts import Draft
from question_bank.importing.words import area_of, difficulty_of

_LABEL = re.compile(r"^\s*([^:：]{1,12}?)\s*[:：]\s*(.+?)\s*$", re.DOTALL)
_FIELDS = {
    **dict.fromkeys(("知识领域", "知识点", "领域", "area"), "area"),
    **dict.fromkeys(("难度", "difficulty"), "difficulty"),
    **dict.fromkeys(("依据", "出处", "source"), "source"),
}


def area_in_path(path: str) -> str | None:
    """Return the area that a category path names in any of its parts ($course$/top/政策法规/回避), or None."""
    return next((area for part in path.split("/") if (area := area_of(part.strip()))), None)


def take_label(draft: Draft, label: str) -> bool:
    """Let a label say something about a question; False when it says nothing the bank has a place for."""
    match = _LABEL.match(label)
    if match is None:
        area = area_of(label)
        draft.area = draft.area or area
        return area is not None
    field, value = _FIELDS.get(match[1].lower()), match[2]
    if field == "area" and (area := area_of(value)):
        draft.area = area
    elif field == "difficulty" and (difficulty := difficulty_of(value)):
        draft.difficulty = difficulty
    elif field == "source":
        draft.source = value
    else:
        return False
    return True
