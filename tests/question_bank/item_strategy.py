"""Any sound item, for the tests that send items out and back."""

from hypothesis import assume
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

TRICKY = st.sampled_from(
    [
        "=1+1",
        "@SUM(A1)",
        "+cmd",
        "-2",
        "A.甲",
        "1、题",
        "_x0041_",
        "<b>&amp;",
        "{{7*7}}",
        "0012",
        "'x",
        "A",
        "正确",
        "%50%半",
        "a -> b",
        "[html]<p>",
        "::题::{=a ~b}",
        "反\\斜\\n杠",
        "一行\n二行",
        "// 注",
        "$CATEGORY: x",
        "####",
        "]]>",
        "求 \\(x^2\\) 与 \\(\\frac{a}{b}\\)",
        "____人以上",
    ]
)
_ALPHABET = st.characters(
    exclude_categories=["Cc", "Cs", "Cf", "Cn", "Zl", "Zp"], exclude_characters="\ufffd"
)
TEXTS = TRICKY | st.text(_ALPHABET, min_size=1, max_size=30).map(tidy_text).filter(bool)


_NUMBERS = st.builds(
    Number,
    st.decimals(-1000, 1000, places=3, allow_nan=False),
    st.decimals(0, 5, places=2, allow_nan=False),
)
BLANKS = st.builds(
    Blank, st.lists(TEXTS, min_size=1, max_size=4, unique=True).map(tuple), st.just(()), st.booleans()
) | st.builds(Blank, st.just(()), st.lists(_NUMBERS, min_size=1, max_size=3, unique=True).map(tuple))


@st.composite
def sound_items(draw: st.DrawFn) -> Item:
    """Return an item of any type that the bank would take."""
    type_ = draw(st.sampled_from(ItemType))
    blank = draw(BLANKS) if type_ is ItemType.FILL_IN else None
    if type_ is ItemType.FILL_IN:
        options, answer = (), set()
    elif type_ is ItemType.TRUE_FALSE:
        options = TRUE_FALSE_OPTIONS
        answer = {draw(st.sampled_from("AB"))}
    else:
        words = draw(st.lists(TEXTS, min_size=2, max_size=8, unique=True))
        options = tuple(Option(key, text) for key, text in zip(OPTION_KEYS, words, strict=False))
        fewest, most = (1, 1) if type_ is ItemType.SINGLE else (2, len(options))
        keys = st.sampled_from([option.key for option in options])
        answer = draw(st.sets(keys, min_size=fewest, max_size=most))
    item = Item(
        type_,
        draw(TEXTS),
        options,
        frozenset(answer),
        draw(TEXTS | st.just("")),
        draw(st.sampled_from(list(AREAS))),
        draw(st.sampled_from(Difficulty)),
        draw(TEXTS | st.just("")),
        blank,
    )
    assume(not validate_item(item))
    return item
