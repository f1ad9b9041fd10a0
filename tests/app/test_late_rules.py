"""A late rule builds what Werkzeug's own builds, and compiles each builder once."""

from typing import Any

import pytest
from werkzeug.routing import BuildError, Map, Rule

from lms.app.late_rules import LateRule

RULES = (
    ("/", "root", {}),
    ("/exam/<plan_id>", "exam", {}),
    ("/exam/<plan_id>/questions/<int:number>", "question", {}),
    ("/exam/<plan_id>/questions/", "question", {"number": 1}),
    ("/files/<path:name>", "file", {}),
)
ASKED = (
    ("root", {}),
    ("root", {"page": "2", "show": ["a", "b"]}),
    ("exam", {"plan_id": "a b/ü"}),
    ("exam", {"plan_id": "x", "rule": "a value of that name", "self": "another"}),
    ("question", {"plan_id": "x", "number": 7}),
    ("question", {"plan_id": "x", "number": 1}),
    ("file", {"name": "a/b c.pdf"}),
)


def addresses(kind: type[Rule], *, unknown: bool) -> list[str]:
    house = Map([kind(path, endpoint=name, defaults=given or None) for path, name, given in RULES])
    adapter = house.bind("example.test")
    # Twice: a builder is another one from the second time on.
    return [
        adapter.build(name, dict(values), append_unknown=unknown) for _ in range(2) for name, values in ASKED
    ]


@pytest.mark.parametrize("unknown", [True, False])
def test_a_late_rule_builds_the_same_addresses(*, unknown: bool) -> None:
    assert addresses(LateRule, unknown=unknown) == addresses(Rule, unknown=unknown)


def test_what_is_missing_is_missed_alike() -> None:
    for kind in (LateRule, Rule):
        adapter = Map([kind("/exam/<plan_id>", endpoint="exam")]).bind("example.test")
        with pytest.raises(BuildError):
            adapter.build("exam", {})


def test_a_builder_is_compiled_when_it_is_asked_for_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    plainly = Rule._compile_builder

    def count(rule: Rule, append_unknown: bool = True) -> Any:
        compiled.append(rule.rule)
        return plainly(rule, append_unknown)

    monkeypatch.setattr(Rule, "_compile_builder", count)
    adapter = Map([LateRule(path, endpoint=name) for path, name, _given in RULES]).bind("example.test")
    assert compiled == []
    for _ in range(3):
        adapter.build("exam", {"plan_id": "x"})
    assert compiled == ["/exam/<plan_id>"]
