"""The question bank of the demo: the course's own questions, and a colleague's file that waits to be looked at."""

import io
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

import xlsxwriter

from lms.accounts.queries import actor_of
from lms.demo.house import OPERATOR, DemoHouse
from lms.demo.timeline import Story
from lms.questions import service as questions
from lms.questions.queries import batches, blueprints, drawing_pool, item_count
from question_bank.data.blueprints import EXAMINER_COURSE_BLUEPRINT, EXAMINER_COURSE_WORKBOOK
from question_bank.importing.headers import TEMPLATE_HEADERS
from question_bank.items import AREAS, DIFFICULTY_NAMES, TYPE_NAMES, Item, ItemType

BLUEPRINT_CODE = "examiner-basic-100"
BLUEPRINT_TITLE = "考评员考试（100 分）"
DRAFT_NAME = "考务管理新题（征求意见稿）.xlsx"
PRACTICE_PER_AREA = 4
_OPTION_COLUMNS = 6

Cell = str | date
Row = tuple[str, str, tuple[Cell, ...], str, str, str, str]
"""Type, stem, options, answer, explanation, area, difficulty."""

NEW_ROWS: tuple[Row, ...] = (
    ("判断题", "考评员发现考生是自己的亲属时，应当主动申请回避。", (), "正确", "与考生有亲属关系的应当回避。",
     "政策法规", "易"),
    ("单选题", "三名考评员给同一名考生的实操打分，打分前考评员之间应当（　）。",
     ("互不交换意见，各自独立打分", "先商量一个大致分数", "由组长先报分，其他人参考", "先看考生的理论成绩"), "A",
     "独立打分才能互相印证。", "考评技术与方法", "中"),
    ("多选题", "实操考评开始前，考评员应当核对的有（　）。",
     ("考生的身份", "设备和材料", "评分表", "考生所在单位的规模"), "ABC", "与考评无关的不核对。", "考务管理", "易"),
    ("单选题", "评分表上的分数写错需要更改时，正确的做法是（　）。",
     ("划线更正，并由更改人签名", "用涂改液盖住后重写", "撕掉后换一张新表", "口头告诉统分人员"), "A",
     "更改要留下痕迹并能找到更改人。", "考评员工作流程标准", "易"),
    ("判断题", "考评结束后，考评员可以把试题照片发到工作群里供大家参考。", (), "错误", "试题在启用期内保密。",
     "政策法规", "易"),
)  # fmt: skip

FAULTY_ROWS: tuple[Row, ...] = (
    ("单选题", "考场座位之间的距离应当能（　）。", ("防止互相看到试卷", "方便考生讨论", "尽量多放座位", "靠近出口"),
     "E", "答案写错了字母。", "考务管理", "易"),
    ("简答题", "请简述考评员在考前准备阶段要做的工作。", (), "略", "题型不支持。", "考务管理", "中"),
    ("单选题", "某计划的报名截止日是（　）。", (date(2026, 3, 5), date(2026, 3, 12), date(2026, 3, 19), "以上都不是"),
     "B", "选项被表格软件改成了日期。", "考务管理", "易"),
    ("单选题", "考场发生火情时首先应当（　）。", ("组织考生有序撤离", "继续考试", "清点试卷", "联系家长"), "A",
     "知识领域不在目录里。", "安全生产", "易"),
)  # fmt: skip


def stock(house: DemoHouse, at: datetime) -> None:
    """Let the bank's administrator import the course's workbook; put the blueprint in place."""
    data = EXAMINER_COURSE_WORKBOOK.read_bytes()
    with house.write(at) as uow:
        if item_count(uow) == 0:
            keeper = house.member(uow, "bank")
            questions.import_questions(uow, keeper, EXAMINER_COURSE_WORKBOOK.name, data)
            for item_id in for_practice(drawing_pool(uow)):
                questions.mark_for_practice(uow, keeper, item_id)
        questions.ensure_blueprint(uow, OPERATOR, BLUEPRINT_CODE, BLUEPRINT_TITLE, EXAMINER_COURSE_BLUEPRINT)


def for_practice(pool: Iterable[tuple[str, Item]]) -> list[str]:
    """Choose some single-choice questions of each area that trainees may practise; exams have enough without them."""
    by_area: dict[str, list[tuple[str, str]]] = {}
    for item_id, item in pool:
        if item.type is ItemType.SINGLE:
            by_area.setdefault(item.area, []).append((item.stem, item_id))
    return [item_id for some in by_area.values() for _, item_id in sorted(some)[-PRACTICE_PER_AREA:]]


def blueprint_id(house: DemoHouse) -> str:
    """Return the id of the demo's blueprint."""
    with house.read(house.now) as uow:
        return next(one.id for one in blueprints(uow) if one.code == BLUEPRINT_CODE)


def draft_uploaded(house: DemoHouse, at: datetime) -> Story:
    """Upload a colleague's file and leave it checked: rows that are new, known, contradicting and faulty."""
    yield at
    with house.read(at) as uow:
        if any(batch.filename == DRAFT_NAME for batch in batches(uow)):
            return
        stored = [item for _, item in drawing_pool(uow)]
    data = draft_workbook(stored)
    report = questions.read_file(DRAFT_NAME, data)
    with house.write(at) as uow:
        questions.check_at_once(
            uow, actor_of(uow, house.staff["bank"]), DRAFT_NAME, data, report, with_pairs=True
        )


def draft_workbook(stored: list[Item]) -> bytes:
    """Return the colleague's file: our template, filled in by hand, with questions the bank has already, or nearly."""
    known = sorted(stored, key=lambda item: item.stem)[:4]
    nearly = _row_of(replace(known[3], stem=f"按照现行规定，{known[3].stem}"))
    contradicting = _row_of(
        known[2], right=next(o.key for o in known[2].options if o.key not in known[2].answer)
    )
    rows = (*NEW_ROWS[:3], FAULTY_ROWS[0], _row_of(known[0]), NEW_ROWS[3], *FAULTY_ROWS[1:3], contradicting,
            _row_of(known[1]), NEW_ROWS[4], FAULTY_ROWS[3], nearly)  # fmt: skip
    return _workbook(rows)


def _row_of(item: Item, right: str = "") -> Row:
    return (
        TYPE_NAMES[item.type], item.stem, tuple(option.text for option in item.options),
        right or "".join(sorted(item.answer)), item.explanation, AREAS[item.area], DIFFICULTY_NAMES[item.difficulty],
    )  # fmt: skip


def _workbook(rows: Iterable[Row]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet("题目")
        as_date = workbook.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, TEMPLATE_HEADERS)
        for number, (type_, stem, options, answer, explanation, area, difficulty) in enumerate(rows, start=1):
            sheet.write_row(number, 0, (type_, stem))
            for column, option in enumerate(options, start=2):
                if isinstance(option, date):
                    sheet.write_datetime(number, column, option, as_date)
                else:
                    sheet.write_string(number, column, option)
            sheet.write_row(number, 2 + _OPTION_COLUMNS, (answer, explanation, area, difficulty))
    return out.getvalue()
