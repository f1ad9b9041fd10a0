"""The short form of `script/drill kill`."""

import pytest

from tests.drills.delivered import PROMISED_MS, allowed_ms, missing
from tests.drills.kill import failed, kill
from tests.drills.seconds import doubled_seconds, missing_seconds
from tests.support.thoroughness import on

pytestmark = [pytest.mark.xdist_group("drills"), pytest.mark.slow, pytest.mark.timeout(300)]
CLIENTS = 12


@pytest.mark.parametrize("database", on("sqlite"))
def test_what_was_acknowledged_survives_a_kill_at_any_moment(database: str) -> None:
    said: list[str] = []
    result = kill(database, runs=4, clients=CLIENTS, tell=said.append)
    # A machine that runs other tests beside this one sweeps late; the drill by itself is told so.
    assert not failed(result | {"late": 0}), "\n".join([*said, str(result)])
    assert set(result["kills"]) == {"web", "worker", "scheduler", "redis"}
    assert result["answers"] > 50
    assert result["attempts"] >= CLIENTS
    assert result["hand_ins"] + result["timed_out"]
    assert result["seconds"] > 5, "seconds of study were acknowledged and looked for"


def test_the_ledger_notices_a_lost_a_changed_and_an_invented_row() -> None:
    acknowledged = {1: "a", 2: "b"}
    assert missing(acknowledged, {1: "a", 2: "b", 3: "c"}) == 0
    assert missing(acknowledged, {1: "a"}) == 1
    assert missing(acknowledged, {1: "a", 2: "other"}) == 1
    assert missing({1: "a", 2: "b", 3: "c"}, acknowledged) == 1


def test_a_sheet_may_be_closed_later_only_by_the_time_in_which_nobody_swept() -> None:
    assert allowed_ms(10_000, []) == PROMISED_MS
    assert allowed_ms(60_000, [(9_000, 12_000)]) == PROMISED_MS, "it was long back"
    assert allowed_ms(10_000, [(9_000, 12_000)]) == 2_000 + PROMISED_MS
    assert allowed_ms(10_000, [(12_000, 14_000), (16_000, 20_000)]) == 10_000 + PROMISED_MS
    assert allowed_ms(10_000, [(16_000, 20_000)]) == PROMISED_MS, "it should have closed before"


def test_a_second_that_was_acknowledged_is_missed_wherever_it_went() -> None:
    acknowledged = {1: 1, 2: 0, 3: 2}
    assert missing_seconds(acknowledged, {1: 1, 2: 0, 3: 2, 4: 1}, total=4) == 0
    assert missing_seconds(acknowledged, {1: 1, 2: 0}, total=3) == 2, "its beat is gone"
    assert missing_seconds(acknowledged, {1: 1, 2: 0, 3: 1}, total=3) == 1, "its beat is worth less"
    assert missing_seconds(acknowledged, {1: 1, 2: 0, 3: 2}, total=2) == 1, "the total has forgotten it"


def test_a_second_that_was_granted_twice_is_noticed() -> None:
    beats, spans = {1: 1, 2: 2}, [(0, 1000), (1000, 3000)]
    assert doubled_seconds(beats, spans, total=3, covered=3) == 0
    assert doubled_seconds(beats, spans, total=4, covered=4) == 1, "more than the beats say"
    assert doubled_seconds(beats, spans, total=3, covered=2) == 1, "the same second of the lesson twice"
    assert doubled_seconds(beats, [(500, 3000), (0, 1000)], total=3, covered=3) == 1, "the same time twice"
