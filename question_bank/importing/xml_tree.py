"""XML into a tree that knows its lines, by a parser that refuses what no question file needs (D1).

A document type is refused as soon as it begins, so no entity is ever declared, expanded or fetched.
"""

import re
import sys
from dataclasses import dataclass, field
from xml.parsers import expat

from question_bank.importing.report import UnreadableFile
from question_bank.phrases import N_

XML_BYTES_MAX = 32 * 1024 * 1024
ELEMENTS_MAX = 300_000
DEPTH_MAX = 100

_GB_DECLARATION = re.compile(
    rb"""^(<\?xml[^>]*encoding\s*=\s*["'])(?:gb2312|gbk|gb18030)(["'])""", re.IGNORECASE
)


@dataclass(slots=True)
class Node:
    """One element: its name without namespace, the text before its first child, the text behind it."""

    name: str
    attributes: dict[str, str]
    line: int
    text: str = ""
    tail: str = ""
    children: list["Node"] = field(default_factory=list)

    def all(self, *names: str) -> list["Node"]:
        """Return the children of these names, in order."""
        return [child for child in self.children if child.name in names]

    def first(self, *names: str) -> "Node | None":
        """Return the first child of one of these names, or None."""
        return next((child for child in self.children if child.name in names), None)

    def deep(self, *names: str) -> list["Node"]:
        """Return the elements of these names at any depth, in order."""
        found: list[Node] = []
        waiting = [self]
        while waiting:
            node = waiting.pop()
            if node.name in names and node is not self:
                found.append(node)
            waiting += reversed(node.children)
        return found

    @property
    def words(self) -> str:
        """All text inside the element, without its markup."""
        return self.text + "".join(child.words + child.tail for child in self.children)


class SafeParser:
    """An XML parser that refuses document types and entities; those who use it set its other handlers."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.EntityDeclHandler = self._refuse
        self.parser.ExternalEntityRefHandler = self._refuse

    def parse(self, data: bytes | bytearray) -> None:
        """Go through the whole text; raises `UnreadableFile` with the line where it cannot be read."""
        try:
            self.parser.Parse(data, True)
        except (expat.ExpatError, LookupError, ValueError) as error:
            line = getattr(error, "lineno", 1)
            raise UnreadableFile(
                "xml_broken",
                N_("第 %(line)s 行：XML 写法有误，无法读取。请改好这一行，或重新导出。"),
                line=line,
            ) from error

    def _refuse(self, *_: object) -> int:
        raise UnreadableFile(
            "xml_doctype",
            N_("第 %(line)s 行：文件里有文档类型或外部实体声明，不读取。请删去它再导入。"),
            line=self.parser.CurrentLineNumber,
        )


class _Builder(SafeParser):
    def __init__(self) -> None:
        super().__init__()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._data
        self.root: Node | None = None
        self._open: list[Node] = []
        self._last: Node | None = None
        self._count = 0

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > ELEMENTS_MAX or len(self._open) >= DEPTH_MAX:
            raise UnreadableFile(
                "xml_too_large",
                N_("第 %(line)s 行：XML 元素过多或嵌套过深。请分成几个文件导入。"),
                line=self.parser.CurrentLineNumber,
            )
        local = {sys.intern(key.rpartition(" ")[2]): value for key, value in attributes.items()}
        # The same few names stand in a file thousands of times.
        node = Node(sys.intern(name.rpartition(" ")[2]), local, self.parser.CurrentLineNumber)
        if self._open:
            self._open[-1].children.append(node)
        else:
            self.root = node
        self._open.append(node)
        self._last = None

    def _end(self, _name: str) -> None:
        self._last = self._open.pop()

    def _data(self, text: str) -> None:
        if self._last is not None:
            self._last.tail += text
        elif self._open:
            self._open[-1].text += text


def parse_xml(data: bytes | bytearray) -> Node:
    """Return the root element; raises `UnreadableFile` with the line where the file cannot be read."""
    if len(data) > XML_BYTES_MAX:
        raise UnreadableFile(
            "xml_too_large",
            N_("XML 超过 %(most)s MB。请分成几个文件导入。"),
            most=XML_BYTES_MAX >> 20,
        )
    declared = _GB_DECLARATION.match(data)
    if declared:
        try:
            data = _GB_DECLARATION.sub(rb"\1utf-8\2", data.decode("gb18030").encode(), count=1)
        except UnicodeDecodeError as error:
            raise UnreadableFile(
                "xml_broken", N_("XML 声明的编码与内容不符。请另存为 UTF-8 再导入。")
            ) from error
    builder = _Builder()
    builder.parse(data)
    if builder.root is None:
        raise UnreadableFile("xml_broken", N_("XML 文件里没有内容。请重新导出。"))
    return builder.root
