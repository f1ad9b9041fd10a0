"""Making all papers of a blueprint equally hard, also where sections leave the difficulty open."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import accumulate
from math import floor

from question_bank.items import Blueprint, BlueprintSection, Cell, Difficulty
from question_bank.matching import filled
from question_bank.randomness import SeedStream

_NEIGHBOURS: Mapping[Difficulty, tuple[Difficulty, ...]] = {
    Difficulty.EASY: (Difficulty.MEDIUM, Difficulty.HARD),
    Difficulty.MEDIUM: (Difficulty.EASY, Difficulty.HARD),
    Difficulty.HARD: (Difficulty.MEDIUM, Difficulty.EASY),
}
_FINE = 1 << 32
_NOBODY: Mapping[Difficulty, Fraction] = dict.fromkeys(Difficulty, Fraction(0))


def level(
    blueprint: Blueprint, counts: Mapping[Cell, int], fresh: Mapping[Cell, int], stream: SeedStream
) -> Blueprint:
    """Return the blueprint with every open difficulty shared out as the stock has it.

    Sections that take any difficulty get easy, medium and hard questions in the proportion in which the
    stock holds them. The sections of one type and worth are rounded together: which of them gets the odd
    easy one is drawn, how many there are in all is not, so every first paper of one stock is equally hard
    and yet no question is on all of them. `fresh` counts what the candidate has not seen: where a share is
    more than that, the next difficulty steps in, for a question he has not seen comes before an even share
    (H10). Where sections compete for the same items and the shares cannot be met, the blueprint stays as it is.
    """
    groups: defaultdict[tuple[str, int], dict[int, BlueprintSection]] = defaultdict(dict)
    for index, section in enumerate(blueprint.sections):
        if not section.is_banded and section.count > 0:
            groups[section.type, section.points_each][index] = section
    sections = list(blueprint.sections)
    for group in groups.values():
        wanted = {index: _proportion(section, counts) for index, section in group.items()}
        for index, shares in _Rounding(wanted, stream).shares.items():
            _prefer_unseen(shares, _held(sections[index], fresh))
            spread = tuple((difficulty, count) for difficulty, count in shares.items() if count)
            sections[index] = replace(sections[index], spread=spread)
    shared = replace(blueprint, sections=tuple(sections))
    if not groups or filled(shared.parts, counts).free:
        return blueprint
    seen_again = filled(shared.parts, fresh).free
    return blueprint if seen_again and seen_again > filled(blueprint.parts, fresh).free else shared


class _Rounding:
    """Rounds the shares of several sections so that their sums are rounded too (a transportation problem).

    Such a rounding always exists: the fractions themselves are a flow, and whole capacities have whole flows.
    """

    def __init__(self, wanted: Mapping[int, Mapping[Difficulty, Fraction]], stream: SeedStream) -> None:
        self.shares = {
            index: {difficulty: floor(exact) for difficulty, exact in shares.items()}
            for index, shares in wanted.items()
        }
        self._rests = {
            index: {difficulty: exact % 1 for difficulty, exact in shares.items()}
            for index, shares in wanted.items()
        }
        self._stream = stream
        self._quotas = self._rounded_sums()
        self._takers: dict[Difficulty, list[int]] = {difficulty: [] for difficulty in Difficulty}
        odd = [index for index, rests in self._rests.items() for _ in range(int(sum(rests.values())))]
        for index in stream.shuffled(odd):
            self._place(index, set())
        for difficulty, takers in self._takers.items():
            for index in takers:
                self.shares[index][difficulty] += 1

    def _rounded_sums(self) -> dict[Difficulty, int]:
        sums = {
            difficulty: sum((rests[difficulty] for rests in self._rests.values()), Fraction(0))
            for difficulty in Difficulty
        }
        quotas = {difficulty: floor(exact) for difficulty, exact in sums.items()}
        left = int(sum(sums.values())) - sum(quotas.values())
        for difficulty in sorted(Difficulty, key=lambda one: -(sums[one] % 1))[:left]:
            quotas[difficulty] += 1
        return quotas

    def _place(self, index: int, tried: set[Difficulty]) -> bool:
        open_to = [one for one in self._in_turn(index) if one not in tried and index not in self._takers[one]]
        for difficulty in open_to:
            if len(self._takers[difficulty]) < self._quotas[difficulty]:
                self._takers[difficulty].append(index)
                return True
        for difficulty in open_to:
            if difficulty in tried:
                continue
            tried.add(difficulty)
            for other in list(self._takers[difficulty]):
                if self._place(other, tried):
                    self._takers[difficulty].remove(other)
                    self._takers[difficulty].append(index)
                    return True
        return False

    def _in_turn(self, index: int) -> list[Difficulty]:
        """Return the difficulties a section has a fraction of, drawn in turn by the size of the fraction."""
        left = {difficulty: rest for difficulty, rest in self._rests[index].items() if rest}
        turn = []
        while left:
            whole = sum(left.values())
            mark = Fraction(self._stream.below(_FINE), _FINE) * whole
            up_to = list(accumulate(left.values()))
            difficulty = list(left)[bisect_right(up_to, mark)]
            turn.append(difficulty)
            del left[difficulty]
        return turn


def _proportion(section: BlueprintSection, counts: Mapping[Cell, int]) -> Mapping[Difficulty, Fraction]:
    held = _held(section, counts)
    total = sum(held.values())
    if not total:
        return _NOBODY
    return {difficulty: Fraction(section.count * count, total) for difficulty, count in held.items()}


def _prefer_unseen(shares: dict[Difficulty, int], unseen: Mapping[Difficulty, int]) -> None:
    for difficulty, others in _NEIGHBOURS.items():
        for other in others:
            moved = min(shares[difficulty] - unseen[difficulty], unseen[other] - shares[other])
            if moved > 0:
                shares[difficulty] -= moved
                shares[other] += moved


def _held(section: BlueprintSection, counts: Mapping[Cell, int]) -> dict[Difficulty, int]:
    [part] = section.parts(0)
    held = dict.fromkeys(Difficulty, 0)
    for cell, count in counts.items():
        if part.fits(cell):
            held[cell.difficulty] += count
    return held
