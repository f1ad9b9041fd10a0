"""There is always exactly one next step, and the plan that needs the person most comes first."""

import itertools

import pytest

from lms.certificates.policy.certificates import Standing
from lms.dashboards.policy import Journey, Step, next_step, step_pill, urgency
from lms.enrolment.policy import STATE_PILLS, ApplicationState, Outcome, StageState, StationState, road
from lms.plans.policy import StageKind, Window

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
        (Journey(True, ApplicationState.DRAFT, window=Window.OVER), Step.MISSED),
        (Journey(True, ApplicationState.RETURNED, window=Window.OVER), Step.MISSED),
        (Journey(True, ApplicationState.SUBMITTED, window=Window.OVER), Step.WAIT_FOR_REVIEW),
        (Journey(True, APPROVED, stages=STUDYING), Step.STUDY),
        (Journey(True, APPROVED, stages=STUDYING, window=Window.BEFORE), Step.WAIT_FOR_STUDY),
        (Journey(True, APPROVED, stages=STUDYING, window=Window.OVER), Step.MISSED),
        (Journey(True, APPROVED, stages=SITTING, window=Window.BEFORE), Step.WAIT_FOR_EXAM),
        (Journey(True, APPROVED, stages=SITTING, window=Window.OVER), Step.MISSED),
        (Journey(True, APPROVED, stages=SITTING, exam_running=True, window=Window.OVER), Step.RESUME_EXAM),
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


@pytest.mark.parametrize(
    ("journeys", "chosen"),
    [
        ((Step.WAIT_FOR_REVIEW, Step.STUDY), 1),
        ((Step.FINISH_APPLICATION, Step.STUDY), 1),
        ((Step.STUDY, Step.EXAM), 1),
        ((Step.EXAM, Step.RESUME_EXAM), 1),
        ((Step.STUDY, Step.CORRECT_APPLICATION), 1),
        ((Step.WAIT_FOR_STUDY, Step.WAIT_FOR_REVIEW, Step.WAIT_FOR_EXAM), 2),
        ((Step.MISSED, Step.WAIT_FOR_REVIEW), 1),
    ],
)
def test_of_several_plans_the_one_that_needs_the_person_most_comes_first(
    journeys: tuple[Step, ...], chosen: int
) -> None:
    assert min(range(len(journeys)), key=lambda at: urgency(journeys[at])) == chosen


def test_every_step_has_its_place_in_the_order_of_urgency() -> None:
    assert len({urgency(step) for step in Step}) == len(Step)


def test_every_possible_journey_has_a_step_with_words_and_at_most_one_place() -> None:
    for application, outcome, stages, certificate, running, window in itertools.product(
        (None, *ApplicationState), (None, *Outcome), ((), STUDYING, SITTING, PASSED, FAILED),
        (None, *Standing), (False, True), Window,
    ):  # fmt: skip
        journey = Journey(
            True, application, outcome, stages, exam_running=running, certificate=certificate, window=window
        )
        look, word = step_pill(next_step(journey), application)
        assert look
        assert word
        drawn = [station.state for station in road(journey.passage)]
        assert sum(state is StationState.HERE for state in drawn) <= 1
        assert drawn == sorted(drawn, key=lambda state: state is not StationState.PAST)


@pytest.mark.parametrize("application", [state for state in ApplicationState if state is not APPROVED])
def test_before_the_approval_home_uses_the_words_of_the_application_itself(
    application: ApplicationState,
) -> None:
    assert step_pill(next_step(Journey(True, application)), application) == STATE_PILLS[application]
