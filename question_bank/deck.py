"""A deck of items to draw from without ever laying it out: a draw touches only the cards it takes."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from question_bank.items import Cell, ItemId
from question_bank.randomness import SeedStream
from question_bank.stock import Stock


class Deck:
    """Some items of one cell, taken at random one after the other (Fisher-Yates, remembering only what moved)."""

    def __init__(self, ids: Sequence[ItemId], without: Collection[int] = ()) -> None:
        self._ids = ids
        self._moved: dict[int, int] = {}
        self._size = len(ids)
        for place in sorted(without, reverse=True):
            self._remove(place)

    @classmethod
    def split(cls, stock: Stock, avoid: Collection[ItemId]) -> tuple[dict[Cell, "Deck"], dict[Cell, "Deck"]]:
        """Return the decks of a stock without the items to avoid, and the decks of those items."""
        fresh: dict[Cell, Deck] = {}
        used: dict[Cell, Deck] = {}
        held = stock.places(avoid)
        for cell, ids in stock.cells.items():
            places = held.get(cell, ())
            fresh[cell] = cls(ids, places)
            used[cell] = cls([ids[place] for place in places])
        return fresh, used

    def __len__(self) -> int:
        return self._size

    def all(self) -> Iterator[ItemId]:
        """Yield every item the deck was made of, taken or not."""
        yield from self._ids

    def take(self, stream: SeedStream, shown: Mapping[ItemId, int], compared: dict[ItemId, int]) -> ItemId:
        """Take one of two random items: the one that was shown less often, the first when both were as often.

        How often a compared item was shown goes into `compared`, unless it never was.
        """
        place = stream.below(self._size)
        item_id = self._at(place)
        if self._size > 1:
            other = stream.below(self._size - 1)
            other += other >= place
            rival = self._at(other)
            for one in (item_id, rival):
                if count := shown.get(one, 0):
                    compared[one] = count
            if compared.get(rival, 0) < compared.get(item_id, 0):
                place, item_id = other, rival
        self._remove(place)
        return item_id

    def _at(self, place: int) -> ItemId:
        return self._ids[self._moved.get(place, place)]

    def _remove(self, place: int) -> None:
        self._size -= 1
        self._moved[place] = self._moved.get(self._size, self._size)
