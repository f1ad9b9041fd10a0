"""The people of an institution, and how far each of them has come."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, func, select

from lms.accounts.models import Organisation, Profile
from lms.accounts.policy import Role
from lms.accounts.queries import page_of, within
from lms.core.actors import Actor
from lms.core.paging import Page
from lms.core.unit_of_work import UnitOfWork
from lms.enrolment.models import Application, ApplicationStage
from lms.enrolment.policy import ApplicationState, Outcome, StageState, pill_of
from lms.plans.policy import STAGE_NAMES, StageKind
from lms.study.models import StudyProgress

ROSTER_PAGE_SIZE = 50
_NO_MORE = (ApplicationState.REJECTED, ApplicationState.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody's latest application stands. Times are whole seconds, 0 without any study."""

    application_id: str
    pill: tuple[str, str]
    occupation_name: str
    counted: int
    required: int


@dataclass(frozen=True, slots=True)
class RosterLine:
    """One person who names an institution as employer; the ID number stays masked."""

    person_id: str
    name: str
    id_number_masked: str
    mobile: str
    employer_name: str
    standing: Standing | None
    """None as long as nothing was handed in."""


@dataclass(frozen=True, slots=True)
class Roster:
    """One page of the people, and how many employers they have in all."""

    lines: list[RosterLine]
    page: Page
    employers: int


def roster(uow: UnitOfWork, actor: Actor, words: str = "", number: int = 1) -> Roster:
    """Return the people employed within the officer's scopes, by name; `words` narrows to a part of the name."""
    scopes = actor.scope_paths(Role.INSTITUTION_OFFICER)
    people = (
        select(Profile, Organisation.name)
        .join(Organisation, Organisation.id == Profile.employer_id)
        .where(within(Organisation.path, scopes))
    )
    employers = uow.session.execute(
        people.with_only_columns(func.count(Organisation.id.distinct()))
    ).scalar_one()
    if words:
        people = people.where(Profile.name.contains(words, autoescape=True))
    shown, page = page_of(uow, people, number, ROSTER_PAGE_SIZE)
    rows = uow.session.execute(shown.order_by(Organisation.name, Profile.name, Profile.person_id)).all()
    standings = _standings(uow, scopes, [profile.person_id for profile, _ in rows])
    lines = [
        RosterLine(
            profile.person_id, profile.name, profile.id_number_masked, profile.mobile, employer,
            standings.get(profile.person_id),
        )
        for profile, employer in rows
    ]  # fmt: skip
    return Roster(lines, page, employers)


def _standings(uow: UnitOfWork, scopes: Sequence[str], person_ids: Collection[str]) -> dict[str, Standing]:
    """Return where each stands: by the newest application handed in here, a withdrawn one only without others."""
    rows = uow.session.execute(
        select(Application, ApplicationStage.kind, StudyProgress)
        .outerjoin(
            ApplicationStage,
            and_(
                ApplicationStage.application_id == Application.id, ApplicationStage.state == StageState.OPEN
            ),
        )
        .outerjoin(
            StudyProgress,
            and_(
                StudyProgress.person_id == Application.person_id, StudyProgress.plan_id == Application.plan_id
            ),
        )
        .where(
            Application.person_id.in_(person_ids),
            Application.submitted_at.is_not(None),
            within(Application.employer_path, scopes),
        )
        .order_by(Application.state.in_(_NO_MORE).desc(), Application.submitted_at, Application.id)
    )
    return {application.person_id: _standing(application, kind, study) for application, kind, study in rows}


def _standing(application: Application, kind: str | None, study: StudyProgress | None) -> Standing:
    pill = pill_of(
        ApplicationState(application.state), Outcome(application.outcome) if application.outcome else None
    )
    if kind is not None and application.outcome is None:
        pill = ("now", STAGE_NAMES[StageKind(kind)])
    return Standing(
        application.id, pill, application.occupation_name, study.counted_seconds if study else 0,
        study.required_seconds if study else 0,
    )  # fmt: skip
