"""Storing the questions of a workbook: the steps of the site beside a bare insert of the same rows."""

import time
from dataclasses import dataclass

from sqlalchemy import Table, func, select

from lms.core.actors import Actor
from lms.questions import service
from lms.questions.jobs import imports as jobs
from lms.questions.models import QuestionItem, QuestionVersion
from lms.questions.pictures import StoredPictures
from tests.bench.rig import House, fresh_house

TABLES: tuple[Table, ...] = (QuestionItem.__table__, QuestionVersion.__table__)
Rows = dict[Table, list[tuple[object, ...]]]


@dataclass(frozen=True)
class Stored:
    """One round: what the site and the bare insert took, and how many questions were not found afterwards.

    `site_ms` ends when everybody sees the questions and they are on disk; `tidy_ms` is what the worker does then: it
    takes away what it had written aside, and writes the text that searching looks through.
    """

    site_ms: float
    tidy_ms: float
    bare_ms: float
    missing: int

    @property
    def ratio(self) -> float:
        """The site's time as a multiple of the bare insert's."""
        return self.site_ms / self.bare_ms


def rounds_of_storing(database: str, data: bytes, rounds: int) -> list[Stored]:
    """Store the workbook in fresh houses, in turns with the bare insert; print the table."""
    print("  round  stored ms  bare insert ms   ratio  tidied up ms")
    taken = []
    for number in range(1, rounds + 1):
        with fresh_house(database) as house:
            site_ms, tidy_ms, rows = _by_the_site(house, data)
        with fresh_house(database) as house:
            bare_ms, found = _bare(house, rows)
        taken.append(Stored(site_ms, tidy_ms, bare_ms, abs(len(rows[TABLES[0]]) - found)))
        print(
            f"  {number:5} {site_ms:10.1f} {bare_ms:15.1f} {taken[-1].ratio:7.3f} {tidy_ms:13.1f}", flush=True
        )
    return taken


def _by_the_site(house: House, data: bytes) -> tuple[float, float, Rows]:
    report = service.read_file("题库.xlsx", data)
    actor = Actor.system("bench")
    runtime = house.runtime
    with runtime.write() as uow:
        batch_id, judgement = service.check_at_once(uow, actor, "题库.xlsx", data, report)
        service.confirm(uow, actor, batch_id)
    before = time.perf_counter()
    jobs.bring_in(runtime, batch_id, judgement, StoredPictures({}, {}))
    seen = time.perf_counter()
    jobs.tidy_up(runtime, batch_id)
    tidied = time.perf_counter()
    with house.runtime.read() as uow:
        connection = uow.session.connection()
        return (
            (seen - before) * 1000,
            (tidied - seen) * 1000,
            {
                table: [
                    tuple(row)
                    for row in connection.exec_driver_sql(f"SELECT {_columns(table)} FROM {table.name}")
                ]
                for table in TABLES
            },
        )


def _bare(house: House, rows: Rows) -> tuple[float, int]:
    """Hand the driver rows as it gave them; the batch, which this database does not have, is left out."""
    with house.runtime.write() as uow:
        connection = uow.session.connection()
        sign = "?" if connection.dialect.name == "sqlite" else "%s"
        statements = [
            (
                f"INSERT INTO {table.name} ({_columns(table)}) VALUES ({', '.join([sign] * len(some[0]))})",
                some,
            )
            for table, some in rows.items()
        ]
        began = time.perf_counter()
        for statement, some in statements:
            connection.exec_driver_sql(statement, some)
    taken = (time.perf_counter() - began) * 1000
    with house.runtime.read() as uow:
        return taken, uow.session.scalar(select(func.count()).select_from(QuestionItem)) or 0


def _columns(table: Table) -> str:
    return ", ".join(column.name for column in table.columns if column.name != "import_batch_id")
