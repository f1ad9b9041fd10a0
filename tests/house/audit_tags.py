"""Finds every tag that the house can write into its record."""

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import lms
from lms.core.state_machine import StateMachine
from lms.enrolment.policy import Outcome

TAG_PLACE = 2
"""`record(uow, actor, tag, subject_id, …)`."""
PUT_TOGETHER = {"application:{outcome}": frozenset(f"application:{outcome}" for outcome in Outcome)}
"""Tags that are put together at run time: how the source writes them, and what may come out."""


class UnknownTag(Exception):
    """A call of `record` whose tag cannot be read from the source."""


def machines() -> Iterator[StateMachine[object]]:
    """Yield every state machine of the house once; its moves are tags."""
    seen: set[str] = set()
    for found in pkgutil.walk_packages(lms.__path__, "lms."):
        if not any(piece.endswith("policy") for piece in found.name.split(".")):
            continue
        for value in vars(importlib.import_module(found.name)).values():
            if isinstance(value, StateMachine) and value.name not in seen:
                seen.add(value.name)
                yield value


def moved_tags() -> set[str]:
    """Return the tags of births and moves."""
    return {f"{machine.name}:{verb}" for machine in machines() for verb in ("create", *machine.moves)}


def recorded_tags(root: Path) -> set[str]:
    """Return the tags of all other acts: what stands in the calls of `record`."""
    tags: set[str] = set()
    for path in sorted((root / "lms").rglob("*.py")):
        place = path.relative_to(root)
        if place.as_posix() != "lms/audit/service.py":
            tags |= tags_in(path.read_text(encoding="utf-8"), ".".join(place.with_suffix("").parts))
    return tags


def system_labels(root: Path) -> set[str]:
    """Return the labels of all parts of the house that act by themselves: `Actor.system(label)`."""
    return {
        str(ast.literal_eval(call.args[0]))
        for path in (root / "lms").rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "Actor.system"
    }


def tags_in(source: str, module: str) -> set[str]:
    """Return the tags of one file: texts, constants by their names, and what PUT_TOGETHER knows. Raises UnknownTag."""
    tags: set[str] = set()
    for call in ast.walk(ast.parse(source)):
        if not isinstance(call, ast.Call) or len(call.args) <= TAG_PLACE or not _is_record(call.func):
            continue
        tag = call.args[TAG_PLACE]
        if isinstance(tag, ast.Name):
            tag = ast.Constant(getattr(importlib.import_module(module), tag.id, None))
        if isinstance(tag, ast.Constant) and isinstance(tag.value, str):
            tags.add(tag.value)
        elif isinstance(tag, ast.JoinedStr) and (written := ast.unparse(tag)[2:-1]) in PUT_TOGETHER:
            tags |= PUT_TOGETHER[written]
        else:
            raise UnknownTag(f"{module}:{call.lineno}: {ast.unparse(call.args[TAG_PLACE])}")
    return tags


def _is_record(function: ast.expr) -> bool:
    if isinstance(function, ast.Attribute):
        return function.attr == "record" and ast.unparse(function.value) == "audit"
    return isinstance(function, ast.Name) and function.id == "record"
