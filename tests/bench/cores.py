"""The machine: who works on which core, and how busy and how quick it is."""

import os
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

SYNCS = 100
PAGE = 4096
BUSY_LOAD = 0.5
"""Above this load average before a bench begins, somebody else is at work."""


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

    @classmethod
    def for_processes(cls, processes: int) -> "Cores":
        """Pin as `take` does for one web process; let several, the clients and the database share all cores."""
        return cls.take() if processes == 1 else cls(None, None)

    @property
    def words(self) -> str:
        """One line for the table."""
        if self.serving is None and len(os.sched_getaffinity(0)) > 1:
            return "servers, wrk and database server share all cores"
        if self.serving is None:
            return "one core for server and clients: figures are low, ratios are rough"
        return f"servers on core {self.serving}, wrk and database server on core {self.asking}"


def machine_words(folder: Path) -> str:
    """Say how busy the machine is before a bench begins, and how long the disk takes to keep one page."""
    load = os.getloadavg()[0]
    taken = []
    with (folder / "sync-probe").open("wb") as probe:
        probe.write(bytes(SYNCS * PAGE))
        os.fsync(probe.fileno())
        for number in range(SYNCS):
            os.pwrite(probe.fileno(), os.urandom(PAGE), number * PAGE)
            began = time.perf_counter()
            os.fdatasync(probe.fileno())
            taken.append(time.perf_counter() - began)
    warning = (
        "; somebody else is at work here, so figures are low and ratios are rough" if load > BUSY_LOAD else ""
    )
    return f"load average {load:.1f}, fdatasync {median(taken) * 1e6:.0f} us{warning}"
