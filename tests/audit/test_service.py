"""Moves of a state machine: conditional, logged, audited, all in one breath."""

import json
import threading
from enum import StrEnum

import pytest
from sqlalchemy import String, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from lms.audit import service
from lms.audit.invariants import INVARIANTS
from lms.audit.models import AuditEvent, StateLog
from lms.audit.queries import history, recent_events
from lms.core.actors import Actor
from lms.core.errors import Conflict
from lms.core.invariants import check
from lms.core.state_machine import Move, StateMachine
from lms.core.unit_of_work import Runtime

OPERATOR = Actor("person0000000001", "person:person0000000001")


class LampState(StrEnum):
    DARK = "dark"
    LIT = "lit"
    BROKEN = "broken"


LAMP = StateMachine(
    "lamp",
    LampState.DARK,
    {
        "light": Move((LampState.DARK,), LampState.LIT),
        "put_out": Move((LampState.LIT,), LampState.DARK),
        "drop": Move((LampState.DARK, LampState.LIT), LampState.BROKEN),
    },
)


class Bare(DeclarativeBase):
    """Tables of this test only; the house's own schema does not know them."""


class Lamp(Bare):
    __tablename__ = "lamp"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    state: Mapped[str] = mapped_column(String(10))
    colour: Mapped[str] = mapped_column(String(10), default="")


@pytest.fixture
def lamp(runtime: Runtime) -> str:
    Bare.metadata.create_all(runtime.database.engine)
    with runtime.write() as uow:
        uow.session.add(Lamp(id="lamp1", state=LAMP.initial))
        service.born(uow, OPERATOR, LAMP, "lamp1")
    return "lamp1"


def state(runtime: Runtime) -> LampState:
    with runtime.read() as uow:
        return LampState(uow.session.get_one(Lamp, "lamp1").state)


def act(runtime: Runtime, verb: str, seen: LampState, remark: str = "") -> None:
    with runtime.write() as uow:
        service.move(uow, OPERATOR, LAMP, verb, Lamp.state, "lamp1", seen, remark=remark)  # type: ignore[arg-type]  # no column of the house holds a Lamp's states


def test_a_machine_knows_its_moves() -> None:
    assert LAMP.allows("light", LampState.DARK)
    assert not LAMP.allows("light", LampState.LIT)
    assert LAMP.pairs() == {("dark", "lit"), ("lit", "dark"), ("dark", "broken"), ("lit", "broken")}


def test_a_move_changes_the_row_and_writes_its_history(runtime: Runtime, lamp: str) -> None:
    act(runtime, "light", LampState.DARK, "天黑了")
    assert state(runtime) is LampState.LIT
    with runtime.read() as uow:
        lines = history(uow, "lamp", lamp)
        events, total = recent_events(uow, tag="lamp:", subject_id=lamp)
    assert [(one.verb, one.from_state, one.to_state, one.remark) for one in lines] == [
        ("create", None, "dark", ""), ("light", "dark", "lit", "天黑了"),
    ]  # fmt: skip
    assert total == 2
    assert events[0].tag == "lamp:light"
    assert events[0].actor_id == OPERATOR.person_id
    assert json.loads(events[0].fields) == {"from_state": "dark", "to_state": "lit", "remark": "天黑了"}


def test_columns_that_change_with_the_move_change_in_the_same_update(runtime: Runtime, lamp: str) -> None:
    with runtime.write() as uow:
        service.move(  # type: ignore[type-var]  # as above
            uow, OPERATOR, LAMP, "light", Lamp.state, lamp, LampState.DARK, changes={"colour": "red"}, reason_code="x",
        )  # fmt: skip
        assert uow.session.get_one(Lamp, lamp).colour == "red", "what was loaded before is read anew"
    with runtime.read() as uow:
        assert json.loads(history(uow, "lamp", lamp)[-1].detail) == {"reason_code": "x"}


def counted(runtime: Runtime) -> tuple[int, int]:
    with runtime.read() as uow:
        return len(uow.session.scalars(select(StateLog.id)).all()), len(
            uow.session.scalars(select(AuditEvent.id)).all()
        )


def test_a_move_that_the_table_does_not_have_is_stale_and_leaves_no_trace(
    runtime: Runtime, lamp: str
) -> None:
    act(runtime, "drop", LampState.DARK)
    before = counted(runtime)
    with pytest.raises(Conflict) as refused:
        act(runtime, "light", LampState.BROKEN)
    assert refused.value.reasons[0].code == "stale"
    assert state(runtime) is LampState.BROKEN
    assert counted(runtime) == before


def test_a_move_from_a_state_that_has_passed_is_stale(runtime: Runtime, lamp: str) -> None:
    act(runtime, "light", LampState.DARK)
    before = counted(runtime)
    with pytest.raises(Conflict):
        act(runtime, "drop", LampState.DARK)
    assert state(runtime) is LampState.LIT
    assert counted(runtime) == before


def test_a_subject_that_does_not_exist_is_stale(runtime: Runtime, lamp: str) -> None:
    with pytest.raises(Conflict), runtime.write() as uow:
        service.move(uow, OPERATOR, LAMP, "light", Lamp.state, "nobody", LampState.DARK)  # type: ignore[arg-type]  # as above


def test_of_ten_who_move_at_once_one_succeeds(runtime: Runtime, lamp: str) -> None:
    barrier = threading.Barrier(10)
    outcomes: list[str] = []

    def run() -> None:
        barrier.wait()
        try:
            act(runtime, "light", LampState.DARK)
            outcomes.append("lit")
        except Conflict:
            outcomes.append("stale")

    threads = [threading.Thread(target=run) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["lit"] + ["stale"] * 9
    with runtime.read() as uow:
        assert len(history(uow, "lamp", lamp)) == 2
        assert check(uow, INVARIANTS) == {}


def test_a_remark_longer_than_its_column_is_cut_in_the_log_and_whole_in_the_record(
    runtime: Runtime, lamp: str
) -> None:
    act(runtime, "light", LampState.DARK, "长" * 900)
    with runtime.read() as uow:
        assert len(history(uow, "lamp", lamp)[-1].remark) == 500
        events, _ = recent_events(uow, tag="lamp:light")
    assert json.loads(events[0].fields)["remark"] == "长" * 900


def test_an_act_is_gone_when_its_transaction_is(runtime: Runtime) -> None:
    with pytest.raises(ZeroDivisionError), runtime.write() as uow:  # noqa: PT012 - one transaction
        service.record(uow, OPERATOR, "lamp:polish", "lamp1")
        _ = 1 / 0
    assert counted(runtime) == (0, 0)


def test_the_record_is_filtered_and_paged(runtime: Runtime) -> None:
    with runtime.write() as uow:
        for number in range(7):
            service.record(uow, OPERATOR, "lamp:polish" if number % 2 else "lamp_x:polish", f"lamp{number}")
        service.record(uow, Actor.system("sweeper"), "door:open", "door1")
    with runtime.read() as uow:
        page, total = recent_events(uow, page=2, size=3)
        assert (len(page), total) == (3, 8)
        assert recent_events(uow, tag="lamp:")[1] == 3, "a colon and an underscore are no wildcards"
        assert recent_events(uow, tag="lamp_x:")[1] == 4
        assert recent_events(uow, tag="lamp")[1] == 0, "a tag without its colon is a whole tag"
        assert recent_events(uow, subject_id="lamp3")[1] == 1
        assert recent_events(uow, people=[OPERATOR.person_id or ""])[1] == 7
        assert recent_events(uow, people=["lamp3", "door1"])[1] == 2, "what was done to them counts as well"
        assert recent_events(uow, people=[])[1] == 0
        assert recent_events(uow, since=uow.now, until=uow.now)[1] == 0
        assert recent_events(uow, tag="%")[1] == 0
