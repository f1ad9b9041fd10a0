"""Headings that nobody knows: the owner says what they are, once for all files that have them."""

import io
from collections.abc import Callable

import pytest
import xlsxwriter

from lms.accounts.policy import Role
from lms.core.errors import Invalid, NotFound
from lms.core.unit_of_work import Runtime
from lms.questions import queries, service
from lms.questions.policy import ImportState
from question_bank.importing import columns_of, read_sheets
from question_bank.items import ItemType
from tests.questions.test_imports import OPERATOR, batch_of, confirm, drawable, upload
from tests.support.browser import Browser
from tests.support.people import KnownPerson, People
from tests.support.site import Site

SignIn = Callable[[KnownPerson], Browser]
HEADINGS = ("问的话", "第一个", "第二个", "哪个对", "哪一类", "讲哪块")
SAID = {"A": "stem", "B": "option:A", "C": "option:B", "D": "answer", "E": "type", "F": "area"}


def workbook(
    *rows: tuple[str, ...], headings: tuple[str, ...] = HEADINGS, title: str = "二〇二六年题目"
) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("一月")
        sheet.write_string(0, 0, title)
        for number, row in enumerate((headings, *rows), start=1):
            sheet.write_row(number, 0, row)
    return out.getvalue()


FILE = workbook(
    ("题一（ ）？", "甲", "乙", "A", "单选", "政策法规"), ("题二（ ）？", "甲", "乙", "B", "单选", "政策法规")
)

OTHER = workbook(("题一（ ）？", "甲", "乙", "A"), headings=("话", "壹", "贰", "对"))
OTHER_SAID = {"A": "stem", "B": "option:A", "C": "option:B", "D": "answer"}


def failed(site: Site, data: bytes = FILE) -> str:
    batch_id = upload(site.runtime, data)
    site.run_jobs()
    assert batch_of(site.runtime, batch_id).state is ImportState.FAILED
    return batch_id


def say(runtime: Runtime, batch_id: str, name: str = "", **said: str) -> None:
    with runtime.write() as uow:
        service.map_columns(uow, OPERATOR, batch_id, said, name)


def test_unknown_headings_are_shown_with_their_first_rows() -> None:
    columns = columns_of(read_sheets(FILE, "题.xlsx"))
    assert columns is not None
    assert (columns.sheet, columns.row, columns.is_known) == ("一月", 2, False)
    assert [one.heading for one in columns.columns] == list(HEADINGS)
    assert columns.columns[0].samples == ("题一（ ）？", "题二（ ）？")
    assert columns_of([]) is None


def test_a_file_is_read_by_what_its_owner_said(site: Site) -> None:
    batch_id = failed(site)
    say(site.runtime, batch_id, **SAID)
    site.run_jobs()
    batch = batch_of(site.runtime, batch_id)
    assert (batch.state, batch.new_count, batch.fault_count) == (ImportState.CHECKED, 2, 0)
    assert batch.columns is not None
    assert [one.field for one in batch.columns.columns] == list(SAID.values())
    assert {(one.item.stem, *sorted(one.item.answer)) for one in batch.sample} == {
        ("题一（ ）？", "A"), ("题二（ ）？", "B"),
    }  # fmt: skip
    assert batch.sample[0].item.type is ItemType.SINGLE
    confirm(site.runtime, batch_id)
    site.run_jobs()
    assert drawable(site.runtime) == 2


def test_a_saved_profile_is_applied_by_itself_to_the_same_headings_in_any_order(site: Site) -> None:
    say(site.runtime, failed(site), "某省题库", **SAID)
    site.run_jobs()
    turned = workbook(("政策法规", "单选", "B", "乙", "甲", "题三（ ）？"), headings=HEADINGS[::-1])
    batch_id = upload(site.runtime, turned)
    site.run_jobs()
    batch = batch_of(site.runtime, batch_id)
    assert (batch.state, batch.profile_name, batch.new_count) == (ImportState.CHECKED, "某省题库", 1)
    assert batch.sample[0].item.answer == {"B"}
    other = failed(site, workbook(("x", "y"), headings=("完全", "不同")))
    assert batch_of(site.runtime, other).profile_name is None


def test_saving_again_replaces_and_a_name_stands_for_one_kind_of_table(site: Site) -> None:
    batch_id = failed(site)
    say(site.runtime, batch_id, "某省题库", **SAID)
    site.run_jobs()
    say(site.runtime, batch_id, "改了名字", **SAID)
    site.run_jobs()
    with site.runtime.read() as uow:
        columns = batch_of(site.runtime, batch_id).columns
        assert columns is not None
        saved = queries.saved_profile(uow, columns.key)
        assert saved is not None
        assert saved[0] == "改了名字"
    other = failed(site, workbook(("题", "甲", "乙", "A"), headings=("话", "壹", "贰", "对")))
    with pytest.raises(Invalid) as refused:
        say(site.runtime, other, "改了名字", A="stem", B="option:A", C="option:B", D="answer")
    assert refused.value.reasons[0].code == "mapping.name_taken"
    assert batch_of(site.runtime, other).state is ImportState.FAILED


@pytest.mark.parametrize(
    ("said", "code"),
    [({"D": "answer"}, "mapping.no_stem"), ({"A": "stem", "B": "stem"}, "mapping.twice"),
     ({"A": "stem", "B": "nonsense"}, "mapping.unknown"), ({"A": "stem", "ZZ": "answer"}, "mapping.unknown")],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_a_reason(site: Site, said: dict[str, str], code: str) -> None:
    batch_id = failed(site)
    with pytest.raises(Invalid) as refused:
        say(site.runtime, batch_id, **said)
    assert code in {reason.code for reason in refused.value.reasons}
    assert batch_of(site.runtime, batch_id).turn == 1


def test_columns_of_one_heading_cannot_mean_two_things(site: Site) -> None:
    batch_id = failed(site, workbook(("题", "甲", "乙", "A"), headings=("话", "选", "选", "对")))
    with pytest.raises(Invalid) as refused:
        say(site.runtime, batch_id, A="stem", B="option:A", C="option:B", D="answer")
    assert [reason.code for reason in refused.value.reasons] == ["mapping.same_heading"]


def test_a_file_without_columns_has_none_to_look_at(site: Site) -> None:
    batch_id = upload(site.runtime, "1. 题（ ）？\nA. 甲\nB. 乙\n答案：A\n".encode(), "题.txt")
    site.run_jobs()
    with pytest.raises(NotFound):
        say(site.runtime, batch_id, A="stem")


def test_the_page_says_what_is_wrong_and_then_checks_anew(
    site: Site, people: People, signed_in: SignIn
) -> None:
    admin = signed_in(people.staff(Role.QUESTION_ADMIN))
    batch_id = failed(site)
    address = f"/questions/imports/{batch_id}"
    assert f"{address}/columns" in admin.get(address).text
    page = admin.get(f"{address}/columns").text
    for words in ("第一个", "题一（ ）？", "没有认出，不导入"):
        assert words in page
    refused = admin.post(f"{address}/columns", {"column-D": "answer", "name": "x" * 41})
    assert refused.status_code == 422
    assert "要有一列是题干" in admin.post(f"{address}/columns", {"column-D": "answer"}).text
    sent = {f"column-{letter}": name for letter, name in SAID.items()} | {"name": "某省题库"}
    assert admin.post(f"{address}/columns", sent).status_code == 303
    assert admin.post(f"{address}/columns", sent).status_code == 409
    assert admin.get(f"{address}/columns").status_code in {404, 409}
    site.run_jobs()
    assert "导入 2 行" in admin.get(address).text
    again = upload(site.runtime, FILE + b"", "又一份.xlsx")
    site.run_jobs()
    assert "某省题库" in admin.get(f"/questions/imports/{again}").text
    assert admin.get("/questions/imports/nobody/columns").status_code == 404


def test_a_profile_is_listed_shown_renamed_and_deleted(site: Site, people: People, signed_in: SignIn) -> None:
    admin = signed_in(people.staff(Role.QUESTION_ADMIN))
    assert "还没有保存过方案" in admin.get("/questions/imports/profiles").text
    say(site.runtime, failed(site), "某省题库", **SAID)
    say(site.runtime, failed(site, OTHER), "别的表", **OTHER_SAID)
    with site.runtime.read() as uow:
        profile_id = next(one.id for one in queries.saved_profiles(uow) if one.name == "某省题库")
    address = f"/questions/imports/profiles/{profile_id}"
    assert address in admin.get("/questions/imports/profiles").text
    for words in ("问的话", "题干", "选项 B"):
        assert words in admin.get(address).text
    assert admin.post(address, {"name": "别的表"}).status_code == 422
    assert admin.post(address, {"name": "  "}).status_code == 422
    assert admin.post(address, {"name": "长" * 41}).status_code == 422
    assert admin.post(address, {"name": "江岚省题库"}).status_code == 303
    assert "江岚省题库" in admin.get("/questions/imports/profiles").text
    assert admin.post(f"{address}/delete").status_code == 303
    assert admin.get(address).status_code == 404
    assert admin.post(f"{address}/delete").status_code == 404


def test_a_file_is_read_by_another_profile_or_by_none(site: Site, people: People, signed_in: SignIn) -> None:
    admin = signed_in(people.staff(Role.QUESTION_ADMIN))
    say(site.runtime, failed(site), "某省题库", **SAID)
    site.run_jobs()
    batch_id = upload(site.runtime, FILE, "又一份.xlsx")
    site.run_jobs()
    address = f"/questions/imports/{batch_id}"
    assert "各列按保存过的方案“某省题库”理解" in admin.get(address).text
    assert "换一个保存过的方案" in admin.get(f"{address}/columns").text
    assert admin.post(f"{address}/profile", {"profile": ""}).status_code == 303
    site.run_jobs()
    assert batch_of(site.runtime, batch_id).state is ImportState.FAILED
    with site.runtime.read() as uow:
        [saved] = queries.saved_profiles(uow)
    assert admin.post(f"{address}/profile", {"profile": saved.id}).status_code == 303
    site.run_jobs()
    batch = batch_of(site.runtime, batch_id)
    assert (batch.state, batch.profile_name, batch.new_count) == (ImportState.CHECKED, "某省题库", 2)
    assert admin.post(f"{address}/profile", {"profile": "nobody"}).status_code == 404
    confirm(site.runtime, batch_id)
    assert admin.post(f"{address}/profile", {"profile": ""}).status_code == 409
