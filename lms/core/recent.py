"""What this process saw last, by key: bounded, and never the truth.

Whoever uses it writes under a condition that says what was seen still holds, and asks the database when it does not.
"""

import threading
from typing import Any

MOST = 8192


class Recent:
    """The youngest values of a process. Values are never changed after they were put in."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._seen: dict[str, Any] = {}
        self._lock = threading.Lock()

    def get(self, key: str) -> Any:
        """Return what was seen last under a key, or None."""
        return self._seen.get(key)

    def put(self, key: str, value: Any) -> None:
        """Remember a value; the one that was put in longest ago goes when there are too many."""
        with self._lock:
            self._seen.pop(key, None)
            self._seen[key] = value
            if len(self._seen) > self._most:
                del self._seen[next(iter(self._seen))]

    def drop(self, key: str) -> None:
        """Forget what was seen under a key."""
        with self._lock:
            self._seen.pop(key, None)

    def __len__(self) -> int:
        """How many keys are remembered."""
        return len(self._seen)
