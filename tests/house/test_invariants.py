"""An invariant is known by its id, so that no room hides another's."""

from collections import Counter

from lms.app.invariants import ALL_INVARIANTS


def test_no_two_invariants_share_an_id() -> None:
    counted = Counter(invariant.id for invariant in ALL_INVARIANTS)
    assert [invariant_id for invariant_id, times in counted.items() if times > 1] == []
