"""The author's command line: faults with their cells, and an exit code a script can trust."""

from pathlib import Path

import openpyxl
import pytest

from question_bank.__main__ import main
from question_bank.data.blueprints import EXAMINER_COURSE_WORKBOOK
from question_bank.exporting.xlsx import write_items
from tests.factories.questions import multiple, single


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


@pytest.mark.parametrize(
    ("name", "said"), [("题.gift", "GIFT"), ("题.xml", "Moodle XML"), ("题.zip", "QTI 2.2")]
)
def test_an_author_turns_a_workbook_into_another_format_and_hears_what_is_lost(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, said: str
) -> None:
    source, out = tmp_path / "题.xlsx", tmp_path / name
    source.write_bytes(write_items([single(), multiple()]))
    assert main(["export", str(source), str(out)]) == 0
    shown = capsys.readouterr().out
    assert f"2 题已写入 {out}" in shown
    assert said in shown
    assert ("不能规定全对才给分" in shown) is (name != "题.zip")
    assert out.stat().st_size > 400


def test_a_format_nobody_knows_is_refused_before_anything_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, out = tmp_path / "题.xlsx", tmp_path / "题.doc"
    source.write_bytes(write_items([single()]))
    with pytest.raises(SystemExit):
        main(["export", str(source), str(out)])
    assert "应以 .xlsx" in capsys.readouterr().err
    assert not out.exists()
