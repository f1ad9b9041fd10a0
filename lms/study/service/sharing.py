"""Examining the device behind a study session: who else studied there."""

import json
from datetime import datetime

from sqlalchemy import select, update

from lms.audit import service as audit
from lms.core.actors import Actor
from lms.core.clock import from_ms
from lms.core.database import insert_new
from lms.core.unit_of_work import UnitOfWork
from lms.study.desk_models import FindingPerson, StudyFinding
from lms.study.policy.devices import SharedDevice, shared_device
from lms.study.queries import devices as device_queries
from lms.study.service.examining import file_finding


def examine_device(uow: UnitOfWork, actor: Actor, session_id: str, until: datetime) -> int:
    """Examine the device of a session up to a beat; return how many findings are new.

    One use of a device is one finding in each plan it was for, filed under the person who began first. It grows with
    the use until somebody has looked at it.
    """
    mark = device_queries.shared_mark(uow, session_id)
    shared = shared_device(device_queries.device_beats(uow, mark, until)) if mark else None
    if shared is None:
        return 0
    first = {one.plan_id: one.person_id for one in reversed(shared.people)}
    count = 0
    for plan_id, person_id in first.items():
        finding_id = file_finding(uow, actor, shared.finding, person_id, plan_id)
        if finding_id is not None:
            _name_people(uow, finding_id, shared)
            count += 1
        else:
            _let_grow(uow, actor, person_id, plan_id, shared)
    return count


def _let_grow(uow: UnitOfWork, actor: Actor, person_id: str, plan_id: str, shared: SharedDevice) -> None:
    found = shared.finding
    finding_id = uow.session.scalar(
        update(StudyFinding)
        .where(
            StudyFinding.rule == found.rule, StudyFinding.person_id == person_id, StudyFinding.plan_id == plan_id,
            StudyFinding.from_at == from_ms(found.began), StudyFinding.until_at < from_ms(found.ended),
            StudyFinding.looked_at.is_(None),
        )
        .values(figures=json.dumps(found.figures, sort_keys=True), until_at=from_ms(found.ended))
        .returning(StudyFinding.id)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    if finding_id is not None and _name_people(uow, finding_id, shared):
        audit.record(uow, actor, "study_finding:grow", finding_id, plan_id=plan_id)


def _name_people(uow: UnitOfWork, finding_id: str, shared: SharedDevice) -> bool:
    """Write down who studied there and how much; tell whether somebody is new."""
    of_finding = FindingPerson.finding_id == finding_id
    known = set(uow.session.scalars(select(FindingPerson.person_id).where(of_finding)))
    for one in shared.people:
        figures = {"until_at": from_ms(one.ended), "seconds": one.seconds}
        uow.session.execute(
            insert_new(
                uow.session, FindingPerson, FindingPerson.finding_id, FindingPerson.person_id,
                FindingPerson.plan_id,
            ).values(
                finding_id=finding_id, person_id=one.person_id, plan_id=one.plan_id, from_at=from_ms(one.began),
                **figures,
            )
        )  # fmt: skip
        uow.session.execute(
            update(FindingPerson)
            .where(of_finding, FindingPerson.person_id == one.person_id, FindingPerson.plan_id == one.plan_id)
            .values(figures)
            .execution_options(synchronize_session=False)
        )
    return any(one.person_id not in known for one in shared.people)
