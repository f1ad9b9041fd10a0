"""After the exam, through the pages: the score, the paper as it was seen, corrections, and the review of a score."""

import html
import re
from collections.abc import Callable

import pytest
from sqlalchemy import select

from lms.accounts import service as accounts
from lms.accounts.policy import Role
from lms.audit.models import AuditEvent
from lms.exam.policy.reports import ReportDetail
from lms.exam.queries import saved_answers
from lms.exam.service import attempts, conditions, reports
from question_bank.correcting import CorrectionKind
from tests.exam.conftest import ExamHouse
from tests.exam.desk import WORDS, Desk, entry_at, letters_of, paper_of, sit
from tests.support.browser import Browser
from tests.support.people import KnownPerson
from tests.support.site import ClockControl

SignIn = Callable[[KnownPerson], Browser]
DAY = 86_400
_TAG = re.compile(r"<[^>]+>")
_PANEL = re.compile(r'<section class="panel" id="q(\d+)".*?</section>', re.DOTALL)
_STEM = re.compile(r'<legend class="stem"><span lang="zh-CN">(.*?)</span>', re.DOTALL)
_OPTION = re.compile(
    r'<label class="opt[^"]*"><input class="form-check-input" type="(\w+)" name="(\w+)" value="(\w+)"([^>]*)>'
    r"<b>(\w)</b><span[^>]*>(.*?)(?: <span class=.*?)?</span></label>",
    re.DOTALL,
)


def seen(page: str) -> list[tuple[object, ...]]:
    """Return what a page shows of its questions: number, words, options in order, and what is chosen."""
    found = []
    for panel in _PANEL.finditer(page):
        stem = _STEM.search(panel[0])
        assert stem is not None
        options = [
            (kind, name, value, letter, _words(text), " checked" in rest)
            for kind, name, value, rest, letter, text in _OPTION.findall(panel[0])
        ]
        found.append((int(panel[1]), _words(stem[1]), tuple(options)))
    return found


def _words(text: str) -> str:
    return html.unescape(_TAG.sub("", text)).strip()


def over(house: ExamHouse, clock: ClockControl) -> None:
    """Let the exam period be over."""
    clock.advance(5 * 3600)


def test_a_graded_paper_is_shown_again_exactly_as_it_was_seen(
    house: ExamHouse, signed_in: SignIn, clock: ClockControl
) -> None:
    candidate = house.candidate()
    browser = signed_in(candidate.person)
    started = browser.post(f"/exam/{house.plan_id}/start")
    attempt_id = started.location.rsplit("/", 1)[1]
    page = browser.get(started.location).text
    lease = re.search(r'name="lease" value="([^"]+)"', page)
    assert lease is not None
    for position, revision, choice in ((1, 1, 0), (1, 2, 1), (2, 1, 0), (7, 1, 2)):
        ids = house.options(attempt_id, position)
        body = {"lease": lease[1], "position": position, "revision": revision, "choice": [ids[choice]]}
        assert browser.client.post("/api/v1/exam/answer", json=body).status_code == 200
    last_page = seen(browser.get(started.location).text)
    assert len(last_page) == 10
    assert sum(option[5] for _, _, options in last_page for option in options) == 3
    browser.post(f"/exam/attempts/{attempt_id}/hand-in", {"lease": lease[1], "action": "hand_in"})
    over(house, clock)
    admin = signed_in(house.people.staff(Role.EXAM_ADMIN))
    kept = admin.get(f"/exam/desk/attempts/{attempt_id}/paper").text
    assert seen(kept) == last_page
    assert "试卷与封存时一致" in kept
    assert "重新评分与成绩一致" in kept
    with house.runtime.read() as uow:
        tags = uow.session.scalars(select(AuditEvent.tag).where(AuditEvent.subject_id == attempt_id)).all()
    assert "attempt:open_paper" in tags


def test_no_key_is_shown_to_anybody_before_the_exam_period_is_over(
    house: ExamHouse, signed_in: SignIn, clock: ClockControl
) -> None:
    candidate = house.candidate()
    attempt_id = sit(house, candidate, wrong=[1])
    admin, browser = signed_in(house.people.staff(Role.EXAM_ADMIN)), signed_in(candidate.person)
    assert (
        admin.post(
            f"/exam/desk/plans/{house.plan_id}/report", {"detail": ReportDetail.PAPER.value}
        ).status_code
        == 303
    )
    fingerprint = entry_at(house.runtime, attempt_id, 1).item_fingerprint
    pages = {
        "result": (browser, f"/exam/attempts/{attempt_id}/result"),
        "sheet": (browser, f"/exam/attempts/{attempt_id}/sheet"),
        "archive": (admin, f"/exam/desk/attempts/{attempt_id}/paper"),
        "proposal": (admin, f"/exam/desk/plans/{house.plan_id}/corrections/new/{fingerprint}"),
    }
    signs = ("opt-right", "opt-missed", "opt-wrong", "见通知")
    told = browser.get(pages["result"][1]).text
    assert ("题目和答案以后公布" in told, "题目和答案不公布" in told) == (True, False)
    for name, (who, url) in pages.items():
        assert [sign for sign in signs if sign in who.get(url).text] == [], name
    assert browser.get(pages["sheet"][1]).status_code == 409
    over(house, clock)
    browser, admin = signed_in(candidate.person), signed_in(house.people.staff(Role.EXAM_ADMIN))
    assert "看答卷和答案" in browser.get(pages["result"][1]).text
    sheet = browser.get(pages["sheet"][1]).text
    assert "opt-wrong" in sheet
    assert "opt-missed" in sheet
    assert "见通知" in sheet
    assert "opt-right" in admin.get(pages["archive"][1]).text


def test_a_paper_with_full_marks_is_no_key_for_staff_while_others_sit(
    house: ExamHouse, signed_in: SignIn, clock: ClockControl
) -> None:
    attempt_id = sit(house, house.candidate())
    url = f"/exam/desk/attempts/{attempt_id}/paper"
    early = signed_in(house.people.staff(Role.EXAM_ADMIN)).get(url).text
    assert len(seen(early)) == 10
    assert not any(option[5] for _, _, options in seen(early) for option in options), "what he chose is right"
    assert "10 / 10 分" not in early
    assert "考试时间结束以后才显示作答、得分、答案和解析" in early
    over(house, clock)
    late = signed_in(house.people.staff(Role.EXAM_ADMIN)).get(url).text
    assert any(option[5] for _, _, options in seen(late) for option in options)
    assert "10 / 10 分" in late


def test_a_key_that_another_exam_still_asks_for_stays_closed(
    house: ExamHouse, signed_in: SignIn, clock: ClockControl
) -> None:
    early, other_plan = house.candidate(), house.plan(hours=24)
    attempt_id = sit(house, early)
    with house.runtime.write() as uow:
        reports.set_report(uow, Desk(house).first, house.plan_id, ReportDetail.PAPER)
    there = house.start(house.candidate(other_plan), other_plan)
    with house.runtime.read() as uow:
        asked = {entry.item_fingerprint for entry in paper_of(house.runtime, there)[0].entries}
    over(house, clock)
    entries = paper_of(house.runtime, attempt_id)[0].entries
    closed = [entry.position for entry in entries if entry.item_fingerprint in asked]
    assert len(closed) > 0
    sheet = signed_in(early.person).get(f"/exam/attempts/{attempt_id}/sheet").text
    archive = (
        signed_in(house.people.staff(Role.EXAM_ADMIN)).get(f"/exam/desk/attempts/{attempt_id}/paper").text
    )
    for page in (sheet, archive):
        panels = {int(found[1]): found[0] for found in _PANEL.finditer(page)}
        for entry in entries:
            panel, is_closed = panels[entry.position], entry.position in closed
            assert ("opt-right" in panel, "还在别的考试中使用" in panel) == (not is_closed, is_closed)
    own = {position: options for position, _, options in seen(sheet)}
    assert any(option[5] for option in own[closed[0]]), "his own answer is his"
    shown = {position: options for position, _, options in seen(archive)}
    assert not any(option[5] for option in shown[closed[0]])
    first = next(entry for entry in entries if entry.position == closed[0])
    proposal = f"/exam/desk/plans/{house.plan_id}/corrections/new/{first.item_fingerprint}"
    assert "opt-right" not in signed_in(house.people.staff(Role.EXAM_ADMIN)).get(proposal).text


def test_time_added_to_somebody_keeps_the_keys_closed_for_all(
    house: ExamHouse, signed_in: SignIn, clock: ClockControl
) -> None:
    early, late = house.candidate(), house.candidate()
    attempt_id = sit(house, early)
    admin = Desk(house).first
    with house.runtime.write() as uow:
        reports.set_report(uow, admin, house.plan_id, ReportDetail.PAPER)
    running = house.start(late)
    with house.runtime.write() as uow:
        conditions.grant_extra(uow, admin, house.plan_id, late.person.id, 200, 4 * 3600, "视力障碍，凭证明")
    over(house, clock)
    browser = signed_in(early.person)
    assert browser.get(f"/exam/attempts/{attempt_id}/sheet").status_code == 409
    with house.runtime.write() as uow:
        attempts.hand_in(uow, house.lease(late, running))
    assert browser.get(f"/exam/attempts/{attempt_id}/sheet").status_code == 200


@pytest.mark.parametrize(
    ("detail", "areas", "sheet"),
    [(ReportDetail.TOTAL, False, 409), (ReportDetail.AREAS, True, 409), (ReportDetail.QUESTIONS, True, 200)],
)
def test_a_plan_says_how_much_of_a_score_is_shown(
    house: ExamHouse,
    signed_in: SignIn,
    clock: ClockControl,
    detail: ReportDetail,
    areas: bool,
    sheet: int,
) -> None:
    candidate = house.candidate()
    attempt_id = sit(house, candidate, wrong=[1])
    admin = Desk(house).first
    with house.runtime.write() as uow:
        reports.set_report(uow, admin, house.plan_id, detail)
    over(house, clock)
    browser = signed_in(candidate.person)
    page = browser.get(f"/exam/attempts/{attempt_id}/result").text
    assert ("各知识领域得分" in page) is areas
    reply = browser.get(f"/exam/attempts/{attempt_id}/sheet")
    assert reply.status_code == sheet
    assert "单选第" not in reply.text, "the questions themselves stay closed"
    scores = browser.get("/exam/scores").text
    assert ">90<" in scores
    assert f"/exam/attempts/{attempt_id}/result" in scores


def test_a_correction_from_the_paper_to_the_candidates_page(house: ExamHouse, signed_in: SignIn) -> None:
    candidate = house.candidate()
    attempt_id = sit(house, candidate, wrong=[1, 9])
    first, second = (house.people.staff(Role.EXAM_ADMIN) for _ in range(2))
    proposer, releaser = signed_in(first), signed_in(second)
    archive = proposer.get(f"/exam/desk/attempts/{attempt_id}/paper").text
    entry = entry_at(house.runtime, attempt_id, 1)
    url = f"/exam/desk/plans/{house.plan_id}/corrections/new/{entry.item_fingerprint}"
    assert f'href="{url}"' in archive
    refused = proposer.post(url, {"kind": "also", "words": "短"})
    assert refused.status_code == 422
    assert "依据写 10 至 500 个字" in refused.text
    assert "新答案要在本题的选项里选" in refused.text
    letters = letters_of(house.runtime, attempt_id, 1, chosen(house, attempt_id, 1))
    proposed = proposer.post(url, {"kind": "also", "letters": list(letters), "words": WORDS})
    assert proposed.status_code == 303
    page = proposer.get(proposed.location).text
    assert candidate.person.name in page
    assert "变为合格" in page
    assert "这件事是您提出的" in page
    digest = re.search(r'name="digest" value="(\w+)"', releaser.get(proposed.location).text)
    assert digest is not None
    alone = proposer.post(f"{proposed.location}/release", {"digest": digest[1]})
    assert alone.status_code == 409
    stale = releaser.post(f"{proposed.location}/release", {"digest": "0" * 64})
    assert stale.status_code == 409
    done = releaser.post(f"{proposed.location}/release", {"digest": digest[1]})
    assert done.status_code == 303
    result = signed_in(candidate.person).get(f"/exam/attempts/{attempt_id}/result").text
    assert ">95 <small>" in result
    assert "85 分改为 95 分" in result
    back = proposer.post(f"{proposed.location}/ask_back", {"words": WORDS})
    assert back.status_code == 303
    digest = re.search(r'name="digest" value="(\w+)"', releaser.get(proposed.location).text)
    assert digest is not None
    assert releaser.post(f"{proposed.location}/reverse", {"digest": digest[1]}).status_code == 303
    assert house.attempt(attempt_id).score == 8500
    assert releaser.post(f"{proposed.location}/nonsense", {}).status_code == 404


def chosen(house: ExamHouse, attempt_id: str, position: int) -> set[str]:
    """Return what was saved last for a question."""
    with house.runtime.read() as uow:
        return set(saved_answers(uow, attempt_id)[position].chosen)


def test_a_void_question_is_told_on_the_score_report(house: ExamHouse, signed_in: SignIn) -> None:
    candidate = house.candidate()
    attempt_id = sit(house, candidate)
    Desk(house).correct(entry_at(house.runtime, attempt_id, 1).item_fingerprint, CorrectionKind.VOID)
    page = signed_in(candidate.person).get(f"/exam/attempts/{attempt_id}/result").text
    assert "作废的题不计分，满分 90 分；得分达到满分的 90% 为合格" in page
    assert "满分改为 90 分" in page
    key, _ = paper_of(house.runtime, attempt_id)
    assert len(key.entries) == 10, "the paper itself stays as it was"


def test_a_review_is_asked_once_in_time_and_answered_by_two(
    house: ExamHouse, signed_in: SignIn, clock: ClockControl
) -> None:
    candidate = house.candidate()
    attempt_id = sit(house, candidate, wrong=[1])
    browser = signed_in(candidate.person)
    url = f"/exam/attempts/{attempt_id}/review"
    assert "10 至 500 个字" in browser.post(url, {"words": "短"}).text
    assert browser.post(url, {"words": "我认为多选题的评分不对，请核对。"}).status_code == 303
    again = browser.post(url, {"words": "我认为多选题的评分不对，请核对。"})
    assert again.status_code == 422
    assert "每次考试可以申请一次成绩复核" in again.text
    first, second = (signed_in(house.people.staff(Role.EXAM_ADMIN)) for _ in range(2))
    listed = first.get("/exam/desk/reviews").text
    review_url = re.search(r'href="(/exam/desk/reviews/\w+)"', listed)
    assert review_url is not None
    corrected = first.post(
        f"{review_url[1]}/draft", {"verdict": "corrected", "words": "已经核对，评分有误，现予更正。"}
    )
    assert corrected.status_code == 422
    assert "申请以来这次考试的成绩没有更正过" in corrected.text
    drafted = first.post(
        f"{review_url[1]}/draft", {"verdict": "confirmed", "words": "已按封存的试卷重新评分，分数一致。"}
    )
    assert drafted.status_code == 303
    result = f"/exam/attempts/{attempt_id}/result"
    assert "已按封存的试卷重新评分" not in browser.get(result).text, "one person alone says nothing"
    assert first.post(f"{review_url[1]}/confirm").status_code == 409
    assert (
        second.post(f"{review_url[1]}/hand-back", {"words": "请写得更具体一些，再交来。"}).status_code == 303
    )
    assert (
        second.post(
            f"{review_url[1]}/draft", {"verdict": "confirmed", "words": "每题重新评分，总分仍为 90 分。"}
        ).status_code
        == 303
    )
    assert second.post(f"{review_url[1]}/confirm").status_code == 409
    assert first.post(f"{review_url[1]}/confirm").status_code == 303
    page = browser.get(result).text
    assert "成绩无误，维持原分" in page
    assert "每题重新评分，总分仍为 90 分。" in page


def test_a_review_comes_too_late_after_seven_days_and_may_be_taken_back_before(
    house: ExamHouse, signed_in: SignIn, clock: ClockControl
) -> None:
    candidate = house.candidate()
    attempt_id = sit(house, candidate)
    url = f"/exam/attempts/{attempt_id}/review"
    browser = signed_in(candidate.person)
    assert browser.post(url, {"words": "我认为多选题的评分不对，请核对。"}).status_code == 303
    taken = re.search(
        r'action="(/exam/reviews/\w+/withdraw)"', browser.get(f"/exam/attempts/{attempt_id}/result").text
    )
    assert taken is not None
    assert browser.post(taken[1]).status_code == 303
    clock.advance(7 * DAY + 60)
    browser = signed_in(candidate.person)
    late = browser.post(url, {"words": "我认为多选题的评分不对，请核对。"})
    assert late.status_code == 422
    assert "成绩公布后 7 天内可以申请复核" in late.text


def test_nobody_answers_the_review_of_his_own_score(house: ExamHouse, signed_in: SignIn) -> None:
    person = house.people.trainee()
    candidate = house.candidate(person=person)
    attempt_id = sit(house, candidate)
    browser = signed_in(person)
    browser.post(f"/exam/attempts/{attempt_id}/review", {"words": "我认为多选题的评分不对，请核对。"})
    with house.runtime.write() as uow:
        accounts.grant_role(uow, house.operator, person.id, Role.EXAM_ADMIN, house.people.province_id)
    own = signed_in(person)
    review_url = re.search(r'href="(/exam/desk/reviews/\w+)"', own.get("/exam/desk/reviews").text)
    assert review_url is not None
    refused = own.post(
        f"{review_url[1]}/draft", {"verdict": "confirmed", "words": "我自己核对过了，没有问题。"}
    )
    assert refused.status_code == 409
    assert "本人的成绩由别人复核" in refused.text
