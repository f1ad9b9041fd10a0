"""Printing a certificate: the site's renderer, warm, beside WeasyPrint as its manual shows it.

Both print the same page with the same photo, QR code and ground, each in a process of its own on core 0, in turns.
The baseline takes a Chinese font of the machine (which one is printed), makes its font configuration anew for each
document and draws the ground and the QR code as images. Every sheet has another holder and number. `value` and
`baseline` are milliseconds for one certificate (the median of the rounds' medians), so `ratio` is better when it is
smaller; `seal_p50_ms` is what the seal takes after that, and `bytes` what the sealed file has. `rss_mb` is the most
memory the site's press ever held; with `--runs N` it goes on alone until it has printed and sealed N sheets, and
`rss_early_mb` is what it had held after a tenth of them. No database takes part.
"""

import io
import tempfile
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import pypdf
from PIL import Image, ImageFilter

from tests.bench.cores import Cores
from tests.bench.partner import Partner
from tests.bench.rounds import ROUNDS
from tests.support.people import portrait

SHEETS = 5
LONG_TURN = 250
"""How many sheets are printed before the memory is told."""
WARM_SHEETS = 2


def photo() -> bytes:
    """Return a portrait with soft shades and grain: a flat drawing would be smaller than a camera's picture."""
    with Image.open(io.BytesIO(portrait(826, 1157))) as drawn:
        grain = Image.effect_noise(drawn.size, 28).filter(ImageFilter.GaussianBlur(1)).convert("RGB")
        mixed = Image.blend(drawn.filter(ImageFilter.GaussianBlur(6)), grain, 0.18)
    out = io.BytesIO()
    mixed.save(out, "JPEG", quality=90)
    return out.getvalue()


class Press:
    """One of the two processes."""

    def __init__(self, kind: str, picture: Path, core: int | None) -> None:
        self._file = picture.with_name(f"{kind}.pdf")
        self._partner = Partner("tests.bench.press", kind, str(picture), str(self._file), core=core)
        self.print(WARM_SHEETS)

    def print(self, count: int) -> dict[str, Any]:
        """Print some sheets and return what the process tells."""
        return self._partner.turn(count)

    def fonts(self) -> str:
        """Name the fonts of the last sheet."""
        found = pypdf.PdfReader(self._file).pages[0]["/Resources"]["/Font"]
        names = {str(font.get_object()["/BaseFont"]).lstrip("/").split("+")[-1] for font in found.values()}
        return ", ".join(sorted(names))

    def close(self) -> None:
        """Let the process end."""
        self._partner.close()


def measure(sheets: int) -> dict[str, Any]:
    """Run the bench, print its table, and return what the JSON line says; ours prints so many sheets at least."""
    cores = Cores.take()
    print(f"certificate: {SHEETS} sheets a turn; {cores.words}")
    with tempfile.TemporaryDirectory(prefix="lms-rig-") as folder:
        picture = Path(folder) / "photo.jpg"
        picture.write_bytes(photo())
        return _take_turns(
            Press("ours", picture, cores.serving), Press("stock", picture, cores.serving), sheets
        )


def _go_on(site: Press, done: int, sheets: int) -> tuple[dict[str, Any], float]:
    """Let ours print alone until so many are done; return what it told last, and its memory after a tenth."""
    early = 0.0
    told: dict[str, Any] = {}
    while done < sheets:
        told = site.print(min(LONG_TURN, sheets - done))
        done += len(told["ms"])
        if done * 10 >= sheets and not early:
            early = told["rss_mb"]
        print(f"  {done:6} sheets, {told['rss_mb']} MB at most", flush=True)
    return told, early


def _take_turns(site: Press, plain: Press, sheets: int) -> dict[str, Any]:
    print("  round  ours ms  stock ms   ratio")
    pairs, every, sealing, told = [], [], [], {}
    for number in range(1, ROUNDS + 1):
        for one in (plain, site) if number % 2 else (site, plain):
            told[one] = one.print(SHEETS)
        every += told[site]["ms"]
        sealing += told[site]["seal_ms"]
        value, base = median(told[site]["ms"]), median(told[plain]["ms"])
        pairs.append((value, base))
        print(f"  {number:5} {value:8.1f} {base:9.1f} {value / base:7.3f}", flush=True)
    last, early = _go_on(site, ROUNDS * SHEETS, sheets)
    told[site] |= last
    for name, one in (("ours", site), ("stock", plain)):
        facts = told[one]
        print(f"  {name}: {facts['bytes']:,} bytes, {facts['rss_mb']} MB at most, fonts {one.fonts()}")
        one.close()
    return {
        "bench": "certificate",
        "database": "none",
        "value": round(median(value for value, _ in pairs), 1),
        "baseline": round(median(base for _, base in pairs), 1),
        "ratio": round(median(value / base for value, base in pairs), 3),
        "p50_ms": round(median(every), 1),
        "p99_ms": round(quantiles(every, n=100, method="inclusive")[98], 1),
        "bytes": told[site]["bytes"],
        "seal_p50_ms": round(median(sealing), 1),
        "rss_mb": told[site]["rss_mb"],
        **({"rss_early_mb": early} if early else {}),
        "errors": 0,
    }
