"""Reading who studied on one device, and whom a finding about it names."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from lms.accounts.models import LoginSession, Organisation, Person
from lms.accounts.queries import within
from lms.core.actors import Actor
from lms.core.clock import to_ms
from lms.core.unit_of_work import UnitOfWork
from lms.plans.models import Plan
from lms.plans.queries import PLAN_STAFF
from lms.study.desk_models import FindingPerson
from lms.study.models import StudyBeat, StudySession
from lms.study.policy.devices import DeviceBeat
from lms.study.policy.integrity import EXAMINED_FOR


@dataclass(frozen=True, slots=True)
class PersonLine:
    """What one person studied on the device of a finding, for one plan."""

    name: str
    plan_title: str
    from_at: datetime
    until_at: datetime
    seconds: int


def shared_mark(uow: UnitOfWork, session_id: str) -> str | None:
    """Return the device mark of a study session when somebody else has signed in on that device as well."""
    mine, other = aliased(LoginSession), aliased(LoginSession)
    return uow.session.scalar(
        select(mine.device_mark)
        .join(StudySession, StudySession.login_session_id == mine.id)
        .where(
            StudySession.id == session_id,
            select(other.id)
            .where(other.device_mark == mine.device_mark, other.person_id != mine.person_id)
            .exists(),
        )
    )


def device_beats(uow: UnitOfWork, mark: str, until: datetime) -> list[DeviceBeat]:
    """Return the credited beats on a device in the time before a moment, in the order of their arrival."""
    rows = uow.session.execute(
        select(
            StudyBeat.session_id, StudySession.person_id, StudySession.plan_id, StudyBeat.arrival,
            StudyBeat.credit_seconds,
        )
        .join(StudySession, StudySession.id == StudyBeat.session_id)
        # The person as well: his sessions are found by an index, those of a login are not.
        .join(
            LoginSession,
            (LoginSession.id == StudySession.login_session_id)
            & (LoginSession.person_id == StudySession.person_id),
        )
        .where(
            LoginSession.device_mark == mark, StudyBeat.credit_seconds > 0,
            StudyBeat.arrival.between(until - EXAMINED_FOR, until),
        )
        .order_by(StudyBeat.arrival, StudyBeat.session_id, StudyBeat.seq)
    )  # fmt: skip
    return [
        DeviceBeat(row.session_id, row.person_id, row.plan_id, to_ms(row.arrival), row.credit_seconds)
        for row in rows
    ]


def people_named(uow: UnitOfWork, actor: Actor, finding_id: str) -> tuple[Sequence[PersonLine], int]:
    """Return the people of a finding in plans of the actor's scopes, and how many others it is about."""
    rows = uow.session.execute(
        select(
            FindingPerson.person_id, Person.display_name, Plan.title, FindingPerson.from_at,
            FindingPerson.until_at, FindingPerson.seconds,
        )
        .join(Person, Person.id == FindingPerson.person_id)
        .join(Plan, Plan.id == FindingPerson.plan_id)
        .join(Organisation, Organisation.id == Plan.issuer_organisation_id)
        .where(
            FindingPerson.finding_id == finding_id, within(Organisation.path, actor.scope_paths(*PLAN_STAFF))
        )
        .order_by(FindingPerson.from_at, FindingPerson.person_id)
    ).all()  # fmt: skip
    everybody = uow.session.scalar(
        select(func.count(FindingPerson.person_id.distinct())).where(FindingPerson.finding_id == finding_id)
    )
    return [PersonLine(*row[1:]) for row in rows], (everybody or 0) - len({row.person_id for row in rows})
