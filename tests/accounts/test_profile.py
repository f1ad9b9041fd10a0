"""A person's own data: profile, portrait and consents, at the pages where they are kept."""

import io
import re
from collections.abc import Callable

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select

from lms.accounts.models import Consent, Person, Profile
from lms.accounts.policy import PHOTO_MAX_BYTES, ConsentPurpose
from lms.accounts.queries import profile_facts
from lms.accounts.service import ID_NUMBER_SEAL, allow_correction, lock_identity
from lms.audit.models import AuditEvent
from lms.core.unit_of_work import Runtime
from tests.support.browser import Browser
from tests.support.page import Page
from tests.support.people import KnownPerson, People, id_number, portrait

SignIn = Callable[[KnownPerson], Browser]
NUMBER = id_number(7001)


def data(people: People, **changes: str) -> dict[str, str]:
    return {
        # None of the names that people of tests are given.
        "name": "林晚舟", "id_number": NUMBER, "education": "大学本科", "mobile": "13900001111",
        "email": "lin@example.com", "postcode": "230001", "candidate_category": "企业职工",
        "address": "江岚省云浦市文澜路 8 号", "employer_id": people.institution_id, "employed_since": "2020-07-01",
        "identity_flag": "", **changes,
    }  # fmt: skip


def stored(runtime: Runtime, person: KnownPerson) -> Profile | None:
    with runtime.read() as uow:
        return uow.session.get(Profile, person.id)


@pytest.fixture
def newcomer(people: People) -> KnownPerson:
    return people.trainee(profile=False)


def test_the_way_from_an_empty_profile_to_one_that_may_enrol(
    people: People, signed_in: SignIn, newcomer: KnownPerson, runtime: Runtime
) -> None:
    browser = signed_in(newcomer)
    assert "还没有填写个人信息" in browser.get("/account/profile").text
    response = browser.post("/account/profile", data(people))
    assert response.status_code == 302
    page = browser.get("/account/profile").text
    assert "还没有上传近期免冠照片" in page
    assert "个人信息已保存" in page
    assert browser.post("/account/photo", {"photo": (io.BytesIO(portrait()), "a.jpg")}).status_code == 302
    page = browser.get("/account/profile").text
    assert "个人信息已齐全" in page
    with runtime.read() as uow:
        facts = profile_facts(uow, newcomer.id)
    assert facts.has_profile
    assert facts.has_photo
    assert facts.employer_is_filed


def test_the_only_region_there_is_need_not_be_chosen(
    people: People, signed_in: SignIn, newcomer: KnownPerson, runtime: Runtime
) -> None:
    browser = signed_in(newcomer)
    assert "报考区域" not in browser.get("/account/profile").text
    assert browser.post("/account/profile", data(people)).status_code == 302
    profile = stored(runtime, newcomer)
    assert profile
    assert profile.exam_region == "省直"


def test_sex_and_birth_date_are_read_from_the_number_and_not_taken_from_the_form(
    people: People, signed_in: SignIn, newcomer: KnownPerson, runtime: Runtime
) -> None:
    signed_in(newcomer).post("/account/profile", data(people, sex="女", birth_date="1999-09-09"))
    profile = stored(runtime, newcomer)
    assert profile is not None
    assert f"{profile.birth_date:%Y%m%d}" == NUMBER[6:14]
    assert profile.sex == ("男" if int(NUMBER[16]) % 2 else "女")


def test_the_number_is_sealed_indexed_masked_and_nowhere_in_the_clear(
    people: People, signed_in: SignIn, newcomer: KnownPerson, runtime: Runtime
) -> None:
    browser = signed_in(newcomer)
    browser.post("/account/profile", data(people))
    page = browser.get("/account/profile").text
    assert NUMBER not in page
    assert f"{NUMBER[:4]}**********{NUMBER[-4:]}" in page
    profile = stored(runtime, newcomer)
    assert profile is not None
    assert NUMBER.encode() not in profile.id_number_sealed
    assert runtime.vault.open(profile.id_number_sealed, ID_NUMBER_SEAL) == NUMBER
    assert profile.id_number_index == runtime.vault.index(NUMBER, ID_NUMBER_SEAL)
    with runtime.read() as uow:
        for fields in uow.session.scalars(select(AuditEvent.fields)):
            assert NUMBER not in fields
            assert "林晚舟" not in fields
            assert "13900001111" not in fields


def test_an_empty_number_keeps_the_one_that_is_stored(
    people: People, signed_in: SignIn, newcomer: KnownPerson, runtime: Runtime
) -> None:
    browser = signed_in(newcomer)
    browser.post("/account/profile", data(people))
    assert browser.post("/account/profile", data(people, id_number="", address="新的地址")).status_code == 302
    profile = stored(runtime, newcomer)
    assert profile is not None
    assert profile.address == "新的地址"
    assert runtime.vault.open(profile.id_number_sealed, ID_NUMBER_SEAL) == NUMBER


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"id_number": ""}, "您填写了 0 位"),
        ({"id_number": NUMBER[:-1]}, "您填写了 17 位"),
        ({"id_number": NUMBER[:16] + str((int(NUMBER[16]) + 1) % 10) + NUMBER[17]}, "校验码对不上"),
        ({"id_number": "34010419001301001X"}, "不是真实的日期"),
        ({"name": "  "}, "请填写这一项"),
        ({"mobile": "12345"}, "手机号码为 11 位"),
        ({"email": "nonsense"}, "请填写完整的邮箱地址"),
        ({"postcode": "23000"}, "邮政编码为 6 位数字"),
        ({"postcode": "２３０００１"}, "邮政编码为 6 位数字"),
        ({"education": "博士后"}, "is-invalid"),
        ({"education": ""}, "请选择"),
        ({"exam_region": "云浦"}, "is-invalid"),
        ({"employer_id": "nothing"}, "is-invalid"),
        ({"employed_since": "last summer"}, "请按 2009-07-01 的形式填写日期"),
        ({"employed_since": "2035-07-01"}, "参加工作时间不晚于今天"),
        ({"employed_since": "1900-07-01"}, "不早于 14 周岁"),
        ({"name": "A"}, "姓名为两个字以上"),
        ({"identity_flag": "总统"}, "is-invalid"),
        ({"address": "长" * 101}, "最多 100 个字"),
    ],
)
def test_each_fault_stands_at_its_field_and_nothing_is_kept(
    people: People,
    signed_in: SignIn,
    newcomer: KnownPerson,
    runtime: Runtime,
    change: dict[str, str],
    words: str,
) -> None:
    browser = signed_in(newcomer)
    browser.get("/account/profile")
    response = browser.post("/account/profile", data(people, **change))
    assert response.status_code == 422
    assert words in response.text
    assert stored(runtime, newcomer) is None


def test_all_faults_of_the_rules_are_told_at_once(
    people: People, signed_in: SignIn, newcomer: KnownPerson
) -> None:
    response = signed_in(newcomer).post(
        "/account/profile", data(people, id_number="123", mobile="456", address="")
    )
    assert "您填写了 3 位" in response.text
    assert response.text.count("invalid-feedback") == 3


def test_a_date_is_a_date_field_that_takes_and_shows_one_form(
    people: People, signed_in: SignIn, newcomer: KnownPerson
) -> None:
    browser = signed_in(newcomer)
    browser.post("/account/profile", data(people, employed_since="2020-07-01"))
    field = re.search(r'<input[^>]*name="employed_since"[^>]*>', browser.get("/account/profile").text)
    assert field
    assert 'type="date"' in field[0]
    assert 'value="2020-07-01"' in field[0]


def test_a_number_is_kept_without_spaces_and_hyphens(
    people: People, signed_in: SignIn, newcomer: KnownPerson, runtime: Runtime
) -> None:
    assert (
        signed_in(newcomer).post("/account/profile", data(people, mobile="139 1111-2222")).status_code == 302
    )
    profile = stored(runtime, newcomer)
    assert profile is not None
    assert profile.mobile == "13911112222"


def test_an_employer_is_an_institution_and_no_centre(
    people: People, signed_in: SignIn, newcomer: KnownPerson
) -> None:
    browser = signed_in(newcomer)
    for other in (people.city_id, people.province_id):
        assert browser.post("/account/profile", data(people, employer_id=other)).status_code == 422


def test_a_number_belongs_to_one_account_however_it_is_written(
    people: People, signed_in: SignIn, newcomer: KnownPerson, runtime: Runtime
) -> None:
    """Fault B5: a second account for a third attempt."""
    signed_in(newcomer).post("/account/profile", data(people))
    second = people.trainee(profile=False)
    browser = signed_in(second)
    wide = "".join(chr(ord(character) + 0xFEE0) for character in NUMBER)
    for written in (NUMBER, NUMBER.lower(), f" {NUMBER} ", wide):
        response = browser.post("/account/profile", data(people, id_number=written))
        assert response.status_code == 422
        assert "一个证件号码只能属于一个账号" in response.text
        assert newcomer.name not in response.text
    assert stored(runtime, second) is None


def test_nobody_writes_another_persons_profile(
    people: People, signed_in: SignIn, newcomer: KnownPerson, runtime: Runtime
) -> None:
    victim = people.trainee()
    before = stored(runtime, victim)
    extra = {
        "person_id": victim.id,
        "id_number_index": "x",
        "photo_key": "0" * 64,
        "id_kind": "passport",
        "is_filed": "y",
    }
    signed_in(newcomer).post("/account/profile", data(people, **extra))
    after, own = stored(runtime, victim), stored(runtime, newcomer)
    assert before is not None
    assert after is not None
    assert own is not None
    assert (before.name, before.updated_at) == (after.name, after.updated_at)
    assert (own.photo_key, own.id_kind) == (None, "resident_id")


def test_the_name_on_the_page_follows_the_profile_and_the_sign_in_does_not(
    people: People, signed_in: SignIn, newcomer: KnownPerson, runtime: Runtime
) -> None:
    browser = signed_in(newcomer)
    browser.post("/account/profile", data(people, name=" 陈知远 ", mobile="13911112222"))
    with runtime.read() as uow:
        person = uow.session.get_one(Person, newcomer.id)
    assert person.display_name == "陈知远"
    assert person.login_name == newcomer.login_name


# -- the portrait ------------------------------------------------------------------------------------


def upload(browser: Browser, content: bytes, name: str = "a.jpg") -> tuple[int, str]:
    response = browser.post("/account/photo", {"photo": (io.BytesIO(content), name)})
    return response.status_code, response.text


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (portrait() + b"0" * (5 * 1024 * 1024), "a.jpg", "您选择的文件有 5.0 MB"),
        (portrait(kind="PNG"), "a.jpg", "内容却是 PNG 图片"),
        (portrait()[: len(portrait()) // 2], "a.jpg", "文件不完整或已损坏"),
        (b"<svg onload=alert(1)>", "a.jpg", "不是 JPG 或 PNG 图片"),
        (b"", "a.jpg", "您选择的文件是空的"),
        (portrait(60, 80), "a.jpg", "图片只有 60 × 80 像素"),
        (portrait(900, 300), "a.jpg", "图片是横的：900 × 300 像素"),
    ],
    ids=["too large", "misnamed", "half", "a drawing with a script", "nothing", "a stamp", "a landscape"],
)
def test_a_bad_picture_is_refused_in_words_and_the_old_one_stays(
    people: People, signed_in: SignIn, runtime: Runtime, content: bytes, name: str, words: str
) -> None:
    person = people.trainee()
    before = stored(runtime, person)
    code, page = upload(signed_in(person), content, name)
    assert code == 422
    assert words in page
    assert "JPG 或 PNG 格式的近期免冠照片，竖幅，宽和高都不少于 120 像素，不超过 3 MB" in page
    after = stored(runtime, person)
    assert before is not None
    assert after is not None
    assert before.photo_key == after.photo_key


def test_no_file_at_all_is_refused(people: People, signed_in: SignIn) -> None:
    browser = signed_in(people.trainee())
    for sent in ({}, {"photo": (io.BytesIO(b""), "")}):
        response = browser.post("/account/photo", sent)
        assert response.status_code == 422
        assert "还没有选择文件" in response.text


def test_the_page_says_what_a_portrait_must_be_before_anybody_chooses_one(
    people: People, signed_in: SignIn
) -> None:
    assert "宽和高都不少于 120 像素" in signed_in(people.trainee()).get("/account/profile").text


def test_a_picture_with_something_behind_it_comes_back_as_a_picture_only(
    people: People, signed_in: SignIn
) -> None:
    browser = signed_in(people.trainee())
    assert upload(browser, portrait() + b"<script>alert(1)</script>PK\x03\x04")[0] == 302
    served = browser.get("/account/photo")
    assert served.mimetype == "image/jpeg"
    assert b"script" not in served.data
    assert Image.open(io.BytesIO(served.data)).size == (295, 413)


def test_a_very_large_picture_is_scaled_down(people: People, signed_in: SignIn) -> None:
    browser = signed_in(people.trainee())
    large = portrait(3000, 4000)
    assert len(large) < PHOTO_MAX_BYTES
    assert upload(browser, large)[0] == 302
    served = Image.open(io.BytesIO(browser.get("/account/photo").data))
    assert served.width * served.height <= 3_000_000


def test_the_picture_comes_after_the_data(signed_in: SignIn, newcomer: KnownPerson) -> None:
    code, page = upload(signed_in(newcomer), portrait())
    assert code == 422
    assert "先填写个人信息，再上传照片" in page


def shown(page: str) -> dict[str, str]:
    """Return what stands in the fields of the data form."""
    form = Page("http://localhost/account/profile", page).form(button="保存个人信息")
    return dict(form.content())


def test_a_new_person_saves_data_and_portrait_in_one_go(
    people: People, signed_in: SignIn, newcomer: KnownPerson, runtime: Runtime
) -> None:
    browser = signed_in(newcomer)
    page = browser.get("/account/profile").text
    assert "照片和个人信息一起保存" in page
    assert "上传照片</button>" not in page, "nothing offers to send the portrait alone"
    sent = {**data(people), "photo": (io.BytesIO(portrait()), "a.jpg")}
    assert browser.post("/account/profile", sent).status_code == 302
    assert "个人信息和照片已保存" in browser.get("/account/profile").text
    with runtime.read() as uow:
        assert profile_facts(uow, newcomer.id).has_photo


def test_everything_wrong_with_data_and_portrait_is_told_at_once_and_what_was_typed_stays(
    people: People, signed_in: SignIn, newcomer: KnownPerson, runtime: Runtime
) -> None:
    browser = signed_in(newcomer)
    typed = data(people, id_number="340104190001010000", address="")
    answer = browser.post("/account/profile", {**typed, "photo": (io.BytesIO(portrait(100, 133)), "a.jpg")})
    assert answer.status_code == 422
    for words in ("校验码", "请填写这一项", "图片只有 100 × 133 像素"):
        assert words in answer.text
    assert {**typed, "csrf_token": ""} == {**shown(answer.text), "csrf_token": ""}
    again = browser.post("/account/profile", {**typed, "photo": (io.BytesIO(portrait()), "a.jpg")})
    assert "照片没有保存，改好其他项目后请重新选择" in again.text
    assert stored(runtime, newcomer) is None


def test_a_refused_portrait_leaves_the_page_as_it_was(signed_in: SignIn, newcomer: KnownPerson) -> None:
    """A page that was opened by an older version may still send the portrait alone."""
    browser = signed_in(newcomer)
    before = shown(browser.get("/account/profile").text)
    assert (before["name"], before["mobile"]) == (newcomer.name, newcomer.login_name)
    code, page = upload(browser, portrait(100, 133))
    assert code == 422
    assert {**shown(page), "csrf_token": ""} == {**before, "csrf_token": ""}
    assert before["employer_id"] == ""
    assert re.search(r'<label class="[^"]*need"[^>]* for="id_number"', page)


@pytest.mark.parametrize("side", [100, 300])
def test_what_was_typed_outlives_the_sending_of_a_portrait(
    people: People, signed_in: SignIn, runtime: Runtime, side: int
) -> None:
    person = people.trainee(photo=False)
    browser = signed_in(person)
    typed = shown(browser.get("/account/profile").text) | {"address": "江岚省岚山市新街 1 号"}
    answer = browser.post("/account/photo", {**typed, "photo": (io.BytesIO(portrait(side, side)), "a.jpg")})
    assert answer.status_code == (200 if side == 300 else 422)
    assert shown(answer.text)["address"] == "江岚省岚山市新街 1 号"
    assert ("照片已保存；其他改动还没有保存" in answer.text) == (side == 300)
    profile = stored(runtime, person)
    assert profile is not None
    assert (profile.photo_key is not None) == (side == 300)
    assert profile.address != "江岚省岚山市新街 1 号"


# -- a held identity ---------------------------------------------------------------------------------


def test_a_held_identity_is_shown_to_its_owner_with_whom_to_ask(
    people: People, signed_in: SignIn, runtime: Runtime
) -> None:
    person = people.trainee()
    browser = signed_in(person)
    assert "name" in shown(browser.get("/account/profile").text)
    with runtime.write() as uow:
        lock_identity(uow, person.id)
    page = browser.get("/account/profile").text
    held = page.split('aria-labelledby="identity"')[1].split("</section>")[0]
    assert "已锁定" in held
    assert person.name in held
    assert "请联系省中心核实后更正" in held
    assert not {"name", "id_number", "photo"} & set(shown(page))
    assert "更换照片" not in page
    assert "去报名" not in page, "whoever has applied is not told to apply"
    typed = shown(page) | {"address": "江岚省岚山市新街 1 号"}
    assert browser.post("/account/profile", typed).status_code == 302
    profile = stored(runtime, person)
    assert profile is not None
    assert profile.address == "江岚省岚山市新街 1 号"
    refused = browser.post("/account/profile", typed | {"name": "周明西"})
    assert refused.status_code == 422
    assert "不能自行更改" in refused.text
    assert upload(browser, portrait())[0] == 422


def test_an_allowed_correction_is_announced_and_takes_name_and_portrait_in_one_save(
    people: People, signed_in: SignIn, runtime: Runtime
) -> None:
    person = people.trainee()
    before = stored(runtime, person)
    with runtime.write() as uow:
        lock_identity(uow, person.id)
        allow_correction(uow, people.operator, person.id, "核对了身份证原件")
    browser = signed_in(person)
    page = browser.get("/account/profile").text
    assert "可以更正一次，保存后重新锁定" in page
    sent = shown(page) | {"name": "周明西"}
    answer = browser.post("/account/profile", {**sent, "photo": (io.BytesIO(portrait(300, 420)), "a.jpg")})
    assert answer.status_code == 302
    after = stored(runtime, person)
    assert before is not None
    assert after is not None
    assert (after.name, after.identity_lock) == ("周明西", "locked")
    assert after.photo_key != before.photo_key
    assert "可以更正一次" not in browser.get("/account/profile").text


def test_a_new_portrait_alone_spends_the_correction(
    people: People, signed_in: SignIn, runtime: Runtime
) -> None:
    person = people.trainee()
    with runtime.write() as uow:
        lock_identity(uow, person.id)
        allow_correction(uow, people.operator, person.id, "照片不是本人")
    browser = signed_in(person)
    assert upload(browser, portrait(300, 420))[0] == 302
    assert upload(browser, portrait(310, 420))[0] == 422


def test_a_picture_without_the_token_of_its_page_is_refused(people: People, signed_in: SignIn) -> None:
    browser = signed_in(people.trainee())
    response = browser.client.post("/account/photo", data={"photo": (io.BytesIO(portrait()), "a.jpg")})
    assert response.status_code == 400


# -- consents ----------------------------------------------------------------------------------------


def test_agreements_are_kept_as_history(
    people: People, signed_in: SignIn, newcomer: KnownPerson, runtime: Runtime
) -> None:
    browser = signed_in(newcomer)
    assert browser.post("/account/consents", {"purpose": "y"}).status_code == 302
    assert (
        browser.post("/account/consents", {"purpose": "y", "verification": "y", "sensitive": "y"}).status_code
        == 302
    )
    with runtime.read() as uow:
        rows = uow.session.scalars(select(Consent).where(Consent.person_id == newcomer.id)).all()
        facts = profile_facts(uow, newcomer.id)
    assert facts.consents == frozenset(ConsentPurpose)
    withdrawn = [row.purpose for row in rows if row.withdrawn_at is not None]
    assert sorted(withdrawn) == ["sensitive", "verification"], "what was withdrawn stays on record"
    assert len(rows) == 5
    assert all(row.text_version for row in rows)


def test_a_withdrawn_agreement_closes_the_way_to_an_application(people: People, signed_in: SignIn) -> None:
    browser = signed_in(people.trainee())
    assert "个人信息已齐全" in browser.get("/account/profile").text
    browser.post("/account/consents", {"purpose": "y"})
    page = browser.get("/account/profile").text
    assert "还有 2 项没有同意" in page
    assert 'href="/account/consents">逐项确认</a>' in page


def test_a_change_of_agreements_is_told_with_what_follows_from_it(people: People, signed_in: SignIn) -> None:
    browser = signed_in(people.trainee())
    browser.post("/account/consents", {"purpose": "y", "sensitive": "y"})
    page = browser.get("/account/consents").text
    assert "已撤回 1 项同意" in page
    assert "不能再提交报名申请" in page
    assert "证书查验页不再显示您的姓名和证件号码" in page
    browser.post("/account/consents", {"purpose": "y"})
    page = browser.get("/account/consents").text
    assert "已撤回 1 项同意" in page
    assert "证书查验页不再显示" not in page.split("<h1>")[0]
    browser.post("/account/consents", {"purpose": "y", "sensitive": "y", "verification": "y"})
    assert "已同意 2 项" in browser.get("/account/consents").text
    browser.post("/account/consents", {"purpose": "y", "sensitive": "y", "verification": "y"})
    assert "您的选择没有变化" in browser.get("/account/consents").text


def test_the_privacy_notice_is_open_to_everybody(app: Flask) -> None:
    response = Browser(app).get("/privacy")
    assert response.status_code == 200
    assert "个人信息保护说明" in response.text
