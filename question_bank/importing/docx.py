"""Word documents (.docx): paragraphs into lines, with pictures, formulas and the numbers that Word counts itself."""

import posixpath
from collections.abc import Iterator

from question_bank.formulas import is_formula
from question_bank.importing.docx_numbering import Numbering
from question_bank.importing.gift import GAP
from question_bank.importing.hypertext import displayed_formulas, lowered, raised
from question_bank.importing.omml import UnknownFormula, latex_of
from question_bank.importing.paragraphs import Line
from question_bank.importing.pictures import Pictures
from question_bank.importing.report import Merge, Table
from question_bank.importing.xml_tree import Node, parse_xml
from question_bank.importing.zipped import Zipped
from question_bank.passage import MISSING, formula_mark, picture_mark
from question_bank.phrases import N_, phrase

DOCUMENT = "word/document.xml"
_FOLDER = "word"
_CONTAINERS = frozenset("ins smartTag sdt sdtContent hyperlink moveTo customXml fldSimple Choice".split())
_DROPPED = frozenset(
    "del moveFrom instrText delText rPr pPr sdtPr bookmarkStart bookmarkEnd proofErr Fallback".split()
)
_FORMATS = frozenset("b i color highlight strike em".split())
_COLUMNS_MAX = 64
_OFF = frozenset({"0", "false", "none", "auto", "000000"})


class Document:
    """A Word document as lines and tables; a class because paragraphs, lists and pictures hang together."""

    def __init__(self, zipped: Zipped, pictures: Pictures) -> None:
        self._zipped = zipped
        self._pictures = pictures
        self._addresses = self._relations()
        self._numbering = Numbering(self._part("word/numbering.xml"), self._part("word/styles.xml"))
        root = parse_xml(zipped.unpack(DOCUMENT))
        self._body = root.first("body") or root
        self._count = 0
        self.lines: list[Line] = []
        self.tables: list[Table] = []
        self._read_blocks(self._body)

    def _part(self, name: str) -> Node | None:
        return parse_xml(self._zipped.unpack(name)) if name in self._zipped else None

    def _relations(self) -> dict[str, str]:
        relations = self._part("word/_rels/document.xml.rels")
        return {
            node.attributes.get("Id", ""): node.attributes.get("Target", "")
            for node in (relations.all("Relationship") if relations else [])
            if node.attributes.get("TargetMode") != "External"
        }

    def _read_blocks(self, parent: Node) -> None:
        for node in parent.children:
            if node.name == "p":
                self.lines += self._paragraph(node)
            elif node.name == "tbl":
                self.tables.append(self._table(node))
            elif node.name in {"sdt", "sdtContent", "customXml", "ins"}:
                self._read_blocks(node)

    def _paragraph(self, node: Node) -> list[Line]:
        self._count += 1
        line = Line(self._count, "")
        text = self._numbering.label(node.first("pPr")) + "".join(self._inline(node, line))
        first, *more = displayed_formulas(text).split("\n")
        line.text = first
        # A soft line break inside a paragraph is a line of its own to whoever typed it.
        return [line, *(Line(self._count, part) for part in more)]

    def _inline(self, parent: Node, line: Line) -> Iterator[str]:
        for node in parent.children:
            if node.name == "r":
                yield self._run(node, line)
            elif node.name in {"oMath", "oMathPara"}:
                yield self._formula(node, line)
            elif node.name == "AlternateContent":
                yield from self._inline(node, line)
            elif node.name in _CONTAINERS:
                if node.name == "hyperlink":
                    line.losses.add(phrase(N_("链接地址")))
                yield from self._inline(node, line)
            elif node.name not in _DROPPED and node.deep("t"):
                line.obstacles.append(phrase(N_("含有读不了的内容（%(name)s）"), name=node.name[:30]))

    def _run(self, node: Node, line: Line) -> str:
        properties = node.first("rPr")
        text = "".join(self._run_parts(node, line))
        if properties is None or not text:
            return text
        if any(mark.attributes.get("val", "on") not in _OFF for mark in properties.all(*_FORMATS)):
            line.losses.add(phrase(N_("文字格式（加粗、颜色等）")))
        underlined = properties.first("u")
        if underlined and underlined.attributes.get("val") != "none":
            if not text.strip():
                return GAP
            line.losses.add(phrase(N_("文字格式（加粗、颜色等）")))
        shifted = properties.first("vertAlign")
        place = shifted.attributes.get("val") if shifted else None
        return raised(text) if place == "superscript" else lowered(text) if place == "subscript" else text

    def _run_parts(self, node: Node, line: Line) -> Iterator[str]:
        for part in node.children:
            if part.name == "t":
                yield part.words
            elif part.name in {"tab", "ptab"}:
                yield "\t"
            elif part.name in {"br", "cr"}:
                yield "\n"
            elif part.name == "noBreakHyphen":
                yield "-"
            elif part.name in {"drawing", "pict", "AlternateContent"}:
                yield from self._drawing(part, line)
            elif part.name == "object":
                line.obstacles.append(phrase(N_("含有嵌入的对象（如旧版公式编辑器的公式）")))
            elif part.name == "sym":
                line.obstacles.append(phrase(N_("含有符号字体里的符号")))

    def _drawing(self, node: Node, line: Line) -> Iterator[str]:
        chosen = node.first("Choice") or node
        if chosen.deep("txbxContent"):
            line.obstacles.append(phrase(N_("含有文本框")))
            return
        named = chosen.deep("docPr", "cNvPr")
        alt = next((one.attributes["descr"] for one in named if one.attributes.get("descr")), "")
        found = chosen.deep("blip", "imagedata")
        if not found:
            line.obstacles.append(phrase(N_("含有图形")))
        for one in found:
            target = self._addresses.get(one.attributes.get("embed") or one.attributes.get("id") or "", "")
            path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"{_FOLDER}/{target}")
            if path not in self._zipped or not target:
                line.obstacles.append(phrase(N_("含有不在文件里的图片")))
                yield picture_mark(MISSING, alt)
                continue
            mark, reason = self._pictures.keep(
                bytes(self._zipped.unpack(path)), alt or posixpath.basename(path)
            )
            line.obstacles += [reason] if reason else []
            yield mark

    def _formula(self, node: Node, line: Line) -> str:
        try:
            latex = latex_of(node)
        except UnknownFormula:
            latex = ""
        if latex and is_formula(latex):
            return formula_mark(latex)
        line.obstacles.append(phrase(N_("含有读不了的公式")))
        return ""

    def _table(self, node: Node) -> Table:
        rows: list[list[object]] = []
        merged: list[list[int]] = []
        begun: dict[int, list[int]] = {}
        for number, row in enumerate(node.all("tr")):
            cells: list[object] = []
            for cell in row.all("tc"):
                properties = cell.first("tcPr")
                vertical = properties.first("vMerge") if properties else None
                if vertical is None:
                    begun.pop(len(cells), None)
                elif vertical.attributes.get("val") == "restart":
                    begun[len(cells)] = [number, len(cells), number]
                    merged.append(begun[len(cells)])
                elif len(cells) in begun:
                    begun[len(cells)][-1] = number
                texts = [line.text for one in cell.deep("p") for line in self._paragraph(one)]
                cells.append("\n".join(texts))
                cells += [""] * (_span(properties) - 1)
            rows.append(cells)
        width = max(map(len, rows), default=0)
        rows = [[*cells, *[""] * (width - len(cells))] for cells in rows]
        merges = tuple(Merge(top, column, bottom, column) for top, column, bottom in merged)
        return Table(f"表格 {len(self.tables) + 1}", rows, merges)


def _span(properties: Node | None) -> int:
    span = properties.first("gridSpan") if properties else None
    written = span.attributes.get("val", "1") if span else "1"
    return min(int(written), _COLUMNS_MAX) if written.isdecimal() else 1
