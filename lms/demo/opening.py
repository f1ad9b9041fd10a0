"""Opening the house for business: organisations, staff, the filmed course and the bank, three years ago."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from lms.accounts import service as accounts
from lms.accounts.policy import OrganisationKind
from lms.accounts.queries import find_person_by_login
from lms.accounts.queries import organisations as all_organisations
from lms.audit import service as audit
from lms.audit.queries import recent_events
from lms.core.unit_of_work import UnitOfWork
from lms.courses import service as courses
from lms.courses.policy import Limits
from lms.courses.preparing import prepare_lessons
from lms.courses.queries import find_course
from lms.demo import bank
from lms.demo.house import OPERATOR, DemoHouse
from lms.demo.lesson_videos import make_lesson_videos
from lms.demo.people import STAFF
from lms.demo.questions import with_questions

BEGUN = "demo:begin"
LOADED = "demo:loaded"
COURSE_CODE = "examiner-basic"
COURSE_TITLE = "考评员基础课程"
HOUSE_AGE = timedelta(days=1230)
ORGANISATIONS = (
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


LessonFile = tuple[str, str, Path]
"""Title, summary and video of one lesson."""
Film = Callable[[Callable[[str], None]], Sequence[LessonFile]]
"""Makes the course's videos, telling how far it is, and returns them in teaching order."""


def begun_at(uow: UnitOfWork) -> datetime | None:
    """Return the moment at which the demo of this house was begun, or None when there is none."""
    found, _ = recent_events(uow, tag=BEGUN, size=1)
    return datetime.fromisoformat(json.loads(found[0].fields)["now"]) if found else None


def is_loaded(uow: UnitOfWork) -> bool:
    """Tell whether the demo of this house was told to its end."""
    return bool(recent_events(uow, tag=LOADED, size=1)[0])


def film_course(folder: Path, font_dir: Path, tell: Callable[[str], None]) -> list[LessonFile]:
    """Make the five lessons in a folder, or find them there."""
    videos = make_lesson_videos(
        folder, font_dir / "NotoSerifSC-Regular.ttf", font_dir / "NotoSerifSC-Bold.ttf", progress=tell
    )
    return [(video.title, video.summary, video.path) for video in videos]


def open_house(house: DemoHouse, film: Film, tell: Callable[[str], None]) -> None:
    """Bring an empty house to where the first class can be planned; what is there already is left."""
    opened = house.now - HOUSE_AGE
    with house.write(opened) as uow:
        found_organisations(uow, house)
        if begun_at(uow) is None:
            audit.record(uow, OPERATOR, BEGUN, house.organisations["province"], now=house.now.isoformat())
        _employ(uow, house)
    _teach(house, opened + timedelta(days=1), film, tell)
    bank.stock(house, opened + timedelta(days=3))


def found_organisations(uow: UnitOfWork, house: DemoHouse) -> None:
    """Make the three tiers, and remember who is who."""
    ids = house.organisations
    ids["province"] = accounts.ensure_province(uow, OPERATOR, uow.settings.organisation_name).id
    known = {organisation.code: organisation.id for organisation in all_organisations(uow)}
    for key, kind, parent, name, code in ORGANISATIONS:
        ids[key] = known.get(code) or accounts.create_organisation(
            uow, OPERATOR, kind, ids[parent], name, code
        )


def _employ(uow: UnitOfWork, house: DemoHouse) -> None:
    for member in STAFF:
        person = find_person_by_login(uow, member.login_name)
        person_id = (
            person.id
            if person
            else accounts.create_staff(
                uow, OPERATOR, member.login_name, member.name, house.password_hash, must_change=False
            )
        )
        house.staff[member.login_name] = person_id
        accounts.grant_role(uow, OPERATOR, person_id, member.role, house.organisations[member.scope])


def _teach(house: DemoHouse, at: datetime, film: Film, tell: Callable[[str], None]) -> None:
    with house.read(at) as uow:
        if find_course(uow, COURSE_CODE) is not None:
            return
    # Our own films: nothing in them has to be proved by decoding them to the end.
    stored = prepare_lessons(
        house.runtime.storage, film(tell), house.runtime.root / "videos", Limits(trusts=True)
    )
    with house.write(at) as uow:
        courses.add_course(uow, OPERATOR, COURSE_CODE, COURSE_TITLE, with_questions(stored))
