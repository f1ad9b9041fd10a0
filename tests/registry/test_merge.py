"""Duplicates of the registry: two registrars merge them, nothing is lost, and an error is undone; on both databases."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from lms.accounts.models import Profile
from lms.accounts.policy import Role
from lms.accounts.policy.identity import id_check_character
from lms.accounts.service import ID_NUMBER_SEAL
from lms.audit.queries import history
from lms.certificates.invariants import INVARIANTS as CERTIFICATE_INVARIANTS
from lms.certificates.policy.versions import VersionCause
from lms.certificates.queries.certificates import certificates_of, find_by_number, get_certificate
from lms.core.actors import Actor
from lms.core.errors import Conflict, Invalid, NotFound, Refusal
from lms.core.identifiers import new_id
from lms.core.invariants import check
from lms.core.unit_of_work import Runtime
from lms.plans.policy import PlanFacts
from lms.registry.errors import NotMergeable, NotMovable
from lms.registry.invariants import INVARIANTS
from lms.registry.jobs import search as search_jobs
from lms.registry.jobs.entries import register, sweep_expired
from lms.registry.models.entries import RegistryEntry
from lms.registry.models.merges import RegistryMerge
from lms.registry.policy.changes import ChangeState
from lms.registry.policy.entries import ENTRY, EntryState
from lms.registry.policy.merges import MergeKind, MergeState
from lms.registry.queries.chains import chain_of_entry
from lms.registry.queries.changes import get_change
from lms.registry.queries.counts import counts, tally
from lms.registry.queries.entries import EntryFacts, entries_by_id, entries_of, public_view
from lms.registry.queries.search import EntryFilter, entries, matching_ids
from lms.registry.service import changes as change_service
from lms.registry.service import decisions as decision_service
from lms.registry.service import entries as service
from lms.registry.service import merges as merge_service
from lms.registry.service import reissues as reissue_service
from lms.registry.service import reminders as reminder_service
from tests.certificates.test_service import all_at_once
from tests.factories.certificates import a_graduate, deliver_blank, deliver_version, revoke_by_two
from tests.factories.plans import a_plan
from tests.registry.test_import import CODE, entered, row, sheet, uploaded
from tests.support.people import KnownPerson, People
from tests.support.site import ClockControl

GROUND = "旧登记的证件号码抄错，核对档案为同一人"
OLD = f"20{CODE}20001"
"""The number of an earlier certificate that ended in 2023."""


@dataclass
class Twice:
    """One human who stands twice: as an earlier register had him, and as he registered himself."""

    runtime: Runtime
    people: People
    clerk: KnownPerson
    registrars: tuple[Actor, Actor]
    old_id: str
    new_id: str
    name: str

    def entry(self, entry_id: str) -> EntryFacts:
        with self.runtime.read() as uow:
            return entries_by_id(uow, [entry_id])[0]

    def propose(self, *, old: str = "", new: str = "", by: int = 0, words: str = GROUND) -> str:
        with self.runtime.write() as uow:
            return merge_service.propose_merge(
                uow, self.registrars[by], old or self.old_id, new or self.new_id, words
            )

    def decide(self, merge_id: str, by: int = 1) -> None:
        with self.runtime.write() as uow:
            merge_service.decide(uow, self.registrars[by], merge_id)

    def merge(self) -> None:
        self.decide(self.propose())

    def split(self) -> None:
        with self.runtime.write() as uow:
            merge_id = merge_service.propose_split(
                uow, self.registrars[1], self.old_id, "两人只是同名，原判断有误"
            )
        self.decide(merge_id, by=0)

    def found(self, words: str) -> list[str]:
        with self.runtime.read() as uow:
            page = entries(uow, self.registrars[0], EntryFilter(words=words)).entries
            assert [one.id for one in page] == matching_ids(uow, self.registrars[0], EntryFilter(words=words))
        return [one.id for one in page]

    def all_hold(self) -> None:
        with self.runtime.read() as uow:
            assert check(uow, (*INVARIANTS, *CERTIFICATE_INVARIANTS)) == {}


@pytest.fixture
def plan(runtime: Runtime, people: People) -> PlanFacts:
    """A published plan."""
    return a_plan(runtime, people)


@pytest.fixture
def twice(runtime: Runtime, people: People, plan: PlanFacts) -> Twice:
    """An entry that ended in 2023 under a wrong ID number, and the one of today."""
    clerk = people.staff(Role.REGISTRAR)
    graduate = a_graduate(runtime, people, plan)
    with runtime.read() as uow:
        profile = uow.session.get(Profile, graduate.person.id)
        assert profile is not None
        name = profile.name
        right = uow.vault.open(profile.id_number_sealed, ID_NUMBER_SEAL)
    old_id = taken_over(
        runtime, people, clerk, name, validity="2020-05-01至2023-04-30", number=OLD, id_text=mistyped(right)
    )
    deliver_blank(runtime, graduate)
    with runtime.read() as uow:
        (new,) = entries_of(uow, graduate.person.id)
    registrars = (people.actor(people.staff(Role.REGISTRAR)), people.actor(people.staff(Role.REGISTRAR)))
    return Twice(runtime, people, clerk, registrars, old_id, new.id, name)


def mistyped(number: str) -> str:
    """Write an ID number as a clerk did who hit one wrong key."""
    body = f"{number[:14]}{(int(number[14]) + 1) % 10}{number[15:17]}"
    return body + id_check_character(body)


def taken_over(
    runtime: Runtime, people: People, clerk: KnownPerson, name: str, *, number: str, validity: str,
    person: int = 11, level: str = "考评员", id_text: str = "",
) -> str:  # fmt: skip
    """Take one row of an earlier register over; return the entry's id."""
    told = row(name, person, 1, number=number, validity=validity, level=level, id_text=id_text or None)
    data = sheet((told[0], "", *told[2:]))
    entered(runtime, people, clerk, uploaded(runtime, people, clerk, data))
    with runtime.read() as uow:
        return uow.session.scalars(
            select(RegistryEntry.id).where(RegistryEntry.certificate_number == number)
        ).one()


def valid_until_april(twice: Twice) -> str:
    """Take one more entry of the same name over, which ends in April 2027; return its id."""
    return taken_over(
        twice.runtime, twice.people, twice.clerk, twice.name, number=f"24{CODE}20007", person=13,
        validity="2024-05-01至2027-04-30",
    )  # fmt: skip


def reasons_of(refused: pytest.ExceptionInfo[Refusal]) -> list[str]:
    return [one.code for one in refused.value.reasons]


def verbs(runtime: Runtime, entry_id: str) -> Sequence[str]:
    with runtime.read() as uow:
        return [one.verb for one in history(uow, ENTRY.name, entry_id)]


def test_two_registrars_merge_a_duplicate_and_everything_of_it_is_found_at_the_one_that_stays(
    twice: Twice,
) -> None:
    merge_id = twice.propose()
    assert twice.entry(twice.old_id).state is EntryState.EXPIRED, "nothing changes before the second agrees"
    twice.decide(merge_id)
    old = twice.entry(twice.old_id)
    assert (old.state, old.merged_into_id) == (EntryState.MERGED, twice.new_id)
    assert verbs(twice.runtime, twice.old_id) == ["create", "expire", "merge"]
    assert twice.entry(twice.new_id).state is EntryState.ACTIVE
    assert twice.found(OLD) == [twice.new_id], "the old number leads to the entry that stays"
    assert twice.found(OLD[-4:]) == [twice.new_id]
    assert twice.found(twice.name) == [twice.new_id], "the name finds one entry"
    with twice.runtime.read() as uow:
        stays = entries_by_id(uow, [twice.new_id])[0]
        chain = chain_of_entry(uow, stays)
        assert [(one.certificate.number, one.merged_from) for one in chain if one.merged_from] == [
            (OLD, twice.old_id)
        ]
        assert len(chain) == 2
        certificate = find_by_number(uow, OLD, twice.name)
        assert certificate is not None
        assert (certificate.number, certificate.person_id) == (OLD, old.person_id), "its row is untouched"
        assert public_view(uow, certificate).standing == "expired", "the public answer stays true"
    twice.all_hold()


def test_a_merged_entry_is_in_no_list_count_export_sweep_or_reminder(twice: Twice) -> None:
    actor = twice.registrars[0]
    with twice.runtime.read() as uow:
        assert counts(uow, actor).all == 2
    twice.merge()
    with twice.runtime.read() as uow:
        assert counts(uow, actor).all == 1
        assert sum(tally(uow).counts.values()) == 1
        for wanted in (EntryFilter(), EntryFilter(standing="expired"), EntryFilter(occupation="6-31-01-03")):
            assert twice.old_id not in [one.id for one in entries(uow, actor, wanted).entries]
            assert twice.old_id not in matching_ids(uow, actor, wanted)
    sweep_expired(twice.runtime)
    with twice.runtime.write() as uow:
        assert reminder_service.remind_due(uow, Actor.system("test"), 10) == 0
    assert twice.entry(twice.old_id).state is EntryState.MERGED
    twice.all_hold()


def test_a_rebuilt_search_still_leads_from_the_old_number_to_the_entry_that_stays(twice: Twice) -> None:
    twice.merge()
    assert search_jobs.rebuild_search(twice.runtime) == (1, 0)
    assert twice.found(OLD) == [twice.new_id]
    assert twice.found(twice.name) == [twice.new_id]
    twice.all_hold()


def test_who_proposed_does_not_decide_and_twice_is_once(twice: Twice) -> None:
    merge_id = twice.propose()
    with pytest.raises(Refusal) as alone:
        twice.decide(merge_id, by=0)
    assert reasons_of(alone) == ["decision.second_person"]
    with pytest.raises(Conflict) as again:
        twice.propose(by=1)
    assert reasons_of(again) == ["merge.waits"]
    twice.decide(merge_id)
    with pytest.raises(Conflict):
        twice.decide(merge_id)
    assert verbs(twice.runtime, twice.old_id).count("merge") == 1
    with pytest.raises(NotMergeable) as over:
        twice.propose()
    assert "merge.merged" in reasons_of(over)
    twice.all_hold()


def test_a_proposal_needs_written_words_and_may_be_refused_and_made_again(twice: Twice) -> None:
    with pytest.raises(Invalid):
        twice.propose(words="是")
    merge_id = twice.propose()
    with pytest.raises(Invalid), twice.runtime.write() as uow:
        merge_service.refuse(uow, twice.registrars[1], merge_id, "否")
    with twice.runtime.write() as uow:
        merge_service.refuse(uow, twice.registrars[1], merge_id, "证据不足，先核对档案")
    assert twice.entry(twice.old_id).state is EntryState.EXPIRED
    with pytest.raises(Conflict):
        twice.decide(merge_id)
    twice.merge()
    twice.all_hold()


def test_what_is_in_force_never_ends_in_a_merge(twice: Twice) -> None:
    with pytest.raises(NotMergeable) as refused:
        twice.propose(old=twice.new_id, new=twice.old_id)
    assert reasons_of(refused) == ["merge.in_force"]
    assert refused.value.reasons[0].way_out.startswith("请反过来合并")
    valid = taken_over(
        twice.runtime, twice.people, twice.clerk, twice.name, number=f"25{CODE}20007", person=13,
        validity="2025-05-01至2028-04-30",
    )  # fmt: skip
    with pytest.raises(NotMergeable) as both:
        twice.propose(old=valid)
    assert both.value.reasons[0].way_out.startswith("两条都有有效的证书")
    revoke_by_two(twice.runtime, twice.people, valid, "证件号码抄错，重复登记")
    twice.decide(twice.propose(old=valid))
    assert verbs(twice.runtime, valid) == ["create", "revoke", "merge"]
    with twice.runtime.read() as uow:
        certificate = get_certificate(uow, twice.entry(valid).certificate_id)
        assert public_view(uow, certificate).standing == "revoked", "a revocation stays public"
    assert twice.found(f"25{CODE}20007") == [twice.new_id]
    twice.all_hold()


def test_an_entry_whose_last_day_is_over_may_be_merged_before_the_sweeper_wrote_it(
    twice: Twice, clock: ClockControl
) -> None:
    valid = valid_until_april(twice)
    clock.advance(timedelta(days=200).total_seconds())
    assert twice.entry(valid).state is EntryState.ACTIVE
    twice.decide(twice.propose(old=valid))
    assert verbs(twice.runtime, valid) == ["create", "expire", "merge"]
    twice.all_hold()


def test_other_levels_are_other_entries_and_an_entry_is_no_duplicate_of_itself(twice: Twice) -> None:
    senior = taken_over(
        twice.runtime, twice.people, twice.clerk, twice.name, number=f"20{CODE}10001", person=15,
        validity="2020-05-01至2023-04-30", level="高级考评员",
    )  # fmt: skip
    with pytest.raises(NotMergeable) as other:
        twice.propose(old=senior)
    assert reasons_of(other) == ["merge.standing"]
    with pytest.raises(NotMergeable) as same:
        twice.propose(old=twice.old_id, new=twice.old_id)
    assert reasons_of(same) == ["merge.self"]


def test_merges_stay_flat_three_entries_end_in_one(twice: Twice) -> None:
    third = taken_over(
        twice.runtime, twice.people, twice.clerk, twice.name, number=f"19{CODE}20003", person=17,
        validity="2019-05-01至2022-04-30",
    )  # fmt: skip
    waiting = twice.propose(old=third, new=twice.old_id)
    with pytest.raises(Conflict):
        twice.propose(by=1)
    twice.decide(waiting)
    with pytest.raises(NotMergeable) as refused:
        twice.propose()
    assert reasons_of(refused) == ["merge.holds"]
    with pytest.raises(NotMergeable):
        twice.propose(old=third)
    assert twice.found(f"19{CODE}20003") == [twice.old_id]
    twice.all_hold()


def test_a_registrar_of_another_city_neither_proposes_nor_decides(twice: Twice, people: People) -> None:
    elsewhere = people.actor(people.staff(Role.REGISTRAR, organisation_id=people.other_city_id))
    merge_id = twice.propose()
    with pytest.raises(NotFound), twice.runtime.write() as uow:
        merge_service.propose_merge(uow, elsewhere, twice.old_id, twice.new_id, GROUND)
    for act in (
        lambda uow: merge_service.decide(uow, elsewhere, merge_id),
        lambda uow: merge_service.refuse(uow, elsewhere, merge_id, GROUND),
        lambda uow: merge_service.propose_split(uow, elsewhere, twice.old_id, GROUND),
    ):
        with pytest.raises(NotFound), twice.runtime.write() as uow:
            act(uow)
    with twice.runtime.write() as uow:
        uow.session.execute(
            update(RegistryEntry)
            .where(RegistryEntry.id == twice.new_id)
            .values(issuing_organisation_id=people.other_institution_id)
        )
    near = people.actor(people.staff(Role.REGISTRAR, organisation_id=people.city_id))
    with pytest.raises(NotFound), twice.runtime.write() as uow:
        merge_service.decide(uow, near, merge_id)


def test_two_registrars_undo_a_merge_and_everything_is_as_before(twice: Twice) -> None:
    before = twice.entry(twice.old_id)
    twice.merge()
    with pytest.raises(NotMergeable), twice.runtime.write() as uow:
        merge_service.propose_split(uow, twice.registrars[0], twice.new_id, GROUND)
    twice.split()
    assert twice.entry(twice.old_id) == before
    assert verbs(twice.runtime, twice.old_id) == ["create", "expire", "merge", "split_expired"]
    assert twice.found(OLD) == [twice.old_id]
    assert set(twice.found(twice.name)) == {twice.old_id, twice.new_id}
    with twice.runtime.read() as uow:
        assert counts(uow, twice.registrars[0]).all == 2
        assert len(chain_of_entry(uow, twice.entry(twice.new_id))) == 1
    twice.all_hold()
    twice.merge()
    twice.all_hold()


def test_a_revoked_duplicate_comes_back_as_revoked(twice: Twice) -> None:
    revoke_by_two(twice.runtime, twice.people, twice.old_id, "证件号码抄错，重复登记")
    twice.merge()
    twice.split()
    assert twice.entry(twice.old_id).state is EntryState.REVOKED
    twice.all_hold()


def test_whose_number_it_really_was_is_registered_beside_the_merged_entry(
    twice: Twice, plan: PlanFacts
) -> None:
    with twice.runtime.read() as uow:
        old = twice.entry(twice.old_id)
        index = get_certificate(uow, old.certificate_id).id_number_index
    twice.merge()
    owner = twice.people.trainee()
    with twice.runtime.write() as uow:
        # The earlier certificate stands as issued and over; the real owner's takes its place under the number.
        uow.session.execute(
            update(Profile).where(Profile.person_id == owner.id).values(id_number_index=index, name="何知舟")
        )
    certificate = deliver_blank(twice.runtime, a_graduate(twice.runtime, twice.people, plan, person=owner))
    with twice.runtime.read() as uow:
        (his,) = entries_of(uow, owner.id)
        assert his.certificate_number == certificate.number
        assert [one.number for one in certificates_of(uow, owner.id)] == [certificate.number]
        chain = chain_of_entry(uow, twice.entry(twice.new_id))
        assert OLD in [one.certificate.number for one in chain], (
            "the merged certificate stays where it was found to be"
        )
    assert twice.found(OLD) == [twice.new_id]
    register(twice.runtime, certificate_id=twice.entry(twice.old_id).certificate_id)
    assert twice.entry(twice.old_id).state is EntryState.MERGED
    with pytest.raises(NotMergeable) as refused, twice.runtime.write() as uow:
        merge_service.propose_split(uow, twice.registrars[0], twice.old_id, GROUND)
    assert reasons_of(refused) == ["split.taken"]
    twice.all_hold()


def test_one_registrar_alone_and_two_decisions_about_a_certificate_do_nothing_to_a_merged_entry(
    twice: Twice,
) -> None:
    old_id = taken_over(
        twice.runtime, twice.people, twice.clerk, twice.name, number=f"25{CODE}20007", person=13,
        validity="2025-05-01至2028-04-30",
    )  # fmt: skip
    revoke_by_two(twice.runtime, twice.people, old_id, "证件号码抄错，重复登记")
    with twice.runtime.write() as uow:
        decision_id = decision_service.propose_restoration(
            uow, twice.registrars[0], old_id, "复核后撤销依据不成立"
        )
    with pytest.raises(NotMergeable) as refused:
        twice.propose(old=old_id)
    assert reasons_of(refused) == ["merge.decision"]
    with twice.runtime.write() as uow:
        decision_service.hand_back(uow, twice.registrars[1], old_id, decision_id, "依据不足")
    twice.decide(twice.propose(old=old_id))
    for act in (
        lambda uow: service.suspend(uow, twice.registrars[0], old_id, GROUND),
        lambda uow: decision_service.propose_restoration(uow, twice.registrars[0], old_id, GROUND),
        lambda uow: decision_service.propose_revocation(uow, twice.registrars[0], old_id, GROUND),
    ):
        with pytest.raises(NotMovable), twice.runtime.write() as uow:
            act(uow)


def test_an_entry_waits_with_its_merge_while_its_certificate_is_printed_anew(
    twice: Twice, clock: ClockControl
) -> None:
    valid = valid_until_april(twice)
    first_id = twice.entry(valid).certificate_id
    with twice.runtime.write() as uow:
        version_id = reissue_service.reissue(
            uow, twice.registrars[0], valid, VersionCause.LOST, "持证人登报声明遗失"
        )
    clock.advance(timedelta(days=200).total_seconds())
    with pytest.raises(NotMergeable) as refused:
        twice.propose(old=valid)
    assert reasons_of(refused) == ["merge.in_force"]
    deliver_version(twice.runtime, version_id)
    twice.decide(twice.propose(old=valid))
    merged = twice.entry(valid)
    assert (merged.state, merged.certificate_id) == (EntryState.MERGED, version_id)
    for certificate_id in (first_id, version_id):
        # A job may run once more, whenever that is.
        register(twice.runtime, certificate_id=certificate_id)
        assert twice.entry(valid) == merged
    twice.all_hold()


def test_a_request_of_the_holder_that_waits_is_answered_by_the_merge(twice: Twice) -> None:
    holder = twice.people.trainee()
    with twice.runtime.write() as uow:
        # Somebody registered himself since whose ID number the earlier register had: the entry became his.
        uow.session.execute(
            update(RegistryEntry).where(RegistryEntry.id == twice.old_id).values(person_id=holder.id)
        )
        change_id = change_service.ask(
            uow,
            twice.people.actor(holder),
            twice.old_id,
            twice.people.other_institution_id,
            "五月起调入新单位",
            "",
        )
    twice.merge()
    with twice.runtime.read() as uow:
        change = get_change(uow, change_id)
    assert change.state is ChangeState.REFUSED
    assert twice.entry(twice.new_id).certificate_number in change.answer
    twice.all_hold()


def test_of_many_who_decide_at_once_one_merges(twice: Twice) -> None:
    merge_id = twice.propose()
    deciders = [twice.people.actor(twice.people.staff(Role.REGISTRAR)) for _ in range(4)]

    def decide(actor: Actor) -> None:
        with twice.runtime.write() as uow:
            merge_service.decide(uow, actor, merge_id)

    results = all_at_once([lambda actor=actor: decide(actor) for actor in deciders])
    assert [one for one in results if one is None] == [None], results
    assert all(isinstance(one, Conflict) for one in results if one is not None), results
    assert verbs(twice.runtime, twice.old_id).count("merge") == 1
    twice.all_hold()


def test_merges_in_both_directions_at_once_leave_one_entry(twice: Twice) -> None:
    """Two that have both ended: each might end in the other, and neither may be lost."""
    third = taken_over(
        twice.runtime, twice.people, twice.clerk, twice.name, number=f"19{CODE}20003", person=17,
        validity="2019-05-01至2022-04-30",
    )  # fmt: skip
    with twice.runtime.write() as uow:
        ids = [new_id(), new_id()]
        for merge_id, (ends, stays) in zip(ids, ((twice.old_id, third), (third, twice.old_id)), strict=True):
            # Past the service, which lets only one of them wait.
            uow.session.execute(
                insert(RegistryMerge).values(
                    id=merge_id, kind=MergeKind.MERGE, state=MergeState.PROPOSED, entry_id=ends, into_id=stays,
                    words=GROUND, proposed_by=twice.registrars[0].person_id, proposed_at=uow.now,
                )
            )  # fmt: skip
    results = all_at_once([lambda one=one: twice.decide(one) for one in ids])
    assert len([one for one in results if one is None]) == 1, results
    states = {twice.entry(twice.old_id).state, twice.entry(third).state}
    assert states == {EntryState.EXPIRED, EntryState.MERGED}
    with twice.runtime.read() as uow:
        assert check(uow, INVARIANTS) == {}


def test_two_proposals_at_once_make_one(twice: Twice) -> None:
    results = all_at_once([lambda by=by: twice.propose(by=by) for by in (0, 1, 0, 1)])
    assert len([one for one in results if isinstance(one, str)]) == 1, results
    assert all(isinstance(one, str | Conflict) for one in results), results


@pytest.mark.parametrize(
    "values",
    [
        {"decided_by": "same", "state": "accepted", "state_before": "expired"},
        {"state": "accepted", "state_before": "expired"},
        {"decided_by": "other", "state": "accepted"},
        {"into_id": "self"},
    ],
    ids=["one_person", "nobody", "from_nowhere", "into_itself"],
)
def test_the_database_refuses_a_merge_that_breaks_the_rules(twice: Twice, values: dict[str, str]) -> None:
    people = {"same": twice.registrars[0].person_id, "other": twice.registrars[1].person_id}
    decided = {"decided_by": people[values["decided_by"]]} if "decided_by" in values else {}
    with pytest.raises(IntegrityError), twice.runtime.write() as uow:
        uow.session.execute(
            insert(RegistryMerge).values(
                id=new_id(), kind=MergeKind.MERGE, entry_id=twice.old_id, words=GROUND,
                proposed_by=people["same"], proposed_at=uow.now, state=values.get("state", "proposed"),
                into_id=twice.old_id if "into_id" in values else twice.new_id,
                state_before=values.get("state_before"),
                decided_at=uow.now if decided else None, **decided,
            )
        )  # fmt: skip


def test_the_database_refuses_an_entry_that_is_merged_into_nothing(twice: Twice) -> None:
    for values in (
        {"state": EntryState.MERGED}, {"merged_into_id": twice.new_id}, {"id_number_index": None},
        {"state": EntryState.MERGED, "merged_into_id": twice.old_id, "id_number_index": None},
    ):  # fmt: skip
        with pytest.raises(IntegrityError), twice.runtime.write() as uow:
            uow.session.execute(
                update(RegistryEntry).where(RegistryEntry.id == twice.old_id).values(**values)
            )
