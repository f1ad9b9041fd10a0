"""The keys with which the houses of this process seal: made once, and smaller than a real site's."""

import atexit
import shutil
import tempfile
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from lms.certificates.seal_keys import SealFolder, make

BITS = 2048
MADE_AT = datetime(2022, 1, 1, tzinfo=UTC)
"""Before the first day of any test, and before the demo's graduates of past years."""
ORGANISATION = "江岚省职业技能评价指导中心"


@lru_cache(maxsize=1)
def seal_dir() -> Path:
    """Return a folder with keys for whoever seals in this process or in one that it starts. Nobody changes it."""
    parent = Path(tempfile.mkdtemp(prefix="lms-seal-"))
    atexit.register(shutil.rmtree, parent, ignore_errors=True)
    make(SealFolder(parent / "seal"), ORGANISATION, MADE_AT, BITS)
    return parent / "seal"
