"""The scheduler process: runs the sweepers itself, with or without Redis."""

import logging
import signal
import threading
from collections.abc import Callable, Sequence
from functools import partial

from lms.app.handlers import HANDLERS
from lms.app.house import build_runtime
from lms.app.schedule import SCHEDULE
from lms.core import jobs, outbox
from lms.core.errors import Refusal
from lms.core.jobs import Waker
from lms.core.periodic import Periodic, take_slot
from lms.core.settings import Settings
from lms.core.unit_of_work import Runtime

TICK_SECONDS = 0.5
URGENT_TICK_SECONDS = 0.1
"""Nearly every such tick asks the database nothing; each tenth of a second counts when a whole hall ends at once."""
log = logging.getLogger(__name__)


def run(settings: Settings) -> None:
    """Tick until SIGTERM or SIGINT."""
    runtime, waker = build_runtime(settings)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    keep_time(runtime, waker, stop)


def keep_time(
    runtime: Runtime, waker: Waker, stop: threading.Event, schedule: Sequence[Periodic] = SCHEDULE
) -> None:
    """Tick until `stop` is set; what is urgent ticks in a thread of its own.

    An exam is closed within seconds of its deadline (H18), also while another sweeper counts for a minute, or while
    Redis is away and the jobs of a whole class are done here.
    """
    urgent = [work for work in schedule if work.is_urgent]
    others = [work for work in schedule if not work.is_urgent]

    def tick_urgently() -> None:
        while not stop.wait(URGENT_TICK_SECONDS):
            sweep(runtime, urgent)

    beside = threading.Thread(target=tick_urgently, name="urgent")
    beside.start()
    try:
        while not stop.wait(TICK_SECONDS):
            tick(runtime, waker, others)
    finally:
        stop.set()
        beside.join()


def tick(runtime: Runtime, waker: Waker, schedule: Sequence[Periodic] = SCHEDULE) -> None:
    """Run every sweeper whose slot is free, then send again what nobody works on."""
    sweep(runtime, schedule)
    _guarded("outbox.resend", lambda: resend(runtime, waker))


def sweep(runtime: Runtime, schedule: Sequence[Periodic]) -> None:
    """Run every sweeper whose slot is free; one that fails does not keep the others from their turn."""
    for work in schedule:
        _guarded(work.name, partial(_run_if_free, runtime, work))


def _run_if_free(runtime: Runtime, work: Periodic) -> None:
    if take_slot(runtime, work):
        work.run(runtime)


def resend(runtime: Runtime, waker: Waker) -> None:
    """Send wake-ups for waiting jobs; when Redis does not answer, do them here.

    Those of the long lane wait for Redis: the sweepers must not stand still behind a video.
    """
    with runtime.read() as uow:
        waiting = outbox.due(uow.session, uow.now)
        spent = outbox.spent(uow.session, uow.now)
    if spent:
        with runtime.write() as uow:
            log.error(
                "%d jobs killed their worker at each try and are given up", outbox.bury(uow.session, uow.now)
            )
    short = [job_id for job_id in waiting if not outbox.is_long(job_id)]
    # A lane that is busy for hours would fill with wake-ups of what waits behind.
    long = [job_id for job_id in waiting if outbox.is_long(job_id)]
    if long and waker.has_free_long_lane():
        _wake(runtime, waker, long)
    if short and not _wake(runtime, waker, short):
        for job_id in short:
            jobs.perform(runtime, HANDLERS, job_id)


def _wake(runtime: Runtime, waker: Waker, job_ids: list[str]) -> bool:
    with runtime.read() as uow:
        attempts = {job_id: outbox.tries_of(uow.session, job_id) for job_id in job_ids}
    stamp = runtime.clock.now_ms() // 1000
    if not all(waker.wake([job_id], f"{attempts[job_id]}-{stamp}") for job_id in job_ids):
        return False
    with runtime.write() as uow:
        outbox.mark_sent(uow.session, job_ids, uow.now)
    return True


def _guarded(name: str, work: Callable[[], None]) -> None:
    try:
        work()
    except Refusal as refusal:
        log.warning("sweeper %s put off: %s", name, refusal.code)
    except Exception:
        log.exception("sweeper %s failed; the next tick tries again", name)
