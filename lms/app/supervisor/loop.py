"""Keeping the parts running, and stopping them in order."""

import os
import selectors
import signal
import time
from collections.abc import Callable
from types import FrameType

from lms.app.supervisor.children import CannotRun, Child, Part
from lms.app.supervisor.lock import InstanceLock

HURRIED_GRACE_SECONDS = 1.0
"""What is left of every part's grace after a second Ctrl-C."""
_PAUSE_SECONDS = 0.05
_IDLE_SECONDS = 30.0


class Supervisor:
    """Starts parts, passes on what they say, starts them again when they die, stops them in order.

    Everything happens in one thread around one selector; signals and deaths wake it through a pipe.
    """

    def __init__(self, lock: InstanceLock, address: str, say: Callable[[str], None]) -> None:
        self._lock = lock
        self._address = address
        self._say = say
        self._children: list[Child] = []
        self._selector = selectors.DefaultSelector()
        self._interrupts = 0
        self._is_stopping = False
        self._listen_to_signals()

    def add(self, part: Part) -> None:
        """Start a part and keep it running from now on. Raises CannotRun when it cannot be executed."""
        child = Child(part)
        self._children.append(child)
        self._start(child)

    def wait_until(self, is_so: Callable[[], bool], seconds: float, what: str) -> bool:
        """Serve the parts until `is_so`. False when asked to stop; raises CannotRun when time is up."""
        deadline = time.monotonic() + seconds
        while self._interrupts == 0:
            if is_so():
                return True
            if time.monotonic() > deadline:
                raise CannotRun(f"{what} within {seconds:.0f} s; the lines above may say why")
            self._turn(_PAUSE_SECONDS)
        return False

    def run(self) -> None:
        """Serve the parts until asked to stop. Raises CannotRun when one keeps dying."""
        while self._interrupts == 0:
            self._turn(_IDLE_SECONDS)

    def stop(self) -> None:
        """Stop every part, rank by rank: a request, a bounded wait, then force."""
        self._is_stopping = True
        for rank in sorted({child.part.stop_rank for child in self._children}):
            self._stop_together([child for child in self._children if child.part.stop_rank == rank])

    # ---- signals ----------------------------------------------------------------------------

    def _listen_to_signals(self) -> None:
        reader, writer = os.pipe()
        for end in (reader, writer):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        self._selector.register(reader, selectors.EVENT_READ, None)
        # A closed terminal is a wish to stop like Ctrl-C.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_interrupt)
        # Without a handler of its own the death of a child would not reach the pipe.
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)

    def _on_interrupt(self, _number: int, _frame: FrameType | None) -> None:
        self._interrupts += 1

    # ---- one turn of the loop ---------------------------------------------------------------

    def _turn(self, longest_wait: float) -> None:
        """Wait for output, a signal, a death or a due restart, and handle what has come."""
        now = time.monotonic()
        due = [child.start_due - now for child in self._children if child.start_due is not None]
        for key, _events in self._selector.select(max(0.0, min([longest_wait, *due]))):
            if isinstance(key.data, Child):
                self._pass_on(key.data)
            else:
                os.read(key.fd, 4096)  # the wake-up bytes; the handlers have already run
        if not self._is_stopping:
            for child in self._children:
                self._keep_running(child)

    def _start(self, child: Child) -> None:
        child.start(time.monotonic(), self._lock.descriptor)
        self._selector.register(child.output, selectors.EVENT_READ, child)
        self._lock.note(self._address, {each.part.name: each.pid for each in self._children})

    def _keep_running(self, child: Child) -> None:
        if child.start_due is None and child.has_ended():
            status = self._bury(child)
            wait = child.plan_restart(time.monotonic(), status)
            again = f"starting it again in {wait:.1f} s" if wait else "starting it again"
            self._say(f"supervisor | {child.part.name} ended with {_in_words(status)}; {again}")
        if child.start_due is not None and child.start_due <= time.monotonic():
            self._start(child)

    def _pass_on(self, child: Child) -> bool:
        """Print what a child has said; False when there was nothing more."""
        lines = child.read_lines()
        if lines is None:
            self._selector.unregister(child.output)
        for line in lines or ():
            self._say(f"{child.part.name:<10} | {line}")
        return bool(lines)

    def _bury(self, child: Child) -> int:
        status = child.bury()
        while child.output in self._selector.get_map():
            if not self._pass_on(child) and child.output in self._selector.get_map():
                # Somebody outside the group still holds the pipe; nobody listens any more.
                self._selector.unregister(child.output)
        child.output.close()
        return status

    def _stop_together(self, children: list[Child]) -> None:
        running = [child for child in children if child.is_unburied]
        began, calls = time.monotonic(), self._interrupts
        for child in running:
            child.terminate()
        while running:
            passed = time.monotonic() - began
            is_hurried = self._interrupts > max(calls, 1)
            for child in list(running):
                grace = HURRIED_GRACE_SECONDS if is_hurried else child.part.grace_seconds
                has_ended = child.has_ended()
                if has_ended or passed > grace:
                    self._bury(child)
                    running.remove(child)
                    how = "stopped" if has_ended else "did not stop and was killed"
                    self._say(f"supervisor | {child.part.name} {how} after {passed:.1f} s")
            if running:
                self._turn(_PAUSE_SECONDS)


def _in_words(status: int) -> str:
    return f"signal {signal.Signals(-status).name}" if status < 0 else f"status {status}"
