"""An administrator lets somebody correct a held name, ID number or portrait once, in writing (A12)."""

import json
from collections.abc import Callable

import pytest
from sqlalchemy import select

from lms.accounts import service
from lms.accounts.policy import IdentityLock, Role, correction_reasons
from lms.accounts.queries import get_profile
from lms.audit.models import AuditEvent
from lms.core.errors import Conflict, NotFound
from lms.core.unit_of_work import Runtime
from tests.support.browser import Browser
from tests.support.people import KnownPerson, People

SignIn = Callable[[KnownPerson], Browser]
WHY = "核对了身份证原件，登记时姓名错一字"


@pytest.fixture
def admin(people: People) -> KnownPerson:
    return people.staff(Role.ADMINISTRATOR, organisation_id=people.city_id)


@pytest.fixture
def held(runtime: Runtime, people: People) -> KnownPerson:
    person = people.trainee()
    with runtime.write() as uow:
        service.lock_identity(uow, person.id)
    return person


def lock_of(runtime: Runtime, person: KnownPerson) -> str:
    with runtime.read() as uow:
        return get_profile(uow, person.id).identity_lock


@pytest.mark.parametrize(
    ("lock", "is_oneself", "code"),
    [
        (IdentityLock.LOCKED, False, None),
        (IdentityLock.LOCKED, True, "identity.own"),
        (IdentityLock.CORRECTING, False, "identity.not_locked"),
        (IdentityLock.OPEN, False, "identity.not_locked"),
        (None, False, "identity.not_locked"),
    ],
)
def test_when_a_correction_can_be_allowed(
    lock: IdentityLock | None, *, is_oneself: bool, code: str | None
) -> None:
    assert [reason.code for reason in correction_reasons(lock, is_oneself=is_oneself)] == (
        [code] if code else []
    )


def test_it_is_allowed_once_on_the_page_and_stands_in_the_record(
    runtime: Runtime, signed_in: SignIn, admin: KnownPerson, held: KnownPerson
) -> None:
    browser = signed_in(admin)
    page = browser.get(f"/desk/people/{held.id}").text
    assert "已锁定" in page
    done = browser.post(f"/desk/people/{held.id}/correction", {"reason": WHY})
    assert done.status_code == 303
    page = browser.get(done.location).text
    assert "已允许更正一次" in page
    assert f"/desk/people/{held.id}/correction" not in page, "what will be refused is not offered"
    assert lock_of(runtime, held) == IdentityLock.CORRECTING
    with runtime.read() as uow:
        event = uow.session.scalars(
            select(AuditEvent).where(AuditEvent.tag == "profile:allow_correction")
        ).one()
    assert (event.actor_id, event.subject_id, json.loads(event.fields)) == (
        admin.id,
        held.id,
        {"reason": WHY},
    )
    assert browser.post(f"/desk/people/{held.id}/correction", {"reason": WHY}).status_code == 409


@pytest.mark.parametrize(
    ("reason", "words"), [("", "请写明"), (" ", "请写明"), ("长" * 201, "最多 200 个字")]
)
def test_it_is_not_allowed_without_saying_why(
    runtime: Runtime, signed_in: SignIn, admin: KnownPerson, held: KnownPerson, reason: str, words: str
) -> None:
    browser = signed_in(admin)
    browser.get(f"/desk/people/{held.id}")
    refused = browser.post(f"/desk/people/{held.id}/correction", {"reason": reason})
    assert refused.status_code == 422
    assert words in refused.text
    assert lock_of(runtime, held) == IdentityLock.LOCKED


def test_it_is_not_offered_for_somebody_who_is_free_to_change_nor_for_oneself(
    runtime: Runtime, people: People, signed_in: SignIn, admin: KnownPerson
) -> None:
    free = people.trainee()
    both = people.trainee()
    with runtime.write() as uow:
        service.grant_role(uow, people.operator, both.id, Role.ADMINISTRATOR, people.province_id)
        service.lock_identity(uow, both.id)
    browser = signed_in(admin)
    page = browser.get(f"/desk/people/{free.id}").text
    assert "本人可以随时修改" in page
    assert f"/desk/people/{free.id}/correction" not in page
    assert browser.post(f"/desk/people/{free.id}/correction", {"reason": WHY}).status_code == 409
    himself = signed_in(both)
    page = himself.get(f"/desk/people/{both.id}").text
    assert "另一位系统管理员" in page
    assert f"/desk/people/{both.id}/correction" not in page
    assert himself.post(f"/desk/people/{both.id}/correction", {"reason": WHY}).status_code == 409


def test_nobody_allows_it_beyond_his_branch(
    runtime: Runtime, people: People, signed_in: SignIn, admin: KnownPerson
) -> None:
    stranger = people.trainee(employer_id=people.other_institution_id)
    with runtime.write() as uow:
        service.lock_identity(uow, stranger.id)
    browser = signed_in(admin)
    assert browser.post(f"/desk/people/{stranger.id}/correction", {"reason": WHY}).status_code == 404
    actor, free = people.actor(admin), people.trainee()
    with pytest.raises(NotFound), runtime.write() as uow:
        service.allow_correction(uow, actor, stranger.id, WHY)
    with pytest.raises(Conflict), runtime.write() as uow:
        service.allow_correction(uow, people.operator, free.id, WHY)
