"""How the questions of a file arrive: drawn at once, or after a second person has approved them."""

from collections.abc import Callable

import pytest

from lms.accounts.policy import Role
from lms.core.actors import Actor
from lms.core.errors import Invalid, Refusal
from lms.questions import queries, service
from lms.questions.policy import (
    APPROVED_AT_ONCE,
    DRAFTS_MAX,
    Arrival,
    ImportState,
    ItemState,
    arrival_reasons,
    arrivals,
    bulk_approval_reasons,
)
from question_bank.exporting.xlsx import write_items
from tests.factories.questions import single
from tests.questions.test_imports import batch_of, broken, checked, drawable, many
from tests.support.browser import Browser
from tests.support.people import KnownPerson, People
from tests.support.site import Site

SignIn = Callable[[KnownPerson], Browser]


def actor_of(person: KnownPerson) -> Actor:
    return Actor(person.id, "person")


def accept(site: Site, batch_id: str, actor: Actor, arrival: Arrival = Arrival.DRAFT) -> None:
    with site.runtime.write() as uow:
        service.confirm(uow, actor, batch_id, arrival)
    site.run_jobs()
    assert batch_of(site.runtime, batch_id).state is ImportState.ACCEPTED
    assert broken(site.runtime) == {}


def test_a_site_may_require_that_a_second_person_looks_at_each() -> None:
    assert arrivals(review_required=False) == (Arrival.APPROVED, Arrival.DRAFT)
    assert arrivals(review_required=True) == (Arrival.DRAFT,)
    assert arrival_reasons(Arrival.APPROVED, 5, review_required=False) == []
    [reason] = arrival_reasons(Arrival.APPROVED, 5, review_required=True)
    assert reason.code == "import.review_required"
    [reason] = arrival_reasons(Arrival.DRAFT, DRAFTS_MAX + 1, review_required=True)
    assert reason.code == "import.too_many_drafts"
    assert bulk_approval_reasons(1, "me", "other") == []


def test_drafts_come_in_undrawn_and_somebody_else_approves_them_together(site: Site, people: People) -> None:
    writer, second = (actor_of(people.staff(Role.QUESTION_ADMIN)) for _ in range(2))
    batch_id = checked(site, *many(APPROVED_AT_ONCE + 2))
    accept(site, batch_id, writer)
    assert drawable(site.runtime) == 0
    with site.runtime.read() as uow:
        [(item_id, version), *_] = queries.waiting_drafts(uow, batch_id, 1)
        assert (queries.get_item(uow, item_id).state, version) == (ItemState.DRAFT, 1)
        assert queries.waiting_count(uow) == APPROVED_AT_ONCE + 2
    with pytest.raises(Refusal) as refused, site.runtime.write() as uow:
        service.approve_drafts(uow, writer, batch_id)
    assert [reason.code for reason in refused.value.reasons] == ["review.own"]
    done = []
    for _ in range(2):
        with site.runtime.write() as uow:
            done.append(service.approve_drafts(uow, second, batch_id))
    assert done == [(APPROVED_AT_ONCE, 2), (2, 0)]
    assert (drawable(site.runtime), broken(site.runtime)) == (APPROVED_AT_ONCE + 2, {})
    with pytest.raises(Refusal), site.runtime.write() as uow:
        service.approve_drafts(uow, second, batch_id)


def test_the_same_file_twice_adds_nothing_while_its_drafts_wait(site: Site, people: People) -> None:
    writer = actor_of(people.staff(Role.QUESTION_ADMIN))
    first, second = checked(site, *many(3)), checked(site, *many(3))
    accept(site, first, writer)
    again = batch_of(site.runtime, checked(site, *many(3)))
    assert (again.new_count, again.known_count) == (0, 3)
    with site.runtime.write() as uow:
        service.confirm(uow, writer, second, Arrival.APPROVED)
    site.run_jobs()
    late = batch_of(site.runtime, second)
    assert (late.state, late.troubles[0].code) == (ImportState.CHECKED, "import.nothing_new")
    assert (drawable(site.runtime), broken(site.runtime)) == (0, {})


def test_a_draft_that_stands_in_the_bank_by_now_is_passed_over(site: Site, people: People) -> None:
    writer, second = (actor_of(people.staff(Role.QUESTION_ADMIN)) for _ in range(2))
    batch_id = checked(site, *many(2))
    accept(site, batch_id, writer)
    with site.runtime.read() as uow:
        (item_id, version), _other = queries.waiting_drafts(uow, batch_id, 2)
    with site.runtime.write() as uow:
        service.decline_version(uow, second, item_id, version, "先退回这一题")
        service.import_questions(uow, second, "又.xlsx", write_items([queries.get_item(uow, item_id).item]))
    with site.runtime.write() as uow:
        assert service.approve_drafts(uow, second, batch_id) == (1, 0)
    assert broken(site.runtime) == {}


def test_where_review_is_required_nothing_comes_in_at_once(site: Site, people: People) -> None:
    writer = actor_of(people.staff(Role.QUESTION_ADMIN))
    batch_id = checked(site, single())
    with pytest.raises(Invalid), site.runtime.write() as uow:
        service.confirm(uow, writer, batch_id, Arrival.APPROVED, review_required=True)
    with site.runtime.write() as uow:
        service.confirm(uow, writer, batch_id, review_required=True)
    site.run_jobs()
    assert batch_of(site.runtime, batch_id).arrival is Arrival.DRAFT
    assert drawable(site.runtime) == 0


def test_the_page_asks_how_they_arrive_and_lets_the_second_person_approve(
    site: Site, people: People, signed_in: SignIn
) -> None:
    writer, second = (signed_in(people.staff(Role.QUESTION_ADMIN)) for _ in range(2))
    address = f"/questions/imports/{checked(site, *many(3))}"
    assert "先由另一位题库管理员复核、批准" in writer.get(address).text
    assert writer.post(f"{address}/accept", {"arrival": "draft"}).status_code == 303
    site.run_jobs()
    assert "这些题不能由您批准" in writer.get(address).text
    assert writer.post(f"{address}/approve").status_code == 409
    assert "复核通过并批准 3 题" in second.get(address).text
    assert second.post(f"{address}/approve").status_code == 303
    assert "3 题可以抽题" in second.get("/questions/").text
    assert "在等第二个人" not in second.get(address).text
