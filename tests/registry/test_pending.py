"""What waits for a number, a file or a second person is listed with its reason, and tried again by a button."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import insert

from lms.accounts.models import Profile
from lms.accounts.policy import Role
from lms.certificates import jobs
from lms.certificates.errors import Unprintable
from lms.certificates.models.certificates import NumberSequence
from lms.certificates.policy.certificates import CertificateState
from lms.certificates.queries.certificates import certificates_of, get_certificate
from lms.certificates.queries.pending import unnumbered, unprinted_in
from lms.core.errors import Refusal
from lms.core.outbox import MAX_TRIES, OutboxJob
from lms.core.unit_of_work import Runtime
from lms.enrolment.events import ApplicationCompleted
from lms.plans.policy import PlanFacts
from lms.registry.queries.entries import entries_of
from lms.registry.service import decisions as decision_service
from tests.factories.certificates import Graduate, a_graduate, deliver_blank, number
from tests.factories.plans import a_plan
from tests.support.browser import Browser
from tests.support.people import KnownPerson, People
from tests.support.site import ClockControl, Site

SignedIn = Callable[[KnownPerson], Browser]
PAGE = "/desk/registry/pending"


@pytest.fixture
def plan(runtime: Runtime, people: People) -> PlanFacts:
    """A published plan."""
    return a_plan(runtime, people)


def use_up_numbers(runtime: Runtime) -> None:
    with runtime.write() as uow:
        uow.session.execute(
            insert(NumberSequence).values(
                number_rule="changzhou-15", year=2026, institution_code="34010005", level="examiner", last=9999
            )
        )  # fmt: skip


def name(runtime: Runtime, graduate: Graduate, words: str) -> None:
    with runtime.write() as uow:
        profile = uow.session.get(Profile, graduate.person.id)
        assert profile is not None
        profile.name = words


def test_each_reason_why_there_is_no_number_is_told_where_it_belongs(
    runtime: Runtime, people: People, plan: PlanFacts
) -> None:
    use_up_numbers(runtime)
    exhausted = a_graduate(runtime, people, plan)
    legacy = a_plan(runtime, people, number_rule="changzhou-14")
    unnumberable = a_graduate(runtime, people, legacy)
    elsewhere = a_graduate(runtime, people, legacy, issuer_id=people.other_institution_id)
    with runtime.read() as uow:
        found = {one.id: one for one in unnumbered(uow, ["/"])}
        path = people.actor(people.staff(Role.REGISTRAR, organisation_id=people.city_id)).scope_paths(
            Role.REGISTRAR
        )
        inside = {one.id for one in unnumbered(uow, path)}
    assert [one.code for one in found[exhausted.application_id].reasons] == ["number.exhausted"]
    assert [one.code for one in found[unnumberable.application_id].reasons] == ["number.institution"]
    assert inside == {exhausted.application_id, unnumberable.application_id}
    assert elsewhere.application_id in found


def test_a_name_without_glyphs_is_told_by_its_code_points_and_printed_after_it_was_mended(
    runtime: Runtime, people: People, plan: PlanFacts
) -> None:
    graduate = a_graduate(runtime, people, plan)
    name(runtime, graduate, "林\U000323af")
    certificate = number(runtime, graduate)
    with pytest.raises(Unprintable):
        jobs.render(runtime, certificate_id=certificate.id)
    with runtime.read() as uow:
        (one,) = unprinted_in(uow, ["/"], runtime.settings.font_dir)
    (reason,) = one.reasons
    assert (reason.code, reason.params["points"]) == ("sheet.glyphs", "U+323AF")
    assert one.number == certificate.number


def test_the_button_gives_a_dead_letter_another_round(
    runtime: Runtime, people: People, plan: PlanFacts, signed_in: SignedIn, site: Site, clock: ClockControl
) -> None:
    use_up_numbers(runtime)
    graduate = a_graduate(runtime, people, plan)
    with runtime.write() as uow:
        uow.record(ApplicationCompleted(graduate.application_id))
    for _ in range(MAX_TRIES):
        site.run_jobs()
        clock.advance(400)
    with runtime.read() as uow:
        job = uow.session.query(OutboxJob).filter_by(name="certificates.issue").one()
        assert job.failed_at is not None
        assert job.last_error == "refused: numbers_exhausted"
    desk = signed_in(people.staff(Role.REGISTRAR))
    page = desk.get(PAGE).text
    assert "流水号已经用完" in page
    assert graduate.person.name in page
    with runtime.write() as uow:
        uow.session.query(NumberSequence).delete()
    act = re.search(r'action="([^"]+/again)"', page)
    assert act is not None
    assert desk.post(act[1], {}).status_code == 303
    site.run_jobs()
    site.run_jobs()
    with runtime.read() as uow:
        (certificate,) = certificates_of(uow, graduate.person.id)
    assert certificate.state is CertificateState.ISSUED
    assert desk.post(act[1], {}).status_code == 409
    assert "没有未完成的证书" in desk.get(PAGE).text


def test_a_certificate_whose_job_is_long_done_is_printed_by_a_new_one(
    runtime: Runtime, people: People, plan: PlanFacts, signed_in: SignedIn, site: Site
) -> None:
    certificate = number(runtime, a_graduate(runtime, people, plan))
    desk = signed_in(people.staff(Role.REGISTRAR))
    assert "正在办理" in desk.get(PAGE).text
    with runtime.write() as uow:
        uow.session.query(OutboxJob).delete()
    assert desk.post(f"{PAGE}/certificate/{certificate.id}/again", {}).status_code == 303
    site.run_jobs()
    with runtime.read() as uow:
        assert get_certificate(uow, certificate.id).state is CertificateState.ISSUED


def test_only_the_registrar_of_the_scope_sees_and_tries(
    runtime: Runtime, people: People, plan: PlanFacts, signed_in: SignedIn
) -> None:
    graduate = a_graduate(runtime, people, plan)
    certificate = number(runtime, a_graduate(runtime, people, plan))
    foreign = signed_in(people.staff(Role.REGISTRAR, organisation_id=people.other_city_id))
    assert graduate.person.name not in foreign.get(PAGE).text
    for path in (f"application/{graduate.application_id}", f"certificate/{certificate.id}"):
        assert foreign.post(f"{PAGE}/{path}/again", {}).status_code == 404
    auditor = signed_in(people.staff(Role.AUDITOR))
    page = auditor.get(PAGE).text
    assert certificate.number[:2] in page
    assert "再试一次" not in page


def test_a_proposal_is_listed_until_its_second_person_has_decided(
    runtime: Runtime, people: People, plan: PlanFacts, signed_in: SignedIn
) -> None:
    certificate = deliver_blank(runtime, a_graduate(runtime, people, plan))
    first, second = (people.staff(Role.REGISTRAR) for _ in range(2))
    with runtime.write() as uow:
        entry = entries_of(uow, certificate.person_id)[0]
    actor = people.actor(first)
    with runtime.write() as uow:
        decision_id = decision_service.propose_revocation(uow, actor, entry.id, "两次警告，取消考评员资格")
    assert "须由另一人决定" in signed_in(first).get(PAGE).text
    desk = signed_in(second)
    page = desk.get(PAGE).text
    assert "两次警告" in page
    assert "须由另一人决定" not in page
    assert "证书的撤销或恢复等待第二人" in desk.get("/desk").text
    refused = desk.post(
        f"/desk/registry/{entry.id}/decision/{decision_id}/hand-back", {"reason": "依据不足，不采用"}
    )
    assert refused.status_code == 303
    assert "两次警告" not in desk.get(PAGE).text


def test_a_reason_never_holds_the_name(runtime: Runtime, people: People, plan: PlanFacts) -> None:
    graduate = a_graduate(runtime, people, plan)
    name(runtime, graduate, "林\U000323af")
    certificate = number(runtime, graduate)
    with pytest.raises(Refusal) as refused:
        jobs.render(runtime, certificate_id=certificate.id)
    assert "林" not in str(refused.value)
