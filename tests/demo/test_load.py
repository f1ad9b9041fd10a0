"""The loaded demo: somebody at every stage, a login for every role, and nothing that a rule would refuse."""

import re
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from lms.accounts.policy import Role
from lms.accounts.queries import actor_of, find_person_by_login
from lms.app.handlers import HANDLERS
from lms.app.invariants import ALL_INVARIANTS
from lms.audit.models import AuditEvent
from lms.certificates.models.certificates import Certificate
from lms.core import invariants
from lms.core.database import Base
from lms.core.outbox import OutboxJob
from lms.core.unit_of_work import Runtime
from lms.demo.load import load_demo
from lms.demo.logins import logins
from lms.demo.people import CROWD, STAFF, TRAINEES
from lms.demo.register_work import MOVED, OTHERS, REGISTER_NAME, TWIN
from lms.enrolment.models import Application
from lms.enrolment.policy import Outcome
from lms.exam.queries import attempts_in_scope
from lms.plans.policy import PlanState
from lms.plans.queries import plans_in_scope
from lms.registry.queries.counts import counts
from lms.study.desk_models import StudyAppeal
from lms.study.models import StudyProgress
from lms.study.policy.credit import WindowState
from tests.demo.demo_site import DemoSite
from tests.support.people import People

# What each trainee's own home page says: login name, the word in its head, and words of the page.
HOMES = [
    ("13800005620", "还没有报名", ("选择一个培训计划报名", "有 2 个计划可以报名")),
    ("13800005621", "等待审核", ("正在审核，请等待", "第 1 级，共 1 级")),
    ("13800005622", "退回补正", ("审核意见：职业技能等级证书扫描件看不清编号",)),
    ("13800005623", "学习中", ("已计入 37%", "已计入 66 分 36 秒，还差", "113 分 24 秒")),
    ("13800005624", "学习中", ("已计入 179 分钟，还差", "1 分钟", "已计入 179 分钟")),
    ("13800005625", "可以考试", ("还有 2 次机会",)),
    ("13800005626", "可以考试", ("上一次 84 分，没有合格；合格线是 90 分（含）。还有 1 次机会",)),
    ("13800005627", "已领证", ("您的考评员证书已签发",)),
    ("13800005628", "即将到期", ("天后到期", "到期后可以报名新一期换证")),
    ("13800005629", "已到期", ("证书已到期，可以报名换证",)),
    ("13800005630", "已撤销", ("证书已撤销，不再有效", "提交的职业技能等级证书为他人证书")),
]
DESKS = [
    ("admin", ("没有办成的后台任务",)),
    ("bank", ("在用试题",)),
    ("exam", ("2026年11月考评员培训班", "2026年11月高级考评员培训班")),
    ("exam-second", ("2026年11月考评员培训班",)),
    ("invigilator", ("今天的考试", "2026年11月考评员培训班", "正在进行", "打开监考页")),
    ("invigilator-room", ("今天的考试", "您监考的考场：第 2 考场", "打开监考页")),
    ("reviewer", ("苏砚青", "尹星河", "赖德邻", "黎安然")),
    ("city", ("武凝霜",)),
    ("officer", ("常致远",)),
    ("officer-lanshan", ("待审核",)),
    ("registrar", ("有效登记",)),
    ("registrar-second", ("有效登记",)),
    ("auditor", ("有效登记",)),
]


def test_the_list_names_a_trainee_at_every_stage_and_somebody_of_every_role() -> None:
    assert [one.login_name for one in logins()] == [home[0] for home in HOMES] + [desk[0] for desk in DESKS]
    assert {one.shows.split(" / ")[1] for one in logins() if one.is_staff} == {
        role.replace("_", " ") for role in Role if role is not Role.TRAINEE
    }
    assert len({one.shows for one in logins()}) == len(logins()), "no two say the same"


@pytest.mark.parametrize(("login_name", "pill", "words"), HOMES, ids=[home[0] for home in HOMES])
def test_each_trainees_home_says_where_he_stands(
    demo: DemoSite, login_name: str, pill: str, words: tuple[str, ...]
) -> None:
    page = demo.browser(login_name).get("/home").text
    head = page[page.index('class="page-head"') : page.index('id="road-title"')]
    assert pill in head
    for word in words:
        assert word in page


@pytest.mark.parametrize(("login_name", "words"), DESKS, ids=[desk[0] for desk in DESKS])
def test_each_member_of_staff_finds_his_work(demo: DemoSite, login_name: str, words: tuple[str, ...]) -> None:
    page = demo.browser(login_name).get("/desk").text
    for word in words:
        assert word in page


def test_no_rule_of_the_house_is_broken(demo: DemoSite) -> None:
    with demo.runtime.read() as uow:
        assert invariants.check(uow, ALL_INVARIANTS) == {}
        assert uow.session.scalar(select(func.count()).where(OutboxJob.done_at.is_(None))) == 0


def test_a_load_that_was_cut_off_went_on_where_it_stopped(demo: DemoSite) -> None:
    assert demo.cuts == 1
    assert demo.told.count("the demo was cut off while it was loaded; it goes on where it stopped") == 1
    with demo.runtime.read() as uow:
        names = Counter(find_person_by_login(uow, one.mobile).display_name for one in TRAINEES)  # type: ignore[union-attr]
        applications = uow.session.scalar(select(func.count()).select_from(Application))
    assert set(names.values()) == {1}
    assert applications == sum(one.road is not None for one in TRAINEES)


def rows_of(runtime: Runtime) -> dict[str, int]:
    with runtime.read() as uow:
        return {
            table.name: uow.session.execute(select(func.count()).select_from(table)).scalar_one()
            for table in Base.metadata.sorted_tables
        }


def test_loading_again_changes_nothing(demo: DemoSite) -> None:
    before, told = rows_of(demo.runtime), list(demo.told)
    assert demo.load() == logins()
    assert rows_of(demo.runtime) == before
    assert demo.told == told


def test_the_operators_command_prints_the_logins_of_a_loaded_demo(demo: DemoSite) -> None:
    done = demo.site.app().test_cli_runner().invoke(args=["lms", "demo"])
    assert done.exit_code == 0, done.output
    assert done.output.count("kaoping-2026") == 1
    assert all(one.login_name in done.output for one in logins())


def test_a_site_with_people_of_its_own_gets_no_demo(runtime: Runtime, people: People) -> None:
    people.trainee()
    told: list[str] = []
    before = rows_of(runtime)
    assert load_demo(runtime, HANDLERS, lambda _tell: [], told.append) == []
    assert told == ["this site has its own people; no demo was loaded"]
    assert rows_of(runtime) == before


def test_what_happened_stands_in_the_record_in_the_order_of_time(demo: DemoSite) -> None:
    with demo.runtime.read() as uow:
        events = uow.session.execute(select(AuditEvent.at, AuditEvent.tag).order_by(AuditEvent.id)).all()
    loaded = next(number for number, event in enumerate(events) if event.tag == "demo:loaded")
    moments = [event.at for event in events[: loaded + 1]]
    assert moments[-1] - moments[0] > timedelta(days=3 * 365)
    # A job is done seconds after its cause, or when the claim of a killed worker has run out.
    latest = moments[0]
    for moment in moments:
        assert moment > latest - timedelta(minutes=5)
        latest = max(latest, moment)


def test_the_study_was_earned_beat_by_beat(demo: DemoSite) -> None:
    with demo.runtime.read() as uow:
        studied = {
            person_id: (row.counted_seconds, row.pending_seconds)
            for person_id, row in ((row.person_id, row) for row in uow.session.scalars(select(StudyProgress)))
        }
        wanted = {
            find_person_by_login(uow, one.mobile).id: one.road.studied  # type: ignore[union-attr]
            for one in TRAINEES
            if one.road is not None and one.road.evenings
        }
        windows = Counter(
            row.state for row in uow.session.execute(select(Base.metadata.tables["credit_window"].c.state))
        )
        granted = {
            row.person_id: row.granted_seconds
            for row in uow.session.scalars(select(StudyAppeal))
            if row.granted_seconds
        }
    assert len(granted) == 1, "a void window was counted after an appeal"
    assert {person: (seconds + granted.get(person, 0), 0) for person, seconds in wanted.items()} == studied
    assert windows == {WindowState.COUNTED: windows[WindowState.COUNTED], WindowState.VOID: 2}


def test_the_class_has_people_behind_appeals_and_something_to_look_at(demo: DemoSite) -> None:
    exam = demo.browser("exam")
    listed = exam.get("/desk/classes/").text
    link = re.search(r'href="(/desk/classes/[0-9a-z]{16})\?behind=1"', listed)
    assert link is not None, "somebody is behind"
    shown = exam.get(link[1]).text
    assert "钱若谷" in shown
    assert "在学确认没有通过" in shown
    appeals = exam.get("/desk/study/appeals").text
    assert appeals.index("叶南星") < appeals.index("雷正阳"), "what waits stands first"
    assert "已同意" in appeals
    findings = exam.get("/desk/study/findings/").text
    assert "在学确认回答得异常快" in findings
    assert findings.count("/desk/study/findings/") >= 1
    trainee = demo.browser("13800005623")
    plan = re.search(r"/study/([0-9a-z]{16})", trainee.get("/study/").location)
    assert plan is not None
    assert "申诉等待处理" in trainee.get(f"/study/{plan[1]}/refused").text


def test_staff_pages_have_something_to_show(demo: DemoSite) -> None:
    with demo.runtime.read() as uow:
        actors = {
            one.login_name: actor_of(uow, find_person_by_login(uow, one.login_name).id) for one in STAFF
        }  # type: ignore[union-attr]
        plans = plans_in_scope(uow, actors["exam"])
        attempts, total = attempts_in_scope(uow, actors["exam"])
        registry = counts(uow, actors["registrar"])
        ends = {(day.year, day.month) for day in uow.session.scalars(select(Certificate.valid_until))}
        outcomes = Counter(uow.session.scalars(select(Application.outcome)))
    assert Counter(plan.state for plan in plans) == {PlanState.PUBLISHED: 2, PlanState.CLOSED: 2}
    assert len({plan.issuer_name for plan in plans}) == 2
    wanted = sorted(score * 100 for one in TRAINEES if one.road is not None for score in one.road.scores)
    assert total == len(wanted)
    assert len({line.attempt.score for line in attempts}) >= 10
    assert registry.all == 21, "seventeen passed here, and four stand in the register of before"
    assert registry.by_standing["suspended"] == registry.by_standing["revoked"] == 1
    # When the four end stands in their list: how they stand depends on the day of the demo.
    assert registry.all - registry.by_standing["expired"] - 2 >= 12
    assert registry.by_standing["expired"] >= 5
    assert len(ends) >= 6, "certificates end in different months"
    assert outcomes[Outcome.FAILED] == 3
    assert outcomes[Outcome.LAPSED] == 1
    assert 24 <= len(CROWD) <= 40


def test_the_registrars_find_a_duplicate_and_a_request_that_waits(demo: DemoSite) -> None:
    desk = demo.browser("registrar")
    doubtful = desk.get("/desk/registry/duplicates").text
    assert TWIN.name in doubtful
    assert not any(name in doubtful for name, *_ in OTHERS)
    waiting = desk.get("/desk/registry/changes?state=open").text
    assert [one.who.name in waiting for one in MOVED] == [not one.answer for one in MOVED]
    answered = desk.get("/desk/registry/changes?state=accepted").text
    assert [one.who.name in answered for one in MOVED] == [bool(one.answer) for one in MOVED]
    imported = desk.get("/desk/registry/imports").text
    assert REGISTER_NAME in imported


def test_the_question_administrator_finds_a_file_with_faulty_rows(demo: DemoSite) -> None:
    bank = demo.browser("bank")
    listed = bank.get("/questions/imports").text
    assert "考务管理新题（征求意见稿）.xlsx" in listed
    link = re.search(r"/questions/imports/[0-9a-z]{16}(?=\")", listed)
    assert link is not None
    page = bank.get(link[0]).text
    for words in (
        "还没有写入题库",
        "导入 5 行",
        "没有对应选项",
        "不支持",
        "多半被 Excel 改动过",
        "不认识",
        "与题库矛盾",
    ):
        assert words in page


def test_a_certificate_of_the_demo_can_be_downloaded_and_checked(demo: DemoSite, tmp_path: Path) -> None:
    trainee = demo.browser("13800005627")
    page = trainee.get("/certificates").text
    link = next(
        part.split('"')[0] for part in page.split('href="')[1:] if part.split('"')[0].endswith("/file")
    )
    printed = trainee.get(link)
    assert printed.status_code == 200
    assert printed.data.startswith(b"%PDF-")
