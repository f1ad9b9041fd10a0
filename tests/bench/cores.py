"""Who works on which core: servers on one, wrk and PostgreSQL on the other."""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Cores:
    """Which core serves and which core asks; the same one, or None, when the machine has only one."""

    serving: int | None
    asking: int | None

    @classmethod
    def take(cls) -> "Cores":
        """Pin this process, and so all it starts, to the second core; servers are pinned to the first."""
        usable = sorted(os.sched_getaffinity(0))
        if len(usable) < 2:
            return cls(None, None)
        os.sched_setaffinity(0, {usable[1]})
        return cls(usable[0], usable[1])

    @property
    def words(self) -> str:
        """One line for the table."""
        if self.serving is None:
            return "one core for server and clients: figures are low, ratios are rough"
        return f"servers on core {self.serving}, wrk and database server on core {self.asking}"
