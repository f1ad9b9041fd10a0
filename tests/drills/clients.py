"""The clients of a drill: everybody at once, each at one browser with one or two tabs open."""

import random
import threading
import time
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from tests.drills.line import REPLY_SECONDS, Line
from tests.drills.sitting import ExamTab, Sitter
from tests.drills.studying import StudyTab
from tests.support.crowd import StudySeat

REST_SECONDS = 0.001
"""For each client there is. The threads share one interpreter; a breath between requests lets each have its turn."""


LOOK_SECONDS = 0.05


class Client(threading.Thread):
    """One browser: an exam in one tab, and in some a player in the other."""

    def __init__(self, line: Line, exam: ExamTab, study: StudyTab | None, rest: float) -> None:
        super().__init__(daemon=True)
        self.line = line
        self.exam = exam
        self.study = study
        self._rest = rest

    def run(self) -> None:
        """Take turns between the tabs until told to stop."""
        tabs: list[ExamTab | StudyTab] = [self.exam, *([self.study] if self.study else [])]
        while tabs and not self.line.done.is_set():
            for tab in tabs:
                tab.turn()
                time.sleep(self._rest)
            tabs = [tab for tab in tabs if not tab.is_over]
        self.line.drop()


class Clients:
    """All clients of a drill. Whoever comes to the hall takes the next free seat."""

    def __init__(
        self, port: int, size: int, sitters: Sequence[Sitter], studies: Sequence[StudySeat]
    ) -> None:  # fmt: skip
        self._done = threading.Event()
        queue, rest = _Queue(sitters), REST_SECONDS * size
        self.each: list[Client] = []
        for number, seat in zip_longest(range(size), studies):
            line = Line(port, self._done)
            exam = ExamTab(line, queue, random.Random(number))
            self.each.append(Client(line, exam, StudyTab(line, seat) if seat else None, rest))

    @property
    def complaints(self) -> list[str]:
        """Replies that no crash explains."""
        return [one for client in self.each for one in client.line.complaints]

    @property
    def acknowledged(self) -> int:
        """How many answers and beats were acknowledged."""
        return self.answers + sum(len(client.study.beats) for client in self.each if client.study)

    @property
    def answers(self) -> int:
        """How many answers were acknowledged."""
        return sum(len(sitting.answers) for client in self.each for sitting in list(client.exam.sittings))

    def start(self) -> None:
        """Let all begin."""
        for client in self.each:
            client.start()

    def stop(self) -> None:
        """Let all end after the request in hand."""
        self._done.set()
        for client in self.each:
            if client.ident is not None:  # a server that never came up lets nobody begin
                client.join(REPLY_SECONDS + 5)

    def wait_for_answers(self, wanted: int, timeout: float) -> None:
        """Wait until so many answers were acknowledged, but no longer than told: the last seats may be empty."""
        until = time.monotonic() + timeout
        while self.answers < wanted and time.monotonic() < until:
            time.sleep(LOOK_SECONDS)

    def wait_for_good_reply(self, after: float, timeout: float) -> float:
        """Return when the first good reply to a request sent after a moment came. Raises TimeoutError.

        A reply that the killed server had left in the client's own buffer is none of the new server's.
        """
        while time.monotonic() - after < timeout:
            good = [came for sent, came in (client.line.last_good for client in self.each) if sent > after]
            if good:
                return min(good)
            time.sleep(0.005)
        raise TimeoutError(f"no good reply within {timeout:.0f} s")


class _Queue(Iterator[Sitter]):
    """Hand out people to many threads."""

    def __init__(self, sitters: Sequence[Sitter]) -> None:
        self._sitters = iter(sitters)
        self._lock = threading.Lock()

    def __next__(self) -> Sitter:
        with self._lock:
            return next(self._sitters)
