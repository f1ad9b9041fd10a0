"""What the board says of a seat, and what wants a look: pure rules."""

from datetime import UTC, datetime, timedelta

import pytest

from lms.exam.policy.conditions import (
    EVERYONE,
    Shift,
    Target,
    TargetKind,
    extra_seconds,
    is_paused,
    pause_shift,
    read_target,
    resume_shift,
    verdict_reasons,
)
from lms.exam.policy.watching import Look, SeatFacts, SeatState, looks, seat_state

NOW = datetime(2026, 11, 21, 7, 0, tzinfo=UTC)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def seat(**facts) -> SeatFacts:
    return SeatFacts(
        **{"is_started": True, "is_open": True, "started_at": ago(600), "saved_at": ago(5), **facts}
    )


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        (SeatFacts(), SeatState.OUT),
        (seat(seen_at=ago(3)), SeatState.WORKING),
        (seat(seen_at=ago(16), saved_at=ago(60)), SeatState.LOST),
        (seat(seen_at=ago(60), saved_at=ago(4)), SeatState.WORKING),
        (
            seat(saved_at=None),
            SeatState.WORKING,
        ),  # a page without scripts is never seen; it is not lost for that
        (seat(is_paused=True, seen_at=ago(60)), SeatState.PAUSED),
        (seat(is_open=False), SeatState.CLOSING),
        (seat(is_open=False, is_graded=True), SeatState.DONE),
        (seat(is_open=False, awaits_verdict=True), SeatState.ENDED),
        (seat(is_open=False, is_voided=True), SeatState.VOIDED),
    ],
)
def test_a_seat_says_in_one_word_how_somebody_sits(facts: SeatFacts, state: SeatState) -> None:
    assert seat_state(facts, NOW) is state


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        (seat(seen_at=ago(2)), []),
        (seat(away_times=2, away_seconds=29), []),
        (seat(away_times=3), [Look.AWAY]),
        (seat(away_times=1, away_seconds=30), [Look.AWAY]),
        (seat(device_changes=1), [Look.DEVICE]),
        (seat(seen_at=ago(2), saved_at=ago(239)), []),
        (seat(seen_at=ago(2), saved_at=ago(240)), [Look.SILENT]),
        (seat(seen_at=ago(2), saved_at=None), [Look.SILENT]),
        (seat(seen_at=ago(2), saved_at=ago(900), resumed_at=ago(10)), []),
        (seat(seen_at=ago(2), saved_at=ago(900), is_paused=True), []),
        (seat(seen_at=ago(300), saved_at=ago(300)), []),  # cut off: said already, and no silence
        (seat(is_open=False, away_times=9), []),
        (seat(is_open=False, awaits_verdict=True), [Look.DECISION]),
    ],
)
def test_what_wants_a_look(facts: SeatFacts, found: list[Look]) -> None:
    assert looks(facts, NOW) == found


def test_a_share_and_minutes_add_up_in_whole_seconds() -> None:
    assert extra_seconds(3600, 25, 300) == 1200
    assert extra_seconds(3599, 33, 0) == 1187


def test_a_pause_gives_its_whole_length_and_going_on_takes_back_whole_seconds() -> None:
    assert pause_shift(None, NOW, 600) == (NOW + timedelta(seconds=600), Shift(600, 600))
    assert pause_shift(NOW, NOW, 600) == (NOW + timedelta(seconds=600), Shift(600, 600))
    later = NOW + timedelta(seconds=900)
    assert pause_shift(later, NOW, 600) is None
    assert pause_shift(later, NOW, 1000) == (NOW + timedelta(seconds=1000), Shift(100, 100))
    assert resume_shift(NOW + timedelta(seconds=99.9), NOW) == (NOW, Shift(-99, -99))
    assert resume_shift(ago(5), NOW) == (ago(5), Shift(0, 0))


def test_a_pause_includes_its_beginning_and_not_its_end() -> None:
    until = NOW + timedelta(seconds=10)
    assert [is_paused(NOW, until, at) for at in (ago(1), NOW, until)] == [False, True, False]
    assert not is_paused(None, None, NOW)


@pytest.mark.parametrize(
    "target", [EVERYONE, Target(TargetKind.PLACE, "p1"), Target(TargetKind.ATTEMPT, "a1")]
)
def test_a_target_is_read_as_it_was_written(target: Target) -> None:
    assert read_target(target.write()) == target


@pytest.mark.parametrize("text", ["", "everyone:x", "place:", "attempt", "nobody:1", "Place:1"])
def test_what_is_no_target_is_none(text: str) -> None:
    assert read_target(text) is None


def test_the_second_person_is_another_one_and_decides_once() -> None:
    def codes(**changed) -> list[str]:
        facts = {
            "ended_by": "a",
            "is_decided": False,
            "wants_void": True,
            "actor_id": "b",
            "remark": "看过录像和记录",
        }
        return [reason.code for reason in verdict_reasons(**{**facts, **changed})]

    assert codes() == []
    assert codes(actor_id="a") == ["ending.second_person"]
    assert codes(is_decided=True) == codes(wants_void=False) == ["ending.decided"]
    assert codes(remark="短") == ["measure.reason"]
