"""Addresses whose way back is compiled when it is first asked for.

Werkzeug writes and compiles two functions for every rule that an application knows, which build an address from its
values. For two hundred and fifty rules that is most of the time an application takes to start, and a process asks for
a few dozen of them: a command of the operator for none.
"""

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule


class LateRule(Rule):
    """A rule as Werkzeug makes it, but for the moment in which its builders are compiled."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compile_now = super()._compile_builder

        def build(rule: "LateRule", /, **values: Any) -> tuple[str, str]:
            built: Callable[..., tuple[str, str]] = compile_now(append_unknown).__get__(rule, None)
            # Two threads may both compile it: they get the same.
            setattr(rule, "_build_unknown" if append_unknown else "_build", built)
            return built(**values)

        return build
