"""The laws of the house, each a function from a source tree to the places that break it.

Which room may look at which room is import-linter's part (`pyproject.toml`); what stands here is
about the inside of rooms, and about what no import contract can see.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Callable, Iterator

from tests.house.source_tree import Module, SourceTree

Law = Callable[[SourceTree], list[str]]

# From the top of a room down: a module may import from the groups below its own, and from no
# other in its own group.
FLOOR_PLAN = (
    ("views", "api", "jobs", "cli"),
    ("forms",),
    ("service",),
    ("queries",),
    ("models",),
    ("policy",),
    ("events", "errors"),
)
RANK = {kind: rank for rank, group in enumerate(FLOOR_PLAN) for kind in group}
# What every room stands on, and where the rooms are put together, have plans of their own.
WITHOUT_FLOOR_PLAN = {"core", "app"}

PURE_KINDS = {"policy", "events", "errors"}
NEVER_IN_PURE = {"flask", "werkzeug", "jinja2", "wtforms", "sqlalchemy", "alembic", "redis", "rq"}
STORED_KINDS = {"service", "queries", "models"}
NEVER_IN_STORED = {"flask", "wtforms"}

CLOCK = "lms.core.clock"
TIME_READERS = {
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
    "dt": {"now", "utcnow", "today"},
    "time": {"time", "time_ns", "localtime", "gmtime", "ctime"},
    "func": {"now", "current_timestamp", "localtimestamp", "current_date"},
}
NAMELESS_FILES = {"util", "utils", "helper", "helpers", "common", "misc", "tools"}
WRITING_STATEMENTS = {"sqlalchemy.insert", "sqlalchemy.update", "sqlalchemy.delete"}
WRITING_METHODS = {"add", "add_all", "merge", "bulk_save_objects", "bulk_insert_mappings"}
MOST_SIDE_BY_SIDE = 2
"""So many files of one kind stand beside each other in a room; three are a folder of nouns."""
LONGEST_MODULE_LINES = 400
"""A reader holds about 300 lines in the head; past this a module becomes a folder of nouns."""


def rooms_keep_their_floor_plan(tree: SourceTree) -> list[str]:
    """Inside a room: views|api|jobs|cli > forms > service > queries > models > policy > events|errors.

    The search goes through modules that have no place on the plan, so they are no way round it.
    """
    broken = []
    for module in _modules(tree, lambda m: m.room not in WITHOUT_FLOOR_PLAN and m.kind in RANK):

        def is_above(name: str, module: Module = module) -> bool:
            other = tree.modules.get(name)
            if (
                other is None
                or other.room != module.room
                or other.kind == module.kind
                or other.kind not in RANK
            ):
                return False
            return RANK[other.kind] <= RANK[module.kind or ""]

        def is_unplanned(name: str, module: Module = module) -> bool:
            other = tree.modules[name]
            return other.room == module.room and other.kind not in RANK

        if chain := tree.chain(module, is_above, is_unplanned):
            broken.append(
                f"{' -> '.join(chain)}: {module.kind} stands below or beside {_kind(chain[-1])} and may not use it"
            )
    return broken


def many_of_a_kind_are_a_folder(tree: SourceTree) -> list[str]:
    """Three files of one kind make a folder of nouns, and beside a folder no file of its kind stands."""
    side_by_side: dict[tuple[str | None, str | None], list[Module]] = defaultdict(list)
    for module in _modules(tree, lambda m: _has_plan(m) and m.kind in RANK and m.name.count(".") == 2):
        side_by_side[module.room, module.kind].append(module)
    return [
        f"lms/{room}: {', '.join(sorted(module.name.split('.')[2] for module in modules))}; put them into {kind}/"
        for (room, kind), modules in side_by_side.items()
        if len(modules) > (1 if any(module.is_package for module in modules) else MOST_SIDE_BY_SIDE)
    ]


def deciding_is_pure(tree: SourceTree) -> list[str]:
    """`policy`, `events`, `errors` and `question_bank` reach no framework, by no chain of imports."""
    return _reaching(
        tree,
        lambda m: m.name.startswith("question_bank") or (_has_plan(m) and m.kind in PURE_KINDS),
        NEVER_IN_PURE,
    )


def services_know_no_web(tree: SourceTree) -> list[str]:
    """`service`, `queries` and `models` reach neither Flask nor WTForms, by no chain of imports."""
    return _reaching(tree, lambda m: _has_plan(m) and m.kind in STORED_KINDS, NEVER_IN_STORED)


def question_bank_stands_alone(tree: SourceTree) -> list[str]:
    """`question_bank` never imports `lms`."""
    return [
        f"{tree.place(module, line)}: question_bank may not import {name}"
        for module in _modules(tree, lambda m: m.name.startswith("question_bank"))
        for name, line in tree.imports(module)
        if name.split(".")[0] == "lms"
    ]


def tables_belong_to_their_room(tree: SourceTree) -> list[str]:
    """A room's `models` are imported by that room, and by `queries` of other rooms, and by nobody else."""
    broken = []
    for module in _modules(tree, lambda m: True):
        for name, line in tree.imports(module):
            owner = tree.modules.get(name)
            if owner is None or owner.kind != "models" or owner.room == module.room:
                continue
            if module.kind != "queries":
                broken.append(
                    f"{tree.place(module, line)}: only {owner.room} and queries of later rooms may import {name}"
                )
    return broken


def queries_only_read(tree: SourceTree) -> list[str]:
    """`queries` neither build writing statements nor add rows; that is the service's part."""
    broken = []
    for module in _modules(tree, lambda m: _has_plan(m) and m.kind == "queries"):
        writing = [(name, line) for name, line in tree.imports(module) if name in WRITING_STATEMENTS]
        writing += [
            (f".{call.func.attr}(", call.lineno)
            for call in _calls(module)
            if isinstance(call.func, ast.Attribute)
            and call.func.attr in WRITING_METHODS
            and _is_session(call.func)
        ]
        broken += [
            f"{tree.place(module, line)}: queries only read; {what} belongs into service"
            for what, line in writing
        ]
    return broken


def imports_stand_at_the_top(tree: SourceTree) -> list[str]:
    """No import inside a function: it hides a cycle that should be untangled."""
    return [
        f"{tree.place(module, node.lineno)}: import inside {function.name}(); move it to the top"
        for module in tree.modules.values()
        for function in ast.walk(module.tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]


def one_clock(tree: SourceTree) -> list[str]:
    """Only `lms/core/clock.py` asks the machine or the database for the time; rules get `now`."""
    broken = []
    for module in _modules(tree, lambda m: m.name != CLOCK):
        asked = [
            (f"{_last_name(node.value)}.{node.attr}", node.lineno)
            for node in ast.walk(module.tree)
            if isinstance(node, ast.Attribute) and node.attr in TIME_READERS.get(_last_name(node.value), ())
        ]
        asked += [
            (name, line) for name, line in module.imported_names if name in {"time.time", "time.time_ns"}
        ]
        broken += [
            f"{tree.place(module, line)}: {name} is the clock's to ask; take `now` as a parameter"
            for name, line in asked
        ]
    return broken


def only_the_edge_commits(tree: SourceTree) -> list[str]:
    """No `.commit(` outside `lms/core`: the unit of work commits, opened by a view, a job or a command."""
    return [
        f"{tree.place(module, call.lineno)}: only the unit of work commits"
        for module in _modules(tree, lambda m: m.room != "core")
        for call in _calls(module)
        if isinstance(call.func, ast.Attribute) and call.func.attr == "commit"
    ]


def files_are_named_after_nouns(tree: SourceTree) -> list[str]:
    """No util, helpers or common: a name that fits everything tells nobody where to look."""
    return [
        f"{module.path.relative_to(tree.root)}: name the file after what it holds"
        for module in tree.modules.values()
        if NAMELESS_FILES & set(module.name.split("."))
    ]


def modules_fit_in_the_head(tree: SourceTree) -> list[str]:
    """A module that has outgrown a reader's head becomes a folder of nouns."""
    lengths = {
        module: module.path.read_text(encoding="utf-8").count("\n") for module in tree.modules.values()
    }
    return [
        f"{module.path.relative_to(tree.root)}: {length} lines, more than {LONGEST_MODULE_LINES}; split it by noun"
        for module, length in lengths.items()
        if length > LONGEST_MODULE_LINES
    ]


def pages_ask_nobody_outside(tree: SourceTree) -> list[str]:
    """No page, style sheet or script names an outside address; w3.org's are names, not addresses."""
    outside = re.compile(
        r"https?://(?!www\.w3\.org/)|(?:src|href|action)\s*=\s*[\"']//|url\(\s*[\"']?//", re.IGNORECASE
    )
    return [
        f"{place}: {found!r} leads outside; serve it from here" for place, found in _matches(tree, outside)
    ]


def pages_hold_nothing_inline(tree: SourceTree) -> list[str]:
    """No inline style, handler or script: the content policy refuses them. A block of JSON is data."""
    inline = re.compile(
        r"\sstyle\s*=\s*[\"']|<style\b|\son[a-z]+\s*=\s*[\"']|javascript:"
        r"|<script\b(?![^>]*\bsrc\s*=)(?![^>]*\btype\s*=\s*[\"']application/json[\"'])[^>]*>",
        re.IGNORECASE,
    )
    return [
        f"{place}: {found!r} is inline; the site's content policy refuses it"
        for place, found in _matches(tree, inline)
        if place.startswith("templates/") and not place.startswith("templates/certificates/certificate")
    ]


LAWS: tuple[Law, ...] = (
    rooms_keep_their_floor_plan,
    many_of_a_kind_are_a_folder,
    deciding_is_pure,
    services_know_no_web,
    question_bank_stands_alone,
    tables_belong_to_their_room,
    queries_only_read,
    imports_stand_at_the_top,
    one_clock,
    only_the_edge_commits,
    files_are_named_after_nouns,
    modules_fit_in_the_head,
    pages_ask_nobody_outside,
    pages_hold_nothing_inline,
)


def _modules(tree: SourceTree, is_meant: Callable[[Module], bool]) -> Iterator[Module]:
    return (module for module in tree.modules.values() if is_meant(module))


def _has_plan(module: Module) -> bool:
    return module.room is not None and module.room not in WITHOUT_FLOOR_PLAN


def _kind(name: str) -> str:
    return name.split(".")[2].rpartition("_")[2]


def _reaching(tree: SourceTree, is_meant: Callable[[Module], bool], forbidden: set[str]) -> list[str]:
    def is_forbidden(name: str) -> bool:
        # flask_login and its like bring Flask with them.
        return name not in tree.modules and re.split(r"[._]", name)[0] in forbidden

    chains = (tree.chain(module, is_forbidden, lambda _name: True) for module in _modules(tree, is_meant))
    return [
        f"{' -> '.join(chain)}: {chain[0]} may not reach {chain[-1].split('.')[0]}"
        for chain in chains
        if chain
    ]


def _calls(module: Module) -> Iterator[ast.Call]:
    return (node for node in ast.walk(module.tree) if isinstance(node, ast.Call))


def _last_name(node: ast.expr) -> str:
    """`datetime` for both `datetime` and `datetime.datetime`."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _is_session(function: ast.Attribute) -> bool:
    return _last_name(function.value) in {"session", "uow"}


def _matches(tree: SourceTree, pattern: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    for path, text in tree.pages():
        for found in pattern.finditer(text):
            line = text.count("\n", 0, found.start()) + 1
            end = text.find("\n", found.start())
            yield f"{path.as_posix()}:{line}", text[found.start() : end if end >= 0 else None].strip()[:60]
