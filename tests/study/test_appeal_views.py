"""An appeal from the trainee's page to the desk and back, through HTTP."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from lms.accounts.policy import Role
from lms.audit.models import AuditEvent
from lms.core.formats import PAGE_ZONE
from lms.core.unit_of_work import Runtime
from lms.enrolment.policy import StageState
from lms.enrolment.queries import application_facts
from lms.plans.policy import StageKind
from tests.study.conftest import StudyHouse
from tests.study.test_appeals import WHY, WORDS, miss_a_check


def mails(runtime: Runtime) -> list[str]:
    folder = runtime.settings.instance_dir / "mail"
    return [path.read_text() for path in folder.glob("*.eml")] if folder.exists() else []


def ticks(page: str) -> list[str]:
    return re.findall(r'name="stretch" value="([^"]+)"', page)


def test_an_appeal_goes_from_the_trainee_to_the_desk_and_its_outcome_comes_back(
    house: StudyHouse, site
) -> None:
    person, application_id = house.trainee()
    player = house.player(person)
    player.study(120)
    miss_a_check(house, player)
    browser = player.browser
    assert f'href="/study/{house.plan.id}/refused"' in browser.get(f"/study/{house.plan.id}/ledger").text
    page = browser.get(f"/study/{house.plan.id}/refused").text
    assert "在学确认没有通过" in page
    assert "2:00—3:00" in page
    asked = browser.post(f"/study/{house.plan.id}/refused", {"stretch": ticks(page), "words": WORDS})
    assert asked.status_code == 303, asked.text
    page = browser.get(f"/study/{house.plan.id}/refused").text
    assert "申诉等待处理" in page
    assert ticks(page) == []
    admin = house.signed_in(house.people.staff(Role.EXAM_ADMIN))
    assert "学时申诉等待处理" in admin.get("/desk").text
    listed = admin.get("/desk/study/appeals").text
    address = re.search(r'href="(/desk/study/appeals/[a-z0-9]{16})"', listed)
    assert address, listed
    shown = admin.get(address[1]).text
    assert WORDS in shown
    assert "同意时现在能补记 1 分钟" in shown
    assert "第 3 次：未计入" in shown, "the check behind it"
    assert admin.post(f"{address[1]}/decide", {"verdict": "grant", "words": ""}).status_code == 422
    assert admin.post(f"{address[1]}/decide", {"verdict": "perhaps", "words": WHY}).status_code == 422
    assert admin.post(f"{address[1]}/decide", {"verdict": "grant", "words": WHY}).status_code == 303
    assert admin.post(f"{address[1]}/decide", {"verdict": "refuse", "words": WHY}).status_code == 422
    assert house.counted(person.id) == (180, 0)
    with house.runtime.read() as uow:
        stage = application_facts(uow, application_id).stage(StageKind.EXAM)
        tags = [row.tag for row in uow.session.query(AuditEvent)]
    assert stage is not None
    assert stage.state is StageState.OPEN, "the grant reached the requirement and reported it"
    assert {"study_appeal:create", "study_appeal:grant"} <= set(tags)
    site.run_jobs()
    page = browser.get(f"/study/{house.plan.id}/refused").text
    assert "已同意" in page
    assert "补记 1 分钟" in page
    assert WHY in page
    assert "规定的学习时长已经学满" in browser.get(f"/study/{house.plan.id}").text


def test_a_stretch_over_midnight_says_the_day_on_which_it_ended(house: StudyHouse) -> None:
    midnight = house.clock.now().astimezone(PAGE_ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    house.clock.set(midnight + timedelta(days=1, seconds=-8))
    player = house.player()
    player.beat(visible=False)
    page = player.browser.get(f"/study/{house.plan.id}/refused").text
    assert "2026年11月21日 23:59" in page
    assert "到 11月22日 00:00" in page


def test_without_anything_to_tick_there_is_no_form(house: StudyHouse) -> None:
    player = house.player()
    player.beat(visible=False)
    address = f"/study/{house.plan.id}/refused"
    page = player.browser.get(address).text
    assert "提交申诉" in page
    player.browser.post(address, {"stretch": ticks(page), "words": WORDS})
    page = player.browser.get(address).text
    assert "没有可以申诉的时段了" in page
    assert "提交申诉" not in page


def test_a_granted_appeal_shows_in_its_evidence_and_is_announced_until_it_is_read(house: StudyHouse) -> None:
    person, _ = house.trainee()
    player = house.player(person)
    browser = player.browser
    miss_a_check(house, player)
    page = browser.get(f"/study/{house.plan.id}/refused").text
    browser.post(f"/study/{house.plan.id}/refused", {"stretch": ticks(page), "words": WORDS})
    assert "学时申诉已处理" not in browser.get("/home").text
    admin = house.signed_in(house.people.staff(Role.EXAM_ADMIN))
    address = re.search(r'href="(/desk/study/appeals/[a-z0-9]{16})"', admin.get("/desk/study/appeals").text)
    assert address
    assert "在学确认没有通过 1:00" in admin.get(f"/desk/classes/{house.plan.id}").text
    assert admin.post(f"{address[1]}/decide", {"verdict": "grant", "words": WHY}).status_code == 303
    shown = admin.get(address[1]).text
    assert "其中 1 分钟 申诉后计入" in shown, "the evidence says what became of it"
    trace = shown[shown.index('id="trace-title"') :]
    assert trace.count("申诉后计入") >= 6
    assert not re.search(r'<td class="r">10 \+ 10</td>', trace)
    listed = admin.get(f"/desk/classes/{house.plan.id}").text
    assert "申诉后计入 1:00" in listed
    assert "在学确认没有通过 1:00" not in listed

    told = f"您在“{house.plan.title}”的学时申诉已处理：同意，补记 1 分钟。"
    assert told in browser.get("/home").text
    appeal_id = address[1].rsplit("/", 1)[-1]
    stranger = house.signed_in(house.trainee()[0])
    assert stranger.post(f"/study/appeals/{appeal_id}/read").status_code == 404
    assert told in browser.get("/home").text
    read = browser.post(f"/study/appeals/{appeal_id}/read")
    assert (read.status_code, read.location) == (303, f"/study/{house.plan.id}/refused")
    assert told not in browser.get("/home").text, "it was read"


def test_a_refused_appeal_says_why_and_the_person_is_told(house: StudyHouse, site) -> None:
    person, _ = house.trainee()
    player = house.player(person)
    player.beat(visible=False)
    player.browser.post("/account/profile", {})
    page = player.browser.get(f"/study/{house.plan.id}/refused").text
    player.browser.post(f"/study/{house.plan.id}/refused", {"stretch": ticks(page), "words": WORDS})
    admin = house.signed_in(house.people.staff(Role.EXAM_ADMIN))
    address = re.search(r'href="(/desk/study/appeals/[a-z0-9]{16})"', admin.get("/desk/study/appeals").text)
    assert address
    assert admin.post(f"{address[1]}/decide", {"verdict": "refuse", "words": "没有证明"}).status_code == 303
    site.run_jobs()
    page = player.browser.get(f"/study/{house.plan.id}/refused").text
    assert "未同意" in page
    assert "没有证明" in page
    assert "学时申诉已处理：未同意。" in player.browser.get("/home").text
    assert house.counted(person.id) == (0, 0)


def test_an_appeal_without_words_or_ticks_is_shown_again_with_what_is_missing(house: StudyHouse) -> None:
    person, _ = house.trainee()
    player = house.player(person)
    player.beat(visible=False)
    name = ticks(player.browser.get(f"/study/{house.plan.id}/refused").text)[0]
    reply = player.browser.post(f"/study/{house.plan.id}/refused", {"stretch": name, "words": ""})
    assert reply.status_code == 422
    assert f'value="{name}" id="stretch-1" checked' in reply.text, "the tick is kept"
    reply = player.browser.post(f"/study/{house.plan.id}/refused", {"words": WORDS})
    assert reply.status_code == 422
    assert "请在列表里勾选" in reply.text
    reply = player.browser.post(f"/study/{house.plan.id}/refused", {"stretch": "x' OR 1=1", "words": WORDS})
    assert reply.status_code == 422


def test_nobody_sees_or_decides_what_is_not_his(house: StudyHouse) -> None:
    person, _ = house.trainee()
    player = house.player(person)
    player.beat(visible=False)
    name = ticks(player.browser.get(f"/study/{house.plan.id}/refused").text)[0]
    player.browser.post(f"/study/{house.plan.id}/refused", {"stretch": name, "words": WORDS})
    admin = house.signed_in(house.people.staff(Role.EXAM_ADMIN))
    address = re.search(r'href="(/desk/study/appeals/([a-z0-9]{16}))"', admin.get("/desk/study/appeals").text)
    assert address
    stranger = house.signed_in(house.people.trainee())
    assert stranger.get(f"/study/{house.plan.id}/refused").status_code == 404
    assert stranger.post(f"/study/appeals/{address[2]}/withdraw").status_code == 404
    other = house.signed_in(house.trainee()[0])
    reply = other.post(f"/study/{house.plan.id}/refused", {"stretch": name, "words": WORDS})
    assert reply.status_code == 422, "another person's stretch is no stretch of one's own"
    elsewhere = house.signed_in(
        house.people.staff(Role.EXAM_ADMIN, organisation_id=house.people.other_city_id)
    )
    assert elsewhere.get(address[1]).status_code == 404
    assert address[1] not in elsewhere.get("/desk/study/appeals").text
    assert elsewhere.post(f"{address[1]}/decide", {"verdict": "grant", "words": WHY}).status_code == 404
    auditor = house.signed_in(house.people.staff(Role.AUDITOR))
    assert auditor.get(address[1]).status_code == 200
    assert auditor.post(f"{address[1]}/decide", {"verdict": "grant", "words": WHY}).status_code == 403
    assert player.browser.post(f"/study/appeals/{address[2]}/withdraw").status_code == 303
    assert "已撤回" in player.browser.get(f"/study/{house.plan.id}/refused").text


def test_of_many_who_grant_at_once_while_beats_arrive_one_does(house: StudyHouse) -> None:
    person, _ = house.trainee()
    player = house.player(person)
    for _ in range(4):
        player.beat(visible=False)
    player.beat()
    page = player.browser.get(f"/study/{house.plan.id}/refused").text
    player.browser.post(f"/study/{house.plan.id}/refused", {"stretch": ticks(page), "words": WORDS})
    admins = [house.signed_in(house.people.staff(Role.EXAM_ADMIN)) for _ in range(3)]
    listed = [admin.get("/desk/study/appeals").text for admin in admins]
    address = re.search(r'href="(/desk/study/appeals/[a-z0-9]{16})"', listed[0])
    assert address

    def act(number: int) -> int:
        if number == 3:
            player.beat()
            return 200
        answer = admins[number].post(f"{address[1]}/decide", {"verdict": "grant", "words": WHY})
        return answer.status_code

    with ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(act, range(4)))
    assert statuses.count(303) == 1, statuses
    assert set(statuses) <= {200, 303, 409, 422}
    counted, pending = house.counted(person.id)
    assert 30 <= counted <= 40
    assert counted + pending <= 60
