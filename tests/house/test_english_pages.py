"""Every page in English, for every role and in many states: no Chinese but the data people entered."""

import html
import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from lms.accounts.policy import Role
from lms.app.translations.upkeep import CHINESE_IN_ENGLISH, read
from lms.certificates.models.certificates import Certificate
from lms.certificates.policy.certificates import CertificateState
from lms.core.database import Base
from lms.core.unit_of_work import Runtime
from lms.courses.models import Course, Lesson
from lms.enrolment.models import Application, ApplicationStage
from lms.enrolment.policy import ApplicationState, Outcome, StageState
from lms.exam.models.attempts import Attempt
from lms.exam.policy.attempts import AttemptState
from lms.plans.models import Plan
from lms.plans.occupations import occupations
from lms.plans.policy import PlanState
from lms.registry.models.entries import RegistryEntry
from lms.registry.policy.entries import EntryState
from tests.house.test_access_matrix import address, ids_for, rules
from tests.house.unmarked_texts import CHINESE
from tests.house.world import World, build_world
from tests.support.browser import Browser
from tests.support.people import KnownPerson, People
from tests.support.site import ClockControl, Site

SignIn = Callable[[KnownPerson], Browser]
pytestmark = pytest.mark.parametrize("site", ["sqlite"], indirect=True)

# Stored words of the house itself: a page says them by the catalogue, so they are no excuse.
SPOKEN_COLUMNS = {
    "profile.sex", "profile.education", "profile.exam_region", "profile.candidate_category",
    "profile.identity_flag", "import_batch.report", "export.described", "export.losses", "study_session.device",
}  # fmt: skip
_VALUE = re.compile(r'\svalue="[^"]*"')
_FACE = re.compile(r'(<b class="face" aria-hidden="true">).(</b>)')
_MASKED = re.compile(r"[\u4e00-\u9fff]\*+[\u4e00-\u9fff]?")
_ESCAPED = re.compile(r"\\u([0-9a-f]{4})")
_BUTTON = (
    '<button class="btn btn-link btn-sm" type="submit" name="language" value="zh" lang="zh-CN">中文</button>'
)


def data_of(runtime: Runtime) -> list[str]:
    """Return every Chinese text that people or files brought in, the longest first."""
    found = set(_settings(runtime))
    found |= {occupation.name for occupation in occupations()}
    found |= _english_with_chinese()
    with runtime.read() as uow:
        for table in Base.metadata.sorted_tables:
            columns = [one for one in table.columns if f"{table.name}.{one.name}" not in SPOKEN_COLUMNS]
            for row in uow.session.execute(select(*columns)):
                for value in row:
                    found.update(_texts(value))
    return sorted((text for text in found if CHINESE.search(text)), key=len, reverse=True)


def _english_with_chinese() -> set[str]:
    """Return the English texts that name what is typed in Chinese: the catalogue's check has looked at each word."""
    said = (one.string for one in read() if one.id)
    return {text for text in said if isinstance(text, str) and CHINESE.search(text)}


def _settings(runtime: Runtime) -> Iterator[str]:
    yield runtime.settings.organisation_name
    yield runtime.settings.province_name


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
        with suppress(ValueError):
            inner = json.loads(value)
            if isinstance(inner, dict | list):
                yield from _texts(inner)
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def left_in_chinese(page: str, data: list[str]) -> list[str]:
    """Return what a page says in Chinese beside the data, in its words, labels and scripts' texts."""
    assert "<html" not in page or '<html lang="en"' in page
    bare = _FACE.sub(r"\1\2", _VALUE.sub("", page.replace(_BUTTON, "").replace("<wbr>", "")))
    bare = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), html.unescape(bare))
    for text in data:
        bare = bare.replace(text, "")
    bare = _MASKED.sub("", bare)
    return [
        bare[max(0, found.start() - 40) : found.end() + 40].strip()
        for found in re.finditer(f"{CHINESE.pattern}+", bare)
    ]


@pytest.mark.usefixtures("site")
def test_chinese_in_words_labels_and_scripts_is_found_and_data_are_not() -> None:
    page = (
        '<html lang="en"><b class="face" aria-hidden="true">林</b><p title="报名">电工（旧）</p>'
        '<input value="大学本科">'
        '<script type="application/json">{"saved": "\\u5df2\\u4fdd\\u5b58"}</script><p>林*禾</p>，</html>'
    )
    found = left_in_chinese(page, ["电工（旧）"])
    assert ["报名" in found[0], "已保存" in found[1], "，" in found[2], len(found)] == [True, True, True, 3]


@pytest.fixture
def world(runtime: Runtime, people: People) -> World:
    """One of everything, under names that no text of the site contains."""
    made = build_world(runtime, people)
    with runtime.write() as uow:
        uow.session.execute(update(Course).values(title="江岚省基础讲座"))
        uow.session.execute(update(Lesson).values(title="江岚省讲座之一"))
        uow.session.execute(update(Plan).values(title="江岚省某期某班"))
    return made


@pytest.fixture
def reader(app: Flask, signed_in: SignIn) -> Callable[[KnownPerson | None], Browser]:
    """Open a browser whose reader chose English."""

    def open_browser(person: KnownPerson | None) -> Browser:
        browser = signed_in(person) if person else Browser(app)
        assert browser.post("/language", {"language": "en"}).status_code == 303
        browser.get("/verify")
        return browser

    return open_browser


Reader = Callable[[KnownPerson | None], Browser]


class Look:
    """Opens pages and keeps what they say in Chinese."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.found: list[str] = []
        self.count = 0
        self._data: list[str] = []

    def refresh(self) -> "Look":
        """Learn the data anew."""
        self._data = data_of(self.runtime)
        return self

    def at(self, browser: Browser, url: str, page: Any = None) -> None:
        """Look at a page, by opening it or as it came back."""
        reply = page or browser.get(url)
        if reply.mimetype != "text/html" or reply.status_code in {301, 302, 303, 308}:
            return
        self.count += 1
        assert reply.status_code < 500, url
        self.found += [
            f"{reply.status_code} {url}: {text}" for text in left_in_chinese(reply.text, self._data)
        ]


@pytest.fixture
def look(runtime: Runtime) -> Look:
    """Collects what is not English."""
    return Look(runtime)


def test_every_address_is_english_for_every_role(
    app: Flask, people: People, world: World, reader: Reader, look: Look
) -> None:
    readers: list[Browser] = [reader(None), reader(world.owner)]
    homes = {
        Role.QUESTION_ADMIN: people.province_id,
        Role.AUDITOR: people.province_id,
        Role.INSTITUTION_OFFICER: people.institution_id,
    }
    for role in Role:
        if role is not Role.TRAINEE:
            where = homes.get(role, world.city_id)
            readers.append(reader(people.staff(role, organisation_id=where)))
    look.refresh()
    for browser in readers:
        for rule, method in rules(app):
            if method == "GET" and rule.endpoint != "static":
                look.at(browser, address(app, rule, ids_for(world, rule.endpoint)))
    assert look.found == []
    assert look.count > 200


def test_refused_forms_are_english(
    people: People, world: World, reader: Reader, look: Look, runtime: Runtime
) -> None:
    visitor, owner = reader(None), reader(world.owner)
    trainee = reader(people.trainee(profile=False, photo=False, consents=False))
    admin = reader(people.staff(Role.ADMINISTRATOR))
    exams = reader(people.staff(Role.EXAM_ADMIN))
    reviewer = reader(people.staff(Role.REVIEWER, organisation_id=world.city_id))
    registrar = reader(people.staff(Role.REGISTRAR))
    officer = reader(people.staff(Role.INSTITUTION_OFFICER))
    look.refresh()
    ids = world.ids
    for browser, url, sent in (
        (visitor, "/sign-in", {"login_name": "nobody", "password": "x"}),
        (visitor, "/register", {"name": "x", "mobile": "12", "email": "no", "password": "short", "purpose": "y"}),
        (visitor, "/register", {"name": "x", "mobile": world.owner.login_name, "email": "a@example.com",
                                "password": "lantern over the lake", "purpose": "y"}),
        (visitor, "/recover/none", {"password": "x"}),
        (visitor, "/verify", {"number": "12", "name": ""}),
        (visitor, "/verify", {"number": "263401000520037", "name": "x"}),
        (visitor, "/verify/file", {"file": (BytesIO(b"GIF89a"), "a.gif")}),
        (officer, "/desk/verification", {"file": (BytesIO(b"a,b"), "a.csv")}),
        (trainee, "/account/profile", {"name": "x", "id_number": "1", "mobile": "1", "education": "中学"}),
        (trainee, "/account/profile", {"name": "x", "id_number": "340104190013320018", "mobile": "13800000000",
                                       "education": "小学", "address": "x", "employer_id": people.institution_id,
                                       "exam_region": "省直", "candidate_category": "其他"}),
        (trainee, "/account/photo", {"photo": (BytesIO(b"GIF89a"), "a.gif")}),
        (trainee, "/account/security", {"current_password": "x", "password": "aaaaaaaa"}),
        (trainee, f"/applications/plans/{ids['plan_id']}", {"choice": "x", "action": "submit"}),
        (owner, f"/applications/{ids['application_id']}", {"choice": "x", "action": "submit"}),
        (owner, f"/applications/{ids['application_id']}/evidence", {"kind": "query",
                                                                             "evidence": (BytesIO(b"?"), "a.txt")}),
        (trainee, f"/exam/{ids['plan_id']}/start", {}),
        (admin, "/desk/organisations", {"kind": "city", "parent_id": people.city_id, "name": "x", "code": "1"}),
        (admin, "/desk/staff", {"name": "x", "login_name": "X!", "role": "auditor", "organisation_id": people.city_id}),
        (admin, "/desk/people", {"login_name": "", "name": "x", "id_tail": "12"}),
        (admin, f"/desk/people/{world.owner.id}", {"reason": ""}),
        (exams, "/desk/plans/new", {"template_code": "anhui", "title": "", "first_day": "tomorrow"}),
        (exams, f"/desk/plans/{ids['plan_id']}/close", {}),
        (exams, f"/desk/attempts/{ids['attempt_id']}/void", {"remark": "x"}),
        (reviewer, f"/desk/reviews/{world.application_in_review}/decide", {"decision": "return", "version": "1"}),
        (registrar, f"/desk/registry/{ids['entry_id']}/revoke", {"reason": "x"}),
        (registrar, f"/desk/registry/{ids['entry_id']}/resume", {"reason": "nothing to resume"}),
    ):  # fmt: skip
        uploads = (
            {"content_type": "multipart/form-data"}
            if any(isinstance(one, tuple) for one in sent.values())
            else {}
        )
        browser.get("/account/profile")
        answer = browser.post(url, sent, **uploads)
        assert answer.status_code >= 400, (url, answer.status_code)
        look.at(browser, url, answer)
    assert look.found == []


def test_a_checked_workbook_is_reported_in_english(
    site: Site, people: People, reader: Reader, look: Look
) -> None:
    bank = reader(people.staff(Role.QUESTION_ADMIN))
    rows = (
        "题型,题干,选项A,选项B,选项C,答案,知识领域,多\n"
        "单选,天甲（ ）？,甲一,乙一,,E,政策法规,\n"
        "单选,天乙（ ）？,甲一,甲一,,AB,政策法规,\n"
        "多选,天丙（ ）？,甲一,乙一,丙一,A,政策,\n"
        "连线,天丁（ ）？,甲一,乙一,丙一,A,政策法规,\n"
        "判断,天戊。,,,,也许,政策法规,\n"
        "单选,,甲一,乙一,,A,政策法规,\n"
        "单选,天己（ ）？,甲一,乙一,,2,政策法规,余\n"
        "单选,天庚（ ）？,甲一,乙一,,A,政策法规,余\n"
        "单选,天庚（ ）？,甲一,乙一,,B,政策法规,\n"
        "题型,题干,选项A,选项B,选项C,答案,知识领域,多\n"
    )
    checked = bank.post(
        "/questions/imports", {"file": (BytesIO(rows.encode()), "某表.csv"), "default_area": ""},
        content_type="multipart/form-data",
    )  # fmt: skip
    assert checked.status_code == 303
    waiting = bank.get(checked.location).text
    assert left_in_chinese(waiting, [*data_of(people.runtime), *CHINESE_IN_ENGLISH]) == []
    site.run_jobs()
    page = bank.get(checked.location).text
    for words in (
        "Row 2, column F: The answer “E” has no option; this question has only A–B.",
        "is not clear. Please enter “正确” (true) or “错误” (false)",
        "is not supported. Please use 单选题 (single choice)",
        "with another answer; neither was imported.",
        "heading repeated",
    ):
        assert words in html.unescape(page), words
    typed = {*re.findall(r"[^,\n]+", rows), "某表", *CHINESE_IN_ENGLISH, *data_of(people.runtime)}
    known = sorted(typed, key=len, reverse=True)
    assert left_in_chinese(page, known) == []
    for more in ("?kind=new", "/columns", "/card"):
        assert left_in_chinese(bank.get(f"{checked.location}{more}").text, known) == [], more


def set_all(runtime: Runtime, model: Any, *where: Any, **values: Any) -> None:
    """Put rows into a state, past the services: how they read is what is asked here."""
    with runtime.write() as uow:
        uow.session.execute(update(model).where(*where).values(**values))


@pytest.fixture
def road(people: People, world: World, runtime: Runtime) -> Iterator[tuple[str, str]]:
    """Leave the owner one application and nothing else, and say (application's id, plan's id)."""
    somebody_else = people.trainee().id
    set_all(runtime, Certificate, person_id=somebody_else)
    set_all(runtime, Application, Application.id != world.ids["application_id"], person_id=somebody_else)
    return world.ids["application_id"], world.ids["plan_id"]


def test_every_state_of_an_application_is_english(
    world: World, road: tuple[str, str], reader: Reader, look: Look, runtime: Runtime
) -> None:
    owner = reader(world.owner)
    application_id, plan_id = road
    looked = ("/home", "/applications", f"/applications/{application_id}", "/study/", "/exam/", "/certificates",
              f"/exam/{plan_id}", f"/study/{plan_id}")  # fmt: skip
    look.refresh()
    for state in ApplicationState:
        for outcome in (None, *Outcome) if state is ApplicationState.APPROVED else (None,):
            set_all(runtime, Application, Application.id == application_id, state=state, outcome=outcome)
            for url in looked:
                look.at(owner, url)
    set_all(runtime, Application, state=ApplicationState.APPROVED, outcome=None)
    for stage in StageState:
        set_all(runtime, ApplicationStage, state=stage)
        for url in looked:
            look.at(owner, url)
    assert look.found == []
    assert look.count > 60


def test_every_state_of_a_plan_and_an_exam_is_english(
    world: World, road: tuple[str, str], reader: Reader, look: Look, runtime: Runtime, clock: ClockControl
) -> None:
    owner = reader(world.owner)
    _application_id, plan_id = road
    result = f"/exam/attempts/{world.ids['attempt_id']}/result"
    looked = ("/home", "/applications", f"/exam/{plan_id}", f"/study/{plan_id}", result)
    look.refresh()
    for plan in PlanState:
        set_all(runtime, Plan, state=plan)
        for url in looked:
            look.at(owner, url)
    set_all(runtime, Plan, state=PlanState.PUBLISHED)
    for attempt in AttemptState:
        graded = attempt is AttemptState.GRADED
        set_all(
            runtime, Attempt, Attempt.id == world.ids["attempt_id"], state=attempt, score=9600 if graded else None,
            full_score=10000 if graded else None, passed=True if graded else None,
        )  # fmt: skip
        for url in looked:
            look.at(owner, url)
    clock.advance(9 * 24 * 3600)
    owner.sign_in(world.owner.login_name, world.owner.password)
    for url in looked:
        look.at(owner, url)
    assert look.found == []
    assert look.count > 40


STANDINGS = (
    (CertificateState.PENDING, EntryState.ACTIVE, 0), (CertificateState.ISSUED, EntryState.ACTIVE, 0),
    (CertificateState.ISSUED, EntryState.SUSPENDED, 0), (CertificateState.SUPERSEDED, EntryState.ACTIVE, 0),
    (CertificateState.REVOKED, EntryState.REVOKED, 0), (CertificateState.ISSUED, EntryState.ACTIVE, 1020),
    (CertificateState.ISSUED, EntryState.EXPIRED, 90),
)  # fmt: skip
"""Certificate, entry, and the days that pass before somebody looks."""


def test_every_standing_of_a_certificate_is_english(
    people: People, world: World, reader: Reader, look: Look, runtime: Runtime, clock: ClockControl
) -> None:
    registrar_ = people.staff(Role.REGISTRAR)
    owner, visitor, registrar = reader(world.owner), reader(None), reader(registrar_)
    with runtime.read() as uow:
        code = uow.session.scalars(
            select(Certificate.verification_code).where(Certificate.id == world.ids["certificate_id"])
        ).one()
    look.refresh()
    pages = (
        (owner, f"/certificates/{world.ids['certificate_id']}"), (owner, "/home"), (visitor, f"/verify/{code}"),
        (registrar, "/desk/registry"), (registrar, f"/desk/registry/{world.ids['entry_id']}"),
    )  # fmt: skip
    for certificate, entry, days in STANDINGS:
        clock.advance(days * 24 * 3600)
        set_all(
            runtime,
            Certificate,
            state=certificate,
            revoked_at=clock.now(),
            revoked_because="too many marks given",
        )
        set_all(runtime, RegistryEntry, state=entry)
        owner.sign_in(world.owner.login_name, world.owner.password)
        registrar.sign_in(registrar_.login_name, registrar_.password)
        for browser, url in pages:
            look.at(browser, url)
    assert look.found == []
    assert look.count >= len(STANDINGS) * len(pages)
