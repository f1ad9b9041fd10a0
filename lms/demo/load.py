"""Filling an empty house: organisations, staff, the course, the question bank, one open plan, one trainee.

Everything goes through the services that pages use; running it again changes nothing.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from PIL import Image, ImageDraw

from lms.accounts import service as accounts
from lms.accounts.credentials import hash_new_password
from lms.accounts.policy import (
    REQUIRED_CONSENTS,
    ROLE_NAMES,
    OrganisationKind,
    Role,
    id_check_character,
)
from lms.accounts.queries import actor_of, find_person_by_login, person_count
from lms.accounts.queries import organisations as all_organisations
from lms.core.actors import Actor
from lms.core.unit_of_work import Runtime, UnitOfWork
from lms.courses import service as courses
from lms.courses.queries import find_course
from lms.demo.lesson_videos import make_lesson_videos
from lms.plans import occupations
from lms.plans import service as plans
from lms.plans.policy import ExaminerLevel
from lms.plans.queries import open_plans
from lms.plans.templates import ANHUI
from lms.questions import service as questions
from lms.questions.queries import blueprints, item_count
from question_bank.data.blueprints import EXAMINER_COURSE_BLUEPRINT, EXAMINER_COURSE_WORKBOOK

DEMO_PASSWORD = "kaoping-2026"  # noqa: S105 - printed on purpose; the demo never loads in production
DEMO_OCCUPATIONS = (
    ("2022", "6-31-01-03"),
    ("2022", "6-18-02-04"),
    ("2022", "4-07-05-01"),
    ("2022", "4-03-02-07"),
)
COURSE_CODE = "examiner-basic"
COURSE_TITLE = "考评员基础课程"
BLUEPRINT_CODE = "examiner-basic-100"
BLUEPRINT_TITLE = "考评员考试（100 分）"
_LOCAL = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class DemoLogin:
    """One line of the list that `script/start` prints."""

    role: str
    login_name: str
    name: str


STAFF: tuple[tuple[str, str, Role, str], ...] = (
    ("admin", "沈知远", Role.ADMINISTRATOR, "province"),
    ("bank", "顾清和", Role.QUESTION_ADMIN, "province"),
    ("exam", "陆景行", Role.EXAM_ADMIN, "province"),
    ("reviewer", "方文澜", Role.REVIEWER, "province"),
    ("city", "许嘉木", Role.REVIEWER, "city"),
    ("officer", "何云舒", Role.INSTITUTION_OFFICER, "institution"),
    ("registrar", "吕怀瑾", Role.REGISTRAR, "province"),
    ("auditor", "施思齐", Role.AUDITOR, "province"),
)
TRAINEE_MOBILE = "13800005620"
TRAINEE_NAME = "林书禾"
TRAINEE_ID_BODY = "34010419000101002"  # a birth in 1900 and an invented serial: nobody's number


def load_demo(runtime: Runtime, lesson_folder: Path, tell: Callable[[str], None]) -> list[DemoLogin]:
    """Fill an empty house and return the logins; a house with people in it is left as it is."""
    logins = [DemoLogin(ROLE_NAMES[role], login, name) for login, name, role, _ in STAFF]
    logins.insert(0, DemoLogin(ROLE_NAMES[Role.TRAINEE], TRAINEE_MOBILE, TRAINEE_NAME))
    operator = Actor.system("demo")
    with runtime.read() as uow:
        if person_count(uow) and find_person_by_login(uow, TRAINEE_MOBILE) is None:
            tell("this site has its own people; no demo was loaded")
            return []
    hashed = hash_new_password(DEMO_PASSWORD)
    with runtime.write() as uow:
        organisations = _organisations(uow, operator)
        _staff(uow, operator, organisations, hashed)
    _trainee(runtime, organisations["institution"], hashed)
    _course(runtime, operator, lesson_folder, tell)
    _plan(runtime, operator, organisations)
    return logins


def _organisations(uow: UnitOfWork, actor: Actor) -> dict[str, str]:
    province = accounts.ensure_province(uow, actor, uow.settings.organisation_name)
    wanted = (
        ("city", OrganisationKind.CITY, "province", "云浦市职业技能鉴定中心", "34010000"),
        ("other city", OrganisationKind.CITY, "province", "岚山市职业技能鉴定中心", "34020000"),
        ("institution", OrganisationKind.INSTITUTION, "city", "云浦电力技能评价中心", "34010005"),
        ("other institution", OrganisationKind.INSTITUTION, "other city", "岚山机电技能评价中心", "34020007"),
        (
            "provincial institution",
            OrganisationKind.INSTITUTION,
            "province",
            "江岚省能源行业评价中心",
            "34000003",
        ),
    )
    ids = {"province": province.id}
    known = {organisation.code: organisation.id for organisation in all_organisations(uow)}
    for key, kind, parent, name, code in wanted:
        ids[key] = known.get(code) or accounts.create_organisation(uow, actor, kind, ids[parent], name, code)
    return ids


def _staff(uow: UnitOfWork, actor: Actor, organisations: dict[str, str], hashed: str) -> None:
    for login, name, role, scope in STAFF:
        person = find_person_by_login(uow, login)
        person_id = (
            person.id if person else accounts.create_staff(uow, actor, login, name, hashed, must_change=False)
        )
        accounts.grant_role(uow, actor, person_id, role, organisations[scope])


def _trainee(runtime: Runtime, employer_id: str, hashed: str) -> None:
    with runtime.read() as uow:
        if find_person_by_login(uow, TRAINEE_MOBILE):
            return
    photo_key = runtime.storage.put(draw_portrait())
    with runtime.write() as uow:
        person_id = accounts.register_person(
            uow, TRAINEE_MOBILE, TRAINEE_NAME, "linshuhe@example.com", hashed
        )
        actor = actor_of(uow, person_id)
        accounts.save_profile(
            uow, actor,
            accounts.ProfileInput(
                name=TRAINEE_NAME, id_number=TRAINEE_ID_BODY + id_check_character(TRAINEE_ID_BODY),
                education="大学本科", mobile=TRAINEE_MOBILE, email="linshuhe@example.com",
                postcode="230001", exam_region="省直",
                candidate_category="企业职工", address="江岚省云浦市文澜路 8 号", identity_flag="",
                employer_id=employer_id, employed_since=date(2009, 7, 1),
            ),
        )  # fmt: skip
        accounts.save_photo(uow, actor, photo_key)
        accounts.give_consents(uow, actor, frozenset(REQUIRED_CONSENTS))


def _course(runtime: Runtime, actor: Actor, lesson_folder: Path, tell: Callable[[str], None]) -> None:
    fonts = runtime.settings.font_dir
    videos = make_lesson_videos(
        lesson_folder, fonts / "NotoSerifSC-Regular.ttf", fonts / "NotoSerifSC-Bold.ttf", progress=tell
    )
    stored = courses.store_lessons(runtime.storage, [(v.title, v.summary, v.path) for v in videos])
    with runtime.write() as uow:
        courses.add_course(uow, actor, COURSE_CODE, COURSE_TITLE, stored)
    data = EXAMINER_COURSE_WORKBOOK.read_bytes()
    with runtime.write() as uow:
        if item_count(uow) == 0:
            questions.import_questions(uow, actor, EXAMINER_COURSE_WORKBOOK.name, data)
        questions.ensure_blueprint(uow, actor, BLUEPRINT_CODE, BLUEPRINT_TITLE, EXAMINER_COURSE_BLUEPRINT)


def _plan(runtime: Runtime, actor: Actor, organisations: dict[str, str]) -> None:
    with runtime.write() as uow:
        if open_plans(uow, uow.now):
            return
        course = find_course(uow, COURSE_CODE)
        blueprint = next(one for one in blueprints(uow) if one.title == BLUEPRINT_TITLE)
        today = uow.now.astimezone(_LOCAL).date()
        plan = plans.create_from_template(
            uow, actor,
            plans.NewPlan(ANHUI.code, f"{today.year}年考评员培训班", today, organisations["institution"]),
        )  # fmt: skip
        offered = tuple(
            occupation.at(ExaminerLevel.EXAMINER)
            for occupation in occupations.occupations()
            if (occupation.edition, occupation.code) in DEMO_OCCUPATIONS
        )
        draft = replace(
            ANHUI.draft(plan.title, today), occupations=offered, course_id=course.id if course else None,
            blueprint_id=blueprint.id,
        )  # fmt: skip
        plans.edit_draft(uow, actor, plan.id, draft)
        plans.publish(uow, actor, plan.id)


def draw_portrait(width: int = 590, height: int = 826) -> bytes:
    """Draw an invented portrait in the colours of the theme and return it as a JPEG."""
    image = Image.new("RGB", (width * 2, height * 2), "#e3ebf0")
    draw = ImageDraw.Draw(image)
    middle, unit = width, height / 10
    draw.ellipse(
        (middle - 2.7 * unit, 16.6 * unit - 4 * unit, middle + 2.7 * unit, 24 * unit), fill="#8096ab"
    )
    draw.rounded_rectangle(
        (middle - 4.4 * unit, 13.6 * unit, middle + 4.4 * unit, 24 * unit), 2.6 * unit, fill="#8096ab"
    )
    draw.polygon(
        [(middle - 1.2 * unit, 12 * unit), (middle + 1.2 * unit, 12 * unit), (middle, 15.4 * unit)],
        fill="#eef2f5",
    )
    draw.rectangle((middle - unit, 10 * unit, middle + unit, 13.6 * unit), fill="#b4c2cf")
    draw.ellipse((middle - 2.3 * unit, 4.6 * unit, middle + 2.3 * unit, 11.6 * unit), fill="#bdcad6")
    draw.pieslice((middle - 2.6 * unit, 3.6 * unit, middle + 2.6 * unit, 10 * unit), 180, 360, fill="#5d7384")
    image = image.resize((width, height), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=90)
    return out.getvalue()
