"""Examining beats by the rules of integrity. A finding is for a human to look at; nothing follows from it by itself."""

import json
from datetime import datetime

from sqlalchemy import CursorResult, update

from lms.accounts.policy import Role
from lms.audit import service as audit
from lms.core.actors import Actor
from lms.core.clock import from_ms
from lms.core.database import insert_new
from lms.core.errors import Invalid, require, stale
from lms.core.identifiers import new_id
from lms.core.unit_of_work import UnitOfWork
from lms.study.desk_models import ExaminedSession, StudyFinding
from lms.study.policy.desk import own_study_reasons
from lms.study.policy.integrity import Finding, findings, look_reasons
from lms.study.policy.pace import day_number
from lms.study.queries import integrity as integrity_queries


def examine(
    uow: UnitOfWork, actor: Actor, session_id: str, person_id: str, plan_id: str, until: datetime
) -> int:
    """Examine a person's beats up to the last one of a session; return how many findings are new.

    What a rule finds in one day of one person is one finding, so examining again finds nothing new.
    """
    found = findings(
        integrity_queries.seen_beats(uow, person_id, plan_id, until),
        integrity_queries.passed_checks(uow, person_id, plan_id, until),
    )
    filed = [file_finding(uow, actor, one, person_id, plan_id) for one in found]
    uow.session.execute(
        insert_new(uow.session, ExaminedSession, ExaminedSession.session_id).values(
            session_id=session_id, until=until
        )
    )
    uow.session.execute(
        update(ExaminedSession)
        .where(ExaminedSession.session_id == session_id)
        .values(until=until)
        .execution_options(synchronize_session=False)
    )
    return sum(one is not None for one in filed)


def file_finding(uow: UnitOfWork, actor: Actor, found: Finding, person_id: str, plan_id: str) -> str | None:
    """Write a finding down and return its id; None when that day of that person has one of its rule already."""
    began = from_ms(found.began)
    fresh = insert_new(
        uow.session, StudyFinding, StudyFinding.rule, StudyFinding.person_id, StudyFinding.plan_id,
        StudyFinding.day,
    ).values(
        id=new_id(), rule=found.rule, person_id=person_id, plan_id=plan_id, day=day_number(began), note="",
        figures=json.dumps(found.figures, sort_keys=True), from_at=began, until_at=from_ms(found.ended),
        found_at=uow.now,
    )  # fmt: skip
    finding_id = uow.session.scalar(fresh.returning(StudyFinding.id))
    if finding_id is not None:
        audit.record(uow, actor, "study_finding:find", finding_id, rule=found.rule, plan_id=plan_id)
    return finding_id


def look(uow: UnitOfWork, actor: Actor, finding_id: str, note: str) -> None:
    """Put a finding away with a note of what was found out.

    Raises NotFound outside the actor's scope, Invalid with reasons, `stale` when somebody else was faster.
    """
    line = integrity_queries.get_finding(uow, actor, finding_id, Role.EXAM_ADMIN)
    require(own_study_reasons(line.person_id, actor.person_id), Invalid)
    require(look_reasons(is_looked_at=line.looked_at is not None, note=note), Invalid)
    taken = uow.session.execute(
        update(StudyFinding)
        .where(StudyFinding.id == finding_id, StudyFinding.looked_at.is_(None))
        .values(looked_at=uow.now, looked_by=actor.person_id, note=note.strip())
        .execution_options(synchronize_session=False)
    )
    assert isinstance(taken, CursorResult)
    if taken.rowcount != 1:
        raise stale()
    audit.record(uow, actor, "study_finding:look", finding_id, remark=note.strip(), plan_id=line.plan_id)
