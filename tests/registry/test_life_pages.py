"""Reissuing, restoring and the chain, through HTTP: what registrars, holders and anybody with a code see."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import update

from lms.accounts.models import Profile
from lms.accounts.policy import Role
from lms.certificates import jobs as certificates
from lms.certificates.queries.certificates import CertificateFacts, certificates_of, find_standing_version
from lms.core.unit_of_work import Runtime
from lms.registry.jobs import entries as registry
from lms.registry.queries.entries import entries_of
from tests.factories.certificates import Graduate, a_graduate, deliver_version, issue_in_full, revoke_by_two
from tests.factories.plans import a_plan
from tests.support.browser import Browser
from tests.support.people import KnownPerson, People

SignedIn = Callable[[KnownPerson], Browser]
LOST = "持证人登报声明遗失"
WRONG = "复核后撤销依据不成立"


@pytest.fixture
def graduate(runtime: Runtime, people: People) -> Graduate:
    """Somebody who has passed."""
    return a_graduate(runtime, people, a_plan(runtime, people))


@pytest.fixture
def certificate(runtime: Runtime, graduate: Graduate) -> CertificateFacts:
    """A printed, registered certificate."""
    return issue_in_full(runtime, graduate)


@pytest.fixture
def entry_id(runtime: Runtime, certificate: CertificateFacts) -> str:
    """Its entry."""
    with runtime.read() as uow:
        return entries_of(uow, certificate.person_id)[0].id


def newest(runtime: Runtime, certificate: CertificateFacts) -> CertificateFacts:
    with runtime.read() as uow:
        return certificates_of(uow, certificate.person_id)[0]


def test_a_reissue_is_asked_for_printed_and_seen_by_everybody_it_concerns(
    signed_in: SignedIn, browser: Browser, runtime: Runtime, people: People, graduate: Graduate,
    certificate: CertificateFacts, entry_id: str,
) -> None:  # fmt: skip
    registrar = people.staff(Role.REGISTRAR)
    desk, holder = signed_in(registrar), signed_in(graduate.person)
    assert "补发证书" in desk.get(f"/desk/registry/{entry_id}").text
    address = f"/desk/registry/{entry_id}/reissue"
    assert "编号和有效期不变" in desk.get(address).text
    unsaid = desk.post(address, {"reason": LOST})
    assert unsaid.status_code == 422
    short = desk.post(address, {"cause": "lost", "reason": "丢"})
    assert short.status_code == 422
    assert "4 至 200 个字" in short.text
    same = desk.post(address, {"cause": "name_corrected", "reason": LOST})
    assert same.status_code == 409
    assert "现在的姓名与证书上的相同" in same.text
    assert desk.post(address, {"cause": "lost", "reason": LOST}).status_code == 303
    waiting = desk.get(f"/desk/registry/{entry_id}").text
    assert "取消这次补发" in waiting
    assert "下载 PDF" in holder.get("/certificates").text, "the old one is in force until the new one is"
    assert "有效" in browser.get(f"/verify/{certificate.verification_code}").text
    second_id = newest(runtime, certificate).id
    certificates.render(runtime, certificate_id=second_id)
    old = browser.get(f"/verify/{certificate.verification_code}").text
    assert "已由同一编号的第 2 版替代" in old, "public at once, before any job of the register"
    registry.register(runtime, certificate_id=second_id)
    second = newest(runtime, certificate)
    new = browser.get(f"/verify/{second.verification_code}").text
    assert "第 2 版：原证书遗失" in new
    assert LOST not in new
    assert "verdict is-valid" in new or "有效" in new
    shown = desk.get(f"/desk/registry/{entry_id}").text
    assert registrar.name in shown
    assert LOST in shown
    own = holder.get("/certificates").text
    assert "这个编号的其他版本" in own
    assert "第 1 版" in own
    assert LOST in own
    assert registrar.name not in own, "holders see no names of staff"
    assert "这一版已被替代" in holder.get(f"/certificates/{certificate.id}").text
    assert "补发：原证书遗失" in holder.get(f"/certificates/{second.id}/preview.svg").text
    file = holder.get(f"/certificates/{second.id}/file")
    assert file.data.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", file.data)) <= 1


def test_a_reissue_that_was_a_mistake_is_given_up_on_the_page(
    signed_in: SignedIn, runtime: Runtime, people: People, certificate: CertificateFacts, entry_id: str
) -> None:
    desk = signed_in(people.staff(Role.REGISTRAR))
    desk.post(f"/desk/registry/{entry_id}/reissue", {"cause": "lost", "reason": LOST})
    page = desk.get(f"/desk/registry/{entry_id}").text
    act = re.search(r'action="([^"]+/drop)"', page)
    assert act is not None
    assert desk.post(act[1], {}).status_code == 303
    assert desk.post(act[1], {}).status_code == 409
    assert "没有制作" in desk.get(f"/desk/registry/{entry_id}").text
    with runtime.read() as uow:
        standing = find_standing_version(uow, certificate.number)
    assert standing is not None
    assert standing.id == certificate.id


def test_a_name_is_corrected_on_paper_register_and_public_page(
    signed_in: SignedIn, browser: Browser, runtime: Runtime, people: People, certificate: CertificateFacts,
    entry_id: str,
) -> None:  # fmt: skip
    with runtime.write() as uow:
        uow.session.execute(
            update(Profile).where(Profile.person_id == certificate.person_id).values(name="林疏禾")
        )
    desk = signed_in(people.staff(Role.REGISTRAR))
    lost = desk.post(f"/desk/registry/{entry_id}/reissue", {"cause": "lost", "reason": LOST})
    assert "请选择“更正姓名”" in lost.text
    done = desk.post(
        f"/desk/registry/{entry_id}/reissue", {"cause": "name_corrected", "reason": "身份证更名核对无误"}
    )
    assert done.status_code == 303
    deliver_version(runtime, newest(runtime, certificate).id)
    assert "林疏禾" in desk.get(f"/desk/registry/{entry_id}").text
    browser.get("/verify")
    found = browser.post("/verify", {"number": certificate.number, "name": "林疏禾"})
    assert "第 2 版：更正姓名" in found.text
    by_old = browser.post("/verify", {"number": certificate.number, "name": certificate.holder_name})
    assert "已由同一编号的第 2 版替代" in by_old.text


def test_two_registrars_bring_a_revoked_certificate_back_in_the_browser(
    signed_in: SignedIn, browser: Browser, runtime: Runtime, people: People, graduate: Graduate,
    certificate: CertificateFacts, entry_id: str,
) -> None:  # fmt: skip
    revoke_by_two(runtime, people, entry_id, "两次警告，取消考评员资格")
    first, second = (signed_in(people.staff(Role.REGISTRAR)) for _ in range(2))
    assert "提出恢复登记和证书" in first.get(f"/desk/registry/{entry_id}").text
    assert first.post(f"/desk/registry/{entry_id}/restore", {"reason": "错"}).status_code == 422
    assert first.post(f"/desk/registry/{entry_id}/restore", {"reason": WRONG}).status_code == 303
    page = f"/desk/registry/{entry_id}/decision"
    act = re.search(r'action="([^"]+/decide)"', second.get(page).text)
    assert act is not None
    assert first.post(act[1], {}).status_code in {409, 403}
    assert second.post(act[1], {}).status_code == 303
    restored = newest(runtime, certificate)
    certificates.render(runtime, certificate_id=restored.id)
    registry.register(runtime, certificate_id=restored.id)
    public = browser.get(f"/verify/{restored.verification_code}").text
    assert WRONG in public, "the reason is public"
    old = browser.get(f"/verify/{certificate.verification_code}").text
    assert "已撤销" in old
    assert "已以同一编号的第 2 版恢复" in old
    shown = first.get(f"/desk/registry/{entry_id}").text
    assert "撤销有误，恢复登记" in shown
    holder = signed_in(graduate.person)
    assert "撤销有误，恢复" in holder.get("/certificates").text
    assert "证书已撤销" not in holder.get("/applications").text


def test_a_second_version_is_one_page_that_says_which_and_why(
    runtime: Runtime, people: People, signed_in: SignedIn, certificate: CertificateFacts, entry_id: str
) -> None:
    desk = signed_in(people.staff(Role.REGISTRAR))
    desk.post(f"/desk/registry/{entry_id}/reissue", {"cause": "leaked", "reason": "查验码被人转发"})
    second = newest(runtime, certificate)
    certificates.render(runtime, certificate_id=second.id)
    second = newest(runtime, certificate)
    assert second.file_key is not None
    assert second.file_key != certificate.file_key
    assert runtime.storage.size(second.file_key) < 120_000
