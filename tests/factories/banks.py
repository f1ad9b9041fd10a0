"""Banks for tests that write a bank in many ways and read it back."""

from collections.abc import Callable
from decimal import Decimal

from hypothesis import strategies as st

from question_bank.items import (
    AREAS,
    OPTION_KEYS,
    TRUE_FALSE_OPTIONS,
    Blank,
    Difficulty,
    Item,
    ItemType,
    Number,
    Option,
)
from question_bank.validation import tidy_text, validate_item

Texts = st.SearchStrategy[str]


def _sensible(text: str) -> str:
    return " ".join(tidy_text(text).split())


def plain_texts(most: int = 12) -> Texts:
    """Texts as a bank has them, without anything that a table could read as a sign of its own."""
    first = st.sampled_from("甲乙丙丁戊己庚辛子丑寅卯")
    rest = st.text("甲乙丙丁戊己庚辛子丑寅卯的是在不了有，；。、“”《》36kVa", max_size=most - 1)
    return st.builds(str.__add__, first, rest)


def tricky_texts(most: int = 14) -> Texts:
    """Texts full of the signs that formats use themselves."""
    signs = "甲乙<>&\"'~=#{}:%*_|()/.,;!?-+`^ 12aBT\\"
    return st.text(signs, min_size=1, max_size=most).map(_sensible).filter(bool)


decimals = st.decimals(-(10**4), 10**4, places=3).map(lambda number: number.normalize() + Decimal(0))


@st.composite
def items(
    draw: st.DrawFn,
    texts: Callable[[], Texts] = plain_texts,
    types: tuple[ItemType, ...] = tuple(ItemType),
    most_options: int = len(OPTION_KEYS),
) -> Item:
    """A sound item of any type."""
    type_ = draw(st.sampled_from(types))
    options, answer, blank = (), frozenset(), None
    if type_ is ItemType.FILL_IN:
        # A semicolon in a cell could stand between answers, so it is refused there.
        word = st.text("甲乙丙丁三人3kVa.，", min_size=1, max_size=6).filter(str.isprintable)
        words = st.lists(word, min_size=1, max_size=3, unique_by=str.casefold).map(tuple)
        tolerance = decimals.map(abs)
        numbers = st.builds(Number, decimals, tolerance).map(lambda number: (number,))
        blank = draw(st.builds(Blank, words) | st.builds(lambda some: Blank(numbers=some), numbers))
    elif type_ is ItemType.TRUE_FALSE:
        options, answer = TRUE_FALSE_OPTIONS, frozenset(draw(st.sampled_from("AB")))
    else:
        words = draw(st.lists(texts(), min_size=2, max_size=most_options, unique=True))
        options = tuple(Option(key, text) for key, text in zip(OPTION_KEYS, words, strict=False))
        fewest, most = (1, 1) if type_ is ItemType.SINGLE else (2, len(options))
        keys = st.sampled_from([option.key for option in options])
        answer = frozenset(draw(st.sets(keys, min_size=fewest, max_size=most)))
    return Item(
        type_,
        draw(texts()),
        options,
        answer,
        draw(texts() | st.just("")),
        draw(st.sampled_from(list(AREAS))),
        draw(st.sampled_from(Difficulty)),
        draw(plain_texts() | st.just("")),
        blank,
    )


def banks(
    texts: Callable[[], Texts] = plain_texts, types: tuple[ItemType, ...] = tuple(ItemType), **more: int
) -> st.SearchStrategy[list[Item]]:
    """A few sound items that nobody could take for copies of one another."""
    sound = items(texts, types, **more).filter(lambda item: validate_item(item) == [])
    return st.lists(
        sound, min_size=1, max_size=5, unique_by=lambda item: "".join(item.stem.casefold().split())
    )
