"""Who sees a picture of a paper: the candidate who holds it, while he holds it."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import update

from lms.exam.models.attempts import Attempt
from lms.questions import service as questions
from tests.exam.conftest import ExamHouse
from tests.exam.illustrated import open_with_a_picture
from tests.factories.illustrated import drawing, illustrated
from tests.support.browser import Browser
from tests.support.people import KnownPerson

SignIn = Callable[[KnownPerson], Browser]


def test_a_candidate_sees_the_picture_of_his_paper_while_he_sits_and_nobody_else_does(
    house: ExamHouse, signed_in: SignIn
) -> None:
    key = open_with_a_picture(house)
    candidate = house.candidate()
    browser = signed_in(candidate.person)
    started = browser.post(f"/exam/{house.plan_id}/start")
    attempt_url = started.location
    page = browser.get(attempt_url).text
    url = f"{attempt_url}/pictures/{key}"
    assert f'src="{url}" alt="接线图" width="640" height="360"' in page
    reply = browser.get(url)
    assert (reply.status_code, reply.mimetype) == (200, "image/png")
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in reply.headers["Cache-Control"]
    assert browser.get(f"/questions/pictures/{key}").status_code == 403, "the bank's own address is not his"

    other = house.candidate()
    stranger = signed_in(other.person)
    assert stranger.get(url).status_code == 404
    second = signed_in(candidate.person)
    assert second.get(url).status_code == 409, "another device has not taken over"

    lease = browser.post_json(f"/api/v1/exam/plans/{house.plan_id}/attempts", {}).get_json()
    assert lease["pictures"] == {key: {"url": url, "width": 640, "height": 360}}
    assert browser.client.post("/api/v1/exam/submit", json={"lease": lease["lease"]}).status_code == 200
    assert browser.get(url).status_code == 404, "the paper is handed in"


def test_a_picture_of_another_paper_is_not_on_this_one(house: ExamHouse, signed_in: SignIn) -> None:
    key = open_with_a_picture(house)
    with house.runtime.write() as uow:
        file = illustrated(("另一题", drawing(200, 100)))
        questions.import_questions(uow, house.operator, "另.xml", file, default_area="policy")
    candidate = house.candidate()
    browser = signed_in(candidate.person)
    attempt_url = browser.post(f"/exam/{house.plan_id}/start").location
    shown = key in browser.get(attempt_url).text
    for other in ("0" * 64, "%", "..%2f", key[:-1], key.upper()):
        assert browser.get(f"{attempt_url}/pictures/{other}").status_code == 404, other
    assert (browser.get(f"{attempt_url}/pictures/{key}").status_code == 200) is shown


def test_after_the_time_is_over_the_picture_is_gone(house: ExamHouse, signed_in: SignIn) -> None:
    key = open_with_a_picture(house)
    browser = signed_in(house.candidate().person)
    attempt_url = browser.post(f"/exam/{house.plan_id}/start").location
    assert browser.get(f"{attempt_url}/pictures/{key}").status_code == 200
    with house.runtime.write() as uow:
        over = uow.now - timedelta(minutes=1)
        uow.session.execute(update(Attempt).values(deadline_at=over))
    assert browser.get(f"{attempt_url}/pictures/{key}").status_code == 404
