"""Sharing items out among sections that may overlap, so that as many places as possible are filled.

Items that agree in type, area and difficulty are interchangeable, so the search runs over *cells* and not
over single items. It is the augmenting-path method for bipartite matching; because it adds items one by one
in the order given, earlier items are preferred whenever a full paper allows it.
"""

from collections.abc import Iterable
from typing import TypeAlias

from question_bank.items import Blueprint, Difficulty, Item, ItemType

Cell: TypeAlias = tuple[ItemType, str, Difficulty]


def cell_of(item: Item) -> Cell:
    """Return the cell of the stock that `item` belongs to."""
    return (item.type, item.area, item.difficulty)


class SectionFiller:
    """Fills the places of a blueprint; indexes of sections count from 0."""

    def __init__(self, blueprint: Blueprint) -> None:
        self._sections = blueprint.sections
        self._free = [max(section.count, 0) for section in blueprint.sections]
        self._placed: list[dict[Cell, int]] = [{} for _ in blueprint.sections]
        self._full_cells: set[Cell] = set()
        self._homes: dict[Cell, tuple[int, ...]] = {}

    @property
    def is_full(self) -> bool:
        """Tell whether every place is taken."""
        return not any(self._free)

    @property
    def unmet(self) -> dict[int, int]:
        """Section index -> places still free, for sections that have any."""
        return {index: free for index, free in enumerate(self._free) if free}

    def add(self, item: Item) -> bool:
        """Take `item` if a place can be found for it, moving others between sections if that helps."""
        cell = cell_of(item)
        # Once no place can be found for a cell, none ever opens again: taken places are never given back.
        if cell in self._full_cells:
            return False
        self._homes.setdefault(
            cell, tuple(index for index, section in enumerate(self._sections) if section.fits(item))
        )
        if self._place(cell, set()):
            return True
        self._full_cells.add(cell)
        return False

    def takes(self, section: int) -> dict[Cell, int]:
        """Return how many items of each cell `section` holds."""
        return dict(self._placed[section])

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


def unmet_sections(blueprint: Blueprint, stock: Iterable[Item]) -> dict[int, int]:
    """Return section index -> how many places the stock leaves empty, after the best possible sharing."""
    filler = SectionFiller(blueprint)
    for item in stock:
        if filler.is_full:
            break
        filler.add(item)
    return filler.unmet
