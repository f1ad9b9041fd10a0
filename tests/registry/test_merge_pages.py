"""Duplicates through HTTP: two registrars, what each page says, and what anybody with the old number is told."""

from collections.abc import Callable

import pytest
from sqlalchemy import update

from lms.accounts.models import Profile
from lms.accounts.policy import Role
from lms.accounts.service import ID_NUMBER_SEAL
from lms.core.unit_of_work import Runtime
from lms.registry.models.entries import RegistryEntry
from lms.registry.policy.entries import EntryState
from lms.registry.queries import twins as twin_queries
from lms.registry.queries.entries import entries_by_id
from lms.registry.queries.twins import doubtful, twins_of
from tests.registry.test_import import CODE, id_number
from tests.registry.test_merge import GROUND, OLD, Twice, plan, taken_over, twice
from tests.support.browser import Browser
from tests.support.people import KnownPerson, People

__all__ = ["plan", "twice"]

SignedIn = Callable[[KnownPerson], Browser]


def test_two_registrars_find_a_duplicate_and_merge_it_in_the_browser(
    signed_in: SignedIn, browser: Browser, people: People, twice: Twice
) -> None:
    first, second, auditor = (
        signed_in(people.staff(role)) for role in (Role.REGISTRAR, Role.REGISTRAR, Role.AUDITOR)
    )
    listed = first.get("/desk/registry/duplicates")
    assert twice.name in listed.text
    assert f"into={twice.new_id}" in listed.text
    assert "对比" not in auditor.get("/desk/registry/duplicates").text
    assert "合并重复登记" in first.get(f"/desk/registry/{twice.old_id}").text
    ask = f"/desk/registry/{twice.old_id}/merge"
    assert f"into={twice.new_id}" in first.get(ask).text
    led = first.post(ask, {"number": twice.entry(twice.new_id).certificate_number})
    assert led.status_code == 303
    compared = first.get(led.headers["Location"]).text
    assert "保留的登记" in compared
    assert "提出合并，交另一人决定" in compared
    short = first.post(ask, {"into": twice.new_id, "reason": "同"})
    assert short.status_code == 422
    assert "4 至 200 个字" in short.text
    assert first.post(ask, {"into": twice.new_id, "reason": ""}).status_code == 422
    backwards = first.get(f"/desk/registry/{twice.new_id}/merge?into={twice.old_id}").text
    assert "还没有失效" in backwards
    asked = first.post(ask, {"into": twice.new_id, "reason": GROUND})
    assert asked.status_code == 303
    page = asked.headers["Location"]
    assert first.post(ask, {"into": twice.new_id, "reason": GROUND}).status_code == 409
    assert "您不能决定" in first.get(page).text
    assert first.post(f"{page}/decide", {}).status_code == 409
    assert GROUND in second.get("/desk/registry/pending").text
    assert "登记的合并等待第二人" in second.get("/desk").text
    assert GROUND in second.get(f"/desk/registry/{twice.new_id}").text
    assert "同意，照此办理" not in auditor.get(page).text
    assert second.post(f"{page}/decide", {}).status_code == 303
    assert second.post(f"{page}/decide", {}).status_code == 409
    stays = second.get(f"/desk/registry/{twice.new_id}").text
    assert f"并入了重复的登记 {OLD}" in stays
    assert "来自并入的登记" in stays
    ended = second.get(f"/desk/registry/{twice.old_id}").text
    assert "已并入" in ended
    assert GROUND in ended
    assert f'href="/desk/registry/{twice.new_id}"' in ended
    found = second.get(f"/desk/registry?q={OLD}").text
    assert f'href="/desk/registry/{twice.new_id}"' in found
    assert f'href="/desk/registry/{twice.old_id}"' not in found
    assert 'value="merged"' not in second.get("/desk/registry").text
    browser.get("/verify")
    public = browser.post("/verify", {"number": OLD, "name": twice.name})
    assert public.status_code == 200
    assert "已到期" in public.text
    twice.all_hold()


def test_a_merge_made_in_error_is_undone_in_the_browser(
    signed_in: SignedIn, people: People, twice: Twice
) -> None:
    twice.merge()
    first, second = (signed_in(people.staff(Role.REGISTRAR)) for _ in range(2))
    ask = f"/desk/registry/{twice.old_id}/merge"
    assert "提出撤回，交另一人决定" in first.get(ask).text
    assert first.post(f"/desk/registry/{twice.old_id}/split", {"reason": ""}).status_code == 422
    undone = first.post(f"/desk/registry/{twice.old_id}/split", {"reason": "两人只是同名"})
    assert undone.status_code == 303
    refused = second.post(f"{undone.headers['Location']}/refuse", {"reason": "确是同一人，不撤回"})
    assert refused.status_code == 303
    again = first.post(f"/desk/registry/{twice.old_id}/split", {"reason": "两人只是同名，已查档案"})
    assert second.post(f"{again.headers['Location']}/decide", {}).status_code == 303
    assert f"撤回了登记 {OLD} 的并入" in first.get(f"/desk/registry/{twice.new_id}").text
    assert twice.entry(twice.old_id).state is EntryState.EXPIRED
    twice.all_hold()


def test_strange_numbers_and_other_peoples_entries_lead_nowhere(
    signed_in: SignedIn, people: People, twice: Twice
) -> None:
    ask = f"/desk/registry/{twice.old_id}/merge"
    near = signed_in(people.staff(Role.REGISTRAR))
    for number in ("", "abc", "26", OLD[:-1], "9" * 15, "<script>", "x" * 5000):
        answer = near.post(ask, {"number": number})
        assert answer.status_code == 422, number
        assert "没有这个编号的登记" in answer.text
    assert near.get(f"{ask}?into=0000000000000000").status_code == 404
    assert near.post(ask, {"into": "x" * 900, "reason": GROUND}).status_code == 404
    assert "请选择另一条登记" in near.get(f"{ask}?into={twice.old_id}").text
    assert near.get("/desk/registry/duplicates?after=nobody").status_code == 200
    far = signed_in(people.staff(Role.REGISTRAR, organisation_id=people.other_city_id))
    assert twice.name not in far.get("/desk/registry/duplicates").text
    for url in (ask, f"{ask}?into={twice.new_id}"):
        assert far.get(url).status_code == 404
    assert far.post(ask, {"into": twice.new_id, "reason": GROUND}).status_code == 404
    with twice.runtime.write() as uow:
        uow.session.execute(
            update(RegistryEntry)
            .where(RegistryEntry.id == twice.new_id)
            .values(issuing_organisation_id=people.other_institution_id)
        )
    city = signed_in(people.staff(Role.REGISTRAR, organisation_id=people.city_id))
    assert "没有同名、同职业、同级别" in city.get(ask).text
    assert city.get(f"{ask}?into={twice.new_id}").status_code == 404


@pytest.mark.parametrize("born", ["19850312", "19991231"])
def test_the_desk_lists_namesakes_unless_more_speaks_against_one_person(
    runtime: Runtime, people: People, twice: Twice, born: str
) -> None:
    own = taken_over(
        runtime, people, twice.clerk, twice.name, number=f"19{CODE}20002", person=11,
        validity="2019-05-01至2022-04-30",
    )  # fmt: skip
    with runtime.write() as uow:
        person_id = entries_by_id(uow, [twice.new_id])[0].person_id
        uow.session.execute(
            update(Profile)
            .where(Profile.person_id == person_id)
            .values(id_number_sealed=uow.vault.seal(id_number(13, born), ID_NUMBER_SEAL))
        )
    with runtime.read() as uow:
        found = twins_of(uow, twice.registrars[0], entries_by_id(uow, [own])[0])
        assert {one.entry.id for one in found} == {twice.old_id, twice.new_id}
        (twin,) = (one for one in found if one.entry.id == twice.new_id)
        listed = {entry.id: twins for entry, twins in doubtful(uow, twice.registrars[0]).lines}
    is_likely = born == "19850312"
    assert (twin.weight > 0) is is_likely
    assert (own in listed) is is_likely
    if is_likely:
        assert found[0].entry.id == twice.new_id, "the likeliest first"


def test_the_desk_walks_in_stretches_and_misses_nobody(
    runtime: Runtime, people: People, twice: Twice, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = [
        taken_over(
            runtime, people, twice.clerk, twice.name, number=f"19{CODE}2000{n}", person=11 + 2 * n,
            validity="2019-05-01至2022-04-30",
        )
        for n in range(2, 5)
    ]  # fmt: skip
    expected = {twice.old_id, *more}
    for name, most in (("WALKED", 1), ("WALKED", 2), ("LOOKED_AT", 1), ("LOOKED_AT", 3)):
        with monkeypatch.context() as patch:
            patch.setattr(twin_queries, name, most)
            seen: list[str] = []
            after = ""
            for _ in range(10):
                with runtime.read() as uow:
                    found = doubtful(uow, twice.registrars[0], after)
                seen += [entry.id for entry, _ in found.lines]
                after = found.after
                if not after:
                    break
        assert sorted(seen) == sorted(expected), (name, most)
