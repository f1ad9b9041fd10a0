"""Change requests for the workplace of an entry: the pure rules, the service on both databases, and the journey."""

import email
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from email import policy

import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError

from lms.accounts import service as accounts
from lms.accounts.models import Profile
from lms.accounts.policy import Role
from lms.accounts.queries import get_profile
from lms.app import handlers
from lms.audit.queries import history
from lms.certificates.policy.versions import VersionCause
from lms.core.actors import Actor
from lms.core.errors import Conflict, Invalid, NotFound, Refusal
from lms.core.identifiers import new_id
from lms.core.invariants import check
from lms.core.unit_of_work import Runtime
from lms.registry.invariants import INVARIANTS
from lms.registry.jobs.changes import tell_change
from lms.registry.models.changes import RegistryChange
from lms.registry.models.entries import RegistryEntry
from lms.registry.policy.changes import (
    CHANGE,
    ENDED,
    ChangeState,
    accept_reasons,
    own_entry_reasons,
    seen_reasons,
    standing_reasons,
    wanted_reasons,
    words_reasons,
)
from lms.registry.policy.entries import EntryState
from lms.registry.queries.changes import changes_in_scope, get_change, open_count
from lms.registry.queries.entries import EntryFacts, entries_of
from lms.registry.queries.search import EntryFilter, entries
from lms.registry.service import changes
from lms.registry.service import reissues as reissue_service
from tests.certificates.test_service import all_at_once
from tests.factories.certificates import (
    Graduate,
    a_graduate,
    deliver_blank,
    deliver_version,
    revoke_by_two,
)
from tests.factories.plans import a_plan
from tests.support.browser import Browser
from tests.support.people import KnownPerson, People

SignedIn = Callable[[KnownPerson], Browser]
MOVED = "五月起调入，劳动合同已签订"
CHECKED = "已与新单位经办人核对"


def codes(reasons: list[object]) -> list[str]:
    return [reason.code for reason in reasons]  # type: ignore[attr-defined]


# -- the pure rules -----------------------------------------------------------------------------------


def test_nothing_is_asked_of_a_revoked_entry_or_while_a_request_waits() -> None:
    for state in EntryState:
        expected = ["change.ended"] if state in ENDED else []
        assert codes(standing_reasons(state, has_open=False)) == expected
    assert codes(standing_reasons(EntryState.ACTIVE, has_open=True)) == ["change.open"]


def test_a_form_is_stale_when_the_entry_names_another_workplace_than_it_showed() -> None:
    assert seen_reasons("here", "here") == seen_reasons(None, "") == []
    assert codes(seen_reasons("there", "here")) == codes(seen_reasons(None, "here")) == ["change.stale"]


def test_what_is_asked_for_is_another_institution_with_a_written_ground() -> None:
    assert wanted_reasons("here", "there", MOVED, is_institution=True) == []
    assert wanted_reasons(None, "there", MOVED, is_institution=True) == []
    assert codes(wanted_reasons("here", "here", MOVED, is_institution=True)) == ["change.same"]
    assert codes(wanted_reasons("here", "city", "调", is_institution=False)) == [
        "change.unknown", "change.words",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "is_enough"), [("", False), ("   调动 ", False), ("调动" * 2, True), ("调" * 201, False)]
)
def test_words_have_between_four_and_two_hundred_characters(words: str, is_enough: bool) -> None:
    assert (words_reasons(words) == []) is is_enough


def test_nobody_decides_about_his_own_entry_whoever_asked() -> None:
    assert own_entry_reasons("anna", "anna", "bert") == []
    for person in ("anna", "carl", None):
        assert codes(own_entry_reasons("anna", "carl", person)) == ["change.own"]


def test_only_what_was_asked_of_the_entry_as_it_is_now_is_accepted() -> None:
    assert (
        accept_reasons(EntryState.SUSPENDED, "here", "here")
        == accept_reasons(EntryState.EXPIRED, None, None)
        == []
    )
    assert codes(accept_reasons(EntryState.ACTIVE, "there", "here")) == ["change.overtaken"]
    assert codes(accept_reasons(EntryState.REVOKED, "here", "here")) == ["change.ended"]


# -- the service ------------------------------------------------------------------------------------


@dataclass
class Desk:
    """A registered examiner and registrars of his city and of the one beside it."""

    runtime: Runtime
    people: People
    graduate: Graduate
    holder: Actor
    registrar: Actor
    stranger: Actor

    @property
    def entry(self) -> EntryFacts:
        with self.runtime.read() as uow:
            return entries_of(uow, self.graduate.person.id)[0]

    def ask(self, wanted: str = "", words: str = MOVED, seen: str | None = None) -> str:
        entry = self.entry
        with self.runtime.write() as uow:
            return changes.ask(
                uow, self.holder, entry.id, wanted or self.people.other_institution_id, words,
                (entry.employer_id or "") if seen is None else seen,
            )  # fmt: skip

    def accept(self, change_id: str, actor: Actor | None = None, words: str = CHECKED) -> None:
        with self.runtime.write() as uow:
            changes.accept(uow, actor or self.registrar, change_id, words)

    def refuse(self, change_id: str, actor: Actor | None = None, words: str = CHECKED) -> None:
        with self.runtime.write() as uow:
            changes.refuse(uow, actor or self.registrar, change_id, words)

    def withdraw(self, change_id: str, actor: Actor | None = None) -> None:
        with self.runtime.write() as uow:
            changes.withdraw(uow, actor or self.holder, change_id)

    def state(self, change_id: str) -> ChangeState:
        with self.runtime.read() as uow:
            return get_change(uow, change_id).state

    def workplace_in_profile(self) -> str | None:
        with self.runtime.read() as uow:
            return get_profile(uow, self.graduate.person.id).employer_id

    def verbs(self, change_id: str) -> list[str]:
        with self.runtime.read() as uow:
            return [move.verb for move in history(uow, CHANGE.name, change_id)]

    def all_hold(self) -> None:
        with self.runtime.read() as uow:
            assert check(uow, INVARIANTS) == {}


@pytest.fixture
def desk(runtime: Runtime, people: People) -> Desk:
    """Somebody registered by an institution of a city, and those who may and may not act."""
    graduate = a_graduate(runtime, people, a_plan(runtime, people))
    deliver_blank(runtime, graduate)
    registrar, stranger = (
        people.actor(people.staff(Role.REGISTRAR, organisation_id=place))
        for place in (people.city_id, people.other_city_id)
    )
    return Desk(runtime, people, graduate, people.actor(graduate.person), registrar, stranger)


def test_an_accepted_request_changes_entry_and_profile_at_once_and_is_found_by_the_new_workplace(
    desk: Desk,
) -> None:
    before = desk.entry
    change_id = desk.ask()
    assert desk.entry == before, "asking changes nothing"
    desk.accept(change_id)
    after = desk.entry
    assert after == replace(
        before, employer_id=desk.people.other_institution_id, employer_name="岚山机电技能评价中心"
    )
    assert desk.workplace_in_profile() == desk.people.other_institution_id
    with desk.runtime.read() as uow:
        for employer, count in (("岚山机电技能评价中心", 1), ("云浦电力技能评价中心", 0)):
            assert len(entries(uow, desk.registrar, EntryFilter(employer=employer)).entries) == count
    assert desk.verbs(change_id) == ["create", "accept"]
    desk.all_hold()


def test_a_refused_request_changes_nothing_and_another_may_be_asked(desk: Desk) -> None:
    before = desk.entry
    change_id = desk.ask()
    desk.refuse(change_id, words="新单位没有这个人")
    assert desk.state(change_id) is ChangeState.REFUSED
    assert desk.entry == before
    assert desk.workplace_in_profile() == before.employer_id
    assert desk.ask() != change_id
    desk.all_hold()


def test_what_the_holder_wrote_into_his_profile_meanwhile_stays(desk: Desk) -> None:
    with desk.runtime.write() as uow:
        uow.session.execute(
            update(Profile).where(Profile.person_id == desk.graduate.person.id).values(employer_id=None)
        )
    change_id = desk.ask()
    desk.accept(change_id)
    assert desk.workplace_in_profile() is None
    assert desk.entry.employer_id == desk.people.other_institution_id


def test_an_entry_without_a_workplace_gets_its_first(desk: Desk) -> None:
    with desk.runtime.write() as uow:
        uow.session.execute(update(RegistryEntry).values(employer_organisation_id=None))
    change_id = desk.ask(seen="")
    desk.accept(change_id)
    assert desk.entry.employer_id == desk.people.other_institution_id


def test_the_same_form_twice_is_one_request_and_another_one_has_to_wait(desk: Desk) -> None:
    change_id = desk.ask()
    assert desk.ask(words=f" {MOVED} ") == change_id
    with pytest.raises(Conflict) as refused:
        desk.ask(words="另一个依据")
    assert [reason.code for reason in refused.value.reasons] == ["change.open"]
    assert desk.verbs(change_id) == ["create"]


def test_many_who_press_at_once_leave_one_request_and_one_decision(desk: Desk) -> None:
    entry = desk.entry
    found = all_at_once([desk.ask for _ in range(4)])
    assert len(set(found)) == 1, found
    change_id = str(found[0])
    outcomes = all_at_once(
        [lambda: desk.accept(change_id), lambda: desk.refuse(change_id, words="依据不足，不同意")]
    )
    assert sum(isinstance(one, Refusal) for one in outcomes) == 1, outcomes
    moved = desk.state(change_id) is ChangeState.ACCEPTED
    assert (desk.entry.employer_id != entry.employer_id) is moved
    desk.all_hold()


def test_the_database_refuses_a_second_open_request_and_a_decision_by_the_one_who_asked(desk: Desk) -> None:
    desk.ask()
    row = {
        "id": new_id(), "entry_id": desk.entry.id, "state": "open", "before_organisation_id": None,
        "after_organisation_id": desk.people.institution_id, "words": MOVED, "asked_by": desk.graduate.person.id,
        "answer": "",
    }  # fmt: skip
    with pytest.raises(Conflict), desk.runtime.write() as uow:
        uow.session.execute(insert(RegistryChange).values(**row, asked_at=uow.now))
    own = {**row, "state": "accepted", "decided_by": desk.graduate.person.id}
    with pytest.raises(IntegrityError), desk.runtime.write() as uow:
        uow.session.execute(insert(RegistryChange).values(**own, asked_at=uow.now, decided_at=uow.now))


def test_the_same_answer_twice_is_one_and_any_other_comes_too_late(desk: Desk) -> None:
    change_id = desk.ask()
    desk.accept(change_id)
    desk.accept(change_id)
    assert desk.verbs(change_id) == ["create", "accept"]
    for act in (desk.refuse, lambda one: desk.accept(one, words="别的理由")):
        with pytest.raises(Conflict):
            act(change_id)
    with pytest.raises(Conflict):
        desk.withdraw(change_id)


def test_a_withdrawn_request_is_over_and_twice_is_once(desk: Desk) -> None:
    change_id = desk.ask()
    desk.withdraw(change_id)
    desk.withdraw(change_id)
    assert desk.verbs(change_id) == ["create", "withdraw"]
    with pytest.raises(Conflict):
        desk.accept(change_id)
    assert desk.entry.employer_id == desk.people.institution_id


def test_what_is_none_of_ones_business_is_not_found(desk: Desk) -> None:
    change_id = desk.ask()
    other = desk.people.actor(desk.people.trainee())
    with pytest.raises(NotFound):
        desk.withdraw(change_id, other)
    with pytest.raises(NotFound):
        desk.accept(change_id, desk.stranger)
    auditor = desk.people.actor(desk.people.staff(Role.AUDITOR))
    with pytest.raises(NotFound):
        desk.accept(change_id, auditor)
    with pytest.raises(NotFound), desk.runtime.write() as uow:
        changes.ask(
            uow, other, desk.entry.id, desk.people.other_institution_id, MOVED, desk.people.institution_id
        )
    with desk.runtime.read() as uow:
        for actor, count in ((desk.registrar, 1), (desk.stranger, 0), (auditor, 1)):
            lines, page = changes_in_scope(uow, actor)
            assert (len(lines), page.total, open_count(uow, actor)) == (count, count, count)


def test_the_list_is_narrowed_by_state_and_by_name_or_number(desk: Desk) -> None:
    first = desk.ask()
    desk.refuse(first)
    second = desk.ask()
    name, number = desk.entry.holder_name, desk.entry.certificate_number
    with desk.runtime.read() as uow:
        for state, words, expected in (
            ("", "", [second, first]), ("open", "", [second]), ("refused", "", [first]),
            ("no such", name, [second, first]),
            ("", number[:6], [second, first]), ("", "赵钱孙", []), ("", "%", []),
        ):  # fmt: skip
            lines, _page = changes_in_scope(uow, desk.registrar, state, words)
            assert [line.change.id for line in lines] == expected, (state, words)


def test_a_registrar_does_not_decide_about_his_own_entry(desk: Desk) -> None:
    change_id = desk.ask()
    with desk.runtime.write() as uow:
        accounts.grant_role(
            uow, desk.people.operator, desk.graduate.person.id, Role.REGISTRAR, desk.people.city_id
        )
    own = desk.people.actor(desk.graduate.person)
    for act in (desk.accept, desk.refuse):
        with pytest.raises(Refusal) as refused:
            act(change_id, own)
        assert [reason.code for reason in refused.value.reasons] == ["change.own"]
    desk.accept(change_id)


def test_a_stale_form_and_bad_values_are_refused_and_nothing_is_kept(desk: Desk) -> None:
    with pytest.raises(Conflict) as refused:
        desk.ask(seen=desk.people.other_institution_id)
    assert [reason.code for reason in refused.value.reasons] == ["change.stale"]
    for wanted, words in (
        (desk.people.institution_id, MOVED), (desk.people.city_id, MOVED), ("nothing", MOVED),
        (desk.people.other_institution_id, "调"),
    ):  # fmt: skip
        with pytest.raises(Invalid):
            desk.ask(wanted, words)
    with desk.runtime.read() as uow:
        assert changes_in_scope(uow, desk.registrar)[0] == []
    change_id = desk.ask()
    with pytest.raises(Invalid):
        desk.accept(change_id, words="好")


def test_a_revoked_or_overtaken_request_is_refused_but_not_accepted(desk: Desk) -> None:
    change_id = desk.ask()
    with desk.runtime.write() as uow:
        uow.session.execute(update(RegistryEntry).values(employer_organisation_id=None))
    with pytest.raises(Conflict) as overtaken:
        desk.accept(change_id)
    assert [reason.code for reason in overtaken.value.reasons] == ["change.overtaken"]
    desk.refuse(change_id)
    second = desk.ask(seen="")
    revoke_by_two(desk.runtime, desk.people, desk.entry.id, "两次警告，取消考评员资格")
    with pytest.raises(Conflict) as revoked:
        desk.accept(second)
    assert [reason.code for reason in revoked.value.reasons] == ["change.ended"]
    desk.refuse(second)
    with pytest.raises(Conflict):
        desk.ask(seen="")


def test_a_reissued_certificate_does_not_bring_the_old_workplace_back(desk: Desk) -> None:
    desk.accept(desk.ask())
    with desk.runtime.write() as uow:
        version_id = reissue_service.reissue(
            uow, desk.registrar, desk.entry.id, VersionCause.LOST, "持证人登报声明遗失"
        )
    deliver_version(desk.runtime, version_id)
    assert desk.entry.certificate_id == version_id
    assert desk.entry.employer_id == desk.people.other_institution_id
    desk.all_hold()


def test_the_invariant_finds_an_entry_that_lost_its_accepted_workplace(desk: Desk) -> None:
    desk.accept(desk.ask())
    desk.all_hold()
    with desk.runtime.write() as uow:
        uow.session.execute(update(RegistryEntry).values(employer_organisation_id=desk.people.institution_id))
    with desk.runtime.read() as uow:
        assert list(check(uow, INVARIANTS)) == ["R12"]


def test_a_suspended_entry_keeps_the_moment_since_when_it_is(desk: Desk) -> None:
    change_id = desk.ask()
    with desk.runtime.read() as uow:
        row = uow.session.get(RegistryEntry, desk.entry.id)
        assert row is not None
        before = row.changed_at
    desk.accept(change_id)
    with desk.runtime.read() as uow:
        row = uow.session.get(RegistryEntry, desk.entry.id)
        assert row is not None
        assert row.changed_at == before


# -- through HTTP -----------------------------------------------------------------------------------


def mails(runtime: Runtime) -> list[str]:
    folder = runtime.settings.instance_dir / "mail"
    files = sorted(folder.glob("*.eml")) if folder.exists() else []
    return [
        email.message_from_bytes(file.read_bytes(), policy=policy.default).get_content() for file in files
    ]


def test_an_examiner_asks_his_registrar_accepts_and_entry_search_and_notice_follow(
    signed_in: SignedIn, runtime: Runtime, people: People, desk: Desk
) -> None:
    holder, entry_id = signed_in(desk.graduate.person), desk.entry.id
    near = signed_in(people.staff(Role.REGISTRAR, organisation_id=people.city_id))
    far = signed_in(people.staff(Role.REGISTRAR, organisation_id=people.other_city_id))
    own = holder.get("/entries").text
    assert "云浦电力技能评价中心" in own
    assert "手机、邮箱和地址由您在个人信息里随时修改" in own
    address = f"/entries/{entry_id}/workplace"
    assert "岚山机电技能评价中心" in holder.get(address).text
    sent = {"workplace": people.other_institution_id, "words": MOVED, "seen": people.institution_id}
    for _ in range(2):
        assert holder.post(address, sent).status_code == 303
    assert "变更申请等待登记员处理" in holder.get("/entries").text

    listed = near.get("/desk/registry/changes").text
    assert "1 份等待处理" in listed
    change_id = re.findall(r"/desk/registry/changes/(\w{16})", listed)[0]
    page = f"/desk/registry/changes/{change_id}"
    assert "没有符合条件的申请" in far.get("/desk/registry/changes").text
    assert far.get(page).status_code == 404
    assert far.post(f"{page}/decide", {"verdict": "accept", "words": CHECKED}).status_code == 404
    shown = near.get(page).text
    for words in (MOVED, "云浦电力技能评价中心", "岚山机电技能评价中心", desk.graduate.person.name):
        assert words in shown
    assert "查看和处理" in near.get(f"/desk/registry/{entry_id}").text
    assert "登记的变更申请等待处理" in near.get("/desk").text
    assert near.post(f"{page}/decide", {"verdict": "accept", "words": ""}).status_code == 422
    assert near.post(f"{page}/decide", {"words": CHECKED}).status_code == 422
    for _ in range(2):
        assert near.post(f"{page}/decide", {"verdict": "accept", "words": CHECKED}).status_code == 303
    late = near.post(f"{page}/decide", {"verdict": "refuse", "words": "改主意了，不同意"})
    assert late.status_code == 409
    assert holder.post(f"/entries/changes/{change_id}/withdraw", {}).status_code == 409

    entry = near.get(f"/desk/registry/{entry_id}").text
    assert "工作单位：云浦电力技能评价中心 → 岚山机电技能评价中心" in entry
    assert CHECKED in entry
    name = desk.graduate.person.name
    assert name in near.get("/desk/registry?employer=岚山机电技能评价中心").text
    assert name not in near.get("/desk/registry?employer=云浦电力技能评价中心").text
    told = holder.get("/entries").text
    assert "已同意：云浦电力技能评价中心 → 岚山机电技能评价中心" in told
    assert CHECKED in told
    home = f"/home?application={desk.graduate.application_id}"
    assert "登记的工作单位是岚山机电技能评价中心" in holder.get(home).text
    tell_change(runtime, change_id=change_id)
    assert handlers.HANDLERS["registry.tell_change"] is tell_change
    (mail,) = mails(runtime)
    assert "/entries" in mail
    assert "同意，登记已经变更" in mail
    assert desk.graduate.person.login_name not in mail
    assert "岚山" not in mail, "where somebody works is said to who signs in"


def test_what_cannot_be_asked_is_told_at_its_field_and_keeps_what_was_typed(
    signed_in: SignedIn, people: People, desk: Desk
) -> None:
    holder, address = signed_in(desk.graduate.person), f"/entries/{desk.entry.id}/workplace"
    holder.get(address)
    sent = {"workplace": people.other_institution_id, "words": MOVED, "seen": people.institution_id}
    short = holder.post(address, {**sent, "words": "调"})
    assert short.status_code == 422
    assert "4 至 200 个字" in short.text
    assert f'<option selected value="{people.other_institution_id}">' in short.text
    for broken in (
        {"workplace": "nowhere"},
        {"workplace": people.institution_id},
        {"words": ""},
        {"workplace": ""},
    ):
        assert holder.post(address, {**sent, **broken}).status_code == 422, broken
    stale = holder.post(address, {**sent, "seen": ""})
    assert stale.status_code == 409
    assert f'name="seen" type="hidden" value="{people.institution_id}"' in stale.text, (
        "who sends it again has seen it"
    )
    holder.post(address, sent)
    other = holder.post(address, {**sent, "words": "换了一个依据"})
    assert other.status_code == 409
    assert "上一份申请还在等待处理" in other.text


def test_an_examiner_takes_his_request_back_and_asks_again(
    signed_in: SignedIn, people: People, desk: Desk
) -> None:
    holder = signed_in(desk.graduate.person)
    change_id = desk.ask()
    assert holder.post(f"/entries/changes/{change_id}/withdraw", {}).status_code == 303
    page = holder.get("/entries").text
    assert "已撤回" in page
    assert "申请变更工作单位" in page
    other = signed_in(people.trainee())
    assert other.get(f"/entries/{desk.entry.id}/workplace").status_code == 404
    assert "还没有登记" in other.get("/entries").text


def test_a_registrar_who_is_the_holder_reads_why_he_may_not_decide(signed_in: SignedIn, desk: Desk) -> None:
    change_id = desk.ask()
    with desk.runtime.write() as uow:
        accounts.grant_role(
            uow, desk.people.operator, desk.graduate.person.id, Role.REGISTRAR, desk.people.city_id
        )
    page = signed_in(desk.graduate.person)
    assert "本人的登记由另一名登记员处理" in page.get(f"/desk/registry/changes/{change_id}").text
    sent = {"verdict": "accept", "words": CHECKED}
    assert page.post(f"/desk/registry/changes/{change_id}/decide", sent).status_code == 409
    assert desk.state(change_id) is ChangeState.OPEN


def test_a_refusal_stands_in_the_history_of_the_entry_and_before_the_holder(
    signed_in: SignedIn, people: People, desk: Desk
) -> None:
    desk.refuse(desk.ask(), words="新单位没有这个人")
    registrar = signed_in(people.staff(Role.REGISTRAR, organisation_id=people.city_id))
    page = registrar.get(f"/desk/registry/{desk.entry.id}").text
    assert "没有同意把工作单位变更为岚山机电技能评价中心" in page
    holder = signed_in(desk.graduate.person)
    for path in ("/entries", f"/home?application={desk.graduate.application_id}"):
        assert "未同意" in holder.get(path).text
    assert "新单位没有这个人" in holder.get("/entries").text


def test_an_entry_that_was_revoked_offers_no_request(signed_in: SignedIn, desk: Desk) -> None:
    revoke_by_two(desk.runtime, desk.people, desk.entry.id, "两次警告，取消考评员资格")
    page = signed_in(desk.graduate.person)
    assert "申请变更工作单位" not in page.get("/entries").text
    assert "撤销的、并入另一条的登记不再变更" in page.get(f"/entries/{desk.entry.id}/workplace").text
