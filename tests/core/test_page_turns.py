"""Turns at the interpreter: a few pages at once, the others a little later, nobody turned away."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from lms.core import page_turns
from lms.core.page_turns import PageTurns
from lms.core.turnstile import Turnstile

LONG = 30.0


class House:
    """Threads that take a turn each and stay inside until they are let go."""

    def __init__(self, turns: PageTurns) -> None:
        self.turns = turns
        self.go = threading.Event()
        self.inside = threading.Semaphore(0)
        self._threads = ThreadPoolExecutor(8)

    def come(self, count: int, then: Callable[[], None] = lambda: None) -> list[Future[None]]:
        return [self._threads.submit(self._work, then) for _ in range(count)]

    def wait_for(self, count: int) -> None:
        for _ in range(count):
            assert self.inside.acquire(timeout=10)

    def _work(self, then: Callable[[], None]) -> None:
        with self.turns.turn():
            then()
            self.inside.release()
            assert self.go.wait(10)


@pytest.fixture
def turns(monkeypatch: pytest.MonkeyPatch) -> PageTurns:
    monkeypatch.setattr(page_turns, "COURTESY_SECONDS", LONG)
    return PageTurns(2)


def test_two_are_worked_at_and_the_third_waits_for_one_of_them(turns: PageTurns) -> None:
    house = House(turns)
    pages = house.come(3)
    house.wait_for(2)
    assert not house.inside.acquire(timeout=0.2)
    house.go.set()
    house.wait_for(1)
    for page in pages:
        page.result(10)


def test_who_waited_as_long_as_courtesy_asks_goes_in_all_the_same(
    turns: PageTurns, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House(turns)
    house.come(2)
    house.wait_for(2)
    monkeypatch.setattr(page_turns, "COURTESY_SECONDS", 0.05)
    began = time.monotonic()
    house.come(3)
    house.wait_for(3)
    assert time.monotonic() - began >= 0.05
    house.go.set()
    # Who went in without a turn gives none back: there are two again, not five.
    monkeypatch.setattr(page_turns, "COURTESY_SECONDS", LONG)
    again = House(turns)
    pages = again.come(3)
    again.wait_for(2)
    assert not again.inside.acquire(timeout=0.2)
    again.go.set()
    for page in pages:
        page.result(10)


def test_a_page_gives_its_turn_back_once_when_it_fails(turns: PageTurns) -> None:
    def fail() -> None:
        with turns.turn():
            turns.leave()
            turns.leave()
            raise ZeroDivisionError

    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            fail()
    turns.leave()
    house = House(turns)
    house.come(2)
    house.wait_for(2)
    house.go.set()


def test_who_waits_for_a_hash_keeps_no_page_from_being_worked_at(turns: PageTurns) -> None:
    hashing = Turnstile(1, 4, turns.leave)
    at_work, done = threading.Event(), threading.Event()

    def sign_in() -> None:
        with hashing.turn():
            at_work.set()
            assert done.wait(10)

    house = House(turns)
    house.come(3, sign_in)
    assert at_work.wait(10)
    pages = House(turns)
    pages.come(2)
    pages.wait_for(2)
    done.set()
    house.go.set()
    pages.go.set()
