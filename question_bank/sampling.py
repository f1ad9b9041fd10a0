"""Drawing a paper: which items, in which order, with which option order, all from one seed."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from question_bank.errors import QuestionBankError
from question_bank.items import (
    OPTION_KEYS,
    Blueprint,
    BlueprintSection,
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
    same_question_key,
)
from question_bank.matching import Cell, SectionFiller, cell_of
from question_bank.randomness import SeedStream
from question_bank.validation import Shortage, feasibility

# Changing how a draw uses its stream changes every paper, so the purpose carries a version.
_DRAW = "question_bank.draw.1"

_POSITIONAL = re.compile(
    r"^(以上|上述|前述)(都|均|皆|全|各|选项|答案|说法|[一二两三四五六七]|[0-9])|^(选项)?[A-H]\s*[和与及、,，]\s*(选项)?[A-H]"
)


class NotEnoughItems(QuestionBankError):
    """The pool cannot fill the blueprint; `shortages` names each thin section."""

    code = "not_enough_items"

    def __init__(self, shortages: Sequence[Shortage]) -> None:
        super().__init__("".join(shortage.message for shortage in shortages))
        self.shortages = tuple(shortages)


def draw_paper(
    blueprint: Blueprint,
    pool: Sequence[tuple[ItemId, Item]],
    seed: str | bytes,
    avoid: Collection[ItemId] = (),
) -> Paper:
    """Draw one paper.

    The same blueprint, pool (in any order), seed and `avoid` give the same paper on every machine. Items in
    `avoid` (the candidate's earlier papers, H10) are used only where the rest cannot fill the blueprint. No
    question stands twice on a paper, not even as a copy under another id. Questions follow the order of the
    sections and are shuffled within each; options are shuffled, except true/false ones and those that speak
    of their own position (以上都对). The caller gives a seed from a CSPRNG and keeps it as secret as the
    key.

    Raises `NotEnoughItems` when the pool cannot fill the blueprint, and `ValueError` when an id is in the
    pool twice.
    """
    if len({item_id for item_id, _ in pool}) != len(pool):
        raise ValueError("an item id is in the pool twice")
    stream = SeedStream(seed, _DRAW)
    drawn = _choose(blueprint, pool, stream, frozenset(avoid))
    questions: list[PaperQuestion] = []
    entries: list[KeyEntry] = []
    for position, (section, item_id, item) in enumerate(drawn, start=1):
        question, entry = _set_question(position, section, item_id, item, stream)
        questions.append(question)
        entries.append(entry)
    key = PaperKey(tuple(entries))
    return Paper(
        questions=tuple(questions),
        key=key,
        seed=seed if isinstance(seed, str) else seed.hex(),
        content_hash=paper_content_hash(questions_to_json(tuple(questions)), key.to_json()),
    )


def refers_to_position(item: Item) -> bool:
    """Tell whether an option speaks of others by place or letter (以上都对, A和B).

    The order of the options matters then.
    """
    return any(_POSITIONAL.search(option.text) for option in item.options)


def _choose(
    blueprint: Blueprint,
    pool: Sequence[tuple[ItemId, Item]],
    stream: SeedStream,
    avoid: Collection[ItemId],
) -> Iterable[tuple[BlueprintSection, ItemId, Item]]:
    # A database may return the pool in any order; the seed alone must decide.
    steady = sorted(pool, key=lambda entry: (isinstance(entry[0], str), entry[0]))
    mixed = stream.shuffled(steady)
    candidates = [entry for entry in mixed if entry[0] not in avoid]
    candidates += [entry for entry in mixed if entry[0] in avoid]

    filler = SectionFiller(blueprint)
    chosen: dict[Cell, list[tuple[ItemId, Item]]] = defaultdict(list)
    seen: set[tuple[str, str, frozenset[str]]] = set()
    for item_id, item in candidates:
        if filler.is_full:
            break
        same = same_question_key(item)
        if same in seen or not filler.add(item):
            continue
        seen.add(same)
        chosen[cell_of(item)].append((item_id, item))
    if not filler.is_full:
        raise NotEnoughItems(feasibility(blueprint, [item for _, item in pool]))

    drawn: list[tuple[BlueprintSection, ItemId, Item]] = []
    for index, section in enumerate(blueprint.sections):
        members: list[tuple[ItemId, Item]] = []
        for cell, count in filler.takes(index).items():
            members += chosen[cell][:count]
            del chosen[cell][:count]
        drawn += [(section, item_id, item) for item_id, item in stream.shuffled(members)]
    return drawn


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
