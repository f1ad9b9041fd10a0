"""What speaks for two entries being of one person, and what against it. Pure; it decides nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from lms.core.errors import N_

NEAR = 2
"""An ID number that was typed wrong differs in so many places at most, the check character left aside."""


class Sign(StrEnum):
    """Something two entries may have in common besides name, occupation and level."""

    NUMBER = "number"
    BIRTH = "birth"
    SEX = "sex"
    EMPLOYER = "employer"


SIGN_WORDS: Mapping[tuple[Sign, bool], str] = {
    (Sign.NUMBER, True): N_("证件号码只差一两位"),
    (Sign.BIRTH, True): N_("出生日期相同"),
    (Sign.BIRTH, False): N_("出生日期不同"),
    (Sign.SEX, True): N_("性别相同"),
    (Sign.SEX, False): N_("性别不同"),
    (Sign.EMPLOYER, True): N_("单位相同"),
}
"""What is said of a sign that is the same, or not. Another employer, and another number, say nothing."""
# Another birth date outweighs all that many have in common, unless it was typed wrong with the number.
_WEIGHTS = {Sign.NUMBER: 6, Sign.BIRTH: 4, Sign.EMPLOYER: 2, Sign.SEX: 1}


@dataclass(frozen=True, slots=True)
class Traits:
    """What is known of the holder of an entry; empty where nothing is. The ID number leaves no rule."""

    id_number: str = ""
    birth: date | None = None
    sex: str = ""
    employer: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """One sign, and whether it is the same."""

    sign: Sign
    is_same: bool

    @property
    def words(self) -> str:
        """What a page says of it, a message id."""
        return SIGN_WORDS[self.sign, self.is_same]


def compare(one: Traits, other: Traits) -> tuple[Compared, ...]:
    """Return the signs that say something; what is not known of both says nothing."""
    found = []
    if one.id_number and other.id_number and _is_near(one.id_number, other.id_number):
        found.append(Compared(Sign.NUMBER, is_same=True))
    if one.birth and other.birth:
        found.append(Compared(Sign.BIRTH, is_same=one.birth == other.birth))
    if one.sex and other.sex:
        found.append(Compared(Sign.SEX, is_same=one.sex == other.sex))
    if one.employer and one.employer == other.employer:
        found.append(Compared(Sign.EMPLOYER, is_same=True))
    return tuple(found)


def weight(signs: tuple[Compared, ...]) -> int:
    """Say how much speaks for one person: the more the higher; below zero more speaks against it."""
    return sum(_WEIGHTS[one.sign] if one.is_same else -_WEIGHTS[one.sign] for one in signs)


def _is_near(one: str, other: str) -> bool:
    """Tell whether two numbers differ as a slip of the hand makes them; the check character follows the others."""
    if len(one) != len(other) or one == other:
        return False
    return sum(left != right for left, right in zip(one[:-1], other[:-1], strict=True)) <= NEAR
