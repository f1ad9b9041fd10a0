"""The author's command line: faults with their cells, and an exit code a script can trust."""

from pathlib import Path

import openpyxl
import pytest

from question_bank.__main__ import main
from question_bank.data.blueprints import EXAMINER_COURSE_WORKBOOK


def test_a_clean_file_is_counted_and_leaves_zero(capsys: pytest.CaptureFixture[str]) -> None:
    rows = openpyxl.load_workbook(EXAMINER_COURSE_WORKBOOK)["题目"].max_row - 1
    assert main(["check", str(EXAMINER_COURSE_WORKBOOK)]) == 0
    assert f"可导入 {rows} 题，问题 0 处。" in capsys.readouterr().out


def test_faults_are_printed_with_their_cells_and_leave_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "题库.csv"
    file.write_text("题型,题干,选项A,选项B,答案\n单选题,题,甲,乙,C\n", encoding="gbk")
    assert main(["check", "--area", "policy", str(file)]) == 1
    assert "第 2 行 E 列：答案“C”没有对应选项，本题只有 A—B。" in capsys.readouterr().out


def test_the_template_is_written_and_checks_clean(tmp_path: Path) -> None:
    file = tmp_path / "模板.xlsx"
    assert main(["template", str(file)]) == 0
    assert main(["check", str(file)]) == 0


def test_a_missing_file_is_told_apart_from_a_faulty_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(tmp_path / "没有.xlsx")]) == 2
    assert "不能打开" in capsys.readouterr().err
