"""Entries: made with the certificate, seen within scope, revoked together with it, expired by the day."""

from datetime import UTC, datetime

import pytest

from lms.accounts.policy import Role
from lms.audit.queries import history, recent_events
from lms.certificates.invariants import INVARIANTS as CERTIFICATE_INVARIANTS
from lms.certificates.policy.certificates import CertificateState
from lms.certificates.queries.certificates import get_certificate
from lms.certificates.service import certificates
from lms.core.errors import Conflict, NotFound, Refusal
from lms.core.invariants import check
from lms.core.unit_of_work import Runtime
from lms.plans.policy import PlanFacts
from lms.registry.errors import NotMovable, TooManyLookups
from lms.registry.invariants import INVARIANTS
from lms.registry.jobs import entries as jobs
from lms.registry.models.entries import LookupWindow
from lms.registry.policy.entries import ENTRY, LOOKUPS_PER_MINUTE, EntryStanding, EntryState
from lms.registry.queries.counts import counts, occupations
from lms.registry.queries.entries import entries_of, get_entry
from lms.registry.queries.search import EntryFilter, entries, matching_ids
from lms.registry.service import decisions as decision_service
from lms.registry.service import entries as service
from tests.factories.certificates import a_graduate, deliver_blank
from tests.factories.plans import a_plan
from tests.support.people import People
from tests.support.site import ClockControl

REASON = "两次警告，取消考评员资格"


@pytest.fixture
def plan(runtime: Runtime, people: People) -> PlanFacts:
    """A published plan."""
    return a_plan(runtime, people)


def all_hold(runtime: Runtime) -> None:
    with runtime.read() as uow:
        assert check(uow, (*INVARIANTS, *CERTIFICATE_INVARIANTS)) == {}


def test_registering_twice_makes_one_entry(runtime: Runtime, people: People, plan: PlanFacts) -> None:
    graduate = a_graduate(runtime, people, plan)
    certificate = deliver_blank(runtime, graduate)
    jobs.register(runtime, certificate_id=certificate.id)
    with runtime.read() as uow:
        (entry,) = entries_of(uow, graduate.person.id)
        assert [move.verb for move in history(uow, ENTRY.name, entry.id)] == ["create"]
    assert (entry.certificate_number, entry.state) == (certificate.number, EntryState.ACTIVE)
    assert entry.issuer_name == "云浦电力技能评价中心"
    all_hold(runtime)


def test_a_registrar_sees_the_entries_of_his_scope_and_no_others(
    runtime: Runtime, people: People, plan: PlanFacts
) -> None:
    here = deliver_blank(runtime, a_graduate(runtime, people, plan))
    there = deliver_blank(runtime, a_graduate(runtime, people, plan, issuer_id=people.other_institution_id))
    province, city = (
        people.actor(people.staff(Role.REGISTRAR, organisation_id=where)) for where in (None, people.city_id)
    )
    trainee = people.actor(people.trainee())
    with runtime.read() as uow:
        assert {entry.certificate_id for entry in entries(uow, province, EntryFilter()).entries} == {
            here.id,
            there.id,
        }
        assert [entry.certificate_id for entry in entries(uow, city, EntryFilter()).entries] == [here.id]
        assert entries(uow, trainee, EntryFilter()).page.total == 0
        assert counts(uow, city).all == 1
        assert counts(uow, trainee).all == 0
        assert occupations(uow, trainee) == []
        (foreign,) = entries_of(uow, there.person_id)
        with pytest.raises(NotFound):
            get_entry(uow, city, foreign.id)
    with pytest.raises(NotFound), runtime.write() as uow:
        decision_service.propose_revocation(uow, city, foreign.id, REASON)


def test_an_auditor_reads_and_may_not_act(runtime: Runtime, people: People, plan: PlanFacts) -> None:
    certificate = deliver_blank(runtime, a_graduate(runtime, people, plan))
    auditor = people.actor(people.staff(Role.AUDITOR))
    with runtime.read() as uow:
        (entry,) = entries(uow, auditor, EntryFilter()).entries
    with pytest.raises(NotFound), runtime.write() as uow:
        service.suspend(uow, auditor, entry.id, REASON)
    assert entry.certificate_id == certificate.id


def test_two_registrars_revoke_entry_and_certificate_in_one_go(
    runtime: Runtime, people: People, plan: PlanFacts
) -> None:
    certificate = deliver_blank(runtime, a_graduate(runtime, people, plan))
    registrar, second = (people.actor(people.staff(Role.REGISTRAR)) for _ in range(2))
    with runtime.read() as uow:
        (entry,) = entries_of(uow, certificate.person_id)
    with pytest.raises(NotMovable) as refused, runtime.write() as uow:
        decision_service.propose_revocation(uow, registrar, entry.id, "错")
    assert [reason.code for reason in refused.value.reasons] == ["entry.reason"]
    with runtime.write() as uow:
        decision_id = decision_service.propose_revocation(uow, registrar, entry.id, REASON)
    with runtime.read() as uow:
        assert get_entry(uow, registrar, entry.id).state is EntryState.ACTIVE, "one alone revokes nothing"
        assert get_certificate(uow, certificate.id).state is CertificateState.ISSUED
    with pytest.raises(Conflict), runtime.write() as uow:
        decision_service.propose_revocation(uow, second, entry.id, REASON)
    with pytest.raises(Refusal) as refused_decision, runtime.write() as uow:
        decision_service.decide(uow, registrar, entry.id, decision_id)
    assert [reason.code for reason in refused_decision.value.reasons] == ["decision.second_person"]
    with runtime.write() as uow:
        decision_service.decide(uow, second, entry.id, decision_id)
    with runtime.read() as uow:
        assert get_entry(uow, registrar, entry.id).state is EntryState.REVOKED
        after = get_certificate(uow, certificate.id)
        events, _ = recent_events(uow, tag="registry_entry:revoke")
    assert (after.state, after.revoked_because) == (CertificateState.REVOKED, REASON)
    assert [event.subject_id for event in events] == [entry.id]
    for verb in (decision_service.propose_revocation, service.suspend, service.resume):
        with pytest.raises(NotMovable), runtime.write() as uow:
            verb(uow, registrar, entry.id, REASON)
    all_hold(runtime)


def test_a_failure_between_entry_and_certificate_leaves_both_valid(
    runtime: Runtime, people: People, plan: PlanFacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = deliver_blank(runtime, a_graduate(runtime, people, plan))
    registrar, second = (people.actor(people.staff(Role.REGISTRAR)) for _ in range(2))
    with runtime.read() as uow:
        (entry,) = entries_of(uow, certificate.person_id)
    with runtime.write() as uow:
        decision_id = decision_service.propose_revocation(uow, registrar, entry.id, REASON)

    def fail(*_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(certificates, "revoke", fail)
        with pytest.raises(RuntimeError), runtime.write() as uow:
            decision_service.decide(uow, second, entry.id, decision_id)
    with runtime.read() as uow:
        assert get_entry(uow, registrar, entry.id).state is EntryState.ACTIVE
    all_hold(runtime)


def test_suspending_and_resuming_leaves_a_trace_of_both(
    runtime: Runtime, people: People, plan: PlanFacts
) -> None:
    certificate = deliver_blank(runtime, a_graduate(runtime, people, plan))
    registrar = people.actor(people.staff(Role.REGISTRAR))
    with runtime.read() as uow:
        (entry,) = entries_of(uow, certificate.person_id)
    for verb, standing in (
        (service.suspend, EntryStanding.SUSPENDED), (service.resume, EntryStanding.VALID),
    ):  # fmt: skip
        with runtime.write() as uow:
            verb(uow, registrar, entry.id, REASON)
        with runtime.read() as uow:
            assert get_entry(uow, registrar, entry.id).standing(uow.now) is standing
    with runtime.read() as uow:
        moves = history(uow, ENTRY.name, entry.id)
    assert [(move.verb, move.remark, move.actor_id) for move in moves] == [
        ("create", "", None), ("suspend", REASON, registrar.person_id), ("resume", REASON, registrar.person_id),
    ]  # fmt: skip


def test_an_entry_expires_at_midnight_in_shanghai_before_any_sweeper_runs(
    runtime: Runtime, people: People, plan: PlanFacts, clock: ClockControl
) -> None:
    certificate = deliver_blank(runtime, a_graduate(runtime, people, plan))
    registrar = people.actor(people.staff(Role.REGISTRAR))
    clock.set(datetime(2029, 11, 20, 15, 59, tzinfo=UTC))
    jobs.sweep_expired(runtime)
    with runtime.read() as uow:
        (entry,) = entries_of(uow, certificate.person_id)
        assert entry.standing(uow.now) is EntryStanding.EXPIRING
        assert counts(uow, registrar).expiring == 1
    clock.advance(90)
    with runtime.read() as uow:
        assert entry.standing(uow.now) is EntryStanding.EXPIRED
        assert counts(uow, registrar).by_standing == {EntryStanding.EXPIRED: 1}
        assert counts(uow, registrar).all == 1
    jobs.sweep_expired(runtime)
    jobs.sweep_expired(runtime)
    with runtime.read() as uow:
        assert get_entry(uow, registrar, entry.id).state is EntryState.EXPIRED
        assert [move.verb for move in history(uow, ENTRY.name, entry.id)] == ["create", "expire"]


def test_each_filter_narrows_the_list_and_pages_stay_in_bounds(
    runtime: Runtime, people: People, plan: PlanFacts
) -> None:
    first = deliver_blank(runtime, a_graduate(runtime, people, plan))
    deliver_blank(runtime, a_graduate(runtime, people, plan))
    registrar = people.actor(people.staff(Role.REGISTRAR))
    with runtime.read() as uow:

        def found(**wanted: str) -> int:
            return entries(uow, registrar, EntryFilter(**wanted)).page.total

        assert found(words=first.number) == 1
        assert (
            found(words=f"{first.number[:2]} {first.number[2:10]} {first.number[10]} {first.number[11:]}")
            == 1
        )
        assert found(words=first.holder_name[:2]) >= 1
        assert found(words="%") == 0
        assert found(occupation="6-31-01-03") == 2
        assert found(occupation="6-31-01-04") == 0
        assert found(level="senior") == 0
        assert found(standing="valid") == 2
        assert found(standing="revoked") == 0
        assert entries(uow, registrar, EntryFilter(), 99).page.number == 1


def test_the_list_begins_with_the_newest_entry_and_a_name_with_its_namesakes(
    runtime: Runtime, people: People, plan: PlanFacts, clock: ClockControl
) -> None:
    made = []
    for _ in range(3):
        made.append(deliver_blank(runtime, a_graduate(runtime, people, plan)).number)
        clock.advance(60)
    registrar = people.actor(people.staff(Role.REGISTRAR))
    with runtime.read() as uow:
        listed = entries(uow, registrar, EntryFilter()).entries
        assert [one.certificate_number for one in listed] == made[::-1]
        assert matching_ids(uow, registrar, EntryFilter()) == [one.id for one in listed]
        family = EntryFilter(words=listed[0].holder_name[:1])
        named = [one.holder_name for one in entries(uow, registrar, family).entries]
        assert named == sorted(named)


def test_the_sixty_first_look_within_a_minute_is_refused_for_that_address_alone(
    runtime: Runtime, clock: ClockControl
) -> None:
    clock.set(datetime(2026, 11, 21, 1, 0, 0, 500_000, tzinfo=UTC))
    now = clock.now()
    for _ in range(LOOKUPS_PER_MINUTE):
        with runtime.write(now) as uow:
            service.count_lookup(uow, "192.0.2.7")
    with pytest.raises(TooManyLookups), runtime.write(now) as uow:
        service.count_lookup(uow, "192.0.2.7")
    with runtime.write(now) as uow:
        service.count_lookup(uow, "192.0.2.8")
    clock.advance(60)
    with runtime.write() as uow:
        service.count_lookup(uow, "192.0.2.7")
    clock.advance(7200)
    jobs.sweep_lookups(runtime)
    with runtime.read() as uow:
        assert uow.session.query(LookupWindow).count() == 0
