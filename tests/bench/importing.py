"""Taking a bank in: reading and judging a workbook beside handing out its cells, storing it beside a bare insert.

`value` and `baseline` are milliseconds for 10,000 rows of 12 columns (the medians of the rounds); both ratios are
better when smaller. Readers are processes of their own on core 0 and take turns. The store of the site works in this
process on a fresh database of its own for each round, by the function that the worker calls: from the judged rows to
the moment when all are on disk and everybody sees them. What the worker does afterwards (`tidy_ms`) is told beside it.
The bare insert writes rows that were made before into the same tables with one `executemany` for each table, in one
transaction, on a fresh database too. The curve reads 1,000 to 100,000 rows in fresh processes; `rss_mb` is the most
that the last one held.
"""

import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench.cores import Cores, machine_words
from tests.bench.partner import Partner
from tests.bench.storing import rounds_of_storing
from tests.factories.workbook import workbook

ROWS = 10_000
CURVE = (1_000, 3_000, 10_000, 30_000, 100_000)
KINDS = ("ours", "cells")


def measure(database: str, rounds: int) -> dict[str, Any]:
    """Run the bench, print its tables, and return what the JSON line says."""
    cores = Cores.take()
    print(f"import on {database}: {ROWS:,} rows of 12 columns; {cores.words}")
    with tempfile.TemporaryDirectory(prefix="lms-rig-") as named:
        folder = Path(named)
        print(f"  {machine_words(folder)}")
        read = _read(folder, rounds, cores.serving)
        curve, rss_mb, wrong = _curve(folder, cores.serving)
    stored = rounds_of_storing(database, workbook(ROWS), rounds)
    value, base = (median(pair[index] for pair in read) for index in (0, 1))
    return {
        "bench": "import",
        "database": database,
        "value": round(value, 1),
        "baseline": round(base, 1),
        "ratio": round(median(ours / cells for ours, cells in read), 3),
        "store_ms": round(median(one.site_ms for one in stored), 1),
        "bare_ms": round(median(one.bare_ms for one in stored), 1),
        "tidy_ms": round(median(one.tidy_ms for one in stored), 1),
        "store_ratio": round(median(one.ratio for one in stored), 3),
        "curve_us_per_row": curve,
        "rss_mb": rss_mb,
        "errors": wrong + sum(one.missing for one in stored),
    }


def _read(folder: Path, rounds: int, core: int | None) -> list[tuple[float, float]]:
    file = _file(folder, ROWS)
    readers = {kind: Partner("tests.bench.reader", kind, str(file), core=core) for kind in KINDS}
    for reader in readers.values():
        reader.turn()
    print("  round  read and judged ms  cells alone ms   ratio")
    pairs = []
    for number in range(1, rounds + 1):
        told = {kind: readers[kind].turn()["ms"] for kind in (KINDS if number % 2 else reversed(KINDS))}
        pairs.append((told["ours"], told["cells"]))
        print(
            f"  {number:5} {told['ours']:19.1f} {told['cells']:15.1f} {told['ours'] / told['cells']:7.3f}",
            flush=True,
        )
    for reader in readers.values():
        reader.close()
    return pairs


def _curve(folder: Path, core: int | None) -> tuple[dict[str, float], int, int]:
    print("     rows  read and judged ms  us a row  most MB")
    curve, most, wrong = {}, 0, 0
    for rows in CURVE:
        reader = Partner("tests.bench.reader", "ours", str(_file(folder, rows)), core=core)
        told = reader.turn()
        reader.close()
        each = told["ms"] * 1000 / rows
        curve[str(rows)], most = round(each, 1), told["rss_mb"]
        wrong += rows - told["rows"]
        print(f"  {rows:7,} {told['ms']:19.1f} {each:9.1f} {most:8}", flush=True)
    return curve, most, wrong


def _file(folder: Path, rows: int) -> Path:
    file = folder / f"{rows}.xlsx"
    if not file.exists():
        file.write_bytes(workbook(rows))
    return file
