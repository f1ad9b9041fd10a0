"""Sharing items out among places that may overlap, so that as many as possible are filled.

Items of one cell are interchangeable, so the search runs over cells and not over single items. It is the
augmenting-path method for maximum flow: cells give, the parts of a blueprint take. Because items are added
one by one in the order given, earlier ones are preferred whenever a full paper allows it. What cannot be
filled is proved by a *bottleneck*, the minimum cut: parts that together ask for more than all the items
that could stand in any of them.
"""

from collections import deque
from collections.abc import Mapping, Sequence

from question_bank.items import Cell, Part


class PlaceFiller:
    """Fills the places of the parts of a blueprint; indexes of parts count from 0."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts = parts
        self._free = [max(part.count, 0) for part in parts]
        self._placed: list[dict[Cell, int]] = [{} for _ in parts]
        self._full_cells: set[Cell] = set()
        self._homes: dict[Cell, tuple[int, ...]] = {}
        self.free = sum(self._free)
        """How many places are still free."""

    @property
    def unmet(self) -> dict[int, int]:
        """Index of part -> places still free, for parts that have any."""
        return {index: free for index, free in enumerate(self._free) if free}

    def add(self, cell: Cell) -> bool:
        """Take an item of `cell` if a place can be found for it, moving others between parts if that helps."""
        # Once no place can be found for a cell, none ever opens again: taken places are never given back.
        if cell in self._full_cells:
            return False
        if cell not in self._homes:
            self._homes[cell] = tuple(index for index, part in enumerate(self._parts) if part.fits(cell))
        if self._place(cell, set()):
            self.free -= 1
            return True
        self._full_cells.add(cell)
        return False

    def takes(self, part: int) -> dict[Cell, int]:
        """Return how many items of each cell a part holds."""
        return dict(self._placed[part])

    def bottleneck(self, unmet: int) -> frozenset[int]:
        """Return the parts that compete for the same items as one that has free places, itself included.

        After every item has been offered, all items that fit any of these parts stand in them, so they ask
        for exactly as many more as they have places free.
        """
        reached, waiting = {unmet}, deque([unmet])
        while waiting:
            part = self._parts[waiting.popleft()]
            for index, placed in enumerate(self._placed):
                if index not in reached and any(part.fits(cell) for cell in placed):
                    reached.add(index)
                    waiting.append(index)
        return frozenset(reached)

    def _place(self, cell: Cell, tried: set[int]) -> bool:
        homes = [index for index in self._homes[cell] if index not in tried]
        for index in homes:
            if self._free[index]:
                self._free[index] -= 1
                self._settle(index, cell)
                return True
        for index in homes:
            if index in tried:
                continue
            tried.add(index)
            for other in list(self._placed[index]):
                if other != cell and self._place(other, tried):
                    self._unsettle(index, other)
                    self._settle(index, cell)
                    return True
        return False

    def _settle(self, index: int, cell: Cell) -> None:
        self._placed[index][cell] = self._placed[index].get(cell, 0) + 1

    def _unsettle(self, index: int, cell: Cell) -> None:
        left = self._placed[index][cell] - 1
        if left:
            self._placed[index][cell] = left
        else:
            del self._placed[index][cell]


def filled(parts: Sequence[Part], counts: Mapping[Cell, int]) -> PlaceFiller:
    """Offer the parts every item of a stock, given as counts by cell, and return what came of it."""
    filler = PlaceFiller(parts)
    for cell, count in counts.items():
        for _ in range(count):
            if not filler.free or not filler.add(cell):
                break
    return filler


def bottlenecks(parts: Sequence[Part], counts: Mapping[Cell, int]) -> list[tuple[frozenset[int], int]]:
    """Return the groups of parts that the stock cannot fill, each with the number of items it lacks.

    The groups share no part and no item, and an empty list means that all parts can be filled.
    """
    filler = filled(parts, counts)
    groups: list[tuple[frozenset[int], int]] = []
    for index, lack in filler.unmet.items():
        group = filler.bottleneck(index)
        apart = [(other, missing) for other, missing in groups if not other & group]
        joined = [(other, missing) for other, missing in groups if other & group]
        merged = group.union(*(other for other, _ in joined))
        groups = [*apart, (merged, lack + sum(missing for _, missing in joined))]
    return sorted(groups, key=lambda found: min(found[0]))
