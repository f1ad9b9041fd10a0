"""The worker process: takes wake-ups from RQ and does the outbox rows they name."""

import logging
import time

from redis import RedisError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer

from lms.app.handlers import HANDLERS
from lms.app.house import build_runtime
from lms.core import jobs
from lms.core.jobs import LONG_QUEUE, QUEUE, Waker
from lms.core.settings import Settings
from lms.core.unit_of_work import Runtime

# Memory of PDF making grows slowly; a fresh process after so many jobs keeps it small.
MAX_JOBS = 500
MONITORING_SECONDS = 10
MAINTENANCE_SECONDS = 60

WAIT_SECONDS = 1.0
REFUSED_SECONDS = 10.0

_running: list[Runtime] = []
log = logging.getLogger(__name__)


def perform(job_id: str) -> None:
    """Do one outbox row. This is the only function that RQ calls."""
    jobs.perform(_running[0], HANDLERS, job_id)


def work(settings: Settings, *, long: bool = False) -> None:
    """Serve a lane in this process until it is told to stop, or after MAX_JOBS jobs.

    While Redis is away an idle worker waits, asking once a minute at the latest. One that is caught between two
    commands ends, as after its last job: the supervisor starts a fresh one, and that one waits too.
    """
    runtime, waker = build_runtime(settings)
    _running[:] = [runtime]
    _await_redis(waker)
    try:
        _worker(waker, LONG_QUEUE if long else QUEUE).work(max_jobs=MAX_JOBS, logging_level="WARNING")
    except (RedisConnectionError, RedisTimeoutError) as error:
        # What it had in hand is done again; an outage is no fault of this process.
        log.warning("Redis went away (%s); this worker ends and the next one waits", type(error).__name__)
    except RedisError as error:
        # A Redis that is full or read-only answers and refuses: a site with an exam running goes on without it.
        log.error("Redis refuses to work: %s", error)  # noqa: TRY400 - the words say all; it comes again and again
        time.sleep(REFUSED_SECONDS)


def _await_redis(waker: Waker) -> None:
    """Wait until Redis takes commands: five workers that died instead would stop the site."""
    said = ""
    while trouble := _trouble_with(waker):
        if trouble != said:
            log.warning(
                "no Redis (%s); waiting for it, and the scheduler does the short jobs meanwhile", trouble
            )
            said = trouble
        time.sleep(WAIT_SECONDS)


def _trouble_with(waker: Waker) -> str:
    """Say why Redis takes no commands; empty when it does."""
    try:
        waker.redis.ping()
    except RedisError as error:
        return f"{type(error).__name__}: {error}"
    return ""


def _worker(waker: Waker, lane: str) -> SimpleWorker:
    queue = Queue(lane, connection=waker.redis, serializer=JSONSerializer)
    return SimpleWorker(
        [queue], connection=waker.redis, serializer=JSONSerializer, job_monitoring_interval=MONITORING_SECONDS,
        maintenance_interval=MAINTENANCE_SECONDS,
    )  # fmt: skip
