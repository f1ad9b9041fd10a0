"""Stored files: content-addressed, written once, never changed; sealed ones of one owner may be removed.

A file is on disk (temp, fsync, rename, fsync of the folder) before any row names it, so every
row has its file (fault E4). The interface is small enough for an object store to stand in.
"""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

CHUNK_BYTES = 1 << 20
_KEY = re.compile(r"[0-9a-f]{64}")


class MissingFile(LookupError):
    """No stored file has this hash."""


class Storage(Protocol):
    """Where bytes live. A key is the SHA-256 of the content in hexadecimal."""

    def put(self, data: bytes) -> str:
        """Keep the bytes durably and return their key; the same bytes give the same key."""
        ...

    def put_file(self, source: Path) -> str:
        """Keep a file's bytes durably and return their key, without holding them in memory."""
        ...

    def put_stream(self, stream: BinaryIO) -> str:
        """Keep what a stream holds from its beginning durably and return its key, without holding it in memory."""
        ...

    def get(self, key: str) -> bytes:
        """Return the bytes. Raises MissingFile."""
        ...

    def read_range(self, key: str, start: int, length: int) -> bytes:
        """Return up to `length` bytes from `start`. Raises MissingFile."""
        ...

    def size(self, key: str) -> int:
        """Return the number of bytes. Raises MissingFile."""
        ...

    def keys(self) -> Iterator[str]:
        """Yield every key, for the sweeper of orphans."""
        ...

    def remove(self, key: str) -> None:
        """Remove the bytes; without them, do nothing. Only for content that nobody else can have put here."""
        ...


class FolderStorage:
    """Storage in a local folder, two levels deep by the first characters of the key."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, data: bytes) -> str:
        """Keep the bytes durably and return their key."""
        key = hashlib.sha256(data).hexdigest()
        if not self._path(key).exists():
            self._write(key, iter([data]))
        return key

    def put_file(self, source: Path) -> str:
        """Keep a file's bytes durably and return their key."""
        with source.open("rb") as stream:
            return self.put_stream(stream)

    def put_stream(self, stream: BinaryIO) -> str:
        """Keep what a stream holds from its beginning durably and return its key."""
        stream.seek(0)
        digest = hashlib.sha256()
        while chunk := stream.read(CHUNK_BYTES):
            digest.update(chunk)
        key = digest.hexdigest()
        if not self._path(key).exists():
            stream.seek(0)
            self._write(key, iter(lambda: stream.read(CHUNK_BYTES), b""))
        return key

    def get(self, key: str) -> bytes:
        """Return the bytes of a key."""
        with self._open(key) as stream:
            return stream.read()

    def read_range(self, key: str, start: int, length: int) -> bytes:
        """Return up to `length` bytes from `start`."""
        with self._open(key) as stream:
            stream.seek(start)
            return stream.read(length)

    def size(self, key: str) -> int:
        """Return the number of bytes of a key."""
        try:
            return self._path(key).stat().st_size
        except FileNotFoundError as error:
            raise MissingFile(key) from error

    def keys(self) -> Iterator[str]:
        """Yield every stored key."""
        for path in self._root.glob("??/??/*"):
            if _KEY.fullmatch(path.name):
                yield path.name

    def remove(self, key: str) -> None:
        """Remove the bytes of a key. Whoever put the same bytes loses them too, so they must be sealed ones."""
        self._path(key).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise MissingFile(key)
        return self._root / key[:2] / key[2:4] / key

    def _open(self, key: str) -> BinaryIO:
        try:
            return self._path(key).open("rb")
        except FileNotFoundError as error:
            raise MissingFile(key) from error

    def _write(self, key: str, chunks: Iterator[bytes]) -> None:
        target = self._path(key)
        if not target.parent.is_dir():
            target.parent.mkdir(parents=True, exist_ok=True)
            # A folder that a power cut forgets would take its files with it.
            _sync_folder(self._root)
            _sync_folder(target.parent.parent)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=".part-")
        try:
            with os.fdopen(handle, "wb") as stream:
                for chunk in chunks:
                    stream.write(chunk)
                stream.flush()
                os.fsync(stream.fileno())
            Path(name).replace(target)
            _sync_folder(target.parent)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
