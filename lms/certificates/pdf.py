"""The renderer: a sheet of plain values becomes one A4 page of PDF.

One renderer lives per process: the fonts are read and the style sheet is parsed once, which makes a
certificate three times as fast as a fresh start each time. Nothing is fetched: fonts, photo and pictures are
handed over as data, ground and QR code are drawn as page operators, and the fetcher refuses every other
address (fault F5).
"""

import atexit
import hashlib
import threading
import zlib
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import pydyf
from jinja2 import Environment, FileSystemLoader
from PIL import ImageFile
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

from lms.certificates.errors import Unprintable
from lms.certificates.fonts import cut_for, font_files
from lms.certificates.pictures import STATIC, as_address, ground_svg, portrait, qr_operators
from lms.certificates.policy.certificates import Sheet, missing_glyphs, sheet_reasons
from lms.core.glyphs import MissingFont, supplements, uncovered, unprintable
from lms.core.settings import ROOT

# The PDF library tells Pillow to show half a picture as if it were whole; uploads must not pass that way.
ImageFile.LOAD_TRUNCATED_IMAGES = False

TEMPLATES = ROOT / "templates"
FAMILY = "Certificate"
MILLIMETRE = 72 / 25.4
CODE_BOX = (38.2 * MILLIMETRE, 26.2 * MILLIMETRE, 24.6 * MILLIMETRE)
"""Where the QR code stands, in points from the lower left corner: inside the border of .code in certificate.css."""
RARE_KEPT = 16
"""Style sheets with glyphs cut out for one name that a renderer keeps: a name is seldom printed twice, and a worker
lives for weeks."""


class Renderer:
    """Prints sheets with the fonts of one folder. Safe to share between threads: one prints at a time."""

    def __init__(self, font_dir: Path) -> None:
        self._folder = font_dir
        self._files = font_files(font_dir)
        for files in self._files:
            if not files.cut.is_file():
                raise MissingFont(f"{files.cut} is missing; run python -m lms.certificates.fonts")
        self._lock = threading.Lock()
        pages = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
        self._page = pages.get_template("certificates/certificate.html")
        self._fetcher = URLFetcher(allowed_protocols=("data",))
        self._configuration = FontConfiguration()
        faces = [_face(FAMILY, files.weight, files.cut.resolve().as_uri()) for files in self._files]
        style = (STATIC / "certificate.css").read_text(encoding="utf-8")
        # The style sheet is our own and may read the two font files; a document may read nothing.
        self._style = CSS(
            string="".join(faces) + style, font_config=self._configuration,
            url_fetcher=URLFetcher(allowed_protocols=("file",)),
        )  # fmt: skip
        self._ground = Ground.draw(ground_svg(), self._configuration)
        self._rare: dict[str, CSS] = {}

    def render(
        self, sheet: Sheet, photo: bytes | None, *, logo: bytes | None = None, stamp: bytes | None = None
    ) -> bytes:
        """Return the PDF of a sheet; the same sheet and pictures give the same bytes.

        `photo` is an image Pillow can read, or None; `logo` and `stamp` are PNG files as the store keeps
        them. Raises Unprintable when a text is too long or holds a character that neither the full font nor a
        supplement can show.
        """
        reasons = sheet_reasons(sheet)
        rare = "".join(unprintable(sheet.text(), self._files[0].cut))
        if missing := uncovered(rare, self._folder):
            reasons.append(missing_glyphs(missing))
        if reasons:
            raise Unprintable(reasons)
        source = self._page.render(
            sheet=sheet, photo=as_address("image/jpeg", portrait(photo)) if photo else "",
            logo=as_address("image/png", logo) if logo else "", stamp=as_address("image/png", stamp) if stamp else "",
        )  # fmt: skip
        code = qr_operators(sheet.verification_url, *CODE_BOX)
        with self._lock:
            styles = [self._style, self._rare_style(rare)] if rare else [self._style]
            printed = HTML(string=source, url_fetcher=self._fetcher).write_pdf(
                stylesheets=styles, font_config=self._configuration, finisher=partial(self._ground.lay_under, code),
                pdf_variant="pdf/a-2b", pdf_identifier=hashlib.sha256(source.encode()).digest()[:16],
            )  # fmt: skip
        return bytes(printed)

    def _rare_style(self, rare: str) -> CSS:
        """Return a style sheet that adds glyphs for characters outside GB2312.

        Only these characters are cut out: of the full font, and what that has not, of the first supplement that has
        it. Laying the whole of a font out would take ten seconds and half a gigabyte.
        """
        style = self._rare.pop(rare, None)
        if style is None:
            faces, families, left = [], [f"'{FAMILY}'"], rare
            weights = [[(files.full, files.weight) for files in self._files]]
            weights += [[(font, files.weight) for files in self._files] for font in supplements(self._folder)]
            for fonts in weights:
                beyond = "".join(unprintable(left, fonts[0][0]))
                if shown := "".join(sign for sign in left if sign not in beyond):
                    family = f"{FAMILY} {hashlib.sha256(f'{fonts[0][0]} {shown}'.encode()).hexdigest()[:8]}"
                    families.append(f"'{family}'")
                    faces += [
                        _face(family, weight, as_address("font/ttf", cut_for(font, shown)))
                        for font, weight in fonts
                    ]
                left = beyond
            style = CSS(
                string="".join(faces) + f"html {{ font-family: {', '.join(families)}; }}",
                font_config=self._configuration, url_fetcher=self._fetcher,
            )  # fmt: skip
        self._rare[rare] = style  # the newest is the last
        if len(self._rare) > RARE_KEPT:
            del self._rare[next(iter(self._rare))]
        return style


@dataclass(frozen=True, slots=True)
class Ground:
    """The frame and landscape under every certificate, drawn into page operators once per process.

    Drawing the vector file anew for each certificate would take as long as everything else together.
    """

    operators: bytes
    """The page operators, deflated."""
    states: dict[str, pydyf.Dictionary]
    """The named transparency states that the operators use."""

    @classmethod
    def draw(cls, svg: bytes, configuration: FontConfiguration) -> "Ground":
        """Draw the file on an empty page and keep what was drawn."""
        kept: list[Ground] = []

        def keep(_document: object, pdf: pydyf.PDF) -> None:
            page, resources = _page_of(pdf)
            stream = _object(pdf, page["Contents"])
            drawn = b"\n".join([b"q", *(_operator(part) for part in stream.stream), b"Q"])
            kept.append(cls(zlib.compress(drawn, 9), dict(resources["ExtGState"])))

        HTML(
            string=f'<body><img src="{as_address("image/svg+xml", svg)}">',
            url_fetcher=URLFetcher(allowed_protocols=("data",)),
        ).write_pdf(
            stylesheets=[CSS(string="@page { size: 297mm 210mm; margin: 0 } * { margin: 0; display: block }")],
            font_config=configuration, finisher=keep,
        )  # fmt: skip
        return kept[0]

    def lay_under(self, over: bytes, _document: object, pdf: pydyf.PDF) -> None:
        """Put the ground, and operators drawn over it, under what is on the page, before WeasyPrint writes the file."""
        page, resources = _page_of(pdf)
        ground = pydyf.Stream([self.operators], {"Filter": "/FlateDecode"})
        drawn = pydyf.Stream([over], compress=True)
        pdf.add_object(ground)
        pdf.add_object(drawn)
        resources["ExtGState"].update(self.states)
        page["Contents"] = pydyf.Array([ground.reference, drawn.reference, page["Contents"]])


def _operator(part: Any) -> bytes:
    return part if isinstance(part, bytes) else str(part).encode("ascii")


def _object(pdf: pydyf.PDF, reference: bytes) -> Any:
    return pdf.objects[int(reference.split()[0])]


def _page_of(pdf: pydyf.PDF) -> tuple[Any, Any]:
    """Return the only page of a file and its resources."""
    page = _object(pdf, pdf.page_references[0])
    return page, _object(pdf, page["Resources"])


@lru_cache(maxsize=2)
def renderer(font_dir: Path) -> Renderer:
    """Return this process's renderer for a font folder. Raises MissingFont."""
    return Renderer(font_dir)


# The font library must let go before the interpreter takes its own parts away.
atexit.register(renderer.cache_clear)


def _face(family: str, weight: int, address: str) -> str:
    return f"@font-face {{ font-family: '{family}'; font-weight: {weight}; src: url({address}); }}\n"
