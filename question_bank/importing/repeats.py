"""Questions that stand in a file twice."""

from dataclasses import dataclass

from question_bank.importing.report import LocatedItem
from question_bank.items import Item, right_texts
from question_bank.validation import Fault

# A sign that no stem may hold.
_SEPARATOR = "\x00"
_HALF_WIDTH = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_TO_HALF_WIDTH = str.maketrans(_HALF_WIDTH)


@dataclass(slots=True)
class Repeats:
    """What came of looking for copies."""

    kept: list[LocatedItem]
    faults: list[Fault]
    warnings: list[Fault]


def without_repeats(items: list[LocatedItem], *, container: str = "工作表", unit: str = "行") -> Repeats:
    """Return the items without copies, faults for the copies, and warnings for stems that merely look alike.

    Two questions are the same when stem and options agree, whatever their spaces, widths and order. Of two
    copies with the same key the first stays. Copies that contradict each other all go: nobody knows which key
    is right.
    """
    first: dict[tuple[str, frozenset[str]], LocatedItem] = {}
    by_stem: dict[str, LocatedItem] = {}
    contradicted: set[int] = set()
    found = Repeats([], [], [])
    stems = _plain_stems(items)
    if len(set(stems)) == len(items) or not items:
        # Most files are like this, and the same question needs the same stem.
        return Repeats(items, [], [])
    for located, stem in zip(items, stems, strict=True):
        alike = by_stem.setdefault(stem, located)
        if alike is located:
            found.kept.append(located)
            continue
        first.setdefault(_question(alike.item), alike)
        earlier = first.setdefault(_question(located.item), located)
        if earlier is not located:
            here = _named_place(earlier, located, container, unit)
            if _right(earlier.item) == _right(located.item):
                fault = Fault("duplicate", f"与{here}是同一道题。请删去其中一题。")
            else:
                what = f"与{here}是同一道题，但答案不同，两题都没有导入。请核对答案，只保留正确的一题。"
                fault = Fault("duplicate_contradicts", what)
                contradicted.add(id(earlier))
            found.faults.append(_at(fault, located, container, unit))
            continue
        found.kept.append(located)
        what = f"题干与{_named_place(alike, located, container, unit)}相同，选项不同。如是同一道题，请删去其中一题。"
        found.warnings.append(_at(Fault("stem_repeated", what, "stem"), located, container, unit))
    found.kept = [located for located in found.kept if id(located) not in contradicted]
    return found


def _plain_stems(items: list[LocatedItem]) -> list[str]:
    """Return the stems as they are compared: half-width, lower case, without spaces; all of them in one go."""
    joined = _SEPARATOR.join([located.item.stem for located in items])
    # Few of the wide signs stand in a file, and replacing one in a long text is faster than looking each up.
    for wide, half in _HALF_WIDTH.items():
        if wide in joined:
            joined = joined.replace(wide, half)
    return joined.replace(" ", "").replace("\u3000", "").replace("\n", "").lower().split(_SEPARATOR)


def _at(fault: Fault, located: LocatedItem, container: str, unit: str) -> Fault:
    return fault.located(row=located.row, sheet=located.sheet, container=container, unit=unit)


def _question(item: Item) -> tuple[str, frozenset[str]]:
    return (_squeezed(item.stem), frozenset(_squeezed(option.text) for option in item.options))


def _right(item: Item) -> frozenset[str]:
    return frozenset(map(_squeezed, right_texts(item)))


def _squeezed(text: str) -> str:
    # Not as far as stems are made plain: small and capital letters, and signs like ², tell options apart.
    return "".join(text.translate(_TO_HALF_WIDTH).split())


def _named_place(earlier: LocatedItem, later: LocatedItem, container: str, unit: str) -> str:
    inside = f"{container}“{earlier.sheet}”" if earlier.sheet != later.sheet else ""
    return f"{inside}第 {earlier.row} {unit}"
