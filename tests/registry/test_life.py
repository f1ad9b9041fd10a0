"""The life of a certificate behind its entry: versions, two persons, and the way back from a wrong revocation."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError

from lms.accounts.models import Profile
from lms.accounts.policy import Role
from lms.audit.queries import history
from lms.certificates import jobs as certificate_jobs
from lms.certificates.errors import AlreadyCertified, NotReissuable
from lms.certificates.invariants import INVARIANTS as CERTIFICATE_INVARIANTS
from lms.certificates.models.certificates import Certificate
from lms.certificates.models.decisions import CertificateDecision
from lms.certificates.policy.certificates import CERTIFICATE, CertificateState
from lms.certificates.policy.decisions import DecisionState, Ground, Verdict
from lms.certificates.policy.versions import VersionCause
from lms.certificates.queries.certificates import (
    CertificateFacts,
    certificates_of,
    find_by_application,
    find_by_code,
    find_by_number,
    get_certificate,
    sheet_of,
)
from lms.certificates.service import decisions as certificate_decisions
from lms.core.actors import Actor
from lms.core.errors import Conflict, Invalid
from lms.core.identifiers import new_id
from lms.core.invariants import check
from lms.core.unit_of_work import Runtime
from lms.enrolment.models import Application
from lms.enrolment.policy import Outcome
from lms.enrolment.queries import application_facts
from lms.plans.policy import PlanFacts
from lms.registry.invariants import INVARIANTS
from lms.registry.jobs import entries as registry_jobs
from lms.registry.policy.entries import ENTRY, EntryState
from lms.registry.queries.entries import EntryFacts, entries_of, public_view
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
from tests.factories.plans import a_plan
from tests.support.people import People
from tests.support.site import ClockControl

REASON = "两次警告，取消考评员资格"
LOST = "持证人登报声明遗失"


@dataclass
class Desk:
    """One graduate with a registered certificate, and two registrars."""

    runtime: Runtime
    people: People
    graduate: Graduate
    first: CertificateFacts
    registrars: tuple[Actor, Actor]

    @property
    def entry(self) -> EntryFacts:
        with self.runtime.read() as uow:
            return entries_of(uow, self.graduate.person.id)[0]

    def certificate(self, certificate_id: str) -> CertificateFacts:
        with self.runtime.read() as uow:
            return get_certificate(uow, certificate_id)

    def rename(self, name: str) -> None:
        with self.runtime.write() as uow:
            uow.session.execute(
                update(Profile).where(Profile.person_id == self.graduate.person.id).values(name=name)
            )

    def reissue(self, cause: VersionCause = VersionCause.LOST, words: str = LOST) -> str:
        with self.runtime.write() as uow:
            return reissue_service.reissue(uow, self.registrars[0], self.entry.id, cause, words)

    def restore(self) -> None:
        entry_id = self.entry.id
        with self.runtime.write() as uow:
            decision_id = decision_service.propose_restoration(
                uow, self.registrars[0], entry_id, "复核后撤销依据不成立"
            )
        with self.runtime.write() as uow:
            decision_service.decide(uow, self.registrars[1], entry_id, decision_id)

    def all_hold(self) -> None:
        with self.runtime.read() as uow:
            assert check(uow, (*INVARIANTS, *CERTIFICATE_INVARIANTS)) == {}


@pytest.fixture
def plan(runtime: Runtime, people: People) -> PlanFacts:
    """A published plan."""
    return a_plan(runtime, people)


@pytest.fixture
def desk(runtime: Runtime, people: People, plan: PlanFacts) -> Desk:
    """A certificate in force, its entry, and two who may act."""
    graduate = a_graduate(runtime, people, plan)
    first = deliver_blank(runtime, graduate)
    registrars = tuple(people.actor(people.staff(Role.REGISTRAR)) for _ in range(2))
    return Desk(runtime, people, graduate, first, (registrars[0], registrars[1]))


def test_the_old_version_is_in_force_until_the_new_one_is_and_then_it_is_superseded(desk: Desk) -> None:
    second_id = desk.reissue()
    assert desk.certificate(desk.first.id).state is CertificateState.ISSUED
    with desk.runtime.read() as uow:
        pending = get_certificate(uow, second_id)
        assert find_by_code(uow, pending.verification_code) is None
        found = find_by_number(uow, desk.first.number, desk.first.holder_name)
        assert found is not None
        assert found.id == desk.first.id
    second = deliver_version(desk.runtime, second_id)
    assert (second.number, second.version, second.replaces_id) == (desk.first.number, 2, desk.first.id)
    assert (second.valid_from, second.valid_until) == (desk.first.valid_from, desk.first.valid_until)
    assert second.verification_code != desk.first.verification_code
    with desk.runtime.read() as uow:
        found = find_by_number(uow, desk.first.number, desk.first.holder_name)
        assert found is not None
        assert found.id == second.id
        old = find_by_code(uow, desk.first.verification_code)
        assert old is not None
        shown = public_view(uow, old)
        assert (shown.standing, shown.newer_version) == ("superseded", 2)
        standing = find_by_application(uow, desk.graduate.application_id)
        assert standing is not None
        assert standing.id == second.id
        note = sheet_of(uow, second.id)[0].version_note
        assert note.startswith("第 2 版（")
        assert note.endswith("补发：原证书遗失）")
        assert public_view(uow, second).version_words is None, "what a registrar wrote stays inside"
    assert desk.entry.certificate_id == second.id
    desk.all_hold()


def test_a_corrected_name_is_printed_and_registered_and_the_old_name_leads_to_the_old_version(
    desk: Desk,
) -> None:
    with pytest.raises(NotReissuable) as refused:
        desk.reissue(VersionCause.NAME_CORRECTED, "身份证更名核对无误")
    assert [one.code for one in refused.value.reasons] == ["version.same_name"]
    desk.rename("林疏禾")
    with pytest.raises(NotReissuable):
        desk.reissue()
    second = deliver_version(desk.runtime, desk.reissue(VersionCause.NAME_CORRECTED, "身份证更名核对无误"))
    assert second.holder_name == "林疏禾"
    assert desk.entry.holder_name == "林疏禾"
    with desk.runtime.read() as uow:
        by_old = find_by_number(uow, desk.first.number, desk.first.holder_name)
        by_new = find_by_number(uow, desk.first.number, "林疏禾")
    assert (by_old and by_old.id, by_new and by_new.id) == (desk.first.id, second.id)
    desk.all_hold()


def test_a_third_version_follows_the_second_and_no_serial_number_is_spent(
    desk: Desk, plan: PlanFacts
) -> None:
    for _ in range(2):
        deliver_version(desk.runtime, desk.reissue())
    with desk.runtime.read() as uow:
        versions = certificates_of(uow, desk.graduate.person.id)
        assert [(one.version, one.state.value) for one in versions] == [
            (3, "issued"), (2, "superseded"), (1, "superseded"),
        ]  # fmt: skip
    following = number(desk.runtime, a_graduate(desk.runtime, desk.people, plan))
    assert following.number.endswith("0002")
    deliver_blank(desk.runtime, Graduate(desk.graduate.person, following.application_id))
    desk.all_hold()


def test_a_second_request_is_refused_while_the_first_is_printed_and_a_job_may_run_twice(desk: Desk) -> None:
    second_id = desk.reissue()
    with pytest.raises(NotReissuable) as refused:
        desk.reissue()
    assert [one.code for one in refused.value.reasons] == ["version.unprinted"]
    deliver_version(desk.runtime, second_id)
    deliver_version(desk.runtime, second_id)
    with desk.runtime.read() as uow:
        assert [move.verb for move in history(uow, CERTIFICATE.name, second_id)] == ["create", "issue"]
        assert [move.verb for move in history(uow, ENTRY.name, desk.entry.id)] == ["create", "reissue"]
    desk.all_hold()


def test_the_sweeper_prints_a_version_whose_job_was_lost(desk: Desk, clock: ClockControl) -> None:
    second_id = desk.reissue()
    clock.advance(150)
    certificate_jobs.sweep_overdue(desk.runtime)
    assert desk.certificate(second_id).state is CertificateState.ISSUED
    registry_jobs.register(desk.runtime, certificate_id=second_id)
    desk.all_hold()


def test_a_version_that_is_given_up_leaves_the_old_one_and_another_may_be_asked_for(desk: Desk) -> None:
    second_id = desk.reissue()
    with pytest.raises(Conflict), desk.runtime.write() as uow:
        reissue_service.drop(uow, desk.registrars[0], desk.entry.id, desk.first.id, "弄错了人")
    with desk.runtime.write() as uow:
        reissue_service.drop(uow, desk.registrars[0], desk.entry.id, second_id, "弄错了人")
    assert desk.certificate(second_id).state is CertificateState.DROPPED
    certificate_jobs.render(desk.runtime, certificate_id=second_id)
    assert desk.certificate(desk.first.id).state is CertificateState.ISSUED
    third = deliver_version(desk.runtime, desk.reissue())
    assert (third.version, third.replaces_id) == (3, second_id)
    assert desk.certificate(desk.first.id).state is CertificateState.SUPERSEDED
    desk.all_hold()


def test_an_entry_that_a_registrar_suspended_follows_and_stays_suspended(desk: Desk) -> None:
    with desk.runtime.write() as uow:
        service.suspend(uow, desk.registrars[0], desk.entry.id, "正在核查一起投诉")
    second = deliver_version(desk.runtime, desk.reissue())
    assert (desk.entry.certificate_id, desk.entry.state) == (second.id, EntryState.SUSPENDED)
    with desk.runtime.read() as uow:
        assert public_view(uow, second).standing == "suspended"
    desk.all_hold()


def test_only_written_grounds_and_a_certificate_in_force_lead_to_a_version(
    desk: Desk, clock: ClockControl
) -> None:
    with pytest.raises(Invalid):
        desk.reissue(words="丢了")
    clock.advance(4 * 365 * 24 * 3600)
    with pytest.raises(NotReissuable) as refused:
        desk.reissue()
    assert [one.code for one in refused.value.reasons] == ["version.expired"]


def test_a_revocation_gives_up_the_version_that_was_on_its_way(desk: Desk) -> None:
    second_id = desk.reissue()
    revoke_by_two(desk.runtime, desk.people, desk.entry.id, REASON)
    assert desk.certificate(second_id).state is CertificateState.DROPPED
    assert desk.certificate(desk.first.id).state is CertificateState.REVOKED
    with pytest.raises(NotReissuable):
        desk.reissue()
    desk.all_hold()


def test_no_version_is_made_while_two_persons_are_deciding(desk: Desk) -> None:
    with desk.runtime.write() as uow:
        decision_id = decision_service.propose_revocation(uow, desk.registrars[0], desk.entry.id, REASON)
    with pytest.raises(NotReissuable) as refused:
        desk.reissue()
    assert [one.code for one in refused.value.reasons] == ["version.decision"]
    with desk.runtime.write() as uow:
        decision_service.hand_back(uow, desk.registrars[1], desk.entry.id, decision_id, "依据不足")
    with pytest.raises(Conflict), desk.runtime.write() as uow:
        decision_service.decide(uow, desk.registrars[1], desk.entry.id, decision_id)
    assert desk.entry.state is EntryState.ACTIVE
    deliver_version(desk.runtime, desk.reissue())
    desk.all_hold()


def test_a_pass_that_is_taken_back_overtakes_a_proposal_and_a_version(desk: Desk) -> None:
    second_id = desk.reissue()
    with desk.runtime.write() as uow:
        decision_id = decision_service.propose_revocation(uow, desk.registrars[0], desk.entry.id, REASON)
        uow.session.execute(
            update(Application)
            .where(Application.id == desk.graduate.application_id)
            .values(outcome=Outcome.FAILED)
        )
    certificate_jobs.follow_stage(desk.runtime, application_id=desk.graduate.application_id)
    with desk.runtime.read() as uow:
        row = uow.session.get(CertificateDecision, decision_id)
        assert row is not None
        assert row.state == DecisionState.LIFTED
    assert desk.certificate(second_id).state is CertificateState.DROPPED
    assert desk.certificate(desk.first.id).state is CertificateState.SUSPENDED


def test_two_persons_bring_a_wrongly_revoked_certificate_back_as_its_next_version(desk: Desk) -> None:
    revoke_by_two(desk.runtime, desk.people, desk.entry.id, REASON)
    desk.restore()
    assert desk.entry.state is EntryState.REVOKED, "until the new version is printed"
    with desk.runtime.read() as uow:
        (second, first) = certificates_of(uow, desk.graduate.person.id)
        assert application_facts(uow, desk.graduate.application_id).outcome is Outcome.COMPLETED
    second = deliver_version(desk.runtime, second.id)
    assert (second.version_cause, second.state) == (VersionCause.RESTORED, CertificateState.ISSUED)
    assert desk.certificate(first.id).state is CertificateState.REVOKED, (
        "what was revoked stays so in history"
    )
    assert (desk.entry.state, desk.entry.certificate_id) == (EntryState.ACTIVE, second.id)
    with desk.runtime.read() as uow:
        assert public_view(uow, first).newer_version == 2
        assert public_view(uow, second).version_words == "复核后撤销依据不成立"
        assert public_view(uow, second).standing == "valid"
        assert [move.verb for move in history(uow, ENTRY.name, desk.entry.id)] == [
            "create", "revoke", "restore",
        ]  # fmt: skip
    desk.all_hold()
    revoke_by_two(desk.runtime, desk.people, desk.entry.id, REASON)
    assert desk.entry.state is EntryState.REVOKED
    desk.all_hold()


def test_nothing_comes_back_beside_another_certificate_or_after_it_is_over(
    desk: Desk, plan: PlanFacts, clock: ClockControl
) -> None:
    revoke_by_two(desk.runtime, desk.people, desk.entry.id, REASON)
    clock.advance(60)
    later = a_graduate(
        desk.runtime, desk.people, a_plan_beside(desk.runtime, plan), person=desk.graduate.person
    )
    number(desk.runtime, later)
    with pytest.raises(NotReissuable) as refused:
        desk.restore()
    assert [one.code for one in refused.value.reasons] == ["version.rival"]


def test_a_restored_version_that_meets_another_number_is_not_issued_beside_it(
    desk: Desk, plan: PlanFacts, runtime: Runtime
) -> None:
    revoke_by_two(desk.runtime, desk.people, desk.entry.id, REASON)
    desk.restore()
    later = a_graduate(runtime, desk.people, a_plan_beside(runtime, plan), person=desk.graduate.person)
    with pytest.raises(AlreadyCertified):
        number(runtime, later)


def test_the_database_refuses_one_person_who_decides_alone_and_two_live_versions(desk: Desk) -> None:
    person = desk.registrars[0].person_id
    with pytest.raises(IntegrityError), desk.runtime.write() as uow:
        uow.session.execute(
            insert(CertificateDecision).values(
                id=new_id(), certificate_id=desk.first.id, ground=Ground.REGISTRAR, opened_at=uow.now,
                state=DecisionState.REVOKED, verdict=Verdict.REVOKE, words=REASON, proposed_by=person,
                decided_by=person, decided_at=uow.now,
            )
        )  # fmt: skip
    with pytest.raises(IntegrityError), desk.runtime.write() as uow:
        uow.session.execute(
            insert(CertificateDecision).values(
                id=new_id(), certificate_id=desk.first.id, ground=Ground.REGISTRAR, opened_at=uow.now,
                state=DecisionState.REVOKED, verdict=Verdict.REVOKE, words=REASON, decided_by=person,
                decided_at=uow.now,
            )
        )  # fmt: skip
    second_id = desk.reissue()
    with pytest.raises(Conflict), desk.runtime.write() as uow:
        uow.session.execute(
            update(Certificate)
            .where(Certificate.id == second_id)
            .values(state=CertificateState.ISSUED, file_key="0" * 64, issued_at=uow.now)
        )


def test_the_same_version_is_delivered_by_four_at_once_only_once(desk: Desk) -> None:
    second_id = desk.reissue()
    results = run_at_once(lambda: deliver_version(desk.runtime, second_id), 4)
    assert all(not isinstance(one, Exception) or isinstance(one, Conflict) for one in results), results
    assert desk.certificate(second_id).state is CertificateState.ISSUED
    desk.all_hold()


def test_two_requests_at_once_make_one_version(desk: Desk) -> None:
    entry_id = desk.entry.id

    def ask() -> str:
        with desk.runtime.write() as uow:
            return reissue_service.reissue(uow, desk.registrars[0], entry_id, VersionCause.LOST, LOST)

    results = run_at_once(ask, 4)
    assert len([one for one in results if isinstance(one, str)]) == 1, results
    with desk.runtime.read() as uow:
        assert len(certificates_of(uow, desk.graduate.person.id)) == 2
    desk.all_hold()


def run_at_once(do: Callable[[], object], count: int) -> list[object]:
    return all_at_once([do] * count)


def test_the_house_itself_proposes_nothing(desk: Desk) -> None:
    with pytest.raises(IntegrityError), desk.runtime.write() as uow:
        certificate_decisions.ask(uow, HOUSE, desk.first.id, Verdict.REVOKE, REASON)
