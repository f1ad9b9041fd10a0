"""The road from application to registry as every page draws it."""

from dataclasses import dataclass
from enum import StrEnum

from lms.core.errors import N_
from lms.enrolment.policy.applications import ApplicationState
from lms.enrolment.policy.stages import DONE_STATES, StageState
from lms.plans.policy import STAGE_NAMES, StageKind


class StationState(StrEnum):
    """How a station of the road is drawn. The macro `road` says each in a word for screen readers."""

    PAST = "past"
    HERE = "here"
    NEXT = "next"
    RETURNED = "returned"
    REFUSED = "refused"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Station:
    """One stop: `key` is application, review, a stage kind, certificate or registry; `name` a message id."""

    key: str
    name: str
    state: StationState


@dataclass(frozen=True, slots=True)
class Passage:
    """How far an application has come, as plain values. Who cannot see a certificate goes by the outcome."""

    application: ApplicationState | None
    stages: tuple[tuple[StageKind, StageState], ...]
    """The stages of the application, or of its plan (all locked) before the approval."""
    certified: bool = False
    registered: bool = False
    revoked: bool = False


def road(passage: Passage) -> tuple[Station, ...]:
    """Return the road from application to registry; the first station not done is where the person stands."""
    handed_in = passage.application not in (None, ApplicationState.DRAFT, ApplicationState.WITHDRAWN)
    done = [
        ("application", N_("报名"), handed_in),
        ("review", N_("审核"), passage.application is ApplicationState.APPROVED),
        *((str(kind), STAGE_NAMES[kind], state in DONE_STATES) for kind, state in passage.stages),
        ("certificate", N_("证书"), passage.certified),
        ("registry", N_("登记"), passage.registered),
    ]
    stopped = _stopped_stations(passage)
    stations, reached = [], False
    for key, name, is_done in done:
        if reached:
            state = StationState.NEXT
        elif key in stopped:
            state, reached = stopped[key], True
        elif is_done:
            state = StationState.PAST
        else:
            state, reached = StationState.HERE, True
        stations.append(Station(key, name, state))
    return tuple(stations)


def _stopped_stations(passage: Passage) -> dict[str, StationState]:
    if passage.application is ApplicationState.REJECTED:
        return {"review": StationState.REFUSED}
    if passage.application is ApplicationState.RETURNED:
        return {"review": StationState.RETURNED}
    stopped = {
        str(kind): StationState.REFUSED for kind, state in passage.stages if state is StageState.FAILED
    }
    if passage.revoked:
        stopped["certificate"] = StationState.REVOKED
    return stopped
