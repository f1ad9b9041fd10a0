"""Looking for rows that resemble another question: of the bank, or further up in the file."""

from collections.abc import Iterable, Mapping, Sequence

from lms.questions.policy.duplicates import Pair, Resemblance, is_same_question
from question_bank.importing import LocatedItem
from question_bank.items import Item, ItemId
from question_bank.likeness import WHOLE_SHARE, StemIndex, whole_share

CANDIDATES_MAX = 20
"""How many questions with stems like a row's are looked at whole; in a bank full of one stem the rest is not."""


class LikenessSearch:
    """Compares the rows of one file with each other and with a bank; a class because the stems are indexed once.

    First the stems of the bank go by, then the few questions that are `wanted` are read, then `pairs` tells.
    """

    def __init__(self, rows: Sequence[LocatedItem]) -> None:
        self._rows = rows
        self._index = StemIndex([located.item.stem for located in rows])
        self._near: dict[int, list[tuple[float, str]]] = {}

    def compare(self, stems: Iterable[tuple[str, str]]) -> None:
        """Compare with the stems of a bank, given as (item id, stem)."""
        for item_id, stem in stems:
            for place, share in self._index.matches(stem):
                self._near.setdefault(place, []).append((share, item_id))
        self._near = {place: sorted(found)[-CANDIDATES_MAX:] for place, found in self._near.items()}

    @property
    def wanted(self) -> frozenset[str]:
        """The items of the bank that have to be looked at whole."""
        return frozenset(item_id for found in self._near.values() for _, item_id in found)

    def pairs(self, items: Mapping[ItemId, Item]) -> dict[str, Pair]:
        """Return each row that resembles another question, by its fingerprint, with the one it resembles most.

        A question of the bank goes before one of the file. `items` are the wanted ones.
        """
        found: dict[str, Pair] = {}
        for place, row in enumerate(self._rows):
            pair = self._in_bank(place, row, items) or self._further_up(place, row)
            if pair is not None:
                found[pair.mark] = pair
        return found

    def _in_bank(self, place: int, row: LocatedItem, items: Mapping[ItemId, Item]) -> Pair | None:
        candidates = [
            (whole_share(row.item, items[item_id]), item_id)
            for _, item_id in self._near.get(place, ())
            if item_id in items and not is_same_question(row.item, items[item_id])
        ]
        share, item_id = max(candidates, default=(0.0, ""))
        if share < WHOLE_SHARE:
            return None
        return Pair(Resemblance.ALIKE, row, items[item_id], round(100 * share), item_id)

    def _further_up(self, place: int, row: LocatedItem) -> Pair | None:
        earlier = sorted(
            (share, other) for other, share in self._index.matches(row.item.stem) if other < place
        )[-CANDIDATES_MAX:]
        candidates = [(whole_share(row.item, self._rows[other].item), other) for _, other in earlier]
        share, other = max(candidates, default=(0.0, 0))
        if share < WHOLE_SHARE:
            return None
        before = self._rows[other]
        return Pair(
            Resemblance.NEIGHBOUR, row, before.item, round(100 * share), other_sheet=before.sheet,
            other_row=before.row,
        )  # fmt: skip
