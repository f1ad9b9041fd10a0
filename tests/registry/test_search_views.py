"""The registrar's list through HTTP: the search, its filters in the address, and filters saved by name."""

from collections.abc import Callable

import pytest

from lms.accounts.policy import Role
from lms.certificates.queries.certificates import CertificateFacts
from lms.core.unit_of_work import Runtime
from lms.registry.policy.saved_filters import MOST_SAVED, keep_reasons
from tests.factories.certificates import a_graduate, deliver_blank
from tests.factories.plans import a_plan
from tests.support.browser import Browser
from tests.support.people import KnownPerson, People

SignedIn = Callable[[KnownPerson], Browser]


@pytest.fixture
def certificate(runtime: Runtime, people: People) -> CertificateFacts:
    """A valid, registered certificate."""
    return deliver_blank(runtime, a_graduate(runtime, people, a_plan(runtime, people)))


def test_the_list_is_searched_and_narrowed_by_its_address(
    signed_in: SignedIn, people: People, certificate: CertificateFacts
) -> None:
    desk = signed_in(people.staff(Role.REGISTRAR))
    name = certificate.holder_name
    for query in (
        f"q={name[-2:]}", f"q={certificate.number[-4:]}", f"region={people.city_id}", "standing=valid",
        "ends_from=2029-11-20&ends_to=2029-11-20", "level=examiner&occupation=6-31-01-03",
    ):  # fmt: skip
        assert name in desk.get(f"/desk/registry?{query}").text, query
    for query in ("q=赵钱孙", f"region={people.other_city_id}", "standing=revoked", "ends_to=2029-11-19"):
        assert name not in desk.get(f"/desk/registry?{query}").text, query


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("ends_from=2029-13-01", "请按 2009-07-01 的形式填写日期"),
        ("ends_from=2029-12-01&ends_to=2029-11-01", "止日不能早于起日"),
    ],
)
def test_a_day_that_is_none_is_told_at_its_field(
    signed_in: SignedIn, people: People, query: str, words: str
) -> None:
    page = signed_in(people.staff(Role.REGISTRAR)).get(f"/desk/registry?{query}")
    assert page.status_code == 422
    assert words in page.text


def test_a_filter_is_saved_found_above_the_list_and_deleted(
    signed_in: SignedIn, people: People, certificate: CertificateFacts
) -> None:
    desk = signed_in(people.staff(Role.REGISTRAR))
    desk.get("/desk/registry?level=examiner")
    kept = desk.post("/desk/registry/saved?level=examiner", {"name": "本市考评员"})
    assert kept.status_code == 303
    assert kept.headers["Location"].endswith("/desk/registry?level=examiner")
    page = desk.get("/desk/registry").text
    assert "本市考评员" in page
    assert 'href="/desk/registry?level=examiner"' in page
    again = desk.post("/desk/registry/saved?level=examiner", {"name": "本市考评员"})
    assert again.status_code == 422
    assert "已经有了" in again.text
    assert certificate.holder_name in again.text, "the list stays"
    assert desk.post("/desk/registry/saved?level=examiner", {"name": ""}).status_code == 422
    assert desk.post("/desk/registry/saved", {"name": "空"}).status_code == 422
    saved = page.split("/desk/registry/saved/")[1].split("/delete")[0]
    stranger = signed_in(people.staff(Role.REGISTRAR))
    assert "本市考评员" not in stranger.get("/desk/registry").text
    assert stranger.post(f"/desk/registry/saved/{saved}/delete", {}).status_code == 404
    assert desk.post(f"/desk/registry/saved/{saved}/delete", {}).status_code == 303
    assert "本市考评员" not in desk.get("/desk/registry?level=senior").text


def test_nobody_saves_more_filters_than_stand_above_a_list() -> None:
    taken = [str(number) for number in range(MOST_SAVED)]
    assert [one.code for one in keep_reasons("新", {"q": "王"}, taken)] == ["saved.many"]
    assert keep_reasons("新", {"q": "王"}, taken[1:]) == []
    assert [one.code for one in keep_reasons("x" * 21, {"q": "王"}, [])] == ["saved.name"]
