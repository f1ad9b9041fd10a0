"""Certified again after the end: a new number in the same chain, or the next version of the number there was (H7)."""

import io
from collections.abc import Callable
from datetime import timedelta

import pypdf
import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from lms.accounts.models import Profile
from lms.accounts.policy import OrganisationKind, Role
from lms.accounts.service import ID_NUMBER_SEAL
from lms.audit.queries import history
from lms.certificates import jobs as certificate_jobs
from lms.certificates.errors import AlreadyCertified, NotReissuable, NumbersExhausted
from lms.certificates.invariants import INVARIANTS as CERTIFICATE_INVARIANTS
from lms.certificates.models.certificates import Certificate, NumberSequence
from lms.certificates.policy.certificates import CertificateState, Origin, local_day, valid_until
from lms.certificates.policy.decisions import Verdict
from lms.certificates.policy.versions import VersionCause
from lms.certificates.queries.certificates import (
    CertificateFacts,
    certificates_of,
    find_by_application,
    find_by_code,
    find_by_number,
    get_certificate,
    sheet_of,
    versions_of,
)
from lms.certificates.queries.decisions import standing_decision
from lms.certificates.queries.pending import numbering_reasons, printing_reasons
from lms.certificates.service import certificates
from lms.certificates.service import decisions as certificate_decisions
from lms.certificates.service import versions as version_service
from lms.core.invariants import check
from lms.core.unit_of_work import Runtime
from lms.enrolment import service as enrolment
from lms.enrolment.models import Application
from lms.enrolment.policy import Outcome, StageState
from lms.plans.policy import PlanFacts, StageKind
from lms.plans.queries import get_plan
from lms.registry.invariants import INVARIANTS
from lms.registry.jobs import reminders as reminder_jobs
from lms.registry.jobs.entries import register
from lms.registry.models.reminders import ExpiryReminder
from lms.registry.policy.entries import ENTRY, EntryState
from lms.registry.queries.entries import EntryFacts, entries_of, public_view
from lms.registry.queries.reminders import standing_notice
from lms.registry.service import changes as change_service
from lms.registry.service import decisions as decision_service
from lms.registry.service import entries as service
from lms.registry.service import reissues as reissue_service
from tests.certificates.test_service import a_plan_beside, all_at_once
from tests.factories.certificates import (
    HOUSE,
    Graduate,
    a_graduate,
    deliver_blank,
    deliver_version,
    number,
    revoke_by_two,
)
from tests.factories.plans import a_draft, a_plan, a_reviewer, an_applicant
from tests.plans.test_views import fields_of
from tests.registry.test_import import CODE, HEADINGS, entered, id_number, row, sheet, uploaded
from tests.support.browser import Browser
from tests.support.people import KnownPerson, People
from tests.support.site import ClockControl, Site

SignedIn = Callable[[KnownPerson], Browser]
EVERYTHING = (*INVARIANTS, *CERTIFICATE_INVARIANTS)


@pytest.fixture
def keeping(runtime: Runtime, people: People) -> PlanFacts:
    """A published plan under which a renewed certificate keeps its number."""
    return a_plan(runtime, people, keeps_number=True)


@pytest.fixture
def first(runtime: Runtime, people: People, keeping: PlanFacts) -> CertificateFacts:
    """A certificate in force, with its entry."""
    return deliver_blank(runtime, a_graduate(runtime, people, keeping))


def after_the_end(clock: ClockControl, certificate: CertificateFacts, days: int = 1) -> None:
    """Move the clock to ten in the morning, so many days after the last valid one."""
    last = certificate.valid_until
    noon = clock.now().replace(year=last.year, month=last.month, day=last.day, hour=2, minute=0)
    clock.set(noon + timedelta(days=days))


def passes_again(
    runtime: Runtime,
    people: People,
    certificate: CertificateFacts,
    plan: PlanFacts,
    issuer_id: str | None = None,
) -> Graduate:
    """Let the holder pass once more under another plan like the given one."""
    person = KnownPerson(certificate.person_id, "", certificate.holder_name)
    return a_graduate(runtime, people, a_plan_beside(runtime, plan), person=person, issuer_id=issuer_id)


def entry_of(runtime: Runtime, certificate: CertificateFacts) -> EntryFacts:
    with runtime.read() as uow:
        return entries_of(uow, certificate.person_id)[0]


def all_hold(runtime: Runtime) -> None:
    with runtime.read() as uow:
        assert check(uow, EVERYTHING) == {}


def serials(runtime: Runtime) -> dict[int, int]:
    with runtime.read() as uow:
        return {row.year: row.last for row in uow.session.query(NumberSequence)}


def test_a_renewal_is_the_next_version_of_the_number_and_spends_no_serial(
    runtime: Runtime, people: People, keeping: PlanFacts, first: CertificateFacts, clock: ClockControl
) -> None:
    with runtime.write() as uow:
        uow.session.execute(update(Profile).where(Profile.person_id == first.person_id).values(name="林疏禾"))
    after_the_end(clock, first)
    again = passes_again(runtime, people, first, keeping)
    pending = number(runtime, again)
    assert number(runtime, again).id == pending.id, "a job may run twice"
    assert (pending.number, pending.version, pending.replaces_id) == (first.number, 2, first.id)
    assert (pending.version_cause, pending.application_id) == (VersionCause.RENEWED, again.application_id)
    all_hold(runtime)
    with runtime.read() as uow:
        assert get_certificate(uow, first.id).state is CertificateState.SUPERSEDED
        assert find_by_code(uow, pending.verification_code) is None
        waiting = find_by_application(uow, again.application_id)
        assert waiting is not None
        assert waiting.id == pending.id, "the pages of the person wait for it as for a first certificate"
    second = deliver_version(runtime, pending.id)
    today = local_day(clock.now())
    assert (second.valid_from, second.valid_until) == (today, valid_until(today, 3))
    assert second.holder_name == "林疏禾"
    entry = entry_of(runtime, second)
    assert (entry.certificate_id, entry.state, entry.valid_until) == (
        second.id, EntryState.ACTIVE, second.valid_until,
    )  # fmt: skip
    assert serials(runtime) == {2026: 1, 2029: 0}
    following = deliver_blank(runtime, a_graduate(runtime, people, keeping))
    assert following.number.endswith("0001")
    with runtime.read() as uow:
        note = sheet_of(uow, second.id)[0].version_note
        assert note == f"第 2 版（{today.year}年{today.month}月{today.day}日换证）"
        old = find_by_code(uow, first.verification_code)
        new = find_by_number(uow, first.number, "林疏禾")
        assert old is not None
        assert new is not None
        assert (public_view(uow, old).standing, public_view(uow, old).newer_version) == ("superseded", 2)
        shown = public_view(uow, new)
        assert (shown.standing, shown.version, shown.version_cause) == ("valid", 2, VersionCause.RENEWED)
        assert [one.verb for one in history(uow, ENTRY.name, entry.id)] == ["create", "renew"]
    all_hold(runtime)


def test_a_renewal_under_the_same_number_brings_the_workplace_of_its_application(
    runtime: Runtime, people: People, keeping: PlanFacts, first: CertificateFacts, clock: ClockControl
) -> None:
    holder, registrar = (
        people.actor(KnownPerson(first.person_id, "", first.holder_name)),
        people.actor(people.staff(Role.REGISTRAR)),
    )
    with runtime.write() as uow:
        change_id = change_service.ask(
            uow, holder, entry_of(runtime, first).id, people.other_institution_id, "五月起调入新单位",
            people.institution_id,
        )  # fmt: skip
    with runtime.write() as uow:
        change_service.accept(uow, registrar, change_id, "已与新单位核对")
    assert entry_of(runtime, first).employer_id == people.other_institution_id
    after_the_end(clock, first)
    # Since then he has gone back: his application names the first workplace again.
    deliver_version(runtime, number(runtime, passes_again(runtime, people, first, keeping)).id)
    assert entry_of(runtime, first).employer_id == people.institution_id
    all_hold(runtime)


def test_without_the_setting_a_new_number_follows(
    runtime: Runtime, people: People, clock: ClockControl
) -> None:
    plan = a_plan(runtime, people)
    assert plan.keeps_number is False
    first = deliver_blank(runtime, a_graduate(runtime, people, plan))
    after_the_end(clock, first)
    second = deliver_blank(runtime, passes_again(runtime, people, first, plan))
    assert (second.number[:2], second.version, second.version_cause) == ("29", 1, None)
    all_hold(runtime)


def test_a_number_of_another_institution_or_rule_is_followed_by_a_new_one(
    runtime: Runtime, people: People, keeping: PlanFacts, first: CertificateFacts, clock: ClockControl
) -> None:
    after_the_end(clock, first)
    elsewhere = passes_again(runtime, people, first, keeping, issuer_id=people.other_institution_id)
    second = deliver_blank(runtime, elsewhere)
    assert (second.number, second.version) == ("293402000720001", 1)
    assert entry_of(runtime, second).certificate_number == second.number
    all_hold(runtime)


def test_nobody_is_renewed_before_the_end(
    runtime: Runtime, people: People, keeping: PlanFacts, first: CertificateFacts, clock: ClockControl
) -> None:
    after_the_end(clock, first, days=0)
    again = passes_again(runtime, people, first, keeping)
    with pytest.raises(AlreadyCertified):
        number(runtime, again)
    clock.advance(24 * 3600)
    assert number(runtime, again).version == 2


def test_a_year_without_serials_left_still_renews_what_keeps_its_number(
    runtime: Runtime, people: People, keeping: PlanFacts, first: CertificateFacts, clock: ClockControl
) -> None:
    after_the_end(clock, first)
    with runtime.write() as uow:
        uow.session.execute(
            insert(NumberSequence).values(
                number_rule="changzhou-15", year=2029, institution_code="34010005", level="examiner", last=9999
            )
        )  # fmt: skip
    again, newcomer = passes_again(runtime, people, first, keeping), a_graduate(runtime, people, keeping)
    with runtime.read() as uow:
        assert numbering_reasons(uow, again.application_id) == []
        assert [one.code for one in numbering_reasons(uow, newcomer.application_id)] == ["number.exhausted"]
    assert number(runtime, again).number == first.number
    with pytest.raises(NumbersExhausted):
        number(runtime, newcomer)


def test_a_renewal_is_not_given_up_and_what_stops_its_printing_is_told(
    runtime: Runtime, people: People, keeping: PlanFacts, first: CertificateFacts, clock: ClockControl
) -> None:
    after_the_end(clock, first)
    pending = number(runtime, passes_again(runtime, people, first, keeping))
    registrar = people.actor(people.staff(Role.REGISTRAR))
    entry_id = entry_of(runtime, first).id
    with pytest.raises(NotReissuable) as refused, runtime.write() as uow:
        reissue_service.drop(uow, registrar, entry_id, pending.id, "弄错了人")
    assert [one.code for one in refused.value.reasons] == ["version.renewal"]
    with pytest.raises(IntegrityError), runtime.write() as uow:
        uow.session.execute(
            update(Certificate).where(Certificate.id == pending.id).values(state=CertificateState.DROPPED)
        )
    with runtime.read() as uow:
        assert printing_reasons(uow, pending.id, runtime.settings.font_dir) == []
    clock.advance(150)
    certificate_jobs.sweep_overdue(runtime)
    with runtime.read() as uow:
        assert get_certificate(uow, pending.id).state is CertificateState.ISSUED
    register(runtime, certificate_id=pending.id)
    all_hold(runtime)


def take_back(runtime: Runtime, application_id: str | None, outcome: Outcome) -> None:
    """Let an application end otherwise than it did, as a correction of scores does."""
    assert application_id is not None
    with runtime.write() as uow:
        uow.session.execute(
            update(Application).where(Application.id == application_id).values(outcome=outcome)
        )
    certificate_jobs.follow_stage(runtime, application_id=application_id)


def test_a_pass_that_is_taken_back_concerns_the_versions_it_was_for_alone(
    runtime: Runtime, people: People, keeping: PlanFacts, first: CertificateFacts, clock: ClockControl
) -> None:
    after_the_end(clock, first)
    pending = number(runtime, passes_again(runtime, people, first, keeping))
    take_back(runtime, first.application_id, Outcome.FAILED)
    with runtime.read() as uow:
        assert get_certificate(uow, pending.id).state is CertificateState.PENDING
    take_back(runtime, first.application_id, Outcome.COMPLETED)
    take_back(runtime, pending.application_id, Outcome.FAILED)
    with runtime.read() as uow:
        assert get_certificate(uow, pending.id).state is CertificateState.SUSPENDED
        assert standing_decision(uow, pending.id) is not None
    take_back(runtime, pending.application_id, Outcome.COMPLETED)
    second = deliver_version(runtime, pending.id)
    assert second.state is CertificateState.ISSUED
    all_hold(runtime)


def test_what_two_persons_kept_once_does_not_keep_the_renewal(
    runtime: Runtime, people: People, keeping: PlanFacts, first: CertificateFacts, clock: ClockControl
) -> None:
    one, other = (people.actor(people.staff(Role.REGISTRAR)) for _ in range(2))
    take_back(runtime, first.application_id, Outcome.FAILED)
    with runtime.write() as uow:
        decision = standing_decision(uow, first.id)
        assert decision is not None
        certificate_decisions.propose(uow, one, decision.id, Verdict.KEEP, "复核后成绩仍然合格")
    with runtime.write() as uow:
        certificate_decisions.decide(uow, other, decision.id)
    after_the_end(clock, first)
    second = deliver_version(runtime, number(runtime, passes_again(runtime, people, first, keeping)).id)
    take_back(runtime, first.application_id, Outcome.FAILED)
    with runtime.read() as uow:
        assert get_certificate(uow, second.id).state is CertificateState.ISSUED
    take_back(runtime, second.application_id, Outcome.FAILED)
    with runtime.read() as uow:
        assert get_certificate(uow, second.id).state is CertificateState.SUSPENDED


def test_a_renewed_certificate_is_reissued_revoked_and_restored_as_any_other(
    runtime: Runtime, people: People, keeping: PlanFacts, first: CertificateFacts, clock: ClockControl
) -> None:
    after_the_end(clock, first)
    again = passes_again(runtime, people, first, keeping)
    second = deliver_version(runtime, number(runtime, again).id)
    registrars = [people.actor(people.staff(Role.REGISTRAR)) for _ in range(2)]
    entry_id = entry_of(runtime, second).id
    with runtime.write() as uow:
        third_id = reissue_service.reissue(uow, registrars[0], entry_id, VersionCause.LOST, "登报声明遗失")
    third = deliver_version(runtime, third_id)
    assert (third.version, third.application_id, third.valid_until) == (
        3, again.application_id, second.valid_until,
    )  # fmt: skip
    revoke_by_two(runtime, people, entry_id, "两次警告，取消考评员资格")
    with runtime.write() as uow:
        decision_id = decision_service.propose_restoration(uow, registrars[0], entry_id, "撤销依据不成立")
    with runtime.write() as uow:
        decision_service.decide(uow, registrars[1], entry_id, decision_id)
    with runtime.read() as uow:
        fourth_id = certificates_of(uow, first.person_id)[0].id
    fourth = deliver_version(runtime, fourth_id)
    assert (fourth.version_cause, fourth.application_id) == (VersionCause.RESTORED, again.application_id)
    with runtime.read() as uow:
        standing = find_by_application(uow, again.application_id)
        old = find_by_application(uow, first.application_id or "")
        assert standing is not None
        assert old is not None
        assert (standing.version, old.version) == (4, 1)
    all_hold(runtime)


def test_an_entry_whose_job_was_lost_comes_back_into_force_with_a_later_version(
    runtime: Runtime, people: People, keeping: PlanFacts, first: CertificateFacts, clock: ClockControl
) -> None:
    after_the_end(clock, first)
    with runtime.write() as uow:
        service.expire_due(uow, HOUSE)
    pending = number(runtime, passes_again(runtime, people, first, keeping))
    with runtime.write() as uow:
        certificates.deliver(uow, HOUSE, pending.id, runtime.storage.put(b"%PDF"), 4)
    registrar = people.actor(people.staff(Role.REGISTRAR))
    from_entry = entry_of(runtime, first)
    assert from_entry.state is EntryState.EXPIRED
    with runtime.write() as uow:
        third_id = version_service.reissue(uow, registrar, pending.id, VersionCause.LEAKED, "查验码被人转发")
    deliver_version(runtime, third_id)
    assert entry_of(runtime, first).state is EntryState.ACTIVE
    all_hold(runtime)


def test_each_end_of_a_number_that_was_kept_is_told_anew(
    runtime: Runtime, people: People, keeping: PlanFacts, first: CertificateFacts, clock: ClockControl
) -> None:
    after_the_end(clock, first, days=-5)
    reminder_jobs.sweep_expiring(runtime)
    after_the_end(clock, first)
    second = deliver_version(runtime, number(runtime, passes_again(runtime, people, first, keeping)).id)
    with runtime.read() as uow:
        assert standing_notice(uow, first.person_id) is None, "what was told is over"
    after_the_end(clock, second, days=-5)
    reminder_jobs.sweep_expiring(runtime)
    reminder_jobs.sweep_expiring(runtime)
    with runtime.read() as uow:
        told = [(row.days, row.valid_until) for row in uow.session.query(ExpiryReminder)]
        notice = standing_notice(uow, first.person_id)
    assert told == [(7, second.valid_until)]
    assert notice is not None
    assert notice.certificate_id == second.id


@pytest.mark.parametrize(
    ("number_before", "is_kept"), [(f"24{CODE}20037", True), (f"24{CODE[:7]}20037", False)]
)
def test_a_number_from_an_earlier_register_is_kept_where_it_follows_the_rule(
    runtime: Runtime, people: People, keeping: PlanFacts, clock: ClockControl, number_before: str, is_kept: bool
) -> None:  # fmt: skip
    registrar = people.staff(Role.REGISTRAR)
    table = sheet(
        (*row("林书禾", 11, 37, number=number_before), "云浦电力技能评价中心"),
        heading=(*HEADINGS, "发证机构"),
    )
    entered(runtime, people, registrar, uploaded(runtime, people, registrar, table))
    person = people.trainee()
    with runtime.write() as uow:
        index = uow.vault.index(id_number(11), ID_NUMBER_SEAL)
        uow.session.execute(
            update(Profile).where(Profile.person_id == person.id).values(id_number_index=index, name="林书禾")
        )
        (earlier,) = uow.session.scalars(select(Certificate.id)).all()
    clock.advance(300 * 24 * 3600)
    certificate = deliver_blank(runtime, a_graduate(runtime, people, keeping, person=person))
    assert (certificate.number == number_before, certificate.version) == (is_kept, 2 if is_kept else 1)
    assert certificate.origin is Origin.ISSUED
    with runtime.read() as uow:
        before = get_certificate(uow, earlier)
        assert (before.state, before.person_id) == (CertificateState.SUPERSEDED, person.id)
    assert entry_of(runtime, certificate).certificate_number == certificate.number
    all_hold(runtime)


def test_two_completions_at_once_make_one_renewal(
    runtime: Runtime, people: People, keeping: PlanFacts, first: CertificateFacts, clock: ClockControl
) -> None:
    after_the_end(clock, first)
    again = passes_again(runtime, people, first, keeping)
    results = all_at_once([lambda: certificate_jobs.issue(runtime, application_id=again.application_id)] * 4)
    assert results == [None] * 4
    with runtime.read() as uow:
        assert [one.version for one in versions_of(uow, first.number)] == [2, 1]
    all_hold(runtime)


def pass_everything(runtime: Runtime, people: People, plan: PlanFacts, person: KnownPerson) -> None:
    """Let somebody apply, be approved and pass both stages."""
    _, application = an_applicant(runtime, people, plan, person=person)
    with runtime.write() as uow:
        reviewer = people.actor(a_reviewer(people, OrganisationKind.PROVINCE))
        enrolment.approve(uow, reviewer, application.id)
    for kind in (StageKind.STUDY, StageKind.EXAM):
        with runtime.write() as uow:
            enrolment.complete_stage(uow, HOUSE, application.id, kind, StageState.PASSED)


def work_off(site: Site) -> None:
    for _ in range(4):
        site.run_jobs()


def a_plan_of_the_office(runtime: Runtime, people: People, office: Browser) -> PlanFacts:
    """Let an exam administrator write on the page that numbers are kept, and publish the plan."""
    draft = a_draft(runtime, people)
    edit = f"/desk/plans/{draft.id}/edit"
    form = fields_of(office.get(edit).text)
    assert form["keeps_number"] == "0", "the default of every template is a new number"
    assert office.post(edit, {**form, "keeps_number": "7"}).status_code == 422
    assert office.post(edit, {**form, "keeps_number": "1"}).status_code == 302
    assert "沿用原编号，作为下一版" in office.get(f"/desk/plans/{draft.id}").text
    assert "重新合格的，沿用原证书的编号" in office.get(f"/desk/plans/{draft.id}/preview").text
    assert office.post(f"/desk/plans/{draft.id}/publish", {}).status_code == 302
    with runtime.read() as uow:
        return get_plan(uow, draft.id)


def test_a_number_is_renewed_from_the_plan_to_the_public_check(
    site: Site, runtime: Runtime, people: People, clock: ClockControl, signed_in: SignedIn, browser: Browser
) -> None:  # fmt: skip
    person = people.trainee()
    pass_everything(runtime, people, a_plan(runtime, people), person)
    work_off(site)
    with runtime.read() as uow:
        (first,) = certificates_of(uow, person.id)
    assert "有效" in browser.get(f"/verify/{first.verification_code}").text
    after_the_end(clock, first)
    assert "已到期" in browser.get(f"/verify/{first.verification_code}").text
    plan = a_plan_of_the_office(runtime, people, signed_in(people.staff(Role.EXAM_ADMIN)))
    pass_everything(runtime, people, plan, person)
    work_off(site)
    with runtime.read() as uow:
        second, before = certificates_of(uow, person.id)
    assert (second.number, second.version, second.state) == (first.number, 2, CertificateState.ISSUED)
    assert before.id == first.id
    old = browser.get(f"/verify/{first.verification_code}").text
    assert "已由同一编号的第 2 版替代" in old
    new = browser.get(f"/verify/{second.verification_code}").text
    assert "第 2 版：到期换证" in new
    assert 'class="verdict is-valid"' in new
    told = browser.get(f"/verify/{second.verification_code}.json").json
    assert told is not None
    told = told["certificate"]
    assert (told["version"], told["version_cause"], told["version_cause_words"]) == (2, "renewed", "到期换证")
    assert told["version_words"] is None
    assert (told["valid_from"], told["valid_until"]) == ("2029-11-21", "2032-11-20")
    holder = signed_in(person)
    own = holder.get("/certificates").text
    assert "第 2 版" in own
    assert "这个编号的其他版本" in own
    assert second.file_key is not None
    file = pypdf.PdfReader(io.BytesIO(runtime.storage.get(second.file_key)))
    assert len(file.pages) == 1
    words = file.pages[0].extract_text().replace(" ", "")
    assert "第2版（2029年11月21日换证）" in words
    assert "补发" not in words
    desk = signed_in(people.staff(Role.REGISTRAR))
    page = desk.get(f"/desk/registry/{entry_of(runtime, second).id}").text
    assert "到期换证，沿用编号" in page
    assert "更换证书" in page
    all_hold(runtime)


def test_who_waits_for_a_renewal_sees_it_and_no_registrar_can_give_it_up(
    runtime: Runtime, people: People, keeping: PlanFacts, first: CertificateFacts, clock: ClockControl,
    signed_in: SignedIn,
) -> None:  # fmt: skip
    after_the_end(clock, first)
    pending = number(runtime, passes_again(runtime, people, first, keeping))
    page = signed_in(KnownPerson(first.person_id, "", "")).get("/certificates").text
    assert "证书正在制作" in page
    assert "开始制作第 2 版：到期换证" in page
    desk = signed_in(people.staff(Role.REGISTRAR))
    entry = entry_of(runtime, first)
    shown = desk.get(f"/desk/registry/{entry.id}").text
    assert "到期换证，沿用编号" in shown
    assert "取消这次补发" not in shown
    refused = desk.post(f"/desk/registry/{entry.id}/reissue/{pending.id}/drop", {})
    assert refused.status_code == 409
    assert "换证的版本" in refused.text


# ---- replaced by another number -----------------------------------------------------------------------


def test_an_old_code_names_the_number_that_took_its_place_once_that_is_issued(
    runtime: Runtime, people: People, clock: ClockControl, signed_in: SignedIn, browser: Browser
) -> None:
    plan = a_plan(runtime, people)
    first = deliver_blank(runtime, a_graduate(runtime, people, plan))
    after_the_end(clock, first)
    pending = number(runtime, passes_again(runtime, people, first, plan))
    waiting = browser.get(f"{first.verification_path}.json").json
    assert waiting is not None
    assert (waiting["certificate"]["standing"], waiting["certificate"]["replaced_by_number"]) == (
        "superseded", None,
    )  # fmt: skip
    second = deliver_version(runtime, pending.id)
    told = browser.get(f"{first.verification_path}.json").json
    assert told is not None
    assert told["certificate"]["replaced_by_number"] == second.number
    page = browser.get(first.verification_path).text
    spaced = "29 34010005 2 0001"
    assert f"这张证书已由编号 {spaced} 的证书替代" in page
    assert first.holder_name not in page
    new = browser.get(f"{second.verification_path}.json").json
    assert new is not None
    assert new["certificate"]["replaced_by_number"] is None
    alone = browser.client.post("/api/v1/verify", json={"number": second.number, "name": "王伟"})
    assert alone.status_code == 404, "the number alone finds nothing"
    entry_id = entry_of(runtime, second).id
    desk = signed_in(people.staff(Role.REGISTRAR)).get(f"/desk/registry/{entry_id}").text
    assert f'<a class="num" href="#certificate-{second.id}">{spaced}</a>' in desk
    assert f'id="certificate-{second.id}"' in desk
    assert desk.count("已由新编号的证书替代") == 1


def test_every_version_of_a_replaced_number_names_the_next_number_and_not_the_last(
    runtime: Runtime, people: People, clock: ClockControl
) -> None:
    plan = a_plan(runtime, people)
    first = deliver_blank(runtime, a_graduate(runtime, people, plan))
    registrar = people.actor(people.staff(Role.REGISTRAR))
    with runtime.write() as uow:
        lost = reissue_service.reissue(
            uow, registrar, entry_of(runtime, first).id, VersionCause.LOST, "登报声明遗失"
        )
    deliver_version(runtime, lost)
    found = [first]
    for _ in range(2):
        after_the_end(clock, found[-1])
        found.append(deliver_blank(runtime, passes_again(runtime, people, found[-1], plan)))
    with runtime.read() as uow:
        views = [
            public_view(uow, get_certificate(uow, one))
            for one in (first.id, lost, *(one.id for one in found[1:]))
        ]
    assert [(one.newer_version, one.replaced_by_number) for one in views] == [
        (2, found[1].number), (None, found[1].number), (None, found[2].number), (None, None),
    ]  # fmt: skip
    all_hold(runtime)
