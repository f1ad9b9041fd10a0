"""Applying: who may, once, and what can still be changed."""

import threading
from datetime import date

import pytest

from lms.core.errors import Conflict, Invalid, NotFound, Refusal
from lms.core.invariants import check
from lms.core.unit_of_work import Runtime
from lms.enrolment import queries, service
from lms.enrolment.errors import NotEligible, WrongState
from lms.enrolment.invariants import INVARIANTS
from lms.enrolment.policy import ApplicationState, EvidenceKind, age_concerns
from lms.plans.policy import ExaminerLevel
from tests.factories.plans import ELECTRICIAN, WELDER, a_plan, a_reviewer, an_applicant
from tests.support.people import People, portrait
from tests.support.site import ClockControl


def test_the_profile_comes_first(runtime: Runtime, people: People) -> None:
    plan = a_plan(runtime, people)
    for missing in ({"profile": False}, {"photo": False}, {"consents": False}):
        trainee = people.actor(people.trainee(**missing))
        with pytest.raises(NotEligible), runtime.write() as uow:
            service.start(uow, trainee, plan.id, ELECTRICIAN)


def test_the_window_is_kept_to_the_millisecond(runtime: Runtime, people: People, clock: ClockControl) -> None:
    plan = a_plan(runtime, people)
    late, in_time = (people.actor(people.trainee()) for _ in range(2))
    with runtime.write(plan.enrol_until.replace(microsecond=0)) as uow:
        with pytest.raises(NotEligible) as refused:
            service.start(uow, late, plan.id, ELECTRICIAN)
        assert [reason.code for reason in refused.value.reasons] == ["enrol.window_over"]
    with runtime.write(plan.enrol_from) as uow:
        assert service.start(uow, in_time, plan.id, ELECTRICIAN).state is ApplicationState.DRAFT


def test_only_what_the_plan_offers_can_be_applied_for(runtime: Runtime, people: People) -> None:
    plan = a_plan(runtime, people)
    trainee = people.actor(people.trainee())
    with pytest.raises(Invalid), runtime.write() as uow:
        service.start(uow, trainee, plan.id, "2022:4-03-02-01:examiner")


def test_applying_twice_in_a_plan_is_applying_once(runtime: Runtime, people: People) -> None:
    plan = a_plan(runtime, people)
    trainee, application = an_applicant(runtime, people, plan)
    with runtime.write() as uow:
        assert service.start(uow, people.actor(trainee), plan.id, WELDER).id == application.id


def test_one_live_application_per_occupation_and_level(runtime: Runtime, people: People) -> None:
    first, second = a_plan(runtime, people), a_plan(runtime, people)
    trainee, _ = an_applicant(runtime, people, first)
    with pytest.raises(Conflict), runtime.write() as uow:
        service.start(uow, people.actor(trainee), second.id, ELECTRICIAN)
    with runtime.write() as uow:
        other = service.start(uow, people.actor(trainee), second.id, WELDER)
    with pytest.raises(Conflict), runtime.write() as uow:
        service.change(uow, people.actor(trainee), other.id, ELECTRICIAN)


def test_many_clicks_at_once_make_one_application(runtime: Runtime, people: People) -> None:
    plan = a_plan(runtime, people)
    actor = people.actor(people.trainee())
    barrier = threading.Barrier(8)
    seen: list[str] = []

    def click() -> None:
        barrier.wait()
        try:
            with runtime.write() as uow:
                seen.append(service.start(uow, actor, plan.id, ELECTRICIAN).id)
        except Refusal as refusal:
            seen.append(refusal.code)

    threads = [threading.Thread(target=click) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 8
    assert len(set(seen) - {"conflict"}) == 1
    with runtime.read() as uow:
        assert len(queries.applications_of(uow, actor.person_id or "")) == 1


def test_handing_in_needs_the_statements_and_is_done_once(runtime: Runtime, people: People) -> None:
    plan = a_plan(runtime, people)
    actor = people.actor(people.trainee())
    with runtime.write() as uow:
        draft = service.start(uow, actor, plan.id, ELECTRICIAN)
    with pytest.raises(Invalid), runtime.write() as uow:
        service.submit_application(uow, actor, draft.id, statements_accepted=False)
    for _ in range(2):
        with runtime.write() as uow:
            handed_in = service.submit_application(uow, actor, draft.id, statements_accepted=True)
    assert handed_in.state is ApplicationState.SUBMITTED
    with pytest.raises(WrongState), runtime.write() as uow:
        service.change(uow, actor, draft.id, WELDER)


def test_another_persons_application_does_not_exist_for_me(runtime: Runtime, people: People) -> None:
    plan = a_plan(runtime, people)
    _, application = an_applicant(runtime, people, plan)
    stranger = people.actor(people.trainee())
    with pytest.raises(NotFound), runtime.read() as uow:
        queries.get_application(uow, stranger, application.id)
    with pytest.raises(NotFound), runtime.write() as uow:
        service.withdraw(uow, stranger, application.id)


def test_withdrawing_frees_the_place_and_keeps_the_history(runtime: Runtime, people: People) -> None:
    plan = a_plan(runtime, people)
    trainee, application = an_applicant(runtime, people, plan)
    actor = people.actor(trainee)
    for _ in range(2):
        with runtime.write() as uow:
            assert service.withdraw(uow, actor, application.id).state is ApplicationState.WITHDRAWN
    _, again = an_applicant(runtime, people, plan, person=trainee)
    assert again.id != application.id
    reviewer = people.actor(a_reviewer(people, again.route[0]))
    with runtime.write() as uow:
        service.approve(uow, reviewer, again.id)
    with pytest.raises(WrongState), runtime.write() as uow:
        service.withdraw(uow, actor, again.id)
    with runtime.read() as uow:
        assert check(uow, INVARIANTS) == {}


def test_a_proof_comes_out_without_its_metadata(runtime: Runtime, people: People) -> None:
    plan = a_plan(runtime, people)
    actor = people.actor(people.trainee())
    clean = service.clean_evidence(runtime.storage, portrait(kind="PNG"))
    with runtime.write() as uow:
        draft = service.start(uow, actor, plan.id, ELECTRICIAN)
        for _ in range(2):
            service.attach_evidence(uow, actor, draft.id, EvidenceKind.CERTIFICATE, clean)
    with runtime.read() as uow:
        lines = queries.evidence(uow, draft.id)
    assert [line.media_type for line in lines] == ["image/jpeg"]
    assert runtime.storage.get(lines[0].file_key).startswith(b"\xff\xd8\xff")
    with runtime.write() as uow:
        service.put_evidence_aside(uow, actor, draft.id, lines[0].id)
    with runtime.read() as uow:
        assert queries.evidence(uow, draft.id) == []


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"MZ" + b"\0" * 100, "evidence.format"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "evidence.broken"),
        (b"%PDF-1.7 cut", "evidence.broken"),
        (b"\xff\xd8\xff" + b"x" * (10 * 1024 * 1024), "evidence.too_large"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "evidence.format"),
    ],
)
@pytest.mark.parametrize("site", ["sqlite"], indirect=True)
def test_what_is_no_proof_is_refused_by_name(runtime: Runtime, data: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        service.clean_evidence(runtime.storage, data)
    assert [reason.code for reason in refused.value.reasons] == [code]


@pytest.mark.parametrize(
    ("sex", "birth", "concerned"),
    [
        ("男", date(1961, 11, 21), False), ("男", date(1960, 11, 21), True), ("男", date(1960, 11, 22), False),
        ("女", date(1965, 11, 22), False), ("女", date(1965, 11, 21), True),
    ],
)  # fmt: skip
def test_the_age_limit_counts_full_years(sex: str, birth: date, *, concerned: bool) -> None:
    today = date(2026, 11, 21)
    assert bool(age_concerns(ExaminerLevel.SENIOR, sex, birth, today)) is concerned
    assert age_concerns(ExaminerLevel.EXAMINER, sex, birth, today) == []
