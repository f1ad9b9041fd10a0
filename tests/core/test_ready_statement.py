"""Statements that are written out once: values come and go as the models say, within the session's transaction."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Date, bindparam, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from lms.core.database import Database
from lms.core.errors import Busy, Refusal
from lms.core.outbox import OutboxJob
from lms.core.periodic import PeriodicSlot
from lms.core.ready_statement import ReadyStatement, ready_new_row
from lms.core.unit_of_work import Runtime
from lms.enrolment.models import Application

AT = datetime(2026, 3, 1, 8, 0, 0, 123000, tzinfo=UTC)
BY_KEY = ReadyStatement(
    select(OutboxJob.id, OutboxJob.payload, OutboxJob.created_at, OutboxJob.done_at, OutboxJob.tries).where(
        OutboxJob.key == bindparam("key")
    )
)
NEW_JOB = ready_new_row(OutboxJob, OutboxJob.id, OutboxJob.key)
FINISH = ReadyStatement(update(OutboxJob).where(OutboxJob.key == bindparam("wanted")))
PLAIN_JOB = ReadyStatement(insert(OutboxJob))
TEXTS = ("", "制表\t符 \\N", "换\n行 '单' \"双\"；%s {x} ? :a $1 ::int", "𠮷野家 é")


def job(key: str, payload: str = "{}") -> dict[str, object]:
    return {
        "id": f"id-{key}", "name": "lamp.trim", "key": key, "payload": payload, "created_at": AT, "not_before": AT,
        "sent_at": None,
    }  # fmt: skip


def test_values_come_back_as_the_models_would_give_them(runtime: Runtime) -> None:
    with runtime.write() as uow:
        for number, payload in enumerate(TEXTS):
            assert NEW_JOB.scalar(uow.session, job(f"k{number}", payload)) == f"id-k{number}"
    with runtime.read() as uow:
        for number, payload in enumerate(TEXTS):
            row = BY_KEY.first(uow.session, {"key": f"k{number}"})
            # `tries` was not given: it has its default.
            assert (row.id, row.payload, row.created_at, row.done_at, row.tries) == (
                f"id-k{number}", payload, AT, None, 0,
            )  # fmt: skip
            stored = uow.session.scalars(select(OutboxJob).where(OutboxJob.key == f"k{number}")).one()
            assert (stored.payload, stored.created_at) == (payload, AT)
        assert BY_KEY.rows(uow.session, {"key": "nobody's"}) == []
        assert BY_KEY.first(uow.session, {"key": "nobody's"}) is None
        assert BY_KEY.scalar(uow.session, {"key": "nobody's"}) is None


def test_a_day_goes_out_and_comes_back(runtime: Runtime) -> None:
    same = ReadyStatement(select(bindparam("day", type_=Date())))
    with runtime.read() as uow:
        for day in (date(1966, 2, 28), date(2028, 2, 29)):
            assert same.scalar(uow.session, {"day": day}) == day
        assert same.scalar(uow.session, {"day": None}) is None


def test_a_taken_key_makes_no_row_and_an_update_tells_how_many_it_changed(runtime: Runtime) -> None:
    with runtime.write() as uow:
        assert NEW_JOB.scalar(uow.session, job("k")) == "id-k"
        assert NEW_JOB.scalar(uow.session, {**job("k"), "id": "another"}) is None
        assert FINISH.run(uow.session, {"wanted": "k", "done_at": AT}) == 1
        assert FINISH.run(uow.session, {"wanted": "k", "last_error": None, "tries": 3}) == 1
        assert FINISH.run(uow.session, {"wanted": "x", "done_at": AT}) == 0
    with runtime.read() as uow:
        row = BY_KEY.first(uow.session, {"key": "k"})
        assert (row.done_at, row.tries) == (AT, 3)


def test_what_the_session_still_holds_is_written_before(runtime: Runtime) -> None:
    slot_of = ReadyStatement(select(PeriodicSlot.slot).where(PeriodicSlot.name == bindparam("name")))
    with runtime.write() as uow:
        uow.session.add(PeriodicSlot(name="a", slot=7))
        assert slot_of.scalar(uow.session, {"name": "a"}) == 7
        uow.session.rollback()
    with runtime.read() as uow:
        assert slot_of.scalar(uow.session, {"name": "a"}) is None


def test_trouble_is_told_as_of_any_other_statement(runtime: Runtime) -> None:
    with pytest.raises(Refusal) as clash, runtime.write() as uow:  # noqa: PT012 - one transaction
        PLAIN_JOB.run(uow.session, job("k"))
        PLAIN_JOB.run(uow.session, job("k"))
    assert clash.value.status == 409
    with pytest.raises(DBAPIError), runtime.read() as uow:
        PLAIN_JOB.run(uow.session, job("k"))
    with runtime.read() as uow:
        assert BY_KEY.rows(uow.session, {"key": "k"}) == []


def test_a_list_of_unknown_length_and_a_computed_default_are_refused_when_it_is_written(
    runtime: Runtime,
) -> None:
    several = ReadyStatement(select(OutboxJob.id).where(OutboxJob.key.in_(bindparam("keys", expanding=True))))
    with runtime.read() as uow, pytest.raises(TypeError, match="unknown length"):
        several.rows(uow.session, {"keys": ["a"]})
    with runtime.write() as uow, pytest.raises(TypeError, match=r"application\.id"):
        ReadyStatement(insert(Application)).run(uow.session, {"person_id": "p"})
    with runtime.read() as uow, pytest.raises(KeyError):
        BY_KEY.rows(uow.session)


def test_a_connection_that_was_cut_in_use_is_busy_once(runtime: Runtime) -> None:
    if runtime.database.is_sqlite:
        pytest.skip("SQLite has no server that could cut anything")
    cut = ReadyStatement(select(func.pg_terminate_backend(func.pg_backend_pid())))
    with pytest.raises(Busy), runtime.read() as uow:
        cut.rows(uow.session)
    with runtime.read() as uow:
        assert BY_KEY.rows(uow.session, {"key": "k"}) == []


def test_one_that_was_cut_in_the_pool_is_busy_at_most_once_and_after_a_while_never(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    if runtime.database.is_sqlite:
        pytest.skip("SQLite has no server that could cut anything")
    other = Database(runtime.database.url)

    def cut_all_idle() -> None:
        with runtime.read() as first, runtime.read() as second:  # two that lie in the pool afterwards
            first.session.execute(text("SELECT 1"))
            second.session.execute(text("SELECT 1"))
        with other.engine.connect() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )

    cut_all_idle()
    # The first is trusted, as it was in use just now; by its trouble the second is not trusted any more.
    with pytest.raises(Busy), runtime.read() as uow:
        BY_KEY.rows(uow.session, {"key": "k"})
    for _ in range(3):
        with runtime.read() as uow:
            assert BY_KEY.rows(uow.session, {"key": "k"}) == []
    cut_all_idle()
    monkeypatch.setattr("lms.core.database.TRUSTED_SECONDS", -1.0)
    for _ in range(3):
        with runtime.read() as uow:
            assert BY_KEY.rows(uow.session, {"key": "k"}) == []
    other.dispose()
