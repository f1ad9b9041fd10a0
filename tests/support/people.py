"""Invented people and synthetic ID numbers (born in 1900, a serial that no register gave)."""

import io
from dataclasses import dataclass
from itertools import count

from argon2 import PasswordHasher
from PIL import Image, ImageDraw

from lms.accounts import service
from lms.accounts.policy import REQUIRED_CONSENTS, OrganisationKind, Role
from lms.accounts.queries import actor_of
from lms.core.actors import Actor
from lms.core.unit_of_work import Runtime

PASSWORD = "correct horse 2026"
_SERIAL = count(1)
# As weak as argon2 can be: a thousand tests sign somebody in, and what they try is not the hash.
_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_FAMILY = "林陈沈顾陆方许何吕施"
_GIVEN = ("书禾", "知远", "清和", "若水", "景行", "文澜", "嘉木", "云舒", "怀瑾", "思齐")


def id_number(serial: int, prefix: str = "340104") -> str:
    """Return a synthetic ID number with a right check character; births are in 1900."""
    body = f"{prefix}1900{serial // 28 % 12 + 1:02d}{serial % 28 + 1:02d}{serial % 1000:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True))
    return body + "10X98765432"[total % 11]


def portrait(width: int = 295, height: int = 413, kind: str = "JPEG") -> bytes:
    """Draw a portrait as a camera would save it."""
    image = Image.new("RGB", (width, height), "#dfe8ee")
    draw = ImageDraw.Draw(image)
    draw.ellipse((width * 0.3, height * 0.18, width * 0.7, height * 0.55), fill="#c9b39c")
    draw.rectangle((width * 0.2, height * 0.62, width * 0.8, height), fill="#34506b")
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


@dataclass(frozen=True)
class KnownPerson:
    """A person of a test, with what is needed to sign in."""

    id: str
    login_name: str
    name: str
    password: str = PASSWORD


@dataclass(frozen=True)
class Places:
    """The organisations of a test's house: a province, two of its cities, and an institution in each."""

    province_id: str
    city_id: str
    institution_id: str
    other_city_id: str
    other_institution_id: str


OPERATOR = Actor.system("operator")


def found_places(runtime: Runtime) -> Places:
    """Create the organisations through the service that an administrator uses."""
    with runtime.write() as uow:
        province = service.ensure_province(uow, OPERATOR, "江岚省职业技能评价指导中心").id

        def found(kind: OrganisationKind, above: str, name: str, code: str) -> str:
            return service.create_organisation(uow, OPERATOR, kind, above, name, code)

        city = found(OrganisationKind.CITY, province, "云浦市职业技能鉴定中心", "34010000")
        institution = found(OrganisationKind.INSTITUTION, city, "云浦电力技能评价中心", "34010005")
        other_city = found(OrganisationKind.CITY, province, "岚山市职业技能鉴定中心", "34020000")
        other = found(OrganisationKind.INSTITUTION, other_city, "岚山机电技能评价中心", "34020007")
    return Places(province, city, institution, other_city, other)


class People:
    """Makes people through the services that real users use, in organisations that it founds unless they stand."""

    def __init__(self, runtime: Runtime, places: Places | None = None) -> None:
        self.runtime = runtime
        self.operator = OPERATOR
        places = places or found_places(runtime)
        self.province_id = places.province_id
        self.city_id = places.city_id
        self.institution_id = places.institution_id
        self.other_city_id = places.other_city_id
        self.other_institution_id = places.other_institution_id

    def trainee(
        self,
        *,
        employer_id: str | None = None,
        profile: bool = True,
        photo: bool = True,
        consents: bool = True,
    ) -> KnownPerson:
        """Register a trainee, by default with everything the profile-first gate asks for."""
        serial = next(_SERIAL)
        name = _FAMILY[serial % 10] + _GIVEN[serial // 10 % 10]
        mobile = f"139{serial:08d}"
        with self.runtime.write() as uow:
            person_id = service.register_person(uow, mobile, name, f"t{serial}@example.test", _HASH)
        person = KnownPerson(person_id, mobile, name)
        actor = self.actor(person)
        if profile:
            with self.runtime.write() as uow:
                service.save_profile(uow, actor, self.profile_input(serial, name, mobile, employer_id))
        if profile and photo:
            key = self.runtime.storage.put(portrait())
            with self.runtime.write() as uow:
                service.save_photo(uow, actor, key)
        if consents:
            with self.runtime.write() as uow:
                service.give_consents(uow, actor, frozenset(REQUIRED_CONSENTS))
        return person

    def profile_input(
        self, serial: int, name: str, mobile: str, employer_id: str | None = None
    ) -> service.ProfileInput:
        """Return what a person types into the data form."""
        return service.ProfileInput(
            name=name, id_number=id_number(serial), education="大学本科", mobile=mobile, email="", postcode="230001",
            exam_region="省直", candidate_category="企业职工", address="江岚省云浦市文澜路 8 号", identity_flag="",
            employer_id=employer_id or self.institution_id, employed_since=None,
        )  # fmt: skip

    def staff(self, *roles: Role, organisation_id: str | None = None) -> KnownPerson:
        """Create a member of staff with roles in one scope: the province by default, an officer's own institution."""
        home = self.institution_id if Role.INSTITUTION_OFFICER in roles else self.province_id
        serial = next(_SERIAL)
        login = f"staff{serial}"
        with self.runtime.write() as uow:
            person_id = service.create_staff(
                uow,
                self.operator,
                login,
                f"职员{serial}",
                _HASH,
                must_change=False,
                email=f"{login}@example.test",
            )
            for role in roles:
                service.grant_role(uow, self.operator, person_id, role, organisation_id or home)
        return KnownPerson(person_id, login, f"职员{serial}")

    def actor(self, person: KnownPerson) -> Actor:
        """Return a person as services see him."""
        with self.runtime.read() as uow:
            return actor_of(uow, person.id)
