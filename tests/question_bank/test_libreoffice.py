"""An exported workbook as LibreOffice opens it: every text is there, and nothing that looks like a formula became one.

Skipped, with a word, on a machine without LibreOffice (Debian's libreoffice-calc-nogui).
"""

import csv
import shutil
import subprocess
from pathlib import Path

import pytest

from question_bank.data.blueprints import EXAMINER_COURSE_WORKBOOK
from question_bank.exporting import ExportFormat, export_items
from question_bank.importing import read_questions
from question_bank.items import Item
from tests.factories.questions import fill_in, multiple, single, true_false

OFFICE = shutil.which("soffice")
HOSTILE = (
    "=1+1",
    "+SUM(A1:A9)",
    "-2+3",
    "@SUM(1)",
    '=HYPERLINK("http://example.org";"x")',
    "=cmd|' /C calc'!A0",
)

pytestmark = [
    pytest.mark.slow, pytest.mark.skipif(OFFICE is None, reason="soffice is not installed (libreoffice-calc-nogui)")
]  # fmt: skip


def opened_and_saved(data: bytes, folder: Path, kind: str) -> bytes:
    """Let LibreOffice open a workbook and save it as another kind of file."""
    sent = folder / "sent.xlsx"
    sent.write_bytes(data)
    done = subprocess.run(
        [
            str(OFFICE), f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--convert-to", kind,
            "--outdir", str(folder / "out"), str(sent),
        ],
        capture_output=True, text=True, timeout=90, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (saved,) = (folder / "out").iterdir()
    return saved.read_bytes()


def items_of(data: bytes) -> list[Item]:
    report = read_questions(data, "saved.xlsx")
    assert report.faults == ()
    return [located.item for located in report.items]


def test_the_course_is_the_same_after_libreoffice_saved_it(tmp_path: Path) -> None:
    course = items_of(EXAMINER_COURSE_WORKBOOK.read_bytes())
    others = [fill_in(), true_false("对不对？"), multiple("一行\n二行"), single("求 \\(x^2\\) 的值")]
    exported = export_items([*course, *others], ExportFormat.XLSX).data
    assert items_of(opened_and_saved(exported, tmp_path, "xlsx")) == [*course, *others]


def test_what_looks_like_a_formula_stays_a_text(tmp_path: Path) -> None:
    items = [single(f"{text}", (text, "乙", "丙", "丁"), "B") for text in HOSTILE]
    exported = export_items(items, ExportFormat.XLSX).data
    saved = opened_and_saved(exported, tmp_path, "csv:Text - txt - csv (StarCalc):44,34,76").decode()
    cells = {cell for row in csv.reader(saved.splitlines()) for cell in row}
    for text in HOSTILE:
        assert any(cell.lstrip("'") == text for cell in cells), (text, sorted(cells))
