"""Finding entries: by name, pinyin, number, place and day, on both databases; and what is kept for it."""

import pytest
from sqlalchemy import delete, insert, select, update

from lms.accounts.models import Profile
from lms.accounts.policy import Role
from lms.certificates.models.certificates import Certificate
from lms.core.actors import Actor
from lms.core.invariants import check
from lms.core.unit_of_work import Runtime
from lms.plans.policy import PlanFacts
from lms.registry.invariants import INVARIANTS
from lms.registry.jobs import search as search_jobs
from lms.registry.models.entries import RegistryEntry
from lms.registry.models.search import RegistryGram
from lms.registry.policy.entries import EntryStanding
from lms.registry.queries import counts as count_queries
from lms.registry.queries import grams as gram_queries
from lms.registry.queries import search as search_queries
from lms.registry.queries.counts import counts, occupations
from lms.registry.queries.search import EntryFilter, entries, matching_ids
from tests.factories.certificates import a_graduate, deliver_blank
from tests.factories.plans import a_plan
from tests.support.people import People

NAMES = ("张伟明", "张小伟", "单丽丽", "王伟", "李丽")


@pytest.fixture
def plan(runtime: Runtime, people: People) -> PlanFacts:
    """A published plan."""
    return a_plan(runtime, people)


@pytest.fixture
def registrar(people: People) -> Actor:
    """A registrar of the province."""
    return people.actor(people.staff(Role.REGISTRAR))


@pytest.fixture
def numbers(runtime: Runtime, people: People, plan: PlanFacts) -> dict[str, str]:
    """Entries of five people; their certificates' numbers by name."""
    found = {}
    for name in NAMES:
        graduate = a_graduate(runtime, people, plan)
        with runtime.write() as uow:
            uow.session.execute(
                update(Profile).where(Profile.person_id == graduate.person.id).values(name=name)
            )
        found[name] = deliver_blank(runtime, graduate).number
    return found


def found_by(runtime: Runtime, actor: Actor, words: str, **more: str) -> list[str]:
    """Return the names that words find, and check that an export would hold the same."""
    with runtime.read() as uow:
        page = entries(uow, actor, EntryFilter(words=words, **more))
        assert [one.id for one in page.entries] == matching_ids(uow, actor, EntryFilter(words=words, **more))
    return [one.holder_name for one in page.entries]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("伟", {"张伟明", "张小伟", "王伟"}), ("张", {"张伟明", "张小伟"}),
        ("丽", {"单丽丽", "李丽"}), ("小伟", {"张小伟"}),
        ("zhang wei", {"张伟明"}), ("zhangwei", {"张伟明"}), ("zx", {"张小伟"}), ("shanlili", {"单丽丽"}),
        ("danli", {"单丽丽"}), ("li", {"李丽", "单丽丽"}), ("赵", set()), ("%", set()), ("张%", set()),
    ],
)  # fmt: skip
def test_names_are_found_by_any_part_and_reading(
    runtime: Runtime, registrar: Actor, numbers: dict[str, str], words: str, expected: set[str]
) -> None:
    assert set(numbers) == set(NAMES)
    found = found_by(runtime, registrar, words)
    assert set(found) == expected
    assert len(found) == len(expected), "everybody once"


def test_numbers_are_found_whole_and_by_their_ends(
    runtime: Runtime, registrar: Actor, numbers: dict[str, str]
) -> None:
    number = numbers["王伟"]
    for words in (number, f"{number[:2]} {number[2:]}", number[-4:]):
        assert found_by(runtime, registrar, words) == ["王伟"]
    assert len(found_by(runtime, registrar, number[:6])) == len(NAMES)


def test_words_and_other_conditions_narrow_together(
    runtime: Runtime, registrar: Actor, people: People, numbers: dict[str, str]
) -> None:
    assert numbers
    assert found_by(runtime, registrar, "王伟", region=people.city_id) == ["王伟"]
    assert found_by(runtime, registrar, "王伟", region=people.other_city_id) == []
    assert found_by(runtime, registrar, "王伟", standing="valid", ends_from="2029-01-01") == ["王伟"]
    assert found_by(runtime, registrar, "王伟", ends_to="2029-01-01") == []
    assert len(found_by(runtime, registrar, "", ends_from="2029-11-01", ends_to="2029-11-30")) == len(NAMES)
    city = people.actor(people.staff(Role.REGISTRAR, organisation_id=people.other_city_id))
    assert found_by(runtime, city, "王伟") == []


def test_a_hot_word_beside_other_conditions_finds_the_same(
    runtime: Runtime,
    registrar: Actor,
    people: People,
    numbers: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert numbers
    before = [
        set(found_by(runtime, registrar, one, region=people.city_id)) for one in ("丽", "zhang", "li", "zx")
    ]
    monkeypatch.setattr(search_queries, "HOT", 1)
    after = [found_by(runtime, registrar, one, region=people.city_id) for one in ("丽", "zhang", "li", "zx")]
    assert [set(one) for one in after] == before
    assert all(len(one) == len(set(one)) for one in after)


def test_the_occupations_offered_are_those_in_reach_as_registered_last(
    runtime: Runtime, registrar: Actor, people: People, numbers: dict[str, str]
) -> None:
    def change(name: str, **values: str) -> None:
        with runtime.write() as uow:
            uow.session.execute(
                update(RegistryEntry).where(RegistryEntry.holder_name == name).values(**values)
            )

    assert numbers
    for name in NAMES:
        change(name, occupation_code="4-04", occupation_name="旧称")
    change(NAMES[-1], occupation_name="新称")
    change(NAMES[0], occupation_code="6-31", occupation_name="电工")
    change(NAMES[1], occupation_code="6-18", issuing_organisation_id=people.other_institution_id)
    city = people.actor(people.staff(Role.REGISTRAR, organisation_id=people.city_id))
    with runtime.read() as uow:
        assert occupations(uow, registrar) == [("4-04", "新称"), ("6-18", "旧称"), ("6-31", "电工")]
        assert occupations(uow, city) == [("4-04", "新称"), ("6-31", "电工")]


def test_a_list_says_when_it_stops_counting(
    runtime: Runtime, registrar: Actor, numbers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert numbers
    monkeypatch.setattr(search_queries, "MOST_LISTED", 2)
    with runtime.read() as uow:
        page = entries(uow, registrar, EntryFilter(words="伟")).page
        assert (page.total, page.is_more) == (2, True)
        page = entries(uow, registrar, EntryFilter(words="小伟")).page
        assert (page.total, page.is_more) == (1, False)
        assert len(matching_ids(uow, registrar, EntryFilter(words="伟"))) == 3, "an export holds all"


def test_another_name_takes_the_old_grams_away_and_the_old_number_stays(
    runtime: Runtime, registrar: Actor, numbers: dict[str, str]
) -> None:
    with runtime.write() as uow:
        entry_id = uow.session.execute(
            select(RegistryEntry.id).where(RegistryEntry.holder_name == "王伟")
        ).scalar_one()
        uow.session.execute(
            update(RegistryEntry).where(RegistryEntry.id == entry_id).values(holder_name="汪维")
        )
    with runtime.read() as uow:
        assert "R8" not in check(uow, INVARIANTS), "the sweeper has some minutes"
    search_jobs.sweep_changed(runtime)
    assert found_by(runtime, registrar, "王伟") == []
    assert found_by(runtime, registrar, "汪维") == ["汪维"]
    assert found_by(runtime, registrar, numbers["王伟"]) == ["汪维"]


def test_grams_that_are_gone_are_seen_and_written_again(
    runtime: Runtime, registrar: Actor, numbers: dict[str, str]
) -> None:
    assert numbers
    with runtime.read() as uow:
        before = set(uow.session.execute(select(RegistryGram.gram, RegistryGram.entry_id)).all())
    with runtime.write() as uow:
        uow.session.execute(delete(RegistryGram))
        long_ago = uow.now - gram_queries.FILLED_WITHIN * 2
        uow.session.execute(update(RegistryEntry).values(searched_as=None, changed_at=long_ago))
    with runtime.read() as uow:
        assert len(check(uow, INVARIANTS)["R8"]) == len(NAMES)
    assert found_by(runtime, registrar, "王伟") == []
    search_jobs.sweep_search(runtime)
    search_jobs.sweep_search(runtime)
    with runtime.read() as uow:
        assert set(uow.session.execute(select(RegistryGram.gram, RegistryGram.entry_id)).all()) == before
        assert check(uow, INVARIANTS) == {}
    with runtime.write() as uow:
        uow.session.execute(delete(RegistryGram).where(RegistryGram.gram == numbers["王伟"]))
    with runtime.read() as uow:
        assert len(check(uow, INVARIANTS)["R8"]) == 1


def test_a_rebuild_writes_what_is_missing_and_prunes_what_leads_nowhere_while_the_search_is_used(
    runtime: Runtime, registrar: Actor, numbers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with runtime.read() as uow:
        before = set(uow.session.execute(select(RegistryGram.gram, RegistryGram.entry_id)).all())
        entry_id = entries(uow, registrar, EntryFilter(words=numbers["王伟"])).entries[0].id
    with runtime.write() as uow:
        # As the readings of another version of the library would have been.
        uow.session.execute(delete(RegistryGram).where(RegistryGram.gram == "wang wei"))
        uow.session.execute(
            insert(RegistryGram),
            [{"gram": gram, "position": 0, "entry_id": entry_id} for gram in ("huang wei", "丢了", "zzz")],
        )
        uow.session.execute(insert(RegistryGram).values(gram="无人", position=0, entry_id="nobody0000000000"))
    assert found_by(runtime, registrar, "huangwei") == ["王伟"]
    for name in ("FILLED_AT_ONCE", "PRUNED_AT_ONCE"):
        monkeypatch.setattr(search_jobs, name, 2)
    assert search_jobs.rebuild_search(runtime) == (len(NAMES), 4)
    assert search_jobs.rebuild_search(runtime) == (len(NAMES), 0)
    with runtime.read() as uow:
        assert set(uow.session.execute(select(RegistryGram.gram, RegistryGram.entry_id)).all()) == before
        assert check(uow, INVARIANTS) == {}


def test_many_entries_are_counted_by_the_sweeper_and_few_at_once(
    runtime: Runtime,
    registrar: Actor,
    people: People,
    numbers: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with runtime.read() as uow:
        plain = counts(uow, registrar)
    assert (plain.all, plain.valid, plain.counted_at) == (len(NAMES), len(NAMES), None)
    monkeypatch.setattr(count_queries, "TALLIED_FROM", 3)
    with runtime.read() as uow:
        assert counts(uow, registrar).counted_at is None, "until the sweeper has counted, the page does"
    search_jobs.sweep_tally(runtime)
    other = people.actor(people.staff(Role.REGISTRAR, organisation_id=people.other_city_id))
    with runtime.write() as uow:
        uow.session.execute(
            update(Certificate).where(Certificate.number == numbers["王伟"]).values(photo_key=None)
        )
    with runtime.read() as uow:
        tallied = counts(uow, registrar)
        assert tallied.by_standing == {EntryStanding.VALID: len(NAMES)}
        assert tallied.counted_at is not None
        assert counts(uow, other).all == 0
