"""Rows that resemble a question: pointed out, decided by a person, and brought in as decided."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select

from lms.accounts.policy import Role
from lms.audit.models import AuditEvent
from lms.core.actors import Actor
from lms.core.errors import Conflict, Invalid, NotFound
from lms.core.unit_of_work import Runtime
from lms.questions import queries, service
from lms.questions.models import ImportPair
from lms.questions.policy import (
    PAIRS_PER_PAGE,
    Decision,
    ImportState,
    ItemState,
    Resemblance,
    Verdict,
    Wording,
    version_reasons,
)
from lms.questions.queries import PairFacts
from question_bank.exporting.xlsx import write_items
from question_bank.items import Item
from tests.factories.questions import single, true_false
from tests.questions.test_imports import batch_of, broken, checked, confirm, drawable, upload
from tests.support.browser import Browser
from tests.support.people import KnownPerson, People
from tests.support.site import Site

SignIn = Callable[[KnownPerson], Browser]
STORED = single("考评小组由具备资格的考评员组成，一般不少于几人？")
ALIKE = single("考评小组由具有资格的考评员组成，一般不得少于几人？")
NEIGHBOUR = true_false("考评组长对考评中的技术争议具有最终裁定权。")
ITS_COPY = true_false("考评组长对于考评中的技术争议有最终裁定权。")
CONTRADICTION = replace(STORED, answer=frozenset("C"))


@pytest.fixture
def writer(people: People) -> Actor:
    """Who imports: a person, because somebody has to be the writer of a new version."""
    return Actor(people.staff(Role.QUESTION_ADMIN).id, "person")


@pytest.fixture
def stored(site: Site) -> str:
    """The id of a question that the bank has."""
    with site.runtime.write() as uow:
        service.import_questions(uow, Actor.system("test"), "原.xlsx", write_items([STORED]))
    with site.runtime.read() as uow:
        return queries.drawing_pool(uow)[0][0]


def pairs_of(runtime: Runtime, batch_id: str) -> list[PairFacts]:
    with runtime.read() as uow:
        return queries.pairs(uow, batch_id)[0]


def decide(runtime: Runtime, actor: Actor, batch_id: str, number: int, decision: Decision) -> None:
    with runtime.write() as uow:
        service.decide_pair(uow, actor, batch_id, number, decision)


def decide_rest(runtime: Runtime, actor: Actor, batch_id: str, decision: Decision) -> None:
    with runtime.write() as uow:
        service.decide_rest(uow, actor, batch_id, decision)


def accepted(site: Site, batch_id: str, actor: Actor) -> ImportState:
    confirm(site.runtime, batch_id, actor)
    site.run_jobs()
    assert broken(site.runtime) == {}
    return batch_of(site.runtime, batch_id).state


def stems(runtime: Runtime) -> set[str]:
    with runtime.read() as uow:
        return {item.stem for _, item in queries.drawing_pool(uow)}


def test_what_resembles_a_question_is_pointed_out_and_left_out_until_decided(
    site: Site, stored: str, writer: Actor
) -> None:
    batch_id = checked(site, ALIKE, NEIGHBOUR, ITS_COPY, single("全新的一道题问的是什么内容？"))
    batch = batch_of(site.runtime, batch_id)
    assert (batch.new_count, batch.alike_count, batch.fault_count) == (2, 2, 0)
    assert [row.verdict for row in batch.rows] == [Verdict.ALIKE, Verdict.ALIKE]
    first, second = pairs_of(site.runtime, batch_id)
    assert (first.kind, first.item_id, first.decision) == (Resemblance.ALIKE, stored, None)
    assert (second.kind, second.row, second.other_row) == (Resemblance.NEIGHBOUR, 4, 3)
    assert (first.item, first.other) == (ALIKE, STORED)
    assert accepted(site, batch_id, writer) is ImportState.ACCEPTED
    assert stems(site.runtime) == {STORED.stem, NEIGHBOUR.stem, "全新的一道题问的是什么内容？"}


def test_a_decided_row_comes_in_and_the_number_on_the_button_follows(
    site: Site, stored: str, writer: Actor
) -> None:
    batch_id = checked(site, ALIKE, NEIGHBOUR, ITS_COPY)
    counts = []
    for decision in (Decision.BRING, Decision.LEAVE, Decision.BRING):
        decide(site.runtime, writer, batch_id, 1, decision)
        counts.append(batch_of(site.runtime, batch_id).new_count)
    assert counts == [2, 1, 2]
    assert accepted(site, batch_id, writer) is ImportState.ACCEPTED
    assert stems(site.runtime) == {STORED.stem, ALIKE.stem, NEIGHBOUR.stem}
    assert batch_of(site.runtime, batch_id).added_count == 2
    again = checked(site, ALIKE, NEIGHBOUR)
    assert batch_of(site.runtime, again).known_count == 2
    with pytest.raises(Conflict):
        decide(site.runtime, writer, batch_id, 2, Decision.BRING)


def test_all_others_are_decided_at_once_and_a_single_decision_goes_before(
    site: Site, stored: str, writer: Actor
) -> None:
    batch_id = checked(site, ALIKE, NEIGHBOUR, ITS_COPY)
    decide_rest(site.runtime, writer, batch_id, Decision.BRING)
    assert batch_of(site.runtime, batch_id).new_count == 3
    decide(site.runtime, writer, batch_id, 2, Decision.LEAVE)
    assert batch_of(site.runtime, batch_id).new_count == 2
    accepted(site, batch_id, writer)
    assert stems(site.runtime) == {STORED.stem, ALIKE.stem, NEIGHBOUR.stem}


def test_decisions_stay_when_the_file_is_checked_anew_and_are_on_the_record(
    site: Site, stored: str, writer: Actor
) -> None:
    batch_id = checked(site, ALIKE, NEIGHBOUR, ITS_COPY)
    decide(site.runtime, writer, batch_id, 1, Decision.BRING)
    decide_rest(site.runtime, writer, batch_id, Decision.BRING)
    with site.runtime.write() as uow:
        service.check_again(uow, writer, batch_id)
    site.run_jobs()
    batch = batch_of(site.runtime, batch_id)
    assert (batch.state, batch.new_count, batch.rest_decision) == (ImportState.CHECKED, 3, Decision.BRING)
    assert [pair.decision for pair in pairs_of(site.runtime, batch_id)] == [Decision.BRING, None]
    with site.runtime.read() as uow:
        rows = list(uow.session.scalars(select(ImportPair).where(ImportPair.decision.is_not(None))))
        assert [(row.decided_by, row.decided_at is not None) for row in rows] == [(writer.person_id, True)]
        tags = set(uow.session.scalars(select(AuditEvent.tag).where(AuditEvent.subject_id == batch_id)))
    assert tags >= {"import_batch:decide", "import_batch:decide_rest"}


@pytest.mark.parametrize("row", [ALIKE, CONTRADICTION, replace(STORED, explanation="另有规定。")])
def test_a_row_becomes_a_new_version_that_waits_for_its_second_person(
    site: Site, stored: str, writer: Actor, row: Item
) -> None:
    batch_id = checked(site, row)
    decide(site.runtime, writer, batch_id, 1, Decision.VERSION)
    assert accepted(site, batch_id, writer) is ImportState.ACCEPTED
    assert stems(site.runtime) == {STORED.stem}
    with site.runtime.read() as uow:
        review = queries.open_review(uow, stored)
        assert review is not None
        assert (review.version, review.written_by) == (2, writer.person_id)
        assert queries.get_wording(uow, stored, 2)[0].item == row
    assert batch_of(site.runtime, batch_id).added_count == 0


def test_what_a_row_leaves_out_stays_in_the_new_version_and_alone_is_no_difference(
    site: Site, stored: str, writer: Actor
) -> None:
    bare = checked(site, replace(STORED, explanation="", source=""))
    assert pairs_of(site.runtime, bare) == []
    batch_id = checked(site, replace(ALIKE, explanation=""))
    decide(site.runtime, writer, batch_id, 1, Decision.VERSION)
    accepted(site, batch_id, writer)
    with site.runtime.read() as uow:
        assert queries.get_wording(uow, stored, 2)[0].item.explanation == STORED.explanation


def test_when_the_question_moves_on_meanwhile_nothing_of_the_file_comes_in(
    site: Site, stored: str, writer: Actor
) -> None:
    batch_id = checked(site, ALIKE, NEIGHBOUR)
    decide(site.runtime, writer, batch_id, 1, Decision.VERSION)
    with site.runtime.write() as uow:
        service.write_version(uow, writer, stored, 1, Wording(replace(STORED, source="另一处")), "换了依据")
    assert accepted(site, batch_id, writer) is ImportState.CHECKED
    batch = batch_of(site.runtime, batch_id)
    assert [reason.code for reason in batch.troubles] == ["import.version_lost"]
    assert drawable(site.runtime) == 1
    decide(site.runtime, writer, batch_id, 1, Decision.LEAVE)
    assert accepted(site, batch_id, writer) is ImportState.ACCEPTED
    assert drawable(site.runtime) == 2


def test_a_question_gets_one_version_of_a_file_and_only_while_none_waits(
    site: Site, stored: str, writer: Actor
) -> None:
    other = single("考评小组应由具有资格的考评员组成，一般不得少于几人？")
    batch_id = checked(site, ALIKE, other)
    assert {pair.item_id for pair in pairs_of(site.runtime, batch_id)} == {stored}
    decide(site.runtime, writer, batch_id, 1, Decision.VERSION)
    with pytest.raises(Conflict) as refused:
        decide(site.runtime, writer, batch_id, 2, Decision.VERSION)
    assert [reason.code for reason in refused.value.reasons] == ["pair.taken"]
    with site.runtime.write() as uow:
        service.retire_item(uow, writer, stored, "出处已经废止")
    with pytest.raises(Conflict) as refused:
        decide(site.runtime, writer, batch_id, 1, Decision.VERSION)
    assert [reason.code for reason in refused.value.reasons] == ["pair.not_live"]


def test_the_same_question_cannot_be_brought_in_beside_itself(site: Site, stored: str, writer: Actor) -> None:
    batch_id = checked(site, CONTRADICTION, NEIGHBOUR)
    with pytest.raises(Invalid):
        decide(site.runtime, writer, batch_id, 1, Decision.BRING)
    with pytest.raises(Invalid):
        decide_rest(site.runtime, writer, batch_id, Decision.VERSION)
    with pytest.raises(NotFound):
        decide(site.runtime, writer, batch_id, 9, Decision.LEAVE)
    with pytest.raises(NotFound):
        decide_rest(site.runtime, writer, "nobody", Decision.LEAVE)


def test_another_type_and_new_pictures_are_no_version() -> None:
    pictured = replace(ALIKE, stem=f"{ALIKE.stem}![图](image:{'a' * 64})")
    codes = [
        reason.code
        for row in (true_false(), pictured)
        for reason in version_reasons(row, STORED, ItemState.APPROVED, is_waiting=True)
    ]
    assert codes == ["pair.in_review", "pair.type", "pair.in_review", "pair.picture"]


def test_the_page_shows_both_and_takes_the_decision(
    site: Site, stored: str, people: People, signed_in: SignIn
) -> None:
    admin = signed_in(people.staff(Role.QUESTION_ADMIN))
    batch_id = checked(site, ALIKE, CONTRADICTION, NEIGHBOUR)
    address = f"/questions/imports/{batch_id}"
    assert "2 行要对照以后决定" in admin.get(address).text
    page = admin.get(f"{address}/pairs").text
    for words in ('<mark class="differs">', "题库已有同一题，答案不同", f"/questions/{stored}", "还没有决定"):
        assert words in page
    assert admin.post(f"{address}/pairs/1", {"decision": "nonsense"}).status_code == 422
    assert admin.post(f"{address}/pairs/2", {"decision": "bring"}).status_code == 422
    assert admin.post(f"{address}/pairs/1", {"decision": "bring"}).status_code == 303
    assert 'aria-pressed="true"' in admin.get(f"{address}/pairs").text
    assert 'aria-pressed="true"' not in admin.get(f"{address}/pairs?show=undecided").text
    assert "导入 2 行" in admin.get(address).text
    assert admin.post(f"{address}/pairs", {"decision": "bring"}).status_code == 303
    assert "您选了照样导入" in admin.get(address).text
    assert admin.post(f"{address}/accept").status_code == 303
    assert admin.post(f"{address}/pairs/1", {"decision": "leave"}).status_code == 409
    site.run_jobs()
    assert 'name="decision"' not in admin.get(f"{address}/pairs").text
    assert admin.get("/questions/imports/nobody/pairs").status_code == 404
    empty = upload(site.runtime, write_items([single("与谁都不相像的一道新题目？")]))
    assert "没有要对照的题" in admin.get(f"/questions/imports/{empty}/pairs").text


def test_many_pairs_come_page_by_page(site: Site, people: People, signed_in: SignIn) -> None:
    words = "甲乙丙丁戊己庚辛壬癸子丑"
    rows = [single(f"考评员在考评工作中遇到{word}情形时应当怎样处理才对？") for word in words]
    admin = signed_in(people.staff(Role.QUESTION_ADMIN))
    address = f"/questions/imports/{checked(site, *rows)}/pairs"
    assert admin.get(address).text.count('id="pair-') == 2 * PAIRS_PER_PAGE
    assert "第 2 页" in admin.get(f"{address}?page=2").text
