"""A part that is forked from the supervisor, which has read the site's code once for all of them.

Reading it takes seconds, mostly Python's: a site of four parts would read it four times, and a part that was killed in
the middle of an exam would be away for so long. A fork begins with everything read, and shares the memory of it.

What must not be shared is made after the fork: the application, its connections and its threads. Before it, modules are
read and nothing is run.
"""

import atexit
import ctypes
import gc
import os
import runpy
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import NoReturn

FIRST_FREE_DESCRIPTOR = 3
MOST_DESCRIPTORS = 65_536
"""Where the system names no limit."""
_PR_SET_PDEATHSIG, _PR_SET_NAME = 1, 15
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD)


def read_in(modules: Sequence[str]) -> None:
    """Import modules before anything is forked. Raises whatever a broken one raises."""
    gc.disable()  # as in wsgi.py: nothing that is read is garbage
    try:
        for name in modules:
            import_module(name)
        gc.freeze()  # the collector would write into every object, and so copy the memory that forks share
    finally:
        gc.enable()


def end_with(parent: int) -> None:
    """Have this process told to stop when its parent ends; called in a child, first of all."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    # The parent may have gone before the line above took effect.
    if os.getppid() != parent:
        os._exit(1)


def be_called(name: str) -> None:
    """Show a short name to `ps` and `top`: the command line of a fork is the supervisor's."""
    if _libc is not None:
        _libc.prctl(_PR_SET_NAME, name.encode(), 0, 0, 0)


class WarmProcess:
    """A fork that runs a module as ``python -m`` would; it offers what `Child` asks of a `subprocess.Popen`."""

    def __init__(
        self, module: str, arguments: Sequence[str], *, environment: Mapping[str, str], folder: Path | None,
        output: int, keep: int, first: Callable[[], None],
    ) -> None:  # fmt: skip
        """Fork; the caller has one thread only.

        `output` is the descriptor for all that the module says, `keep` the one other that stays open; `first` is
        called in the fork before the module runs.
        """
        self.returncode: int | None = None
        for stream in (sys.stdout, sys.stderr):
            stream.flush()  # else both would say what waits
        # The supervisor's handlers must not swallow a signal that was meant for the fork.
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        try:
            self.pid = os.fork()
            if self.pid == 0:
                _become(module, arguments, environment, folder, output, keep, first)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)

    def terminate(self) -> None:
        """Ask the process to stop."""
        os.kill(self.pid, signal.SIGTERM)

    def poll(self) -> int | None:
        """Return the exit status if the process has ended, and reap it then."""
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self) -> int:
        """Wait for the end, reap the process and return its exit status; negative for a signal."""
        if self.returncode is None:
            self.returncode = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.returncode


def _become(
    module: str, arguments: Sequence[str], environment: Mapping[str, str], folder: Path | None, output: int, keep: int,
    first: Callable[[], None],
) -> NoReturn:  # fmt: skip
    """Run a module in a fork, and never return into the supervisor's code."""
    status = 1
    try:
        os.setsid()
        _forget_the_supervisor(output, keep)
        first()
        if folder is not None:
            os.chdir(folder)
        os.environ.update(environment)
        sys.argv = [module, *arguments]
        runpy.run_module(module, run_name="__main__", alter_sys=True)
        status = 0
    except SystemExit as wish:
        status = _status_of(wish)
    except BaseException:  # noqa: BLE001 - an interpreter that ends says what ended it, whatever it was
        traceback.print_exc()
    finally:
        _end(status)


def _forget_the_supervisor(output: int, keep: int) -> None:
    """Take the place of a fresh process: its signals, its outputs, its descriptors."""
    signal.set_wakeup_fd(-1)
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, place in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(source, place)
    os.set_inheritable(keep, True)
    os.closerange(FIRST_FREE_DESCRIPTOR, keep)
    os.closerange(keep + 1, max(os.sysconf("SC_OPEN_MAX"), MOST_DESCRIPTORS))
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # they are text files of this interpreter


def _status_of(wish: SystemExit) -> int:
    """Return the status that an interpreter ends with: a text is said, and is a failure."""
    if wish.code is None or isinstance(wish.code, int):
        return wish.code or 0
    print(wish.code, file=sys.stderr)  # noqa: T201 - as the interpreter itself does
    return 1


def _end(status: int) -> NoReturn:
    """End as an interpreter does, by the calls of multiprocessing: threads, what was registered, then the process."""
    try:
        threading._shutdown()  # type: ignore[attr-defined]  # noqa: SLF001 - joins threads and pools; no other name
        atexit._run_exitfuncs()  # noqa: SLF001 - os._exit below would skip them; no other name
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    finally:
        os._exit(status)
