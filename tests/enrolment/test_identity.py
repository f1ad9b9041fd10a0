"""What was reviewed is what gets certified: nobody becomes somebody else behind an application."""

from dataclasses import replace

import pytest

from lms.accounts import service as accounts
from lms.accounts.policy import OrganisationKind
from lms.accounts.queries import get_profile
from lms.accounts.service import ProfileInput
from lms.core.actors import Actor
from lms.core.errors import Conflict, Invalid
from lms.core.invariants import check
from lms.core.unit_of_work import Runtime
from lms.enrolment import queries, service
from lms.enrolment.invariants import INVARIANTS
from lms.enrolment.policy import ApplicationFacts
from tests.factories.plans import ELECTRICIAN, WELDER, a_plan, a_reviewer, an_applicant
from tests.support.people import KnownPerson, People, id_number, portrait

ANOTHER = id_number(8800)


def typed(people: People, person: KnownPerson, **changes: str) -> ProfileInput:
    """The data form as the person sends it: the ID number stays empty unless it is to change."""
    same = people.profile_input(1, person.name, person.login_name)
    return replace(same, **({"id_number": ""} | changes))


def save(runtime: Runtime, people: People, person: KnownPerson, **changes: str) -> None:
    with runtime.write() as uow:
        accounts.save_profile(uow, people.actor(person), typed(people, person, **changes))


def refused_fields(runtime: Runtime, people: People, person: KnownPerson, **changes: str) -> list[str]:
    with pytest.raises(Invalid) as refused:
        save(runtime, people, person, **changes)
    assert {reason.code for reason in refused.value.reasons} == {"identity.locked"}
    return [reason.field_name for reason in refused.value.reasons]


def new_portrait(runtime: Runtime, people: People, person: KnownPerson) -> None:
    key = runtime.storage.put(portrait(300, 420))
    with runtime.write() as uow:
        accounts.save_photo(uow, people.actor(person), key)


@pytest.fixture
def applicant(runtime: Runtime, people: People) -> tuple[KnownPerson, ApplicationFacts]:
    person = people.trainee()
    plan = a_plan(runtime, people)
    with runtime.write() as uow:
        return person, service.start(uow, people.actor(person), plan.id, ELECTRICIAN)


@pytest.fixture
def reviewer(people: People) -> Actor:
    return people.actor(a_reviewer(people, OrganisationKind.PROVINCE))


def hand_in(runtime: Runtime, people: People, person: KnownPerson, application_id: str) -> None:
    with runtime.write() as uow:
        service.submit_application(uow, people.actor(person), application_id, statements_accepted=True)


def test_while_a_draft_is_being_written_everything_may_change(
    runtime: Runtime, people: People, applicant: tuple[KnownPerson, ApplicationFacts]
) -> None:
    person, application = applicant
    save(runtime, people, person, id_number=ANOTHER, name="周明西")
    new_portrait(runtime, people, person)
    hand_in(runtime, people, person, application.id)
    with runtime.read() as uow:
        held = queries.application_facts(uow, application.id)
        assert held.id_number_index == get_profile(uow, person.id).id_number_index


def test_after_handing_in_the_identity_stands_and_the_rest_may_change(
    runtime: Runtime, people: People, applicant: tuple[KnownPerson, ApplicationFacts]
) -> None:
    person, application = applicant
    hand_in(runtime, people, person, application.id)
    assert refused_fields(runtime, people, person, name="周明西") == ["name"]
    assert refused_fields(runtime, people, person, name="周明西", id_number=ANOTHER) == ["name", "id_number"]
    with pytest.raises(Invalid):
        new_portrait(runtime, people, person)
    save(runtime, people, person, address="江岚省云浦市文澜路 9 号")
    with runtime.read() as uow:
        assert get_profile(uow, person.id).name == person.name


def test_approval_keeps_it_and_the_number_stays_nobody_elses(
    runtime: Runtime, people: People, applicant: tuple[KnownPerson, ApplicationFacts], reviewer: Actor
) -> None:
    person, application = applicant
    hand_in(runtime, people, person, application.id)
    with runtime.write() as uow:
        service.approve(uow, reviewer, application.id)
    assert refused_fields(runtime, people, person, id_number=ANOTHER) == ["id_number"]
    with runtime.read() as uow:
        assert not check(uow, INVARIANTS)


@pytest.mark.parametrize("verb", ["return", "reject", "withdraw"])
def test_when_nothing_rests_on_it_any_more_it_may_change_again(
    runtime: Runtime,
    people: People,
    applicant: tuple[KnownPerson, ApplicationFacts],
    reviewer: Actor,
    verb: str,
) -> None:
    person, application = applicant
    hand_in(runtime, people, person, application.id)
    with runtime.write() as uow:
        if verb == "return":
            service.return_for_correction(uow, reviewer, application.id, remark="姓名与证件不符")
        elif verb == "reject":
            service.reject(uow, reviewer, application.id, remark="不符合条件")
        else:
            service.withdraw(uow, people.actor(person), application.id)
    save(runtime, people, person, name="周明西")


def test_a_second_application_holds_what_the_first_lets_go(
    runtime: Runtime, people: People, reviewer: Actor
) -> None:
    first, second = a_plan(runtime, people), a_plan(runtime, people)
    person, application = an_applicant(runtime, people, first)
    with runtime.write() as uow:
        other = service.start(uow, people.actor(person), second.id, WELDER)
    hand_in(runtime, people, person, other.id)
    with runtime.write() as uow:
        service.withdraw(uow, people.actor(person), application.id)
    assert refused_fields(runtime, people, person, name="周明西") == ["name"]


def test_an_administrator_lets_one_correction_through_with_a_reason(
    runtime: Runtime, people: People, applicant: tuple[KnownPerson, ApplicationFacts]
) -> None:
    person, application = applicant
    operator = Actor.system("test")
    with pytest.raises(Conflict), runtime.write() as uow:
        accounts.allow_correction(uow, operator, person.id, "身份证原件")
    hand_in(runtime, people, person, application.id)
    with pytest.raises(Invalid), runtime.write() as uow:
        accounts.allow_correction(uow, operator, person.id, " ")
    with runtime.write() as uow:
        accounts.allow_correction(uow, operator, person.id, "核对了身份证原件，录入时有一字之误")
    save(runtime, people, person, name="周明西")
    assert refused_fields(runtime, people, person, name="周明东") == ["name"]
