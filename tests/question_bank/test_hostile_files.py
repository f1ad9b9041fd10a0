"""Files made to hurt: refused within two seconds and 300 MB, nothing called, nothing written (D1, D2, D4)."""

import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from question_bank.importing import BYTES_MAX, read_questions
from tests.factories.documents import typed
from tests.factories.sheets import HEADER, csv, line, xls, xlsx

ROOT = Path(__file__).parents[2]
SECONDS, MEGABYTES = 20, 300
"""Generous, for a busy machine: what is refused late takes minutes and gigabytes."""

OUTSIDE = '<!DOCTYPE quiz [<!ENTITY x SYSTEM "http://127.0.0.1:9/canary">]>'
FILE = '<!DOCTYPE quiz [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
PARAMETER = '<!DOCTYPE quiz [<!ENTITY % p SYSTEM "http://127.0.0.1:9/canary.dtd"> %p;]>'
OUTER = '<!DOCTYPE quiz SYSTEM "http://127.0.0.1:9/canary.dtd">'
LAUGHS = "<!DOCTYPE quiz [" + '<!ENTITY a0 "ha">' + "".join(
    f'<!ENTITY a{one} "{f"&a{one - 1};" * 10}">' for one in range(1, 10)
) + "]>"  # fmt: skip
QUESTION = "<question type='truefalse'><questiontext><text>&x;</text></questiontext></question>"
MANIFEST = ('<manifest><resources><resource identifier="r" type="imsqti_item_xmlv2p1" href="q.xml"/></resources>'
            "</manifest>")  # fmt: skip


def quiz(prologue: str, body: str = QUESTION) -> bytes:
    return f'<?xml version="1.0"?>{prologue}<quiz>{body}</quiz>'.encode()


def packed(parts: dict[str, str | bytes], base: bytes | None = None) -> bytes:
    """A ZIP of these parts, put in the place of those of `base` where there is one."""
    kept: dict[str, str | bytes] = {}
    if base is not None:
        with zipfile.ZipFile(io.BytesIO(base)) as old:
            kept = {name: old.read(name) for name in old.namelist()}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in (kept | parts).items():
            new.writestr(name, content)
    return buffer.getvalue()


def package(content: str | bytes) -> bytes:
    return packed({"imsmanifest.xml": MANIFEST, "q.xml": content})


def item(prologue: str) -> str:
    return f'<?xml version="1.0"?>{prologue}<assessmentItem identifier="i"><itemBody>&x;</itemBody></assessmentItem>'


def sheet_of(rows: str) -> bytes:
    head = '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    return packed({"xl/worksheets/sheet1.xml": f"{head}{rows}</sheetData></worksheet>"}, xlsx(HEADER, line()))


def million_rows() -> bytes:
    return sheet_of("".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(1, 1_000_001)))


def one_cell(size: int) -> bytes:
    # Letters that hardly compress, so that no limit on compression helps.
    text = os.urandom(size // 2).hex()
    return sheet_of(f'<row r="1"><c r="A1" t="inlineStr"><is><t>{text}</t></is></c></row>')


def document_of(body: str) -> bytes:
    return packed({"word/document.xml": body}, typed("1. 题"))


def nested_zip() -> bytes:
    inner = packed({"a.bin": b"\0" * 20_000_000})
    for _ in range(3):
        inner = packed({f"{number}.zip": inner for number in range(8)})
    return packed({"imsmanifest.xml": MANIFEST, "q.xml": item(""), "more.zip": inner})


def far_cell_in_old_workbook() -> bytes:
    data = bytearray(xls(HEADER, line()))
    # The record of the used range says four thousand million rows.
    place = bytes(data).find(b"\x00\x02\x0e\x00")
    data[place + 8 : place + 12] = b"\xff\xff\xff\xff"
    return bytes(data)


FILES: dict[str, tuple[Callable[[], bytes], str]] = {
    "Moodle, entity from outside": (lambda: quiz(OUTSIDE), "xml_doctype"),
    "Moodle, entity from a file": (lambda: quiz(FILE), "xml_doctype"),
    "Moodle, parameter entity": (lambda: quiz(PARAMETER), "xml_doctype"),
    "Moodle, document type from outside": (lambda: quiz(OUTER), "xml_doctype"),
    "Moodle, billion laughs": (lambda: quiz(LAUGHS, "&a9;"), "xml_doctype"),
    "Moodle, UTF-16 entity": (lambda: quiz(OUTSIDE).decode().encode("utf-16"), "xml_doctype"),
    "Moodle, nested deep": (lambda: quiz("", "<a>" * 50_000), "xml_too_large"),
    "Moodle, a million elements": (lambda: quiz("", "<a/>" * 1_000_000), "xml_too_large"),
    "QTI, entity from outside": (lambda: item(OUTSIDE).encode(), "xml_doctype"),
    "QTI package, entity in the item": (lambda: package(item(FILE)), "xml_doctype"),
    "QTI package, entity in the manifest": (lambda: packed({"imsmanifest.xml": OUTSIDE + MANIFEST}), "xml_doctype"),
    "QTI package, slip": (lambda: packed({"imsmanifest.xml": MANIFEST, "../../x.xml": "x"}), "archive_names"),
    "QTI package, bomb": (lambda: package(b"\0" * 30_000_000), "too_large_unpacked"),
    "QTI package, archive in an archive": (nested_zip, "xml_broken"),
    "Word, entity from outside": (lambda: document_of(OUTSIDE + "<w/>"), "xml_doctype"),
    "Word, billion laughs": (lambda: document_of(LAUGHS + "<w>&a9;</w>"), "xml_doctype"),
    "Word, bomb": (lambda: document_of("<w>" + " " * 30_000_000), "too_large_unpacked"),
    "Excel, entity in a sheet": (
        lambda: packed({"xl/worksheets/sheet1.xml": f"{OUTSIDE}<worksheet/>"}, xlsx(HEADER, line())), "xml_doctype"),
    "Excel, bomb": (lambda: packed({"xl/media/a.png": b"\0" * 30_000_000}, xlsx(HEADER, line())), "too_large_unpacked"),
    "Excel, a million rows": (million_rows, "too_many_rows"),
    "Excel, a cell of 30 MB": (lambda: one_cell(30_000_000), "cell_too_long"),
    "Excel, a cell of 50 MB": (lambda: one_cell(50_000_000), "cell_too_long"),
    "old Excel, a used range without end": (far_cell_in_old_workbook, "too_many_rows"),
    "text, a million rows": (lambda: csv(HEADER).encode() + b"a,b,c\r\n" * 1_000_000, "too_many_rows"),
    "text, a cell of 30 MB": (lambda: csv(HEADER).encode() + b"x" * 30_000_000, "csv_broken"),
    "text, a cell of 50 MB": (lambda: b"x" * 50_000_000, "too_large"),
    "text, a line of blanks": (lambda: "1. 题\n答案：A\n".encode() + b" " * 4_000_000 + b"B", "type_missing"),
    "text, a million blank lines": (lambda: b"\n" * 4_000_000 + b"x", "too_many_rows"),
    "GIFT, open braces": (lambda: b"{=a" * 500_000, "braces_unclear"),
}  # fmt: skip


@pytest.mark.parametrize(("make", "code"), FILES.values(), ids=FILES)
def test_it_is_refused_quickly_quietly_and_in_little_memory(
    make: Callable[[], bytes], code: str, tmp_path: Path
) -> None:
    path = tmp_path / "题库.bin"
    path.write_bytes(make())
    done = subprocess.run(
        [sys.executable, "-m", "tests.question_bank.reading_alone", path],
        cwd=ROOT, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    seen = json.loads(done.stdout)
    assert seen["stems"] == []
    assert code in seen["codes"]
    assert seen["calls"] == []
    assert seen["seconds"] < SECONDS
    assert seen["mb"] < MEGABYTES
    assert [one.name for one in tmp_path.iterdir()] == ["题库.bin"]


SHOWN = [
    *(
        "<script>alert(1)</script>",
        "{{7*7}}",
        "${7*7}",
        "<img src=x onerror=alert(1)>",
        "javascript:alert(1)",
    ),
    *("=cmd|' /c calc'!A0", "@SUM(1+1)", "__import__('os').system('id')", "'; DROP TABLE question_item; --"),
    "%(x)s %s {0}",
]


@pytest.mark.parametrize("text", SHOWN)
def test_what_would_run_elsewhere_is_text_here_or_refused(text: str) -> None:
    cells = line(stem=f"题：{text}", options=(text, "乙", "丙", "丁"))
    for data in (csv(HEADER, cells).encode(), f"题：{text}\nA. {text}\nB. 乙\nANSWER: B\n".encode()):
        report = read_questions(data, "题库", default_area="policy")
        for located in report.items:
            assert located.item.stem == f"题：{text}"
            assert located.item.options[0].text == text
        assert report.items or report.faults
        assert all(text not in str(fault.what.text) for fault in report.faults)


def test_a_file_at_the_limit_is_still_looked_at() -> None:
    assert [fault.code for fault in read_questions(b"x" * BYTES_MAX, "题库").faults] == ["csv_broken"]
