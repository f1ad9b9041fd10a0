"""The exam through HTTP, as a candidate's browser and an intruder's script would use it."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, update

from lms.accounts import service as accounts
from lms.accounts.policy import Role
from lms.enrolment.policy import StageState
from lms.exam.jobs import attempts as jobs
from lms.exam.models.attempts import AnswerRevision, Attempt, Paper
from lms.exam.policy.attempts import AttemptState
from lms.exam.policy.conditions import EVERYONE
from lms.exam.queries import saved_answers
from lms.exam.service import conditions
from lms.plans.models import Plan
from question_bank.paper_json import key_from_json
from tests.exam.conftest import Candidate, ExamHouse
from tests.support.browser import Browser
from tests.support.people import KnownPerson
from tests.support.site import ClockControl

SignIn = Callable[[KnownPerson], Browser]
STEM = re.compile(r"(?:单选|多选|判断)第 \d 题")


def begin(browser: Browser, house: ExamHouse) -> dict[str, Any]:
    """Start through the API and return what it sends."""
    reply = browser.post_json(f"/api/v1/exam/plans/{house.plan_id}/attempts", {})
    assert reply.status_code == 201, reply.text
    found: dict[str, Any] = reply.get_json()
    return found


def save(browser: Browser, lease: str, position: int, revision: int, choice: list[str]) -> Any:
    body = {"lease": lease, "position": position, "revision": revision, "choice": choice}
    return browser.client.post("/api/v1/exam/answer", json=body)


def right_answers(house: ExamHouse, attempt_id: str) -> dict[int, list[str]]:
    """Look into the key, as no candidate can."""
    with house.runtime.read() as uow:
        wanted = select(Paper.key).join(Attempt, Attempt.paper_id == Paper.id).where(Attempt.id == attempt_id)
        key = uow.session.scalar(wanted)
    return {entry.position: sorted(entry.correct) for entry in key_from_json(json.loads(str(key))).entries}


def test_a_whole_exam_through_the_pages_without_any_script(
    house: ExamHouse, candidate: Candidate, signed_in: SignIn
) -> None:
    browser = signed_in(candidate.person)
    assert not STEM.search(browser.get(f"/exam/{house.plan_id}").text)
    started = browser.post(f"/exam/{house.plan_id}/start")
    assert started.status_code == 303
    page = browser.get(started.location).text
    assert len(re.findall(r'<section class="panel" id="q\d+"', page)) == 10
    attempt_id = started.location.rsplit("/", 1)[1]
    form: dict[str, Any] = {"lease": re.search(r'name="lease" value="([^"]+)"', page)[1], "action": "hand_in"}  # type: ignore[index]  # without a match the test fails
    for position, correct in right_answers(house, attempt_id).items():
        form[f"r{position}"] = "0"
        form[f"q{position}"] = correct
    handed = browser.post(f"/exam/attempts/{attempt_id}/hand-in", form)
    assert handed.status_code == 303
    result = browser.get(handed.location).text
    assert ">100 <small>" in result
    assert "合格" in result
    assert house.attempt(attempt_id).passed is True


def test_who_may_not_start_is_told_everything_at_once_with_figures(
    house: ExamHouse, signed_in: SignIn, clock: ClockControl
) -> None:
    candidate = house.candidate(exam=StageState.LOCKED)
    with house.runtime.write() as uow:
        opens = uow.now + timedelta(days=2)
        uow.session.execute(
            update(Plan).where(Plan.id == house.plan_id).values(exam_from=opens, exam_until=opens + timedelta(hours=4))
        )  # fmt: skip
    page = signed_in(candidate.person).get(f"/exam/{house.plan_id}").text
    assert "累计学习满 180 分钟后才能考试" in page
    assert "已计入 0 秒，待确认 0 秒，还差 180 分钟" in page
    assert "请等到 2026年11月23日 09:" in page
    assert f'href="/study/{house.plan_id}"' in page, "a way to study"
    clock.advance(86_400)
    late = signed_in(candidate.person).get(f"/exam/{house.plan_id}").text
    assert "去学习" not in late, "the study is over"
    assert "已于 2026年11月22日 09:00 截止" in late


def test_an_exam_is_chosen_among_several_plans(house: ExamHouse, signed_in: SignIn) -> None:
    candidate = house.candidate()
    browser = signed_in(candidate.person)
    assert browser.get("/exam/").location == f"/exam/{house.plan_id}"
    second = house.plan()
    house.candidate(second, exam=StageState.LOCKED, person=candidate.person)
    assert browser.get("/exam/").location == f"/exam/{house.plan_id}", "only this one is open"
    assert "换一个计划" in browser.get(f"/exam/{house.plan_id}").text
    third = house.plan()
    house.candidate(third, person=candidate.person)
    page = browser.get("/exam/").text
    assert "选择要考的计划" in page
    for plan_id in (house.plan_id, second, third):
        assert f'href="/exam/{plan_id}"' in page
    house.start(candidate, third)
    assert browser.get("/exam/").location == f"/exam/{third}", "what runs cannot wait"


def test_no_route_shows_a_question_before_the_start(
    house: ExamHouse, candidate: Candidate, signed_in: SignIn
) -> None:
    jobs.prepare_paper(house.runtime, person_id=candidate.person.id, plan_id=house.plan_id)
    browser = signed_in(candidate.person)
    with house.runtime.read() as uow:
        paper_id = uow.session.scalar(select(Paper.id))
    for url in ("/exam/", f"/exam/{house.plan_id}", f"/exam/attempts/{paper_id}", f"/exam/attempts/{paper_id}/result",
                f"/api/v1/exam/attempts/{paper_id}/clock", f"/api/v1/exam/plans/{house.plan_id}/attempts"):  # fmt: skip
        assert not STEM.search(browser.get(url, follow_redirects=True).text), url


def test_nothing_a_running_exam_sends_gives_the_key_away(
    house: ExamHouse, candidate: Candidate, signed_in: SignIn
) -> None:
    browser = signed_in(candidate.person)
    sent = begin(browser, house)
    page = browser.get(f"/exam/attempts/{sent['attempt_id']}").text
    saved = save(browser, sent["lease"], 1, 1, [sent["questions"][0]["options"][0]["id"]]).text
    clock = browser.get(f"/api/v1/exam/attempts/{sent['attempt_id']}/clock").text
    with house.runtime.read() as uow:
        paper = uow.session.scalars(select(Paper)).one()
        secrets = [paper.seed, paper.content_hash, "见通知", "correct", "fingerprint", "explanation"]
        secrets += [str(entry.item_id) for entry in key_from_json(json.loads(paper.key)).entries]
    for text in (json.dumps(sent, ensure_ascii=False), page, saved, clock):
        assert [secret for secret in secrets if secret in text] == []


def test_reading_the_exam_page_changes_nothing(
    house: ExamHouse, candidate: Candidate, signed_in: SignIn
) -> None:
    browser = signed_in(candidate.person)
    browser.get(f"/exam/{house.plan_id}")
    browser.get(f"/exam/{house.plan_id}/start")
    with house.runtime.read() as uow:
        assert uow.session.scalar(select(func.count()).select_from(Attempt)) == 0


def test_somebody_elses_attempt_is_not_there(
    house: ExamHouse, candidate: Candidate, signed_in: SignIn
) -> None:
    attempt_id = begin(signed_in(candidate.person), house)["attempt_id"]
    other = signed_in(house.candidate().person)
    for url in (f"/exam/attempts/{attempt_id}", f"/exam/attempts/{attempt_id}/result",
                f"/api/v1/exam/attempts/{attempt_id}/clock", f"/exam/desk/attempts/{attempt_id}"):  # fmt: skip
        assert other.get(url).status_code in {403, 404}, url
    assert other.post(f"/exam/attempts/{attempt_id}/take-over").status_code == 404


def test_a_forged_or_foreign_lease_opens_nothing(
    house: ExamHouse, candidate: Candidate, signed_in: SignIn
) -> None:
    browser = signed_in(candidate.person)
    sent = begin(browser, house)
    body, mark = sent["lease"].split(".")
    for lease in ("", "x", None, 7, f"{body}.{'A' * len(mark)}", f"{body}x.{mark}", sent["lease"] + "中"):
        reply = save(browser, lease, 1, 1, [])
        assert reply.status_code == 401, lease
    assert browser.client.post("/api/v1/exam/submit", json={"lease": "a.b"}).status_code == 401


def test_bad_saves_are_refused_with_reasons_and_never_break(
    house: ExamHouse, candidate: Candidate, signed_in: SignIn
) -> None:
    browser = signed_in(candidate.person)
    sent = begin(browser, house)
    options = [option["id"] for option in sent["questions"][0]["options"]]
    other = sent["questions"][1]["options"][0]["id"]
    for position, revision, choice in (
        (0, 1, []), (11, 1, []), (10**30, 1, []), (1, 0, []), (1, 10**30, []), (1, -1, []), ("1", 1, []),
        (1, True, []), (1, 1, "x"), (1, 1, [1]), (1, 1, [other]), (1, 1, options[:2]), (1, 1, ["\u202e"]),
        (1, 1, ["x" * 500]), (1, 1, [options[0]] * 9), (None, None, None),
    ):  # fmt: skip
        reply = save(browser, sent["lease"], position, revision, choice)  # type: ignore[arg-type]  # nothing that a page would send
        assert reply.status_code == 422, (position, revision, choice)
        assert reply.get_json()["reasons"]
    assert browser.client.post("/api/v1/exam/answer", data=b"{").status_code == 422
    assert browser.client.post("/api/v1/exam/answer", json=[1]).status_code == 422
    with house.runtime.read() as uow:
        assert saved_answers(uow, sent["attempt_id"]) == {}


def test_a_save_after_the_hand_in_is_refused_and_changes_no_row(
    house: ExamHouse, candidate: Candidate, signed_in: SignIn
) -> None:
    browser = signed_in(candidate.person)
    sent = begin(browser, house)
    options = [option["id"] for option in sent["questions"][0]["options"]]
    assert save(browser, sent["lease"], 1, 1, options[:1]).status_code == 200
    for _ in range(2):
        handed = browser.client.post("/api/v1/exam/submit", json={"lease": sent["lease"]})
        assert handed.status_code == 200
    before = rows(house)
    for revision in range(1, 6):
        late = save(browser, sent["lease"], 1, revision, options[:1])
        assert (late.status_code, late.get_json()["code"]) == (409, "attempt_closed")
    form = {"lease": sent["lease"], "action": "hand_in", "r1": "1", "q1": options[1]}
    assert browser.post(f"/exam/attempts/{sent['attempt_id']}/hand-in", form).status_code == 303
    assert rows(house) == before


def rows(house: ExamHouse) -> list[tuple[Any, ...]]:
    with house.runtime.read() as uow:
        return [
            (row.position, row.revision, row.choice, row.received_at)
            for row in uow.session.scalars(select(AnswerRevision).order_by(AnswerRevision.position))
        ]


def test_a_second_device_takes_over_and_only_it_can_save(
    house: ExamHouse, candidate: Candidate, signed_in: SignIn
) -> None:
    first, second = signed_in(candidate.person), signed_in(candidate.person)
    sent = begin(first, house)
    attempt_id = sent["attempt_id"]
    assert save(first, sent["lease"], 1, 1, [sent["questions"][0]["options"][0]["id"]]).status_code == 200
    offered = second.get(f"/exam/attempts/{attempt_id}").text
    assert not STEM.search(offered)
    assert (
        second.post_json(f"/api/v1/exam/plans/{house.plan_id}/attempts", {}).get_json()["code"]
        == "taken_over"
    )
    assert save(first, sent["lease"], 1, 2, []).status_code == 200
    taken = second.post(f"/exam/attempts/{attempt_id}/take-over")
    page = second.get(taken.location).text
    lease = re.search(r'name="lease" value="([^"]+)"', page)[1]  # type: ignore[index]  # without a match the test fails
    cut = save(first, sent["lease"], 1, 3, [])
    assert (cut.status_code, cut.get_json()["code"]) == (409, "taken_over")
    assert first.client.post("/api/v1/exam/submit", json={"lease": sent["lease"]}).status_code == 409
    assert save(second, lease, 1, 3, []).status_code == 200


def test_signing_out_ends_the_lease_and_signing_in_again_continues(
    house: ExamHouse, candidate: Candidate, signed_in: SignIn
) -> None:
    browser = signed_in(candidate.person)
    sent = begin(browser, house)
    browser.post("/sign-out")
    dead = save(browser, sent["lease"], 1, 1, [])
    assert (dead.status_code, dead.get_json()["code"]) == (401, "lease_dead")
    assert browser.client.post("/api/v1/exam/submit", json={"lease": sent["lease"]}).status_code == 401
    again = signed_in(candidate.person)
    assert again.post(f"/exam/attempts/{sent['attempt_id']}/take-over").status_code == 303
    assert "q1" in again.get(f"/exam/attempts/{sent['attempt_id']}").text


def test_a_late_hand_in_is_told_so_and_the_saved_answers_count(
    house: ExamHouse, candidate: Candidate, signed_in: SignIn, clock: ClockControl
) -> None:
    browser = signed_in(candidate.person)
    sent = begin(browser, house)
    attempt_id = sent["attempt_id"]
    for position, correct in right_answers(house, attempt_id).items():
        assert save(browser, sent["lease"], position, 1, correct).status_code == 200
    clock.advance(3604)
    late = save(browser, sent["lease"], 1, 2, [])
    assert (late.status_code, late.get_json()["code"]) == (409, "time_up")
    assert browser.get(f"/exam/attempts/{attempt_id}").status_code in {302, 401}
    handed = browser.client.post(
        "/api/v1/exam/submit", json={"lease": sent["lease"], "score": 0, "deadline_at": 1}
    )
    assert (handed.status_code, handed.get_json()["code"]) == (409, "time_up")
    attempt = house.attempt(attempt_id)
    assert (attempt.state, attempt.is_timed_out, attempt.score) == (AttemptState.GRADED, True, 10000)


def test_fields_nobody_asked_for_change_nothing(
    house: ExamHouse, candidate: Candidate, signed_in: SignIn
) -> None:
    browser = signed_in(candidate.person)
    extra = {"score": "10000", "passed": "1", "state": "graded", "attempt_no": "0", "deadline_at": "9999999999999",
             "person_id": house.candidate().person.id}  # fmt: skip
    started = browser.post(f"/exam/{house.plan_id}/start", extra)
    attempt = house.attempt(started.location.rsplit("/", 1)[1])
    assert (attempt.attempt_no, attempt.state, attempt.score) == (1, AttemptState.IN_PROGRESS, None)
    assert attempt.person_id == candidate.person.id


def test_a_stale_form_does_not_overwrite_a_newer_answer(
    house: ExamHouse, candidate: Candidate, signed_in: SignIn
) -> None:
    browser = signed_in(candidate.person)
    sent = begin(browser, house)
    options = [option["id"] for option in sent["questions"][0]["options"]]
    for revision in (1, 2):
        assert save(browser, sent["lease"], 1, revision, [options[revision]]).status_code == 200
    stale = {"lease": sent["lease"], "action": "save", "r1": "1", "q1": options[0], "r2": "0"}
    page = browser.get(browser.post(f"/exam/attempts/{sent['attempt_id']}/hand-in", stale).location).text
    assert "有 1 题在别处改过" in page
    with house.runtime.read() as uow:
        assert saved_answers(uow, sent["attempt_id"])[1].chosen == {options[2]}
    for broken in ({"r1": "x"}, {"r1": "-1"}, {"r1": "1" * 40}, {"r1": "2", "q1": "nonsense"}):
        form = {"lease": sent["lease"], "action": "save", **broken}
        assert browser.post(f"/exam/attempts/{sent['attempt_id']}/hand-in", form).status_code == 422


def test_a_sheet_that_was_sent_by_no_button_is_saved_and_not_handed_in(
    house: ExamHouse, candidate: Candidate, signed_in: SignIn
) -> None:
    browser = signed_in(candidate.person)
    sent = begin(browser, house)
    option = sent["questions"][0]["options"][1]["id"]
    reply = browser.post(
        f"/exam/attempts/{sent['attempt_id']}/hand-in", {"lease": sent["lease"], "r1": "0", "q1": option}
    )
    assert reply.location.endswith(f"/exam/attempts/{sent['attempt_id']}")
    assert house.attempt(sent["attempt_id"]).state is AttemptState.IN_PROGRESS
    with house.runtime.read() as uow:
        assert saved_answers(uow, sent["attempt_id"])[1].chosen == {option}


def test_a_page_at_its_end_hands_in_only_what_has_no_time_left(
    house: ExamHouse, candidate: Candidate, signed_in: SignIn, clock: ClockControl
) -> None:
    browser = signed_in(candidate.person)
    sent = begin(browser, house)
    clock.advance(house.attempt(sent["attempt_id"]).remaining_ms(clock.now()) / 1000 - 60)
    at_end = {"lease": sent["lease"], "at_end": True}
    early = browser.client.post("/api/v1/exam/submit", json=at_end).get_json()
    assert early["submitted"] is False
    assert 50_000 < early["remaining_ms"] <= 60_000
    assert house.attempt(sent["attempt_id"]).state is AttemptState.IN_PROGRESS
    clock.advance(61)
    assert browser.client.post("/api/v1/exam/submit", json=at_end).get_json()["submitted"] is True
    assert house.attempt(sent["attempt_id"]).state is AttemptState.GRADED


def test_an_exam_administrator_gives_an_attempt_back_with_a_reason(
    house: ExamHouse, candidate: Candidate, signed_in: SignIn
) -> None:
    attempt_id = house.start(candidate)
    house.hand_in(candidate, attempt_id)
    admin = signed_in(house.people.staff(Role.EXAM_ADMIN))
    assert candidate.person.name in admin.get("/exam/desk/attempts").text
    url = f"/exam/desk/attempts/{attempt_id}/void"
    assert admin.post(url, {"remark": ""}).status_code == 422
    assert admin.post(url, {"remark": "停"}).status_code == 422
    assert admin.post(url, {"remark": "考场停电 12 分钟，监考记录第 3 号"}).status_code == 303
    page = admin.get(f"/exam/desk/attempts/{attempt_id}").text
    assert "考场停电 12 分钟" in page
    assert "已作废" in signed_in(candidate.person).get(f"/exam/attempts/{attempt_id}/result").text
    second = house.start(candidate)
    assert house.attempt(second).attempt_no == 1


def test_an_exam_administrator_does_not_give_his_own_attempt_back(
    house: ExamHouse, candidate: Candidate, signed_in: SignIn
) -> None:
    attempt_id = house.start(candidate)
    house.hand_in(candidate, attempt_id)
    with house.runtime.write() as uow:
        accounts.grant_role(
            uow, house.operator, candidate.person.id, Role.EXAM_ADMIN, house.people.province_id
        )
    own, url = signed_in(candidate.person), f"/exam/desk/attempts/{attempt_id}"
    refused = own.post(f"{url}/void", {"remark": "监考记录：网络中断 20 分钟"})
    assert refused.status_code == 409
    assert "不能处理自己的考试" in refused.text
    assert house.attempt(attempt_id).state is AttemptState.GRADED
    assert f'action="{url}/void"' not in own.get(url).text
    assert f'action="{url}/void"' in signed_in(house.people.staff(Role.EXAM_ADMIN)).get(url).text


def test_whose_role_does_not_reach_the_plan_is_not_offered_what_is_refused(
    house: ExamHouse, candidate: Candidate, signed_in: SignIn
) -> None:
    attempt_id = house.start(candidate)
    house.hand_in(candidate, attempt_id)
    person = house.people.staff(Role.EXAM_ADMIN, organisation_id=house.people.city_id)
    with house.runtime.write() as uow:
        accounts.grant_role(uow, house.operator, person.id, Role.AUDITOR, house.people.province_id)
    page = signed_in(person).get(f"/exam/desk/attempts/{attempt_id}")
    assert (page.status_code, "/void" in page.text) == (200, False)


def test_a_pause_is_not_called_the_end_of_all_chances(
    house: ExamHouse, candidate: Candidate, signed_in: SignIn, clock: ClockControl
) -> None:
    attempt_id = house.start(candidate)
    house.hand_in(candidate, attempt_id)
    url = f"/exam/attempts/{attempt_id}/result"
    admin = house.people.actor(house.people.staff(Role.EXAM_ADMIN))
    with house.runtime.write() as uow:
        conditions.pause(uow, admin, house.plan_id, EVERYONE, 600, "考点停电，按应急预案处理")
    page = signed_in(candidate.person).get(url).text
    assert ("现在还不能开始下一次考试" in page, "本期不能再考" in page) == (True, False)
    clock.advance(5 * 3600)  # the window is over, with the ten minutes that were added
    page = signed_in(candidate.person).get(url).text
    assert ("现在还不能开始下一次考试" in page, "本期不能再考" in page) == (False, True)


def test_staff_outside_the_scope_neither_see_nor_void(
    house: ExamHouse, candidate: Candidate, signed_in: SignIn
) -> None:
    attempt_id = house.start(candidate)
    outsider = signed_in(house.people.staff(Role.EXAM_ADMIN, organisation_id=house.people.city_id))
    assert candidate.person.name not in outsider.get("/exam/desk/attempts").text
    assert outsider.get(f"/exam/desk/attempts/{attempt_id}").status_code == 404
    assert (
        outsider.post(f"/exam/desk/attempts/{attempt_id}/void", {"remark": "没有权限的人"}).status_code == 404
    )
    auditor = signed_in(house.people.staff(Role.AUDITOR))
    assert (
        auditor.post(f"/exam/desk/attempts/{attempt_id}/void", {"remark": "没有权限的人"}).status_code == 403
    )
