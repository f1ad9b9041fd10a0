"""What this process saw last, by key: bounded, and never the truth.

Whoever uses it writes under a condition that says what was seen still holds, and asks the database when it does not.
"""

import threading
import time
from collections import OrderedDict
from typing import Any

MOST = 131_072
"""As many as one process can serve: some six thousand beats a second, each player's one in twenty seconds."""
KEPT_SECONDS = 1800.0
"""What was not seen again for so long is let go: memory follows those who are there, not those who ever were."""


class Recent:
    """The youngest values of a process. Values are never changed after they were put in."""

    def __init__(self, most: int = MOST, kept_seconds: float = KEPT_SECONDS) -> None:
        self._most = most
        self._kept_seconds = kept_seconds
        # The oldest first. A plain dict keeps the places of what was taken out of it, and would walk over tens of
        # thousands of them to its first key.
        self._seen: OrderedDict[str, tuple[float, Any]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> Any:
        """Return what was seen last under a key, or None."""
        found = self._seen.get(key)
        return None if found is None else found[1]

    def put(self, key: str, value: Any) -> None:
        """Remember a value; of those put in longest ago, let go one that is too many and two that are too old."""
        now = time.monotonic()
        with self._lock:
            seen = self._seen
            seen[key] = (now, value)
            seen.move_to_end(key)
            for _ in range(2):
                oldest = next(iter(seen))
                if len(seen) <= self._most and seen[oldest][0] + self._kept_seconds >= now:
                    break
                del seen[oldest]

    def drop(self, key: str) -> None:
        """Forget what was seen under a key."""
        with self._lock:
            self._seen.pop(key, None)

    def __len__(self) -> int:
        """How many keys are remembered."""
        return len(self._seen)
