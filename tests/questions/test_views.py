"""The bank's pages, as a question administrator and others meet them."""

import html
import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from lms.accounts.access import access_of
from lms.accounts.policy import Role
from lms.core.actors import Actor
from lms.core.errors import Invalid
from lms.core.speech import spoken
from lms.core.unit_of_work import Runtime
from lms.questions import queries, service
from lms.questions.views import bank, imports
from question_bank.exporting.xlsx import write_items
from question_bank.importing import read_questions
from question_bank.items import POINT, Blueprint, BlueprintSection, Difficulty, ItemType
from tests.factories.questions import multiple, single, true_false
from tests.support.browser import Browser
from tests.support.exam_stock import BLUEPRINT
from tests.support.people import KnownPerson, People
from tests.support.site import Site

SignIn = Callable[[KnownPerson], Browser]


@pytest.fixture
def admin(people: People, signed_in: SignIn) -> Browser:
    """A question administrator's browser."""
    return signed_in(people.staff(Role.QUESTION_ADMIN))


def upload(admin: Browser, data: bytes, name: str = "题.xlsx"):
    return admin.post("/questions/imports", {"file": (BytesIO(data), name), "default_area": ""},
                      content_type="multipart/form-data")  # fmt: skip


def test_a_row_with_two_faults_is_counted_once_and_told_twice(site: Site, admin: Browser) -> None:
    rows = (
        "题型,题干,选项A,选项B,答案,知识领域,难度\n"
        "单选,第一题（ ）？,甲,乙,A,天文,九\n"
        "单选,第二题（ ）？,甲,乙,A,政策法规,易\n"
    )
    checked = upload(admin, rows.encode(), "题.csv")
    site.run_jobs()
    page = admin.get(checked.location).text
    assert re.search(r">内容有误 1</a>", page)
    places = re.findall(r'<tr><th scope="row">(\w+)</th>', page)
    assert sorted(places) == ["F2", "G2"]


def test_a_film_is_refused_before_it_is_stored_or_queued(runtime: Runtime, admin: Browser) -> None:
    film = (Path(__file__).parents[1] / "data" / "clip.mp4").read_bytes()
    refused = upload(admin, film, "第 1 课.xlsx")
    assert refused.status_code == 422
    assert "视频、图片" in refused.text
    with runtime.read() as uow:
        assert queries.batches(uow) == []


def test_a_file_goes_from_upload_to_the_bank_by_hand(site: Site, runtime: Runtime, admin: Browser) -> None:
    checked = upload(admin, write_items([single(), multiple(), true_false()]))
    assert checked.status_code == 303
    waiting = admin.get(checked.location).text
    assert f'data-live-url="{checked.location}/card"' in waiting
    assert "等待开始" in waiting
    assert "导入 3 行" not in waiting
    site.run_jobs()
    assert "查看结果" in admin.get(f"{checked.location}/card").text
    assert "导入 3 行" in admin.get(checked.location).text
    assert "0 题可以抽题" in admin.get("/questions/").text
    accepted = admin.post(f"{checked.location}/accept")
    assert accepted.status_code == 303
    assert "0 / 3" in admin.get(f"{checked.location}/card").text
    assert "正在导入" in admin.get("/questions/imports").text
    site.run_jobs()
    assert "已导入 3 题" in admin.get(checked.location).text
    page = admin.get("/questions/").text
    assert "3 题可以抽题" in page
    assert single().stem in page
    found = admin.get("/questions/", query_string={"q": single().options[0].text}).text
    assert single().stem in found, "a question is found by the words of its options as soon as it has come in"
    assert admin.post(f"{checked.location}/accept").status_code == 303
    with runtime.read() as uow:
        item_id = queries.drawing_pool(uow)[0][0]
        assert queries.item_count(uow) == 3
    assert "正确" in admin.get(f"/questions/{item_id}").text
    assert admin.post(f"/questions/{item_id}/retire", {"remark": "x"}).status_code == 422
    assert admin.post(f"/questions/{item_id}/retire", {"remark": "出处已经废止"}).status_code == 303
    assert "已停用" in admin.get(f"/questions/{item_id}").text
    assert admin.post(f"/questions/{item_id}/reinstate").status_code == 303


def test_the_fault_is_shown_at_its_cell(site: Site, admin: Browser) -> None:
    rows = "题型,题干,选项A,选项B,答案,知识点\n单选,题一（ ）,甲,乙,<b>100%s</b>,政策法规\n"
    checked = upload(admin, rows.encode(), "题.csv")
    site.run_jobs()
    page = admin.get(checked.location).text
    assert "E2" in page
    assert "&lt;b&gt;100%s&lt;/b&gt;" in page
    assert "只导入合格且题库里没有的试题" in page
    assert admin.post(f"{checked.location}/accept").status_code == 409
    assert admin.post(f"{checked.location}/discard").status_code == 303
    assert "没有导入" in admin.get("/questions/imports").text


@pytest.mark.parametrize(
    ("data", "name"),
    [(b"", "空.xlsx"), (b"PK\x03\x04 not a zip", "坏.xlsx"), (b"%PDF-1.7", "a.pdf"),
     (b"<html><table></table></html>", "网页.xls"), (b"x" * (10 * 1024 * 1024 + 1), "大.csv")],
)  # fmt: skip
def test_a_wrong_file_is_refused_in_words(admin: Browser, data: bytes, name: str) -> None:
    refused = upload(admin, data, name)
    assert refused.status_code == 422
    assert 'id="errors"' in refused.text
    assert "上传过的文件" not in refused.text


def test_the_checked_file_is_given_back_with_its_verdicts(site: Site, admin: Browser) -> None:
    rows = "题型,题干,选项A,选项B,答案,知识点\n单选,题一（ ）,甲,乙,E,政策法规\n"
    taken = upload(admin, rows.encode(), "某 题.csv")
    assert admin.get(f"{taken.location}/annotated.xlsx").status_code == 404
    site.run_jobs()
    assert f"{taken.location}/annotated.xlsx" in admin.get(taken.location).text
    sent = admin.get(f"{taken.location}/annotated.xlsx")
    assert (sent.status_code, sent.data[:2]) == (200, b"PK")
    assert "%E6%A3%80%E6%9F%A5%E7%BB%93%E6%9E%9C.xlsx" in sent.headers["Content-Disposition"]


def test_a_file_that_no_job_checked_is_given_back_at_once(runtime: Runtime, admin: Browser) -> None:
    data = write_items([single()])
    with runtime.write() as uow:
        report = service.read_file("题.xlsx", data)
        batch_id, _ = service.check_at_once(uow, Actor.system("test"), "题.xlsx", data, report)
    assert admin.get(f"/questions/imports/{batch_id}/annotated.xlsx").data[:2] == b"PK"
    admin.post(f"/questions/imports/{batch_id}/discard")
    assert admin.get(f"/questions/imports/{batch_id}/annotated.xlsx").status_code == 404


@pytest.mark.parametrize(
    ("data", "name"), [(b"\xff" * 400, "100%s.csv"), ("题型,答案\n单选,100%\n".encode(), "无题干.csv")]
)
def test_a_file_that_turns_out_unreadable_says_why_and_lets_one_go_on(
    site: Site, admin: Browser, data: bytes, name: str
) -> None:
    taken = upload(admin, data, name)
    assert taken.status_code == 303
    with pytest.raises(Invalid) as refused:
        service.read_file(name, data)
    site.run_jobs()
    page = admin.get(taken.location).text
    assert "没能检查这个文件" in page
    assert (
        html.escape(spoken(refused.value.reasons[0])["rule"], quote=True).replace("&quot;", "&#34;") in page
    )
    assert "没能检查" in admin.get("/questions/imports").text
    assert admin.post(f"{taken.location}/accept").status_code == 409
    assert admin.post(f"{taken.location}/check-again").status_code == 303
    assert "等待开始" in admin.get(taken.location).text
    assert admin.post(f"{taken.location}/check-again").status_code == 409
    site.run_jobs()
    assert admin.post(f"{taken.location}/discard").status_code == 303
    assert admin.post(f"{taken.location}/check-again").status_code == 409


def test_the_good_rows_are_shown_as_they_were_understood(site: Site, admin: Browser) -> None:
    items = [single(f"第 {number} 题（ ）？") for number in range(12)]
    taken = upload(admin, write_items([*items, true_false()]))
    site.run_jobs()
    first, second = admin.get(taken.location).text, admin.get(f"{taken.location}?kind=new&page=2").text
    assert "第 3 题" in first
    assert "第 11 题" not in first
    assert "第 11 题" in second
    assert single().options[0].text in first
    assert "正确" in second


def test_no_file_at_all_is_refused_at_the_field(admin: Browser) -> None:
    refused = admin.post(
        "/questions/imports", {"default_area": "nowhere"}, content_type="multipart/form-data"
    )
    assert refused.status_code == 422
    assert "请选择文件" in refused.text


def test_the_template_is_one_the_importer_reads(admin: Browser) -> None:
    sent = admin.get("/questions/template.xlsx")
    assert sent.status_code == 200
    assert [fault.code for fault in read_questions(sent.data, "t.xlsx").faults] == []


def test_a_blueprint_page_names_what_is_missing(runtime: Runtime, people: People, signed_in: SignIn) -> None:
    with runtime.write() as uow:
        blueprint_id = service.ensure_blueprint(uow, Actor.system("test"), "small", "小卷", BLUEPRINT)
    planner = signed_in(people.staff(Role.EXAM_ADMIN))
    assert "缺题" in planner.get("/questions/blueprints").text
    assert "还缺 6 题" in planner.get(f"/questions/blueprints/{blueprint_id}").text
    assert planner.get("/questions/").status_code == 403
    assert planner.get("/questions/blueprints/nobody").status_code == 404


def test_unknown_things_are_not_found_and_odd_filters_find_nothing(admin: Browser) -> None:
    assert admin.get("/questions/nobody").status_code == 404
    assert admin.get("/questions/imports/nobody").status_code == 404
    assert admin.post("/questions/imports/nobody/accept").status_code == 404
    for query in ("?page=0", "?page=-3", "?page=99999999999999999999", "?page=x", "?q=%25", "?type=nonsense"):
        assert admin.get(f"/questions/{query}").status_code == 200, query


def test_only_question_administrators_reach_the_bank(people: People, signed_in: SignIn) -> None:
    trainee = signed_in(people.trainee())
    for view, url in ((bank.index, "/"), (imports.imports, "/imports"), (imports.template, "/template.xlsx")):
        access = access_of(view)
        assert access is not None
        assert access.roles == {Role.QUESTION_ADMIN}
        assert trainee.get(f"/questions{url}").status_code == 403


def test_a_blueprint_page_shows_bands_time_and_the_thin_cell(runtime: Runtime, admin: Browser) -> None:
    spread = ((Difficulty.EASY, 12), (Difficulty.HARD, 8))
    banded = Blueprint(
        (BlueprintSection(ItemType.SINGLE, "policy", None, 20, 5 * POINT, spread=spread, seconds_each=90),),
        "分难度卷",
    )
    with runtime.write() as uow:
        banded_id = service.ensure_blueprint(uow, Actor.system("test"), "banded", "分难度卷", banded)
        open_id = service.ensure_blueprint(uow, Actor.system("test"), "open", "小卷", BLUEPRINT)
    with runtime.read() as uow:
        assert queries.get_blueprint(uow, banded_id) == banded
    page = admin.get(f"/questions/blueprints/{banded_id}").text
    assert "易 12、难 8" in page
    assert "预计用时 30 分" in page
    assert "要 8 题，题库有 0 题，还缺 8 题" in page
    assert "每份试卷易、中、难的题数相同" in page
    assert "按题库里易、中、难的比例分配" in admin.get(f"/questions/blueprints/{open_id}").text
