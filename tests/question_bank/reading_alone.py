"""Reads one file in a process of its own and says how long it took, how much memory, and whom it called.

`python -m tests.question_bank.reading_alone FILE` prints one JSON line.
"""

import json
import sys
import time
from pathlib import Path

from question_bank.importing import read_questions
from tests.support.memory import peak_mb

CALLS = ("socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.system", "urllib.Request")


def main(path: str) -> None:
    """Read the file under watch."""
    data = Path(path).read_bytes()
    seen: list[str] = []

    def watch(event: str, details: tuple[object, ...]) -> None:
        if event in CALLS or (event == "open" and details[1] and set(str(details[1])) & set("wax+")):
            seen.append(f"{event} {details[0]}")

    sys.addaudithook(watch)
    start = time.perf_counter()
    report = read_questions(data, Path(path).name, default_area="policy")
    seconds = time.perf_counter() - start
    print(
        json.dumps(
            {
                "seconds": seconds,
                "mb": peak_mb(),
                "codes": sorted({fault.code for fault in report.faults}),
                "stems": [located.item.stem for located in report.items],
                "calls": list(seen),
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1])
