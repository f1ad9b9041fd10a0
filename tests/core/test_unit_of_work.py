"""One transaction at the edge: it keeps all or nothing, and its events leave only with it."""

from dataclasses import dataclass

import pytest
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from lms.core import outbox
from lms.core.database import Database
from lms.core.errors import Busy, Conflict
from lms.core.events import Event
from lms.core.outbox import OutboxJob
from lms.core.periodic import PeriodicSlot
from lms.core.unit_of_work import Reaction, Runtime


@dataclass(frozen=True, slots=True)
class LampLit(Event):
    lamp_id: str


@pytest.fixture
def sent() -> list[str]:
    return []


@pytest.fixture
def house(runtime: Runtime, sent: list[str]) -> Runtime:
    """The same house, in which lighting a lamp is followed by two jobs, one of them once per lamp."""
    return Runtime(
        runtime.settings, runtime.database, runtime.clock, runtime.vault, runtime.storage,
        {LampLit: (Reaction("lamp.trim"), Reaction("lamp.count", key=lambda event: event.payload()["lamp_id"]))},
        sent.extend,
    )  # fmt: skip


def slots(runtime: Runtime) -> int:
    with runtime.read() as uow:
        return uow.session.execute(select(func.count()).select_from(PeriodicSlot)).scalar_one()


def test_what_is_written_is_there_afterwards(runtime: Runtime) -> None:
    with runtime.write() as uow:
        uow.session.add(PeriodicSlot(name="a", slot=1))
    assert slots(runtime) == 1


def test_a_failure_inside_keeps_nothing(house: Runtime, sent: list[str]) -> None:
    with pytest.raises(ZeroDivisionError), house.write() as uow:  # noqa: PT012 - one transaction
        uow.session.add(PeriodicSlot(name="a", slot=1))
        uow.session.flush()
        uow.record(LampLit("lamp1"))
        _ = 1 / 0
    assert slots(house) == 0
    with house.read() as uow:
        assert outbox.waiting_count(uow.session) == 0
    assert sent == []


def test_a_read_that_writes_fails_at_once_and_as_our_own_fault(runtime: Runtime) -> None:
    """If it looked like trouble of the store, somebody would repeat it for ever."""
    with pytest.raises(DBAPIError), runtime.read() as uow:
        uow.session.execute(insert(PeriodicSlot).values(name="a", slot=1))
    assert slots(runtime) == 0


def test_after_a_failed_read_the_same_thread_writes_again(runtime: Runtime) -> None:
    with pytest.raises(DBAPIError), runtime.read() as uow:
        uow.session.execute(insert(PeriodicSlot).values(name="a", slot=1))
    with runtime.write() as uow:
        uow.session.add(PeriodicSlot(name="b", slot=1))
    assert slots(runtime) == 1


def test_a_read_sees_one_moment_whatever_is_written_meanwhile(runtime: Runtime) -> None:
    """What is computed from several statements fits together: a dry run, and the mark that says it still holds."""
    counted = select(func.count()).select_from(PeriodicSlot)
    with runtime.read() as uow:
        assert uow.session.execute(counted).scalar_one() == 0
        with runtime.write() as other:
            other.session.add(PeriodicSlot(name="a", slot=1))
        assert uow.session.execute(counted).scalar_one() == 0
    assert slots(runtime) == 1


def test_rows_that_were_read_stay_readable_after_the_transaction(runtime: Runtime) -> None:
    with runtime.write() as uow:
        uow.session.add(PeriodicSlot(name="a", slot=7))
    with runtime.read() as uow:
        row = uow.session.get_one(PeriodicSlot, "a")
    assert row.slot == 7


def test_an_event_becomes_jobs_of_the_same_transaction_and_wakes_after_it(
    house: Runtime, sent: list[str]
) -> None:
    with house.write() as uow:
        uow.record(LampLit("lamp1"))
        assert sent == [], "nothing leaves before the commit"
    with house.read() as uow:
        rows = uow.session.scalars(select(OutboxJob).order_by(OutboxJob.name)).all()
    assert [(row.name, row.payload) for row in rows] == [
        ("lamp.count", '{"lamp_id": "lamp1"}'), ("lamp.trim", '{"lamp_id": "lamp1"}'),
    ]  # fmt: skip
    assert sorted(sent) == sorted(row.id for row in rows)


def test_a_keyed_reaction_is_queued_once_however_often_the_event_comes(house: Runtime) -> None:
    for _ in range(3):
        with house.write() as uow:
            uow.record(LampLit("lamp1"))
    with house.read() as uow:
        names = uow.session.scalars(select(OutboxJob.name)).all()
    assert sorted(names) == ["lamp.count", "lamp.trim", "lamp.trim", "lamp.trim"]


def test_a_unique_constraint_is_a_conflict_and_nothing_is_kept(runtime: Runtime) -> None:
    with runtime.write() as uow:
        uow.session.add(PeriodicSlot(name="a", slot=1))
    with pytest.raises(Conflict) as refused, runtime.write() as uow:  # noqa: PT012 - one transaction
        uow.session.add(PeriodicSlot(name="b", slot=1))
        uow.session.add(PeriodicSlot(name="a", slot=2))
    assert refused.value.reasons[0].code == "stale"
    assert slots(runtime) == 1


def test_a_fault_of_our_own_statement_is_not_called_busy(runtime: Runtime) -> None:
    with pytest.raises(DBAPIError), runtime.write() as uow:
        uow.session.execute(text("SELECT * FROM no_such_table"))


def test_other_broken_constraints_stay_our_own_fault(runtime: Runtime) -> None:
    with pytest.raises(DBAPIError), runtime.write() as uow:
        uow.session.execute(insert(PeriodicSlot).values(name="a", slot=None))


def elsewhere(runtime: Runtime, database: Database) -> Runtime:
    return Runtime(
        runtime.settings, database, runtime.clock, runtime.vault, runtime.storage, {}, lambda _ids: None
    )


def test_a_store_that_is_away_is_busy_for_reads_and_writes(runtime: Runtime) -> None:
    away = Database(
        "sqlite:////nowhere/at/all.db" if runtime.database.is_sqlite
        else "postgresql+psycopg://lms@127.0.0.1:1/away"
    )  # fmt: skip
    house = elsewhere(runtime, away)
    with pytest.raises(Busy), house.read() as uow:
        uow.session.execute(text("SELECT 1"))
    with pytest.raises(Busy), house.write() as uow:
        uow.session.execute(text("SELECT 1"))


def test_a_connection_that_the_server_cut_is_busy_once_and_then_works(runtime: Runtime) -> None:
    if runtime.database.is_sqlite:
        pytest.skip("SQLite has no server that could cut anything")
    with pytest.raises(Busy), runtime.write() as uow:
        uow.session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    with runtime.write() as uow:
        uow.session.add(PeriodicSlot(name="a", slot=1))
    assert slots(runtime) == 1


def test_a_second_house_sees_a_write_as_soon_as_it_returned(runtime: Runtime) -> None:
    other = elsewhere(runtime, Database(runtime.database.url))
    with runtime.write() as uow:
        uow.session.add(PeriodicSlot(name="a", slot=1))
    assert slots(other) == 1
    with other.write() as uow:
        uow.session.execute(update(PeriodicSlot).values(slot=2))
    with runtime.read() as uow:
        assert uow.session.get_one(PeriodicSlot, "a").slot == 2
    other.database.dispose()


def test_sqlite_keeps_the_promises_of_its_settings(runtime: Runtime) -> None:
    if not runtime.database.is_sqlite:
        pytest.skip("PostgreSQL keeps its own")
    for lane in (runtime.read, runtime.write):
        with lane() as uow:
            told = {
                name: uow.session.execute(text(f"PRAGMA {name}")).scalar_one()
                for name in ("journal_mode", "synchronous", "foreign_keys", "query_only")
            }
        assert told == {
            "journal_mode": "wal",
            "synchronous": 2,
            "foreign_keys": 1,
            "query_only": int(lane == runtime.read),
        }


def test_the_message_of_a_failed_statement_does_not_repeat_its_values(runtime: Runtime) -> None:
    """It reaches the log, where no personal value belongs (fault G1)."""
    with pytest.raises(DBAPIError) as failed, runtime.read() as uow:
        uow.session.execute(text("SELECT * FROM no_such_table WHERE a = :a"), {"a": "340104190001010018"})
    assert "340104190001010018" not in str(failed.value)
