"""A file is asked for, written by a job, fetched by the one who asked, and let go after a week."""

import io
from collections.abc import Callable, Iterator
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from lms.accounts import service as accounts
from lms.accounts.models import Person, RoleGrant
from lms.accounts.policy import Role
from lms.app.handlers import HANDLERS, WRITERS
from lms.audit.models import AuditEvent
from lms.core import invariants
from lms.core.actors import Actor
from lms.core.errors import NotFound, Refusal
from lms.core.storage import MissingFile
from lms.core.unit_of_work import Runtime
from lms.exports import jobs, queries, service
from lms.exports.invariants import INVARIANTS
from lms.exports.models import Export
from lms.exports.policy import KEPT_FOR, STALLED_AFTER, ExportKind, ExportState, Failure
from lms.exports.queries import ExportFacts
from lms.exports.service import SEAL
from lms.questions import service as questions
from lms.questions.policy import ItemFilter
from question_bank.exporting import ExportFormat
from question_bank.exporting.xlsx import write_items
from question_bank.importing import read_questions
from question_bank.items import Item
from tests.factories.certificates import a_graduate, deliver_blank
from tests.factories.plans import a_plan
from tests.factories.questions import multiple, single, true_false
from tests.support.browser import Browser
from tests.support.people import KnownPerson, People
from tests.support.site import ClockControl, Site

SignIn = Callable[[KnownPerson], Browser]
PURPOSE = "交给命题组复核答案"
ITEMS = (single(), multiple(), true_false())


@pytest.fixture(autouse=True)
def _all_holds(runtime: Runtime) -> Iterator[None]:
    """After every story the invariants of exports hold."""
    yield
    with runtime.read() as uow:
        assert invariants.check(uow, INVARIANTS) == {}


@pytest.fixture
def keeper(people: People) -> KnownPerson:
    """A question administrator."""
    return people.staff(Role.QUESTION_ADMIN)


@pytest.fixture
def actor(people: People, keeper: KnownPerson, runtime: Runtime) -> Actor:
    """The same as an actor, with a bank of three."""
    bring(runtime, *ITEMS)
    return people.actor(keeper)


def bring(runtime: Runtime, *items: Item) -> None:
    with runtime.write() as uow:
        questions.import_questions(uow, Actor.system("test"), "题.xlsx", write_items(items))


def ask(runtime: Runtime, actor: Actor, wanted: ItemFilter | None = None, format_: str = "xlsx") -> str:
    with runtime.write() as uow:
        return questions.request_export(uow, actor, wanted or ItemFilter(), ExportFormat(format_), PURPOSE)


def look(runtime: Runtime, export_id: str) -> ExportFacts:
    with runtime.read() as uow:
        return queries.get_export(uow, export_id)


def content(runtime: Runtime, export: ExportFacts) -> bytes:
    return runtime.vault.open_bytes(runtime.storage.get(export.file_key or ""), SEAL)


def set_row(runtime: Runtime, export_id: str, **values: Any) -> None:
    with runtime.write() as uow:
        uow.session.execute(update(Export).where(Export.id == export_id).values(**values))


# -- one file, from the list to the disk ------------------------------------------------------------


def test_an_administrator_takes_filtered_questions_out_by_hand(
    site: Site, runtime: Runtime, actor: Actor, keeper: KnownPerson, signed_in: SignIn
) -> None:
    browser = signed_in(keeper)
    listed = browser.get("/questions/?type=single").text
    assert "/questions/export?type=single" in listed
    page = browser.get("/questions/export?type=single").text
    assert "符合条件的有 1 条" in page
    assert "题型：单选题" in page
    asked = browser.post("/questions/export?type=single", {"format": "gift", "purpose": PURPOSE})
    assert asked.status_code == 303
    card = browser.get(f"{asked.location}/card").text
    assert "data-live-url" in card
    assert "0 / 1" in card
    assert browser.get(f"{asked.location}/file").status_code == 409
    site.run_jobs()
    card = browser.get(f"{asked.location}/card").text
    assert "data-live-url" not in card
    assert "1 条已写入文件" in card
    got = browser.get(f"{asked.location}/file")
    assert got.headers["Content-Disposition"].endswith(".gift.txt")
    assert {item.stem for item in [one.item for one in read_questions(got.data, "a.gift.txt").items]} == {
        single().stem
    }
    assert PURPOSE in browser.get(asked.location).text
    assert "可以下载" in browser.get("/exports/").text
    with runtime.read() as uow:
        tags = set(uow.session.scalars(select(AuditEvent.tag).where(AuditEvent.tag.startswith("export:"))))
        fields = " ".join(uow.session.scalars(select(AuditEvent.fields)))
    assert tags == {"export:create", "export:begin", "export:deliver", "export:fetch"}
    assert PURPOSE in fields


@pytest.mark.parametrize("format_", list(ExportFormat))
def test_every_format_holds_what_the_bank_holds(
    site: Site, runtime: Runtime, actor: Actor, format_: str
) -> None:
    export_id = ask(runtime, actor, format_=format_)
    site.run_jobs()
    export = look(runtime, export_id)
    assert (export.state, export.written, export.done) == (ExportState.DONE, 3, 3)
    again = read_questions(content(runtime, export), f"a{export.format.suffix}")
    assert {one.item.stem for one in again.items} == {item.stem for item in ITEMS}


def test_what_a_format_cannot_carry_is_said_on_the_page(
    site: Site, runtime: Runtime, actor: Actor, keeper: KnownPerson, signed_in: SignIn
) -> None:
    export_id = ask(runtime, actor, format_="gift")
    site.run_jobs()
    assert look(runtime, export_id).losses
    page = signed_in(keeper).get(f"/exports/{export_id}").text
    assert "这种格式放不下的内容" in page
    assert "第 1、2、3 题" in page


def test_the_file_is_unreadable_where_it_lies(site: Site, runtime: Runtime, actor: Actor) -> None:
    export_id = ask(runtime, actor, format_="gift")
    site.run_jobs()
    stored = runtime.storage.get(look(runtime, export_id).file_key or "")
    assert single().stem.encode() not in stored
    assert single().stem.encode() in content(runtime, look(runtime, export_id))


def test_mail_says_that_the_file_is_there(site: Site, runtime: Runtime, actor: Actor) -> None:
    with runtime.write() as uow:
        uow.session.execute(
            update(Person).where(Person.id == actor.person_id).values(email="keeper@example.test")
        )
    export_id = ask(runtime, actor)
    site.run_jobs()
    mails = [path.read_bytes() for path in (runtime.settings.instance_dir / "mail").glob("*.eml")]
    assert len(mails) == 1
    assert b"keeper@example.test" in mails[0]
    assert look(runtime, export_id).is_open is False


# -- who may not, and why ---------------------------------------------------------------------------


def test_a_request_without_purpose_or_rows_or_beside_another_is_refused(
    runtime: Runtime, actor: Actor, keeper: KnownPerson, signed_in: SignIn
) -> None:
    browser = signed_in(keeper)
    browser.get("/questions/export")
    for sent in ({"format": "xlsx", "purpose": "查"}, {"format": "docx", "purpose": PURPOSE}, {}):
        refused = browser.post("/questions/export", sent)
        assert refused.status_code == 422, sent
        assert 'id="errors"' in refused.text
    assert "现在没有符合条件的记录" in browser.get("/questions/export?area=nowhere").text
    empty = browser.post("/questions/export?area=nowhere", {"format": "xlsx", "purpose": PURPOSE})
    assert empty.status_code == 422
    ask(runtime, actor)
    assert "您的上一份还没有写完" in browser.get("/questions/export").text
    with pytest.raises(Refusal) as refused_here:
        ask(runtime, actor)
    assert [reason.code for reason in refused_here.value.reasons] == ["export.one_at_a_time"]


def test_the_database_itself_refuses_a_second_open_file_and_a_file_without_its_end(
    runtime: Runtime, actor: Actor
) -> None:
    export_id = ask(runtime, actor)
    row = {"id": "x" * 16, "kind": ExportKind.BANK, "format": "xlsx", "filters": "{}", "described": "[]",
           "purpose": PURPOSE, "state": "waiting", "total": 1, "done": 0, "losses": "[]",
           "person_id": actor.person_id}  # fmt: skip
    with pytest.raises(Refusal), runtime.write() as uow:
        uow.session.add(Export(**row, created_at=uow.now, touched_at=uow.now))
    for values in ({"state": "done"}, {"done": 4}, {"state": "failed"}, {"kind": "people"}):
        with pytest.raises(IntegrityError):
            set_row(runtime, export_id, **values)


def test_who_has_lost_the_role_gets_neither_a_new_file_nor_an_old_one(
    site: Site, runtime: Runtime, actor: Actor, keeper: KnownPerson, people: People, signed_in: SignIn
) -> None:
    first = ask(runtime, actor)
    site.run_jobs()
    second = ask(runtime, actor)
    with runtime.read() as uow:
        grant_id = uow.session.scalars(select(RoleGrant.id).where(RoleGrant.person_id == keeper.id)).one()
    browser = signed_in(keeper)
    with runtime.write() as uow:
        accounts.revoke_role(uow, people.operator, grant_id)
    site.run_jobs()
    assert look(runtime, second).failure is Failure.ROLE_LOST
    browser = signed_in(keeper)
    assert browser.get(f"/exports/{first}/file").status_code == 409
    assert "您的账号现在没有这个角色" in browser.get(f"/exports/{first}").text
    assert browser.post(f"/exports/{second}/again").status_code == 409
    with pytest.raises(NotFound), runtime.read() as uow:
        queries.get_own_export(uow, people.actor(people.staff(Role.QUESTION_ADMIN)), first)


# -- what goes wrong --------------------------------------------------------------------------------


def test_a_job_that_was_killed_in_the_middle_runs_again_and_leaves_one_file(
    site: Site, runtime: Runtime, actor: Actor, monkeypatch: pytest.MonkeyPatch, clock: ClockControl
) -> None:
    export_id = ask(runtime, actor)

    def killed(*_: object) -> None:
        raise SystemExit(9)

    dying = jobs.writing({ExportKind.BANK: killed})
    with pytest.raises(SystemExit):
        dying(runtime, export_id=export_id)
    assert look(runtime, export_id).state is ExportState.RUNNING
    site.run_jobs()
    assert look(runtime, export_id).state is ExportState.DONE
    kept = set(runtime.storage.keys())
    HANDLERS["exports.write"](runtime, export_id=export_id)
    assert set(runtime.storage.keys()) == kept


def test_two_workers_at_once_leave_one_file(runtime: Runtime, actor: Actor) -> None:
    export_id = ask(runtime, actor)
    write = HANDLERS["exports.write"]

    def overtaken(*given: Any) -> service.Written:
        write(runtime, export_id=export_id)  # another worker, faster
        return WRITERS[ExportKind.BANK](*given)

    before = set(runtime.storage.keys())
    jobs.writing({ExportKind.BANK: overtaken})(runtime, export_id=export_id)
    assert set(runtime.storage.keys()) - before == {look(runtime, export_id).file_key}


def test_an_export_that_nobody_gets_on_with_is_given_up_and_can_be_asked_for_again(
    site: Site, runtime: Runtime, actor: Actor, keeper: KnownPerson, signed_in: SignIn, clock: ClockControl
) -> None:
    export_id = ask(runtime, actor)
    jobs.sweep_stalled(runtime)
    assert look(runtime, export_id).state is ExportState.WAITING
    clock.advance(STALLED_AFTER.total_seconds() + 1)
    jobs.sweep_stalled(runtime)
    assert look(runtime, export_id).failure is Failure.STALLED
    browser = signed_in(keeper)
    page = browser.get(f"/exports/{export_id}").text
    assert "写文件的任务没有完成" in page
    assert browser.post(f"/exports/{export_id}/again").status_code == 303
    site.run_jobs()
    assert look(runtime, export_id).state is ExportState.DONE


def test_after_a_week_the_file_is_let_go_and_the_record_stays(
    site: Site, runtime: Runtime, actor: Actor, keeper: KnownPerson, signed_in: SignIn, clock: ClockControl
) -> None:
    export_id = ask(runtime, actor)
    site.run_jobs()
    key = look(runtime, export_id).file_key or ""
    clock.advance(KEPT_FOR.total_seconds() - 60)
    jobs.sweep_spent(runtime)
    assert runtime.storage.size(key) > 0
    clock.advance(120)
    jobs.sweep_spent(runtime)
    with pytest.raises(MissingFile):
        runtime.storage.size(key)
    browser = signed_in(keeper)
    assert browser.get(f"/exports/{export_id}/file").status_code == 409
    page = browser.get(f"/exports/{export_id}").text
    assert "这份文件已经清除" in page
    assert PURPOSE in page


def test_the_invariants_see_a_lost_file_and_a_forgotten_one(
    site: Site, runtime: Runtime, actor: Actor, clock: ClockControl
) -> None:
    export_id = ask(runtime, actor)
    clock.advance(3700)
    with runtime.read() as uow:
        assert set(invariants.check(uow, INVARIANTS)) == {"X3"}
    site.run_jobs()
    export = look(runtime, export_id)
    runtime.storage.remove(export.file_key or "")
    clock.advance(9 * 24 * 3600)
    with runtime.read() as uow:
        assert set(invariants.check(uow, INVARIANTS)) == {"X1", "X2"}
    jobs.sweep_spent(runtime)


# -- the registrar's list ---------------------------------------------------------------------------


def test_a_registrar_takes_out_the_list_of_his_scope_without_id_numbers(
    site: Site, runtime: Runtime, people: People, signed_in: SignIn
) -> None:
    graduate = a_graduate(runtime, people, a_plan(runtime, people))
    certificate = deliver_blank(runtime, graduate)
    registrar = signed_in(people.staff(Role.REGISTRAR))
    assert "/desk/registry/export" in registrar.get("/desk/registry").text
    asked = registrar.post(
        "/desk/registry/export?standing=valid", {"format": "xlsx", "purpose": "春季派遣名单"}
    )
    assert asked.status_code == 303
    site.run_jobs()
    got = registrar.get(f"{asked.location}/file")
    rows = list(openpyxl.load_workbook(io.BytesIO(got.data)).active.iter_rows(values_only=True))
    assert rows[0][:2] == ("证书编号", "姓名")
    assert [row[:2] for row in rows[1:]] == [(certificate.number, certificate.holder_name)]
    assert rows[1][-1] == "有效"
    assert not any("*" in str(cell) or len(str(cell)) == 18 for row in rows[1:] for cell in row)
    elsewhere = signed_in(people.staff(Role.REGISTRAR, organisation_id=people.other_city_id))
    assert "符合条件的有 0 条" in elsewhere.get("/desk/registry/export").text
    auditor = signed_in(people.staff(Role.AUDITOR))
    assert "/desk/registry/export" not in auditor.get("/desk/registry").text
    assert auditor.get("/desk/registry/export").status_code == 403
