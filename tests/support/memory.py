"""The most memory this process ever held."""

import re
from pathlib import Path


def peak_mb() -> int:
    """Return the peak of resident memory in MB. Not ru_maxrss: that remembers the process which started this one."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    return int(found[1]) // 1024 if found else 0
