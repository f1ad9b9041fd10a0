"""Who opens an appeal or a finding and may not decide it is told why, and who can; nobody decides about himself."""

import re

import pytest
from sqlalchemy import select

from lms.accounts import service as accounts
from lms.accounts.policy import Role
from lms.core.errors import Invalid
from lms.dashboards.policy import Waiting
from lms.dashboards.queries import waiting
from lms.study.desk_models import StudyFinding
from lms.study.jobs import integrity as integrity_jobs
from lms.study.policy.integrity import FAST_BEATS
from lms.study.service import appeals, examining
from tests.study.conftest import StudyHouse
from tests.study.test_appeals import WHY, ask


def box(page: str) -> str:
    """Return the words of the box that says why not; nothing when there is none."""
    found = re.search(r'<section class="why[^"]*">(.*?)</section>', page, re.DOTALL)
    return re.sub(r"<[^>]+>|\s+", " ", found[1]) if found else ""


def appeal_of(house: StudyHouse, person) -> str:
    """Let somebody appeal for hidden seconds."""
    house.player(person).beat(visible=False)
    return ask(house, person)


def finding_of(house: StudyHouse, person) -> str:
    """Let somebody's player claim more than the clock gave, so that a rule finds it."""
    player = house.player(person)
    for _ in range(FAST_BEATS):
        player.beat(30, wait=2)
    integrity_jobs.sweep_integrity(house.runtime)
    with house.runtime.read() as uow:
        return uow.session.scalars(select(StudyFinding.id)).one()


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.AUDITOR])
def test_who_may_only_look_at_an_appeal_is_told_who_decides_it(house: StudyHouse, role: Role) -> None:
    url = f"/desk/study/appeals/{appeal_of(house, house.trainee()[0])}"
    admin = house.people.staff(Role.EXAM_ADMIN)
    own = house.signed_in(house.people.staff(role))
    page = own.get(url).text
    assert "学时申诉由这个计划的考务管理员处理" in box(page)
    assert f"请由{admin.name}办理" in box(page)
    assert "<textarea" not in page
    deciding = house.signed_in(admin)
    assert box(deciding.get(url).text) == ""
    assert deciding.post(f"{url}/decide", {"verdict": "refuse", "words": WHY}).status_code == 303
    assert box(own.get(url).text) == "", "nothing is left to decide"


def test_who_may_only_look_at_a_finding_is_told_who_notes_it(house: StudyHouse) -> None:
    url = f"/desk/study/findings/{finding_of(house, house.trainee()[0])}"
    admin = house.people.staff(Role.EXAM_ADMIN)
    own = house.signed_in(house.people.staff(Role.ADMINISTRATOR))
    page = own.get(url).text
    assert "学习异常提示由这个计划的考务管理员核实" in box(page)
    assert f"请由{admin.name}办理" in box(page)
    deciding = house.signed_in(admin)
    assert box(deciding.get(url).text) == ""
    assert deciding.post(f"{url}/look", {"note": "浏览器加速插件，已提醒本人"}).status_code == 303
    assert box(own.get(url).text) == ""


def test_nobody_decides_his_own_appeal(house: StudyHouse) -> None:
    person, _ = house.trainee()
    appeal_id = appeal_of(house, person)
    with house.runtime.write() as uow:
        accounts.grant_role(uow, house.people.operator, person.id, Role.EXAM_ADMIN, house.people.province_id)
    for decide in (appeals.grant, appeals.refuse):
        with house.runtime.write() as uow, pytest.raises(Invalid) as refused:
            decide(uow, house.people.actor(person), appeal_id, WHY)
        assert [reason.code for reason in refused.value.reasons] == ["study.own"]
    page = house.signed_in(person).get(f"/desk/study/appeals/{appeal_id}").text
    assert "本人的学习情况由别人处理" in box(page)
    assert "现在没有别人可以办理" in box(page)
    assert "记录决定" not in page


def test_his_own_appeal_waits_for_others_alone(house: StudyHouse) -> None:
    person, _ = house.trainee()
    appeal_of(house, person)
    with house.runtime.write() as uow:
        accounts.grant_role(uow, house.people.operator, person.id, Role.EXAM_ADMIN, house.people.province_id)
    other = house.people.staff(Role.EXAM_ADMIN)
    with house.runtime.read() as uow:
        for one, count in ((person, []), (other, [1])):
            work = waiting(uow, house.people.actor(one))
            assert [item.count for item in work if item.kind is Waiting.APPEALS] == count


def test_nobody_puts_a_finding_about_himself_away(house: StudyHouse) -> None:
    person, _ = house.trainee()
    finding_id = finding_of(house, person)
    with house.runtime.write() as uow:
        accounts.grant_role(uow, house.people.operator, person.id, Role.EXAM_ADMIN, house.people.province_id)
    with house.runtime.write() as uow, pytest.raises(Invalid) as refused:
        examining.look(uow, house.people.actor(person), finding_id, "我自己看过了，没有问题")
    assert [reason.code for reason in refused.value.reasons] == ["study.own"]
    page = house.signed_in(person).get(f"/desk/study/findings/{finding_id}").text
    assert "本人的学习情况由别人处理" in box(page)
    assert "记为已看过" not in page
