"""`python -m tests.courses.mortal_worker JOB POINT`: does a job, and kills itself on its way as kill -9 does it.

Points: *working* while the video is prepared, *stored* when its files are kept and nobody knows yet, *finished* when
the lesson has its video and the job is not yet done.
"""

import os
import signal
import sys

from lms.app.handlers import HANDLERS
from lms.app.house import build_runtime
from lms.core import jobs, outbox
from lms.core.settings import Settings
from lms.courses import service

POINTS = {"working": (service, "get_on"), "stored": (service, "finish_video"), "finished": (outbox, "finish")}


def die(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    setattr(*POINTS[sys.argv[2]], die)
    jobs.perform(build_runtime(Settings.load())[0], HANDLERS, sys.argv[1])
