"""The items that may be drawn, sorted once, so that many papers can be drawn from them."""

import hashlib
import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import accumulate, chain

from question_bank.items import Cell, Difficulty, Item, ItemId, ItemType, same_question_key


class Stock:
    """Item ids by cell, each cell in the order of its ids; the wording is not needed to choose.

    A *cell* holds what agrees in type, area and difficulty. `originals` leads from a copy of a question to
    the one that stands for it; a copy is never drawn itself. Raises `ValueError` when an id comes twice.
    """

    def __init__(
        self, cells: Mapping[Cell, Sequence[ItemId]], originals: Mapping[ItemId, ItemId] | None = None
    ) -> None:
        self.originals: Mapping[ItemId, ItemId] = originals or {}
        ids_given = sum(map(len, cells.values()))
        if len(set().union(*cells.values())) != ids_given:
            raise ValueError("an item id is in the stock twice")
        steady: dict[Cell, tuple[ItemId, ...]] = {}
        for cell in sorted(cells):
            # A database may return its rows in any order; the seed alone must decide.
            ids = _in_order(cells[cell])
            steady[cell] = tuple(one for one in ids if one not in self.originals) if self.originals else ids
        self.cells: Mapping[Cell, tuple[ItemId, ...]] = steady
        self.size = ids_given - len(self.originals)

    @classmethod
    def of(cls, pool: Sequence[tuple[ItemId, Item]]) -> "Stock":
        """Sort a pool of whole items. Of copies of a question the lowest id stands for all."""
        cells: defaultdict[tuple[ItemType, str, Difficulty], list[ItemId]] = defaultdict(list)
        for item_id, item in pool:
            cells[item.type, item.area, item.difficulty].append(item_id)
        return cls({Cell(*cell): ids for cell, ids in cells.items()}, _copies(pool))

    @property
    def counts(self) -> dict[Cell, int]:
        """How many different questions each cell holds."""
        return {cell: len(ids) for cell, ids in self.cells.items()}

    def places(self, item_ids: Iterable[ItemId]) -> dict[Cell, list[int]]:
        """Return where some items stand in their cells, in rising order, as far as the stock has them."""
        wanted = list(item_ids)
        if not wanted:
            return {}
        cells, starts = list(self.cells), self._starts
        found: dict[Cell, list[int]] = {}
        for number in sorted({self._numbers[one] for one in wanted if one in self._numbers}):
            which = bisect_right(starts, number) - 1
            found.setdefault(cells[which], []).append(number - starts[which])
        return found

    @cached_property
    def _numbers(self) -> dict[ItemId, int]:
        """Every item with its place in all cells laid side by side."""
        return {item_id: number for number, item_id in enumerate(chain.from_iterable(self.cells.values()))}

    @cached_property
    def _starts(self) -> list[int]:
        return list(accumulate(map(len, self.cells.values()), initial=0))[:-1]

    @cached_property
    def digest(self) -> str:
        """SHA-256 (64 hex digits) of everything that a draw depends on: the ids in each cell."""
        written = hashlib.sha256()
        for cell, ids in self.cells.items():
            head = json.dumps([*cell, len(ids)], ensure_ascii=False)
            written.update(f"{head}\n{_joined(ids)}\n".encode())
        return written.hexdigest()


def counts_of(items: Iterable[Item]) -> dict[Cell, int]:
    """Return how many different questions of each cell there are among items without ids."""
    return Stock.of(list(enumerate(items))).counts


def _joined(ids: Sequence[ItemId]) -> str:
    try:
        return "\n".join(ids)  # type: ignore[arg-type]  # numbers among them are written another way
    except TypeError:
        return json.dumps(ids)


def _in_order(ids: Iterable[ItemId]) -> tuple[ItemId, ...]:
    mixed = list(ids)
    try:
        mixed.sort()
    except TypeError:  # numbers and texts side by side
        mixed.sort(key=_order)
    return tuple(mixed)


def _order(item_id: ItemId) -> tuple[bool, ItemId]:
    return (isinstance(item_id, str), item_id)


def _copies(pool: Sequence[tuple[ItemId, Item]]) -> dict[ItemId, ItemId]:
    # Most banks hold no stem twice, and copies share their stem.
    if len({item.stem for _, item in pool}) == len(pool):
        return {}
    first: dict[tuple[str, str, frozenset[str]], ItemId] = {}
    copies: dict[ItemId, ItemId] = {}
    for item_id, item in sorted(pool, key=lambda entry: _order(entry[0])):
        original = first.setdefault(same_question_key(item), item_id)
        if original != item_id:
            copies[item_id] = original
    return copies
