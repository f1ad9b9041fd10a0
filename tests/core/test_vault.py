"""Seals that break when touched, indexes that need the key, leases that fit one lock."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.core.vault import BrokenSeal, Vault

VAULT = Vault(b"f" * 32, b"i" * 32, b"s" * 32)
OTHER = Vault(b"g" * 32, b"j" * 32, b"t" * 32)
NUMBER = "340104190001010018"


@given(st.text())
def test_what_was_sealed_opens_again(plain: str) -> None:
    if any("\ud800" <= character <= "\udfff" for character in plain):
        return  # no text of this house holds half a character
    assert VAULT.open(VAULT.seal(plain, "a.b"), "a.b") == plain


def test_the_same_value_never_looks_the_same_twice() -> None:
    assert VAULT.seal(NUMBER, "a.b") != VAULT.seal(NUMBER, "a.b")
    assert NUMBER.encode() not in VAULT.seal(NUMBER, "a.b")


def test_every_single_altered_byte_breaks_the_seal() -> None:
    sealed = VAULT.seal(NUMBER, "a.b")
    for place in range(len(sealed)):
        altered = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        with pytest.raises(BrokenSeal):
            VAULT.open(altered, "a.b")


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x01short", b"\x02" + b"0" * 40])
def test_a_scrap_is_a_broken_seal_and_nothing_worse(sealed: bytes) -> None:
    with pytest.raises(BrokenSeal):
        VAULT.open(sealed, "a.b")


def test_a_seal_moved_to_another_column_or_key_does_not_open() -> None:
    sealed = VAULT.seal(NUMBER, "profile.id_number")
    with pytest.raises(BrokenSeal):
        VAULT.open(sealed, "recovery.token")
    with pytest.raises(BrokenSeal):
        OTHER.open(sealed, "profile.id_number")


def test_an_index_is_stable_and_tells_nothing_without_the_key() -> None:
    index = VAULT.index(NUMBER, "profile.id_number")
    assert index == VAULT.index(NUMBER, "profile.id_number")
    assert index != OTHER.index(NUMBER, "profile.id_number")
    assert index != VAULT.index(NUMBER, "failure.name")
    assert len(index) == 64


def test_a_lease_gives_its_claims_back() -> None:
    claims = {"session": "abc", "seq": 3, "name": "林书禾"}
    assert VAULT.read_lease("beat", VAULT.lease("beat", claims)) == claims


def test_a_lease_for_another_purpose_or_from_another_house_is_refused() -> None:
    lease = VAULT.lease("beat", {"session": "abc"})
    with pytest.raises(BrokenSeal):
        VAULT.read_lease("answer", lease)
    with pytest.raises(BrokenSeal):
        OTHER.read_lease("beat", lease)


def test_every_altered_character_of_a_lease_is_noticed() -> None:
    lease = VAULT.lease("beat", {"session": "abc", "seq": 1})
    for place, character in enumerate(lease):
        other = "A" if character != "A" else "B"
        with pytest.raises(BrokenSeal):
            VAULT.read_lease("beat", lease[:place] + other + lease[place + 1 :])


@pytest.mark.parametrize(
    "lease", ["", ".", "abc", "a.b", "林.书", "\ud800.x", None, 7, ["a"], {}, "x" * 100_000]
)
def test_whatever_stands_in_place_of_a_lease_is_refused_quietly(lease: object) -> None:
    with pytest.raises(BrokenSeal):
        VAULT.read_lease("beat", lease)


def test_a_mark_depends_on_purpose_and_each_part() -> None:
    mark = VAULT.sign("beat", "s1", 1)
    assert mark == VAULT.sign("beat", "s1", 1)
    others = {
        VAULT.sign("beat", "s1", 2),
        VAULT.sign("beat", "s2", 1),
        VAULT.sign("x", "s1", 1),
        VAULT.sign("beat", "s11"),
    }
    assert len(others) == 4
    assert mark not in others
