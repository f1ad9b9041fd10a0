"""The chain over the record: it closes in order, and each kind of tampering is found."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from lms.app import scheduler
from lms.audit import jobs, service
from lms.audit.invariants import INVARIANTS
from lms.audit.queries import broken_links
from lms.core.actors import Actor
from lms.core.invariants import check
from lms.core.periodic import Periodic
from lms.core.unit_of_work import Runtime
from tests.support.owner import by_force
from tests.support.site import ClockControl, Site

OPERATOR = Actor("person0000000001", "person:person0000000001")


def acts(runtime: Runtime, count: int, first: int = 0) -> None:
    for number in range(first, first + count):
        with runtime.write() as uow:
            service.record(uow, OPERATOR, "lamp:polish", f"lamp{number}", with_what="cloth")


def seals(runtime: Runtime) -> int:
    with runtime.read() as uow:
        return int(uow.session.execute(text("SELECT count(*) FROM audit_seal")).scalar_one())


def test_sealing_closes_the_chain_over_every_act(runtime: Runtime) -> None:
    acts(runtime, 5)
    jobs.seal(runtime)
    acts(runtime, 3, first=5)
    jobs.seal(runtime)
    assert seals(runtime) == 8
    with runtime.read() as uow:
        assert broken_links(uow) == []
        assert check(uow, INVARIANTS) == {}


def test_sealing_again_changes_nothing(runtime: Runtime) -> None:
    acts(runtime, 2)
    jobs.seal(runtime)
    jobs.seal(runtime)
    assert seals(runtime) == 2


def test_more_acts_than_fit_one_turn_are_all_sealed(runtime: Runtime) -> None:
    acts(runtime, 5)
    with runtime.write() as uow:
        assert service.seal_waiting(uow, limit=2) == 2
    with runtime.write() as uow:
        assert service.seal_waiting(uow, limit=2) == 2
    jobs.seal(runtime)
    with runtime.read() as uow:
        assert broken_links(uow) == []
    assert seals(runtime) == 5


def test_the_scheduler_seals_each_second(site: Site, clock: ClockControl) -> None:
    schedule = (Periodic("audit.seal", 1, jobs.seal),)
    acts(site.runtime, 1)
    scheduler.tick(site.runtime, site.waker, schedule)
    assert seals(site.runtime) == 1
    acts(site.runtime, 1)
    clock.advance(1.5)
    scheduler.tick(site.runtime, site.waker, schedule)
    assert seals(site.runtime) == 2


def test_an_act_that_became_visible_late_is_sealed_after_its_successors(runtime: Runtime) -> None:
    """PostgreSQL gives ids before commits: a lower id may appear when a higher one is sealed already."""
    acts(runtime, 3)
    by_force(runtime, "UPDATE audit_event SET id = 100 WHERE id = 2")
    jobs.seal(runtime)
    by_force(
        runtime,
        "INSERT INTO audit_event (id, at, actor_label, tag, subject_id, fields)"
        " SELECT 2, at, 'x', 'lamp:polish', 'late', '{}' FROM audit_event WHERE id = 1",
    )
    jobs.seal(runtime)
    assert seals(runtime) == 4
    with runtime.read() as uow:
        assert broken_links(uow) == []


TAMPERINGS: dict[str, str] = {
    "the act": "UPDATE audit_event SET tag = 'lamp:break' WHERE id = 3",
    "its subject": "UPDATE audit_event SET subject_id = 'lamp99' WHERE id = 3",
    "the actor": "UPDATE audit_event SET actor_id = 'person0000000002' WHERE id = 3",
    "no actor at all": "UPDATE audit_event SET actor_id = NULL WHERE id = 3",
    "the moment": "UPDATE audit_event SET at = at + 1 WHERE id = 3",
    "the fields": "UPDATE audit_event SET fields = '{}' WHERE id = 3",
    "the label": "UPDATE audit_event SET actor_label = 'person:another' WHERE id = 3",
    "the newest act removed": "DELETE FROM audit_event WHERE id = 6",
    "a removed act": "DELETE FROM audit_event WHERE id = 3",
    "a removed act with its seal": "DELETE FROM audit_seal WHERE seq = 3",
    "a forged seal": f"UPDATE audit_seal SET hash = '{'0' * 64}' WHERE seq = 3",
    "two acts exchanged": "UPDATE audit_event SET subject_id = CASE id WHEN 3 THEN 'lamp3' ELSE 'lamp2' END"
    " WHERE id IN (3, 4)",
}


@pytest.mark.parametrize("statement", TAMPERINGS.values(), ids=TAMPERINGS.keys())
def test_whatever_is_changed_by_force_is_found(runtime: Runtime, statement: str) -> None:
    acts(runtime, 6)
    jobs.seal(runtime)
    by_force(runtime, statement)
    with runtime.read() as uow:
        assert broken_links(uow) != []


def test_the_verifier_names_the_row(runtime: Runtime) -> None:
    acts(runtime, 6)
    jobs.seal(runtime)
    by_force(runtime, "UPDATE audit_event SET fields = '{}' WHERE id = 3")
    with runtime.read() as uow:
        assert broken_links(uow) == [(3, 3)], "one altered row is one broken link, not all that follow"


@pytest.mark.parametrize(
    ("invariant", "spoil"),
    [
        ("U2", "UPDATE state_log SET verb = 'drop' WHERE id = 1"),
        ("U3", "UPDATE audit_event SET at = at + 10000000 WHERE id = 1"),
        ("U4", "UPDATE audit_event SET at = at - 10000000 WHERE id = 7"),
        ("A2", "UPDATE state_log SET from_state = 'lit' WHERE id = 2"),
    ],
)
def test_each_invariant_notices_what_it_is_for(runtime: Runtime, invariant: str, spoil: str) -> None:
    acts(runtime, 3)
    for number, (before, after) in enumerate([(None, "dark"), ("dark", "lit")], start=4):
        source = "NULL" if before is None else f"'{before}'"
        verb = "create" if before is None else "light"
        with runtime.write() as uow:
            event_id = service.record(uow, OPERATOR, f"lamp:{verb}", "lamp1")
            assert event_id == number
            uow.session.execute(
                text(
                    "INSERT INTO state_log"
                    " (machine, subject_id, verb, from_state, to_state, at, remark, detail, audit_event_id)"
                    f" VALUES ('lamp', 'lamp1', '{verb}', {source}, '{after}', 0, '', '{{}}', :event)"
                ),
                {"event": event_id},
            )
    acts(runtime, 1, first=10)
    jobs.seal(runtime)
    acts(runtime, 1, first=20)
    with runtime.read() as uow:
        assert check(uow, INVARIANTS) == {}
    by_force(runtime, spoil)
    with runtime.read() as uow:
        assert invariant in check(uow, INVARIANTS)


def test_a_job_that_waits_too_long_is_noticed(runtime: Runtime, clock: ClockControl) -> None:
    with runtime.write() as uow:
        uow.session.execute(
            text(
                "INSERT INTO outbox_job (id, name, key, payload, created_at, not_before, tries)"
                " VALUES ('j', 'n', 'k', '{}', :now, :now, 0)"
            ),
            {"now": int(uow.now.timestamp() * 1000)},
        )
    with runtime.read() as uow:
        assert "O1" not in check(uow, INVARIANTS)
    with runtime.read(clock.now() + timedelta(minutes=3)) as uow:
        assert "O1" in check(uow, INVARIANTS)
