"""An employer's list: each row answered as the public page would, in words and in a file, and nothing kept of it."""

import io
from collections.abc import Callable

import openpyxl
import pytest
from sqlalchemy import update

from lms.accounts.models import Profile
from lms.accounts.policy import Role
from lms.audit.models import AuditEvent
from lms.certificates.policy.versions import VersionCause
from lms.certificates.queries.certificates import CertificateFacts
from lms.core.unit_of_work import Runtime
from lms.registry.policy.files import BATCH_ROWS_MOST, BatchRow
from lms.registry.queries.entries import entries_of
from lms.registry.queries.verification import answer_rows
from lms.registry.service import entries as service
from lms.registry.service import reissues as reissue_service
from tests.factories.certificates import a_graduate, deliver_blank, deliver_version, number, revoke_by_two
from tests.factories.plans import a_plan
from tests.support.browser import Browser
from tests.support.people import KnownPerson, People
from tests.support.site import ClockControl
from tests.support.statements import statements

REASON = "两次警告，取消考评员资格"


@pytest.fixture
def certificates(runtime: Runtime, people: People) -> list[CertificateFacts]:
    """One that stays valid, one to be suspended, one to be revoked."""
    plan = a_plan(runtime, people)
    made = [deliver_blank(runtime, a_graduate(runtime, people, plan, photo=False)) for _ in range(3)]
    registrar = people.actor(people.staff(Role.REGISTRAR))
    with runtime.write() as uow:
        suspended, revoked = (entries_of(uow, one.person_id)[0].id for one in made[1:])
        service.suspend(uow, registrar, suspended, REASON)
    revoke_by_two(runtime, people, revoked, REASON)
    return made


@pytest.fixture
def officer(people: People, signed_in: Callable[[KnownPerson], Browser]) -> Browser:
    """An employer's officer at the desk."""
    browser = signed_in(people.staff(Role.INSTITUTION_OFFICER))
    browser.get("/desk/verification")
    return browser


def workbook(rows: list[tuple[object, object]], headings: tuple[str, str] = ("证书编号", "姓名")) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (("考评员名单", None), headings, *rows):
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def upload(officer: Browser, data: bytes, name: str = "list.xlsx"):  # type: ignore[no-untyped-def]
    return officer.post("/desk/verification", {"file": (io.BytesIO(data), name)})


def test_of_a_number_with_several_versions_the_newest_in_force_with_the_typed_name_answers(
    runtime: Runtime, people: People
) -> None:
    graduate = a_graduate(runtime, people, a_plan(runtime, people), photo=False)
    first = deliver_blank(runtime, graduate)
    registrar = people.actor(people.staff(Role.REGISTRAR))
    with runtime.read() as uow:
        entry_id = entries_of(uow, graduate.person.id)[0].id

    def told(*names: str) -> list[str]:
        rows = [BatchRow(at, first.number, name) for at, name in enumerate(names, start=2)]
        with runtime.read() as uow:
            return [str(one.standing) for one in answer_rows(uow, rows)]

    def reissue(cause: VersionCause) -> str:
        with runtime.write() as uow:
            return reissue_service.reissue(uow, registrar, entry_id, cause, "派出所更名证明，原件已核")

    reissued = reissue(VersionCause.LOST)
    assert told(first.holder_name) == ["valid"], "while the new one is printed"
    deliver_version(runtime, reissued)
    assert told(first.holder_name) == ["valid"], (
        "the old one is superseded and the new one bears the same name"
    )

    with runtime.write() as uow:
        profile = Profile.person_id == graduate.person.id
        uow.session.execute(update(Profile).where(profile).values(name="欧阳更名"))
    dropped = reissue(VersionCause.NAME_CORRECTED)
    with runtime.write() as uow:
        reissue_service.drop(uow, registrar, entry_id, dropped, "更名证明有误")
    assert told(first.holder_name, "欧阳更名") == ["valid", "not_found"], (
        "what was given up was never in force"
    )
    deliver_version(runtime, reissue(VersionCause.NAME_CORRECTED))
    assert told(first.holder_name, "欧阳更名") == ["superseded", "valid"]


def test_each_row_stands_as_its_certificate_does(
    runtime: Runtime, people: People, certificates: list[CertificateFacts], clock: ClockControl
) -> None:
    valid, suspended, revoked = certificates
    spaced = f" {valid.number[:2]} {valid.number[2:10]} {valid.number[10:]}"
    pending = number(runtime, a_graduate(runtime, people, a_plan(runtime, people)))
    rows = [
        BatchRow(2, spaced, valid.holder_name), BatchRow(3, suspended.number, suspended.holder_name),
        BatchRow(4, revoked.number, revoked.holder_name), BatchRow(5, valid.number, "王伟"),
        BatchRow(6, "263401000529999", "王伟"), BatchRow(7, "12345", "王伟"), BatchRow(8, valid.number, ""),
        BatchRow(9, "", "王伟"), BatchRow(10, pending.number, pending.holder_name),
    ]  # fmt: skip
    with runtime.read() as uow:
        told = [str(one.standing) for one in answer_rows(uow, rows)]
    assert told == [
        "valid", "suspended", "revoked", "not_found", "not_found", "faulty", "faulty", "faulty", "not_found",
    ]  # fmt: skip
    clock.advance(3 * 366 * 86_400)
    with runtime.read() as uow:
        assert [str(one.standing) for one in answer_rows(uow, rows[:3])] == ["expired", "expired", "revoked"]


def test_the_page_shows_the_answers_and_gives_them_away_as_a_workbook(
    officer: Browser, runtime: Runtime, certificates: list[CertificateFacts]
) -> None:
    valid, _suspended, revoked = certificates
    page = upload(
        officer,
        workbook(
            [(int(valid.number), valid.holder_name), (revoked.number, revoked.holder_name), ("1", "@SUM(1)")]
        ),
    )
    assert page.status_code == 200
    for words in ("有效", "已撤销", "填写有误", "证书编号为 15 位数字", valid.holder_name, "电工"):
        assert words in page.text
    assert valid.id_number_masked not in page.text
    carried = page.text.split('name="rows" type="hidden" value="')[1].split('"')[0].replace("&#34;", '"')
    sent = officer.post("/desk/verification/list.xlsx", {"rows": carried})
    sheet = openpyxl.load_workbook(io.BytesIO(sent.data)).active
    assert sheet is not None
    table = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert [row[:4] for row in table] == [
        ["行", "证书编号", "姓名", "查验结果"],
        ["3", valid.number, valid.holder_name, "有效"],
        ["4", revoked.number, revoked.holder_name, "已撤销"],
        ["5", "1", "@SUM(1)", "填写有误"],
    ]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    with runtime.read() as uow:
        events = [
            event for event in uow.session.query(AuditEvent).all() if event.tag == "certificate_list:check"
        ]
    assert len(events) == 2
    assert all(valid.number not in str(event.fields) for event in events)


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"", "a.xlsx", "文件是空的"),
        (b"x" * 1_000_001, "a.csv", "文件超过 1 MB"),
        (b"PK\x03\x04broken", "a.xlsx", "xlsx"),
        ("编号,名字\n1,2\n".encode(), "a.csv", "没有找到表头"),
        ("证书编号,姓名\n".encode(), "a.csv", "表头下面没有内容"),
        (("证书编号,姓名\n" + "1,王伟\n" * (BATCH_ROWS_MOST + 1)).encode(), "a.csv", "名单有 501 行"),
        (b"\xff\xfe\x00", "a.csv", "file-error"),
        (b"%PDF-1.7 x", "a.pdf", "file-error"),
    ],
)
def test_a_file_that_is_no_list_is_told_at_its_field(
    officer: Browser, data: bytes, name: str, words: str
) -> None:
    page = upload(officer, data, name)
    assert page.status_code == 422
    assert words in page.text
    assert 'id="file-error"' in page.text


def test_what_no_page_of_ours_has_sent_gives_no_workbook(officer: Browser) -> None:
    for rows in (
        "",
        "x",
        "[1]",
        '[[1, "a"]]',
        '[[1, 2, "a"]]',
        "[" * 100_000,
        '[[1, "a", "' + "b" * 61 + '"]]',
    ):
        assert officer.post("/desk/verification/list.xlsx", {"rows": rows}).status_code == 303


def test_five_hundred_rows_take_two_statements(
    runtime: Runtime, certificates: list[CertificateFacts]
) -> None:
    rows = [BatchRow(2, certificates[0].number, certificates[0].holder_name)] * BATCH_ROWS_MOST
    with runtime.read() as uow, statements(runtime) as asked:
        answer_rows(uow, rows)
    assert len(asked) <= 3
