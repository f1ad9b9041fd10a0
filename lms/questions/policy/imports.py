"""The rules of an import: what may enter the bank, and what is said of each row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from lms.core.errors import N_, NN_, Reason
from lms.core.state_machine import Move, StateMachine
from lms.questions.policy.duplicates import (
    UNDECIDED,
    Decision,
    Decisions,
    Pair,
    Resemblance,
    resemblance_of,
)
from lms.questions.policy.faults import fault_reason
from lms.questions.policy.items import question_key, undeliverable
from question_bank.importing import BYTES_MAX, ImportReport, LocatedItem
from question_bank.importing.repeats import named_place
from question_bank.items import Item, fingerprint, right_texts
from question_bank.passage import excerpt
from question_bank.phrases import Phrase, phrase
from question_bank.validation import Fault, Where

UPLOAD_BYTES_MAX = min(BYTES_MAX, 10 * 1024 * 1024)  # D2; a web process holds the whole body of a request
ACCEPT_ROWS_MAX = 20_000
"""How many rows one file may bring. They become visible in one transaction, and on SQLite saved answers wait for it:
about half a second for so many (decision 23)."""
STAGED_AT_ONCE = 2000
"""How many rows are written aside in one transaction: some 20 ms of the write lane, as everything is ready before."""
SAMPLE_ROWS_MAX = 200
"""How many of the good rows are shown before they come in."""
ANNOTATE_AT_ONCE_BYTES = 200_000
"""A file that no job checked, such as the demo's, is given back with its verdicts by the request itself when short."""
TELL_AFTER = timedelta(seconds=30)
"""Who waited no longer is still looking at the page and gets no mail."""
SHOWN_ROWS_MAX = 500
"""How many rows that need a look are kept with a batch; the counts cover all."""
EXCERPT_MAX = 120
STEM_REPEATED = "stem_repeated"
"""The code of the warning that two stems of a file are equal; where the two rows are compared, it says no more."""


class ImportState(StrEnum):
    """What became of an uploaded file."""

    WAITING = "waiting"
    CHECKED = "checked"
    ACCEPTING = "accepting"
    ACCEPTED = "accepted"
    DISCARDED = "discarded"
    FAILED = "failed"


UNDER_WAY = frozenset({ImportState.WAITING, ImportState.ACCEPTING})
"""States in which a job works on the file, or will."""


class Verdict(StrEnum):
    """What an import says of a row that is not simply new."""

    KNOWN = "known"
    CONTRADICTS = "contradicts"
    FAULTY = "faulty"
    ALIKE = "alike"
    WARNED = "warned"


_SOFT = frozenset({Verdict.KNOWN, Verdict.ALIKE, Verdict.WARNED})

IMPORT: StateMachine[ImportState] = StateMachine(
    "import_batch",
    ImportState.WAITING,
    {
        "check": Move((ImportState.WAITING,), ImportState.CHECKED),
        "fail": Move((ImportState.WAITING,), ImportState.FAILED),
        "check_again": Move((ImportState.CHECKED, ImportState.FAILED), ImportState.WAITING),
        "confirm": Move((ImportState.CHECKED,), ImportState.ACCEPTING),
        "stop": Move((ImportState.ACCEPTING,), ImportState.CHECKED),
        "accept": Move((ImportState.CHECKED, ImportState.ACCEPTING), ImportState.ACCEPTED),
        "discard": Move((ImportState.CHECKED, ImportState.FAILED), ImportState.DISCARDED),
    },
)


@dataclass(frozen=True, slots=True)
class KnownItem:
    """A live item of the bank with the same question as an imported row."""

    item_id: str
    item: Item


@dataclass(frozen=True, slots=True)
class RowVerdict:
    """One row of a file that needs a look: where, what, and the cell as it was read."""

    verdict: Verdict
    sheet: str
    row: int | None
    column: str | None
    value: str
    words: Phrase
    item_id: str | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What accepting a file would do: `versions` are rows that become new versions of questions, by the item's id.

    `pairs` are all rows that resemble a question, whatever was decided of them; `alike_count` of them would come in
    if nothing resembled them.
    """

    new: tuple[LocatedItem, ...]
    new_keys: tuple[str, ...]
    """The question key of each new row."""
    rows: tuple[RowVerdict, ...]
    known_count: int
    fault_count: int
    ignored: tuple[Phrase, ...]
    pairs: tuple[Pair, ...] = ()
    versions: tuple[tuple[LocatedItem, str], ...] = ()
    alike_count: int = 0


class _Sorting:
    """Sorts the rows of a file by what becomes of them; a class because each row adds to the same lists."""

    def __init__(self, decisions: Decisions) -> None:
        self._decisions = decisions
        self.new: list[LocatedItem] = []
        self.new_keys: list[str] = []
        self.rows: list[RowVerdict] = []
        self.pairs: list[Pair] = []
        self.versions: list[tuple[LocatedItem, str]] = []
        self.known_count = 0
        self.alike_count = 0

    def same(self, located: LocatedItem, stored: KnownItem) -> None:
        """Sort in a row that is the same question as one of the bank."""
        is_contradiction = right_texts(stored.item) != right_texts(located.item)
        kind = resemblance_of(located, stored.item, is_contradiction=is_contradiction)
        if kind is not None:
            pair = Pair(kind, located, stored.item, 100, stored.item_id)
            self.pairs.append(pair)
            if self._decided(pair) is Decision.VERSION:
                self.versions.append((located, stored.item_id))
                return
        if is_contradiction:
            self.rows.append(_contradiction(located, stored))
            return
        self.known_count += 1
        self.rows.append(
            RowVerdict(
                Verdict.KNOWN, located.sheet, located.row, None, _excerpt(located.item.stem),
                phrase(N_("第 %(row)s 行：题库已有同一题，不重复导入。"), row=located.row), stored.item_id,
            )
        )  # fmt: skip

    def fresh(self, located: LocatedItem, key: str) -> None:
        """Sort in a row that comes in."""
        self.new.append(located)
        self.new_keys.append(key)

    def alike(self, pair: Pair, key: str) -> None:
        """Sort in a row that looks like another question."""
        self.pairs.append(pair)
        self.alike_count += 1
        decided = self._decided(pair)
        if decided is Decision.BRING:
            self.fresh(pair.row, key)
        elif decided is Decision.VERSION and pair.item_id is not None:
            self.versions.append((pair.row, pair.item_id))
        else:
            self.rows.append(_alike(pair))

    def _decided(self, pair: Pair) -> Decision:
        return self._decisions.of(pair.mark, pair.kind, pair.item_id)


def judge(
    report: ImportReport,
    known: Mapping[str, KnownItem],
    alike: Mapping[str, Pair] = MappingProxyType({}),
    decisions: Decisions = UNDECIDED,
) -> Judgement:
    """Compare a read file with the bank (`known` by question key). A different key is never taken over silently.

    `alike` are the rows, by fingerprint, that look like another question; `decisions` what a person said of them.
    """
    sorting = _Sorting(decisions)
    for located in report.items:
        obstacle = undeliverable(located.item, report.pictures)
        if obstacle is not None:
            sorting.rows.append(
                RowVerdict(
                    Verdict.FAULTY, located.sheet, located.row, None, _excerpt(located.item.stem),
                    Fault("undeliverable", obstacle).located(row=located.row).words,
                )
            )  # fmt: skip
            continue
        key = question_key(located.item)
        stored = known.get(key)
        if stored is not None:
            sorting.same(located, stored)
        elif (pair := alike.get(fingerprint(located.item)) if alike else None) is not None:
            sorting.alike(pair, key)
        else:
            sorting.fresh(located, key)
    rows = sorting.rows + [_from_fault(fault, Verdict.FAULTY) for fault in report.faults]
    shown_side_by_side = {(pair.row.sheet, pair.row.row) for pair in sorting.pairs}
    rows += [
        _from_fault(fault, Verdict.WARNED)
        for fault in report.warnings
        if fault.code != STEM_REPEATED or (fault.sheet, fault.row) not in shown_side_by_side
    ]
    bad = {(row.sheet, row.row) for row in rows if row.verdict in {Verdict.FAULTY, Verdict.CONTRADICTS}}
    return Judgement(
        new=tuple(sorting.new),
        new_keys=tuple(sorting.new_keys),
        rows=tuple(sorted(rows, key=_place)),
        known_count=sorting.known_count,
        fault_count=len(bad),
        ignored=tuple(left.words for left in report.ignored),
        pairs=tuple(sorting.pairs),
        versions=tuple(sorting.versions),
        alike_count=sorting.alike_count,
    )


def upload_reasons(byte_count: int) -> list[Reason]:
    """Say why a file of so many bytes is not taken."""
    if byte_count <= UPLOAD_BYTES_MAX:
        return []
    return [
        Reason(
            "import.too_large", N_("一个文件最大 %(limit)s MB"), now=N_("您选择的文件更大，没有保存"),
            way_out=N_("请删去图片，或分成几个文件上传"), field_name="file", params={"limit": UPLOAD_BYTES_MAX >> 20},
        )
    ]  # fmt: skip


def accept_reasons(new_count: int, version_count: int = 0) -> list[Reason]:
    """Say why a checked file cannot be accepted in the browser; `version_count` rows become new versions."""
    if new_count == 0 and version_count == 0:
        return [
            Reason(
                "import.nothing_new", N_("只导入合格且题库里没有的试题"), now=N_("这个文件里没有这样的行"),
                way_out=N_("请改好表格再上传；如果试题都已在题库中，则不需要再导入"),
            )
        ]  # fmt: skip
    if new_count > ACCEPT_ROWS_MAX:
        return [
            Reason(
                "import.too_many_rows", N_("一次最多导入 %(limit)s 行"), now=NN_("这个文件有 %(count)s 行可以导入"),
                way_out=N_("请把表格分成几个文件，分别上传；已导入的行不会重复"),
                params={"limit": ACCEPT_ROWS_MAX, "count": new_count},
            )
        ]  # fmt: skip
    return []


def annotate_reasons(state: ImportState, byte_count: int, *, has_workbook: bool) -> list[Reason]:
    """Say why a file cannot be given back with its verdicts."""
    if has_workbook or (state is ImportState.CHECKED and byte_count <= ANNOTATE_AT_ONCE_BYTES):
        return []
    return [
        Reason(
            "import.no_workbook", N_("检查完的文件才能下载带结果的表格"), now=N_("这个文件没有这样的表格"),
            way_out=N_("请等检查完成，或重新上传文件"),
        )
    ]  # fmt: skip


def recheck_reasons(state: ImportState) -> list[Reason]:
    """Say why a file cannot be checked anew."""
    if IMPORT.allows("check_again", state):
        return []
    return [
        Reason(
            "import.not_open", N_("只有还没有决定的文件才能重新检查"), now=N_("这个文件正在处理，或者已经有了结果"),
            way_out=N_("请刷新页面；需要时把文件重新上传"),
        )
    ]  # fmt: skip


def decision_time_reasons(state: ImportState) -> list[Reason]:
    """Say why nothing can be decided about the rows of a file now."""
    if state is ImportState.CHECKED:
        return []
    return [
        Reason(
            "import.not_checked", N_("检查完、还没有导入的文件才能逐对决定"),
            now=N_("这个文件正在处理，或者已经有了结果"),
            way_out=N_("请刷新页面；需要时把文件重新上传"),
        )
    ]  # fmt: skip


def version_lost_reasons(row: int) -> list[Reason]:
    """Say that a row that was chosen to become a new version can no longer be one."""
    return [
        Reason(
            "import.version_lost", N_("选作新版本的行，导入时原题要在用，而且没有别的新版本在等复核"),
            now=N_("第 %(row)s 行的原题已有变化，整个文件没有导入"), way_out=N_("请改变这一行的决定，再导入"),
            params={"row": row},
        )
    ]  # fmt: skip


def gave_up_reasons() -> list[Reason]:
    """Say that the house could not finish its own work on a file."""
    return [
        Reason(
            "import.gave_up", N_("后台处理这个文件时多次中断，已经停下"), now=N_("题库没有变化，没有留下一半的数据"),
            way_out=N_("请再试一次；如果还是停下，请把文件分成几份上传，并告诉系统管理员"),
        )
    ]  # fmt: skip


def is_worth_telling(asked_at: datetime | None, now: datetime) -> bool:
    """Tell whether the person may have left the page by now and should be told by mail."""
    return asked_at is not None and now - asked_at >= TELL_AFTER


def unreadable_reasons(faults: Sequence[Fault]) -> list[Reason]:
    """Turn the faults of a file that cannot be read at all into reasons."""
    return [fault_reason("import", fault, "file") for fault in faults]


def _contradiction(located: LocatedItem, stored: KnownItem) -> RowVerdict:
    text = N_(
        "第 %(row)s 行：题库已有同一题，但正确答案是“%(ours)s”，表格里是“%(theirs)s”。"
        "无法判断哪个正确，不导入。请核对；如果题库里的错了，请先停用原题再导入。"
    )
    theirs, ours = (_excerpt(" / ".join(sorted(right_texts(item)))) for item in (located.item, stored.item))
    return RowVerdict(
        Verdict.CONTRADICTS, located.sheet, located.row, None, _excerpt(located.item.stem),
        phrase(text, row=located.row, ours=ours, theirs=theirs), stored.item_id,
    )  # fmt: skip


def _alike(pair: Pair) -> RowVerdict:
    if pair.kind is Resemblance.NEIGHBOUR:
        text = N_("第 %(row)s 行：与%(place)s的题相像。没有决定以前不导入，请对照两题再决定。")
        sheet = pair.other_sheet if pair.other_sheet != pair.row.sheet else None
        place = named_place(pair.other_row or 0, sheet, Where.SHEET)
        words = phrase(text, row=pair.row.row, place=place)
    else:
        text = N_("第 %(row)s 行：与题库里的一题相像。没有决定以前不导入，请对照两题再决定。")
        words = phrase(text, row=pair.row.row)
    return RowVerdict(
        Verdict.ALIKE, pair.row.sheet, pair.row.row, None, _excerpt(pair.row.item.stem), words, pair.item_id
    )


def _from_fault(fault: Fault, verdict: Verdict) -> RowVerdict:
    return RowVerdict(
        verdict, fault.sheet or "", fault.row, fault.column, _excerpt(fault.value or ""), fault.words
    )


def _excerpt(text: str) -> str:
    return excerpt(text, EXCERPT_MAX)


def _place(row: RowVerdict) -> tuple[bool, str, int]:
    return (row.verdict in _SOFT, row.sheet, row.row or 0)
