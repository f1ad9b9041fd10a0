"""The compiled catalogue: made from the written one, never committed, and known by its source's digest."""

import gettext
import hashlib
import os
import tempfile
from functools import lru_cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FOLDER = Path(__file__).parent
WRITTEN = FOLDER / "en" / "LC_MESSAGES" / "messages.po"
COMPILED = WRITTEN.with_suffix(".mo")
LOCALE = "en"


class StaleCatalogue(RuntimeError):
    """The compiled catalogue is missing or older than the written one."""


def compile_catalogue(written: Path = WRITTEN) -> bool:
    """Compile the written catalogue beside itself unless that was done already; tell whether it was needed.

    The result is renamed into place, so that a process that reads at the same moment sees one or the other.
    """
    compiled = written.with_suffix(".mo")
    if _digest_of(written) == _digest_in(compiled):
        return False
    with written.open("rb") as source:
        catalogue = read_po(source, locale=LOCALE)
    # The one free place of the header that a reader of catalogues hands out again.
    catalogue.version = _digest_of(written)
    handle, fresh = tempfile.mkstemp(dir=compiled.parent, suffix=".new")
    with os.fdopen(handle, "wb") as out:
        write_mo(out, catalogue)
    Path(fresh).chmod(0o644)
    Path(fresh).replace(compiled)
    return True


def refuse_stale(written: Path = WRITTEN) -> None:
    """Raise StaleCatalogue unless the compiled catalogue was made from the written one as it is now."""
    compiled = written.with_suffix(".mo")
    if _digest_of(written) != _digest_in(compiled):
        state = "is older than its source" if compiled.exists() else "is missing"
        raise StaleCatalogue(
            f"the compiled catalogue {compiled} {state}, and English pages would be Chinese; "
            "run script/setup (or: python -m lms.app.translations compile)"
        )


def _digest_of(written: Path) -> str:
    return hashlib.sha256(written.read_bytes()).hexdigest()


def _digest_in(compiled: Path) -> str:
    try:
        state = compiled.stat()
        return _digest_read(compiled, state.st_ino, state.st_mtime_ns)
    except (OSError, ValueError):
        return ""


@lru_cache(maxsize=8)
def _digest_read(compiled: Path, _inode: int, _changed_ns: int) -> str:
    """Read a file once for all applications of a process: the library parses every text to tell its header."""
    with compiled.open("rb") as file:
        return gettext.GNUTranslations(file).info().get("project-id-version", "").rpartition(" ")[2]
