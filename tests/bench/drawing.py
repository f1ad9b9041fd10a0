"""Drawing a paper of a hundred questions from a bank of a hundred thousand, beside the plainest draw in SQL.

`value` is the median of whole draws as the service makes them, in milliseconds: from opening the read to the paper that
is ready to be kept, with what the candidate has seen, how often every compared question was drawn lately, the
wordings, the shuffled options and the hashes. Half of them are second papers. `baseline` asks the database for random
questions of each section (`ORDER BY random()`) and reads their wordings: no fairness, no record, nothing avoided.

`cold_ms` is the median of draws right after somebody else's change of the bank, which every process notices by itself
and then reads what may be drawn anew; `first_ms` is the very first draw of this process. `keep_ms` stores the paper.
"""

import json
import os
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any

from sqlalchemy import func, insert, select, text, update

from lms.core.actors import Actor
from lms.core.bulk import insert_rows
from lms.core.clock import to_ms
from lms.core.identifiers import new_ids
from lms.core.unit_of_work import Runtime
from lms.exam.models.attempts import Paper, PaperItem
from lms.exam.service import papers
from lms.plans.models import Plan
from lms.questions import service as questions
from lms.questions.models import QuestionItem, QuestionVersion
from lms.questions.policy import ItemState
from question_bank.items import AREAS, POINT, Blueprint, BlueprintSection, ItemType
from question_bank.paper_json import key_from_json
from tests.bench.cores import Cores, machine_words
from tests.bench.rig import fresh_house
from tests.factories.large_bank import a_large_bank
from tests.factories.plans import a_plan
from tests.support.people import People

ITEMS = 100_000
PAPERS = 2_000
"""So many papers were drawn in the last year: two hundred thousand places."""
DRAWS = 40
"""Draws in a round."""
OPERATOR = Actor.system("bench")
COUNTS = ((ItemType.SINGLE, 10), (ItemType.MULTIPLE, 5), (ItemType.TRUE_FALSE, 5))
BLUEPRINT = Blueprint(
    title="百题卷",
    sections=tuple(
        BlueprintSection(type_, area, None, count, POINT) for type_, count in COUNTS for area in AREAS
    ),
)


@dataclass(frozen=True)
class _Hall:
    """A site with a bank, a plan, somebody who sits for the first time and somebody who sat before."""

    runtime: Runtime
    plan_id: str
    newcomer: str
    returner: str
    first_paper: frozenset[str]

    def draw(self, *, again: bool) -> tuple[float, Paper]:
        """Draw a paper; return the milliseconds it took, and the paper."""
        began = time.perf_counter()
        with self.runtime.read() as uow:
            paper = papers.draw(
                uow, self.returner if again else self.newcomer, self.plan_id, 2 if again else 1
            )
        return (time.perf_counter() - began) * 1000, paper

    def wrong(self, paper: Paper, *, again: bool, retired: str = "") -> int:
        """Count what must not be on a paper: fewer than a hundred questions, what was seen before, or is retired."""
        ids = _ids(paper)
        return (
            abs(BLUEPRINT.total_questions - len(ids))
            + (len(ids & self.first_paper) if again else 0)
            + (retired in ids)
        )


def measure(database: str, rounds: int) -> dict[str, Any]:
    """Run the bench, print its table, and return what the JSON line says."""
    cores = Cores.take()
    with ExitStack() as closing:
        house = closing.enter_context(fresh_house(database))
        print(f"draw on {database}: 100 of {ITEMS:,} questions; {cores.words}")
        print(f"  {machine_words(house.folder)}")
        if cores.serving is not None:
            os.sched_setaffinity(0, {cores.serving})
        hall = _open(house.runtime)
        first_ms, paper = hall.draw(again=False)
        errors = hall.wrong(paper, again=False)
        print("  round   drawn ms  p95 ms  in SQL ms   ratio  after a change ms")
        drawn, pairs, cold = [], [], []
        for number in range(1, rounds + 1):
            sql_ms = [_in_sql(hall.runtime) for _ in range(3)]
            taken = []
            for turn in range(DRAWS):
                ms, paper = hall.draw(again=turn % 2 == 1)
                taken.append(ms)
                errors += hall.wrong(paper, again=turn % 2 == 1)
            retired = _retire_one(hall.runtime)
            ms, paper = hall.draw(again=True)
            errors += hall.wrong(paper, again=True, retired=retired)
            cold.append(ms)
            drawn += taken
            pairs.append((median(taken), median(sql_ms)))
            print(
                f"  {number:5} {pairs[-1][0]:10.1f} {_share(taken, 95):7.1f} {pairs[-1][1]:10.1f}"
                f" {pairs[-1][0] / pairs[-1][1]:7.3f} {ms:18.1f}",
                flush=True,
            )
        keep_ms = _keep(hall)
    return {
        "bench": "draw",
        "database": database,
        "value": round(median(drawn), 1),
        "baseline": round(median(base for _, base in pairs), 1),
        "ratio": round(median(value / base for value, base in pairs), 3),
        "p50_ms": round(median(drawn), 1),
        "p95_ms": round(_share(drawn, 95), 1),
        "p99_ms": round(_share(drawn, 99), 1),
        "cold_ms": round(median(cold), 1),
        "first_ms": round(first_ms, 1),
        "keep_ms": round(keep_ms, 1),
        "errors": errors,
    }


def _open(runtime: Runtime) -> _Hall:
    people = People(runtime)
    plan = a_plan(runtime, people)
    a_large_bank(runtime, ITEMS)
    with runtime.write() as uow:
        blueprint_id = questions.ensure_blueprint(uow, OPERATOR, "hundred", "百题卷", BLUEPRINT)
        uow.session.execute(update(Plan).where(Plan.id == plan.id).values(blueprint_id=blueprint_id))
    newcomer, returner = people.trainee().id, people.trainee().id
    with runtime.write() as uow:
        paper = papers.ensure(uow, returner, plan.id)
    _multiply(runtime, paper, people.trainee().id, PAPERS)
    with runtime.database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(
            text("ANALYZE" if runtime.database.is_sqlite else "VACUUM ANALYZE")
        )
    return _Hall(runtime, plan.id, newcomer, returner, _ids(paper))


def _multiply(runtime: Runtime, paper: Paper, person_id: str, copies: int) -> None:
    """Write the papers of somebody else into the last year: rows like the real ones, of a hundred questions each."""
    ids = new_ids(copies)
    named = [column.name for column in Paper.__table__.columns]
    with runtime.write() as uow:
        row = {name: getattr(paper, name) for name in named} | {"person_id": person_id}
        uow.session.execute(
            insert(Paper), [{**row, "id": one, "serial": number} for number, one in enumerate(ids, 1)]
        )
        live = list(
            uow.session.scalars(select(QuestionItem.id).where(QuestionItem.state == ItemState.APPROVED))
        )
        now, step = to_ms(uow.now), 300 * 24 * 3600 * 1000 // copies
        stride = max(1, len(live) // 100)
        insert_rows(
            uow.session, PaperItem,
            [
                (one, live[(number * 37 + place * stride) % len(live)], now - number * step)
                for number, one in enumerate(ids)
                for place in range(100)
            ],
        )  # fmt: skip


def _in_sql(runtime: Runtime) -> float:
    """Take random questions of every section from the database and read their wordings; return the milliseconds."""
    began = time.perf_counter()
    with runtime.read() as uow:
        for section in BLUEPRINT.sections:
            uow.session.execute(
                select(QuestionItem.id, QuestionVersion.body)
                .join(QuestionVersion, QuestionVersion.item_id == QuestionItem.id)
                .where(
                    QuestionItem.state == ItemState.APPROVED, QuestionItem.type == section.type,
                    QuestionItem.area == section.area,
                )
                .order_by(func.random())
                .limit(section.count)
            ).all()  # fmt: skip
    return (time.perf_counter() - began) * 1000


def _retire_one(runtime: Runtime) -> str:
    with runtime.write() as uow:
        item_id = uow.session.execute(
            select(QuestionItem.id).where(QuestionItem.state == ItemState.APPROVED).limit(1)
        ).scalar_one()
        questions.retire_item(uow, OPERATOR, item_id, "不再使用这道题")
    return item_id


def _keep(hall: _Hall) -> float:
    _, paper = hall.draw(again=False)
    began = time.perf_counter()
    with hall.runtime.write() as uow:
        papers.keep(uow, paper)
    return (time.perf_counter() - began) * 1000


def _ids(paper: Paper) -> frozenset[str]:
    return frozenset(str(entry.item_id) for entry in key_from_json(json.loads(paper.key)).entries)


def _share(taken: Sequence[float], percent: int) -> float:
    return quantiles(taken, n=100, method="inclusive")[percent - 1]
