"""Organisations, staff and roles: each administrator within his own branch of the tree, and no further."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from sqlalchemy import select

from lms.accounts import queries, service
from lms.accounts.models import Organisation, Person, RoleGrant
from lms.accounts.policy import OrganisationKind, Role
from lms.core.errors import Forbidden, Invalid, NotFound
from lms.core.unit_of_work import Runtime
from tests.support.browser import Browser
from tests.support.people import PASSWORD, KnownPerson, People

SignIn = Callable[[KnownPerson], Browser]


@dataclass(frozen=True)
class Cities:
    """Two cities with an administrator and a reviewer each."""

    admin: KnownPerson
    reviewer: KnownPerson
    other_admin: KnownPerson
    other_reviewer: KnownPerson


@pytest.fixture
def cities(people: People) -> Cities:
    return Cities(
        people.staff(Role.ADMINISTRATOR, organisation_id=people.city_id),
        people.staff(Role.REVIEWER, organisation_id=people.institution_id),
        people.staff(Role.ADMINISTRATOR, organisation_id=people.other_city_id),
        people.staff(Role.REVIEWER, organisation_id=people.other_institution_id),
    )


def grant_of(runtime: Runtime, person: KnownPerson) -> str:
    with runtime.read() as uow:
        return uow.session.scalars(select(RoleGrant.id).where(RoleGrant.person_id == person.id)).one()


def person_row(runtime: Runtime, person: KnownPerson) -> Person:
    with runtime.read() as uow:
        return uow.session.get_one(Person, person.id)


def new_staff(people: People, **changes: str) -> dict[str, str]:
    return {
        "name": "沈清和", "login_name": "shen.qinghe", "email": "", "role": "reviewer",
        "organisation_id": people.institution_id, **changes,
    }  # fmt: skip


# -- organisations -----------------------------------------------------------------------------------


def test_an_administrator_sees_his_branch_only(people: People, signed_in: SignIn, cities: Cities) -> None:
    page = signed_in(cities.admin).get("/desk/organisations").text
    assert "云浦市职业技能鉴定中心" in page
    assert "云浦电力技能评价中心" in page
    assert "岚山" not in page
    whole = signed_in(people.staff(Role.ADMINISTRATOR)).get("/desk/organisations").text
    assert "岚山机电技能评价中心" in whole


def test_an_institution_is_registered_below_its_city(
    people: People, signed_in: SignIn, cities: Cities, runtime: Runtime
) -> None:
    browser = signed_in(cities.admin)
    sent = {
        "kind": "institution",
        "parent_id": people.city_id,
        "name": "云浦纺织技能评价中心",
        "code": "34010009",
        "is_filed": "y",
    }
    assert browser.post("/desk/organisations", sent).status_code == 302
    with runtime.read() as uow:
        made = uow.session.scalars(select(Organisation).where(Organisation.code == "34010009")).one()
        city = uow.session.get_one(Organisation, people.city_id)
    assert made.path == f"{city.path}{made.id}/"
    assert made.is_filed


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": "云浦电力技能评价中心"}, "名称和代码不能重复"),
        ({"code": "34010005"}, "名称和代码不能重复"),
        ({"code": "3401"}, "8 位数字"),
        ({"code": "３４０１００１１"}, "8 位数字"),
        ({"code": "3401000a"}, "8 位数字"),
        ({"name": " "}, "请填写这一项"),
        ({"kind": "city"}, "市中心属于省中心"),
        ({"kind": "province"}, "is-invalid"),
        ({"kind": "kingdom"}, "is-invalid"),
    ],
)
def test_a_faulty_organisation_is_refused_at_its_field(
    people: People, signed_in: SignIn, cities: Cities, change: dict[str, str], words: str
) -> None:
    sent = {
        "kind": "institution",
        "parent_id": people.city_id,
        "name": "云浦纺织技能评价中心",
        "code": "34010009",
    }
    response = signed_in(cities.admin).post("/desk/organisations", {**sent, **change})
    assert response.status_code == 422
    assert words in response.text


def test_nobody_builds_in_another_city(
    people: People, signed_in: SignIn, cities: Cities, runtime: Runtime
) -> None:
    sent = {"kind": "institution", "name": "混进来的机构", "code": "34010009"}
    for parent in (people.other_city_id, people.province_id, people.other_institution_id, "nothing"):
        assert (
            signed_in(cities.admin).post("/desk/organisations", {**sent, "parent_id": parent}).status_code
            == 422
        )
    admin = people.actor(cities.admin)
    with pytest.raises(NotFound), runtime.write() as uow:
        service.create_organisation(
            uow, admin, OrganisationKind.INSTITUTION, people.other_city_id, "混进来的机构", "34010009"
        )


def test_a_provincial_institution_stands_beside_the_cities(people: People, runtime: Runtime) -> None:
    with runtime.write() as uow:
        made = service.create_organisation(
            uow,
            people.operator,
            OrganisationKind.INSTITUTION,
            people.province_id,
            "江岚省属评价中心",
            "34000001",
        )
        assert queries.get_organisation(uow, made).path == f"/-/{made}/"


# -- staff ---------------------------------------------------------------------------------------------


def test_a_new_member_sets_his_own_password_by_a_link_shown_once(
    people: People, signed_in: SignIn, cities: Cities
) -> None:
    browser = signed_in(cities.admin)
    page = browser.post("/desk/staff", new_staff(people))
    assert page.status_code == 200
    link = page.text.split("http://localhost")[1].split('"')[0]
    visitor = Browser(browser.client.application)
    visitor.get(link)
    assert visitor.post(link, {"password": "my own horse"}).status_code == 302
    assert visitor.sign_in("shen.qinghe", "my own horse").status_code == 302
    assert visitor.get("/desk/staff").status_code == 403
    assert link not in browser.get("/desk/staff").text


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        ({"login_name": "Ab!"}, 422, "登录名为 3 至 40 个"),
        ({"login_name": ""}, 422, "请填写这一项"),
        ({"name": "  "}, 422, "请填写这一项"),
        ({"role": "trainee"}, 422, "is-invalid"),
        ({"role": "emperor"}, 422, "is-invalid"),
        ({"role": "auditor"}, 422, "只能由省中心授权"),
        ({"role": "question_admin"}, 422, "只能由省中心授权"),
        ({"role": "institution_officer", "organisation_id": "CITY"}, 422, "单位经办人属于一个评价机构"),
        ({"email": "nonsense"}, 422, "请填写完整的邮箱地址"),
    ],
)
def test_a_faulty_member_is_refused_at_his_field(
    people: People,
    signed_in: SignIn,
    cities: Cities,
    runtime: Runtime,
    change: dict[str, str],
    code: int,
    words: str,
) -> None:
    sent = {key: people.city_id if value == "CITY" else value for key, value in change.items()}
    response = signed_in(cities.admin).post("/desk/staff", new_staff(people, **sent))
    assert response.status_code == code
    assert words in response.text
    with runtime.read() as uow:
        assert queries.find_person_by_login(uow, "shen.qinghe") is None, (
            "nobody is left behind without his role"
        )


def test_a_login_name_in_use_is_refused_in_any_case(
    people: People, signed_in: SignIn, cities: Cities
) -> None:
    response = signed_in(cities.admin).post(
        "/desk/staff", new_staff(people, login_name=cities.reviewer.login_name.upper())
    )
    assert response.status_code == 422
    assert "这个登录名已经有人使用" in response.text
    assert "请换一个登录名" in response.text
    assert "忘记密码" not in response.text


def test_role_and_scope_are_chosen_and_not_preset(people: People, signed_in: SignIn, cities: Cities) -> None:
    browser = signed_in(people.staff(Role.ADMINISTRATOR))
    for address in ("/desk/staff", f"/desk/staff/{cities.reviewer.id}"):
        page = browser.get(address).text
        for field in ("role", "organisation_id"):
            select_field = re.search(rf'<select[^>]*name="{field}".*?</select>', page, re.DOTALL)
            assert select_field
            assert re.search(r'<option( selected)? value="">请选择</option>', select_field[0])
    nothing = browser.post("/desk/staff", new_staff(people, role="", organisation_id=""))
    assert nothing.status_code == 422
    assert nothing.text.count("请选择") >= 4
    own = browser.post(f"/desk/staff/{cities.reviewer.id}", {"role": "", "organisation_id": ""})
    assert own.status_code == 422


def test_another_citys_people_do_not_exist(
    people: People, signed_in: SignIn, cities: Cities, runtime: Runtime
) -> None:
    browser = signed_in(cities.admin)
    assert cities.other_reviewer.name not in browser.get("/desk/staff").text
    target, grant = cities.other_reviewer.id, grant_of(runtime, cities.other_reviewer)
    assert browser.get(f"/desk/staff/{target}").status_code == 404
    for path in (f"/desk/staff/{target}", f"/desk/staff/{target}/disable", f"/desk/staff/{target}/enable",
                 f"/desk/people/{target}", f"/desk/grants/{grant}/revoke"):  # fmt: skip
        sent = {"role": "reviewer", "organisation_id": people.city_id, "reason": "核对过身份"}
        response = browser.post(path, sent)
        assert response.status_code == 404, path
        assert cities.other_reviewer.name not in response.text
    assert person_row(runtime, cities.other_reviewer).state == "active"
    assert grant_of(runtime, cities.other_reviewer) == grant


def test_trainees_are_no_staff_to_be_managed(people: People, signed_in: SignIn) -> None:
    trainee = people.trainee()
    browser = signed_in(people.staff(Role.ADMINISTRATOR))
    for act in ("", "/disable", "/enable"):
        assert browser.post(f"/desk/staff/{trainee.id}{act}").status_code == 404


def test_a_role_cannot_be_granted_beyond_ones_own_branch(
    people: People, signed_in: SignIn, cities: Cities, runtime: Runtime
) -> None:
    browser = signed_in(cities.admin)
    for organisation in (people.province_id, people.other_city_id, people.other_institution_id):
        sent = {"role": "administrator", "organisation_id": organisation}
        assert browser.post(f"/desk/staff/{cities.reviewer.id}", sent).status_code == 422
        assert browser.post("/desk/staff", new_staff(people, organisation_id=organisation)).status_code == 422
        with pytest.raises(NotFound), runtime.write() as uow:
            service.grant_role(
                uow, people.actor(cities.admin), cities.reviewer.id, Role.ADMINISTRATOR, organisation
            )


def test_an_account_with_a_role_above_is_out_of_a_citys_hands(
    people: People, signed_in: SignIn, cities: Cities, runtime: Runtime
) -> None:
    """Else a city's administrator would make himself a link into the province's account."""
    with runtime.write() as uow:
        service.grant_role(uow, people.operator, cities.reviewer.id, Role.ADMINISTRATOR, people.province_id)
    browser = signed_in(cities.admin)
    reviewer_id = cities.reviewer.id
    for path in (f"people/{reviewer_id}", f"staff/{reviewer_id}/disable", f"staff/{reviewer_id}/enable"):
        response = browser.post(f"/desk/{path}", {"reason": "核对过身份"})
        assert response.status_code == 403, path
        assert "此人还有您范围以外的角色" in response.text
    assert signed_in(cities.reviewer).get("/desk/staff").status_code == 200
    province = signed_in(people.staff(Role.ADMINISTRATOR))
    assert province.post(f"/desk/people/{reviewer_id}", {"reason": "核对过身份"}).status_code == 200


def test_nobody_grants_revokes_or_bars_himself(people: People, signed_in: SignIn, runtime: Runtime) -> None:
    admin = people.staff(Role.ADMINISTRATOR)
    browser = signed_in(admin)
    response = browser.post(
        f"/desk/staff/{admin.id}", {"role": "auditor", "organisation_id": people.province_id}
    )
    assert response.status_code == 422
    assert "不能给自己授权" in response.text
    assert browser.post(f"/desk/grants/{grant_of(runtime, admin)}/revoke").status_code == 403
    assert browser.post(f"/desk/staff/{admin.id}/disable").status_code == 403
    assert browser.get("/desk/staff").status_code == 200


def test_taking_a_role_back_is_asked_for_and_never_offered_on_oneself(
    people: People, signed_in: SignIn, cities: Cities, runtime: Runtime
) -> None:
    browser = signed_in(cities.admin)
    page = browser.get(f"/desk/staff/{cities.reviewer.id}").text
    dialog = re.search(
        r'data-confirm-dialog="(revoke-\w+)".*?<dialog[^>]*id="(revoke-\w+)".*?</dialog>', page, re.DOTALL
    )
    assert dialog
    assert dialog[1] == dialog[2]
    assert f"收回{cities.reviewer.name}的“审核员”" in dialog[0]
    response = browser.post(f"/desk/grants/{grant_of(runtime, cities.reviewer)}/revoke")
    assert response.headers["Location"] == f"/desk/staff/{cities.reviewer.id}", "one stays with the person"
    assert "角色已收回" in browser.get(response.headers["Location"]).text
    own = browser.get(f"/desk/staff/{cities.admin.id}").text
    assert "/revoke" not in own
    assert "/disable" not in own
    assert 'name="role"' not in own
    assert "由另一位系统管理员办理" in own


def test_a_province_wide_desk_shows_an_organisation_with_its_people_and_its_branch(
    people: People, signed_in: SignIn, cities: Cities
) -> None:
    trainee, colleague = people.trainee(), people.staff(Role.EXAM_ADMIN, organisation_id=people.city_id)
    browser = signed_in(cities.admin)
    assert f'href="/desk/organisations/{people.city_id}"' in browser.get("/desk/organisations").text
    city = browser.get(f"/desk/organisations/{people.city_id}").text
    assert f'href="/desk/organisations/{people.institution_id}"' in city
    assert colleague.name in city
    institution = browser.get(f"/desk/organisations/{people.institution_id}").text
    assert "34010005" in institution
    assert cities.reviewer.name in institution
    assert colleague.name not in institution, "whose role lies above is shown where it lies"
    assert "1 人在个人信息里选择了本机构" in institution
    assert trainee.name not in institution, "the list of employees is the officer's"
    for beyond in (people.other_city_id, people.other_institution_id, people.province_id, "nothing"):
        assert browser.get(f"/desk/organisations/{beyond}").status_code == 404
    auditor = signed_in(people.staff(Role.AUDITOR))
    page = auditor.get(f"/desk/organisations/{people.institution_id}").text
    assert cities.reviewer.name in page
    assert "/desk/staff/" not in page, "a link that leads to a refusal is not offered"


def test_granting_twice_is_granting_once_and_a_revoked_role_can_come_back(
    people: People, signed_in: SignIn, cities: Cities, runtime: Runtime
) -> None:
    browser = signed_in(cities.admin)
    sent = {"role": "registrar", "organisation_id": people.city_id}
    for _ in range(2):
        assert browser.post(f"/desk/staff/{cities.reviewer.id}", sent).status_code == 302
    with runtime.read() as uow:
        grants = uow.session.scalars(select(RoleGrant).where(RoleGrant.role == Role.REGISTRAR)).all()
    assert len(grants) == 1
    assert browser.post(f"/desk/grants/{grants[0].id}/revoke").status_code == 302
    assert browser.post(f"/desk/grants/{grants[0].id}/revoke").status_code == 404
    assert browser.post(f"/desk/staff/{cities.reviewer.id}", sent).status_code == 302
    with runtime.read() as uow:
        assert len(uow.session.scalars(select(RoleGrant).where(RoleGrant.role == Role.REGISTRAR)).all()) == 2


def test_barring_and_restoring_a_member(people: People, signed_in: SignIn, cities: Cities) -> None:
    browser, member = signed_in(cities.admin), signed_in(cities.reviewer)
    assert browser.post(f"/desk/staff/{cities.reviewer.id}/disable").status_code == 302
    assert member.get("/account/profile").status_code == 302
    assert "已停用" in browser.get(f"/desk/staff/{cities.reviewer.id}").text
    assert browser.post(f"/desk/staff/{cities.reviewer.id}/enable").status_code == 302
    assert (
        Browser(browser.client.application).sign_in(cities.reviewer.login_name, PASSWORD).status_code == 302
    )


def test_what_the_form_does_not_ask_is_not_taken(
    people: People, signed_in: SignIn, cities: Cities, runtime: Runtime
) -> None:
    extra = {
        "password_hash": "x",
        "state": "disabled",
        "person_id": cities.admin.id,
        "granted_by": "x",
        "path": "/",
    }
    assert signed_in(cities.admin).post("/desk/staff", new_staff(people, **extra)).status_code == 200
    with runtime.read() as uow:
        made = queries.find_person_by_login(uow, "shen.qinghe")
        assert made is not None
        assert made.state == "active"
        assert made.id != cities.admin.id
        assert made.password_hash.startswith("$argon2id$")
        assert queries.grants_of(uow, made.id)[0].scope_path != "/"


# -- the services themselves hold the rules -----------------------------------------------------------


@pytest.mark.parametrize("verb", [service.disable_person, service.enable_person])
def test_the_service_refuses_a_stranger_whichever_page_asks(
    people: People, cities: Cities, runtime: Runtime, verb: Callable[..., object]
) -> None:
    for target in (cities.other_reviewer.id, people.trainee().id, "0000000000000000"):
        with pytest.raises(NotFound), runtime.write() as uow:
            verb(uow, people.actor(cities.admin), target)
    with pytest.raises(NotFound), runtime.write() as uow:
        verb(uow, people.actor(cities.reviewer), cities.reviewer.id)


def test_the_service_refuses_a_province_wide_role_in_a_city(
    people: People, cities: Cities, runtime: Runtime
) -> None:
    for role in (Role.AUDITOR, Role.QUESTION_ADMIN):
        with pytest.raises(Invalid), runtime.write() as uow:
            service.grant_role(uow, people.actor(cities.admin), cities.reviewer.id, role, people.city_id)


def test_the_service_refuses_to_act_on_oneself(people: People, cities: Cities, runtime: Runtime) -> None:
    with pytest.raises(Forbidden), runtime.write() as uow:
        service.disable_person(uow, people.actor(cities.admin), cities.admin.id)


# -- the record ------------------------------------------------------------------------------------------


def test_the_record_is_read_by_the_provinces_auditor_page_by_page(
    people: People, signed_in: SignIn, cities: Cities
) -> None:
    browser = signed_in(people.staff(Role.AUDITOR))
    assert "登录了" in browser.get("/desk/audit").text
    for number in ("0", "-5", "x", "99999999", "9" * 30):
        assert browser.get(f"/desk/audit?page={number}").status_code == 200, number
    assert signed_in(cities.admin).get("/desk/audit").status_code == 403
