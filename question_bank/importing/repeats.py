"""Questions that stand in a file twice."""

from dataclasses import dataclass

from question_bank.importing.report import LocatedItem
from question_bank.items import Item, right_texts
from question_bank.phrases import N_, Phrase, phrase
from question_bank.validation import Fault, Where

_ROWS = {
    Where.SHEET: N_("第 %(row)s 行"),
    Where.FILE: N_("第 %(row)s 行"),
    Where.DOCUMENT: N_("第 %(row)s 段"),
}
_ROWS_OF_SHEETS = {
    Where.SHEET: N_("工作表“%(sheet)s”第 %(row)s 行"),
    Where.FILE: N_("文件“%(sheet)s”第 %(row)s 行"),
    Where.DOCUMENT: N_("文档“%(sheet)s”第 %(row)s 段"),
}
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


def without_repeats(items: list[LocatedItem], where: Where = Where.SHEET) -> Repeats:
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
            here = _place(earlier, located, where)
            if _right(earlier.item) == _right(located.item):
                fault = Fault("duplicate", phrase(N_("与%(place)s是同一道题。请删去其中一题。"), place=here))
            else:
                what = phrase(
                    N_("与%(place)s是同一道题，但答案不同，两题都没有导入。请核对答案，只保留正确的一题。"),
                    place=here,
                )
                fault = Fault("duplicate_contradicts", what)
                contradicted.add(id(earlier))
            found.faults.append(_at(fault, located, where))
            continue
        found.kept.append(located)
        what = phrase(
            N_("题干与%(place)s相同，选项不同。如是同一道题，请删去其中一题。"),
            place=_place(alike, located, where),
        )
        found.warnings.append(_at(Fault("stem_repeated", what, "stem"), located, where))
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


def named_place(row: int, sheet: str | None, where: Where) -> Phrase:
    """Return what a place is called in the middle of a sentence."""
    if sheet is None:
        return phrase(_ROWS[where], row=row)
    return phrase(_ROWS_OF_SHEETS[where], row=row, sheet=sheet)


def _at(fault: Fault, located: LocatedItem, where: Where) -> Fault:
    return fault.located(row=located.row, sheet=located.sheet, where=where, value=located.item.stem)


def _question(item: Item) -> tuple[str, frozenset[str]]:
    return (_squeezed(item.stem), frozenset(_squeezed(option.text) for option in item.options))


def _right(item: Item) -> frozenset[str]:
    return frozenset(map(_squeezed, right_texts(item)))


def _squeezed(text: str) -> str:
    # Not as far as stems are made plain: small and capital letters, and signs like ², tell options apart.
    return "".join(text.translate(_TO_HALF_WIDTH).split())


def _place(earlier: LocatedItem, later: LocatedItem, where: Where) -> Phrase:
    return named_place(earlier.row, earlier.sheet if earlier.sheet != later.sheet else None, where)
