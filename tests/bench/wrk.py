"""Calling wrk and reading what its scripts say."""

import json
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CONNECTIONS = 16
_RESULT = re.compile(r"^RESULT (.*)$", re.MULTILINE)
_ACKED = re.compile(r"^ACKED (.*)$", re.MULTILINE)
_BAD = re.compile(r"^BAD (.*)$", re.MULTILINE)
Seat = Mapping[str, Any]


@dataclass(frozen=True)
class Load:
    """What one run of wrk saw. `acked` counts the 200s of each seat, in the order of the seats."""

    seconds: float
    good: int
    bad: int
    broken: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float
    acked: tuple[int, ...]
    complaint: str

    @property
    def rate(self) -> float:
        """Good replies per second."""
        return self.good / self.seconds


def drive(
    url: str, script: str, seats: Sequence[Seat], seconds: float, folder: Path, connections: int = CONNECTIONS
) -> Load:
    """Let keep-alive connections ask as fast as they are answered; each has its own share of the seats."""
    shares = [list(seats[n::connections]) for n in range(connections)]
    if not all(shares):
        raise ValueError(f"{len(seats)} seats are too few for {connections} connections")
    data = folder / "seats"
    data.mkdir(exist_ok=True)
    # A file for each: wrk reads them one thread after the other, and the first asks while the last still reads.
    for n, share in enumerate(shares, start=1):
        (data / f"{n}.lua").write_text(f"return {_lua(share)}\n", encoding="utf-8")
    command = [
        "wrk", f"-t{connections}", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "15s",
        "-s", str(Path(__file__).with_name(f"{script}.lua")), url, "--", str(data),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60, check=False)
    found = _RESULT.search(done.stdout)
    if done.returncode or found is None:
        raise RuntimeError(f"wrk failed: {done.stdout[-500:]} {done.stderr[-500:]}")
    said = {key: float(value) for key, value in (pair.split("=") for pair in found[1].split())}
    by_share = [[int(count) for count in line.split()] for line in _ACKED.findall(done.stdout)]
    complaint = _BAD.search(done.stdout)
    return Load(
        seconds=said["seconds"], good=int(said["good"]), bad=int(said["bad"]), broken=int(said["broken"]),
        p50_ms=said["p50_us"] / 1000, p95_ms=said["p95_us"] / 1000, p99_ms=said["p99_us"] / 1000,
        max_ms=said["max_us"] / 1000,
        acked=tuple(by_share[n % connections][n // connections] for n in range(len(seats))),
        complaint=complaint[1] if complaint else "",
    )  # fmt: skip


def _lua(value: Any) -> str:
    """Write plain data as a Lua table."""
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{key}={_lua(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "{" + ",".join(_lua(one) for one in value) + "}"
    # JSON's strings and whole numbers are Lua's as well, as long as they are plain ASCII without escapes of \u.
    return json.dumps(value)
