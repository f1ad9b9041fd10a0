"""There is always exactly one next step, and the road never claims what was not reached."""

import itertools

import pytest

from lms.certificates.policy import Standing
from lms.dashboards.policy import STEP_PILLS, Journey, StationState, Step, next_step, road
from lms.enrolment.policy import ApplicationState, Outcome, StageState
from lms.plans.policy import StageKind

APPROVED = ApplicationState.APPROVED
STUDYING = ((StageKind.STUDY, StageState.OPEN), (StageKind.EXAM, StageState.LOCKED))
SITTING = ((StageKind.STUDY, StageState.PASSED), (StageKind.EXAM, StageState.OPEN))
PASSED = ((StageKind.STUDY, StageState.PASSED), (StageKind.EXAM, StageState.PASSED))
FAILED = ((StageKind.STUDY, StageState.PASSED), (StageKind.EXAM, StageState.FAILED))


@pytest.mark.parametrize(
    ("journey", "step"),
    [
        (Journey(profile_complete=False), Step.PROFILE),
        (Journey(profile_complete=True), Step.APPLY),
        (Journey(True, ApplicationState.DRAFT), Step.FINISH_APPLICATION),
        (Journey(True, ApplicationState.SUBMITTED), Step.WAIT_FOR_REVIEW),
        (Journey(True, ApplicationState.IN_REVIEW), Step.WAIT_FOR_REVIEW),
        (Journey(True, ApplicationState.RETURNED), Step.CORRECT_APPLICATION),
        (Journey(True, ApplicationState.REJECTED), Step.APPLY_AGAIN),
        (Journey(True, ApplicationState.WITHDRAWN), Step.APPLY_AGAIN),
        (Journey(True, APPROVED, stages=STUDYING), Step.STUDY),
        (Journey(True, APPROVED, stages=SITTING), Step.WAIT_FOR_EXAM),
        (Journey(True, APPROVED, stages=SITTING, exam_can_start=True), Step.EXAM),
        (Journey(True, APPROVED, stages=SITTING, exam_can_start=True, exam_running=True), Step.RESUME_EXAM),
        (Journey(True, APPROVED, stages=((StageKind.OFFLINE, StageState.OPEN),)), Step.WAIT_FOR_STAGE),
        (Journey(True, APPROVED, Outcome.FAILED, FAILED), Step.FAILED),
        (Journey(True, APPROVED, Outcome.COMPLETED, PASSED), Step.WAIT_FOR_CERTIFICATE),
        (
            Journey(True, APPROVED, Outcome.COMPLETED, PASSED, certificate=Standing.PENDING),
            Step.WAIT_FOR_CERTIFICATE,
        ),
        (
            Journey(True, APPROVED, Outcome.COMPLETED, PASSED, certificate=Standing.VALID),
            Step.CERTIFICATE,
        ),
        (Journey(True, APPROVED, Outcome.COMPLETED, PASSED, certificate=Standing.EXPIRING), Step.EXPIRING),
        (Journey(True, APPROVED, Outcome.COMPLETED, PASSED, certificate=Standing.EXPIRED), Step.EXPIRED),
        (
            Journey(True, APPROVED, Outcome.COMPLETED, PASSED, certificate=Standing.REVOKED),
            Step.REVOKED,
        ),
    ],
)
def test_the_next_step_follows_from_where_the_person_stands(journey: Journey, step: Step) -> None:
    assert next_step(journey) is step


def states(journey: Journey) -> list[str]:
    return [str(station.state) for station in road(journey)]


def test_the_road_goes_from_application_to_registry() -> None:
    journey = Journey(True, APPROVED, stages=STUDYING)
    assert [station.key for station in road(journey)] == [
        "application", "review", "study", "exam", "certificate", "registry",
    ]  # fmt: skip
    assert states(journey) == ["past", "past", "here", "next", "next", "next"]


def test_a_refusal_stops_the_road_where_it_happened() -> None:
    assert states(Journey(True, ApplicationState.REJECTED, stages=STUDYING))[:3] == [
        "past",
        "refused",
        "next",
    ]
    assert states(Journey(True, APPROVED, Outcome.FAILED, FAILED)) == [
        "past", "past", "past", "refused", "next", "next",
    ]  # fmt: skip


def test_who_is_registered_has_the_whole_road_behind_him() -> None:
    journey = Journey(True, APPROVED, Outcome.COMPLETED, PASSED, certificate=Standing.VALID, registered=True)
    assert set(states(journey)) == {"past"}


def test_every_possible_journey_has_a_step_with_words_and_at_most_one_place() -> None:
    for application, outcome, stages, certificate, running in itertools.product(
        (None, *ApplicationState), (None, *Outcome), ((), STUDYING, SITTING, PASSED, FAILED),
        (None, *Standing), (False, True),
    ):  # fmt: skip
        journey = Journey(True, application, outcome, stages, exam_running=running, certificate=certificate)
        assert next_step(journey) in STEP_PILLS
        drawn = [station.state for station in road(journey)]
        assert sum(state is StationState.HERE for state in drawn) <= 1
        assert drawn == sorted(drawn, key=lambda state: state is not StationState.PAST)
