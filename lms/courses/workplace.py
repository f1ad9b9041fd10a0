"""Folders in which foreign files are worked on: one for each try, held by a lock that ends with the process.

However a worker ends, the kernel lets its lock go; so what nobody holds was left behind and may be removed, and
what somebody holds is never removed under his hands, not even by another try of the same job.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp


@contextmanager
def workplace(root: Path) -> Iterator[Path]:
    """Give a new, empty folder below `root`, and remove it afterwards."""
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder = Path(mkdtemp(dir=root))
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(handle)


def clear_abandoned(root: Path) -> int:
    """Remove the folders that nobody holds any more; return how many there were."""
    return sum(_remove_if_free(folder) for folder in list(root.glob("*")))


def _remove_if_free(folder: Path) -> bool:
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        shutil.rmtree(folder, ignore_errors=True)
        return True
    finally:
        os.close(handle)
