"""The turnstile: so many at once, so many who wait, and a refusal for the next one."""

import threading

import pytest

from lms.core.errors import Busy
from lms.core.turnstile import Turnstile


class Crowd:
    """Threads that pass a turnstile and stay inside until they are let go."""

    def __init__(self, turns: Turnstile) -> None:
        self.turns = turns
        self.go = threading.Event()
        self.arrived = threading.Semaphore(0)
        self.working = self.most = 0
        self._lock = threading.Lock()
        self.threads: list[threading.Thread] = []

    def come(self, count: int) -> None:
        for _ in range(count):
            thread = threading.Thread(target=self._pass)
            thread.start()
            self.threads.append(thread)

    def leave(self) -> None:
        self.go.set()
        for thread in self.threads:
            thread.join(10)

    def _pass(self) -> None:
        with self.turns.turn():
            with self._lock:
                self.working += 1
                self.most = max(self.most, self.working)
            self.arrived.release()
            self.go.wait(10)
            with self._lock:
                self.working -= 1


def wait_until_inside(turns: Turnstile, count: int) -> None:
    """Wait until so many work or wait."""
    for _ in range(500):
        if turns.inside == count:
            return
        threading.Event().wait(0.01)
    raise AssertionError(f"{turns.inside} are inside, not {count}")


def test_no_more_work_at_once_than_were_allowed_and_all_who_wait_get_their_turn() -> None:
    crowd = Crowd(Turnstile(2, 3))
    crowd.come(5)
    wait_until_inside(crowd.turns, 5)
    crowd.leave()
    assert crowd.most == 2
    assert crowd.turns.inside == 0
    assert not any(thread.is_alive() for thread in crowd.threads)


def test_whoever_finds_it_full_is_refused_at_once_and_let_in_afterwards() -> None:
    crowd = Crowd(Turnstile(1, 1))
    crowd.come(2)
    wait_until_inside(crowd.turns, 2)
    with pytest.raises(Busy) as refusal, crowd.turns.turn():
        pass
    assert [reason.code for reason in refusal.value.reasons] == ["crowded"]
    with pytest.raises(Busy):
        crowd.turns.require_room()
    crowd.leave()
    crowd.turns.require_room()
    with crowd.turns.turn():
        assert crowd.turns.inside == 1


def test_a_turn_that_ends_in_an_error_is_given_back() -> None:
    turns = Turnstile(1, 0)
    with pytest.raises(ZeroDivisionError), turns.turn():
        raise ZeroDivisionError
    with turns.turn():
        assert turns.inside == 1
