"""Questions that stand in a file twice."""

from dataclasses import dataclass

from question_bank.importing.report import LocatedItem
from question_bank.importing.words import plain
from question_bank.items import Item, right_texts
from question_bank.validation import Fault

_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


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
    for located in items:
        alike = by_stem.setdefault(plain(located.item.stem), located)
        if alike is located:
            # Most stems stand alone, and the same question needs the same stem.
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


def _at(fault: Fault, located: LocatedItem, container: str, unit: str) -> Fault:
    return fault.located(row=located.row, sheet=located.sheet, container=container, unit=unit)


def _question(item: Item) -> tuple[str, frozenset[str]]:
    return (_squeezed(item.stem), frozenset(_squeezed(option.text) for option in item.options))


def _right(item: Item) -> frozenset[str]:
    return frozenset(map(_squeezed, right_texts(item)))


def _squeezed(text: str) -> str:
    # Not as far as `plain` goes: small and capital letters, and signs like ², tell options apart.
    return "".join(text.translate(_HALF_WIDTH).split())


def _named_place(earlier: LocatedItem, later: LocatedItem, container: str, unit: str) -> str:
    inside = f"{container}“{earlier.sheet}”" if earlier.sheet != later.sheet else ""
    return f"{inside}第 {earlier.row} {unit}"
