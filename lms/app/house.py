"""Building the running house from settings: the same for web, worker, scheduler and commands."""

from lms.app.reactions import REACTIONS
from lms.core.clock import Clock
from lms.core.database import Database
from lms.core.jobs import Waker
from lms.core.settings import Settings
from lms.core.storage import FolderStorage
from lms.core.unit_of_work import Runtime
from lms.core.vault import Vault


def build_runtime(settings: Settings) -> tuple[Runtime, Waker]:
    """Return the runtime and the sender of wake-ups."""
    database = Database(settings.effective_database_url)
    waker = Waker(settings.effective_redis_url)

    def wake(job_ids: list[str]) -> None:
        waker.wake(job_ids)

    runtime = Runtime(
        settings=settings,
        database=database,
        clock=Clock(database.time_ms, settings.clock_offset_file),
        vault=Vault.from_settings(settings),
        storage=FolderStorage(settings.effective_storage_dir),
        reactions=REACTIONS,
        wake=wake,
    )
    return runtime, waker
