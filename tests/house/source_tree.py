"""Reads a source tree without importing it: its modules, and who imports whom."""

import ast
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path


@dataclass(frozen=True)
class Module:
    """One Python file: its dotted name and its syntax tree."""

    name: str
    path: Path
    tree: ast.Module
    is_package: bool

    @property
    def room(self) -> str | None:
        """The room in `lms` the module stands in; None for anything else."""
        pieces = self.name.split(".")
        return pieces[1] if pieces[0] == "lms" and len(pieces) > 1 else None

    @property
    def kind(self) -> str | None:
        """What the module is on the floor plan of its room, such as `views` or `policy`.

        The folder says it, or the last word of the file: `desk_models` are models.
        """
        pieces = self.name.split(".")
        return pieces[2].rpartition("_")[2] if self.room and len(pieces) > 2 else None

    @cached_property
    def imported_names(self) -> list[tuple[str, int]]:
        """Every dotted name the module asks for, with its line; `from a import b` asks for `a.b`."""
        found = []
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found += [(alias.name, node.lineno) for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                base = self._resolve(node)
                found += [(f"{base}.{alias.name}", node.lineno) for alias in node.names]
        return found

    def _resolve(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        up = node.level - 1 if self.is_package else node.level
        package = self.name.split(".")
        base = package[: len(package) - up] if up else package
        return ".".join([*base, *([node.module] if node.module else [])])


class SourceTree:
    """The packages `lms` and `question_bank` under one folder, with the pages beside them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.modules: dict[str, Module] = {}
        for package in ("lms", "question_bank"):
            for path in sorted((root / package).rglob("*.py")):
                pieces = list(path.relative_to(root).with_suffix("").parts)
                is_package = pieces[-1] == "__init__"
                name = ".".join(pieces[:-1] if is_package else pieces)
                self.modules[name] = Module(
                    name, path, ast.parse(path.read_text(encoding="utf-8")), is_package
                )

    def place(self, module: Module, line: int) -> str:
        """Return `file:line` relative to the root, as an editor opens it."""
        return f"{module.path.relative_to(self.root)}:{line}"

    def imports(self, module: Module) -> Iterator[tuple[str, int]]:
        """Yield what a module imports: names of our own modules where there is one, else as written."""
        for name, line in module.imported_names:
            ours = name
            while ours and ours not in self.modules:
                ours = ours.rpartition(".")[0]
            yield ours or name, line

    def chain(
        self, start: Module, is_forbidden: Callable[[str], bool], passes: Callable[[str], bool]
    ) -> list[str]:
        """Return the shortest chain of imports from `start` to a forbidden name; empty when there is none.

        `passes` says through which of our own modules the search goes on.
        """
        came_from: dict[str, str] = {start.name: ""}
        queue = deque([start.name])
        while queue:
            here = queue.popleft()
            for name, _line in self.imports(self.modules[here]):
                if name in came_from:
                    continue
                came_from[name] = here
                if is_forbidden(name):
                    return _walk_back(came_from, name)
                if name in self.modules and passes(name):
                    queue.append(name)
        return []

    def pages(self) -> Iterator[tuple[Path, str]]:
        """Yield every template, style sheet, script and drawing of our own, with its text."""
        for folder in ("templates", "lms/app/static"):
            for path in sorted((self.root / folder).rglob("*")):
                if (
                    path.suffix in {".html", ".txt", ".xml", ".css", ".js", ".svg"}
                    and "vendor" not in path.parts
                ):
                    yield path.relative_to(self.root), path.read_text(encoding="utf-8")


def _walk_back(came_from: dict[str, str], name: str) -> list[str]:
    chain = [name]
    while came_from[chain[-1]]:
        chain.append(came_from[chain[-1]])
    return chain[::-1]
