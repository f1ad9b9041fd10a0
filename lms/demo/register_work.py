"""Work on the registrars' desk: an earlier register with a duplicate in it, and examiners who work elsewhere now."""

import io
from dataclasses import dataclass
from datetime import date, time, timedelta

import xlsxwriter

from lms.accounts.queries import actor_of, find_person_by_login
from lms.demo.house import DemoHouse
from lms.demo.people import CROWD, NAMED, Trainee, invented_id_number
from lms.demo.timeline import Story
from lms.plans.policy import LEVEL_NAMES
from lms.registry.policy.imports import FIELD_NAMES, RegistryImportState
from lms.registry.queries.changes import open_change, own_changes
from lms.registry.queries.entries import EntryFacts, entries_of
from lms.registry.queries.imports import get_import, own_imports
from lms.registry.service import changes, imports

REGISTER_NAME = "2020—2024年考评人员登记表（移交）.xlsx"
TWIN = NAMED[8]
"""Who stands in the earlier register too, with one wrong figure in the ID number."""
COLUMNS = (
    "name", "sex", "id_number", "mobile", "occupation", "occupation_code", "level", "number", "validity",
)  # fmt: skip
OTHERS = (
    # Name, birthday and serial of the ID number, year and serial of the certificate, its days.
    ("章佩文", date(1979, 6, 18), 412, "24", "0041", "2024-06-03至2027-06-02"),
    ("鲁望秋", date(1983, 9, 21), 415, "24", "0042", "2024-06-03至2027-06-02"),
    ("文景行", date(1975, 2, 7), 433, "21", "0011", "2021-09-06至2024-09-05"),
)


@dataclass(frozen=True, slots=True)
class Moved:
    """An examiner who works elsewhere now: where, how many days ago he asked and why, and what was answered."""

    who: Trainee
    to: str
    days_ago: int
    words: str
    answer: str = ""
    """Given on the next day; empty: it still waits."""


MOVED = (
    Moved(CROWD[11], "other institution", 6, "上月调入岚山机电，劳动合同已变更", "已与新单位核对，同意变更"),
    Moved(CROWD[13], "institution", 1, "本月起在云浦电力任培训师，合同已签"),
)
_READ_FOR = timedelta(minutes=4)
"""How long a registrar reads the report before he confirms."""


def register_taken_over(house: DemoHouse) -> Story:
    """Take the list of an earlier register over; somebody of it passed again since and stands twice."""
    yield (at := house.moment(house.today - timedelta(days=2), time(14, 30)))
    with house.read(at) as uow:
        registrar = house.member(uow, "registrar")
        taken = next((one.id for one in own_imports(uow, registrar) if one.filename == REGISTER_NAME), None)
        twin = find_person_by_login(uow, TWIN.mobile)
        assert twin is not None, "who stands twice was certified three years ago"
        entry = entries_of(uow, twin.id)[0]
    if taken is None:
        data = house.runtime.vault.seal_bytes(register_sheet(entry), imports.FILE_SEAL)
        file_key = house.runtime.storage.put(data)
        with house.write(at) as uow:
            taken = imports.upload(uow, registrar, REGISTER_NAME, file_key)
    yield (confirmed_at := at + _READ_FOR)
    with house.write(confirmed_at) as uow:
        if get_import(uow, taken).state is RegistryImportState.CHECKED:
            imports.confirm(uow, registrar, taken)


def register_sheet(entry: EntryFacts) -> bytes:
    """Return the list, issued by the institution of an entry whose holder stands in it too."""
    issuer, kind = entry.certificate_number[2:10], entry.certificate_number[10]
    mistyped = invented_id_number(TWIN.birth_date, int(TWIN.id_number[14:17]) + 10)
    rows = [
        (TWIN.name, mistyped, TWIN.mobile, f"20{issuer}{kind}0007", "2020-04-20至2023-04-19"),
        *(
            (
                name,
                invented_id_number(born, serial),
                f"1390000{serial:04d}",
                f"{year}{issuer}{kind}{number}",
                days,
            )
            for name, born, serial, year, number, days in OTHERS
        ),
    ]
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet("登记表")
        sheet.write_row(0, 0, [FIELD_NAMES[name] for name in COLUMNS])
        for line, (name, id_number, mobile, number, days) in enumerate(rows, start=1):
            sex = "男" if int(id_number[16]) % 2 else "女"
            sheet.write_row(
                line, 0,
                (name, sex, id_number, mobile, entry.occupation_name, entry.occupation_code,
                 LEVEL_NAMES[entry.level], number, days),
            )  # fmt: skip
    return out.getvalue()


def moves(house: DemoHouse, moved: Moved) -> Story:
    """Let an examiner ask for another workplace; the registrar accepts on the next day, or has not read it yet."""
    yield (asked_at := house.moment(house.today - timedelta(days=moved.days_ago), time(9, 20)))
    with house.write(asked_at) as uow:
        person = find_person_by_login(uow, moved.who.mobile)
        assert person is not None, "who moves has registered months ago"
        entry = entries_of(uow, person.id)[0]
        if not own_changes(uow, person.id):
            changes.ask(
                uow, actor_of(uow, person.id), entry.id, house.organisations[moved.to], moved.words,
                entry.employer_id or "",
            )  # fmt: skip
    if not moved.answer:
        return
    yield (answered_at := asked_at + timedelta(hours=20))
    with house.write(answered_at) as uow:
        waiting = open_change(uow, entry.id)
        if waiting is not None:
            changes.accept(uow, house.member(uow, "registrar"), waiting.id, moved.answer)
