"""Files: on disk before a row names them, unchanged for ever, and reachable by their key alone."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lms.core.settings import ROOT
from lms.core.storage import FolderStorage, MissingFile

DATA = "照片".encode() * 1000


@pytest.fixture
def store(tmp_path: Path) -> FolderStorage:
    return FolderStorage(tmp_path / "files")


def test_bytes_come_back_by_their_hash(store: FolderStorage) -> None:
    key = store.put(DATA)
    assert key == hashlib.sha256(DATA).hexdigest()
    assert store.get(key) == DATA
    assert store.size(key) == len(DATA)
    assert store.read_range(key, 3, 5) == DATA[3:8]
    assert store.read_range(key, len(DATA) - 2, 100) == DATA[-2:]


def test_the_same_bytes_are_kept_once(store: FolderStorage, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(DATA)
    assert store.put(DATA) == store.put(DATA) == store.put_file(source)
    assert list(store.keys()) == [hashlib.sha256(DATA).hexdigest()]


@pytest.mark.parametrize(
    "key",
    ["", "x", "../../../etc/passwd", "a" * 63, "A" * 64, "a" * 65, "/" * 64, "." * 64, "a" * 63 + "\n", "a" * 63 + "\0",
     "１" * 64],
)  # fmt: skip
def test_what_is_no_key_reaches_no_file(store: FolderStorage, key: str) -> None:
    for act in (store.get, store.size, lambda bad: store.read_range(bad, 0, 1)):
        with pytest.raises(MissingFile):
            act(key)


def test_an_unknown_key_is_a_missing_file(store: FolderStorage) -> None:
    for act in (store.get, store.size):
        with pytest.raises(MissingFile):
            act("0" * 64)


def test_a_failed_write_leaves_nothing(
    store: FolderStorage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        store.put(DATA)
    assert [path for path in (tmp_path / "files").rglob("*") if path.is_file()] == []


KILLED = """
import os, sys
from pathlib import Path
from lms.core import storage
{where}
key = storage.FolderStorage(Path(sys.argv[1])).put(b"portrait")
print("named", key, flush=True)
"""
DIE = "lambda *a, **k: os._exit(9)"


@pytest.mark.parametrize(
    ("where", "is_whole"),
    [
        (f"os.fsync = {DIE}", False),
        (f"Path.replace = {DIE}", False),
        (f"storage._sync_folder = {DIE}", False),
        ("", True),
    ],
    ids=[
        "before the sync",
        "between the temporary name and the last",
        "before the folder is synced",
        "not at all",
    ],
)
def test_a_process_that_dies_on_the_way_names_no_file(tmp_path: Path, where: str, *, is_whole: bool) -> None:
    """No row can name what `put` did not return, and what is under a key is always whole (fault E4)."""
    ended = subprocess.run(
        [sys.executable, "-c", KILLED.format(where=where), str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ended.stdout.startswith("named") is is_whole, ended.stderr
    store = FolderStorage(tmp_path)
    for key in list(store.keys()):
        assert hashlib.sha256(store.get(key)).hexdigest() == key
    assert store.get(store.put(b"portrait")) == b"portrait", "the next try works"
