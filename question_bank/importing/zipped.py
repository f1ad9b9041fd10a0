"""Looking into a ZIP file without trusting a word of it: limits on size, parts and names (D1, D2).

The headers of a ZIP file can lie about sizes, so each part is unpacked here under a limit, in memory, and
counted. Names inside the archive are never used as paths, and those that could be mistaken for one outside
are refused with the whole file.
"""

import io
import struct
import zipfile
import zlib

from question_bank.importing.report import UnreadableFile
from question_bank.phrases import N_

MEMBERS_MAX = 2000
UNPACKED_MAX = 160 * 1024 * 1024
RATIO_MAX = 200
# A small part may compress extremely well without being a bomb.
RATIO_FREE = 4 * 1024 * 1024

_LOCAL_HEADER = struct.Struct("<4s22xHH")
_ENCRYPTED = 1
_PIECE = 1 << 20


class Zipped:
    """A ZIP file in memory; `names` are its parts, and `unpack` opens one of them."""

    def __init__(self, data: bytes) -> None:
        """Raise `UnreadableFile` unless the list of parts is sound."""
        self._data = data
        self._left = UNPACKED_MAX
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                members = archive.infolist()
        except (zipfile.BadZipFile, ValueError, struct.error, NotImplementedError, OSError) as error:
            raise broken() from error
        self._members = {member.filename: member for member in members}
        if len(members) > MEMBERS_MAX or len(self._members) != len(members):
            raise UnreadableFile(
                "archive_parts", N_("文件内部的部件过多或重名，不像正常的文件。请用原来的程序重新另存。")
            )
        outside = next((name for name in self._members if _leads_outside(name)), None)
        if outside is not None:
            raise UnreadableFile(
                "archive_names",
                N_("压缩包里的文件名“%(name)s”指向包外，整个文件不读取。请重新打包。"),
                name=outside[:60],
            )
        if sum(member.compress_size for member in members) > len(data):
            raise bomb()

    @property
    def names(self) -> list[str]:
        """The names of the parts, in the order of the archive; folders are none."""
        return [name for name in self._members if not name.endswith("/")]

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def unpack(self, name: str) -> bytearray:
        """Return the bytes of a part; all parts together share one limit."""
        part = self._unpack(self._members[name])
        self._left -= len(part)
        unpacked = UNPACKED_MAX - self._left
        if unpacked > RATIO_FREE and unpacked > RATIO_MAX * len(self._data):
            raise bomb()
        return part

    def _unpack(self, member: zipfile.ZipInfo) -> bytearray:
        start = member.header_offset
        # A damaged list of parts can lead to a place before the file begins.
        if start < 0 or start + _LOCAL_HEADER.size > len(self._data) or member.flag_bits & _ENCRYPTED:
            raise broken()
        signature, name_size, extra_size = _LOCAL_HEADER.unpack_from(self._data, start)
        body = start + _LOCAL_HEADER.size + name_size + extra_size
        packed = self._data[body : body + member.compress_size]
        if signature != b"PK\x03\x04" or len(packed) != member.compress_size:
            raise broken()
        if member.file_size > min(self._left, max(RATIO_FREE, RATIO_MAX * len(self._data))):
            raise bomb()
        if member.compress_type == zipfile.ZIP_STORED:
            part = bytearray(packed)
        elif member.compress_type == zipfile.ZIP_DEFLATED:
            part = _inflate(packed, member.file_size)
        else:
            raise broken()
        if len(part) != member.file_size or zlib.crc32(part) != member.CRC:
            raise broken()
        return part


def _inflate(packed: bytes, size: int) -> bytearray:
    """Unpack at most `size` bytes, which the directory promises and which is within the limits."""
    engine = zlib.decompressobj(-zlib.MAX_WBITS)
    part = bytearray()
    rest = packed
    while rest and not engine.eof:
        try:
            piece = engine.decompress(rest, _PIECE)
        except zlib.error as error:
            raise broken() from error
        rest = engine.unconsumed_tail
        if len(part) + len(piece) > size:
            raise broken()
        part += piece
    return part


def _leads_outside(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return ".." in parts or not parts[0] or ":" in parts[0] or "\x00" in name


def bomb() -> UnreadableFile:
    """Return the refusal of a file that grows too large."""
    return UnreadableFile(
        "too_large_unpacked",
        N_("文件展开后超过 %(unpacked_max)s MB 或压缩比异常。请删去无关的工作表和图片，或分成几个文件。"),
        unpacked_max=UNPACKED_MAX // 1024 // 1024,
    )


def broken() -> UnreadableFile:
    """Return the refusal of a file that cannot be opened."""
    return UnreadableFile(
        "workbook_broken",
        N_(
            "文件已损坏或加了密码，无法打开。请用原来的程序打开，去掉密码后重新另存（.xlsx、.docx 或 .zip）。"
        ),
    )
