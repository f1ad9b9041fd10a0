"""A Redis of a rig's own, for benches whose replies send wake-ups: in life somebody listens, and that costs."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from lms.app.supervisor.site import answers_ping, redis_part, redis_socket
from tests.bench.rig import House

READY_SECONDS = 10.0
POLL_SECONDS = 0.02


@contextmanager
def with_redis(house: House) -> Iterator[House]:
    """Start the Redis that the supervisor would start, and return the house with its address; stop it at the end."""
    socket_path = redis_socket(house.folder)
    part = redis_part(house.folder, socket_path)
    url = f"unix://{socket_path}"
    server = subprocess.Popen(part.command, cwd=part.folder, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + READY_SECONDS
        while not answers_ping(url):
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the Redis of the rig did not start")
            time.sleep(POLL_SECONDS)
        yield replace(house, environment={**house.environment, "LMS_REDIS_URL": url})
    finally:
        server.terminate()
        server.wait(READY_SECONDS)
