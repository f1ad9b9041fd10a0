"""The pictures of an import: written anew, kept with what shows them, and gone with what is not taken."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageCms
from PIL.ExifTags import Base
from sqlalchemy import func, select

from lms.accounts.policy import Role
from lms.core.actors import Actor
from lms.core.unit_of_work import Runtime
from lms.questions import pictures, queries, service
from lms.questions.invariants import INVARIANTS
from lms.questions.models import QuestionPicture
from lms.questions.pictures import PIXELS_MAX, PNG_BYTES_MAX, SIDE_MAX, with_fresh_pictures
from lms.questions.policy import picture_keys
from question_bank.importing import ImportReport, PictureFile
from tests.factories.illustrated import drawing, illustrated
from tests.support.browser import Browser
from tests.support.people import KnownPerson, People
from tests.support.site import Site

SignIn = Callable[[KnownPerson], Browser]
OPERATOR = Actor.system("test")
NAME = "题.xml"


def freshened(data: bytes, media_type: str) -> PictureFile | None:
    report = with_fresh_pictures(ImportReport(pictures={"k": PictureFile(media_type, data)}))
    return report.pictures.get("k")


def opened(file: PictureFile | None) -> Image.Image:
    assert file is not None
    return Image.open(io.BytesIO(file.data))


@pytest.mark.parametrize(
    ("kind", "mode", "media_type", "shown_as"),
    [
        ("PNG", "RGB", "image/png", "image/png"),
        ("PNG", "RGBA", "image/png", "image/png"),
        ("PNG", "L", "image/png", "image/png"),
        ("JPEG", "RGB", "image/jpeg", "image/jpeg"),
        ("GIF", "P", "image/gif", "image/png"),
        ("BMP", "RGB", "image/bmp", "image/png"),
        ("WEBP", "RGB", "image/webp", "image/png"),
    ],
)
def test_a_picture_of_any_kind_is_written_anew(kind: str, mode: str, media_type: str, shown_as: str) -> None:
    fresh = freshened(drawing(kind=kind, mode=mode), media_type)
    assert fresh is not None
    assert fresh.media_type == shown_as
    assert opened(fresh).size == (640, 360)
    assert opened(fresh).format == shown_as.partition("/")[2].upper()


def test_what_came_along_inside_a_picture_stays_behind() -> None:
    exif = Image.Exif()
    exif[Base.Artist] = "王老师"
    exif[Base.Orientation] = 6
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    sent = drawing(kind="JPEG", exif=exif, icc_profile=profile) + b"<script>alert(1)</script>"
    fresh = freshened(sent, "image/jpeg")
    assert fresh is not None
    assert b"script" not in fresh.data
    image = opened(fresh)
    assert not image.getexif()
    assert "icc_profile" not in image.info
    assert image.size == (360, 640), "it stands upright without the note that said so"


def test_a_large_picture_is_scaled_and_a_photograph_becomes_a_jpeg() -> None:
    assert opened(freshened(drawing(4000, 1000), "image/png")).size == (SIDE_MAX, SIDE_MAX // 4)
    noise = Image.effect_noise((1400, 1400), 90).convert("RGB")
    out = io.BytesIO()
    noise.save(out, "PNG")
    assert out.tell() > PNG_BYTES_MAX
    fresh = freshened(out.getvalue(), "image/png")
    assert fresh is not None
    assert fresh.media_type == "image/jpeg"


def test_sixteen_shades_deep_is_scaled_and_not_cut_off() -> None:
    deep = Image.new("I;16", (40, 40), 0x8000)
    out = io.BytesIO()
    deep.save(out, "PNG")
    shade = opened(freshened(out.getvalue(), "image/png")).getpixel((20, 20))
    assert shade == (128, 128, 128)


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (b"", "image/png"),
        (b"\x89PNG\r\n\x1a\n<svg onload=alert(1)>", "image/png"),
        (drawing()[:200], "image/png"),
        (drawing(kind="JPEG")[:-200], "image/jpeg"),
        (drawing(kind="GIF", mode="P"), "image/png"),
        (drawing(PIXELS_MAX // 100 + 1, 100, mode="L"), "image/png"),
    ],
)
def test_what_is_no_whole_picture_is_left_out(data: bytes, media_type: str) -> None:
    assert freshened(data, media_type) is None


def test_a_file_that_unpacks_to_very_much_is_not_unpacked_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "PIXELS_IN_ALL_MAX", 2 * 640 * 360)
    sent = {str(number): PictureFile("image/png", drawing()) for number in range(4)}
    assert list(with_fresh_pictures(ImportReport(pictures=sent)).pictures) == ["0", "1"]
    sent["0"] = PictureFile("image/png", drawing()[:-40])
    assert list(with_fresh_pictures(ImportReport(pictures=sent)).pictures) == ["1"], (
        "a broken one has cost its time"
    )


def kept(runtime: Runtime) -> int:
    with runtime.read() as uow:
        return uow.session.execute(select(func.count()).select_from(QuestionPicture)).scalar_one()


def test_an_accepted_import_keeps_its_pictures_with_the_wordings_that_show_them(runtime: Runtime) -> None:
    shared, own = drawing(), drawing(300, 200)
    data = illustrated(("第一题看图", shared), ("第二题看图", shared), ("第三题看图", own))
    with runtime.write() as uow:
        taken = service.import_questions(uow, OPERATOR, NAME, data)
    assert (taken.added, taken.faults) == (3, ())
    assert kept(runtime) == 3
    with runtime.read() as uow:
        pool = [item for _, item in queries.drawing_pool(uow)]
        keys = {key for item in pool for key in picture_keys(item)}
        found = queries.pictures(uow, keys)
        assert len(found) == 2
        assert {(one.width, one.height) for one in found.values()} == {(640, 360), (300, 200)}
        for one in found.values():
            assert opened(PictureFile(one.media_type, uow.storage.get(one.file_key))).size == (
                one.width,
                one.height,
            )
        for invariant in INVARIANTS:
            assert list(invariant.violations(uow)) == [], invariant.says
    with runtime.write() as uow:
        again = service.import_questions(uow, OPERATOR, NAME, data)
    assert (again.added, again.known) == (0, 3)
    assert kept(runtime) == 3


def test_the_house_finds_a_picture_whose_file_is_gone(runtime: Runtime, tmp_path: Path) -> None:
    with runtime.write() as uow:
        service.import_questions(uow, OPERATOR, NAME, illustrated(("看图", drawing())))
    with runtime.read() as uow:
        file_key = uow.session.scalars(select(QuestionPicture.file_key)).one()
        [rule] = [one for one in INVARIANTS if one.id == "Q6"]
        assert list(rule.violations(uow)) == []
        [stored] = tmp_path.rglob(file_key)
        stored.unlink()
        assert len(list(rule.violations(uow))) == 1


def test_a_checked_and_a_discarded_file_leave_no_picture(runtime: Runtime) -> None:
    data = illustrated(("看图", drawing()))
    report = service.read_file(NAME, data)
    with runtime.write() as uow:
        batch_id, _ = service.check_at_once(uow, OPERATOR, NAME, data, report)
    before = set(runtime.storage.keys())
    assert kept(runtime) == 0
    with runtime.write() as uow:
        service.discard_batch(uow, OPERATOR, batch_id)
    assert kept(runtime) == 0
    assert set(runtime.storage.keys()) == before
    fresh = next(iter(report.pictures.values()))
    assert fresh.data not in {runtime.storage.get(key) for key in before}, "only the file that was sent"


def test_the_jobs_keep_nothing_until_a_file_is_accepted_and_then_everything_at_once(site: Site) -> None:
    runtime = site.runtime
    data = illustrated(("第一题看图", drawing()), ("第二题看图", drawing(300, 200)))
    sent = runtime.storage.put(data)
    with runtime.write() as uow:
        batch_id = service.upload(uow, OPERATOR, NAME, sent, len(data), service.ReadingChoices())
    site.run_jobs()
    with runtime.read() as uow:
        given_back = queries.get_batch(uow, batch_id).annotated_key
    assert (kept(runtime), set(runtime.storage.keys())) == (0, {sent, given_back})
    with runtime.write() as uow:
        service.confirm(uow, OPERATOR, batch_id)
    site.run_jobs()
    assert (kept(runtime), len(set(runtime.storage.keys()))) == (2, 4)
    with runtime.read() as uow:
        assert queries.get_batch(uow, batch_id).added_count == 2
        assert [rule.id for rule in INVARIANTS if list(rule.violations(uow))] == []


def test_a_question_whose_picture_cannot_be_opened_is_refused_at_its_row(runtime: Runtime) -> None:
    data = illustrated(("好图", drawing()), ("坏图", drawing(300, 200)[:150]))
    with runtime.write() as uow:
        taken = service.import_questions(uow, OPERATOR, NAME, data)
    assert taken.added == 1
    [fault] = taken.faults
    assert "打不开" in fault


def test_the_keeper_of_the_bank_sees_a_picture_and_nobody_else_by_this_address(
    runtime: Runtime, people: People, signed_in: SignIn
) -> None:
    with runtime.write() as uow:
        service.import_questions(uow, OPERATOR, NAME, illustrated(("看图", drawing()), alt='接线"图'))
    with runtime.read() as uow:
        [(item_id, item)] = queries.drawing_pool(uow)
    [key] = picture_keys(item)
    keeper = signed_in(people.staff(Role.QUESTION_ADMIN))
    page = keeper.get(f"/questions/{item_id}").text
    assert f'src="/questions/pictures/{key}" alt="接线&#34;图" width="640" height="360"' in page
    reply = keeper.get(f"/questions/pictures/{key}")
    assert (reply.status_code, reply.mimetype) == (200, "image/png")
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in reply.headers["Content-Security-Policy"]
    assert "no-store" in reply.headers["Cache-Control"]
    assert Image.open(io.BytesIO(reply.data)).size == (640, 360)
    for nothing in ("0" * 64, "..", "x", key.upper(), f"{key}0"):
        assert keeper.get(f"/questions/pictures/{nothing}").status_code == 404, nothing
    assert signed_in(people.trainee()).get(f"/questions/pictures/{key}").status_code == 403
    assert "［图：" in keeper.get("/questions/").text, "a list names it"
