"""The author's command line.

`python -m question_bank check FILE`, `python -m question_bank export FILE OUT` (.xlsx, .gift, .xml for Moodle,
.zip for QTI) and `python -m question_bank template OUT.xlsx`.
"""

import argparse
import sys
from pathlib import Path

from question_bank.exporting import ExportFormat, export_items, summary
from question_bank.exporting.xlsx import write_template
from question_bank.importing import ImportReport, read_questions
from question_bank.items import AREAS

FORMATS = {
    ".xlsx": ExportFormat.XLSX,
    ".gift": ExportFormat.GIFT,
    ".txt": ExportFormat.GIFT,
    ".xml": ExportFormat.MOODLE,
    ".zip": ExportFormat.QTI,
}
"""Which format the end of a file's name asks for."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return 0 when all is well, 1 when the file has faults, 2 when it cannot be opened."""
    parser = argparse.ArgumentParser(
        prog="python -m question_bank", description="检查题库表格，换成别的格式，或生成空白模板。"
    )
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check", help="逐处检查一个题库文件")
    check.add_argument("file", type=Path)
    export = commands.add_parser("export", help=f"把合格的题写成另一种格式（{'、'.join(FORMATS)}）")
    export.add_argument("file", type=Path)
    export.add_argument("out", type=Path)
    for command in (check, export):
        command.add_argument("--area", choices=sorted(AREAS), help="没有填写知识领域的题归入哪个领域")
    template = commands.add_parser("template", help="写出空白模板")
    template.add_argument("out", type=Path)
    chosen = parser.parse_args(arguments)
    try:
        if chosen.command == "template":
            chosen.out.write_bytes(write_template())
            print(f"模板已写入 {chosen.out}")
            return 0
        if chosen.command == "export" and chosen.out.suffix.lower() not in FORMATS:
            parser.error(f"看不出要写成什么格式：{chosen.out.name} 应以 {'、'.join(FORMATS)} 结尾。")
        report = read_questions(chosen.file.read_bytes(), chosen.file.name, default_area=chosen.area)
        if chosen.command == "export":
            _export(report, chosen.out)
    except OSError as error:
        print(f"不能打开 {error.filename}：{error.strerror}", file=sys.stderr)
        return 2
    _show(report)
    return 1 if report.faults else 0


def _export(report: ImportReport, out: Path) -> None:
    export = export_items((located.item for located in report.items), FORMATS[out.suffix.lower()])
    out.write_bytes(export.data)
    for line in summary(export.losses):
        print(line.say())
    print(f"{export.count} 题已写入 {out}（{export.format.label}）。")


def _show(report: ImportReport) -> None:
    for fault in report.faults:
        print(fault.message)
    for warning in report.warnings:
        print(f"提醒：{warning.message}")
    for ignored in report.ignored:
        print(f"略过：{ignored.words.say()}")
    print(f"可导入 {len(report.items)} 题，问题 {len(report.faults)} 处。")


if __name__ == "__main__":
    sys.exit(main())
