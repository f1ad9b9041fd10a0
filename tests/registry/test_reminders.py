"""Holders hear 90, 30 and 7 days before their certificates end: once each, and only while it matters."""

from datetime import UTC, date, datetime, timedelta

import pytest

from lms.accounts.policy import Role
from lms.certificates.policy.versions import VersionCause
from lms.certificates.queries.certificates import CertificateFacts
from lms.core.unit_of_work import Runtime
from lms.plans.policy import PlanFacts
from lms.registry.jobs import reminders as reminder_jobs
from lms.registry.models.reminders import ExpiryReminder
from lms.registry.policy.reminders import days_of, threshold
from lms.registry.queries.entries import entries_of
from lms.registry.queries.reminders import standing_notice
from lms.registry.service import entries as service
from lms.registry.service import reissues as reissue_service
from tests.factories.certificates import a_graduate, deliver_blank, deliver_version, revoke_by_two
from tests.factories.plans import a_plan
from tests.support.people import People
from tests.support.site import ClockControl, Site


@pytest.fixture
def plan(runtime: Runtime, people: People) -> PlanFacts:
    """A published plan."""
    return a_plan(runtime, people)


@pytest.fixture
def certificate(runtime: Runtime, people: People, plan: PlanFacts) -> CertificateFacts:
    """A certificate that is valid until 2029-11-20."""
    return deliver_blank(runtime, a_graduate(runtime, people, plan))


def morning(clock: ClockControl, certificate: CertificateFacts, days_left: int) -> None:
    day: date = certificate.valid_until - timedelta(days=days_left)
    clock.set(datetime(day.year, day.month, day.day, 2, 0, tzinfo=UTC))


def told(runtime: Runtime) -> list[int]:
    with runtime.read() as uow:
        return sorted((row.days for row in uow.session.query(ExpiryReminder)), reverse=True)


def test_the_most_urgent_threshold_is_the_one_that_counts() -> None:
    found = [threshold(left) for left in (91, 90, 31, 30, 8, 7, 0, -1)]
    assert found == [None, 90, 90, 30, 30, 7, 7, None]
    assert [days_of(days) for days in (90, 30, 7)] == [(31, 90), (8, 30), (0, 7)]


def test_each_threshold_is_told_once_by_mail_and_on_the_page(
    runtime: Runtime, site: Site, clock: ClockControl, certificate: CertificateFacts
) -> None:
    for left in (91, 90, 60, 30, 7, 1):
        morning(clock, certificate, left)
        reminder_jobs.sweep_expiring(runtime)
        reminder_jobs.sweep_expiring(runtime)
    assert told(runtime) == [90, 30, 7]
    site.run_jobs()
    site.run_jobs()
    with runtime.read() as uow:
        assert all(row.mailed_at for row in uow.session.query(ExpiryReminder))
        notice = standing_notice(uow, certificate.person_id)
    assert notice is not None
    assert (notice.number, notice.valid_until) == (certificate.number, certificate.valid_until)


def test_after_a_long_silence_only_the_most_urgent_one_is_told(
    runtime: Runtime, clock: ClockControl, certificate: CertificateFacts
) -> None:
    morning(clock, certificate, 5)
    reminder_jobs.sweep_expiring(runtime)
    assert told(runtime) == [7]
    morning(clock, certificate, -1)
    reminder_jobs.sweep_expiring(runtime)
    assert told(runtime) == [7]
    with runtime.read() as uow:
        assert standing_notice(uow, certificate.person_id) is None, "what has ended is no reminder any more"


def test_nobody_is_told_at_night(
    runtime: Runtime, clock: ClockControl, certificate: CertificateFacts
) -> None:
    day = certificate.valid_until - timedelta(days=20)
    clock.set(datetime(day.year, day.month, day.day, 18, 0, tzinfo=UTC))
    reminder_jobs.sweep_expiring(runtime)
    assert told(runtime) == []


def test_what_is_suspended_or_revoked_reminds_nobody(
    runtime: Runtime, people: People, plan: PlanFacts, clock: ClockControl, certificate: CertificateFacts
) -> None:
    other = deliver_blank(runtime, a_graduate(runtime, people, plan))
    registrar = people.actor(people.staff(Role.REGISTRAR))
    with runtime.read() as uow:
        suspended, revoked = (entries_of(uow, one.person_id)[0] for one in (certificate, other))
    with runtime.write() as uow:
        service.suspend(uow, registrar, suspended.id, "正在核查一起投诉")
    revoke_by_two(runtime, people, revoked.id, "两次警告，取消考评员资格")
    morning(clock, certificate, 30)
    reminder_jobs.sweep_expiring(runtime)
    assert told(runtime) == []
    with runtime.write() as uow:
        service.resume(uow, registrar, suspended.id, "核查没有发现问题")
    reminder_jobs.sweep_expiring(runtime)
    assert told(runtime) == [30]


def test_another_version_of_the_same_number_is_not_told_again(
    runtime: Runtime, people: People, clock: ClockControl, certificate: CertificateFacts
) -> None:
    morning(clock, certificate, 80)
    reminder_jobs.sweep_expiring(runtime)
    registrar = people.actor(people.staff(Role.REGISTRAR))
    with runtime.write() as uow:
        entry = entries_of(uow, certificate.person_id)[0]
        second_id = reissue_service.reissue(uow, registrar, entry.id, VersionCause.LOST, "登报声明遗失")
    second = deliver_version(runtime, second_id)
    reminder_jobs.sweep_expiring(runtime)
    assert told(runtime) == [90]
    with runtime.read() as uow:
        notice = standing_notice(uow, certificate.person_id)
    assert notice is not None
    assert notice.certificate_id == second.id
