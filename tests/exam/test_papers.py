"""Papers as they are drawn and kept: worn evenly, listed item by item, and drawn again from the record."""

import json
from collections import Counter
from datetime import timedelta

import pytest
from alembic import command
from sqlalchemy import delete, select
from sqlalchemy.exc import DBAPIError

from lms.app.commands.schema import migration_config
from lms.core.invariants import check
from lms.exam.invariants import INVARIANTS
from lms.exam.models.attempts import Paper, PaperItem
from lms.exam.policy.attempts import EXPOSURE_WINDOW
from lms.exam.queries import items_seen, times_drawn
from lms.exam.service import papers
from lms.questions import queries as bank
from lms.questions import service as questions
from question_bank.exporting.xlsx import write_items
from question_bank.paper_json import key_from_json
from question_bank.sampling import choose, redraw
from tests.exam.conftest import Candidate, ExamHouse
from tests.support.exam_stock import BLUEPRINT
from tests.support.owner import by_force


def a_paper(house: ExamHouse, candidate: Candidate) -> Paper:
    with house.runtime.write() as uow:
        return papers.ensure(uow, candidate.person.id, house.plan_id)


def test_a_kept_paper_is_listed_item_by_item_once(house: ExamHouse, candidate: Candidate) -> None:
    paper = a_paper(house, candidate)
    with house.runtime.write() as uow:
        papers.keep(uow, papers.draw(uow, candidate.person.id, house.plan_id, 1))
    drawn = {entry.item_id for entry in key_from_json(json.loads(paper.key)).entries}
    with house.runtime.read() as uow:
        assert items_seen(uow, candidate.person.id, house.plan_id) == set(), "nobody has seen it yet"
        pool = [item_id for item_id, _ in bank.drawing_pool(uow)]
        assert times_drawn(uow, pool, since=uow.now - EXPOSURE_WINDOW) == dict.fromkeys(drawn, 1)
        assert times_drawn(uow, pool, since=uow.now + timedelta(seconds=1)) == {}
        assert check(uow, INVARIANTS) == {}
    by_force(house.runtime, "DELETE FROM paper_item")
    with house.runtime.read() as uow:
        assert "E9" in check(uow, INVARIANTS)


def test_the_list_of_a_paper_is_a_fact_that_nobody_changes(house: ExamHouse, candidate: Candidate) -> None:
    a_paper(house, candidate)
    with house.runtime.write() as uow:
        with pytest.raises(DBAPIError, match="append-only"):
            uow.session.execute(delete(PaperItem))
        uow.session.rollback()


def test_papers_for_many_wear_the_bank_evenly(house: ExamHouse) -> None:
    for _ in range(18):
        a_paper(house, house.candidate())
    with house.runtime.read() as uow:
        types = {item_id: item.type for item_id, item in bank.drawing_pool(uow)}
        counts = times_drawn(uow, types, since=uow.now - EXPOSURE_WINDOW)
    drawn = Counter({item_id: counts.get(item_id, 0) for item_id in types})
    for type_, fair in (("single", 12), ("multiple", 9), ("true_false", 9)):
        each = [count for item_id, count in drawn.items() if types[item_id] == type_]
        assert sum(each) == fair * len(each)
        assert max(each) - min(each) <= 4, (type_, each)


def test_a_stored_paper_is_drawn_again_from_its_seed(house: ExamHouse, candidate: Candidate) -> None:
    for _ in range(3):
        a_paper(house, house.candidate())
    with house.runtime.read() as uow:
        stock = bank.drawing_stock(uow)
        pool = [item_id for item_id, _ in bank.drawing_pool(uow)]
        counts = times_drawn(uow, pool, since=uow.now - EXPOSURE_WINDOW)
    paper = a_paper(house, candidate)
    key = key_from_json(json.loads(paper.key))
    assert key.draw is not None
    assert len(paper.seed) == 64
    knowing_all = choose(BLUEPRINT, stock, paper.seed, shown=counts)
    assert knowing_all.item_ids == tuple(entry.item_id for entry in key.entries), "as if all had been counted"
    assert knowing_all.record == key.draw
    with house.runtime.read() as uow:
        again = redraw(BLUEPRINT, bank.drawing_pool(uow), paper.seed, key.draw)
    assert again.content_hash == paper.content_hash
    assert json.loads(paper.public) == again.public_view()


def test_a_question_seen_before_it_was_replaced_is_still_avoided(
    house: ExamHouse, candidate: Candidate
) -> None:
    house.hand_in(candidate, house.start(candidate))
    with house.runtime.read() as uow:
        seen = items_seen(uow, candidate.person.id, house.plan_id)
        items = {item_id: item for item_id, item in bank.drawing_pool(uow) if item_id in seen}
    with house.runtime.write() as uow:
        for item_id in items:
            questions.retire_item(uow, house.operator, item_id, "换成新的依据")
    with house.runtime.write() as uow:
        questions.import_questions(uow, house.operator, "新.xlsx", write_items(items.values()))
    house.start(candidate)
    with house.runtime.read() as uow:
        second = items_seen(uow, candidate.person.id, house.plan_id) - seen
        known = bank.same_questions(uow, seen)
    # Seven of the seventeen questions were not seen; only three come back in their new edition.
    assert len(second) == 10
    assert len(second & known) == 3


def test_a_question_that_left_the_bank_behind_everybodys_back_is_on_no_paper(house: ExamHouse) -> None:
    """Whatever is remembered of the bank, what was chosen is looked at once more."""
    a_paper(house, house.candidate())
    with house.runtime.read() as uow:
        gone = next(item_id for item_id, item in bank.drawing_pool(uow) if item.type == "single")
    by_force(house.runtime, f"UPDATE question_item SET state = 'retired' WHERE id = '{gone}'")
    with house.runtime.read() as uow:
        assert gone in {one for cell in bank.drawing_stock(uow).cells.values() for one in cell}
    for _ in range(6):
        paper = a_paper(house, house.candidate())
        assert gone not in {entry.item_id for entry in key_from_json(json.loads(paper.key)).entries}


def test_the_migration_lists_the_papers_that_were_stored_before_it(house: ExamHouse) -> None:
    for _ in range(3):
        a_paper(house, house.candidate())
    with house.runtime.read() as uow:
        before = set(
            uow.session.execute(select(PaperItem.paper_id, PaperItem.item_id, PaperItem.drawn_at)).all()
        )
    by_force(
        house.runtime, "DROP TABLE paper_item", "UPDATE alembic_version SET version_num = '20261121_0900'"
    )
    url = house.runtime.database.engine.url.render_as_string(hide_password=False)
    command.upgrade(migration_config(url), "20261121_0930")
    with house.runtime.read() as uow:
        after = set(
            uow.session.execute(select(PaperItem.paper_id, PaperItem.item_id, PaperItem.drawn_at)).all()
        )
    assert after == before
    assert len(after) == 30
