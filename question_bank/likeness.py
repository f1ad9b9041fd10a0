"""Questions that are nearly the same: found by the pairs of neighbouring signs that their texts have in common.

Nothing here decides that two questions are one: it says which ones a person should look at. Two are alike when
their stems are alike and so are the whole texts, options included. Questions whose stems hold different numbers are
not: another number asks for another thing.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from math import ceil

from question_bank.items import Item, ItemType
from question_bank.passage import Formula, Words, pieces

STEM_SHARE = 0.6
"""How much of the pairs of two stems must be the same. One sign exchanged in twelve leaves 0.7, in eight 0.6."""
WHOLE_SHARE = 0.6
"""The same for stem and options together."""
APART_MAX = (1 - STEM_SHARE) / (1 + STEM_SHARE)
"""How much of the members of two sets, counted together, stands in only one of them at most."""
STEM_MIN = 8
"""A shorter stem says too little to be compared."""
_REMEMBERED = 20_000
_SKETCH_BITS = 256
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


def plain_text(text: str) -> str:
    """Return what is compared of a text: letters, Han and digits, half-width and small; no signs, no pictures."""
    if "\\(" in text or "](image:" in text:
        text = "".join(_words(text))
    return "".join(sign for sign in text.translate(_HALF_WIDTH).lower() if sign.isalnum())


def whole_share(one: Item, other: Item) -> float:
    """Return how much of stem and options two items have in common, from 0 to 1; their order does not matter."""
    return _share(_whole_grams(one), _whole_grams(other))


class StemIndex:
    """Finds among many stems those that are alike to another; a class because the index is built once.

    Two sets of which a share s is common have one of their few rarest members in common, so only these are looked
    up ("prefix filtering"); which ones are rare is counted over the stems of the index.
    """

    def __init__(self, stems: Sequence[str]) -> None:
        self._places: dict[str, list[int]] = {}
        for place, stem in enumerate(stems):
            plain = plain_text(stem)
            if len(plain) >= STEM_MIN:
                self._places.setdefault(plain, []).append(place)
        self._grams = {plain: _grams(plain) for plain in self._places}
        self._sketches = {plain: _sketch(grams) for plain, grams in self._grams.items()}
        self._counts = Counter(gram for grams in self._grams.values() for gram in grams)
        self._homes: dict[tuple[str, str], list[str]] = {}
        for plain, grams in self._grams.items():
            numbers = _numbers(plain)
            for gram in self._rarest(grams):
                self._homes.setdefault((numbers, gram), []).append(plain)

    def matches(self, stem: str) -> list[tuple[int, float]]:
        """Return the places of the stems that are alike, each with the share they have in common."""
        plain = plain_text(stem)
        if len(plain) < STEM_MIN:
            return []
        grams, numbers = _grams(plain), _numbers(plain)
        near: set[str] = set()
        for gram in self._rarest(grams):
            near.update(self._homes.get((numbers, gram), ()))
        found = []
        sketch, size = _sketch(grams), len(grams)
        for other in near:
            # What only one of two sets has shows in their sketches, or is hidden, but is never made up there.
            if (sketch ^ self._sketches[other]).bit_count() > APART_MAX * (size + len(self._grams[other])):
                continue
            share = _share(grams, self._grams[other])
            if share >= STEM_SHARE:
                found += [(place, share) for place in self._places[other]]
        return found

    def _rarest(self, grams: frozenset[str]) -> list[str]:
        counts = self._counts
        kept = len(grams) - ceil(STEM_SHARE * len(grams)) + 1
        # By the sign as well, so that both sides agree on the order.
        return sorted(grams, key=lambda gram: (counts[gram], gram))[:kept]


@lru_cache(maxsize=_REMEMBERED)
def _whole_grams(item: Item) -> frozenset[str]:
    texts = [item.stem]
    if item.type is not ItemType.TRUE_FALSE:
        texts += sorted(option.text for option in item.options)
    # A pair that spans two texts would depend on the order of the options.
    return frozenset().union(*(_grams(plain_text(text)) for text in texts))


def _grams(plain: str) -> frozenset[str]:
    """Return the pairs of neighbouring signs; a text of one sign is its own."""
    return frozenset(map("".join, pairwise(plain))) or frozenset(plain)


def _sketch(grams: frozenset[str]) -> int:
    """Return a set as one number in which each member sets a bit: two are compared faster than the sets."""
    bits = 0
    for gram in grams:
        bits |= 1 << (hash(gram) % _SKETCH_BITS)
    return bits


def _numbers(plain: str) -> str:
    """Return the numbers of a text in their order of size, as one text."""
    return " ".join(sorted("".join(sign if sign.isdecimal() else " " for sign in plain).split()))


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    common = len(one & other)
    return common / (len(one) + len(other) - common or 1)


def _words(text: str) -> Iterator[str]:
    for piece in pieces(text):
        match piece:
            case Words(words):
                yield words
            case Formula(latex):
                yield latex
            case _:
                pass
