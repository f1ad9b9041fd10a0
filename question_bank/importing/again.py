"""The same bank imported again after corrections: what is new, what changed, what stayed (Q56)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from question_bank.importing.report import LocatedItem
from question_bank.items import Item, ItemId, fingerprint, same_question_key

Key = TypeVar("Key")
Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class Known:
    """A question that the bank already holds, in its newest version, with what its file called it."""

    id: ItemId
    item: Item
    source_id: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a file means for the bank.

    `changed` pairs the id of a question with its next version; papers that hold the old one keep it, because
    they name it by its fingerprint. `unclear` are questions whose source id the bank or the file has twice.
    """

    new: tuple[LocatedItem, ...]
    unchanged: tuple[tuple[ItemId, LocatedItem], ...]
    changed: tuple[tuple[ItemId, LocatedItem], ...]
    unclear: tuple[LocatedItem, ...]


def compared(items: Sequence[LocatedItem], known: Sequence[Known]) -> Comparison:
    """Match what was read with what is known: by source id where both have one, else by the question itself."""
    by_source = _unique([(one.source_id, one) for one in known if one.source_id])
    by_question = _unique([(same_question_key(one.item), one) for one in known])
    sources = _unique([(one.source_id, one) for one in items if one.source_id])
    new: list[LocatedItem] = []
    same: list[tuple[ItemId, LocatedItem]] = []
    changed: list[tuple[ItemId, LocatedItem]] = []
    unclear: list[LocatedItem] = []
    for located in items:
        source = located.source_id
        if source in by_source and (by_source[source] is None or sources[source] is None):
            unclear.append(located)
            continue
        match = by_source.get(source) or by_question.get(same_question_key(located.item))
        if match is None:
            new.append(located)
        elif fingerprint(match.item) == fingerprint(located.item):
            same.append((match.id, located))
        else:
            changed.append((match.id, located))
    return Comparison(tuple(new), tuple(same), tuple(changed), tuple(unclear))


def _unique(pairs: Sequence[tuple[Key, Thing]]) -> Mapping[Key, Thing | None]:
    """Return what each key names, None where it names more than one thing."""
    found: dict[Key, Thing | None] = {}
    for key, thing in pairs:
        found[key] = None if key in found else thing
    return found
