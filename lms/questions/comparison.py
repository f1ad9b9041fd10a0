"""Two questions side by side: part by part, with the stretches in which they differ."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lms.core.errors import N_
from question_bank.differences import Stretch, differences
from question_bank.items import AREAS, DIFFICULTY_NAMES, TYPE_NAMES, Item, ItemType, Option


@dataclass(frozen=True, slots=True)
class Part:
    """One part of two questions; `name` is a word of the catalogue, and so are the values where `is_word` is set."""

    name: str
    here: Sequence[Stretch]
    there: Sequence[Stretch]
    is_word: bool = False


def compared(item: Item, other: Item) -> list[Part]:
    """Return the parts of two questions that a person needs to tell them apart: stem, options and answer always."""
    parts = [_part(N_("题干"), item.stem, other.stem)]
    if ItemType.TRUE_FALSE not in {item.type, other.type}:
        parts += [_part(N_("选项"), here, there) for here, there in _options(item.options, other.options)]
    parts.append(_part(N_("答案"), _answer(item), _answer(other)))
    parts += [
        part
        for part in (
            _part(N_("解析"), item.explanation, other.explanation),
            _part(N_("依据"), item.source, other.source),
            _word(N_("题型"), TYPE_NAMES[item.type], TYPE_NAMES[other.type]),
            _word(N_("知识领域"), AREAS.get(item.area, item.area), AREAS.get(other.area, other.area)),
            _word(N_("难度"), DIFFICULTY_NAMES[item.difficulty], DIFFICULTY_NAMES[other.difficulty]),
        )
        if _differs(part)
    ]
    return parts


def _options(here: Sequence[Option], there: Sequence[Option]) -> Iterator[tuple[str, str]]:
    """Pair options off: equal texts first, wherever they stand, then what is left in its order."""
    left = {option.text: option for option in there}
    taken = {option.key: left.pop(option.text) for option in here if option.text in left}
    rest = iter(left.values())
    for option in here:
        partner = taken.get(option.key) or next(rest, None)
        yield _lettered(option), _lettered(partner)
    for option in rest:
        yield "", _lettered(option)


def _lettered(option: Option | None) -> str:
    return f"{option.key}. {option.text}" if option is not None else ""


def _answer(item: Item) -> str:
    if item.blank is not None:
        return item.blank.text
    if item.type is ItemType.TRUE_FALSE:
        return "".join(option.text for option in item.options if option.key in item.answer)
    return "".join(sorted(item.answer))


def _part(name: str, here: str, there: str) -> Part:
    return Part(name, *differences(here, there))


def _word(name: str, here: str, there: str) -> Part:
    differs = here != there
    return Part(name, [Stretch(here, differs)], [Stretch(there, differs)], is_word=True)


def _differs(part: Part) -> bool:
    return any(stretch.differs for stretch in (*part.here, *part.there))
