"""What one family of files means by its own words: settled once by its owner, saved, used for every file of it.

Without a profile nothing is guessed: a heading, code or number that could mean two things is a fault. A
profile is how the owner says which of them it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType

from question_bank.importing.answers import Numbering
from question_bank.importing.words import FIELDS, area_of, difficulty_of, plain, type_of
from question_bank.items import AREAS, Difficulty, ItemType, plain_decimal, read_decimal


def _none() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Profile:
    """How to read what a file leaves open.

    `columns` maps headings to fields (`words.FIELDS`), `types`, `areas` and `difficulties` map words of cells;
    an area may be mapped by the beginning of its path (1.1 for 1.1.3). `difficulty_steps` are for difficulties
    written as numbers: up to and including each limit, in rising order. `numbering` says from where answers in
    digits count. `sheets` are the sheets to read, all when empty.

    `type_from_answer` lets one right option mean single choice and several multiple where no type is written;
    `mismatch_warns` lets a single choice with several answers in as a multiple choice, with a warning;
    `answers_in_stems` takes answers out of brackets in stems.
    """

    columns: Mapping[str, str] = field(default_factory=_none)
    types: Mapping[str, ItemType] = field(default_factory=lambda: MappingProxyType({}))
    areas: Mapping[str, str] = field(default_factory=_none)
    difficulties: Mapping[str, Difficulty] = field(default_factory=lambda: MappingProxyType({}))
    difficulty_steps: tuple[tuple[Decimal, Difficulty], ...] = ()
    numbering: Numbering = Numbering.UNKNOWN
    sheets: tuple[str, ...] = ()
    type_from_answer: bool = False
    mismatch_warns: bool = False
    answers_in_stems: bool = False

    def field_of(self, heading: object) -> str | None:
        """Return the field that a heading was mapped to, or None."""
        return self.columns.get(plain(heading)) if self.columns else None

    def type_of(self, word: str) -> ItemType | None:
        """Return the type a cell names, by the profile first."""
        return (self.types.get(plain(word)) if self.types else None) or type_of(word)

    def area_of(self, word: str) -> str | None:
        """Return the area a cell names, by the profile first: the longest beginning of its path that is mapped."""
        known = plain(word)
        parts = [known] if self.areas else []
        while parts and parts[-1]:
            if parts[-1] in self.areas:
                return self.areas[parts[-1]]
            cut = max(parts[-1].rfind("/"), parts[-1].rfind("."))
            parts.append(parts[-1][: max(cut, 0)])
        return area_of(word)

    def difficulty_of(self, word: str) -> Difficulty | None:
        """Return the difficulty a cell names, by the profile first."""
        if self.difficulties and (mapped := self.difficulties.get(plain(word))):
            return mapped
        number = read_decimal(word) if self.difficulty_steps else None
        if number is not None:
            return next((level for limit, level in self.difficulty_steps if number <= limit), None)
        return difficulty_of(word)

    def to_json(self) -> dict[str, object]:
        """Return the profile as plain JSON values; the way back is `profile_from_json`."""
        return {
            "columns": dict(self.columns),
            "types": {word: type_.value for word, type_ in self.types.items()},
            "areas": dict(self.areas),
            "difficulties": {word: level.value for word, level in self.difficulties.items()},
            "difficulty_steps": [
                [plain_decimal(limit), level.value] for limit, level in self.difficulty_steps
            ],
            "numbering": self.numbering.value,
            "sheets": list(self.sheets),
            "type_from_answer": self.type_from_answer,
            "mismatch_warns": self.mismatch_warns,
            "answers_in_stems": self.answers_in_stems,
        }


def profile_from_json(value: Mapping[str, object]) -> Profile:
    """Rebuild a profile, also one that an owner has typed: words are looked up however they are written.

    Raises `ValueError` naming what it cannot use.
    """
    columns = _texts(value, "columns")
    areas = _texts(value, "areas")
    for heading, name in columns.items():
        if name not in FIELDS:
            raise ValueError(f"columns: {heading} -> {name}")
    for word, code in areas.items():
        if code not in AREAS:
            raise ValueError(f"areas: {word} -> {code}")
    steps = value.get("difficulty_steps", [])
    sheets = value.get("sheets", [])
    if not isinstance(steps, list) or not isinstance(sheets, list):
        raise ValueError("difficulty_steps, sheets")  # noqa: TRY004 - one exception for damaged JSON
    return Profile(
        columns={plain(heading): name for heading, name in columns.items()},
        types={plain(word): ItemType(name) for word, name in _texts(value, "types").items()},
        areas={plain(word): code for word, code in areas.items()},
        difficulties={plain(word): Difficulty(name) for word, name in _texts(value, "difficulties").items()},
        difficulty_steps=tuple((Decimal(limit), Difficulty(name)) for limit, name in steps),
        numbering=Numbering(str(value.get("numbering", Numbering.UNKNOWN.value))),
        sheets=tuple(str(name) for name in sheets),
        type_from_answer=value.get("type_from_answer") is True,
        mismatch_warns=value.get("mismatch_warns") is True,
        answers_in_stems=value.get("answers_in_stems") is True,
    )


def _texts(value: Mapping[str, object], name: str) -> dict[str, str]:
    found = value.get(name, {})
    if not isinstance(found, Mapping) or not all(isinstance(text, str) for text in found.values()):
        raise ValueError(name)
    return {str(key): str(text) for key, text in found.items()}
