"""How a new site is opened for business: everything by hand, through pages and the operator's commands."""

import re
import time
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

from question_bank.data.blueprints import EXAMINER_COURSE_WORKBOOK
from tests.support.clips import make_long_clip
from tests.support.page import Page
from tests.support.people import id_number, portrait
from tests.support.person import Person
from tests.support.server import LiveSite

SHANGHAI = ZoneInfo("Asia/Shanghai")
PROVINCE = "江岚省职业技能评价指导中心"
CITY, INSTITUTION = "云浦市职业技能鉴定中心", "云浦电力技能评价中心"
OTHER_CITY, OTHER_INSTITUTION = "岚山市职业技能鉴定中心", "岚山机电技能评价中心"
OCCUPATION = "电工（6-31-01-03，2022年版）"
OCCUPATION_AND_LEVEL = "考评员：电工（6-31-01-03，2022年版）"
LESSONS = ("政策法规", "职业标准与命题", "考评技术与方法", "考务管理", "工作流程")
LONG_WORK_SECONDS = 60.0
LESSON_SECONDS = 2310  # five of them are 11,550 s, at least five per cent more than 180 minutes
WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ADMINISTRATOR_PASSWORD = "a calm river 2026"
STAFF = (
    ("bank", "顾清和", "题库管理员", PROVINCE),
    ("exam", "陆景行", "考务管理员", PROVINCE),
    ("reviewer", "方文澜", "审核员", PROVINCE),
    ("city", "许嘉木", "审核员", CITY),
    ("officer", "何云舒", "单位经办人", INSTITUTION),
    ("registrar", "吕怀瑾", "登记员", PROVINCE),
    ("elsewhere", "施云舒", "登记员", OTHER_CITY),
    ("auditor", "施思齐", "审计员", PROVINCE),
)
_GIVEN = ("书禾", "知远", "清和", "若水", "景行", "文澜")
_SERIAL = count(501)


@dataclass
class Office:
    """A site that is open for business, and the people who work there."""

    site: LiveSite
    staff: dict[str, Person] = field(default_factory=dict)
    imported: int = 0

    def __getattr__(self, name: str) -> Person:
        """Give a member of staff by his login name."""
        try:
            return self.__dict__["staff"][name]
        except KeyError as error:
            raise AttributeError(name) from error

    @property
    def today(self) -> date:
        """The day it is in Shanghai by the site's clock."""
        return self.site.clock.now().astimezone(SHANGHAI).date()

    def passer_by(self) -> Person:
        """Anybody, without an account."""
        return Person(self.site)

    def newcomer(self) -> "Trainee":
        """Somebody who has just heard of the site."""
        return Trainee(self)


def open_office(site: LiveSite, folder: Path) -> Office:
    """Bring a fresh site to where the first plan can be made."""
    office = Office(site)
    create_administrator(office)
    create_organisations(office)
    create_staff(office)
    register_course(office, folder)
    import_questions(office)
    register_blueprint(office)
    return office


def create_administrator(office: Office) -> None:
    """The operator makes the first account at the command line."""
    done = office.site.dialogue(
        "create-administrator",
        "root",
        "沈知远",
        typed=f"{ADMINISTRATOR_PASSWORD}\n{ADMINISTRATOR_PASSWORD}\n",
    )
    assert done.status == 0, done.said
    office.staff["root"] = Person(office.site, "root", ADMINISTRATOR_PASSWORD)


def create_organisations(office: Office) -> None:
    """The administrator enters two cities with an institution each."""
    root = office.root
    for kind, parent, name, code in (
        ("市中心", PROVINCE, CITY, "34010000"),
        ("市中心", PROVINCE, OTHER_CITY, "34020000"),
        ("评价机构", CITY, INSTITUTION, "34010005"),
        ("评价机构", OTHER_CITY, OTHER_INSTITUTION, "34020007"),
    ):
        root.open("/desk/organisations")
        page = root.send("登记", kind=kind, parent_id=parent, name=name, code=code, is_filed=True)
        assert page.status == 200, page
        assert f"机构“{name}”已登记" in page.words


def create_staff(office: Office) -> None:
    """The administrator makes accounts and hands each member a one-time link for the password."""
    root = office.root
    for login_name, name, role, scope in STAFF:
        root.open("/desk/staff")
        page = root.send("添加", name=name, login_name=login_name, role=role, organisation_id=scope)
        assert "链接只在这里显示一次" in page.words, page
        link = page.link("/recover/")
        member = Person(office.site, login_name, f"{login_name} keeps bees 2026")
        member.open(link)
        page = member.send("保存新密码", password=member.password)
        assert page.path == "/sign-in", page
        assert member.sign_in(page).status == 200
        office.staff[login_name] = member
        assert member.open(link).status == 410, "a handed link works once"


def register_course(office: Office, folder: Path) -> None:
    """The operator registers five lesson videos."""
    files = []
    for number, title in enumerate(LESSONS, start=1):
        path = folder / f"{title}.mp4"
        make_long_clip(path, LESSON_SECONDS, colour=f"#1c50{60 + number}")
        files.append(str(path))
    done = office.site.command("register-course", "examiner-basic", "考评员基础课程", *files)
    assert done.status == 0, done.said


def import_questions(office: Office) -> None:
    """The question administrator uploads the course's workbook, looks at the dry run, and accepts."""
    bank = office.bank
    bank.open("/questions/imports")
    workbook = (EXAMINER_COURSE_WORKBOOK.name, EXAMINER_COURSE_WORKBOOK.read_bytes(), WORKBOOK_TYPE)
    page = bank.send("上传并检查", files={"file": workbook})
    page = wait_for(bank, page, "还没有写入题库")
    button = next(label for label in page.buttons() if re.fullmatch(r"导入 [\d,]+ 行", label))
    office.imported = int(re.sub(r"\D", "", button))
    wait_for(bank, bank.send(button), f"已导入 {office.imported:,} 题")


def wait_for(person: Person, page: Page, words: str) -> Page:
    """Look at a page again until long work has put the words there."""
    deadline = time.monotonic() + LONG_WORK_SECONDS
    while words not in page.words:
        assert time.monotonic() < deadline, page
        time.sleep(0.2)
        page = person.open(page.path)
    return page


def register_blueprint(office: Office) -> None:
    """The operator puts the course's blueprint in place; the question administrator sees that the bank fills it."""
    done = office.site.command("register-blueprint", "examiner-basic-100", "考评员考试（100 分）")
    assert done.status == 0, done.said
    page = office.bank.open("/questions/blueprints")
    assert "考评员考试（100 分）" in page.words
    assert "缺题" not in page.words


def publish_plan(office: Office, title: str, *, course: str = "考评员基础课程", **changes: str) -> str:
    """The exam administrator makes a plan from the Anhui template, looks at it, publishes it; return its id."""
    exam = office.exam
    exam.open("/desk/plans/new")
    exam.send(
        "建立草稿", template_code="一级审核、随学随考", title=title, first_day=office.today.isoformat(),
        issuer_organisation_id=INSTITUTION,
    )  # fmt: skip
    page = exam.send(
        "保存计划",
        course_id=course,
        blueprint_id="考评员考试（100 分）",
        occupations=[OCCUPATION],
        **changes,
    )
    assert "可以发布了" in page.words, page
    show = page.path
    preview = exam.follow("看考生看到的样子")
    assert title in preview.words
    exam.open(show)
    page = exam.send("发布计划")
    assert "计划已发布" in page.words, page
    return show.rsplit("/", 1)[-1]


@dataclass
class Trainee:
    """A person who comes to become an examiner."""

    office: Office
    person: Person = field(init=False)
    name: str = field(init=False)
    id_number: str = field(init=False)
    mobile: str = field(init=False)

    def __post_init__(self) -> None:
        serial = next(_SERIAL)
        self.name = "林陈沈顾陆方许何吕施"[serial % 10] + _GIVEN[serial // 10 % len(_GIVEN)]
        self.id_number = id_number(serial)
        self.mobile = f"138{serial:08d}"
        self.person = Person(self.office.site, self.mobile, f"lamp and tea {serial}")

    def another_browser(self) -> Person:
        """The same person at another device."""
        return Person(self.office.site, self.mobile, self.person.password)

    def register(self, *, consents: bool = True) -> Page:
        """Register, with or without the two separate consents."""
        self.person.open("/register")
        page = self.person.send(
            "注册", name=self.name, mobile=self.mobile, email=f"t{self.mobile}@example.com",
            password=self.person.password, purpose=True, sensitive=consents, verification=consents,
        )  # fmt: skip
        assert "注册成功" in page.words, page
        return page

    def fill_profile(self, employer: str = INSTITUTION) -> Page:
        """Fill in the data form and send a portrait."""
        self.person.open("/account/profile")
        page = self.person.send(
            "保存个人信息", id_number=self.id_number, education="大学本科", postcode="230001", employer_id=employer,
            address="江岚省云浦市文澜路 8 号", candidate_category="企业职工", employed_since="2009-07-01",
        )  # fmt: skip
        assert "个人信息已保存" in page.words, page
        page = self.person.send("上传照片", files={"photo": ("portrait.jpg", portrait(), "image/jpeg")})
        assert "照片已保存" in page.words, page
        return page

    def consent(self) -> Page:
        """Give every consent on the page for it."""
        self.person.open("/account/consents")
        return self.person.send("保存选择", purpose=True, sensitive=True, verification=True)

    def apply(self, plan_id: str) -> Page:
        """Apply for the occupation that the plan offers."""
        self.person.open(f"/applications/plans/{plan_id}")
        return self.person.send("提交申请", choice=OCCUPATION_AND_LEVEL, statements=True)

    def become_approved(self, plan_id: str) -> None:
        """Go the whole way from registration to an approved application."""
        self.register()
        self.fill_profile()
        page = self.apply(plan_id)
        assert "申请已提交" in page.words, page
        page = self.be_decided("通过")
        assert "已通过" in page.words, page

    def be_decided(self, button: str, remark: str = "") -> Page:
        """The province's reviewer finds the case in the inbox and decides it."""
        reviewer = self.office.reviewer
        reviewer.open("/desk/reviews")
        reviewer.follow(self.name)
        return reviewer.send(button, **({"remark": remark} if remark else {}))


def at_midnight_after(day: date) -> datetime:
    """Return the moment at which a day in Shanghai ends."""
    return datetime.combine(date.fromordinal(day.toordinal() + 1), datetime.min.time(), SHANGHAI)
