"""Carrying out jobs: the wake-up through RQ, and the doing of a claimed outbox row."""

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.serializers import JSONSerializer

from lms.core import outbox
from lms.core.errors import Refusal
from lms.core.unit_of_work import Runtime

QUEUE = "lms"
LONG_QUEUE = "lms-long"
"""What may take hours: a worker of its own serves it, so that no certificate waits for a video."""
PERFORM = "lms.app.worker.perform"
JOB_TIMEOUT_SECONDS = 300
LONG_TIMEOUT_SECONDS = 12 * 3600
EXTEND_EVERY_SECONDS = 8.0

Handler = Callable[..., None]
"""A job: takes the runtime, the payload's names and, when it is told one, the moment to judge by (`now`); opens
its own unit of work, may run twice."""

log = logging.getLogger(__name__)


class Waker:
    """Sends wake-ups to RQ. A Redis that does not answer is no error: the sweeper sends again."""

    def __init__(self, redis_url: str) -> None:
        self._redis = Redis.from_url(redis_url, socket_connect_timeout=0.5, socket_timeout=2)
        self._queue = Queue(QUEUE, connection=self._redis, serializer=JSONSerializer)
        self._long = Queue(LONG_QUEUE, connection=self._redis, serializer=JSONSerializer)

    @property
    def redis(self) -> "Redis":
        """The connection, for the worker and the health page."""
        return self._redis

    def wake(self, job_ids: Iterable[str], attempt: str = "0") -> bool:
        """Send wake-ups for outbox rows; return whether Redis took them."""
        try:
            for job_id in job_ids:
                # A fresh id per try: a stable id stays refused after a kill -9 of the worker (seen).
                is_long = outbox.is_long(job_id)
                (self._long if is_long else self._queue).enqueue(
                    PERFORM,
                    job_id,
                    job_id=f"{job_id}-{attempt}",
                    job_timeout=LONG_TIMEOUT_SECONDS if is_long else JOB_TIMEOUT_SECONDS,
                    result_ttl=0,
                    failure_ttl=3600,
                )
        except RedisError as error:
            log.warning("no wake-up sent: %s", type(error).__name__)
            return False
        return True

    def has_free_long_lane(self) -> bool:
        """Tell whether no wake-up waits in the long lane: beside one that waits, a second would only pile up."""
        try:
            return self._long.count == 0
        except RedisError:
            return False

    def is_reachable(self) -> bool:
        """Tell whether Redis answers."""
        try:
            return bool(self._redis.ping())
        except RedisError:
            return False


def perform(
    runtime: Runtime, handlers: Mapping[str, Handler], job_id: str, now: datetime | None = None
) -> bool:
    """Claim one outbox row, do it, and write down the outcome. False when there was nothing to do.

    Only names in `handlers` run (fault M4). A failure is written to the row, never raised: the
    sweeper tries again later. `now` tells the job the moment to judge by, when that is not the present one.
    """
    with runtime.write(now) as uow:
        claimed = outbox.claim(uow.session, job_id, uow.now)
    if claimed is None:
        return False
    name, payload = claimed
    told = payload if now is None else payload | {"now": now}
    error = _run(runtime, handlers.get(name), name, told, job_id)
    with runtime.write(now) as uow:
        if error is None:
            outbox.finish(uow.session, job_id, uow.now)
        else:
            outbox.give_back(uow.session, job_id, error, uow.now)
    return True


def _run(
    runtime: Runtime, handler: Handler | None, name: str, payload: dict[str, Any], job_id: str
) -> str | None:
    if handler is None:
        return f"unknown job {name}"
    with _Extending(runtime, job_id):
        try:
            handler(runtime, **payload)
        except Refusal as refusal:
            log.warning("job %s %s refused: %s", name, job_id, refusal.code)
            return f"refused: {refusal.code}"
        except Exception as error:
            log.exception("job %s %s failed", name, job_id)
            return type(error).__name__
    return None


class _Extending:
    """Prolongs a claim in the background while the job runs."""

    def __init__(self, runtime: Runtime, job_id: str) -> None:
        self._runtime = runtime
        self._job_id = job_id
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._keep, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _keep(self) -> None:
        while not self._stop.wait(EXTEND_EVERY_SECONDS):
            try:
                with self._runtime.write() as uow:
                    outbox.extend(uow.session, self._job_id, uow.now)
            except Refusal:
                log.warning("the claim on job %s was not extended; trying again", self._job_id)
