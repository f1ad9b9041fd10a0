"""Drawing a paper: which items, in which order, with which option order, all from one seed."""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from question_bank.deck import Deck
from question_bank.errors import QuestionBankError
from question_bank.items import (
    OPTION_KEYS,
    Blueprint,
    BlueprintSection,
    Cell,
    DrawRecord,
    Item,
    ItemId,
    ItemType,
    KeyEntry,
    Paper,
    PaperKey,
    PaperOption,
    PaperQuestion,
    fingerprint,
    paper_content_hash,
    questions_to_json,
)
from question_bank.levelling import level
from question_bank.matching import PlaceFiller
from question_bank.randomness import SeedStream
from question_bank.stock import Stock
from question_bank.validation import Shortage, shortages

METHOD = "question_bank.draw.2"
"""Changing how a draw uses its stream changes every paper, so the method carries a version."""

_NEVER_SHOWN: Mapping[ItemId, int] = MappingProxyType({})

_POSITIONAL = re.compile(
    r"^(以上|上述|前述)(都|均|皆|全|各|选项|答案|说法|[一二两三四五六七]|[0-9])|^(选项)?[A-H]\s*[和与及、,，]\s*(选项)?[A-H]"
)


class NotEnoughItems(QuestionBankError):
    """The pool cannot fill the blueprint; `shortages` names each thin cell."""

    code = "not_enough_items"

    def __init__(self, shortages: Sequence[Shortage]) -> None:
        super().__init__("".join(shortage.message for shortage in shortages))
        self.shortages = tuple(shortages)


class AnotherStock(QuestionBankError):
    """A paper cannot be drawn again: its record names another method or other items than those given."""

    code = "another_stock"


@dataclass(frozen=True, slots=True)
class Choice:
    """Which item stands in which section (from 0), in the order of the paper, and what it was drawn from."""

    places: tuple[tuple[int, ItemId], ...]
    seed: str
    record: DrawRecord

    @property
    def item_ids(self) -> tuple[ItemId, ...]:
        """The chosen items, in order."""
        return tuple(item_id for _, item_id in self.places)


def draw_paper(
    blueprint: Blueprint,
    pool: Sequence[tuple[ItemId, Item]],
    seed: str | bytes,
    avoid: Collection[ItemId] = (),
    shown: Mapping[ItemId, int] = _NEVER_SHOWN,
) -> Paper:
    """Draw one paper from whole items: `choose` and `set_paper` in one go."""
    choice = choose(blueprint, Stock.of(pool), seed, avoid, shown)
    chosen = set(choice.item_ids)
    return set_paper(blueprint, choice, {item_id: item for item_id, item in pool if item_id in chosen})


def redraw(blueprint: Blueprint, pool: Sequence[tuple[ItemId, Item]], seed: str, record: DrawRecord) -> Paper:
    """Draw a paper again from its stored seed and record; it equals the first one in every letter.

    Raises `AnotherStock` when the record was made by another method or from other items than `pool`.
    """
    if record.method != METHOD:
        raise AnotherStock(f"这份试卷由“{record.method}”抽成，现在的方法是“{METHOD}”。")
    stock = Stock.of(pool)
    if stock.digest != record.stock:
        raise AnotherStock(f"这份试卷从另外 {record.stock_size} 题中抽成，与给出的 {stock.size} 题不同。")
    return draw_paper(blueprint, pool, seed, record.avoided, dict(record.shown))


def choose(
    blueprint: Blueprint,
    stock: Stock,
    seed: str | bytes,
    avoid: Collection[ItemId] = (),
    shown: Mapping[ItemId, int] = _NEVER_SHOWN,
) -> Choice:
    """Choose the items of one paper.

    The same blueprint, stock (in any order), seed, `avoid` and `shown` choose the same items on every
    machine. Where a section leaves the difficulty open, `levelling` shares it out first, so that all papers
    of a stock are equally hard. Items in `avoid` (the candidate's earlier papers, H10) are used only where
    the rest cannot fill the blueprint. `shown` says how often an item has been shown: two items that may
    stand in the same place are compared, and the one shown less often is taken. No question stands twice on
    a paper, not even as a copy under another id. Questions follow the order of the sections and are shuffled
    within each. The caller gives a seed from a CSPRNG and keeps it as secret as the key.

    Raises `NotEnoughItems` when the stock cannot fill the blueprint.
    """
    text = seed if isinstance(seed, str) else seed.hex()
    stream = SeedStream(text, f"{METHOD}.choose")
    fresh, used = Deck.split(stock, {stock.originals.get(item_id, item_id) for item_id in avoid})
    parts = level(blueprint, stock.counts, {cell: len(deck) for cell, deck in fresh.items()}, stream).parts
    filler = PlaceFiller(parts)
    compared: dict[ItemId, int] = {}
    chosen: defaultdict[Cell, list[ItemId]] = defaultdict(list)
    for decks in (fresh, used):
        _fill(filler, decks, stream, shown, compared, chosen)
    if filler.free:
        raise NotEnoughItems(shortages(blueprint, stock.counts))

    members: defaultdict[int, list[ItemId]] = defaultdict(list)
    for index, part in enumerate(parts):
        for cell, count in filler.takes(index).items():
            members[part.section] += chosen[cell][:count]
            del chosen[cell][:count]
    record = DrawRecord(
        METHOD,
        stock.digest,
        stock.size,
        tuple(sorted((item_id for deck in used.values() for item_id in deck.all()), key=str)),
        tuple(sorted(compared.items(), key=lambda pair: str(pair[0]))),
    )
    places = tuple(
        (section, item_id)
        for section in range(len(blueprint.sections))
        for item_id in stream.shuffled(members[section])
    )
    return Choice(places, text, record)


def set_paper(blueprint: Blueprint, choice: Choice, items: Mapping[ItemId, Item]) -> Paper:
    """Set the paper of a choice: options are shuffled, except true/false and those that speak of their place."""
    stream = SeedStream(choice.seed, f"{METHOD}.set")
    questions: list[PaperQuestion] = []
    entries: list[KeyEntry] = []
    for position, (section, item_id) in enumerate(choice.places, start=1):
        question, entry = _set_question(
            position, blueprint.sections[section], item_id, items[item_id], stream
        )
        questions.append(question)
        entries.append(entry)
    key = PaperKey(tuple(entries), choice.record)
    return Paper(
        questions=tuple(questions),
        key=key,
        seed=choice.seed,
        content_hash=paper_content_hash(questions_to_json(tuple(questions)), key.to_json()),
    )


def refers_to_position(item: Item) -> bool:
    """Tell whether an option speaks of others by place or letter (以上都对, A和B).

    The order of the options matters then.
    """
    return any(_POSITIONAL.search(option.text) for option in item.options)


def _fill(
    filler: PlaceFiller,
    decks: dict[Cell, Deck],
    stream: SeedStream,
    shown: Mapping[ItemId, int],
    compared: dict[ItemId, int],
    chosen: dict[Cell, list[ItemId]],
) -> None:
    """Take items at random until the places or the decks are used up.

    A cell has its turn in proportion to what it still holds, so every item has the same chance at an open
    place; whether the item helps depends on its cell alone.
    """
    open_decks = {cell: deck for cell, deck in decks.items() if deck}
    left = sum(map(len, open_decks.values()))
    while filler.free and left:
        cell = _holder_of(stream.below(left), open_decks)
        if filler.add(cell):
            chosen[cell].append(open_decks[cell].take(stream, shown, compared))
            left -= 1
        else:
            left -= len(open_decks.pop(cell))


def _holder_of(ticket: int, decks: Mapping[Cell, Deck]) -> Cell:
    for cell, deck in decks.items():
        if ticket < len(deck):
            return cell
        ticket -= len(deck)
    raise IndexError(ticket)


def _set_question(
    position: int, section: BlueprintSection, item_id: ItemId, item: Item, stream: SeedStream
) -> tuple[PaperQuestion, KeyEntry]:
    fixed = item.type is ItemType.TRUE_FALSE or refers_to_position(item)
    order = list(item.options) if fixed else stream.shuffled(item.options)
    ids: list[str] = []
    while len(ids) < len(order):
        token = stream.token()
        if token not in ids:
            ids.append(token)
    question = PaperQuestion(
        position=position,
        type=item.type,
        stem=item.stem,
        options=tuple(
            PaperOption(token, label, option.text)
            for token, label, option in zip(ids, OPTION_KEYS, order, strict=False)
        ),
        points=section.points_each,
        partial_credit=section.partial_credit,
        wants_number=item.blank is not None and bool(item.blank.numbers),
    )
    entry = KeyEntry(
        position=position,
        item_id=item_id,
        item_fingerprint=fingerprint(item),
        correct=frozenset(
            token for token, option in zip(ids, order, strict=True) if option.key in item.answer
        ),
        shown=frozenset(ids),
        points=section.points_each,
        partial_credit=section.partial_credit,
        blank=item.blank,
    )
    return question, entry
