"""The drill `issue`: kill -9 of the worker and an emptied Redis while people pass (faults C7, O1 to O3; C1 to C5).

Applications are made and approved by the services beforehand. Then their last stage is reported as passed, some
between any two kills; from there on everything is done by the site's own processes: the number, the print, the file,
the entry in the registry.
"""

import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from lms.accounts.policy import Role
from lms.app.house import build_runtime
from lms.core.actors import Actor
from lms.core.unit_of_work import Runtime
from lms.enrolment import service as enrolment
from lms.enrolment.policy import StageState
from lms.plans.policy import StageKind
from tests.bench.rig import fresh_house
from tests.drills.delivered import idle, scalar
from tests.drills.invariants import broken_invariants
from tests.drills.parts import Parts, running_parts
from tests.factories.plans import PROVINCE_ONLY, a_plan
from tests.support.people import People

PASSES = 1000
KILLS = 50
FLUSHES = 5
PROMISED_SECONDS = 120.0
"""All are issued so long after the last fault at most (C2)."""
PATIENCE_SECONDS = 1800.0
HELD_UP_SECONDS = 2.0
"""A fault comes so long after the moment at which it was due at most: anywhere within the work."""
LONGEST_WAIT_SECONDS = 60.0
"""So long a fault waits for work to get done, should there be none."""
LOOK_SECONDS = 0.2
EXAM = Actor.system("exam")
BARS = ("missing", "duplicates", "gaps", "unregistered", "dead_letters", "late_s", "violations")
"""What must be 0."""


@dataclass(frozen=True)
class Issued:
    """What is stored once all is quiet. From `missing` on each count should be 0."""

    certificates: int
    missing: int
    """Passed applications without a certificate that is issued and has its file."""
    duplicates: int
    gaps: int
    """Serial numbers below the last one that no certificate has."""
    unregistered: int
    dead_letters: int


def issue(
    database: str, passes: int = PASSES, kills: int = KILLS, flushes: int = FLUSHES,
    tell: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:  # fmt: skip
    """Run the drill on a fresh site and return what the JSON line says."""
    with fresh_house(database) as house:
        waiting = _candidates(house.runtime, passes)
        tell(f"  {passes} candidates are one stage before their certificate")
        with running_parts(house) as parts:
            runtime, _waker = build_runtime(house.settings.model_copy(update={"redis_url": parts.redis_url}))
            try:
                _disturb(runtime, parts, waiting, kills, flushes, tell)
            finally:
                runtime.database.dispose()
            last_fault = time.monotonic()
            all_issued = _wait_until_issued(house.runtime, passes, last_fault)
            tell(f"  all is quiet {all_issued:.1f} s after the last fault")
            issued = _count(house.runtime)
            return {
                "drill": "issue", "database": database, "runs": kills + flushes, "passes": passes,
                "kills": parts.kills["worker"], "flushes": flushes, "certificates": issued.certificates,
                "missing": issued.missing, "duplicates": issued.duplicates, "gaps": issued.gaps,
                "unregistered": issued.unregistered, "dead_letters": issued.dead_letters,
                "issued_s": round(all_issued, 1), "late_s": max(0, round(all_issued - PROMISED_SECONDS)),
                "died": len(parts.died), "relieved": parts.relieved, "violations": broken_invariants(house, tell),
            }  # fmt: skip


def failed(result: Mapping[str, Any]) -> bool:
    """Tell whether a drill's promise was broken."""
    return any(result[name] for name in BARS) or result["certificates"] != result["passes"]


def _candidates(runtime: Runtime, count: int) -> list[str]:
    """Return so many approved applications whose study was excused: only the exam is left."""
    people = People(runtime)
    plan = a_plan(runtime, people, review_route=PROVINCE_ONLY)
    reviewer = people.actor(people.staff(Role.REVIEWER))
    choice = plan.occupations[0].key
    made = []
    for _ in range(count):
        actor = people.actor(people.trainee())
        with runtime.write() as uow:
            begun = enrolment.start(uow, actor, plan.id, choice)
            enrolment.submit_application(uow, actor, begun.id, statements_accepted=True)
        with runtime.write() as uow:
            enrolment.approve(uow, reviewer, begun.id)
            enrolment.waive_stage(uow, reviewer, begun.id, StageKind.STUDY, "已在线下完成学习")
        made.append(begun.id)
    return made


def _disturb(
    runtime: Runtime, parts: Parts, waiting: list[str], kills: int, flushes: int, tell: Callable[[str], None]
) -> None:
    """Let people pass a few at a time; while their certificates are made, kill the worker or empty Redis.

    A fault waits until some of the few have theirs, else fifty would be over before the tenth certificate.
    """
    faults = ["kill"] * kills + ["flush"] * flushes
    random.shuffle(faults)
    groups = _parts_of(waiting, len(faults))
    passed = 0
    for number, (fault, group) in enumerate(zip(faults, groups, strict=True), 1):
        for application_id in group:
            with runtime.write() as uow:
                enrolment.report_stage(uow, EXAM, application_id, StageKind.EXAM, StageState.PASSED)
        _wait_for(runtime, passed + random.randint(0, len(group)))
        passed += len(group)
        time.sleep(random.uniform(0, HELD_UP_SECONDS))
        if fault == "kill":
            parts.kill("worker")
        else:
            _empty(parts)
        if number % 10 == 0:
            tell(f"  fault {number:3}: {_issued(runtime):,} certificates so far")


def _wait_for(runtime: Runtime, certificates: int) -> None:
    """Wait until there are so many certificates, or it has taken too long."""
    since = time.monotonic()
    while _issued(runtime) < certificates and time.monotonic() - since < LONGEST_WAIT_SECONDS:
        time.sleep(LOOK_SECONDS)


def _parts_of(everybody: list[str], count: int) -> Iterator[list[str]]:
    for number in range(count):
        yield everybody[len(everybody) * number // count : len(everybody) * (number + 1) // count]


def _empty(parts: Parts) -> None:
    with parts.redis() as connection:
        connection.flushall()


def _wait_until_issued(runtime: Runtime, passes: int, since: float) -> float:
    """Wait until everybody has a certificate and nothing waits; return the seconds since a moment."""
    while (waited := time.monotonic() - since) < PATIENCE_SECONDS:
        with runtime.read() as uow:
            if idle(uow) and scalar(uow, "SELECT COUNT(*) FROM registry_entry") >= passes:
                break
        time.sleep(LOOK_SECONDS)
    return waited


def _issued(runtime: Runtime) -> int:
    with runtime.read() as uow:
        return scalar(uow, "SELECT COUNT(*) FROM certificate WHERE state = 'issued'")


def _count(runtime: Runtime) -> Issued:
    with runtime.read() as uow:
        rows = uow.session.execute(
            text("SELECT number, number_rule, number_year, institution_code, level, serial, file_key FROM certificate"
                 " WHERE state = 'issued'")
        ).all()  # fmt: skip
        sequences: dict[tuple[Any, ...], list[int]] = {}
        for row in rows:
            sequences.setdefault(tuple(row[1:5]), []).append(row.serial)
        return Issued(
            certificates=sum(runtime.storage.size(row.file_key) > 0 for row in rows),
            missing=scalar(
                uow,
                "SELECT COUNT(*) FROM application a WHERE a.outcome = 'completed' AND NOT EXISTS (SELECT 1 FROM"
                " certificate c WHERE c.application_id = a.id AND c.state = 'issued')",
            ),
            duplicates=len(rows) - len({row.number for row in rows}),
            gaps=sum(max(serials) - len(set(serials)) for serials in sequences.values()),
            unregistered=scalar(
                uow,
                "SELECT COUNT(*) FROM certificate c WHERE NOT EXISTS"
                " (SELECT 1 FROM registry_entry e WHERE e.certificate_id = c.id)",
            ),
            dead_letters=scalar(uow, "SELECT COUNT(*) FROM outbox_job WHERE failed_at IS NOT NULL"),
        )
