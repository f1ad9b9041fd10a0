"""The short form of `script/drill issue`."""

import pytest

from tests.drills.issue import failed, issue
from tests.support.thoroughness import on

pytestmark = [pytest.mark.xdist_group("drills"), pytest.mark.slow, pytest.mark.timeout(300)]
PASSES = 6


@pytest.mark.parametrize("database", on("postgresql"))
def test_everybody_who_passed_is_certified_once_whatever_dies_meanwhile(database: str) -> None:
    said: list[str] = []
    result = issue(database, PASSES, kills=2, flushes=1, tell=said.append)
    assert not failed(result), "\n".join([*said, str(result)])
    assert result["kills"] == 2


def test_a_missing_certificate_and_a_gap_are_broken_promises() -> None:
    sound = {
        "passes": 3, "certificates": 3, "missing": 0, "duplicates": 0, "gaps": 0, "unregistered": 0, "dead_letters": 0,
        "late_s": 0, "violations": 0,
    }  # fmt: skip
    assert not failed(sound)
    assert failed(sound | {"gaps": 1})
    assert failed(sound | {"certificates": 2})
