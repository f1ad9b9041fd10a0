"""What the fast reader of cells leaves out of a workbook: computed cells, raised letters, pictures in cells."""

import posixpath
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from question_bank.importing.archive import SHARED_STRINGS, WORKBOOK
from question_bank.importing.hypertext import lowered, raised
from question_bank.importing.pictures import Pictures
from question_bank.importing.report import UnreadableFile
from question_bank.importing.xml_tree import Node, parse_xml
from question_bank.importing.zipped import broken

_FORMULA_CELL = re.compile(rb'<c r="([A-Za-z]{1,3})(\d{1,7})"[^>]*>\s*<f[ />]')
_PICTURE_FORMULA = re.compile(r'^=?(?:_xlfn\.)?DISPIMG\(\s*"([^"]+)"', re.IGNORECASE)
_CELL_IMAGES = "xl/cellimages.xml"
_RELATIONS = "_rels"

Places = dict[tuple[int, int], list[str]]
"""Row and column from 0 -> the marks of the pictures anchored there."""


@dataclass(frozen=True, slots=True)
class Extras:
    """What a workbook holds beside plain cells, by the names of its sheets.

    `rich_texts` maps texts with raised or lowered letters, plain -> as they are meant, None where the same
    letters also stand in the workbook without them: nobody can tell which is where. `cell_pictures` are the
    marks of pictures that WPS puts into cells by name (=DISPIMG("ID_…",1)).
    """

    formulas: Mapping[str, frozenset[tuple[int, int]]]
    pictures: Mapping[str, Places]
    rich_texts: Mapping[str, str | None]
    cell_pictures: Mapping[str, str]


def look_up(parts: Mapping[str, bytearray], pictures: Pictures) -> Extras:
    """Return what stands in the unpacked parts of a workbook; they are not needed afterwards."""
    workbook = _Parts(parts, pictures)
    names = workbook.sheets
    formulas = {name: workbook.formulas(name) for name in names}
    places = {name: workbook.pictures(name) for name in names}
    return Extras(formulas, places, workbook.rich_texts(), workbook.cell_pictures())


class _Parts:
    """Looks things up in the unpacked parts of one workbook."""

    def __init__(self, parts: Mapping[str, bytearray], pictures: Pictures) -> None:
        self._parts = parts
        self._pictures = pictures
        self._marks: dict[tuple[str, str], str] = {}
        targets = self._targets(WORKBOOK)
        workbook = _tree(parts[WORKBOOK]) if WORKBOOK in parts else None
        self.sheets = {
            node.attributes.get("name", ""): targets.get(node.attributes.get("id", ""), "")
            for node in (workbook.deep("sheet") if workbook else [])
        }

    def formulas(self, sheet: str) -> frozenset[tuple[int, int]]:
        """Return the places of computed cells."""
        part = self._parts.get(self.sheets[sheet], bytearray())
        if b"<f" not in part:
            return frozenset()
        return frozenset(
            (int(row) - 1, _column(letters.decode())) for letters, row in _FORMULA_CELL.findall(part)
        )

    def pictures(self, sheet: str) -> Places:
        """Return the pictures that are anchored in cells of a sheet."""
        places: Places = defaultdict(list)
        if not any(name.startswith("xl/drawings/drawing") for name in self._parts):
            return places
        for target in self._targets(self.sheets[sheet]).values():
            if target.startswith("xl/drawings/drawing") and target in self._parts:
                self._read_drawing(target, places)
        return places

    def cell_pictures(self) -> dict[str, str]:
        """Return the marks of pictures that are put into cells by name."""
        if _CELL_IMAGES not in self._parts:
            return {}
        targets = self._targets(_CELL_IMAGES)
        return {
            named.attributes.get("name", ""): self._kept(targets, picture)
            for picture in _tree(self._parts[_CELL_IMAGES]).deep("pic")
            for named in picture.deep("cNvPr")
        }

    def rich_texts(self) -> dict[str, str | None]:
        """Return the texts with raised or lowered letters."""
        part = self._parts.get(SHARED_STRINGS, bytearray())
        found: dict[str, str | None] = {}
        if b"vertAlign" not in part:
            return found
        for piece in part.split(b"</si>"):
            start = piece.rfind(b"<si")
            if start < 0 or b"vertAlign" not in piece[start:]:
                continue
            runs = _tree(piece[start:] + b"</si>")
            plain, meant = _written(runs)
            alone = b">" + escape(plain, quote=False).encode() + b"</t>" not in part
            found[plain] = meant if alone and found.get(plain, meant) == meant else None
        return found

    def _targets(self, path: str) -> dict[str, str]:
        """Return what the parts that belong to `path` are called, by their ids."""
        folder, name = posixpath.split(path)
        relations = self._parts.get(f"{folder}/{_RELATIONS}/{name}.rels")
        if relations is None:
            return {}
        return {
            node.attributes.get("Id", ""): _joined(folder, node.attributes.get("Target", ""))
            for node in _tree(relations).all("Relationship")
            if node.attributes.get("TargetMode") != "External"
        }

    def _read_drawing(self, path: str, places: Places) -> None:
        targets = self._targets(path)
        for anchor in _tree(self._parts[path]).all("oneCellAnchor", "twoCellAnchor"):
            start = anchor.first("from")
            row, column = (_number(start, name) for name in ("row", "col"))
            for picture in anchor.deep("pic"):
                places[row, column].append(self._kept(targets, picture))

    def _kept(self, targets: Mapping[str, str], picture: Node) -> str:
        named = picture.deep("cNvPr")
        alt = next((node.attributes["descr"] for node in named if node.attributes.get("descr")), "")
        blips = picture.deep("blip")
        path = targets.get(blips[0].attributes.get("embed", ""), "") if blips else ""
        label = alt or posixpath.basename(path) or "图"
        if (path, label) not in self._marks:
            self._marks[path, label], _ = self._pictures.keep(bytes(self._parts.get(path, b"")), label)
        return self._marks[path, label]


def picture_name(value: str) -> str | None:
    """Return the name in a cell that shows a picture by formula, or None."""
    match = _PICTURE_FORMULA.match(value)
    return match[1] if match else None


def _tree(part: bytes | bytearray) -> Node:
    try:
        return parse_xml(part)
    except UnreadableFile as error:
        # Nobody looks at the lines of a workbook's parts.
        raise broken() if error.fault.code == "xml_broken" else error from error


def _written(runs: Node) -> tuple[str, str]:
    """Return a shared text plain and with its raised and lowered letters."""
    plain, meant = "", ""
    for node in runs.all("t", "r"):
        text = node.words if node.name == "t" else "".join(one.words for one in node.all("t"))
        shifts = node.deep("vertAlign")
        place = shifts[0].attributes.get("val") if shifts else None
        plain += text
        meant += raised(text) if place == "superscript" else lowered(text) if place == "subscript" else text
    return plain, meant


def _joined(folder: str, target: str) -> str:
    return (
        target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
    )


def _number(node: Node | None, name: str) -> int:
    found = node.first(name) if node else None
    text = found.words.strip() if found else ""
    return int(text) if text.isdecimal() else 0


def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
