"""A wrong ID number is corrected on the certificate and in the register, and takes nobody else's place."""

import io
from collections.abc import Callable

import pypdf
import pytest
from sqlalchemy import select, update

from lms.accounts import service as accounts
from lms.accounts.models import Profile
from lms.accounts.policy import Role
from lms.accounts.policy.identity import id_check_character
from lms.accounts.service import ProfileInput
from lms.audit.queries import history
from lms.certificates import jobs as certificate_jobs
from lms.certificates.errors import AlreadyCertified, NotReissuable
from lms.certificates.invariants import INVARIANTS as CERTIFICATE_INVARIANTS
from lms.certificates.models.certificates import Certificate
from lms.certificates.policy.versions import VersionCause
from lms.certificates.queries.certificates import CertificateFacts, certificates_of, get_certificate, sheet_of
from lms.certificates.service import versions as version_service
from lms.core.identifiers import new_id
from lms.core.invariants import check
from lms.core.unit_of_work import Runtime
from lms.plans.policy import PlanFacts
from lms.registry.invariants import INVARIANTS
from lms.registry.jobs.entries import register
from lms.registry.models.entries import RegistryEntry
from lms.registry.policy.entries import ENTRY
from lms.registry.queries.entries import EntryFacts, entries_of
from lms.registry.service import decisions as decision_service
from lms.registry.service import reissues as reissue_service
from tests.certificates.test_service import a_plan_beside
from tests.factories.certificates import (
    Graduate,
    a_graduate,
    deliver_blank,
    deliver_version,
    number,
    revoke_by_two,
)
from tests.factories.plans import a_plan
from tests.registry.test_renewal import after_the_end, passes_again
from tests.support.browser import Browser
from tests.support.people import KnownPerson, People
from tests.support.site import ClockControl

SignedIn = Callable[[KnownPerson], Browser]
WORDS = "身份证号码更正，已核对公安机关证明"
_BODY = "34010319880808"


def another_id_number(serial: int = 712) -> str:
    body = f"{_BODY}{serial:03d}"
    return body + id_check_character(body)


@pytest.fixture
def plan(runtime: Runtime, people: People) -> PlanFacts:
    """A published plan under which numbers are kept."""
    return a_plan(runtime, people, keeps_number=True)


@pytest.fixture
def graduate(runtime: Runtime, people: People, plan: PlanFacts) -> Graduate:
    """Somebody who has passed."""
    return a_graduate(runtime, people, plan)


@pytest.fixture
def first(runtime: Runtime, graduate: Graduate) -> CertificateFacts:
    """His certificate, which bears a wrong ID number."""
    return deliver_blank(runtime, graduate)


def correct_profile(
    runtime: Runtime, people: People, graduate: Graduate, id_number: str, name: str | None = None
) -> None:
    """Let an administrator allow one correction, and the holder make it, as in real life."""
    administrator = people.actor(people.staff(Role.ADMINISTRATOR))
    with runtime.write() as uow:
        profile = uow.session.get(Profile, graduate.person.id)
        assert profile is not None
        accounts.lock_identity(uow, graduate.person.id)
        sent = ProfileInput(
            name or profile.name, id_number, profile.education, profile.mobile, profile.email, profile.postcode,
            profile.exam_region, profile.candidate_category, profile.address, profile.identity_flag,
            profile.employer_id or "", profile.employed_since,
        )  # fmt: skip
    with runtime.write() as uow:
        accounts.allow_correction(uow, administrator, graduate.person.id, "公安机关更正证明")
    with runtime.write() as uow:
        accounts.save_profile(uow, people.actor(graduate.person), sent)


def entry_of(runtime: Runtime, certificate: CertificateFacts) -> EntryFacts:
    with runtime.read() as uow:
        (entry,) = entries_of(uow, certificate.person_id)
        return entry


def reissue(
    runtime: Runtime, people: People, certificate: CertificateFacts,
    cause: VersionCause = VersionCause.ID_CORRECTED,
) -> str:  # fmt: skip
    registrar = people.actor(people.staff(Role.REGISTRAR))
    with runtime.write() as uow:
        return reissue_service.reissue(uow, registrar, entry_of(runtime, certificate).id, cause, WORDS)


def all_hold(runtime: Runtime) -> None:
    with runtime.read() as uow:
        assert check(uow, (*INVARIANTS, *CERTIFICATE_INVARIANTS)) == {}


def test_the_new_version_bears_the_right_id_number_and_the_entry_goes_with_it(
    runtime: Runtime, people: People, graduate: Graduate, first: CertificateFacts
) -> None:
    with pytest.raises(NotReissuable) as refused:
        reissue(runtime, people, first)
    assert [one.code for one in refused.value.reasons] == ["version.same_id_number"]
    correct_profile(runtime, people, graduate, another_id_number(), name="林疏禾")
    for cause in (VersionCause.LOST, VersionCause.NAME_CORRECTED):
        with pytest.raises(NotReissuable) as refused:
            reissue(runtime, people, first, cause)
        assert [one.code for one in refused.value.reasons] == ["version.other_id_number"]
    entry_id = entry_of(runtime, first).id
    second = deliver_version(runtime, reissue(runtime, people, first))
    assert second.id_number_masked == f"3401{'*' * 10}{another_id_number()[-4:]}"
    assert (second.holder_name, second.sex) == ("林疏禾", "女")
    assert second.id_number_index != first.id_number_index
    assert (second.number, second.version, second.valid_until) == (first.number, 2, first.valid_until)
    entry = entry_of(runtime, first)
    assert (entry.id, entry.certificate_id, entry.id_number_masked) == (
        entry_id, second.id, second.id_number_masked,
    )  # fmt: skip
    with runtime.read() as uow:
        assert [one.verb for one in history(uow, ENTRY.name, entry.id)] == ["create", "reissue"]
        row = uow.session.get(RegistryEntry, entry.id)
        assert row is not None
        assert row.id_number_index == second.id_number_index
        assert sheet_of(uow, second.id)[0].version_note.endswith("补发：更正证件号码）")
    all_hold(runtime)


def test_the_wrong_id_number_is_free_for_its_owner_afterwards(
    runtime: Runtime, people: People, plan: PlanFacts, graduate: Graduate, first: CertificateFacts
) -> None:
    correct_profile(runtime, people, graduate, another_id_number())
    owner = people.trainee()
    with runtime.write() as uow:
        uow.session.execute(
            update(Profile).where(Profile.person_id == owner.id).values(id_number_index=first.id_number_index)
        )
    of_owner = a_graduate(runtime, people, a_plan_beside(runtime, plan), person=owner)
    second_id = reissue(runtime, people, first)
    with pytest.raises(AlreadyCertified):
        number(runtime, of_owner)
    deliver_version(runtime, second_id)
    his = deliver_blank(runtime, of_owner)
    assert his.version == 1
    assert entry_of(runtime, his).id != entry_of(runtime, first).id
    all_hold(runtime)


@pytest.mark.parametrize("is_revoked", [False, True])
def test_a_right_id_number_that_has_a_certificate_is_refused_with_its_number(
    runtime: Runtime, people: People, plan: PlanFacts, graduate: Graduate, first: CertificateFacts, is_revoked: bool
) -> None:  # fmt: skip
    other = a_graduate(runtime, people, a_plan_beside(runtime, plan))
    rival = deliver_blank(runtime, other)
    if is_revoked:
        revoke_by_two(runtime, people, entry_of(runtime, rival).id, "两次警告，取消考评员资格")
    with runtime.write() as uow:
        uow.session.execute(
            update(Profile)
            .where(Profile.person_id == other.person.id)
            .values(id_number_index="moved elsewhere")
        )
        uow.session.execute(
            update(Profile)
            .where(Profile.person_id == graduate.person.id)
            .values(id_number_index=rival.id_number_index)
        )
    with pytest.raises(NotReissuable) as refused:
        reissue(runtime, people, first)
    (reason,) = refused.value.reasons
    assert (reason.code, reason.params["number"]) == ("version.id_number_taken", rival.number)


def test_nobody_is_certified_under_the_right_id_number_while_its_version_is_printed(
    runtime: Runtime, people: People, plan: PlanFacts, graduate: Graduate, first: CertificateFacts
) -> None:
    correct_profile(runtime, people, graduate, another_id_number())
    second_id = reissue(runtime, people, first)
    again = a_graduate(runtime, people, a_plan_beside(runtime, plan), person=graduate.person)
    with pytest.raises(AlreadyCertified):
        number(runtime, again)
    with runtime.write() as uow:
        values = {
            column.key: getattr(uow.session.get(Certificate, first.id), column.key)
            for column in Certificate.__table__.columns
        }
        pending = get_certificate(uow, second_id)
        rival = values | {
            "id": new_id(), "number": "263401000520099", "serial": 99, "application_id": again.application_id,
            "verification_code": new_id(), "id_number_index": pending.id_number_index,
        }  # fmt: skip
        uow.session.add(Certificate(**rival))
    with pytest.raises(AlreadyCertified):
        deliver_version(runtime, second_id)


def test_a_correction_that_was_given_up_leaves_nothing_behind(
    runtime: Runtime, people: People, graduate: Graduate, first: CertificateFacts
) -> None:
    with runtime.read() as uow:
        before = uow.session.get(Profile, graduate.person.id)
        assert before is not None
        old = (before.id_number_index, before.id_number_masked, before.sex)
    correct_profile(runtime, people, graduate, another_id_number())
    second_id = reissue(runtime, people, first)
    registrar = people.actor(people.staff(Role.REGISTRAR))
    with runtime.write() as uow:
        reissue_service.drop(uow, registrar, entry_of(runtime, first).id, second_id, "更正有误")
        uow.session.execute(
            update(Profile)
            .where(Profile.person_id == graduate.person.id)
            .values(id_number_index=old[0], id_number_masked=old[1], sex=old[2])
        )
    third = deliver_version(runtime, reissue(runtime, people, first, VersionCause.LOST))
    assert (third.version, third.id_number_index, third.id_number_masked) == (
        3, first.id_number_index, first.id_number_masked,
    )  # fmt: skip
    all_hold(runtime)


def test_a_later_version_brings_the_entry_along_when_the_job_of_the_correction_was_lost(
    runtime: Runtime, people: People, graduate: Graduate, first: CertificateFacts
) -> None:
    correct_profile(runtime, people, graduate, another_id_number())
    second_id = reissue(runtime, people, first)
    certificate_jobs.render(runtime, certificate_id=second_id)
    registrar = people.actor(people.staff(Role.REGISTRAR))
    with runtime.write() as uow:
        third_id = version_service.reissue(uow, registrar, second_id, VersionCause.LEAKED, "查验码被人转发")
    assert entry_of(runtime, first).certificate_id == first.id
    third = deliver_version(runtime, third_id)
    register(runtime, certificate_id=second_id)
    assert entry_of(runtime, first).certificate_id == third.id
    all_hold(runtime)


def test_what_was_restored_once_is_corrected_as_anything_else(
    runtime: Runtime, people: People, graduate: Graduate, first: CertificateFacts
) -> None:
    entry_id = entry_of(runtime, first).id
    revoke_by_two(runtime, people, entry_id, "两次警告，取消考评员资格")
    one, other = (people.actor(people.staff(Role.REGISTRAR)) for _ in range(2))
    with runtime.write() as uow:
        decision_id = decision_service.propose_restoration(uow, one, entry_id, "复核后撤销依据不成立")
    with runtime.write() as uow:
        decision_service.decide(uow, other, entry_id, decision_id)
        restored = certificates_of(uow, first.person_id)[0].id
    deliver_version(runtime, restored)
    correct_profile(runtime, people, graduate, another_id_number())
    third = deliver_version(runtime, reissue(runtime, people, first))
    assert (third.version, third.version_cause) == (3, VersionCause.ID_CORRECTED)
    all_hold(runtime)


def test_who_was_corrected_is_renewed_under_the_right_id_number(
    runtime: Runtime, people: People, plan: PlanFacts, graduate: Graduate, first: CertificateFacts,
    clock: ClockControl,
) -> None:  # fmt: skip
    correct_profile(runtime, people, graduate, another_id_number())
    second = deliver_version(runtime, reissue(runtime, people, first))
    after_the_end(clock, second)
    third = deliver_version(runtime, number(runtime, passes_again(runtime, people, second, plan)).id)
    assert (third.number, third.version, third.version_cause) == (first.number, 3, VersionCause.RENEWED)
    assert entry_of(runtime, first).certificate_id == third.id
    all_hold(runtime)


def test_a_registrar_corrects_an_id_number_on_the_page(
    runtime: Runtime, people: People, graduate: Graduate, first: CertificateFacts, signed_in: SignedIn,
    browser: Browser,
) -> None:  # fmt: skip
    desk = signed_in(people.staff(Role.REGISTRAR))
    address = f"/desk/registry/{entry_of(runtime, first).id}/reissue"
    assert "与证书上的相同" in desk.get(address).text
    same = desk.post(address, {"cause": "id_corrected", "reason": WORDS})
    assert same.status_code == 409
    assert "请先在账号管理里允许持证人更正证件号码" in same.text
    correct_profile(runtime, people, graduate, another_id_number())
    page = desk.get(address).text
    assert "与证书上的不同" in page
    assert another_id_number() not in page
    assert desk.post(address, {"cause": "id_corrected", "reason": WORDS}).status_code == 303
    with runtime.read() as uow:
        second_id = certificates_of(uow, first.person_id)[0].id
    certificate_jobs.render(runtime, certificate_id=second_id)
    register(runtime, certificate_id=second_id)
    with runtime.read() as uow:
        second = get_certificate(uow, second_id)
        assert uow.session.scalars(select(RegistryEntry.id_number_masked)).all() == [second.id_number_masked]
    assert "第 2 版：更正证件号码" in browser.get(second.verification_path).text
    told = browser.get(f"{second.verification_path}.json").json
    assert told is not None
    assert told["certificate"]["id_number_masked"] == second.id_number_masked
    assert told["certificate"]["version_cause"] == "id_corrected"
    assert second.file_key is not None
    words = pypdf.PdfReader(io.BytesIO(runtime.storage.get(second.file_key))).pages[0].extract_text()
    assert second.id_number_masked in words.replace(" ", "")
    assert "补发：更正证件号码" in words.replace(" ", "")
