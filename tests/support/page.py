"""A page as its reader sees it: words, links, and forms that only take what a browser would let one enter."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement, document_fromstring

_SPACE = re.compile(r"\s+")
_UNSEEN = frozenset({"script", "style", "template", "noscript", "head"})
# What makes a browser begin a new line, so that words of two rows never run into one.
_BREAKS = frozenset(
    "p div section h1 h2 h3 h4 dt dd li tr td th br label legend option button a form".split()
)


class NotOnThePage(LookupError):
    """A reader cannot do this here; the message says what the page offers instead."""


@dataclass
class Control:
    """One named control of a form. `options` holds (value, label) of a choice; None for what is typed."""

    name: str
    kind: str
    values: list[str] = field(default_factory=list)
    options: list[tuple[str, str]] | None = None


@dataclass
class Form:
    """A form with the values it would send now."""

    action: str
    method: str
    controls: dict[str, Control]
    buttons: list[tuple[str, str, str, str]]
    """(name, value, label, own action) of each submitting button that is not locked."""
    words: str
    is_multipart: bool

    def fill(self, **values: Any) -> None:
        """Enter values as a person can: a choice by its value or its label, a tick by True or False."""
        for name, value in values.items():
            control = self.controls.get(name)
            if control is None:
                raise NotOnThePage(f"no field {name}; there are {sorted(self.controls)}")
            if control.kind == "hidden":
                raise NotOnThePage(f"{name} is hidden; nobody can type into it")
            control.values = _chosen(control, value)

    def content(self) -> list[tuple[str, str]]:
        """Return the pairs that a browser would send."""
        return [
            (control.name, value)
            for control in self.controls.values()
            if control.kind != "file"
            for value in control.values
        ]


class Page:
    """What came back: status, address, words, links and forms."""

    def __init__(self, url: str, html: str, status: int = 200) -> None:
        self.status = status
        self.url = url
        self.path = urlsplit(url).path
        self.html = html
        self.tree: HtmlElement = document_fromstring(self.html)
        body = self.tree.find("body")
        self.words = _SPACE.sub(" ", "".join(_words(body))).strip() if body is not None else ""

    def __repr__(self) -> str:
        return f"<Page {self.status} {self.path}: {self.words[:600]}>"

    @property
    def title(self) -> str:
        """The first heading."""
        return words_of(self.tree.find(".//h1"))

    @property
    def csrf_token(self) -> str:
        """What the page's own scripts would send along."""
        meta = self.tree.find(".//meta[@name='csrf-token']")
        return meta.get("content", "") if meta is not None else ""

    def link(self, text: str) -> str:
        """Return the address behind the link that reads so. Raises NotOnThePage."""
        for anchor in self.tree.iter("a"):
            if anchor.get("href") and text in words_of(anchor):
                return urljoin(self.url, anchor.get("href"))
        raise NotOnThePage(f"no link {text} on {self!r}")

    def has_link(self, text: str) -> bool:
        """Tell whether there is a link that reads so."""
        return any(anchor.get("href") and text in words_of(anchor) for anchor in self.tree.iter("a"))

    def form(self, *, button: str = "", has: str = "") -> Form:
        """Return the form with a button that reads so, or with a field of that name. Raises NotOnThePage."""
        forms = list(_forms(self.tree, self.url))
        for form in forms:
            if has and has not in form.controls:
                continue
            if button and not any(button == label for _, _, label, _ in form.buttons):
                continue
            return form
        told = [([label for _, _, label, _ in form.buttons], sorted(form.controls)) for form in forms]
        raise NotOnThePage(f"no form with button {button!r} and field {has!r} on {self!r}; forms: {told}")

    def buttons(self) -> list[str]:
        """Return what the buttons that can be pressed read."""
        return [label for form in _forms(self.tree, self.url) for _, _, label, _ in form.buttons]

    def data(self, element_id: str) -> Any:
        """Return the JSON that the page carries for its own script."""
        found = self.tree.find(f".//script[@id='{element_id}']")
        if found is None:
            raise NotOnThePage(f"no data {element_id} on {self!r}")
        return json.loads(found.text or "")


def words_of(element: HtmlElement | None) -> str:
    """Return an element's visible words, spaces folded."""
    return _SPACE.sub(" ", "".join(_words(element))).strip() if element is not None else ""


def _words(element: HtmlElement) -> Iterator[str]:
    if element.tag in _UNSEEN or not isinstance(element.tag, str) or "hidden" in element.attrib:
        return
    space = " " if element.tag in _BREAKS else ""
    yield space
    yield element.text or ""
    for child in element:
        yield from _words(child)
        yield child.tail or ""
    yield space


def _forms(tree: HtmlElement, url: str) -> Iterator[Form]:
    for node in tree.iter("form"):
        inside = list(node.iter())
        # A control elsewhere on the page may name its form.
        identity = node.get("id")
        outside = [
            one for one in tree.iter() if identity and one.get("form") == identity and one not in inside
        ]
        yield _read_form(node, [*inside, *outside], url)


def _read_form(node: HtmlElement, elements: list[HtmlElement], url: str) -> Form:
    controls: dict[str, Control] = {}
    buttons: list[tuple[str, str, str, str]] = []
    for one in elements:
        name = one.get("name", "")
        if "disabled" in one.attrib:
            continue
        kind = one.get("type", "text").lower() if one.tag == "input" else one.tag
        if one.tag == "button" and one.get("type", "submit") == "submit":
            if one.get("aria-disabled") != "true":
                buttons.append((name, one.get("value", ""), words_of(one), one.get("formaction", "")))
        elif not name:
            continue
        elif kind in {"radio", "checkbox"}:
            control = controls.setdefault(name, Control(name, kind, [], []))
            value = one.get("value", "on")
            assert control.options is not None
            control.options.append((value, _label(elements, one)))
            if "checked" in one.attrib:
                control.values.append(value)
        elif kind == "select":
            controls[name] = _read_select(name, one)
        elif kind == "textarea":
            controls[name] = Control(name, kind, ["".join(one.itertext()).removeprefix("\n")])
        elif one.tag == "input" and kind not in {"submit", "button", "image", "reset"}:
            # Inputs of one name are sent one after the other, such as the day and the time of a moment.
            control = controls.setdefault(name, Control(name, kind))
            if kind != "file":
                control.values.append(one.get("value", ""))
    action = urljoin(url, node.get("action") or url)
    return Form(
        action, node.get("method", "get").lower(), controls, buttons, words_of(node),
        node.get("enctype", "") == "multipart/form-data",
    )  # fmt: skip


def _read_select(name: str, node: HtmlElement) -> Control:
    options = [(option.get("value", words_of(option)), words_of(option)) for option in node.iter("option")]
    selected = ["selected" in option.attrib for option in node.iter("option")]
    chosen = [value for (value, _), is_chosen in zip(options, selected, strict=True) if is_chosen]
    if not chosen and options and "multiple" not in node.attrib:
        chosen = [options[0][0]]
    return Control(name, "select", chosen, options)


def _label(elements: list[HtmlElement], control: HtmlElement) -> str:
    identity = control.get("id")
    for label in elements:
        names_it = identity is not None and label.get("for") == identity
        if label.tag == "label" and (names_it or control in label.iter()):
            return words_of(label)
    return ""


def _chosen(control: Control, value: Any) -> list[str]:
    if control.options is None:
        return [str(value)]
    wanted = value if isinstance(value, (list, tuple, set, frozenset)) else [value]
    if isinstance(value, bool):
        return [control.options[0][0]] if value else []
    chosen = []
    for one in wanted:
        exact = [given for given, label in control.options if str(one) in {given, label}]
        near = [given for given, label in control.options if str(one) in label]
        if not exact and len(near) != 1:
            raise NotOnThePage(f"{control.name} offers {control.options}, not {one!r}")
        chosen.append((exact or near)[0])
    return chosen
