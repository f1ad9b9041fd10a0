"""The numbers and letters that Word puts before paragraphs by itself: they are nowhere in the text."""

from collections import defaultdict

from question_bank.importing.xml_tree import Node

_CHINESE = "零一二三四五六七八九十"
_TEN = 10
_LEVELS = 9


class Numbering:
    """Counts list paragraphs as Word does and gives each its label."""

    def __init__(self, numbering: Node | None, styles: Node | None) -> None:
        self._levels: dict[str, dict[int, Node]] = {}
        self._lists: dict[str, str] = {}
        self._starts: dict[tuple[str, int], int] = {}
        self._styles: dict[str, Node] = {}
        self._counters: dict[str, dict[int, int]] = defaultdict(dict)
        self._begun: set[str] = set()
        for abstract in numbering.all("abstractNum") if numbering else []:
            self._levels[abstract.attributes.get("abstractNumId", "")] = {
                _whole(level.attributes.get("ilvl")): level for level in abstract.all("lvl")
            }
        for number in numbering.all("num") if numbering else []:
            name = number.attributes.get("numId", "")
            self._lists[name] = _value(number, "abstractNumId")
            for override in number.all("lvlOverride"):
                start = override.first("startOverride")
                if start:
                    level = _whole(override.attributes.get("ilvl"))
                    self._starts[name, level] = _whole(start.attributes.get("val"), 1)
        for style in styles.all("style") if styles else []:
            properties = style.first("pPr")
            found = properties.first("numPr") if properties else None
            if found:
                self._styles[style.attributes.get("styleId", "")] = found

    def label(self, properties: Node | None) -> str:
        """Return what Word shows before the paragraph with these properties, with a space behind it."""
        found = properties.first("numPr") if properties else None
        if found is None and properties is not None:
            found = self._styles.get(_value(properties, "pStyle"))
        if found is None:
            return ""
        name, level = _value(found, "numId"), min(_whole(_value(found, "ilvl")), _LEVELS - 1)
        abstract = self._lists.get(name)
        shape = self._levels.get(abstract or "", {}).get(level)
        if abstract is None or shape is None:
            return ""
        counters = self._counters[abstract]
        if name not in self._begun:
            self._begun.add(name)
            for (numbered, one), start in self._starts.items():
                if numbered == name:
                    counters[one] = start - 1
        counters[level] = counters.get(level, _whole(_value(shape, "start"), 1) - 1) + 1
        for deeper in [one for one in counters if one > level]:
            del counters[deeper]
        text = _value(shape, "lvlText")
        for one in range(_LEVELS):
            form = self._levels[abstract].get(one)
            if form is not None and f"%{one + 1}" in text:
                text = text.replace(f"%{one + 1}", _written(counters.get(one, 1), _value(form, "numFmt")))
        return f"{text} " if any(sign.isalnum() for sign in text) else ""


def _written(number: int, form: str) -> str:
    if form == "upperLetter" and number <= ord("Z") - ord("A") + 1:
        return chr(ord("A") + number - 1)
    if form == "lowerLetter" and number <= ord("z") - ord("a") + 1:
        return chr(ord("a") + number - 1)
    if form.startswith(("chinese", "ideograph", "japaneseCounting", "taiwanese")) and number < _TEN * _TEN:
        tens, ones = divmod(number, _TEN)
        lead = ("" if tens == 1 else _CHINESE[tens]) + "十" if tens else ""
        return lead + (_CHINESE[ones] if ones else "")
    return "" if form in {"bullet", "none"} else str(number)


def _value(node: Node, name: str) -> str:
    found = node.first(name)
    return found.attributes.get("val", "") if found else ""


def _whole(text: str | None, default: int = 0) -> int:
    return int(text) if text and text.isdecimal() else default
