"""The container of old Office files (OLE): its streams by name, read with a limit on every chain."""

import struct

from question_bank.importing.report import UnreadableFile
from question_bank.phrases import N_

_HEADER = 512
_ENTRY = 128
_END = 0xFFFFFFFA
_DIFAT_IN_HEADER = 109
_STREAM, _ROOT = 2, 5
_SECTOR_SHIFTS = (9, 12)


class Compound:
    """An OLE file in memory."""

    def __init__(self, data: bytes) -> None:
        """Raise `UnreadableFile` unless the tables of the file hold together."""
        self._data = data
        try:
            self._read_tables()
        except (struct.error, IndexError, UnicodeDecodeError) as error:
            raise broken() from error

    @property
    def names(self) -> frozenset[str]:
        """The names of the streams."""
        return frozenset(self._entries)

    def stream(self, name: str) -> bytes:
        """Return the bytes of a stream."""
        start, size = self._entries[name]
        try:
            if size < self._cutoff:
                chain = _chain(self._mini_fat, start)
                pieces = [
                    self._mini[one << self._mini_shift : (one + 1) << self._mini_shift] for one in chain
                ]
            else:
                pieces = [self._sector(one) for one in _chain(self._fat, start)]
        except IndexError as error:
            raise broken() from error
        return b"".join(pieces)[:size]

    def _read_tables(self) -> None:
        data = self._data
        shift, self._mini_shift = struct.unpack_from("<HH", data, 30)
        if shift not in _SECTOR_SHIFTS or self._mini_shift >= shift:
            raise broken()
        self._size = 1 << shift
        (first_directory,) = struct.unpack_from("<I", data, 48)
        self._cutoff, first_mini, _, first_difat, _ = struct.unpack_from("<5I", data, 56)
        tables = list(struct.unpack_from(f"<{_DIFAT_IN_HEADER}I", data, 76))
        seen: set[int] = set()
        while first_difat < _END:
            if first_difat in seen:
                raise broken()
            seen.add(first_difat)
            *more, first_difat = struct.unpack(f"<{self._size // 4}I", self._sector(first_difat))
            tables += more
        self._fat = [
            entry
            for table in tables
            if table < _END
            for entry in struct.unpack(f"<{self._size // 4}I", self._sector(table))
        ]
        mini = b"".join(self._sector(one) for one in _chain(self._fat, first_mini))
        self._mini_fat = list(struct.unpack(f"<{len(mini) // 4}I", mini))
        self._mini = b""
        self._entries: dict[str, tuple[int, int]] = {}
        directory = b"".join(self._sector(one) for one in _chain(self._fat, first_directory))
        for place in range(0, len(directory), _ENTRY):
            length, kind = struct.unpack_from("<HB", directory, place + 64)
            start, size = struct.unpack_from("<IQ", directory, place + 116)
            # Files of the usual kind leave rubbish in the upper half of the size.
            size = size & 0xFFFFFFFF if shift == _SECTOR_SHIFTS[0] else size
            if kind == _ROOT:
                self._mini = b"".join(self._sector(one) for one in _chain(self._fat, start))
            elif kind == _STREAM:
                name = directory[place : place + max(0, min(length, 64) - 2)].decode("utf-16-le")
                self._entries.setdefault(name, (start, size))

    def _sector(self, number: int) -> bytes:
        start = _HEADER if self._size == _HEADER else self._size
        start += number * self._size
        sector = self._data[start : start + self._size]
        if not sector:
            raise broken()
        return sector.ljust(self._size, b"\x00")


def _chain(table: list[int], start: int) -> list[int]:
    chain: list[int] = []
    while start < _END:
        chain.append(start)
        if len(chain) > len(table):
            raise broken()
        start = table[start]
    return chain


def broken() -> UnreadableFile:
    """Return the refusal of a file that cannot be opened."""
    return UnreadableFile(
        "workbook_broken", N_("文件已损坏，无法打开。请用 Excel 打开原文件，另存为新的 .xlsx。")
    )
