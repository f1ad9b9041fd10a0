"""The portrait: only a picture comes in, and only the picture goes out (faults E1 and E2)."""

import io
import struct
import zlib

import pytest
from PIL import Image

from lms.accounts.photo import clean_photo
from lms.accounts.policy import PHOTO_MAX_BYTES, PHOTO_MAX_PIXELS
from lms.core.errors import Invalid
from tests.support.people import portrait

SCRIPT = b"<script>alert(1)</script><?php system($_GET[0]); ?>"


def refused(data: bytes, name: str = "a.jpg") -> str:
    with pytest.raises(Invalid) as refusal:
        clean_photo(data, name)
    reason = refusal.value.reasons[0]
    assert reason.field_name == "photo"
    assert reason.now % dict(reason.params)
    return reason.code


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize(
    ("kind", "name"), [("JPEG", "a.jpg"), ("JPEG", "A.JPEG"), ("PNG", "a.png"), ("JPEG", "a.b.jpg")]
)
def test_a_portrait_becomes_a_fresh_jpeg(kind: str, name: str) -> None:
    out = clean_photo(portrait(kind=kind), name)
    assert opened(out).format == "JPEG"
    assert opened(out).size == (295, 413)


def test_metadata_and_whatever_hides_behind_the_picture_are_gone() -> None:
    image = opened(portrait())
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    exif[0x8825] = {1: "N", 2: (31.0, 52.0, 0.0)}
    camera = io.BytesIO()
    image.save(camera, "JPEG", exif=exif, comment=SCRIPT)
    out = clean_photo(camera.getvalue() + SCRIPT + b"PK\x03\x04", "a.jpg")
    assert len(opened(out).getexif()) == 0
    for hidden in (b"script", b"php", b"taken at home", b"PK\x03\x04", b"Exif"):
        assert hidden not in out


def test_a_picture_that_lies_on_its_side_is_turned_as_its_camera_says() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    camera = io.BytesIO()
    opened(portrait(400, 300)).save(camera, "JPEG", exif=exif)
    assert opened(clean_photo(camera.getvalue(), "a.jpg")).size == (300, 400)


def test_more_than_three_megapixels_are_scaled_down() -> None:
    out = opened(clean_photo(portrait(2400, 3200), "a.jpg"))
    assert out.width * out.height <= PHOTO_MAX_PIXELS
    assert abs(out.width / out.height - 0.75) < 0.01


def test_more_than_three_megabytes_are_refused() -> None:
    assert refused(portrait() + b"0" * PHOTO_MAX_BYTES) == "photo.too_large"


def test_exactly_three_megabytes_are_taken() -> None:
    data = portrait()
    assert clean_photo(data + b"0" * (PHOTO_MAX_BYTES - len(data)), "a.jpg")


@pytest.mark.parametrize(
    "data",
    [
        b"\x00", b"GIF89a" + b"0" * 100, b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<html>" + SCRIPT, b"%PDF-1.7", b"BM" + b"0" * 60, b"RIFF....WEBPVP8 ", b"\x89HDF", SCRIPT + portrait(),
    ],
)  # fmt: skip
def test_what_is_no_jpeg_or_png_is_refused(data: bytes) -> None:
    assert refused(data) == "photo.not_an_image"


@pytest.mark.parametrize(
    ("kind", "name"),
    [("PNG", "a.jpg"), ("JPEG", "a.png"), ("PNG", "a"), ("PNG", ""), ("PNG", "a.png.jpg"), ("PNG", "a.svg")],
)
def test_a_picture_under_a_wrong_name_is_refused(kind: str, name: str) -> None:
    assert refused(portrait(kind=kind), name) == "photo.misnamed"


@pytest.mark.parametrize("name", ["a.php", "a.html", "a.jpg.exe", "a", "", "a.svg"])
def test_a_jpeg_that_calls_itself_something_else_is_refused(name: str) -> None:
    assert refused(portrait(), name) == "photo.misnamed"


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_picture_that_ends_too_early_is_refused_wherever_it_ends(kind: str) -> None:
    whole = portrait(kind=kind)
    name = f"a.{kind.lower().replace('jpeg', 'jpg')}"
    for part in (10, 30, len(whole) // 4, len(whole) // 2, len(whole) - 40):
        assert refused(whole[:part], name) == "photo.broken", part


def test_a_flood_of_pixels_is_refused_before_it_is_unpacked() -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    for side in (8_000, 10_000, 50_000):
        header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
        bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100_000))
        assert refused(bomb + chunk(b"IEND", b""), "a.png") in {"photo.too_many_pixels", "photo.broken"}, side


def test_an_empty_file_is_called_empty() -> None:
    assert refused(b"") == "photo.empty"


def test_a_stamp_is_too_small() -> None:
    assert refused(portrait(100, 140)) == "photo.too_small"


@pytest.mark.parametrize(("width", "height"), [(900, 300), (301, 300), (4000, 3000)])
def test_a_landscape_is_refused_and_not_cropped_in_silence(width: int, height: int) -> None:
    assert refused(portrait(width, height)) == "photo.landscape"


def test_a_square_is_taken() -> None:
    assert opened(clean_photo(portrait(300, 300), "a.jpg")).size == (300, 300)


def test_a_landscape_that_its_camera_turns_upright_is_taken_and_the_other_way_round_refused() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    camera = io.BytesIO()
    opened(portrait(300, 400)).save(camera, "JPEG", exif=exif)
    assert refused(camera.getvalue()) == "photo.landscape"


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "CMYK", "1"])
def test_every_colour_mode_ends_as_plain_colour(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    out = io.BytesIO()
    opened(portrait(kind="PNG")).convert(mode).save(out, kind)
    assert opened(clean_photo(out.getvalue(), "a.jpg" if kind == "JPEG" else "a.png")).mode == "RGB"
