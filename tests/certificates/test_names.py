"""Every name prints right or is stopped before printing; what no font draws waits for a font, and nobody is refused."""

import io
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pypdf
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from pypdf.generic import ContentStream
from sqlalchemy import update

from lms.accounts.models import Profile
from lms.certificates import jobs
from lms.certificates.errors import Unprintable
from lms.certificates.pdf import Renderer, renderer
from lms.certificates.policy.certificates import MAX_NAME_LENGTH, CertificateState
from lms.certificates.queries.certificates import get_certificate
from lms.core.glyphs import FULL_FONT, SUPPLEMENT, characters_of, uncovered
from lms.core.settings import Settings
from lms.core.unit_of_work import Runtime
from tests.certificates.test_pdf import SHEET
from tests.factories.certificates import a_graduate, number
from tests.factories.plans import a_plan
from tests.support.browser import Browser
from tests.support.page import Page
from tests.support.people import KnownPerson, People
from tests.support.site import Site
from tests.support.thoroughness import IS_THOROUGH

FONTS = Settings().font_dir
BLOCKS = (
    (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x2A6DF), (0x2A700, 0x2B739), (0x2B740, 0x2B81D),
    (0x2B820, 0x2CEA1), (0x2CEB0, 0x2EBE0), (0x2EBF0, 0x2EE5D), (0x2F800, 0x2FA1D), (0x30000, 0x3134A),
    (0x31350, 0x323AF),
)  # fmt: skip
"""The blocks of Chinese characters of Unicode, those of GB 18030-2022 among them."""
NAMES = 10_000
SHEETS = None if IS_THOROUGH else 3
"""So many sheets of names are drawn, each with as many as fit; all of them when LMS_THOROUGH is set."""
LACKING = "\U00031350"
"""A character that was given a place in Unicode in 2022 and is in few fonts."""


def ideographs(*, covered: bool) -> list[str]:
    """Return the Chinese characters that the full font shows, or those it lacks."""
    known = characters_of(FONTS / FULL_FONT)
    return [
        chr(point)
        for first, last in BLOCKS
        for point in range(first, last + 1)
        if (point in known) is covered
    ]


def names_of(signs: Sequence[str], count: int = NAMES) -> list[str]:
    """Make so many names of them, each character in one of them at least."""
    length = max(2, -(-len(signs) // count))
    return [
        "".join(signs[(number * length + place) % len(signs)] for place in range(length))
        for number in range(count)
    ]


def glyphs_of_the_name(file: bytes) -> Iterator[int]:
    """Yield the numbers of all glyphs that a page draws; 0 would be the empty box."""
    reader = pypdf.PdfReader(io.BytesIO(file))
    content = ContentStream(reader.pages[0].get_contents(), reader)
    for operands, operator in content.operations:
        if operator in {b"TJ", b"Tj"}:
            parts = operands[0] if operator == b"TJ" else operands
            for part in parts:
                if isinstance(part, (bytes, str)):
                    data = part.original_bytes  # type: ignore[union-attr]  # both kinds of strings have them
                    yield from (int.from_bytes(data[at : at + 2]) for at in range(0, len(data), 2))


def test_ten_thousand_names_with_every_character_that_the_font_lacks_are_stopped() -> None:
    names = names_of(ideographs(covered=False))
    assert len(names) == NAMES
    assert len(set("".join(names))) > 60_000
    assert [name for name in names if uncovered(name, FONTS) != name] == []
    press = renderer(FONTS)
    for name in names[:: 1 if IS_THOROUGH else 50]:
        with pytest.raises(Unprintable) as stopped:
            press.render(replace(SHEET, name=name), None)
        assert [reason.code for reason in stopped.value.reasons] == ["sheet.glyphs"]


@pytest.mark.timeout(3600)  # a thorough run draws seven hundred sheets with the whole font
def test_ten_thousand_names_with_every_character_that_the_font_has_are_let_through_and_drawn() -> None:
    signs = ideographs(covered=True)
    names = names_of(signs)
    assert set("".join(names)) == set(signs)
    assert [name for name in names if uncovered(name, FONTS)] == []
    press = renderer(FONTS)
    rows = ["".join(signs[at : at + MAX_NAME_LENGTH]) for at in range(0, len(signs), MAX_NAME_LENGTH)]
    for row in rows if SHEETS is None else rows[:: len(rows) // SHEETS][:SHEETS]:
        file = press.render(replace(SHEET, name=row), None)
        said = pypdf.PdfReader(io.BytesIO(file)).pages[0].extract_text().replace("\n", "").replace(" ", "")
        assert row in said
        assert 0 not in set(glyphs_of_the_name(file)), "an empty box was printed"


@pytest.fixture
def fonts(tmp_path: Path) -> Path:
    """A folder with the site's fonts, to which an operator may add one."""
    folder = tmp_path / "fonts"
    folder.mkdir()
    for file in FONTS.glob("*.ttf"):
        (folder / file.name).symlink_to(file.resolve())
    return folder


def add_font(fonts: Path, sign: str) -> None:
    """Put a font beside the others that draws one character, as a square."""
    pen = TTGlyphPen(None)
    for move, point in (
        (pen.moveTo, (100, 0)), (pen.lineTo, (100, 800)), (pen.lineTo, (900, 800)), (pen.lineTo, (900, 0)),
    ):  # fmt: skip
        move(point)
    pen.closePath()
    drawn, empty = pen.glyph(), TTGlyphPen(None).glyph()
    made = FontBuilder(1000, isTTF=True)
    made.setupGlyphOrder([".notdef", "sign"])
    made.setupCharacterMap({ord(sign): "sign"})
    made.setupGlyf({".notdef": empty, "sign": drawn})
    made.setupHorizontalMetrics({".notdef": (1000, 0), "sign": (1000, 100)})
    made.setupHorizontalHeader(ascent=880, descent=-120)
    made.setupNameTable({"familyName": "Supplement", "styleName": "Regular"})
    made.setupOS2()
    made.setupPost()
    (fonts / SUPPLEMENT).mkdir(exist_ok=True)
    made.save(fonts / SUPPLEMENT / "rare.ttf")


def test_a_character_that_no_font_draws_is_printed_once_the_operator_adds_one(fonts: Path) -> None:
    sheet = replace(SHEET, name=f"林{LACKING}禾")
    assert uncovered(sheet.name, fonts) == LACKING
    with pytest.raises(Unprintable):
        Renderer(fonts).render(sheet, None)
    add_font(fonts, LACKING)
    assert uncovered(sheet.name, fonts) == ""
    file = Renderer(fonts).render(sheet, None)
    assert f"林{LACKING}禾" in pypdf.PdfReader(io.BytesIO(file)).pages[0].extract_text().replace(" ", "")
    assert 0 not in set(glyphs_of_the_name(file))


def test_a_press_that_is_running_sees_the_added_font(fonts: Path) -> None:
    press, sheet = Renderer(fonts), replace(SHEET, name=f"林{LACKING}禾")
    with pytest.raises(Unprintable):
        press.render(sheet, None)
    add_font(fonts, LACKING)
    assert press.render(sheet, None)
    shutil.rmtree(fonts / SUPPLEMENT)
    with pytest.raises(Unprintable):
        press.render(sheet, None)


def test_the_certificate_waits_with_its_number_and_is_printed_by_the_sweeper(
    site: Site, runtime: Runtime, people: People, fonts: Path
) -> None:
    runtime.settings = runtime.settings.model_copy(update={"font_dir": fonts})
    plan, person = a_plan(runtime, people), people.trainee()
    with runtime.write() as uow:
        uow.session.execute(
            update(Profile).where(Profile.person_id == person.id).values(name=f"林{LACKING}禾")
        )
    numbered = number(runtime, a_graduate(runtime, people, plan, person=person))
    with pytest.raises(Unprintable):
        jobs.render(runtime, certificate_id=numbered.id)
    add_font(fonts, LACKING)
    site.clock.advance(150)
    jobs.sweep_overdue(runtime)
    with runtime.read() as uow:
        printed = get_certificate(uow, numbered.id)
    assert (printed.state, printed.number) == (CertificateState.ISSUED, numbered.number)


def test_a_profile_keeps_a_rare_name_and_says_that_printing_waits(
    people: People, signed_in: Callable[[KnownPerson], Browser]
) -> None:
    browser = signed_in(people.trainee())
    page = browser.get("/account/profile")
    assert "姓名里有生僻字" not in page.text
    form = Page("http://localhost/account/profile", page.text).form(button="保存个人信息")
    form.fill(name=f"林{LACKING}禾")
    assert browser.post("/account/profile", dict(form.content())).status_code == 302
    said = browser.get("/account/profile").text
    assert f"林{LACKING}禾" in said
    assert "姓名里有生僻字" in said
    assert "U+31350" in said
