"""What papers may draw is kept in memory, and every process notices when somebody else changes the bank."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from lms.accounts.policy import Role
from lms.core.actors import Actor
from lms.core.settings import ROOT
from lms.core.unit_of_work import UnitOfWork
from lms.questions import queries, service
from lms.questions.jobs import imports as jobs
from lms.questions.models import StagedItem
from lms.questions.policy import BulkAct, BulkChange, Wording, local_day
from question_bank.exporting.xlsx import write_items
from question_bank.stock import Stock
from tests.bench.rig import DATABASES, House, fresh_house
from tests.factories.questions import single
from tests.support.people import People
from tests.support.site import Site
from tests.support.statements import statements

OPERATOR = Actor.system("test")
WHY = "换成新的依据"
A_DAY = timedelta(days=1)
Line = tuple[str, ...]


class Elsewhere:
    """Another process of the same house, which remembers what papers may draw."""

    def __init__(self, house: House) -> None:
        self.house = house
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.questions.stock_reader"], cwd=ROOT, env=house.environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def drawable(self) -> set[Line]:
        """Ask it for type, area, difficulty and id of everything that it would draw."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return {tuple(line) for line in json.loads(self._process.stdout.readline())}

    def close(self) -> None:
        """Let the process end."""
        self._process.communicate()


@pytest.fixture(params=DATABASES)
def elsewhere(request: pytest.FixtureRequest) -> Iterator[Elsewhere]:
    """Another process on a fresh house, once on SQLite and once on PostgreSQL."""
    with fresh_house(request.param) as house:
        other = Elsewhere(house)
        yield other
        other.close()


def in_truth(house: House) -> set[Line]:
    with house.runtime.read() as uow:
        pool = queries.drawing_pool(uow)
    return {(item.type, item.area, item.difficulty, item_id) for item_id, item in pool}


def import_stems(uow: UnitOfWork, *stems: str) -> None:
    service.import_questions(uow, OPERATOR, "题.xlsx", write_items([single(stem) for stem in stems]))


@pytest.mark.slow
def test_another_process_notices_every_change_of_the_bank(elsewhere: Elsewhere) -> None:
    house = elsewhere.house
    runtime, people = house.runtime, People(house.runtime)
    writer, second = (people.actor(people.staff(Role.QUESTION_ADMIN)) for _ in range(2))
    with runtime.write() as uow:
        import_stems(uow, "第一问（ ）？", "第二问（ ）？", "第三问（ ）？")
    first, *others = sorted(line[-1] for line in in_truth(house))

    def retire(uow: UnitOfWork) -> None:
        service.retire_item(uow, OPERATOR, first, WHY)

    def reinstate(uow: UnitOfWork) -> None:
        service.reinstate_item(uow, OPERATOR, first)

    def relabel(uow: UnitOfWork) -> None:
        service.change_items(
            uow, writer, queries.Target(tuple(others)), BulkChange(BulkAct.AREA, "policy", WHY), 2
        )

    def write_anew(uow: UnitOfWork) -> None:
        """A new version that another person approves lies in another cell, and lapses on its day."""
        item = queries.get_item(uow, first).item
        wording = Wording(replace(item, area="methods"), "2026 版", local_day(uow.now + A_DAY))
        number = service.write_version(uow, writer, first, 1, wording, WHY)
        service.review_version(uow, second, first, number)
        service.approve_version(uow, second, first, number)

    def lapse(uow: UnitOfWork) -> None:
        uow.now += A_DAY
        assert service.retire_lapsed(uow, OPERATOR) == 1

    def retire_together(uow: UnitOfWork) -> None:
        service.change_items(
            uow, writer, queries.Target(tuple(others)), BulkChange(BulkAct.RETIRE, "", WHY), 2
        )

    def bring_in(uow: UnitOfWork) -> None:
        import_stems(uow, "第四问（ ）？")

    steps: list[Callable[[UnitOfWork], None]] = [
        retire, reinstate, relabel, write_anew, lapse, retire_together, bring_in,
    ]  # fmt: skip
    before = elsewhere.drawable()
    assert before == in_truth(house)
    for step in steps:
        with runtime.write() as uow:
            step(uow)
        after = elsewhere.drawable()
        assert after == in_truth(house), step.__name__
        assert after != before, step.__name__
        before = after
    file = write_items([single("第五问（ ）？")])
    key = runtime.storage.put(file)
    with runtime.write() as uow:
        batch_id = service.upload(uow, OPERATOR, "题.xlsx", key, len(file), service.ReadingChoices())
    jobs.check_import(runtime, batch_id=batch_id, turn=1)
    with runtime.write() as uow:
        service.confirm(uow, OPERATOR, batch_id)
    jobs.accept_import(runtime, batch_id=batch_id, turn=2)
    assert elsewhere.drawable() == in_truth(house) != before


def test_what_may_be_drawn_is_read_once_until_it_changes(site: Site) -> None:
    def read() -> tuple[Stock, int]:
        with statements(site.runtime) as seen, site.runtime.read() as uow:
            return queries.drawing_stock(uow), len(seen)

    with site.runtime.write() as uow:
        import_stems(uow, "第一问（ ）？", "第二问（ ）？")
    first, asked = read()
    assert (first.size, asked) == (2, 2)
    again, asked = read()
    assert again is first
    assert asked == 1, "only whether it still holds"
    with site.runtime.write() as uow:
        import_stems(uow, "第三问（ ）？")
    assert read()[0].size == 3


def test_a_change_that_is_undone_is_forgotten(site: Site) -> None:
    with site.runtime.write() as uow:
        import_stems(uow, "第一问（ ）？", "第二问（ ）？")
    with site.runtime.write() as uow:
        import_stems(uow, "第三问（ ）？")
        assert queries.drawing_stock(uow).size == 3
        uow.session.rollback()
    with site.runtime.read() as uow:
        assert queries.drawing_stock(uow).size == 2


def test_a_bank_too_large_to_keep_is_read_every_time(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lms.questions.queries.stock.KEPT_ITEMS_MAX", 1)
    with site.runtime.write() as uow:
        import_stems(uow, "第一问（ ）？", "第二问（ ）？")
    with site.runtime.read() as uow:
        assert queries.drawing_stock(uow) is not queries.drawing_stock(uow)


def test_a_row_that_is_written_aside_stands_in_the_order_of_its_table() -> None:
    assert service.StagedRow._fields == tuple(StagedItem.__table__.columns.keys())
