"""What certificates look like is set by an administrator, seen as a sample, and changes nothing that was issued."""

import io
import re
from collections.abc import Callable

import pypdfium2
import pytest
from PIL import Image, ImageDraw

from lms.accounts.policy import Role
from lms.certificates.invariants import INVARIANTS
from lms.certificates.layout_pictures import clean_picture
from lms.certificates.policy.layouts import PICTURE_SIDE, Wording, first_wording, wording_reasons
from lms.certificates.queries.certificates import sheet_of
from lms.certificates.queries.layouts import current_version, find_draft
from lms.certificates.service import layouts as service
from lms.core.errors import Conflict, Invalid, Refusal
from lms.core.invariants import check
from lms.core.unit_of_work import Runtime
from tests.factories.certificates import a_graduate, issue_in_full
from tests.factories.plans import a_plan
from tests.support.browser import Browser
from tests.support.people import KnownPerson, People, portrait
from tests.support.site import Site

SignedIn = Callable[[KnownPerson], Browser]
PAGE = "/desk/certificates/layout/"
OURS = Wording(
    "江岚省人力资源中心", "【级别】资格证书", "同志，经考核具备【级别】资格。", "【发证机关】（监制）"
)
FIELDS = {"over": OURS.over, "title": OURS.title, "statement": OURS.statement, "issuer": OURS.issuer}


def mark(size: int = 600, colour: str = "#b3261e") -> bytes:
    """Draw a round stamp on a clear ground."""
    image = Image.new("RGBA", (size, size), (0, 0, 0, 0))
    ImageDraw.Draw(image).ellipse((10, 10, size - 10, size - 10), outline=colour, width=size // 30)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def text_of(file: bytes) -> str:
    return str(pypdfium2.PdfDocument(file)[0].get_textpage().get_text_range())


def publish(runtime: Runtime, people: People, site: Site, **pictures: str | None) -> int:
    admin = people.actor(people.staff(Role.ADMINISTRATOR))
    with runtime.write() as uow:
        layout_id = service.save_draft(uow, admin, OURS, **pictures)
    site.run_jobs()
    with runtime.read() as uow:
        draft = find_draft(uow)
    assert draft is not None
    with runtime.write() as uow:
        return service.publish(uow, admin, layout_id, draft.edition, "")


def test_what_does_not_fit_or_leaves_out_what_differs_is_told_at_its_field() -> None:
    first = first_wording("江岚省")
    assert wording_reasons(first) == []
    assert wording_reasons(OURS) == []

    def fields(**changed: str) -> list[str]:
        words = {
            name: changed.get(name, getattr(first, name)) for name in ("over", "title", "statement", "issuer")
        }
        return [reason.field_name for reason in wording_reasons(Wording(**words))]

    assert fields(over="") == ["over"]
    assert fields(title="证书") == ["title"]
    assert fields(issuer="本中心") == ["issuer"]
    assert fields(statement="字" * 81) == ["statement"]
    assert fields(title="【级别】" + "字" * 9) == ["title"]


@pytest.mark.parametrize(
    "data",
    [b"", b"GIF89a", portrait(), mark()[:200], b"\x89PNG" + b"0" * 400_000],
    ids=lambda one: str(len(one)),
)
def test_only_a_whole_small_png_becomes_a_picture(data: bytes) -> None:
    with pytest.raises(Invalid):
        clean_picture(data)


def test_a_picture_is_encoded_anew_scaled_and_stays_clear() -> None:
    with Image.open(io.BytesIO(clean_picture(mark(900)))) as fresh:
        assert (fresh.size, fresh.mode) == ((PICTURE_SIDE, PICTURE_SIDE), "RGBA")
        assert fresh.getpixel((0, 0))[3] == 0  # type: ignore[index]  # four channels


def test_nothing_is_published_unseen_or_after_it_was_changed_by_somebody_else(
    runtime: Runtime, people: People, site: Site
) -> None:
    admin = people.actor(people.staff(Role.ADMINISTRATOR))
    with runtime.write() as uow:
        layout_id = service.save_draft(uow, admin, OURS)
    with runtime.read() as uow:
        seen = find_draft(uow)
    assert seen is not None
    with pytest.raises(Refusal) as refused, runtime.write() as uow:
        service.publish(uow, admin, layout_id, seen.edition, "")
    assert [one.code for one in refused.value.reasons] == ["layout.sample"]
    with runtime.write() as uow:
        assert service.save_draft(uow, admin, OURS) == layout_id, "one draft for all"
    site.run_jobs()
    with pytest.raises(Conflict), runtime.write() as uow:
        service.publish(uow, admin, layout_id, seen.edition, "")
    with runtime.read() as uow:
        draft = find_draft(uow)
    assert draft is not None
    assert draft.sample_key is not None
    words = text_of(runtime.storage.get(draft.sample_key))
    assert "样张" in words.replace(" ", "")
    assert "江岚省人力资源中心" in words.replace(" ", "")
    with pytest.raises(Refusal) as refused, runtime.write() as uow:
        service.publish(uow, admin, layout_id, draft.edition, "\U000323af")
    assert [one.code for one in refused.value.reasons] == ["layout.glyphs"]
    with runtime.write() as uow:
        assert service.publish(uow, admin, layout_id, draft.edition, "") == 1
    with pytest.raises(Conflict), runtime.write() as uow:
        service.discard(uow, admin, layout_id)


def test_new_certificates_bear_the_new_words_and_old_ones_stay_to_the_byte(
    runtime: Runtime, people: People, site: Site
) -> None:
    plan = a_plan(runtime, people)
    before = issue_in_full(runtime, a_graduate(runtime, people, plan))
    kept = runtime.storage.get(before.file_key or "")
    stamp_key = runtime.storage.put(clean_picture(mark()))
    assert publish(runtime, people, site, stamp_key=stamp_key, logo_key=stamp_key) == 1
    after = issue_in_full(runtime, a_graduate(runtime, people, plan))
    words = text_of(runtime.storage.get(after.file_key or "")).replace(" ", "")
    assert "考评员资格证书" in words
    assert "（监制）" in words
    assert "样张" not in words
    assert len(pypdfium2.PdfDocument(runtime.storage.get(after.file_key or ""))) == 1
    assert runtime.storage.size(after.file_key or "") < 120_000
    with runtime.read() as uow:
        assert sheet_of(uow, before.id)[0].title == "考评员证书"
        assert sheet_of(uow, after.id)[0].title == "考评员资格证书"
        assert check(uow, INVARIANTS) == {}
        assert current_version(uow) == 1
    assert runtime.storage.get(before.file_key or "") == kept


def test_an_administrator_prepares_looks_and_publishes_in_the_browser(
    signed_in: SignedIn, runtime: Runtime, people: People, site: Site
) -> None:
    desk = signed_in(people.staff(Role.ADMINISTRATOR))
    assert "【级别】证书" in desk.get(PAGE).text
    short = desk.post(PAGE, {**FIELDS, "title": "证书"})
    assert short.status_code == 422
    assert "要有【级别】" in short.text
    broken = desk.post(PAGE, {**FIELDS, "logo": (io.BytesIO(portrait()), "logo.png")})
    assert broken.status_code == 422
    assert "不是 PNG" in broken.text
    with runtime.read() as uow:
        assert find_draft(uow) is None, "nothing is half written"
    saved = desk.post(PAGE, {**FIELDS, "stamp": (io.BytesIO(mark()), "stamp.png")})
    assert saved.status_code == 303
    assert "样张正在制作" in desk.get(PAGE).text
    site.run_jobs()
    page = desk.get(PAGE).text
    sample = re.search(r'href="([^"]+sample\.pdf)"', page)
    assert sample is not None
    assert desk.get(sample[1]).mimetype == "application/pdf"
    act = re.search(r'action="([^"]+/publish)".*?name="edition" value="(\d+)"', page, re.DOTALL)
    assert act is not None
    assert desk.post(act[1], {}).status_code == 409
    assert desk.post(act[1], {"edition": act[2]}).status_code == 303
    assert "按第 1 版打印" in desk.get(PAGE).text
    assert "不要印章图样" in desk.get(PAGE).text
    assert desk.post(PAGE, {**FIELDS, "no_stamp": "y"}).status_code == 303
    with runtime.read() as uow:
        draft = find_draft(uow)
    assert draft is not None
    assert draft.stamp_key is None
    assert desk.post(f"{PAGE}{draft.id}/discard", {}).status_code == 303


def test_an_administrator_of_a_city_finds_no_layout(signed_in: SignedIn, people: People) -> None:
    desk = signed_in(people.staff(Role.ADMINISTRATOR, organisation_id=people.city_id))
    assert desk.get(PAGE).status_code == 404
    assert desk.post(PAGE, FIELDS).status_code == 404
