"""A process remembers how a session stood after its last beat; whatever happens meanwhile is noticed all the same."""

import pytest
from flask import Flask
from sqlalchemy import text, update

from lms.accounts import service as accounts
from lms.accounts.policy import Role
from lms.app.house import build_runtime
from lms.core.recent import Recent
from lms.study.hot import keep_beat, read_beat
from lms.study.jobs import ledger as jobs
from lms.study.models import LessonCoverage
from lms.study.service import ledger
from tests.study.conftest import ANSWER, INTERVAL, Player, StudyHouse
from tests.study.test_appeals import ask, grant
from tests.study.test_rebuild import run


@pytest.fixture
def player(house: StudyHouse) -> Player:
    """Somebody who has studied two beats, so that the third is judged from memory."""
    player = house.player()
    player.beat()
    player.beat()
    assert house.runtime.recent.get(player.session_id).last.seq == 2
    return player


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The sessions that were read from the database since."""
    seen: list[str] = []
    hold = ledger.hold

    def noting(hot, session_id, *rest):  # type: ignore[no-untyped-def]  # as the function behind it
        seen.append(session_id)
        return hold(hot, session_id, *rest)

    monkeypatch.setattr(ledger, "hold", noting)
    return seen


def test_the_next_beat_asks_nothing_of_the_database(player: Player, reads: list[str]) -> None:
    assert player.beat()["pending"] == 3 * INTERVAL
    assert player.beat(visible=False)["not_counted"] == "hidden"
    assert reads == []


def test_a_beat_sent_again_gets_its_reply_again(house: StudyHouse, player: Player) -> None:
    before = (player.seq, player.nonce, player.at_ms)
    told = player.beat()
    player.seq, player.nonce, player.at_ms = before
    again = player.send().get_json()
    assert again == told
    assert house.counted(_person(house, player)) == (0, 3 * INTERVAL)


def test_a_forged_nonce_is_refused_and_the_right_one_is_taken(player: Player) -> None:
    assert player.send(nonce="x" * 16).status_code == 409
    assert player.beat()["credit"] == INTERVAL


def test_a_sign_out_elsewhere_ends_it(house: StudyHouse, player: Player) -> None:
    with house.runtime.write() as uow:
        accounts.end_other_sessions(uow, _person(house, player), "password")
    player.clock.advance(INTERVAL)
    assert player.send().status_code == 401
    assert house.counted(_person(house, player)) == (0, 2 * INTERVAL)


def test_a_takeover_ends_it(house: StudyHouse, player: Player) -> None:
    other = Player(player.browser, house.plan, house.lesson_ids, house.clock, house.runtime)
    assert other.open().status_code == 201
    player.clock.advance(INTERVAL)
    reply = player.send()
    assert (reply.status_code, reply.get_json()["reasons"][0]["code"]) == (409, "study.closed.superseded")
    other.at_ms = player.at_ms
    assert other.beat()["pending"] == 3 * INTERVAL


def test_a_window_decided_by_the_sweeper_is_not_written_to(house: StudyHouse) -> None:
    player = house.player()
    while not player.last.get("check"):
        player.beat()
    house.clock.advance(ANSWER + 10)
    jobs.sweep_unanswered_checks(house.runtime)
    told = player.beat()
    assert (told["counted"], told["pending"], told["credit"]) == (0, INTERVAL, INTERVAL)


def test_a_grant_in_between_is_in_the_next_reply(house: StudyHouse) -> None:
    person, _ = house.trainee()
    player = house.player(person)
    player.beat()
    player.beat(visible=False)
    player.beat()
    admin = house.people.actor(house.people.staff(Role.EXAM_ADMIN))
    grant(house, admin, ask(house, person))
    granted = house.counted(person.id)[0]
    assert granted > 0
    assert player.beat()["counted"] == granted
    assert house.counted(person.id) == (granted, 3 * INTERVAL)


def test_a_rebuild_that_changed_something_makes_the_player_begin_anew(
    house: StudyHouse, player: Player, app: Flask
) -> None:
    with house.runtime.write() as uow:
        uow.session.execute(update(LessonCoverage).values(reached=0))
    assert run(app, "--apply")[0] == 0
    player.clock.advance(INTERVAL)
    assert player.send().get_json()["reasons"][0]["code"] == "study.closed.idle"
    assert player.open().status_code == 201
    assert player.beat()["pending"] == 3 * INTERVAL


def test_the_window_of_study_ends_for_those_who_are_remembered(house: StudyHouse, player: Player) -> None:
    house.clock.advance((house.plan.study_until - house.runtime.clock.now()).total_seconds() + 1)
    assert player.send().status_code in {200, 401}, "closed, or signed out meanwhile"
    assert house.counted(_person(house, player)) == (0, 2 * INTERVAL)


@pytest.mark.parametrize("is_visible", [True, False])
def test_the_sign_in_is_renewed_by_those_who_are_remembered(
    house: StudyHouse, player: Player, reads: list[str], is_visible: bool
) -> None:
    """Somebody who watches is not signed out (H3): the beat writes it with what it writes anyway."""
    seen = "SELECT l.seen_at FROM login_session l JOIN study_session s ON s.login_session_id = l.id WHERE s.id = :id"
    with house.runtime.write() as uow:
        long_ago = house.runtime.clock.now_ms() - 10 * 60_000
        uow.session.execute(text("UPDATE login_session SET seen_at = :then"), {"then": long_ago})
    held = house.runtime.recent.get(player.session_id)
    remembered = held._replace(terms=held.terms._replace(login_seen_at=long_ago))
    house.runtime.recent.put(player.session_id, remembered)
    from_then_on = house.runtime.clock.now_ms()
    told = player.beat(visible=is_visible)
    with house.runtime.read() as uow:
        after = uow.session.scalar(text(seen), {"id": player.session_id})
    assert after > from_then_on
    assert (told["credit"] > 0, reads) == (is_visible, [])


def test_a_sign_in_that_ended_is_not_renewed_by_those_who_are_remembered(
    house: StudyHouse, player: Player
) -> None:
    with house.runtime.write() as uow:
        long_ago = house.runtime.clock.now_ms() - 10 * 60_000
        uow.session.execute(
            text("UPDATE login_session SET seen_at = :then, revoked_at = :then"), {"then": long_ago}
        )
    held = house.runtime.recent.get(player.session_id)
    remembered = held._replace(terms=held.terms._replace(login_seen_at=long_ago))
    house.runtime.recent.put(player.session_id, remembered)
    player.clock.advance(INTERVAL)
    assert player.send().status_code == 401
    with house.runtime.read() as uow:
        assert uow.session.scalars(text("SELECT seen_at FROM login_session")).all() == [long_ago]


def test_two_processes_that_take_turns_agree(house: StudyHouse) -> None:
    """Each of them remembers what it took itself, and finds by itself that this is not enough."""
    player = house.player()
    other = build_runtime(house.runtime.settings)[0]
    try:
        turns = [house.runtime, house.runtime, other, other, house.runtime, other]
        told = ""
        for turn, runtime in enumerate(turns):
            house.clock.advance(INTERVAL)
            arrival = house.runtime.clock.now_ms()
            body = {
                "lease": player.lease, "seq": turn + 1, "nonce": player.nonce, "lesson_id": house.lesson_ids[0],
                "from_ms": turn * INTERVAL * 1000, "to_ms": (turn + 1) * INTERVAL * 1000, "playing": True,
                "visible": turn != 3,
            }  # fmt: skip
            told = keep_beat(runtime, read_beat(runtime.vault, body), arrival)
            player.nonce = told.split('"next":"')[1].split('"')[0]
        assert f'"seq":{len(turns)}' in told
        assert house.counted(_person(house, player)) == (0, 5 * INTERVAL)
    finally:
        other.database.dispose()


def test_a_process_remembers_only_the_youngest() -> None:
    recent = Recent(most=3)
    for key in "abcd":
        recent.put(key, key.upper())
    recent.put("b", "again")
    recent.put("e", "E")
    assert [recent.get(key) for key in "abcde"] == [None, "again", None, "D", "E"]
    assert len(recent) == 3
    recent.drop("d")
    recent.drop("never seen")
    assert (recent.get("d"), len(recent)) == (None, 2)


def test_what_was_not_seen_for_long_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr("lms.core.recent.time.monotonic", lambda: now[0])
    recent = Recent(kept_seconds=60)
    for key in "abc":
        recent.put(key, key)
    now[0] += 50
    recent.put("b", "again")
    now[0] += 50
    recent.put("d", "d")
    assert [recent.get(key) for key in "abcd"] == [None, "again", None, "d"]


def _person(house: StudyHouse, player: Player) -> str:
    with house.runtime.read() as uow:
        person: str = uow.session.execute(
            text("SELECT person_id FROM study_session WHERE id = :id"), {"id": player.session_id}
        ).scalar_one()
    return person
