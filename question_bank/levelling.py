"""Making all papers of a blueprint equally hard, also where a section leaves the difficulty open."""

from collections.abc import Mapping
from dataclasses import replace

from question_bank.items import Blueprint, BlueprintSection, Cell, Difficulty
from question_bank.matching import filled

_NEIGHBOURS: Mapping[Difficulty, tuple[Difficulty, ...]] = {
    Difficulty.EASY: (Difficulty.MEDIUM, Difficulty.HARD),
    Difficulty.MEDIUM: (Difficulty.EASY, Difficulty.HARD),
    Difficulty.HARD: (Difficulty.MEDIUM, Difficulty.EASY),
}


def level(blueprint: Blueprint, counts: Mapping[Cell, int], fresh: Mapping[Cell, int]) -> Blueprint:
    """Return the blueprint with every open difficulty shared out as the stock has it.

    A section that takes any difficulty gets easy, medium and hard questions in the proportion in which the
    stock holds them for it (largest remainder, the easier first when equal), so every first paper of one
    stock has the same number of each. `fresh` counts what the candidate has not seen: where a share is more
    than that, the next difficulty steps in, for a question he has not seen comes before an even share (H10).
    Where sections compete for the same items and the shares cannot be met, the blueprint stays as it is.
    """
    if blueprint.is_banded:
        return blueprint
    shared = replace(
        blueprint, sections=tuple(_share_out(section, counts, fresh) for section in blueprint.sections)
    )
    if filled(shared.parts, counts).free:
        return blueprint
    seen_again = filled(shared.parts, fresh).free
    return blueprint if seen_again and seen_again > filled(blueprint.parts, fresh).free else shared


def _share_out(
    section: BlueprintSection, counts: Mapping[Cell, int], fresh: Mapping[Cell, int]
) -> BlueprintSection:
    if section.is_banded or section.count < 1:
        return section
    held, unseen = _held(section, counts), _held(section, fresh)
    total = sum(held.values())
    if not total:
        return section
    exact = {difficulty: section.count * count for difficulty, count in held.items()}
    shares = {difficulty: whole // total for difficulty, whole in exact.items()}
    by_remainder = sorted(Difficulty, key=lambda difficulty: -(exact[difficulty] % total))
    for difficulty in by_remainder[: section.count - sum(shares.values())]:
        shares[difficulty] += 1
    for difficulty, others in _NEIGHBOURS.items():
        for other in others:
            moved = min(shares[difficulty] - unseen[difficulty], unseen[other] - shares[other])
            if moved > 0:
                shares[difficulty] -= moved
                shares[other] += moved
    return replace(
        section, spread=tuple((difficulty, count) for difficulty, count in shares.items() if count)
    )


def _held(section: BlueprintSection, counts: Mapping[Cell, int]) -> dict[Difficulty, int]:
    [part] = section.parts(0)
    held = dict.fromkeys(Difficulty, 0)
    for cell, count in counts.items():
        if part.fits(cell):
            held[cell.difficulty] += count
    return held
