"""Registers of examiners certified before this system: how a sheet is read, and what is said of each row. Pure.

The columns are those of the yearly summary (E11); offices write their headings and days in many ways. A row is sound
or has faults, each at its cell. What cannot be read for certain is a fault and never a guess.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from lms.accounts.policy import (
    FEMALE,
    MALE,
    ResidentId,
    id_check_character,
    is_mobile,
    name_reasons,
    normalise_id_number,
    plain_mobile,
    read_resident_id,
)
from lms.certificates.numbers import CertificateNumber
from lms.core.errors import N_, Reason
from lms.core.state_machine import Move, StateMachine
from lms.plans.policy import LEVEL_NAMES, ExaminerLevel
from question_bank.importing.cells import cell_text, is_filled
from question_bank.importing.report import Table, column_letter

MOST_ROWS = 2_000
"""Rows of one file: they are entered in one transaction, and on SQLite saved answers wait for it."""
MOST_BYTES = 5 * 1024 * 1024
MOST_REPORTED = 500
MOST_SHOWN_NEW = 50
HEADING_WITHIN = 20
VALIDITY_YEARS = 3  # C2: what is counted back from a last day that stands alone
DEFAULT_EDITION = "2022"
OLD_ID_LENGTH = 15
CENTURY = 2000  # numbers of this kind began in this century


class RegistryImportState(StrEnum):
    """What became of an uploaded register."""

    WAITING = "waiting"
    CHECKED = "checked"
    ENTERING = "entering"
    ENTERED = "entered"
    DISCARDED = "discarded"
    FAILED = "failed"


_States = RegistryImportState
REGISTRY_IMPORT = StateMachine(
    name="registry_import",
    initial=_States.WAITING,
    moves={
        "check": Move((_States.WAITING,), _States.CHECKED),
        "fail": Move((_States.WAITING,), _States.FAILED),
        "check_again": Move((_States.CHECKED, _States.FAILED), _States.WAITING),
        "confirm": Move((_States.CHECKED,), _States.ENTERING),
        "stop": Move((_States.ENTERING,), _States.CHECKED),
        "enter": Move((_States.ENTERING,), _States.ENTERED),
        "discard": Move((_States.CHECKED, _States.FAILED), _States.DISCARDED),
    },
)
UNDER_WAY = frozenset({_States.WAITING, _States.ENTERING})


class RowVerdict(StrEnum):
    """What is said of a row."""

    NEW = "new"
    KNOWN = "known"
    CONFLICT = "conflict"
    FAULTY = "faulty"


VERDICT_NAMES: dict[RowVerdict, str] = {
    RowVerdict.NEW: N_("可以登记"),
    RowVerdict.KNOWN: N_("已经登记"),
    RowVerdict.CONFLICT: N_("有冲突"),
    RowVerdict.FAULTY: N_("有问题"),
}

HEADINGS: dict[str, tuple[str, ...]] = {
    "name": ("姓名",),
    "sex": ("性别",),
    "id_number": ("身份证号码", "身份证号", "证件号码", "身份证", "公民身份号码"),
    "mobile": ("联系电话", "手机", "手机号", "手机号码", "电话", "联系方式"),
    "workplace": ("工作单位", "所在单位"),
    "occupation": ("考评职业(工种)", "考评职业", "职业(工种)", "职业", "工种", "职业名称", "考评职业工种"),
    "occupation_code": ("职业编码", "职业代码"),
    "edition": ("大典版本", "版本"),
    "level": ("级别", "考评员级别", "等级"),
    "number": ("证书编号", "证书号", "证书号码"),
    "validity": ("证书有效期", "有效期", "有效期限", "有效期至", "证书有效期至"),
    "issued": ("发证日期", "发证时间", "签发日期"),
    "issuer": ("发证机构", "发证单位", "发证机关", "单位"),
}
"""Field -> headings that name it, without blanks and marks."""
FIELD_NAMES: dict[str, str] = {
    "name": N_("姓名"), "sex": N_("性别"), "id_number": N_("身份证号码"), "mobile": N_("联系电话"),
    "workplace": N_("工作单位"), "occupation": N_("考评职业（工种）"), "occupation_code": N_("职业编码"),
    "edition": N_("大典版本"), "level": N_("级别"), "number": N_("证书编号"), "validity": N_("证书有效期"),
    "issued": N_("发证日期"), "issuer": N_("发证机构"),
}  # fmt: skip
REQUIRED = ("name", "id_number", "occupation", "level", "number", "validity")

FAULTS: dict[str, str] = {
    "missing": N_("没有填写"),
    "name": N_("姓名为两个字以上，只含文字和间隔号"),
    "id_shortened": N_("表格软件把号码变成了数字，末几位已经丢失。请把这一列设为文本后重新填写"),
    "id_number": N_("身份证号码不正确，请对照身份证逐位核对"),
    "sex": N_("性别与身份证号码不一致"),
    "mobile": N_("联系电话应为 11 位手机号码"),
    "level": N_("级别只能是考评员或高级考评员"),
    "number": N_("证书编号应为 15 位数字（旧证 14 位）"),
    "number_level": N_("证书编号里的级别与“级别”一列不一致"),
    "validity": N_("没有认出有效期。请写成 2023-05-01 至 2026-04-30，或只写最后一天"),
    "validity_order": N_("有效期的最后一天要晚于第一天"),
    "issued": N_("没有认出发证日期，请写成 2023-05-01"),
    "year": N_("证书编号里的年份与有效期的第一天不一致"),
    "edition": N_("大典版本写四位年份，例如 2022"),
    "occupation": N_("职业名称最多 40 个字"),
    "occupation_code": N_("职业编码写成 6-31-01-03 的形式"),
    "occupation_unknown": N_("不知道这个职业的编码。请加一列“职业编码”"),
    "issuer_unknown": N_("编号里的机构代码没有对应的机构，请加一列“发证机构”，写备案名称"),
    "issuer_beyond": N_("发证机构不在您的管理范围内"),
    "workplace": N_("工作单位最多 80 个字"),
    "number_taken": N_("这个编号已经属于另一条登记"),
    "standing_taken": N_("此人在这个职业和级别已有登记"),
    "name_differs": N_("这个身份证号码在系统里属于另一个姓名"),
    "repeated_number": N_("编号与第 %(row)s 行相同"),
    "repeated_standing": N_("与第 %(row)s 行是同一人、同一职业、同一级别"),
}
TROUBLES: dict[str, str] = {
    "unreadable": N_("文件打不开，或里面没有表格。请另存为 .xlsx 后重新上传"),
    "no_heading": N_(
        "没有找到标题行。标题行要有姓名、身份证号码、考评职业（工种）、级别、证书编号和证书有效期"
    ),
    "no_rows": N_("标题行下面没有内容"),
    "too_many": N_("一个文件最多 2,000 行，请分成几个文件"),
    "gave_up": N_("处理多次没有成功，什么也没有写入。请重新检查"),
    "overtaken": N_("登记期间有人登记了相同的内容，什么也没有写入。请重新检查"),
    "nothing_new": N_("没有可以登记的行"),
}
_DAY = re.compile(
    r"(?<!\d)((?:19|20)\d{2})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})(?!\d)"
    r"|(?<!\d)((?:19|20)\d{2})(\d{2})(\d{2})(?!\d)"
)
_CODE = re.compile(r"\d-\d{2}-\d{2}-\d{2}")
_CODED_NAME = re.compile(r"(.+?)\s*[(（]\s*(\d-\d{2}-\d{2}-\d{2})\s*(?:[,，、]\s*(\d{4})\s*年?版?)?\s*[)）]")
_LEVELS = {name: level for level, name in LEVEL_NAMES.items()}
MAX_OCCUPATION, MAX_WORKPLACE = 40, 80
Wrong = Callable[[str, str], None]
"""Takes down a fault: field and code."""


@dataclass(frozen=True, slots=True)
class RowFault:
    """What is wrong in a row: the field, its column in the sheet, the code, and the row it collides with."""

    field: str
    column: str
    code: str
    row: int = 0


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One row of a register as it was read."""

    sheet: str
    row: int
    """As the spreadsheet counts it, from 1."""
    columns: dict[str, str]
    """Field -> letter of its column."""
    texts: dict[str, str]
    faults: tuple[RowFault, ...] = ()
    identity: ResidentId | None = None
    number: CertificateNumber | None = None
    level: ExaminerLevel | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    occupation_name: str = ""
    occupation_code: str = ""
    edition: str = DEFAULT_EDITION

    def fault(self, name: str, code: str, row: int = 0) -> RowFault:
        """Build a fault at a field of this row."""
        return RowFault(name, self.columns.get(name, ""), code, row)

    @property
    def year(self) -> int:
        """The year in which the number was given."""
        return CENTURY + int(self.number.year) if self.number else 0


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of a file, or the code of why nothing was."""

    rows: tuple[RegisterRow, ...] = ()
    trouble: str = ""


def read_register(tables: Sequence[Table], today: date) -> Reading:
    """Read every sheet that has a heading row; sheets without one are passed over."""
    if not tables:
        return Reading(trouble="unreadable")
    found: list[RegisterRow] = []
    has_heading = False
    for table in tables:
        heading = _heading(table)
        if heading is None:
            continue
        has_heading = True
        at, columns = heading
        for number, cells in enumerate(table.rows[at + 1 :], start=at + 2):
            # A line that repeats the heading, or holds a sum or a signature, has neither name nor number.
            if is_filled(cells) and _is_entry(cells, columns):
                found.append(_read_row(table.name, number, cells, columns, today))
            if len(found) > MOST_ROWS:
                return Reading(trouble="too_many")
    if not has_heading:
        return Reading(trouble="no_heading")
    return Reading(tuple(found), trouble="" if found else "no_rows")


def _heading(table: Table) -> tuple[int, dict[str, int]] | None:
    by_heading = {word: name for name, words in HEADINGS.items() for word in words}
    for number, cells in enumerate(table.rows[:HEADING_WITHIN]):
        columns: dict[str, int] = {}
        for place, cell in enumerate(cells):
            name = by_heading.get(_plain(cell_text(cell)))
            if name is not None:
                columns.setdefault(name, place)
        if all(name in columns for name in REQUIRED):
            return number, columns
    return None


def _plain(text: str) -> str:
    return re.sub(r"[\s*:]", "", unicodedata.normalize("NFKC", text))


def _is_entry(cells: Sequence[object], columns: dict[str, int]) -> bool:
    name, number = (_plain(_cell(cells, columns, one)) for one in ("name", "number"))
    return bool(name or number) and name not in HEADINGS["name"] and name not in {"合计", "总计"}


def _cell(cells: Sequence[object], columns: dict[str, int], name: str) -> str:
    place = columns.get(name)
    if place is None or place >= len(cells):
        return ""
    value = cells[place]
    if isinstance(value, datetime | date):
        return f"{value:%Y-%m-%d}"
    return unicodedata.normalize("NFKC", cell_text(value)).replace("\u00a0", " ").strip()


def _read_row(
    sheet: str, number: int, cells: Sequence[object], columns: dict[str, int], today: date
) -> RegisterRow:
    texts = {name: _cell(cells, columns, name) for name in columns}
    letters = {name: column_letter(place) for name, place in columns.items()}
    faults: list[RowFault] = []

    def wrong(name: str, code: str) -> None:
        faults.append(RowFault(name, letters.get(name, ""), code))

    for name in REQUIRED:
        if not texts[name]:
            wrong(name, "missing")
    is_number = isinstance(cells[columns["id_number"]] if columns["id_number"] < len(cells) else "", float)
    identity = _person(texts, wrong, is_number=is_number, today=today)
    level = _LEVELS.get(_plain(texts["level"]))
    if texts["level"] and level is None:
        wrong("level", "level")
    parsed = CertificateNumber.parse(texts["number"])
    if texts["number"] and parsed is None:
        wrong("number", "number")
    if parsed and level and parsed.level is not level:
        wrong("number", "number_level")
    first, last = _validity(texts, wrong)
    if parsed and first and last and int(parsed.year) != first.year % 100:
        wrong("number", "year")
    occupation, code, edition = _occupation(texts, wrong)
    if len(texts.get("workplace", "")) > MAX_WORKPLACE:
        wrong("workplace", "workplace")
    return RegisterRow(
        sheet, number, letters, texts, tuple(faults), identity, parsed, level, first, last, occupation, code, edition
    )  # fmt: skip


def _person(texts: dict[str, str], wrong: Wrong, *, is_number: bool, today: date) -> ResidentId | None:
    """Read who a row is about; what its cells contradict is taken down."""
    if texts["name"] and name_reasons(texts["name"]):
        wrong("name", "name")
    identity = _identity(texts["id_number"], today)
    if texts["id_number"] and identity is None:
        wrong("id_number", "id_shortened" if is_number or "E+" in texts["id_number"].upper() else "id_number")
    sex = texts.get("sex", "")
    if identity and sex in {MALE, FEMALE} and sex != identity.sex:
        wrong("sex", "sex")
    mobile = texts.get("mobile", "")
    if mobile and not is_mobile(plain_mobile(mobile)):
        wrong("mobile", "mobile")
    return identity


def _identity(text: str, today: date) -> ResidentId | None:
    """Read an ID number; one of fifteen digits, as given until 1999, becomes its one and only long form."""
    digits = normalise_id_number(text).lstrip("'‘’")
    if len(digits) == OLD_ID_LENGTH and digits.isascii() and digits.isdigit():
        body = f"{digits[:6]}19{digits[6:]}"
        digits = body + id_check_character(body)
    read = read_resident_id(digits, today)
    return None if isinstance(read, Reason) else read


def days_in(text: str) -> list[date] | None:
    """Return the days written in a text, in their order, or None when one of them is no day."""
    found = []
    for match in _DAY.finditer(text):
        year, month, day = (int(part) for part in match.groups() if part is not None)
        try:
            found.append(date(year, month, day))
        except ValueError:
            return None
    return found


def _validity(texts: dict[str, str], wrong: Wrong) -> tuple[date | None, date | None]:
    days, issued = days_in(texts["validity"]), days_in(texts.get("issued", ""))
    if texts.get("issued") and (issued is None or len(issued) != 1):
        wrong("issued", "issued")
        return None, None
    if not texts["validity"]:
        return None, None
    if not days or len(days) > 2:  # noqa: PLR2004 - the first and the last
        wrong("validity", "validity")
        return None, None
    last = days[-1]
    first = days[0] if len(days) > 1 else issued[0] if issued else _first_of(last)
    if first >= last:
        wrong("validity", "validity_order")
        return None, None
    return first, last


def _first_of(last: date) -> date:
    """Return the first day of the validity that ends on a day (C2)."""
    after = date.fromordinal(last.toordinal() + 1)
    try:
        return after.replace(year=after.year - VALIDITY_YEARS)
    except ValueError:
        return date(after.year - VALIDITY_YEARS, 3, 1)


def _occupation(texts: dict[str, str], wrong: Wrong) -> tuple[str, str, str]:
    name, code, edition = texts["occupation"], texts.get("occupation_code", ""), texts.get("edition", "")
    if coded := _CODED_NAME.fullmatch(name):
        name, code, edition = coded[1], code or coded[2], edition or coded[3] or ""
    if len(name) > MAX_OCCUPATION:
        wrong("occupation", "occupation")
    if code and not _CODE.fullmatch(code):
        wrong("occupation_code", "occupation_code")
    edition = edition.removesuffix("版").removesuffix("年")
    if edition and not re.fullmatch(r"(19|20)\d{2}", edition):
        wrong("edition", "edition")
    return name, code, edition or DEFAULT_EDITION


def upload_reasons(byte_count: int) -> list[Reason]:
    """Say why a file is not taken."""
    if 0 < byte_count <= MOST_BYTES:
        return []
    return [
        Reason(
            "import.size", N_("表格不能是空的，也不能超过 5 MB"), now=N_("这个文件不能接收"),
            way_out=N_("请选择登记表，太大的分成几个文件"), field_name="file",
        )
    ]  # fmt: skip


def confirm_reasons(state: RegistryImportState, new_count: int) -> list[Reason]:
    """Say why the rows of a file cannot be entered now."""
    if state is RegistryImportState.CHECKED and new_count:
        return []
    return [
        Reason(
            "import.confirm", N_("检查完并且有可以登记的行，才能登记"), now=N_("这个文件现在没有可以登记的行"),
            way_out=N_("请按列出的问题改好表格，重新上传"),
        )
    ]  # fmt: skip
