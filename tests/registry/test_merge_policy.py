"""When entries may be merged, and what speaks for one person: rules alone."""

from dataclasses import replace
from datetime import date

import pytest

from lms.plans.policy import ExaminerLevel
from lms.registry.policy.entries import ENTRY, EntryState
from lms.registry.policy.merges import MERGE, MergeState, Side, merge_reasons, split_reasons, words_reasons
from lms.registry.policy.twins import SIGN_WORDS, Sign, Traits, compare, weight

ENDS = Side("a", EntryState.EXPIRED, "2022", "6-31-01-03", ExaminerLevel.EXAMINER)
STAYS = replace(ENDS, entry_id="b", state=EntryState.ACTIVE, live_number="263401000520001")


@pytest.mark.parametrize(
    ("ends", "stays", "codes"),
    [
        ({}, {}, []),
        ({"state": EntryState.REVOKED}, {}, []),
        ({}, {"state": EntryState.EXPIRED, "live_number": ""}, []),
        ({}, {"state": EntryState.REVOKED, "live_number": ""}, []),
        ({}, {"holds_merged": True}, []),
        ({"entry_id": "b"}, {}, ["merge.self"]),
        ({"occupation_edition": "2015"}, {}, ["merge.standing"]),
        ({"occupation_code": "6-31-01-04"}, {}, ["merge.standing"]),
        ({"level": ExaminerLevel.SENIOR}, {}, ["merge.standing"]),
        ({"state": EntryState.MERGED}, {}, ["merge.merged"]),
        ({}, {"state": EntryState.MERGED}, ["merge.merged"]),
        ({"holds_merged": True}, {}, ["merge.holds"]),
        ({"state": EntryState.ACTIVE, "live_number": "24"}, {}, ["merge.in_force"]),
        ({"state": EntryState.SUSPENDED, "live_number": "24"}, {}, ["merge.in_force"]),
        ({"state": EntryState.ACTIVE}, {}, ["merge.state"]),
        ({"has_decision": True}, {}, ["merge.decision"]),
    ],
)  # fmt: skip
def test_only_what_carries_nobody_ends_in_an_entry_of_the_same_occupation_and_level(
    ends: dict[str, object], stays: dict[str, object], codes: list[str]
) -> None:
    found = merge_reasons(replace(ENDS, **ends), replace(STAYS, **stays))  # type: ignore[arg-type]
    assert [one.code for one in found] == codes
    assert all(one.way_out for one in found)


def test_the_way_out_says_whether_the_other_way_round_would_do() -> None:
    live = replace(ENDS, state=EntryState.ACTIVE, live_number="24")
    (both,) = merge_reasons(live, STAYS)
    (one,) = merge_reasons(live, replace(STAYS, state=EntryState.EXPIRED, live_number=""))
    assert "撤销其中一张" in both.way_out
    assert one.way_out.startswith("请反过来合并")
    assert merge_reasons(replace(STAYS, state=EntryState.EXPIRED, live_number=""), live) == []


def test_a_merge_is_undone_while_nobody_else_holds_the_place() -> None:
    assert split_reasons(EntryState.MERGED, "") == []
    assert [one.code for one in split_reasons(EntryState.MERGED, "26")] == ["split.taken"]
    for state in EntryState:
        if state is not EntryState.MERGED:
            assert [one.code for one in split_reasons(state, "")] == ["split.state"]


def test_words_are_written_and_a_proposal_is_decided_once() -> None:
    assert words_reasons("核对档案为同一人") == []
    assert words_reasons(" 同一人 ")[0].field_name == "reason"
    assert words_reasons("同" * 201)
    for state in (MergeState.ACCEPTED, MergeState.REFUSED):
        assert not any(MERGE.allows(verb, state) for verb in MERGE.moves)


def test_no_verb_leads_a_merged_entry_back_into_force() -> None:
    ways = {move.target for move in ENTRY.moves.values() if EntryState.MERGED in move.sources}
    assert ways == {EntryState.EXPIRED, EntryState.REVOKED}
    sources = ENTRY.moves["merge"].sources
    assert set(sources) == ways


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        (Traits(), Traits(), {}),
        (Traits("340103198503120138"), Traits("340103198503120146"), {Sign.NUMBER: True}),
        (Traits("340103198503120138"), Traits("340103198503210130"), {Sign.NUMBER: True}),
        (Traits("340103198503120138"), Traits("340103199909120138"), {}),
        (Traits("340103198503120138"), Traits("340103198503120138"), {}),
        (Traits("E12345678"), Traits("340103198503120138"), {}),
        (Traits(birth=date(1985, 3, 12), sex="男"), Traits(birth=date(1985, 3, 12), sex="女"),
         {Sign.BIRTH: True, Sign.SEX: False}),
        (Traits(birth=date(1985, 3, 12)), Traits(birth=date(1985, 3, 21)), {Sign.BIRTH: False}),
        (Traits(employer="云浦机械厂"), Traits(employer="云浦机械厂"), {Sign.EMPLOYER: True}),
        (Traits(employer="云浦机械厂"), Traits(employer="岚山机电"), {}),
    ],
)  # fmt: skip
def test_signs_are_told_where_both_sides_are_known(
    one: Traits, other: Traits, said: dict[Sign, bool]
) -> None:
    found = compare(one, other)
    assert {each.sign: each.is_same for each in found} == said
    assert compare(other, one) == found, "either way round"
    assert all((each.sign, each.is_same) in SIGN_WORDS for each in found)


def test_a_number_typed_wrong_counts_more_than_what_differs_with_it() -> None:
    slip = compare(
        Traits("340103198503120138", date(1985, 3, 12), "男"),
        Traits("340103198503210130", date(1985, 3, 21), "男"),
    )
    assert weight(slip) > 0
    stranger = compare(
        Traits("340103198503120138", date(1985, 3, 12), "男"),
        Traits("340103197001010012", date(1970, 1, 1), "男"),
    )
    assert weight(stranger) < 0
