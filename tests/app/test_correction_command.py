"""The operator lets one correction of an identity through, in writing."""

import pytest
from flask import Flask

from lms.accounts import service as accounts
from lms.accounts.policy import IdentityLock
from lms.accounts.queries import get_profile
from lms.core.unit_of_work import Runtime
from tests.support.people import KnownPerson, People

pytestmark = pytest.mark.parametrize("site", ["sqlite"], indirect=True)


@pytest.fixture
def held(runtime: Runtime, people: People) -> KnownPerson:
    person = people.trainee()
    with runtime.write() as uow:
        accounts.lock_identity(uow, person.id)
    return person


def run(app: Flask, login_name: str, remark: str) -> tuple[int, str]:
    done = app.test_cli_runner().invoke(args=["lms", "allow-correction", login_name, remark])
    return done.exit_code, done.output


def test_one_correction_is_allowed_and_said(app: Flask, runtime: Runtime, held: KnownPerson) -> None:
    status, words = run(app, held.login_name, "核对了身份证原件")
    assert (status, "once" in words) == (0, True)
    with runtime.read() as uow:
        assert get_profile(uow, held.id).identity_lock == IdentityLock.CORRECTING


def test_no_reason_no_such_person_and_nothing_to_allow_are_refused_in_words(
    app: Flask, held: KnownPerson, people: People
) -> None:
    assert run(app, held.login_name, " ")[0] == 1
    assert "nobody signs in as" in run(app, "13900000000", "核对了身份证原件")[1]
    free = people.trainee()
    status, words = run(app, free.login_name, "核对了身份证原件")
    assert status == 1
    assert "Traceback" not in words
