"""`python -m tests.drills.import_worker BATCH TURN`: brings a file in, in a process that may be killed."""

import sys

from lms.app.house import build_runtime
from lms.core.settings import Settings
from lms.questions.jobs import accept_import

if __name__ == "__main__":
    accept_import(build_runtime(Settings.load())[0], batch_id=sys.argv[1], turn=int(sys.argv[2]))
