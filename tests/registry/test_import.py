"""Registers of examiners certified before this system: read, judged, entered whole, and numbering goes on."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from io import BytesIO

import pytest
import xlsxwriter
from sqlalchemy import select, update

from lms.accounts.models import Person, Profile
from lms.accounts.policy import Role
from lms.accounts.policy.identity import id_check_character
from lms.accounts.queries import actor_of
from lms.accounts.service import ID_NUMBER_SEAL
from lms.audit.queries import history
from lms.certificates.invariants import INVARIANTS as CERTIFICATE_INVARIANTS
from lms.certificates.jobs import render
from lms.certificates.models.certificates import NumberSequence
from lms.certificates.policy.certificates import CERTIFICATE, CertificateState, Origin
from lms.certificates.queries.certificates import certificates_of, versions_of
from lms.core.invariants import check
from lms.core.unit_of_work import Runtime
from lms.plans.policy import PlanFacts
from lms.registry.invariants import INVARIANTS
from lms.registry.jobs import imports as jobs
from lms.registry.jobs.entries import register
from lms.registry.models.entries import RegistryEntry
from lms.registry.policy.entries import ENTRY, EntryState
from lms.registry.policy.imports import RegistryImportState, days_in, read_register
from lms.registry.queries.entries import entries_of
from lms.registry.queries.imports import ImportFacts, get_import
from lms.registry.queries.search import EntryFilter, entries
from lms.registry.service import decisions as decision_service
from lms.registry.service import imports as service
from question_bank.importing.report import Table
from tests.factories.certificates import a_graduate, deliver_blank, revoke_by_two
from tests.factories.plans import a_plan
from tests.factories.sheets import xlsx_by
from tests.support.browser import Browser
from tests.support.people import KnownPerson, People

HEADINGS = (
    "姓名", "性别", "身份证号码", "联系电话", "工作单位", "考评职业(工种)", "职业编码", "级别", "证书编号",
    "证书有效期",
)  # fmt: skip
DAY = datetime(2027, 4, 30)  # noqa: DTZ001 - a cell of a sheet knows no zone
CODE = "34010005"
"""The code of the tests' institution."""


def id_number(serial: int, born: str = "19850312") -> str:
    """Make a synthetic ID number of a man (odd serial) or a woman."""
    body = f"340103{born}{serial:03d}"
    return body + id_check_character(body)


def row(
    name: str, person: int, serial: int, *, level: str = "考评员", code: str = "6-31-01-03", number: str = "",
    validity: object = "2024-05-01至2027-04-30", id_text: object = None, mobile: str = "13800000001",
) -> tuple[object, ...]:  # fmt: skip
    """One row of a register."""
    digit = "1" if level == "高级考评员" else "2"
    return (
        name, "男" if person % 2 else "女", id_text or id_number(person), mobile, "云浦机械厂", "电工", code, level,
        number or f"24{CODE}{digit}{serial:04d}", validity,
    )  # fmt: skip


def sheet(*rows: Sequence[object], heading: Sequence[str] = HEADINGS, above: int = 1) -> bytes:
    """A workbook with a title above the headings, as offices send them."""

    def write(book: xlsxwriter.Workbook) -> None:
        page = book.add_worksheet("汇总表")
        for number in range(above):
            page.write_string(number, 0, "2024年考评人员汇总表")
        page.write_row(above, 0, heading)
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for number, cells in enumerate(rows, start=above + 1):
            for column, cell in enumerate(cells):
                if isinstance(cell, datetime):
                    page.write_datetime(number, column, cell, day)
                elif isinstance(cell, int | float):
                    page.write_number(number, column, cell)
                else:
                    page.write_string(number, column, str(cell))

    return xlsx_by(write)


@pytest.fixture
def plan(runtime: Runtime, people: People) -> PlanFacts:
    """A published plan."""
    return a_plan(runtime, people)


@pytest.fixture
def registrar(people: People) -> KnownPerson:
    """A registrar of the province."""
    return people.staff(Role.REGISTRAR)


def uploaded(runtime: Runtime, people: People, registrar: KnownPerson, data: bytes) -> str:
    """Upload a register and let it be checked; return its id."""
    key = runtime.storage.put(runtime.vault.seal_bytes(data, service.FILE_SEAL))
    with runtime.write() as uow:
        import_id = service.upload(uow, people.actor(registrar), "登记表.xlsx", key)
    jobs.check_import(runtime, import_id=import_id, turn=1)
    return import_id


def facts(runtime: Runtime, import_id: str) -> ImportFacts:
    with runtime.read() as uow:
        return get_import(uow, import_id)


def entered(runtime: Runtime, people: People, registrar: KnownPerson, import_id: str) -> ImportFacts:
    """Confirm a checked register and let its rows be entered."""
    with runtime.write() as uow:
        service.confirm(uow, people.actor(registrar), import_id)
    jobs.enter_import(runtime, import_id=import_id, turn=facts(runtime, import_id).turn)
    return facts(runtime, import_id)


def codes(found: ImportFacts) -> dict[int, list[tuple[str, str]]]:
    """Return column and code of the faults by row."""
    return {
        one["row"]: [(fault["column"], fault["code"]) for fault in one["faults"]]
        for one in found.report
        if one["faults"]
    }


def all_hold(runtime: Runtime) -> None:
    with runtime.read() as uow:
        assert check(uow, (*INVARIANTS, *CERTIFICATE_INVARIANTS)) == {}


def test_a_dry_run_writes_nothing_and_confirming_enters_everything(
    runtime: Runtime, people: People, registrar: KnownPerson
) -> None:
    data = sheet(
        row("林书禾", 11, 37),
        row("何知舟", 12, 41, level="高级考评员"),
        row("单文", 13, 5, validity="2023.01.01-2025.12.31", number=f"23{CODE}20005"),
    )
    import_id = uploaded(runtime, people, registrar, data)
    found = facts(runtime, import_id)
    assert (found.state, found.new_count, found.fault_count, found.conflict_count) == ("checked", 3, 0, 0)
    with runtime.read() as uow:
        assert uow.session.scalars(select(RegistryEntry.id)).all() == []
    done = entered(runtime, people, registrar, import_id)
    assert (done.state, done.entered_count, done.file_key) == (RegistryImportState.ENTERED, 3, None)
    all_hold(runtime)
    with runtime.read() as uow:
        listed = entries(uow, people.actor(registrar), EntryFilter())
        by_name = {one.holder_name: one for one in listed.entries}
        assert by_name["单文"].state is EntryState.EXPIRED
        assert [move.verb for move in history(uow, ENTRY.name, by_name["单文"].id)] == ["create", "expire"]
        entry = by_name["林书禾"]
        assert (entry.certificate_number, entry.state) == (f"24{CODE}20037", EntryState.ACTIVE)
        assert (entry.valid_from, entry.valid_until) == (date(2024, 5, 1), date(2027, 4, 30))
        (certificate,) = certificates_of(uow, entry.person_id)
        assert (certificate.origin, certificate.file_key) == (Origin.IMPORTED, None)
        assert [one.verb for one in history(uow, CERTIFICATE.name, certificate.id)] == ["create", "take_over"]
        found_by = [
            one.holder_name
            for one in entries(uow, people.actor(registrar), EntryFilter(words="shanwen")).entries
        ]
        assert found_by == ["单文"]
        assert (
            uow.session.scalars(select(Person.state).where(Person.id == entry.person_id)).one() == "disabled"
        )


def test_numbering_goes_on_behind_the_highest_number_taken_over(
    runtime: Runtime, people: People, registrar: KnownPerson, plan: PlanFacts
) -> None:
    this_year = [
        row("林书禾", 11, 1, number=f"26{CODE}20037", validity="2026-03-01至2029-02-28"),
        row("何知舟", 13, 1, number=f"26{CODE}20012", validity="2026-03-01至2029-02-28"),
    ]
    entered(runtime, people, registrar, uploaded(runtime, people, registrar, sheet(*this_year)))
    certificate = deliver_blank(runtime, a_graduate(runtime, people, plan))
    assert certificate.number == f"26{CODE}20038"
    later = sheet(row("单文", 15, 1, number=f"26{CODE}20020", validity="2026-03-01至2029-02-28"))
    entered(runtime, people, registrar, uploaded(runtime, people, registrar, later))
    with runtime.read() as uow:
        assert uow.session.scalars(select(NumberSequence.last)).all() == [38], "a lower number lowers nothing"
    all_hold(runtime)


def test_each_fault_is_told_at_its_row_and_column(
    runtime: Runtime, people: People, registrar: KnownPerson
) -> None:
    wrong_check = id_number(21)[:-1] + ("0" if id_number(21)[-1] != "0" else "1")
    data = sheet(
        row("林书禾", 11, 1, id_text=wrong_check),
        row("何知舟", 13, 2, id_text=340103198503120138.0),
        row("单", 15, 3),
        row("王安", 17, 4, level="二级考评员"),
        row("李文", 19, 5, number="2634010005"),
        row("赵明", 21, 6, number=f"24{CODE}10006"),
        row("钱明", 23, 7, validity="三年"),
        row("孙明", 25, 8, validity="2024-02-30至2027-02-28"),
        row("周明", 27, 9, number="249999999920009"),
        row("吴明", 29, 10, mobile="12345"),
        row("郑明", 31, 11, code=""),
        row("冯明", 33, 12, number=f"21{CODE}20012"),
        (*row("陈明", 34, 13)[:1], "男", *row("陈明", 34, 13)[2:]),
    )
    found = facts(runtime, uploaded(runtime, people, registrar, data))
    assert codes(found) == {
        3: [("C", "id_number")], 4: [("C", "id_shortened")], 5: [("A", "name")],
        6: [("H", "level")], 7: [("I", "number")], 8: [("I", "number_level")], 9: [("J", "validity")],
        10: [("J", "validity")], 11: [("I", "issuer_unknown")], 12: [("D", "mobile")],
        13: [("F", "occupation_unknown")], 14: [("I", "year")], 15: [("B", "sex")],
    }  # fmt: skip
    assert (found.new_count, found.fault_count) == (0, 13)
    assert wrong_check not in str(found.report), "ID numbers stay out of what is kept"


def test_what_is_there_already_is_known_or_in_conflict(
    runtime: Runtime, people: People, registrar: KnownPerson
) -> None:
    first = sheet(row("林书禾", 11, 1), row("何知舟", 13, 2))
    entered(runtime, people, registrar, uploaded(runtime, people, registrar, first))
    again = facts(runtime, uploaded(runtime, people, registrar, first))
    assert (again.new_count, again.known_count, again.conflict_count) == (0, 2, 0)
    second = sheet(
        row("单文", 15, 1), row("何知舟", 13, 9), row("何知州", 13, 10, level="高级考评员"), row("王安", 17, 3),
        row("李文", 19, 3), row("王安", 17, 4), row("王按", 17, 5, level="高级考评员"),
    )  # fmt: skip
    found = facts(runtime, uploaded(runtime, people, registrar, second))
    assert codes(found) == {
        3: [("I", "number_taken")], 4: [("F", "standing_taken")], 5: [("A", "name_differs")],
        7: [("I", "repeated_number")], 8: [("F", "repeated_standing")], 9: [("A", "name_differs")],
    }  # fmt: skip
    assert (found.new_count, found.conflict_count) == (1, 6)


def test_quirks_of_real_sheets_are_read(runtime: Runtime, people: People, registrar: KnownPerson) -> None:
    old = "340103850312017"
    heading = ("序号", " 姓 名 ", "身份证号", "考评职业（工种）", "级 别", "证书编号", "有效期至", "单位")
    rows = [
        (
            1,
            "林书禾 ",
            id_number(11).lower(),
            "电工（6-31-01-03，2022年版）",
            "考评员",
            f"24 {CODE} 2 0001",
            DAY,
            "云浦",
        ),
        ("", "", "", "", "", "", "", ""),
        (
            2,
            "何知舟",
            old,
            "电工（6-31-01-03）",
            "高级考评员",
            f"２４{CODE}１０００２",
            "2027年4月30日",
            "云浦",
        ),
        ("合计", "", "", "", "", "", "", ""),
    ]
    found = facts(runtime, uploaded(runtime, people, registrar, sheet(*rows, heading=heading, above=3)))
    assert codes(found) == {}
    assert found.new_count == 2
    entered(runtime, people, registrar, found.id)
    with runtime.read() as uow:
        index = uow.vault.index(
            f"340103{'19'}850312017" + id_check_character("34010319850312017"), ID_NUMBER_SEAL
        )
        kept = uow.session.scalars(select(RegistryEntry).where(RegistryEntry.id_number_index == index)).one()
        assert kept.holder_name == "何知舟"
        assert (kept.valid_from, kept.valid_until) == (date(2024, 5, 1), date(2027, 4, 30))
    all_hold(runtime)


@pytest.mark.parametrize(
    ("data", "trouble"),
    [
        (b"PK\x03\x04 not a workbook", "unreadable"), (b"no table", "no_heading"),
        (sheet(heading=("姓名", "电话")), "no_heading"), (sheet(), "no_rows"),
        (sheet(*[row("林书禾", 11, 1)] * 2001), "too_many"),
    ],
    ids=["broken", "no_table", "no_heading", "no_rows", "too_many"],
)  # fmt: skip
def test_a_file_as_a_whole_may_be_refused(
    runtime: Runtime, people: People, registrar: KnownPerson, data: bytes, trouble: str
) -> None:
    found = facts(runtime, uploaded(runtime, people, registrar, data))
    assert (found.state, found.trouble) == (RegistryImportState.FAILED, trouble)


def test_a_registrar_enters_only_what_his_scope_issued(runtime: Runtime, people: People) -> None:
    elsewhere = people.staff(Role.REGISTRAR, organisation_id=people.other_city_id)
    found = facts(runtime, uploaded(runtime, people, elsewhere, sheet(row("林书禾", 11, 1))))
    assert codes(found) == {3: [("I", "issuer_beyond")]}


def test_what_was_overtaken_enters_nothing_and_running_twice_enters_once(
    runtime: Runtime, people: People, registrar: KnownPerson
) -> None:
    data = sheet(row("林书禾", 11, 1), row("何知舟", 13, 2))
    first, second = (uploaded(runtime, people, registrar, data) for _ in range(2))
    done = entered(runtime, people, registrar, first)
    jobs.enter_import(runtime, import_id=first, turn=done.turn)
    late = entered(runtime, people, registrar, second)
    assert (late.entered_count, late.known_count) == (0, 2)
    with runtime.read() as uow:
        assert len(uow.session.scalars(select(RegistryEntry.id)).all()) == 2
    all_hold(runtime)


def test_the_real_person_gets_the_earlier_entry_when_he_is_certified_again(
    runtime: Runtime, people: People, registrar: KnownPerson, plan: PlanFacts
) -> None:
    person = people.trainee()
    graduate = a_graduate(runtime, people, plan, person=person)
    with runtime.read() as uow:
        profile = uow.session.get(Profile, person.id)
        assert profile is not None
        number, name = uow.vault.open(profile.id_number_sealed, ID_NUMBER_SEAL), profile.name
    expired = row(name, 11, 1, number=f"20{CODE}20001", validity="2020-05-01至2023-04-30", id_text=number)
    import_id = uploaded(runtime, people, registrar, sheet((expired[0], "", *expired[2:])))
    entered(runtime, people, registrar, import_id)
    with runtime.read() as uow:
        (entry,) = entries_of(uow, person.id)
        assert entry.state is EntryState.EXPIRED, "he has an account: the entry is his at once"
    renewed = deliver_blank(runtime, graduate)
    with runtime.read() as uow:
        (after,) = entries_of(uow, person.id)
        assert (after.id, after.certificate_number) == (entry.id, renewed.number)
        found = entries(uow, actor_of(uow, registrar.id), EntryFilter(words=f"20{CODE}20001")).entries
        assert [one.id for one in found] == [entry.id], "the old number still finds it"
    all_hold(runtime)


def test_an_earlier_certificate_that_is_lost_or_was_revoked_in_error_is_printed_here(
    runtime: Runtime, people: People, registrar: KnownPerson, signed_in: Callable[[KnownPerson], Browser]
) -> None:
    entered(runtime, people, registrar, uploaded(runtime, people, registrar, sheet(row("林书禾", 12, 1))))
    with runtime.read() as uow:
        (entry,) = entries(uow, actor_of(uow, registrar.id), EntryFilter(words="林书禾")).entries
    browser = signed_in(registrar)
    chain = browser.get(f"/desk/registry/{entry.id}").text
    assert "从以前的登记导入" in chain
    assert "编号，2" not in chain, "it was neither numbered nor issued here"
    page = browser.get(f"/desk/registry/{entry.id}/reissue")
    assert "林书禾" in page.text, "who never registered here keeps the name of the register"
    browser.post(f"/desk/registry/{entry.id}/reissue", {"cause": "lost", "reason": "持证人登报声明遗失"})
    with runtime.read() as uow:
        second, first = versions_of(uow, entry.certificate_number)
    render(runtime, certificate_id=second.id)
    register(runtime, certificate_id=second.id)
    revoke_by_two(runtime, people, entry.id, "两次警告，取消考评员资格")
    proposer, decider = (people.actor(people.staff(Role.REGISTRAR)) for _ in range(2))
    with runtime.write() as uow:
        decision_id = decision_service.propose_restoration(uow, proposer, entry.id, "复核后撤销依据不成立")
    with runtime.write() as uow:
        decision_service.decide(uow, decider, entry.id, decision_id)
    with runtime.read() as uow:
        third = versions_of(uow, entry.certificate_number)[0]
    render(runtime, certificate_id=third.id)
    register(runtime, certificate_id=third.id)
    with runtime.read() as uow:
        stand = [(one.version, one.state, bool(one.file_key)) for one in versions_of(uow, first.number)]
        assert entries_of(uow, entry.person_id)[0].state is EntryState.ACTIVE
    assert stand == [
        (3, CertificateState.ISSUED, True), (2, CertificateState.REVOKED, True),
        (1, CertificateState.SUPERSEDED, False),
    ]  # fmt: skip
    all_hold(runtime)


def test_who_registers_later_gets_what_was_held_for_him_when_he_is_certified_again(
    runtime: Runtime, people: People, registrar: KnownPerson, plan: PlanFacts
) -> None:
    held = row("林书禾", 11, 1, number=f"20{CODE}20001", validity="2020-05-01至2023-04-30")
    entered(runtime, people, registrar, uploaded(runtime, people, registrar, sheet(held)))
    person = people.trainee()
    with runtime.write() as uow:
        index = uow.vault.index(id_number(11), ID_NUMBER_SEAL)
        uow.session.execute(
            update(Profile).where(Profile.person_id == person.id).values(id_number_index=index, name="林书禾")
        )
    with runtime.read() as uow:
        assert entries_of(uow, person.id) == [], "an ID number that somebody types proves nothing"
    deliver_blank(runtime, a_graduate(runtime, people, plan, person=person))
    with runtime.read() as uow:
        assert len(entries_of(uow, person.id)) == 1
        assert [one.origin for one in certificates_of(uow, person.id)] == [Origin.ISSUED, Origin.IMPORTED]
    all_hold(runtime)


def test_days_are_read_as_offices_write_them() -> None:
    for text in (
        "2024-05-01至2027-04-30",
        "2024.5.1-2027.4.30",
        "2024年5月1日至2027年4月30日",
        "20240501-20270430",
        "2024/5/1~2027/4/30",
    ):
        assert days_in(text) == [date(2024, 5, 1), date(2027, 4, 30)], text
    assert days_in("长期") == []
    assert days_in("2024-02-30") is None


def test_strange_cells_are_faults_and_never_a_crash() -> None:
    cells = ("x" * 9000, None, float("nan"), True, -1, "=cmd()", "\x00", "9" * 400, "2027-99-99", "\u202e")
    table = Table("表", [HEADINGS, cells, cells[:3], tuple(reversed(cells))])
    reading = read_register([table], date(2026, 11, 21))
    assert all(one.faults for one in reading.rows)


SignedIn = Callable[[KnownPerson], Browser]


def test_a_registrar_uploads_looks_and_decides_in_the_browser(
    signed_in: SignedIn, runtime: Runtime, people: People, registrar: KnownPerson
) -> None:
    desk = signed_in(registrar)
    assert "/desk/registry/imports" in desk.get("/desk/registry").text
    assert desk.get("/desk/registry/imports").status_code == 200
    assert desk.post("/desk/registry/imports", {}).status_code == 422
    data = sheet(row("林书禾", 11, 1), row("何知舟", 13, 2, id_text="1"))
    sent = desk.post("/desk/registry/imports", {"file": (BytesIO(data), "登记表.xlsx")})
    assert sent.status_code == 303
    address = sent.headers["Location"]
    assert "data-live-url" in desk.get(address).text
    import_id = address.rsplit("/", 1)[1]
    jobs.check_import(runtime, import_id=import_id, turn=1)
    page = desk.get(address).text
    assert "登记这 1 条" in page
    assert "身份证号码不正确" in page
    assert "C 列" in page
    stranger = signed_in(people.staff(Role.REGISTRAR))
    assert stranger.get(address).status_code == 404
    assert stranger.post(f"{address}/confirm", {}).status_code == 404
    assert desk.post(f"{address}/confirm", {}).status_code == 303
    jobs.enter_import(runtime, import_id=import_id, turn=2)
    assert "已登记 1 条" in desk.get(address).text
    assert "林书禾" in desk.get("/desk/registry?q=linshuhe").text
    assert desk.post(f"{address}/discard", {}).status_code == 409
