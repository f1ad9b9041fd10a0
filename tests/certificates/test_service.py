"""Issuing: consecutive numbers under any race, one certificate per application, one live one per person."""

import itertools
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select

from lms.accounts.models import Profile
from lms.audit.queries import history
from lms.certificates import jobs
from lms.certificates.errors import (
    AlreadyCertified,
    NotCompleted,
    NotRevocable,
    NumbersExhausted,
    Unnumberable,
    Unprintable,
)
from lms.certificates.invariants import INVARIANTS
from lms.certificates.models.certificates import NumberSequence
from lms.certificates.policy.certificates import CERTIFICATE, CertificateState
from lms.certificates.queries.certificates import certificates_of, get_certificate
from lms.certificates.service import certificates as service
from lms.core.errors import Busy
from lms.core.identifiers import new_id
from lms.core.invariants import check
from lms.core.unit_of_work import Runtime
from lms.enrolment import service as enrolment
from lms.enrolment.policy import StageState
from lms.plans.models import Plan
from lms.plans.policy import ExaminerLevel, PlanFacts, StageKind
from tests.factories.certificates import HOUSE, a_graduate, deliver_blank, issue_in_full, number
from tests.factories.plans import a_plan, an_approved_trainee
from tests.support.people import People
from tests.support.site import ClockControl


@pytest.fixture
def plan(runtime: Runtime, people: People) -> PlanFacts:
    """A published plan."""
    return a_plan(runtime, people)


def all_at_once(work: list[Callable[[], object]]) -> list[object]:
    """Release every piece of work from one barrier; return results and exceptions in order."""
    barrier = threading.Barrier(len(work))
    results: list[object] = [None] * len(work)

    def run(place: int, do: Callable[[], object]) -> None:
        barrier.wait()
        try:
            results[place] = do()
        except Exception as error:  # noqa: BLE001 - the caller looks at whatever went wrong
            results[place] = error

    threads = [threading.Thread(target=run, args=(place, do)) for place, do in enumerate(work)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_the_journey_ends_in_a_printed_and_registered_certificate(runtime: Runtime, people: People) -> None:
    plan = a_plan(runtime, people, number_rule="changzhou-15")
    trainee, application = an_approved_trainee(runtime, people, plan)
    with pytest.raises(NotCompleted):
        jobs.issue(runtime, application_id=application.id)
    for kind in (StageKind.STUDY, StageKind.EXAM):
        with runtime.write() as uow:
            enrolment.complete_stage(uow, HOUSE, application.id, kind, StageState.PASSED)
    jobs.issue(runtime, application_id=application.id)
    with runtime.read() as uow:
        (certificate,) = certificates_of(uow, trainee.id)
    assert certificate.state is CertificateState.PENDING
    jobs.render(runtime, certificate_id=certificate.id)
    with runtime.read() as uow:
        certificate = get_certificate(uow, certificate.id)
        assert [move.verb for move in history(uow, CERTIFICATE.name, certificate.id)] == ["create", "issue"]
        assert check(uow, INVARIANTS) == {}
    assert certificate.state is CertificateState.ISSUED
    assert certificate.number == "260000000020001"
    assert (certificate.valid_from.isoformat(), certificate.valid_until.isoformat()) == (
        "2026-11-21",
        "2029-11-20",
    )
    assert certificate.file_key is not None
    assert runtime.storage.get(certificate.file_key)[:5] == b"%PDF-"
    assert runtime.storage.size(certificate.file_key) == certificate.file_bytes


def test_a_hundred_people_in_one_second_get_a_hundred_numbers_in_a_row(
    runtime: Runtime, people: People, plan: PlanFacts
) -> None:
    graduates = [a_graduate(runtime, people, plan) for _ in range(100)]

    def issue(application_id: str) -> Callable[[], object]:
        def do() -> object:
            jobs.issue(runtime, application_id=application_id)
            return None

        return do

    results = all_at_once([issue(graduate.application_id) for graduate in graduates])
    # On an overloaded machine some are told to wait, and their job is sent again.
    assert {type(result) for result in results} <= {type(None), Busy}
    numbers = sorted(number(runtime, graduate).number for graduate in graduates)
    assert numbers == [f"26340100052{serial:04d}" for serial in range(1, 101)]
    with runtime.read() as uow:
        assert {key: rows for key, rows in check(uow, INVARIANTS).items() if key != "C3"} == {}


def test_the_same_job_ten_times_at_once_makes_one_certificate(
    runtime: Runtime, people: People, plan: PlanFacts
) -> None:
    graduate = a_graduate(runtime, people, plan)
    results = all_at_once([lambda: jobs.issue(runtime, application_id=graduate.application_id)] * 10)
    assert results == [None] * 10
    certificate = number(runtime, graduate)
    assert certificate.number.endswith("0001")
    results = all_at_once([lambda: jobs.render(runtime, certificate_id=certificate.id)] * 4)
    with runtime.read() as uow:
        certificate = get_certificate(uow, certificate.id)
        assert [move.verb for move in history(uow, CERTIFICATE.name, certificate.id)] == ["create", "issue"]
        assert check(uow, INVARIANTS) == {}
    assert certificate.state is CertificateState.ISSUED


def test_each_institution_level_and_year_counts_for_itself(
    runtime: Runtime, people: People, plan: PlanFacts, clock: ClockControl
) -> None:
    first = number(runtime, a_graduate(runtime, people, plan))
    other = number(runtime, a_graduate(runtime, people, plan, issuer_id=people.other_institution_id))
    senior = number(runtime, a_graduate(runtime, people, plan, level=ExaminerLevel.SENIOR))
    clock.set(datetime(2026, 12, 31, 15, 59, tzinfo=UTC))
    last_of_year = number(runtime, a_graduate(runtime, people, plan))
    clock.set(datetime(2026, 12, 31, 16, 0, 1, tzinfo=UTC))  # midnight in Shanghai
    first_of_year = number(runtime, a_graduate(runtime, people, plan))
    assert [one.number for one in (first, other, senior, last_of_year, first_of_year)] == [
        "263401000520001", "263402000720001", "263401000510001", "263401000520002", "273401000520001",
    ]  # fmt: skip
    assert first_of_year.valid_from.isoformat() == "2027-01-01"


def test_past_9999_the_issue_is_refused_and_nothing_is_lost(
    runtime: Runtime, people: People, plan: PlanFacts
) -> None:
    graduate = a_graduate(runtime, people, plan)
    with runtime.write() as uow:
        uow.session.execute(
            insert(NumberSequence).values(
                number_rule="changzhou-15",
                year=2026,
                institution_code="34010005",
                level="examiner",
                last=9999,
            )
        )
    for _ in range(2):
        with pytest.raises(NumbersExhausted):
            jobs.issue(runtime, application_id=graduate.application_id)
    with runtime.read() as uow:
        assert certificates_of(uow, graduate.person.id) == []
        assert uow.session.get(NumberSequence, ("changzhou-15", 2026, "34010005", "examiner")).last == 9999  # type: ignore[union-attr]  # written above


def test_a_code_that_does_not_fit_the_rule_is_refused_before_a_number_is_used(
    runtime: Runtime, people: People
) -> None:
    plan = a_plan(runtime, people, number_rule="changzhou-14")
    with pytest.raises(Unnumberable):
        jobs.issue(runtime, application_id=a_graduate(runtime, people, plan).application_id)
    with runtime.read() as uow:
        assert uow.session.query(NumberSequence).count() == 0


def test_a_second_live_certificate_is_refused_and_an_expired_one_gives_way(
    runtime: Runtime, people: People, plan: PlanFacts, clock: ClockControl
) -> None:
    graduate = a_graduate(runtime, people, plan)
    old = deliver_blank(runtime, graduate)
    later_plan = a_plan_beside(runtime, plan)
    again = a_graduate(runtime, people, later_plan, person=graduate.person)
    with pytest.raises(AlreadyCertified):
        number(runtime, again)
    clock.set(datetime(2029, 11, 20, 15, 59, tzinfo=UTC))  # the last minute of the last day
    with pytest.raises(AlreadyCertified):
        number(runtime, again)
    clock.advance(120)
    new = deliver_blank(runtime, again)
    with runtime.read() as uow:
        assert get_certificate(uow, old.id).state is CertificateState.SUPERSEDED
        assert check(uow, [rule for rule in INVARIANTS if rule.id.startswith(("C1", "C4", "C6"))]) == {}
    assert new.number == "293401000520001"


_BESIDE = itertools.count(9_000_000_001)


def a_plan_beside(runtime: Runtime, plan: PlanFacts) -> PlanFacts:
    """Return another plan like the first; the same person may be in both."""
    copied = new_id()
    with runtime.write() as uow:
        row = uow.session.scalar(select(Plan).where(Plan.id == plan.id))
        values = {column.key: getattr(row, column.key) for column in Plan.__table__.columns}
        uow.session.execute(insert(Plan).values(values | {"id": copied, "number": f"202611{next(_BESIDE)}"}))
    return replace(plan, id=copied)


def test_a_name_no_font_can_print_leaves_the_number_reserved_and_nothing_valid(
    runtime: Runtime, people: People, plan: PlanFacts
) -> None:
    graduate = a_graduate(runtime, people, plan)
    with runtime.write() as uow:
        profile = uow.session.get(Profile, graduate.person.id)
        assert profile is not None
        profile.name = "林\U000323af"
    certificate = number(runtime, graduate)
    with pytest.raises(Unprintable):
        jobs.render(runtime, certificate_id=certificate.id)
    with runtime.read() as uow:
        assert get_certificate(uow, certificate.id).state is CertificateState.PENDING


def test_what_was_refused_is_issued_once_its_cause_is_mended(
    runtime: Runtime, people: People, plan: PlanFacts, clock: ClockControl
) -> None:
    graduate = a_graduate(runtime, people, plan)
    unlucky = a_graduate(runtime, people, plan)
    with runtime.write() as uow:
        profile = uow.session.get(Profile, graduate.person.id)
        assert profile is not None
        profile.name = "林\U000323af"
    stuck = number(runtime, graduate)
    jobs.sweep_overdue(runtime)
    with runtime.read() as uow:
        assert certificates_of(uow, unlucky.person.id) == []  # its own job still has its two minutes
    clock.advance(150)
    jobs.sweep_overdue(runtime)  # the unprintable one is refused again and stops nobody else
    jobs.sweep_overdue(runtime)
    clock.advance(150)
    jobs.sweep_overdue(runtime)
    with runtime.read() as uow:
        (issued,) = certificates_of(uow, unlucky.person.id)
        assert issued.state is CertificateState.ISSUED
        assert get_certificate(uow, stuck.id).state is CertificateState.PENDING


def test_revoking_needs_an_issued_certificate_and_a_written_reason(
    runtime: Runtime, people: People, plan: PlanFacts
) -> None:
    graduate = a_graduate(runtime, people, plan)
    registrar = people.actor(people.staff())
    pending = number(runtime, graduate)
    with pytest.raises(NotRevocable), runtime.write() as uow:
        service.revoke(uow, registrar, pending.id, "两次警告，取消考评员资格")
    issued = deliver_blank(runtime, graduate)
    with pytest.raises(NotRevocable), runtime.write() as uow:
        service.revoke(uow, registrar, issued.id, "  错 ")
    with runtime.write() as uow:
        service.revoke(uow, registrar, issued.id, " 两次警告，取消考评员资格 ")
    with pytest.raises(NotRevocable), runtime.write() as uow:
        service.revoke(uow, registrar, issued.id, "再撤销一次")
    with runtime.read() as uow:
        after = get_certificate(uow, issued.id)
    assert (after.state, after.revoked_because) == (CertificateState.REVOKED, "两次警告，取消考评员资格")


def test_a_job_that_died_after_the_file_was_kept_is_simply_done_again(
    runtime: Runtime, people: People, plan: PlanFacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    graduate = a_graduate(runtime, people, plan)
    certificate = number(runtime, graduate)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(service, "deliver", die)
        with pytest.raises(KeyboardInterrupt):
            jobs.render(runtime, certificate_id=certificate.id)
    kept = list(runtime.storage.keys())
    jobs.render(runtime, certificate_id=certificate.id)
    assert sorted(runtime.storage.keys()) == sorted(kept)  # the same bytes, the same key
    with runtime.read() as uow:
        assert get_certificate(uow, certificate.id).file_key in kept


def test_the_file_of_a_holder_without_a_photo_is_printed_too(
    runtime: Runtime, people: People, plan: PlanFacts
) -> None:
    certificate = issue_in_full(runtime, a_graduate(runtime, people, plan, photo=False))
    assert certificate.state is CertificateState.ISSUED
    assert certificate.issued_at is not None
    assert certificate.issued_at - certificate.created_at < timedelta(minutes=1)
