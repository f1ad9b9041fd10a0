"""Printing a certificate: the site's renderer, warm, beside WeasyPrint as its manual shows it.

Both print the same page with the same photo, QR code and ground, each in a process of its own on core 0, in turns.
The baseline takes a Chinese font of the machine (which one is printed), makes its font configuration anew for each
document and draws the ground as an image. Every sheet has another holder and number. `value` and `baseline` are
milliseconds for one certificate (the median of the rounds' medians), so `ratio` is better when it is smaller.
No database takes part. Run with an argument, this module is one of the two processes.
"""

import io
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from statistics import median, quantiles
from typing import Any

import pypdf
from jinja2 import Environment, FileSystemLoader
from PIL import Image, ImageFilter
from weasyprint import CSS, HTML

from lms.certificates.pdf import TEMPLATES, renderer
from lms.certificates.pictures import STATIC, as_address, ground_svg, qr_svg
from lms.certificates.pictures import portrait as printed_portrait
from lms.certificates.policy import Sheet, code_parts, grades_text, occupation_text, validity_text
from lms.core.settings import ROOT, Settings
from lms.plans.policy import ExaminerLevel
from tests.bench.rig import Cores
from tests.support.people import portrait

SHEETS = 5
WARM_SHEETS = 2
FAMILIES = "'Noto Serif CJK SC', 'Noto Serif SC', serif"
NAMES = "林陈沈顾陆方许何吕施"


def sheet(number: int) -> Sheet:
    """Return the sheet of an invented holder; no two have the same name, number or code."""
    code = f"abcdefghjkmn{number:04d}"
    return Sheet(
        over="江岚省技能人才评价", title="考评员证书", number=f"26340100052{number:04d}",
        number_parts=f"26 34010005 2 {number:04d}",
        name=NAMES[number % 10] + NAMES[number // 10 % 10] + NAMES[number // 100 % 10], sex="女",
        id_number_masked="3401**********0021", occupation=occupation_text("电工", "6-31-01-03", "2022"),
        level="考评员", grades=grades_text(ExaminerLevel.EXAMINER),
        validity=validity_text(date(2026, 12, 8), date(2029, 12, 7)), issuer="江岚省职业技能评价指导中心",
        issued_on="2026年12月8日", verification_url=f"https://exam.example.org/verify/{code}",
        verification_code_parts=code_parts(code),
    )  # fmt: skip


def photo() -> bytes:
    """Return a portrait with soft shades and grain: a flat drawing would be smaller than a camera's picture."""
    with Image.open(io.BytesIO(portrait(826, 1157))) as drawn:
        grain = Image.effect_noise(drawn.size, 28).filter(ImageFilter.GaussianBlur(1)).convert("RGB")
        mixed = Image.blend(drawn.filter(ImageFilter.GaussianBlur(6)), grain, 0.18)
    out = io.BytesIO()
    mixed.save(out, "JPEG", quality=90)
    return out.getvalue()


def ours() -> Callable[[Sheet, bytes], bytes]:
    """Return the site's renderer."""
    return renderer(Settings().font_dir).render


def stock() -> Callable[[Sheet, bytes], bytes]:
    """Return WeasyPrint without anything of ours but the page and its style sheet."""
    pages = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
    page = pages.get_template("certificates/certificate.html")
    style = (STATIC / "certificate.css").read_text(encoding="utf-8").replace('"Certificate"', FAMILIES)
    ground = f"@page {{ background: url({as_address('image/svg+xml', ground_svg())}) 0 0 / 297mm 210mm no-repeat; }}"

    def render(one: Sheet, picture: bytes) -> bytes:
        source = page.render(
            sheet=one, qr=as_address("image/svg+xml", qr_svg(one.verification_url)),
            photo=as_address("image/jpeg", printed_portrait(picture)),
        )  # fmt: skip
        return bytes(HTML(string=source).write_pdf(stylesheets=[CSS(string=style + ground)]))

    return render


def press(kind: str) -> None:
    """Print as many sheets as each line of the input says, and tell in JSON how that went."""
    render, picture = (ours if kind == "ours" else stock)(), photo()
    number = 0
    for line in sys.stdin:
        taken, file = [], b""
        for _ in range(int(line)):
            number += 1
            began = time.perf_counter()
            file = render(sheet(number), picture)
            taken.append((time.perf_counter() - began) * 1000)
        rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        fonts = sorted({_bare(name) for name in _fonts(file)})
        print(json.dumps({"ms": taken, "bytes": len(file), "rss_mb": round(rss), "fonts": fonts}), flush=True)


def _fonts(file: bytes) -> list[str]:
    found = pypdf.PdfReader(io.BytesIO(file)).pages[0]["/Resources"]["/Font"]
    return [str(font.get_object()["/BaseFont"]) for font in found.values()]


def _bare(name: str) -> str:
    return name.lstrip("/").split("+")[-1]


class Press:
    """One of the two processes."""

    def __init__(self, kind: str, core: int | None) -> None:
        pinned = [] if core is None else ["taskset", "--cpu-list", str(core)]
        self._process = subprocess.Popen(
            [*pinned, sys.executable, "-m", "tests.bench.certificate", kind], cwd=ROOT, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.print(WARM_SHEETS)

    def print(self, count: int) -> dict[str, Any]:
        """Print some sheets and return what the process tells."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{count}\n")
        self._process.stdin.flush()
        told: dict[str, Any] = json.loads(self._process.stdout.readline())
        return told

    def close(self) -> None:
        """Let the process end."""
        self._process.communicate()


def measure(rounds: int) -> dict[str, Any]:
    """Run the bench, print its table, and return what the JSON line says."""
    cores = Cores.take()
    print(f"certificate: {SHEETS} sheets a turn; {cores.words}")
    site, plain = Press("ours", cores.serving), Press("stock", cores.serving)
    print("  round  ours ms  stock ms   ratio")
    pairs, every, told = [], [], {}
    for number in range(1, rounds + 1):
        for one in (plain, site) if number % 2 else (site, plain):
            told[one] = one.print(SHEETS)
        every += told[site]["ms"]
        pairs.append((median(told[site]["ms"]), median(told[plain]["ms"])))
        print(
            f"  {number:5} {pairs[-1][0]:8.1f} {pairs[-1][1]:9.1f} {pairs[-1][0] / pairs[-1][1]:7.3f}",
            flush=True,
        )
    for name, one in (("ours", site), ("stock", plain)):
        facts = told[one]
        print(f"  {name}: {facts['bytes']:,} bytes, {facts['rss_mb']} MB, fonts {', '.join(facts['fonts'])}")
        one.close()
    return {
        "bench": "certificate",
        "database": "none",
        "value": round(median(pair[0] for pair in pairs), 1),
        "baseline": round(median(pair[1] for pair in pairs), 1),
        "ratio": round(median(pair[0] / pair[1] for pair in pairs), 3),
        "p50_ms": round(median(every), 1),
        "p99_ms": round(quantiles(every, n=100, method="inclusive")[98], 1),
        "bytes": told[site]["bytes"],
        "rss_mb": told[site]["rss_mb"],
        "errors": 0,
    }


if __name__ == "__main__":
    press(sys.argv[1])
