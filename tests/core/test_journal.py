"""Hot writes: each is on disk before its reply, and nobody pays for a neighbour's fault."""

import os
import sqlite3
import threading
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from lms.core import group_writer, write_lane
from lms.core.errors import Busy, Reason, Refusal
from lms.core.hot_statements import HotConnection, HotStatement, SqliteHot
from lms.core.unit_of_work import Runtime

PUT = HotStatement("INSERT INTO periodic_slot (name, slot) VALUES (:name, :slot)")
PUT_MANY = HotStatement(
    "INSERT INTO periodic_slot (name, slot) VALUES (:name, :slot)",
    many="INSERT INTO periodic_slot (name, slot) SELECT :name, :slot FROM v",
)
PUTS = pytest.mark.parametrize("put_one", [PUT, PUT_MANY], ids=["alone", "many"])
GET = HotStatement("SELECT slot FROM periodic_slot WHERE name = :name")
RAISE = HotStatement("UPDATE periodic_slot SET slot = slot + 1 WHERE name = :name")


def put(name: str, slot: Any) -> Callable[[HotConnection], Any]:
    def write(hot: HotConnection) -> Any:
        hot.run(PUT, {"name": name, "slot": slot})
        return hot.rows(GET, {"name": name})[0][0]

    return write


def stored(runtime: Runtime) -> dict[str, int]:
    """What a connection of its own sees: no cache and no open transaction of the journal helps."""
    if runtime.database.is_sqlite:
        with sqlite3.connect(runtime.database.engine.url.database or "") as connection:
            return dict(connection.execute("SELECT name, slot FROM periodic_slot").fetchall())
    url = runtime.database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url) as other:
        return {str(name): int(slot) for name, slot in other.execute("SELECT name, slot FROM periodic_slot")}


def together(count: int, act: Callable[[int], None]) -> None:
    """Release `count` threads at the same moment and wait for them all."""
    barrier = threading.Barrier(count)

    def run(number: int) -> None:
        barrier.wait()
        act(number)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_write_is_seen_from_outside_as_soon_as_it_returns(runtime: Runtime) -> None:
    for number in range(20):
        assert runtime.journal.submit(put(f"w{number}", number)) == number
        assert stored(runtime)[f"w{number}"] == number


def test_a_hundred_threads_each_get_their_own_result(runtime: Runtime) -> None:
    results: dict[int, list[Any]] = {}

    def act(number: int) -> None:
        results[number] = [
            runtime.journal.submit(put(f"t{number}-{turn}", number * 100 + turn)) for turn in range(5)
        ]

    workers = 100 if runtime.database.is_sqlite else 40  # each thread keeps a PostgreSQL connection
    together(workers, act)
    assert results == {number: [number * 100 + turn for turn in range(5)] for number in range(workers)}
    assert len(stored(runtime)) == workers * 5


def test_counting_up_together_loses_nothing(runtime: Runtime) -> None:
    runtime.journal.submit(put("counter", 0))
    together(30, lambda _number: runtime.journal.submit(lambda hot: hot.run(RAISE, {"name": "counter"})))
    assert stored(runtime) == {"counter": 30}


def test_one_refused_write_hurts_nobody_else_and_keeps_nothing(runtime: Runtime) -> None:
    outcomes: dict[int, str] = {}

    def act(number: int) -> None:
        def write(hot: HotConnection) -> str:
            hot.run(PUT, {"name": f"n{number}", "slot": number})
            if number % 3 == 0:
                raise Refusal(Reason("too.late", "过了截止时间"))
            return "kept"

        try:
            outcomes[number] = runtime.journal.submit(write)
        except Refusal as refusal:
            outcomes[number] = refusal.reasons[0].code

    together(30, act)
    assert outcomes == {number: "too.late" if number % 3 == 0 else "kept" for number in range(30)}
    assert stored(runtime) == {f"n{number}": number for number in range(30) if number % 3}


HOSTILE = [10**30, {"a": 1}, ["x"], object()]


@pytest.mark.parametrize("value", HOSTILE, ids=["a number too large", "an object", "a list", "nonsense"])
def test_a_hostile_value_is_its_senders_fault_and_the_writer_lives_on(
    runtime: Runtime, value: object
) -> None:
    """A writer that died of it would end the process in the middle of everybody's exam."""
    with pytest.raises(Exception) as refused:  # noqa: PT011 - each driver has its own word for it
        runtime.journal.submit(put("bad", value))
    assert not isinstance(refused.value, Busy), "busy would make the sender repeat it for ever"
    assert runtime.journal.submit(put("good", 1)) == 1
    assert stored(runtime) == {"good": 1}


def test_text_that_is_no_text_is_refused_and_the_writer_lives_on(runtime: Runtime) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - UnicodeEncodeError on both
        runtime.journal.submit(put("\ud800", 1))
    assert runtime.journal.submit(put("good", 1)) == 1


def test_a_write_that_breaks_a_constraint_is_told_so_and_the_next_one_works(runtime: Runtime) -> None:
    runtime.journal.submit(put("a", 1))
    with pytest.raises((sqlite3.IntegrityError, psycopg.IntegrityError)):
        runtime.journal.submit(put("a", 2))
    assert runtime.journal.submit(put("b", 2)) == 2
    assert stored(runtime) == {"a": 1, "b": 2}


def test_a_lane_that_is_held_too_long_means_busy_and_nothing_kept(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not runtime.database.is_sqlite:
        pytest.skip("PostgreSQL has no lane")
    monkeypatch.setattr(write_lane, "LANE_TIMEOUT_SECONDS", 0.2)
    with runtime.write(), pytest.raises(Busy):
        runtime.journal.submit(put("late", 1))
    assert runtime.journal.submit(put("free", 1)) == 1
    assert stored(runtime) == {"free": 1}


def test_a_request_that_waits_too_long_is_told_busy(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not runtime.database.is_sqlite:
        pytest.skip("PostgreSQL has no queue")
    monkeypatch.setattr(group_writer, "WAIT_SECONDS", 0.1)
    with runtime.write(), pytest.raises(Busy):
        runtime.journal.submit(put("late", 1))


def test_another_writer_of_the_database_is_waited_for(runtime: Runtime) -> None:
    """The worker's process holds SQLite's lock for a moment: the hot write waits and is kept."""
    if not runtime.database.is_sqlite:
        pytest.skip("PostgreSQL locks rows, not the database")
    path = runtime.database.engine.url.database or ""
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    # Not yet in WAL: the writer's first connection must wait for the switch as well.
    other.execute("PRAGMA journal_mode=DELETE")
    other.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.3, lambda: other.execute("COMMIT"))
    release.start()
    assert runtime.journal.submit(put("patient", 1)) == 1
    release.join()
    other.close()
    assert stored(runtime) == {"patient": 1}


def test_a_cut_connection_means_busy_and_the_thread_finds_a_new_one(runtime: Runtime) -> None:
    if runtime.database.is_sqlite:
        pytest.skip("SQLite has no server that could cut anything")
    runtime.journal.submit(put("before", 1))
    cut = HotStatement("SELECT pg_terminate_backend(pg_backend_pid())")
    with pytest.raises(Busy):
        runtime.journal.submit(lambda hot: hot.rows(cut, {}))
    assert runtime.journal.submit(put("after", 1)) == 1


def test_ordinary_writes_and_hot_writes_share_the_database(runtime: Runtime) -> None:
    def act(number: int) -> None:
        if number % 2:
            runtime.journal.submit(put(f"hot{number}", number))
        else:
            with runtime.write() as uow:
                uow.session.execute(
                    text("INSERT INTO periodic_slot (name, slot) VALUES (:name, :slot)"),
                    {"name": f"slow{number}", "slot": number},
                )

    together(20, act)
    assert len(stored(runtime)) == 20


RAISE_BELOW = HotStatement("UPDATE periodic_slot SET slot = slot + 1 WHERE name = :name AND slot < :below")
RAISE_MANY_BELOW = HotStatement(
    "UPDATE periodic_slot SET slot = slot + 1 WHERE name = :name AND slot < :below",
    many="UPDATE periodic_slot SET slot = slot + 1 FROM v WHERE periodic_slot.name = :name AND slot < :below",
)
FOLLOW = HotStatement(
    "UPDATE periodic_slot SET slot = slot + 100 WHERE name = :name",
    many="UPDATE periodic_slot SET slot = slot + 100 FROM v WHERE periodic_slot.name = :name",
)
RAISES = pytest.mark.parametrize("raise_below", [RAISE_BELOW, RAISE_MANY_BELOW], ids=["alone", "many"])


@RAISES
def test_a_guarded_statement_says_whether_it_did_its_work(
    runtime: Runtime, raise_below: HotStatement
) -> None:
    runtime.journal.submit(put("g", 0))
    step = (raise_below, {"name": "g", "below": 2})
    assert [runtime.journal.write_if([step]) for _ in range(4)] == [True, True, False, False]
    assert stored(runtime) == {"g": 2}


@RAISES
def test_what_follows_a_guarded_statement_is_done_with_it_or_not_at_all(
    runtime: Runtime, raise_below: HotStatement
) -> None:
    runtime.journal.submit(put("g", 0))
    step, after = (raise_below, {"name": "g", "below": 2}), (FOLLOW, {"name": "g"})
    assert runtime.journal.write_if([step, after])
    assert not runtime.journal.write_if([step, after])
    assert stored(runtime) == {"g": 101}


@RAISES
def test_guarded_statements_together_never_go_beyond_their_guard(
    runtime: Runtime, raise_below: HotStatement
) -> None:
    runtime.journal.submit(put("g", 0))
    kept: list[bool] = []
    together(40, lambda _: kept.append(runtime.journal.write_if([(raise_below, {"name": "g", "below": 25})])))
    assert (kept.count(True), stored(runtime)) == (25, {"g": 25})


def test_a_statement_for_many_counts_the_rows_it_changed() -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE periodic_slot (name TEXT PRIMARY KEY, slot INTEGER)")
    hot = SqliteHot(connection)
    assert hot.run_many(PUT_MANY, [{"name": name, "slot": 0} for name in "abc"]) == 3
    assert hot.run_many(FOLLOW, [{"name": name} for name in "bcd"]) == 2
    assert dict(connection.execute("SELECT name, slot FROM periodic_slot")) == {"a": 0, "b": 100, "c": 100}


def test_many_together_are_each_written_with_what_follows_them(runtime: Runtime) -> None:
    """Some have a statement after the first, and some have two: the batch keeps each one's own."""
    kept: dict[int, bool] = {}

    def act(number: int) -> None:
        after = (FOLLOW, {"name": f"n{number}"})
        first = (PUT_MANY, {"name": f"n{number}", "slot": number})
        kept[number] = runtime.journal.write_if([first, *[after] * (number % 3)])

    together(90, act)
    assert kept == dict.fromkeys(range(90), True)
    assert stored(runtime) == {f"n{number}": number + 100 * (number % 3) for number in range(90)}


def test_the_journal_writes_although_a_thousand_files_are_open(runtime: Runtime) -> None:
    """A file number above 1023 is none that select() takes; a site with many readers has such numbers."""
    taken = [os.open(os.devnull, os.O_RDONLY) for _ in range(1100)]
    try:
        assert runtime.journal.write_if([(PUT, {"name": "high", "slot": 1})])
    finally:
        for number in taken:
            os.close(number)
    assert stored(runtime) == {"high": 1}


@PUTS
@pytest.mark.parametrize("value", [*HOSTILE, "\ud800"], ids=[*"nlxo", "no text"])
def test_a_hostile_value_in_a_batch_is_its_senders_fault(
    runtime: Runtime, value: object, put_one: HotStatement
) -> None:
    outcomes: dict[int, str] = {}

    def act(number: int) -> None:
        slot = value if number % 4 == 0 else number
        name = value if value == "\ud800" and number % 4 == 0 else f"n{number}"
        try:
            runtime.journal.write_if([(put_one, {"name": name, "slot": slot})])
        except Busy:
            outcomes[number] = "busy"
        except Exception:  # noqa: BLE001 - each driver has its own word for it
            outcomes[number] = "refused"
        else:
            outcomes[number] = "kept"

    together(20, act)
    assert outcomes == {number: "refused" if number % 4 == 0 else "kept" for number in range(20)}
    assert stored(runtime) == {f"n{number}": number for number in range(20) if number % 4}


@PUTS
def test_a_broken_constraint_in_a_batch_is_its_senders_alone(runtime: Runtime, put_one: HotStatement) -> None:
    runtime.journal.submit(put("taken", 1))
    outcomes: dict[int, str] = {}

    def act(number: int) -> None:
        name = "taken" if number % 5 == 0 else f"n{number}"
        try:
            runtime.journal.write_if([(put_one, {"name": name, "slot": number})])
        except (sqlite3.IntegrityError, psycopg.IntegrityError):
            outcomes[number] = "refused"
        else:
            outcomes[number] = "kept"

    together(20, act)
    assert outcomes == {number: "kept" if number % 5 else "refused" for number in range(20)}
    assert stored(runtime) == {"taken": 1} | {f"n{number}": number for number in range(20) if number % 5}


def test_a_cut_connection_means_busy_and_the_writer_finds_a_new_one(runtime: Runtime) -> None:
    if runtime.database.is_sqlite:
        pytest.skip("SQLite has no server that could cut anything")
    assert runtime.journal.write_if([(PUT, {"name": "before", "slot": 1})])
    cut = HotStatement("SELECT pg_terminate_backend(pg_backend_pid())")
    with pytest.raises(Busy):
        runtime.journal.write_if([(cut, {})])
    assert runtime.journal.write_if([(PUT, {"name": "after", "slot": 1})])
    assert stored(runtime) == {"before": 1, "after": 1}


def test_a_batch_behind_a_foreign_lock_is_told_busy_and_the_others_are_kept(runtime: Runtime) -> None:
    if runtime.database.is_sqlite:
        pytest.skip("SQLite locks the database, not rows")
    runtime.journal.submit(put("locked", 0))
    runtime.journal.submit(put("free", 0))
    outcomes: dict[int, str] = {}

    def act(number: int) -> None:
        try:
            runtime.journal.write_if([(RAISE, {"name": "free" if number else "locked"})])
        except Busy:
            outcomes[number] = "busy"
        else:
            outcomes[number] = "kept"

    with runtime.write() as uow:
        uow.session.execute(text("SELECT 1 FROM periodic_slot WHERE name = 'locked' FOR UPDATE"))
        together(6, act)
    assert outcomes == {0: "busy", 1: "kept", 2: "kept", 3: "kept", 4: "kept", 5: "kept"}
    assert stored(runtime) == {"locked": 0, "free": 5}
