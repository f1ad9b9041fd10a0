"""One road and one table of words, whoever draws them."""

import pytest

from lms.enrolment.policy import (
    STATE_PILLS,
    ApplicationState,
    Outcome,
    Passage,
    StageState,
    StationState,
    pill_of,
    road,
)
from lms.plans.policy import StageKind

LOCKED = ((StageKind.STUDY, StageState.LOCKED), (StageKind.EXAM, StageState.LOCKED))
STUDYING = ((StageKind.STUDY, StageState.OPEN), (StageKind.EXAM, StageState.LOCKED))
FAILED = ((StageKind.STUDY, StageState.PASSED), (StageKind.EXAM, StageState.FAILED))
PASSED = ((StageKind.STUDY, StageState.PASSED), (StageKind.EXAM, StageState.PASSED))


def drawn(passage: Passage) -> str:
    """Write the states of the six stations by their first letters; an exclamation mark is a return."""
    letters = {StationState.RETURNED: "!", StationState.REFUSED: "x"}
    return "".join(letters.get(station.state, station.state[0]) for station in road(passage))


@pytest.mark.parametrize(
    ("passage", "states"),
    [
        (Passage(None, LOCKED), "hnnnnn"),
        (Passage(ApplicationState.DRAFT, LOCKED), "hnnnnn"),
        (Passage(ApplicationState.WITHDRAWN, LOCKED), "hnnnnn"),
        (Passage(ApplicationState.SUBMITTED, LOCKED), "phnnnn"),
        (Passage(ApplicationState.IN_REVIEW, LOCKED), "phnnnn"),
        (Passage(ApplicationState.RETURNED, LOCKED), "p!nnnn"),
        (Passage(ApplicationState.REJECTED, LOCKED), "pxnnnn"),
        (Passage(ApplicationState.APPROVED, STUDYING), "pphnnn"),
        (Passage(ApplicationState.APPROVED, FAILED), "pppxnn"),
        (Passage(ApplicationState.APPROVED, PASSED), "pppphn"),
        (Passage(ApplicationState.APPROVED, PASSED, certified=True), "ppppph"),
        (Passage(ApplicationState.APPROVED, PASSED, certified=True, registered=True), "pppppp"),
        (Passage(ApplicationState.APPROVED, PASSED, certified=True, registered=True, revoked=True), "pppprn"),
    ],
)
def test_the_road_shows_where_an_application_stands(passage: Passage, states: str) -> None:
    assert drawn(passage) == states


def test_the_six_stations_have_their_names() -> None:
    assert [station.name for station in road(Passage(None, LOCKED))] == [
        "报名", "审核", "学习", "考试", "证书", "登记",
    ]  # fmt: skip


def test_how_an_application_ended_says_more_than_how_its_review_ended() -> None:
    assert pill_of(ApplicationState.APPROVED, None) == STATE_PILLS[ApplicationState.APPROVED]
    assert pill_of(ApplicationState.APPROVED, Outcome.FAILED) == ("refused", "没有通过")
    assert pill_of(ApplicationState.APPROVED, Outcome.COMPLETED) == ("ok", "已完成")
    assert set(STATE_PILLS) == set(ApplicationState)
