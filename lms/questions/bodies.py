"""How items, blueprints, import reports and reasons are written into the database, and read back."""

import json
from collections.abc import Sequence
from typing import Any

from lms.core.errors import NN_, Counted, Reason
from lms.questions.policy import RowVerdict, Verdict
from question_bank.importing import LocatedItem
from question_bank.items import (
    Blueprint,
    BlueprintSection,
    Difficulty,
    Item,
    ItemType,
    Option,
    blank_from_json,
    item_text,
)
from question_bank.phrases import Phrase, phrase_from_json

_written = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def item_to_json(item: Item) -> str:
    """Write an item with its key: the text that its fingerprint is taken over, so that it is written once."""
    return item_text(item)


def item_from_json(body: str) -> Item:
    """Read an item that `item_to_json` wrote."""
    value = json.loads(body)
    return Item(
        type=ItemType(value["type"]),
        stem=value["stem"],
        options=tuple(Option(key, text) for key, text in value["options"]),
        answer=frozenset(value["answer"]),
        explanation=value["explanation"],
        area=value["area"],
        difficulty=Difficulty(value["difficulty"]),
        source=value["source"],
        blank=blank_from_json(value["blank"]) if "blank" in value else None,
    )


def blueprint_to_json(blueprint: Blueprint) -> str:
    """Write the sections of a blueprint."""
    return _json(
        [
            {
                "type": section.type.value,
                "area": section.area,
                "difficulty": section.difficulty.value if section.difficulty else None,
                "count": section.count,
                "points_each": section.points_each,
                "partial_credit": section.partial_credit,
                # Written only where said, so that a body stored before stays the same text.
                **(
                    {"spread": [[band.value, count] for band, count in section.spread]}
                    if section.spread
                    else {}
                ),
                **({"seconds_each": section.seconds_each} if section.seconds_each else {}),
            }
            for section in blueprint.sections
        ]
    )


def blueprint_from_json(body: str, title: str) -> Blueprint:
    """Read a blueprint that `blueprint_to_json` wrote."""
    return Blueprint(
        title=title,
        sections=tuple(
            BlueprintSection(
                type=ItemType(section["type"]),
                area=section["area"],
                difficulty=Difficulty(section["difficulty"]) if section["difficulty"] else None,
                count=section["count"],
                points_each=section["points_each"],
                partial_credit=section["partial_credit"],
                spread=tuple((Difficulty(band), count) for band, count in section.get("spread", ())),
                seconds_each=section.get("seconds_each", 0),
            )
            for section in json.loads(body)
        ),
    )


def report_to_json(rows: tuple[RowVerdict, ...], ignored: tuple[Phrase, ...]) -> str:
    """Write the rows of a checked file that need a look; their words stay phrases, for readers of any language."""
    return _json(
        {
            "rows": [
                [
                    row.verdict.value,
                    row.sheet,
                    row.row,
                    row.column,
                    row.value,
                    row.words.to_json(),
                    row.item_id,
                ]
                for row in rows
            ],
            "ignored": [words.to_json() for words in ignored],
        }
    )


def report_from_json(body: str) -> tuple[tuple[RowVerdict, ...], tuple[Phrase, ...]]:
    """Read the rows and the ignored places that `report_to_json` wrote."""
    value = json.loads(body)
    rows = tuple(
        RowVerdict(Verdict(verdict), sheet, row, column, cell, phrase_from_json(words), item_id)
        for verdict, sheet, row, column, cell, words, item_id in value["rows"]
    )
    return rows, tuple(phrase_from_json(words) for words in value["ignored"])


def sample_to_json(items: Sequence[LocatedItem]) -> str:
    """Write rows that would come in, with their places."""
    return _json([[one.sheet, one.row, item_to_json(one.item)] for one in items])


def sample_from_json(body: str) -> tuple[LocatedItem, ...]:
    """Read the rows that `sample_to_json` wrote."""
    return tuple(LocatedItem(item_from_json(item), sheet, row) for sheet, row, item in json.loads(body))


def reasons_to_json(reasons: Sequence[Reason]) -> str:
    """Write why something was not done; the words stay message ids, for readers of any language."""
    return _json(
        [
            {
                "code": reason.code,
                "words": [reason.rule, reason.now, reason.way_out],
                "by": reason.now.by if isinstance(reason.now, Counted) else None,
                "params": {
                    name: {"phrase": value.to_json()} if isinstance(value, Phrase) else value
                    for name, value in reason.params.items()
                },
            }
            for reason in reasons
        ]
    )


def reasons_from_json(body: str) -> tuple[Reason, ...]:
    """Read the reasons that `reasons_to_json` wrote."""
    return tuple(_reason(value) for value in json.loads(body))


def _reason(value: dict[str, Any]) -> Reason:
    rule, now, way_out = value["words"]
    params = {
        name: phrase_from_json(held["phrase"]) if isinstance(held, dict) else held
        for name, held in value["params"].items()
    }
    counted = NN_(now, value["by"]) if value["by"] else now
    return Reason(value["code"], rule, now=counted, way_out=way_out, params=params)


def _json(value: Any) -> str:
    return _written(value)
