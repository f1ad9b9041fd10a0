"""Finds Chinese that a page could show and that nobody marked for translation."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, nodes

MARKS = {
    "_",
    "gettext",
    "ngettext",
    "_l",
    "lazy_gettext",
    "N_",
    "NN_",
    "lazy_ngettext",
    "pgettext",
    "lazy_pgettext",
    "npgettext",
}
# Characters and full-width punctuation alike: a sentence may be put together around a comma.
CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
_SCRIPT_COMMENTS = re.compile(r"/\*.*?\*/|^\s*//.*?$|\s//\s.*?$", re.DOTALL | re.MULTILINE)

Found = tuple[int, str]
"""Line and text."""


def in_python(source: str) -> Iterator[Found]:
    """Yield the Chinese literals that stand in no mark; docstrings and comments are no literals of a page."""
    tree = ast.parse(source)
    silent: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            silent.add(id(node.value))
        elif isinstance(node, ast.Call) and _name(node.func) in MARKS:
            silent.update(id(argument) for argument in node.args)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or id(node) in silent:
            continue
        if CHINESE.search(node.value):
            yield node.lineno, node.value


def in_template(source: str) -> Iterator[Found]:
    """Yield the Chinese words and literals of a page that stand in no mark."""
    environment = Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"], autoescape=True)
    tree = environment.parse(source)
    marked = {
        id(argument)
        for call in tree.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name in MARKS
        for argument in call.args
    }
    for data in tree.find_all(nodes.TemplateData):
        for number, line in enumerate(data.data.split("\n")):
            if CHINESE.search(line):
                yield data.lineno + number, line.strip()
    for const in tree.find_all(nodes.Const):
        if isinstance(const.value, str) and id(const) not in marked and CHINESE.search(const.value):
            yield const.lineno, const.value


def in_script(source: str) -> Iterator[Found]:
    """Yield the lines of a script or style sheet that hold Chinese outside a comment."""
    bare = _SCRIPT_COMMENTS.sub(lambda found: "\n" * found[0].count("\n"), source)
    for number, line in enumerate(bare.split("\n"), start=1):
        if CHINESE.search(line):
            yield number, line.strip()


def unmarked(root: Path) -> Iterator[tuple[str, int, str]]:
    """Yield path, line and text of every unmarked Chinese text of the sources."""
    for folder, suffix, find in (
        ("lms", ".py", in_python),
        ("question_bank", ".py", in_python),
        ("templates", ".html", in_template),
        ("templates", ".svg", in_template),
        ("lms/app/static/js", ".js", in_script),
        ("lms/app/static", ".css", in_script),
    ):
        for path in sorted((root / folder).rglob(f"*{suffix}")):
            for line, text in find(path.read_text(encoding="utf-8")):
                yield path.relative_to(root).as_posix(), line, text


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""
