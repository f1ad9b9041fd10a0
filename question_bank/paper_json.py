"""Bringing the two stored halves of a paper back from JSON, field by field.

Storage is not trusted blindly.
"""

from collections.abc import Mapping

from question_bank.errors import PaperFormatError
from question_bank.items import (
    Blank,
    DrawRecord,
    ItemId,
    ItemType,
    KeyEntry,
    PaperKey,
    PaperOption,
    PaperQuestion,
    blank_from_json,
)

_PAIR = 2


def key_from_json(value: Mapping[str, object]) -> PaperKey:
    """Rebuild a key from `PaperKey.to_json`; raises `PaperFormatError` for a missing or mistyped field."""
    return PaperKey(
        tuple(
            KeyEntry(
                position=_whole(entry, "position"),
                item_id=_item_id(entry),
                item_fingerprint=_text(entry, "item_fingerprint"),
                correct=frozenset(_texts(entry, "correct")),
                shown=frozenset(_texts(entry, "shown")),
                points=_whole(entry, "points"),
                partial_credit=_flag(entry, "partial_credit"),
                blank=_blank(entry),
            )
            for entry in _rows(value, "entries")
        ),
        None if value.get("draw") is None else _draw_from_json(value["draw"]),
    )


def _draw_from_json(value: object) -> DrawRecord:
    if not isinstance(value, Mapping):
        raise PaperFormatError("draw")
    shown = value.get("shown")
    if not isinstance(shown, list) or not all(
        isinstance(pair, list) and len(pair) == _PAIR for pair in shown
    ):
        raise PaperFormatError("shown")
    avoided = value.get("avoided")
    if not isinstance(avoided, list):
        raise PaperFormatError("avoided")
    return DrawRecord(
        method=_text(value, "method"),
        stock=_text(value, "stock"),
        stock_size=_whole(value, "stock_size"),
        avoided=tuple(_item_id({"item_id": one}) for one in avoided),
        shown=tuple((_item_id({"item_id": one}), _whole({"shown": count}, "shown")) for one, count in shown),
    )


def questions_from_json(public: Mapping[str, object]) -> tuple[PaperQuestion, ...]:
    """Rebuild shown questions from `Paper.public_view`; raises `PaperFormatError` when they are damaged."""
    return tuple([
        PaperQuestion(
            position=_whole(row, "position"),
            type=_item_type(row),
            stem=_text(row, "stem"),
            options=tuple([_option(option) for option in _rows(row, "options")]),
            points=_whole(row, "points"),
            partial_credit=_flag(row, "partial_credit"),
            wants_number="wants_number" in row and _flag(row, "wants_number"),
        )
        for row in _rows(public, "questions")
    ])  # fmt: skip


def types_from_json(public: Mapping[str, object]) -> tuple[ItemType, ...]:
    """Return the types of the shown questions: all that grading needs of them. Raises `PaperFormatError`."""
    return tuple([_item_type(row) for row in _rows(public, "questions")])


def _option(value: Mapping[str, object]) -> PaperOption:
    # A page of an exam has hundreds of them: asked together here, one after the other only to say what is wrong.
    found, label, text = value.get("id"), value.get("label"), value.get("text")
    if isinstance(found, str) and isinstance(label, str) and isinstance(text, str):
        return PaperOption(found, label, text)
    return PaperOption(_text(value, "id"), _text(value, "label"), _text(value, "text"))


def _rows(value: Mapping[str, object], name: str) -> list[Mapping[str, object]]:
    rows = value.get(name)
    # Asked of all at once: a page of an exam has hundreds of them.
    if not isinstance(rows, list) or not set(map(type, rows)) <= {dict}:
        raise PaperFormatError(name)
    return rows


def _whole(value: Mapping[str, object], name: str) -> int:
    found = value.get(name)
    if type(found) is not int:  # True and False are none
        raise PaperFormatError(name)
    return found


def _text(value: Mapping[str, object], name: str) -> str:
    found = value.get(name)
    if not isinstance(found, str):
        raise PaperFormatError(name)
    return found


def _texts(value: Mapping[str, object], name: str) -> list[str]:
    found = value.get(name)
    if not isinstance(found, list) or not set(map(type, found)) <= {str}:
        raise PaperFormatError(name)
    return found


def _flag(value: Mapping[str, object], name: str) -> bool:
    found = value.get(name)
    if not isinstance(found, bool):
        raise PaperFormatError(name)
    return found


def _item_id(value: Mapping[str, object]) -> ItemId:
    found = value.get("item_id")
    if isinstance(found, bool) or not isinstance(found, int | str):
        raise PaperFormatError("item_id")
    return found


def _item_type(value: Mapping[str, object]) -> ItemType:
    try:
        return ItemType(_text(value, "type"))
    except ValueError as error:
        raise PaperFormatError("type") from error


def _blank(value: Mapping[str, object]) -> Blank | None:
    found = value.get("blank")
    if found is None:
        return None
    try:
        return blank_from_json(found)
    except ValueError as error:
        raise PaperFormatError("blank") from error
