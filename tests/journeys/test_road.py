"""The whole road: from an empty house to a certificate that anybody can check, through HTTP alone."""

import html
import re
import time

import pytest

from tests.journeys.office import INSTITUTION, OCCUPATION_AND_LEVEL, Office, Trainee, publish_plan
from tests.journeys.player import Player
from tests.journeys.sheet import explanations, known_answers, score_on, start_exam
from tests.support.page import Page
from tests.support.printed import code_on, text_of

WAIT_SECONDS = 40.0


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_newcomer_becomes_an_examiner_and_anyone_can_check_it(office: Office) -> None:
    plan_id = publish_plan(office, "2026年第一期考评员培训班")
    trainee = office.newcomer()
    profile_comes_first(trainee, plan_id)
    returned_once_then_approved(trainee, plan_id)
    exam_opens_with_the_last_second(trainee, plan_id)
    first_attempt_fails(trainee, plan_id)
    second_attempt_passes(trainee, plan_id)
    a_third_attempt_is_refused(trainee, plan_id)
    pdf = download_certificate(trainee)
    certificate_says_what_the_registry_says(trainee, pdf)


def profile_comes_first(trainee: Trainee, plan_id: str) -> None:
    trainee.register(consents=False)
    person = trainee.person
    page = person.open(f"/applications/plans/{plan_id}")
    assert "补全下面几项后就能报名" in page.words  # A3
    assert "提交申请" not in page.buttons(), "the button is locked and says why"
    stubborn = person.post(page.path, choice="2022:6-31-01-03:examiner", statements="y", action="submit")
    assert stubborn.status in {409, 422}
    assert "还没有填写个人信息" in stubborn.words
    trainee.fill_profile()
    assert "还有 2 项没有同意" in person.open(page.path).words  # H22
    assert "已同意 2 项" in trainee.consent().words


def returned_once_then_approved(trainee: Trainee, plan_id: str) -> None:
    page = trainee.apply(plan_id)
    assert "申请已提交" in page.words
    application = page.path
    assert trainee.be_decided("退回补正").status == 422, "a return needs words"
    page = trainee.be_decided("退回补正", "请把学历改为与毕业证书一致")
    assert f"已退回补正：{trainee.name}" in page.words
    assert not page.has_link(trainee.name), "nobody decides it twice"
    page = trainee.person.open(application)
    assert "请把学历改为与毕业证书一致" in page.words
    person = trainee.person
    person.open("/account/profile")
    assert "个人信息已保存" in person.send("保存个人信息", education="研究生").words
    person.open(application)
    page = person.send("重新提交", choice=OCCUPATION_AND_LEVEL, statements=True)
    assert "申请已提交" in page.words, page
    assert "已通过" in trainee.be_decided("通过").words
    assert "审核已通过" in person.open(application).words


def exam_opens_with_the_last_second(trainee: Trainee, plan_id: str) -> None:
    player = Player(trainee.person, plan_id)
    player.open_page()
    assert sum(seconds for _, _, seconds in player.lessons) >= 180 * 60 * 1.05
    assert player.connect().status_code == 201
    player.watch(180 * 60 - 1)
    assert player.counted + player.pending == 180 * 60 - 1
    refused_before_the_time(trainee, plan_id)
    assert player.connect().status_code == 201  # the page was left and comes back: what is pending stays
    trainee.office.site.clock.advance(1)
    player.take(player.beat(1))
    assert player.counted + player.pending == 180 * 60
    assert player.check is not None, "the last seconds wait for a sign of presence"
    refused_before_the_time(trainee, plan_id)
    assert player.answer()["complete"] is True
    assert player.counted == 180 * 60
    assert player.checks_answered >= 12
    page = trainee.person.open(f"/exam/{plan_id}")
    assert "可以开始了" in page.words, page


def refused_before_the_time(trainee: Trainee, plan_id: str) -> None:
    person = trainee.person
    page = person.open(f"/exam/{plan_id}")
    assert "现在还不能开始考试" in page.words, page
    assert "开始考试" not in page.buttons()
    assert person.post(f"/exam/{plan_id}/start").status == 409  # B2


def first_attempt_fails(trainee: Trainee, plan_id: str) -> None:
    sheet = start_exam(trainee.person, plan_id)
    assert len(sheet.questions) == 40
    shown = html.unescape(sheet.page.html)
    assert not [text for text in explanations() if text in shown], "no explanation before the hand-in (B1)"
    for question in sheet.questions:
        reply = sheet.save(question, question.wrong)
        assert reply.status_code == 200, reply.text
        assert set(reply.json()) == {"saved", "position", "revision", "received_ms"}
    page = sheet.hand_in()
    assert "未合格" in page.words, page
    assert score_on(page) < 90
    assert not any(answer in page.html for question in sheet.questions for answer in question_texts(question))


def question_texts(question: object) -> list[str]:
    return [text for text in known_answers().get(getattr(question, "stem", ""), ()) if len(text) > 6]


def second_attempt_passes(trainee: Trainee, plan_id: str) -> None:
    sheet = start_exam(trainee.person, plan_id)
    page = sheet.hand_in_on_paper(wrong=2)
    assert score_on(page) == 96, page
    assert "合格" in page.words
    assert "未合格" not in page.words.replace("未合格", "", page.words.count("第 1 次"))


def a_third_attempt_is_refused(trainee: Trainee, plan_id: str) -> None:
    person = trainee.person
    page = person.open(f"/exam/{plan_id}")
    assert "开始考试" not in page.buttons()
    refused = person.post(f"/exam/{plan_id}/start")
    assert refused.status == 409
    assert "考试合格后不再重考" in refused.words  # B3


def download_certificate(trainee: Trainee) -> bytes:
    person = trainee.person
    deadline = time.monotonic() + WAIT_SECONDS
    while not (page := person.open("/certificates")).has_link("下载 PDF"):
        assert time.monotonic() < deadline, page
        time.sleep(0.3)
    reply = person.download(page.link("下载 PDF"))
    assert reply.status_code == 200
    assert reply.headers["content-type"] == "application/pdf"
    assert reply.headers["content-disposition"].startswith("attachment")
    assert person.download(page.link("下载 PDF")).content == reply.content, "the stored file, byte for byte"
    return reply.content


def certificate_says_what_the_registry_says(trainee: Trainee, pdf: bytes) -> None:
    office = trainee.office
    address = code_on(pdf)
    assert address.startswith(f"{office.site.url}/verify/")
    printed = text_of(pdf)
    number = re.search(r"证书编号(\d{15})", printed)
    assert number is not None, printed
    passer_by = office.passer_by()
    by_code = passer_by.open(address)
    passer_by.open("/verify")
    by_number = passer_by.send("查验", number=number[1], name=trainee.name)
    for page in (by_code, by_number):
        assert page.status == 200, page
        assert_same_content(trainee, printed, page)
        assert not page.has_link(trainee.name), "nobody decides it twice"
        assert trainee.id_number not in page.html
    registrar = office.registrar
    registrar.open("/desk")
    registrar.follow("考评员登记")
    entry = registrar.follow(trainee.name)
    assert_same_content(trainee, printed, entry)
    assert number[1] in entry.words.replace(" ", "")
    stored = registrar.download(entry.link("证书 PDF"))
    assert stored.content == pdf
    office.elsewhere.open("/desk")
    assert trainee.name not in office.elsewhere.follow("考评员登记").words
    assert office.elsewhere.open(entry.path).status == 404
    passer_by.open("/verify")
    assert passer_by.send("查验", number=number[1], name="别人").status == 404


def assert_same_content(trainee: Trainee, printed: str, page: Page) -> None:
    said = page.words.replace(" ", "")
    assert trainee.name in printed
    for word in ("电工", "考评员", INSTITUTION, "五级/初级工"):
        assert word in printed, (word, printed)
        assert word in said, (word, said)
    validity = re.search(r"(\d{4}年\d{1,2}月\d{1,2}日)至(\d{4}年\d{1,2}月\d{1,2}日)", printed)
    assert validity is not None, printed
    assert validity[0] in said, (validity[0], said)
    assert f"{trainee.id_number[:4]}**********{trainee.id_number[-4:]}" in printed
