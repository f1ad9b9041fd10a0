"""Small ways to make items for the stories that need some."""

from question_bank.items import (
    OPTION_KEYS,
    TRUE_FALSE_OPTIONS,
    Blank,
    Difficulty,
    Item,
    ItemType,
    Number,
    Option,
)


def single(
    stem: str = "考评小组一般不少于几人？",
    texts: tuple[str, ...] = ("两人", "三人", "五人", "七人"),
    answer: str = "B",
    *,
    area: str = "workflow",
    difficulty: Difficulty = Difficulty.EASY,
) -> Item:
    """A sound single-choice item, changed where the story needs it."""
    return _choice(ItemType.SINGLE, stem, texts, answer, area, difficulty)


def multiple(
    stem: str = "哪些关系应当回避？",
    texts: tuple[str, ...] = ("亲属", "师生", "师徒", "初次见面"),
    answer: str = "ABC",
    *,
    area: str = "methods",
    difficulty: Difficulty = Difficulty.MEDIUM,
) -> Item:
    """A sound multiple-choice item, changed where the story needs it."""
    return _choice(ItemType.MULTIPLE, stem, texts, answer, area, difficulty)


def true_false(stem: str = "90分含90分。", answer: str = "A", *, area: str = "policy") -> Item:
    """A sound true/false item."""
    return Item(
        ItemType.TRUE_FALSE,
        stem,
        TRUE_FALSE_OPTIONS,
        frozenset(answer),
        "见通知。",
        area,
        Difficulty.EASY,
        "N2 B4",
    )


def fill_in(
    stem: str = "考评小组一般不少于____人。",
    texts: tuple[str, ...] = ("三", "3"),
    numbers: tuple[Number, ...] = (),
    *,
    area: str = "workflow",
) -> Item:
    """A sound fill-in item, changed where the story needs it."""
    blank = Blank((), numbers) if numbers else Blank(texts)
    return Item(ItemType.FILL_IN, stem, (), frozenset(), "见通知。", area, Difficulty.EASY, "N3 E3", blank)


def _choice(
    type_: ItemType, stem: str, texts: tuple[str, ...], answer: str, area: str, difficulty: Difficulty
) -> Item:
    options = tuple(Option(key, text) for key, text in zip(OPTION_KEYS, texts, strict=False))
    return Item(type_, stem, options, frozenset(answer), "见通知。", area, difficulty, "N3 E3")
