"""One of the two presses of the certificate bench: a process that prints sheets and tells how long each took.

Ours seals each sheet afterwards, as its job does, and tells how long that took beside it.

`python -m tests.bench.press ours|stock PHOTO FILE`. Each line of the input says how many sheets to print; the last
one is left in FILE. It imports no more than a worker that prints would, so that its memory means something.
"""

import json
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from weasyprint import CSS, HTML

from lms.certificates.pdf import TEMPLATES, renderer
from lms.certificates.pictures import STATIC, as_address, ground_svg, portrait, qr_svg
from lms.certificates.policy.certificates import (
    Sheet,
    code_parts,
    grades_text,
    occupation_text,
    validity_text,
)
from lms.certificates.seal import seal
from lms.core.settings import Settings
from lms.plans.policy import ExaminerLevel
from tests.support.memory import peak_mb
from tests.support.seals import MADE_AT, seal_dir

PLACE = "江岚省职业技能评价指导中心"
LEADS_TO = "https://exam.example.org/verify/abcdefghjkmn0000"
FAMILIES = "'Noto Serif CJK SC', 'Noto Serif SC', serif"
NAMES = "林陈沈顾陆方许何吕施"
CODE_BOX = '<div class="code"></div>'
"""Where the page leaves room for the QR code."""
Print = Callable[[Sheet, bytes], bytes]


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


def ours() -> Print:
    """Return the site's renderer."""
    return renderer(Settings().font_dir).render


def stock() -> Print:
    """Return WeasyPrint without anything of ours but the page, its pictures and its style sheet."""
    pages = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
    page = pages.get_template("certificates/certificate.html")
    style = (STATIC / "certificate.css").read_text(encoding="utf-8").replace('"Certificate"', FAMILIES)
    ground = as_address("image/svg+xml", ground_svg())
    style += f"@page {{ background: url({ground}) 0 0 / 297mm 210mm no-repeat; }}"

    def render(one: Sheet, photo: bytes) -> bytes:
        source = page.render(sheet=one, photo=as_address("image/jpeg", portrait(photo)))
        code = as_address("image/svg+xml", qr_svg(one.verification_url))
        source = source.replace(CODE_BOX, f'<img class="code" src="{code}">')
        return bytes(HTML(string=source).write_pdf(stylesheets=[CSS(string=style)]))

    return render


def main() -> None:
    """Print as many sheets as each line of the input says, and tell in JSON how that went."""
    kind, photo, target = sys.argv[1], Path(sys.argv[2]).read_bytes(), Path(sys.argv[3])
    render = ours() if kind == "ours" else stock()
    keys = Settings(seal_dir=seal_dir()) if kind == "ours" else None
    number = 0
    for line in sys.stdin:
        taken, sealing, file = [], [], b""
        for _ in range(int(line)):
            number += 1
            began = time.perf_counter()
            file = render(sheet(number), photo)
            printed = time.perf_counter()
            taken.append((printed - began) * 1000)
            if keys is not None:
                file = seal(keys, file, numbered_at=MADE_AT, now=MADE_AT, place=PLACE, leads_to=LEADS_TO).data
                sealing.append((time.perf_counter() - printed) * 1000)
        target.write_bytes(file)
        print(
            json.dumps({"ms": taken, "seal_ms": sealing, "bytes": len(file), "rss_mb": peak_mb()}), flush=True
        )


if __name__ == "__main__":
    main()
