"""Merged cells: some values are meant for every row they cover, others leave it open whose they are."""

from question_bank.importing.cells import cell_text
from question_bank.importing.headers import Heading
from question_bank.importing.report import Table, UnreadableFile, column_letter
from question_bank.importing.words import section_word
from question_bank.phrases import N_

# Fields whose value may be merged over several rows; a merged stem or answer would be a guess.
_FILLABLE = ("type", "area", "difficulty", "source")


class Merges:
    """The merged ranges below a heading; rows and columns count from 0.

    `fills` holds the value of each covered cell that takes it over, `split` the column letter for each row
    that a merge tears. Raises `UnreadableFile` when the ranges cover more cells than there are.
    """

    def __init__(self, table: Table, heading: Heading) -> None:
        self.fills: dict[tuple[int, int], object] = {}
        self.split: dict[int, str] = {}
        columns = heading.columns
        fillable = {columns[field] for field in _FILLABLE if field in columns}
        first, last = heading.row + 1, len(table.rows) - 1
        # Ranges never overlap in a sound sheet, so no cell is covered twice; a crafted one stops here.
        unseen = len(table.rows) * len(columns)
        for merge in table.merges:
            if merge.bottom < first or merge.top > last:
                continue
            rows = range(max(merge.top, first), min(merge.bottom, last) + 1)
            covered = sorted(column for column in columns.values() if merge.left <= column <= merge.right)
            if not covered:
                continue
            unseen -= len(rows) * len(covered)
            if unseen < 0:
                raise UnreadableFile(
                    "merges_overlap", N_("工作表里的合并单元格互相重叠。请取消合并，逐行填写后再导入。")
                )
            top = table.rows[merge.top]
            value = top[merge.left] if merge.left < len(top) else ""
            if section_word(cell_text(value)):
                continue
            for row in rows:
                for column in covered:
                    if column in fillable:
                        self.fills[row, column] = value
                    else:
                        self.split.setdefault(row, column_letter(column))
