"""The public check and the registrar's pages, through HTTP."""

import re
from collections.abc import Callable

import pytest

from lms.accounts import service as accounts
from lms.accounts.policy import ConsentPurpose, Role
from lms.certificates.queries.certificates import CertificateFacts
from lms.core.unit_of_work import Runtime
from lms.plans.policy import PlanFacts
from lms.registry.policy.entries import LOOKUPS_PER_MINUTE
from lms.registry.queries.entries import EntryFacts, entries_of
from lms.registry.service import entries as service
from tests.factories.certificates import (
    Graduate,
    a_graduate,
    deliver_blank,
    issue_in_full,
    number,
    revoke_by_two,
)
from tests.factories.plans import a_plan
from tests.support.browser import Browser
from tests.support.people import KnownPerson, People

REASON = "两次警告，取消考评员资格"


@pytest.fixture
def plan(runtime: Runtime, people: People) -> PlanFacts:
    """A published plan."""
    return a_plan(runtime, people)


@pytest.fixture
def graduate(runtime: Runtime, people: People, plan: PlanFacts) -> Graduate:
    """Somebody who has passed."""
    return a_graduate(runtime, people, plan)


@pytest.fixture
def certificate(runtime: Runtime, graduate: Graduate) -> CertificateFacts:
    """A valid, registered certificate."""
    return deliver_blank(runtime, graduate)


@pytest.fixture
def entry(runtime: Runtime, certificate: CertificateFacts) -> EntryFacts:
    """Its entry."""
    with runtime.read() as uow:
        return entries_of(uow, certificate.person_id)[0]


def ask(browser: Browser, number: str, name: str):  # type: ignore[no-untyped-def]
    browser.get("/verify")
    return browser.post("/verify", {"number": number, "name": name})


def test_the_public_address_is_found_with_a_slash_behind_it_too(browser: Browser) -> None:
    assert browser.get("/verify/").text.count("<h1") == browser.get("/verify").text.count("<h1") == 1
    assert browser.get("/verify/").status_code == 200


def test_number_and_name_together_show_the_masked_facts(
    browser: Browser, certificate: CertificateFacts
) -> None:
    spaced = f"{certificate.number[:2]} {certificate.number[2:10]} {certificate.number[10]} {certificate.number[11:]}"
    page = ask(browser, spaced, certificate.holder_name)
    assert page.status_code == 200
    assert "有效" in page.text
    assert "截至 2026年11月21日 09:" in page.text
    shown = re.sub(r"<form.*?</form>", "", page.text, flags=re.DOTALL)
    name = certificate.holder_name
    assert f"{name[0]}{'*' * (len(name) - 2)}{name[-1]}" in shown
    assert name not in shown
    for fact in (certificate.id_number_masked, "电工（6-31-01-03，2022年版）", "2029年11月20日", spaced):
        assert fact in shown
    assert "证件照" not in shown  # the consent does not cover the photo


def test_a_result_stays_when_the_language_is_changed(browser: Browser, certificate: CertificateFacts) -> None:
    page = ask(browser, certificate.number, certificate.holder_name).text
    address = f"/verify/{certificate.verification_code}"
    assert f'name="next" value="{address}"' in page
    assert f'name="page-address" content="{address}"' in page
    browser.post("/language", {"language": "en", "next": address})
    assert "Valid" in browser.get(address).text


def test_the_number_alone_or_with_another_name_tells_nothing(
    browser: Browser, certificate: CertificateFacts
) -> None:
    unknown = ask(browser, certificate.number, "何知舟")
    missing = ask(browser, "263401000529999", "何知舟")
    assert unknown.status_code == missing.status_code == 404
    assert "没有查到" in unknown.text
    assert "电工" not in unknown.text
    incomplete = ask(browser, certificate.number, "")
    assert incomplete.status_code == 422
    assert "请填写持证人姓名" in incomplete.text
    misread = ask(browser, "2634010005", "何知舟")
    assert misread.status_code == 422
    assert "您输入了 10 位" in misread.text


def test_the_code_works_typed_in_any_way_and_never_for_a_certificate_in_the_making(
    browser: Browser, runtime: Runtime, people: People, plan: PlanFacts, certificate: CertificateFacts
) -> None:
    code = certificate.verification_code
    assert "有效" in browser.get(f"/verify/{code}").text
    browser.get("/verify")
    led = browser.post("/verify", {"code": f" {code[:4].upper()}-{code[4:8]}-{code[8:12]} {code[12:]}"})
    assert led.headers["Location"].endswith(f"/verify/{code}")
    for wrong in ("0" * 16, "x", "'", "a" * 5000):
        assert browser.get(f"/verify/{wrong}").status_code == 404
    pending = number(runtime, a_graduate(runtime, people, plan))
    assert browser.get(f"/verify/{pending.verification_code}").status_code == 404


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "请填写查验码"),
        ("   ", "请填写查验码"),
        ("ABCD", "您输入了 4 位"),
        ("ab-cd ef", "您输入了 6 位"),
        ("0123456789abcde!", "只有字母和数字"),
    ],
)
def test_a_code_that_cannot_be_one_is_told_at_its_own_field(browser: Browser, typed: str, words: str) -> None:
    browser.get("/verify")
    page = browser.post("/verify", {"code": typed})
    assert page.status_code == 422
    assert words in page.text
    assert 'id="code-error"' in page.text
    assert 'id="number-error"' not in page.text
    assert 'id="name-error"' not in page.text
    if typed.strip():
        assert "16 位" in page.text
        assert f'value="{typed.strip()}"' in page.text, "what was typed stays"


def test_an_unknown_code_is_helped_with_what_a_code_looks_like(browser: Browser) -> None:
    for code in ("0" * 16, "ABCD"):
        page = browser.get(f"/verify/{code}").text
        assert "没有查到" in page
        assert "共 16 位字母和数字" in page
        assert "核对姓名" not in page
    browser.get("/verify")
    by_number = browser.post("/verify", {"number": "263401000529999", "name": "何知舟"}).text
    assert "核对姓名" in by_number
    assert "共 16 位字母和数字" not in by_number


def test_a_revocation_is_public_at_once_with_its_reason(
    browser: Browser, runtime: Runtime, people: People, certificate: CertificateFacts, entry: EntryFacts
) -> None:
    registrar = people.actor(people.staff(Role.REGISTRAR))
    with runtime.write() as uow:
        service.suspend(uow, registrar, entry.id, REASON)
    assert "暂停" in browser.get(f"/verify/{certificate.verification_code}").text
    revoke_by_two(runtime, people, entry.id, REASON)
    page = browser.get(f"/verify/{certificate.verification_code}")
    assert page.status_code == 200
    assert "已撤销，不再有效" in page.text
    assert REASON in page.text
    assert page.headers["Cache-Control"] == "no-store"


def test_a_withdrawn_consent_takes_name_and_number_off_the_public_page(
    browser: Browser, runtime: Runtime, people: People, graduate: Graduate, certificate: CertificateFacts
) -> None:
    with runtime.write() as uow:
        accounts.give_consents(
            uow, people.actor(graduate.person), frozenset({ConsentPurpose.PURPOSE, ConsentPurpose.SENSITIVE})
        )
    page = browser.get(f"/verify/{certificate.verification_code}")
    assert "有效" in page.text
    assert certificate.id_number_masked not in page.text
    assert "持证人未同意公开" in page.text


def test_walking_through_numbers_meets_the_limit_and_no_name(
    browser: Browser, certificate: CertificateFacts
) -> None:
    tries = range(2, LOOKUPS_PER_MINUTE + 40)
    statuses = [ask(browser, f"26340100052{serial:04d}", "某某某").status_code for serial in tries]
    assert set(statuses) <= {404, 429}
    refused = ask(browser, certificate.number, certificate.holder_name)
    if refused.status_code != 429:  # a minute has turned over while we walked
        assert statuses.count(429) > 0
    else:
        assert refused.headers["Retry-After"]
        assert certificate.id_number_masked not in refused.text


def test_no_name_ever_stands_in_an_address(browser: Browser) -> None:
    page = browser.get("/verify").text
    assert not re.search(r'<form[^>]*method="get"', page)


SignedIn = Callable[[KnownPerson], Browser]


def test_one_registrar_finds_opens_and_proposes_and_another_revokes_in_the_browser(
    signed_in: SignedIn, people: People, entry: EntryFacts, certificate: CertificateFacts
) -> None:
    desk = signed_in(people.staff(Role.REGISTRAR))
    listed = desk.get(f"/desk/registry?q={certificate.number}&standing=valid")
    assert f"/desk/registry/{entry.id}" in listed.text
    shown = desk.get(f"/desk/registry/{entry.id}")
    assert "提出撤销登记和证书" in shown.text
    assert "首次登记" in shown.text
    short = desk.post(f"/desk/registry/{entry.id}/revoke", {"reason": "错"})
    assert short.status_code == 422
    assert "依据为 4 至 200 个字" in short.text
    done = desk.post(f"/desk/registry/{entry.id}/revoke", {"reason": REASON})
    assert done.status_code == 303
    waiting = desk.get(f"/desk/registry/{entry.id}").text
    assert "等待第二人决定" in waiting
    assert "已撤销" not in waiting
    own = desk.get(f"/desk/registry/{entry.id}/decision").text
    assert "您不能决定" in own
    assert "同意，照此办理" not in own
    second = signed_in(people.staff(Role.REGISTRAR))
    agree = re.search(r'action="([^"]+/decide)"', second.get(f"/desk/registry/{entry.id}/decision").text)
    assert agree is not None
    assert second.post(agree[1], {}).status_code == 303
    after = desk.get(f"/desk/registry/{entry.id}").text
    assert "已撤销" in after
    assert REASON in after
    again = desk.post(f"/desk/registry/{entry.id}/revoke", {"reason": REASON})
    assert again.status_code == 409


def test_the_list_is_narrowed_to_an_institution(
    signed_in: SignedIn, people: People, entry: EntryFacts
) -> None:
    desk = signed_in(people.staff(Role.REGISTRAR))
    page = desk.get("/desk/registry").text
    names = re.findall(r'<option value="([^"]+)">', page.split('id="employer"')[1].split("</select>")[0])
    assert entry.employer_name in names
    other = next(name for name in names if name != entry.employer_name)
    assert entry.holder_name in desk.get(f"/desk/registry?employer={entry.employer_name}").text
    assert entry.holder_name not in desk.get(f"/desk/registry?employer={other}").text
    asked = desk.get(f"/desk/registry/export?employer={entry.employer_name}").text
    assert f"单位：{entry.employer_name}" in asked


def test_only_the_right_role_in_the_right_scope_reaches_an_entry(
    signed_in: SignedIn, browser: Browser, people: People, entry: EntryFacts, graduate: Graduate
) -> None:
    pages = ["", "/certificate", "/photo"]
    other_city = signed_in(people.staff(Role.REGISTRAR, organisation_id=people.other_city_id))
    assert entry.holder_name not in other_city.get("/desk/registry").text
    for page in pages:
        assert other_city.get(f"/desk/registry/{entry.id}{page}").status_code == 404
        assert signed_in(graduate.person).get(f"/desk/registry/{entry.id}{page}").status_code == 403
        assert browser.get(f"/desk/registry/{entry.id}{page}").status_code == 302
    assert other_city.post(f"/desk/registry/{entry.id}/revoke", {"reason": REASON}).status_code == 404
    auditor = signed_in(people.staff(Role.AUDITOR))
    assert "撤销登记和证书" not in auditor.get(f"/desk/registry/{entry.id}").text
    assert auditor.post(f"/desk/registry/{entry.id}/revoke", {"reason": REASON}).status_code == 403


def test_the_holder_downloads_the_very_bytes_that_were_kept(
    signed_in: SignedIn, runtime: Runtime, people: People, graduate: Graduate
) -> None:
    certificate = issue_in_full(runtime, graduate)
    holder = signed_in(graduate.person)
    page = holder.get("/certificates")
    assert page.status_code == 200
    assert "有效" in page.text
    file = holder.get(f"/certificates/{certificate.id}/file")
    assert file.mimetype == "application/pdf"
    assert certificate.file_key is not None
    assert file.data == runtime.storage.get(certificate.file_key)
    assert (
        "filename*=UTF-8''%E8%80%83%E8%AF%84%E5%91%98%E8%AF%81%E4%B9%A6"
        in file.headers["Content-Disposition"]
    )
    assert file.headers["Cache-Control"].startswith("no-")
    preview = holder.get(f"/certificates/{certificate.id}/preview.svg")
    assert preview.mimetype == "image/svg+xml"
    assert certificate.holder_name in preview.text
    assert holder.get(f"/certificates/{certificate.id}/qr.svg").status_code == 200
    stranger = signed_in(people.trainee())
    for part in ("", "/file", "/preview.svg", "/qr.svg"):
        assert stranger.get(f"/certificates/{certificate.id}{part}").status_code == 404
    assert "还没有证书" in stranger.get("/certificates").text


def test_a_certificate_in_the_making_says_so_and_has_no_file(
    signed_in: SignedIn, runtime: Runtime, graduate: Graduate
) -> None:
    certificate = number(runtime, graduate)
    holder = signed_in(graduate.person)
    assert "证书正在制作" in holder.get("/certificates").text
    assert holder.get(f"/certificates/{certificate.id}/file").status_code == 404
    assert "data-live-url" in holder.get(f"/certificates/{certificate.id}/making").text
    deliver_blank(runtime, graduate)
    made = holder.get(f"/certificates/{certificate.id}/making").text
    assert "data-live-url" not in made
    assert "证书已经制作好" in made
