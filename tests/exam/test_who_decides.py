"""Who opens a correction or the review of a score and may not decide it is told why, and who can."""

import re
from collections.abc import Callable

import pytest

from lms.accounts import service as accounts
from lms.accounts.policy import Role, office_reasons, paths_over, who_can
from lms.accounts.policy.roles import NAMED_MOST
from lms.accounts.queries import holders
from lms.core.errors import Refusal
from lms.core.speech import spoken
from lms.exam.policy.reviews import ReviewVerdict
from lms.exam.service import reviews
from question_bank.correcting import CorrectionKind
from tests.exam.conftest import ExamHouse
from tests.exam.desk import WORDS, Desk, entry_at, sit
from tests.support.browser import Browser
from tests.support.people import KnownPerson

SignIn = Callable[[KnownPerson], Browser]
ASKED = "我认为多选题的评分不对，请核对。"
ANSWER = "已按封存的试卷重新评分，分数一致。"


def box(page: str) -> str:
    """Return the words of the box that says why not; nothing when there is none."""
    found = re.search(r'<section class="why[^"]*">(.*?)</section>', page, re.DOTALL)
    return re.sub(r"<[^>]+>|\s+", " ", found[1]) if found else ""


def test_the_way_out_names_those_who_can_and_counts_many() -> None:
    assert office_reasons("规定", ["甲"], is_theirs=True) == []
    (reason,) = office_reasons("规定", ["甲", "乙"], is_theirs=False)
    assert spoken(reason)["way_out"] == "请由甲、乙办理"
    many = [f"职员{n}" for n in range(NAMED_MOST + 2)]
    (reason,) = office_reasons("规定", many, is_theirs=False)
    assert spoken(reason)["way_out"] == "请由职员0、职员1、职员2、职员3、职员4等 7 人之一办理"
    assert "系统管理员" in who_can([])[0]


def test_a_role_reaches_a_path_from_every_organisation_above_it() -> None:
    assert paths_over("/") == ["/"]
    assert paths_over("/c/i/") == ["/", "/c/", "/c/i/"]


def test_the_holders_of_a_role_are_those_whose_scope_reaches_the_plan(house: ExamHouse) -> None:
    people = house.people
    here = people.staff(Role.EXAM_ADMIN)
    people.staff(Role.AUDITOR)
    people.staff(Role.EXAM_ADMIN, organisation_id=people.city_id)
    gone = people.staff(Role.EXAM_ADMIN)
    with house.runtime.write() as uow:
        accounts.disable_person(uow, house.operator, gone.id)
    with house.runtime.read() as uow:
        assert holders(uow, Role.EXAM_ADMIN, "/") == {here.id: here.name}


def asked(house: ExamHouse, wrong: int = 1) -> str:
    """Let somebody ask for a review; return its id."""
    candidate = house.candidate()
    attempt_id = sit(house, candidate, wrong=[wrong])
    with house.runtime.write() as uow:
        return reviews.ask(uow, candidate.actor, attempt_id, ASKED)


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.AUDITOR])
def test_who_may_only_look_at_a_review_is_told_who_answers_it(
    house: ExamHouse, signed_in: SignIn, role: Role
) -> None:
    review_id = asked(house)
    first, second = house.people.staff(Role.EXAM_ADMIN), house.people.staff(Role.EXAM_ADMIN)
    own = signed_in(house.people.staff(role))
    page = own.get(f"/exam/desk/reviews/{review_id}").text
    assert "成绩复核由这个计划的考务管理员办理：一人写答复，另一人确认" in box(page)
    assert "在这个计划里没有考务管理员的角色" in box(page)
    assert first.name in box(page)
    assert "<textarea" not in page
    with house.runtime.write() as uow:
        reviews.draft(uow, house.people.actor(first), review_id, ReviewVerdict.CONFIRMED, ANSWER)
    page = own.get(f"/exam/desk/reviews/{review_id}").text
    assert second.name in box(page)
    assert first.name not in box(page), "who wrote the answer does not confirm it"
    with house.runtime.write() as uow:
        reviews.answer(uow, house.people.actor(second), review_id)
    assert box(own.get(f"/exam/desk/reviews/{review_id}").text) == "", "nothing is left to decide"


def test_who_wrote_an_answer_is_told_who_can_confirm_it(house: ExamHouse, signed_in: SignIn) -> None:
    review_id = asked(house)
    writer = house.people.staff(Role.EXAM_ADMIN)
    with house.runtime.write() as uow:
        reviews.draft(uow, house.people.actor(writer), review_id, ReviewVerdict.CONFIRMED, ANSWER)
    own = signed_in(writer)
    page = own.get(f"/exam/desk/reviews/{review_id}").text
    assert "这份答复是您写的" in box(page)
    assert "现在没有别人可以办理" in box(page)
    assert "退回重写" in page, "he may take it back"
    other = house.people.staff(Role.EXAM_ADMIN)
    page = own.get(f"/exam/desk/reviews/{review_id}").text
    assert f"请由{other.name}办理" in box(page)
    assert box(signed_in(other).get(f"/exam/desk/reviews/{review_id}").text) == ""


def test_nobody_sends_the_answer_about_his_own_score_back(house: ExamHouse, signed_in: SignIn) -> None:
    person = house.people.trainee()
    candidate = house.candidate(person=person)
    attempt_id = sit(house, candidate, wrong=[1])
    with house.runtime.write() as uow:
        review_id = reviews.ask(uow, candidate.actor, attempt_id, ASKED)
        accounts.grant_role(uow, house.operator, person.id, Role.EXAM_ADMIN, house.people.province_id)
    writer = house.people.actor(house.people.staff(Role.EXAM_ADMIN))
    with house.runtime.write() as uow:
        reviews.draft(uow, writer, review_id, ReviewVerdict.CONFIRMED, ANSWER)
    own = house.people.actor(person)
    with house.runtime.write() as uow, pytest.raises(Refusal) as refused:
        reviews.hand_back(uow, own, review_id, "请再核对一遍多选题的评分。")
    assert [reason.code for reason in refused.value.reasons] == ["review.own"]
    page = signed_in(person).get(f"/exam/desk/reviews/{review_id}").text
    assert "本人的成绩由别人复核" in box(page)
    assert "退回重写" not in page


def test_who_may_not_decide_a_correction_is_told_who_can(house: ExamHouse, signed_in: SignIn) -> None:
    attempt_id = sit(house, house.candidate(), wrong=[3])
    desk = Desk(house)
    url = "/exam/desk/corrections/" + desk.propose(
        entry_at(house.runtime, attempt_id, 3).item_fingerprint, CorrectionKind.VOID
    )
    own = signed_in(house.people.staff(Role.ADMINISTRATOR))
    page = own.get(url).text
    assert "成绩更正由这个计划的考务管理员复核，提出的人不能自己复核" in box(page)
    assert "<form" not in page[page.index('id="dry-title"') : page.index("依据")]
    with house.runtime.read() as uow:
        names = holders(uow, Role.EXAM_ADMIN, "/")
    assert names[str(desk.second.person_id)] in box(page)
    assert names[str(desk.first.person_id)] not in box(page), "who proposed it does not release it"
    desk.release(url.rsplit("/", 1)[1])
    assert box(own.get(url).text) == ""


def test_who_proposed_a_correction_is_told_who_can_release_it(house: ExamHouse, signed_in: SignIn) -> None:
    attempt_id = sit(house, house.candidate(), wrong=[3])
    fingerprint = entry_at(house.runtime, attempt_id, 3).item_fingerprint
    proposer, other = house.people.staff(Role.EXAM_ADMIN), house.people.staff(Role.EXAM_ADMIN)
    own = signed_in(proposer)
    proposed = own.post(
        f"/exam/desk/plans/{house.plan_id}/corrections/new/{fingerprint}", {"kind": "void", "words": WORDS}
    )
    assert proposed.status_code == 303
    page = own.get(proposed.location).text
    assert "这件事是您提出的" in box(page)
    assert f"请由{other.name}办理" in box(page)
    assert "复核无误，生效" not in page
    assert "不采用这项更正" in page
