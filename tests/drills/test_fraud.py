"""The short form of `script/drill fraud`, and proof that the drill can fail."""

from collections import Counter
from contextlib import ExitStack
from dataclasses import replace

import pytest
from sqlalchemy import text

from lms.core.unit_of_work import Runtime
from tests.drills import fraud
from tests.drills.attackers import Scene, Town
from tests.drills.forger import SIGNING
from tests.drills.ground import Ground
from tests.drills.ledger_view import earned
from tests.drills.verdicts import Guesses, HonestRun, Trial, control_problems, lost, summary


@pytest.mark.slow
@pytest.mark.xdist_group("drills")
def test_nobody_gains_a_second_and_an_honest_hour_is_credited() -> None:
    said: list[str] = []
    result = fraud.fraud(
        "sqlite", seeds=1, seconds=fraud.LEAST_SECONDS, minutes=15, windows=20, tell=said.append
    )
    assert not fraud.failed(result), "\n".join(said)
    assert result["gained_seconds"] == 0
    assert set(result["gained"]) == {f"A{number}" for number in range(10)}
    assert result["acknowledged"] > 100


def a_trial(**changes: object) -> Trial:
    held = Trial("A2", "beats without a pause", Counter({200: 40}), credited=10, honest=10)
    return replace(held, **changes)  # type: ignore[arg-type]


def a_result(trial: Trial, *, ratio: float = 1.0, counted: int = 17, gone: int = 0, broken: int = 0) -> dict:
    trials = [replace(a_trial(), row=row) for row in fraud.CLASSES if row != trial.row] + [trial]
    run = HonestRun(1, 1_000_000, round(1000 * ratio), 80, 16)
    return summary(trials, [run], Guesses(30, counted, 5 / 9), gone, broken)


def test_a_drill_in_which_everything_is_held_passes() -> None:
    result = a_result(a_trial())
    assert not fraud.failed(result)
    assert (result["gained_seconds"], result["honest_ratio"], result["broken"]) == (0, 1.0, [])


@pytest.mark.parametrize(
    "changes",
    [
        {"credited": 11},
        {"problems": ["beat 3 after signing out answered 200"]},
        {"statuses": Counter()},
        {"row": "A8", "bar": 4, "honest": 0, "credited": 5},
    ],
)
def test_one_second_too_many_one_forgery_taken_or_nothing_tried_fails_the_drill(changes: dict) -> None:
    trial = a_trial(**changes)
    assert not trial.is_held
    assert "BROKEN" in trial.line
    result = a_result(trial)
    assert fraud.failed(result)
    assert result["broken"] == [trial.row]


def test_one_window_is_what_a_silent_robot_may_keep() -> None:
    trial = a_trial(row="A8", bar=4, honest=0, credited=4)
    assert trial.is_held
    result = a_result(trial)
    assert (result["gained_seconds"], result["window_seconds"]) == (0, 4)


@pytest.mark.parametrize("changes", [{"ratio": 0.989}, {"gone": 1}, {"broken": 1}, {"counted": 30}])
def test_each_other_bar_fails_the_drill_too(changes: dict) -> None:
    # Thirty of thirty windows counted by guesses are no luck.
    assert fraud.failed(a_result(a_trial(), **changes))


def test_bad_luck_of_a_guesser_is_no_fault() -> None:
    assert not fraud.failed(a_result(a_trial(), counted=0))


def test_a_class_that_was_not_tried_fails_the_drill() -> None:
    result = a_result(a_trial())
    del result["gained"]["A5"]
    assert fraud.failed(result)


def test_an_acknowledged_beat_must_be_in_the_ledger_with_its_seconds() -> None:
    acknowledged = {("s", 1): 1, ("s", 2): 0}
    assert lost(acknowledged, {("s", 1): 1, ("s", 2): 0, ("s", 3): 1}) == 0
    assert lost(acknowledged, {("s", 1): 1}) == 1
    assert lost(acknowledged, {("s", 1): 0, ("s", 2): 0}) == 1


def test_a_site_that_grants_nobody_anything_proves_nothing() -> None:
    assert control_problems(29, 30) == []
    assert control_problems(0, 30)
    assert control_problems(31, 30)


@pytest.mark.parametrize(
    ("script", "is_suspicious"),
    [
        ("const enc = CryptoJS.MD5(id + 'd_yHJ!$pdA~5')", True),
        ("crypto.subtle.importKey('raw', key)", True),
        ("body.mark = sign(body)", True),
        ("// the signal of a design: assign(), resign", False),
    ],
)
def test_a_script_that_makes_its_own_mark_is_found(script: str, is_suspicious: bool) -> None:
    assert bool(SIGNING.search(script)) is is_suspicious


def test_seconds_that_nobody_played_show_as_gained(runtime: Runtime) -> None:
    """The ledger is changed behind the rules' back: what the drill reads from it must say so."""
    ground = Ground(runtime)
    person = ground.trainee("quick")
    town = Town("http://127.0.0.1", ExitStack(), runtime, ())
    assert earned(runtime, person.id).credited == 0
    with runtime.write() as uow:
        uow.session.execute(
            text(
                "INSERT INTO study_progress (person_id, plan_id, counted_seconds, pending_seconds, required_seconds,"
                " window_no, check_after_seconds, check_tries) VALUES (:person, :plan, 7, 2, 3600, 1, 60, 0)"
            ),
            {"person": person.id, "plan": ground.plans["quick"].plan_id},
        )
    trial = Scene(town, ground.plans["quick"], person, 12).judged(a_trial())
    assert (trial.credited, trial.honest, trial.gained, trial.is_held) == (9, 0, 9, False)
