"""A room in which courses are prepared, and films to prepare them with."""

from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest

from lms.accounts.policy import Role
from lms.app.invariants import ALL_INVARIANTS
from lms.core.invariants import check
from lms.core.unit_of_work import Runtime
from tests.factories.films import film
from tests.support.browser import Browser
from tests.support.people import KnownPerson, People

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@pytest.fixture(scope="session")
def film_file(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Make a film once and find it again."""
    folder = tmp_path_factory.mktemp("films")

    def make(name: str, **options: object) -> Path:
        path = folder / name
        return path if path.exists() else film(path, **options)

    return make


class Desk:
    """Somebody who prepares courses, in a browser."""

    def __init__(self, browser: Browser, person: KnownPerson | None = None) -> None:
        self.browser, self.person = browser, person

    def come_back(self) -> None:
        """Sign in again, after the sign-in has ended."""
        assert self.person is not None
        self.browser.sign_in(self.person.login_name, self.person.password)

    def draft(self, title: str = "考评实务", code: str = "practice-1") -> str:
        """Begin a course and return the address of its draft."""
        return self.browser.post("/desk/courses/new", {"title": title, "code": code}).location

    def lesson(self, draft: str, title: str = "第一课的内容") -> str:
        """Add a lesson and return its address."""
        return self.browser.post(f"{draft}/lessons", {"lesson_title": title}).location

    def send(self, address: str, field: str, data: bytes, name: str) -> object:
        """Upload a file."""
        return self.browser.post(address, {field: (BytesIO(data), name)}, content_type="multipart/form-data")


@pytest.fixture
def desk(people: People, runtime: Runtime, signed_in: Callable[[KnownPerson], Browser]) -> Iterator[Desk]:
    """An exam administrator of the province at the desk; what he leaves is sound."""
    person = people.staff(Role.EXAM_ADMIN)
    yield Desk(signed_in(person), person)
    with runtime.read() as uow:
        assert check(uow, ALL_INVARIANTS) == {}
