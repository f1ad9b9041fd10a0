"""The printed file: one page, its words, its code, its fonts, and nothing fetched from anywhere."""

import hashlib
import io
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pypdf
import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from lms.certificates import pdf
from lms.certificates.errors import Unprintable
from lms.certificates.fonts import font_files, gb2312_characters, main
from lms.certificates.pdf import Renderer, renderer
from lms.certificates.pictures import PHOTO_PIXELS, portrait, wrap
from lms.certificates.policy.certificates import (
    Sheet,
    code_parts,
    grades_text,
    occupation_text,
    validity_text,
)
from lms.core.glyphs import unprintable
from lms.core.settings import ROOT, Settings
from lms.plans.policy import ExaminerLevel
from tests.support.people import portrait as camera_portrait

FONTS = Settings().font_dir
CODE = "abcdefghjkmnpqrs"
SHEET = Sheet(
    over="江岚省技能人才评价",
    title="考评员证书",
    number="263401000520037",
    number_parts="26 34010005 2 0037",
    name="林书禾",
    sex="女",
    id_number_masked="3401**********0021",
    occupation=occupation_text("电工", "6-31-01-03", "2022"),
    level="考评员",
    grades=grades_text(ExaminerLevel.EXAMINER),
    validity=validity_text(date(2026, 12, 8), date(2029, 12, 7)),
    issuer="江岚省职业技能评价指导中心",
    issued_on="2026年12月8日",
    verification_url=f"https://exam.example.org/verify/{CODE}",
    verification_code_parts=code_parts(CODE),
)
MAX_BYTES = 120 * 1024


@pytest.fixture(scope="module")
def press() -> Renderer:
    """The renderer of this process, with fonts cut as set-up cuts them."""
    if not all(files.cut.is_file() for files in font_files(FONTS)):
        assert main() == 0
    return renderer(FONTS)


@pytest.fixture(scope="module")
def photo() -> bytes:
    """A portrait of the largest size a profile keeps."""
    return camera_portrait(1464, 2049)


@pytest.fixture(scope="module")
def printed(press: Renderer, photo: bytes) -> bytes:
    """The file of the usual sheet."""
    return press.render(SHEET, photo)


def words(file: bytes) -> str:
    return pypdf.PdfReader(io.BytesIO(file)).pages[0].extract_text().replace(" ", "")


def test_a_certificate_is_one_page_of_a4_landscape(printed: bytes) -> None:
    reader = pypdf.PdfReader(io.BytesIO(printed))
    assert len(reader.pages) == 1
    box = reader.pages[0].mediabox
    assert (round(box.width * 25.4 / 72), round(box.height * 25.4 / 72)) == (297, 210)
    assert len(printed) <= MAX_BYTES


def test_every_printed_word_can_be_copied_out_again(printed: bytes) -> None:
    text = words(printed)
    for expected in (
        "江岚省技能人才评价", "考评员证书", "263401000520037", "林书禾", "女", "3401**********0021",
        "电工（6-31-01-03，2022年版）", "五级/初级工、四级/中级工、三级/高级工", "2026年12月8日至2029年12月7日",
        "江岚省职业技能评价指导中心", "abcd-efgh-jkmn-pqrs",
    ):  # fmt: skip
        assert expected in text
    metadata = pypdf.PdfReader(io.BytesIO(printed)).metadata
    assert metadata is not None
    assert metadata.title == "考评员证书 26 34010005 2 0037"


def test_what_is_not_there_is_not_claimed(printed: bytes) -> None:
    text = words(printed)
    assert "签名" not in text
    assert "印章" not in text


def test_the_code_on_the_paper_leads_to_the_public_page(printed: bytes) -> None:
    picture = pypdfium2.PdfDocument(printed)[0].render(scale=150 / 72).to_pil()
    assert [found.text for found in zxingcpp.read_barcodes(picture)] == [SHEET.verification_url]


def test_the_ground_lies_under_the_words_and_reaches_the_frame(printed: bytes) -> None:
    picture = pypdfium2.PdfDocument(printed)[0].render(scale=1).to_pil().convert("RGB")
    scale = picture.width / 297
    frame = picture.getpixel((round(10.5 * scale), round(100 * scale)))
    paper = picture.getpixel((round(3 * scale), round(3 * scale)))
    assert frame[2] > frame[0] + 40  # azurite
    assert min(paper) > 240
    name = picture.crop(tuple(round(edge * scale) for edge in (96, 80, 124, 91)))
    assert min(name.convert("L").tobytes()) < 120


def test_the_same_sheet_gives_the_same_bytes_in_another_process(
    press: Renderer, printed: bytes, photo: bytes
) -> None:
    assert press.render(SHEET, photo) == printed
    program = (
        "import hashlib; from tests.certificates.test_pdf import *; "
        "print(hashlib.sha256(renderer(FONTS).render(SHEET, camera_portrait(1464, 2049))).hexdigest(),"
        "hashlib.sha256(renderer(FONTS).render(SHEET, camera_portrait(1464, 2049))).hexdigest())"
    )
    made = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True, timeout=120
    )
    assert made.stdout.split() == [hashlib.sha256(printed).hexdigest()] * 2


def test_another_holder_gives_another_file(press: Renderer, printed: bytes, photo: bytes) -> None:
    assert press.render(replace(SHEET, name="林书和"), photo) != printed


def test_a_name_outside_gb2312_is_printed_with_the_full_font(press: Renderer, photo: bytes) -> None:
    rare = "㛃䶮𬍛"
    assert unprintable(rare, font_files(FONTS)[0].cut) == tuple(rare)
    assert unprintable(rare, font_files(FONTS)[0].full) == ()
    file = press.render(replace(SHEET, name=rare), photo)
    assert rare in words(file)
    assert len(file) <= MAX_BYTES


def test_a_rare_name_prints_the_same_after_its_glyphs_were_let_go(
    press: Renderer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lms.certificates.pdf.RARE_KEPT", 1)
    first, _other, again = (press.render(replace(SHEET, name=name), None) for name in ("䶮", "㛃", "䶮"))
    assert again == first


def test_a_character_no_font_has_is_refused_by_its_code_point_alone(press: Renderer) -> None:
    with pytest.raises(Unprintable) as refused:
        press.render(replace(SHEET, name="林\U000323af"), None)
    reason = refused.value.reasons[0]
    assert (reason.code, reason.params["points"]) == ("sheet.glyphs", "U+323AF")
    assert "林" not in str(reason.params)


def test_the_cut_font_holds_all_of_gb2312_and_the_middle_dot_of_names() -> None:
    assert len(gb2312_characters()) > 7500
    assert unprintable("啊座亍齄·—（）", font_files(FONTS)[0].cut) == ()


@pytest.mark.parametrize(
    "name", ["王", "阿卜杜热合曼·买买提图尔荪", "一" * 40], ids=["one", "thirteen", "forty"]
)
def test_names_of_every_length_leave_the_footer_free(press: Renderer, name: str) -> None:
    file = press.render(replace(SHEET, name=name), None)
    assert name in words(file).replace("\n", "")
    picture = pypdfium2.PdfDocument(file)[0].render(scale=150 / 72).to_pil()
    assert [found.text for found in zxingcpp.read_barcodes(picture)] == [SHEET.verification_url]


def test_a_render_bomb_is_refused_before_anything_is_drawn(
    press: Renderer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def draw(**_: object) -> None:
        raise AssertionError("nothing is to be drawn")

    monkeypatch.setattr(pdf, "HTML", draw)
    with pytest.raises(Unprintable) as refused:
        press.render(
            replace(SHEET, name="长" * 100_000, occupation="长" * 100_000, issuer="长" * 100_000), None
        )
    assert [reason.params["limit"] for reason in refused.value.reasons] == [40, 60, 30]


class Canary:
    """A server on loopback that counts who calls."""

    def __init__(self) -> None:
        self.calls = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.settimeout(0.1)
        self.address = f"http://127.0.0.1:{self._socket.getsockname()[1]}/x"
        self._open = True
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while self._open:
            try:
                connection, _ = self._socket.accept()
            except TimeoutError:
                continue
            self.calls += 1
            connection.close()

    def close(self) -> None:
        self._open = False
        self._thread.join()
        self._socket.close()


@pytest.fixture
def canary() -> Iterator[Canary]:
    """Somebody who would notice a request."""
    made = Canary()
    yield made
    made.close()


def test_markup_in_a_name_is_text_and_fetches_nothing(press: Renderer, canary: Canary) -> None:
    for name in (
        f"<img src={canary.address}>",
        "<link rel=attachment href=/etc/passwd>"[:40],
        "<style>@import 'file:///x'",
    ):
        file = press.render(replace(SHEET, name=name), None)
        reader = pypdf.PdfReader(io.BytesIO(file))
        assert name.replace(" ", "") in words(file).replace("\n", "")
        assert not reader.attachments
    assert canary.calls == 0


def test_the_fetcher_refuses_every_address_but_data(press: Renderer, canary: Canary) -> None:
    for address in (canary.address, "file:///etc/passwd", "ftp://127.0.0.1/x"):
        with pytest.raises(ValueError, match="protocol"):
            press._fetcher.fetch(address)
    assert canary.calls == 0


def test_a_large_photo_is_scaled_and_cropped_to_the_printed_size() -> None:
    small = portrait(camera_portrait(2000, 1500))
    assert len(small) < 60_000
    assert Image.open(io.BytesIO(small)).size == PHOTO_PIXELS


def test_a_warm_printer_reads_no_file_again(press: Renderer, photo: bytes, printed: bytes) -> None:
    opened: list[str] = []
    listening = True

    def hear(event: str, facts: tuple[object, ...]) -> None:
        if listening and event == "open":
            opened.append(str(facts[0]))

    sys.addaudithook(hear)  # cannot be taken off again, only told to be still
    press.render(SHEET, photo)
    # Fonts, style sheets and the ground were laid out once: that is what a certificate of 60 ms rests on.
    listening = False
    assert [name for name in opened if Path(name).suffix in {".ttf", ".otf", ".css", ".html", ".svg"}] == []
    assert len(press.render(SHEET, photo)) == len(printed)


def test_closing_marks_do_not_begin_a_line_of_the_preview() -> None:
    assert wrap("一二三，四五六。", 3, 4) == ["一二三，", "四五六。"]
    assert "".join(wrap(SHEET.statement, 28, 32)) == SHEET.statement
